//! What happens to a subtitle stream.

use super::{Action, Refusal, TextSubtitle};
use crate::media::preset::{Settings, SubtitleMode};
use crate::media::{Container, Stream, Subtitle, SubtitleForm};

/// Whether a stream is kept.
pub(super) enum Decision {
    Keep(Action),
    Drop(String),
}

pub(super) fn plan(
    stream: &Stream,
    subtitle: &Subtitle,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Result<Decision, Refusal> {
    match settings.subtitles {
        SubtitleMode::Remove => return Ok(Decision::Drop("the preset removes subtitles".to_owned())),
        SubtitleMode::Burn => return Err(Refusal::BurnIn),
        SubtitleMode::Copy => {}
    }
    let not_held =
        || Refusal::NotInContainer { index: stream.index, codec: stream.codec.clone(), container: settings.container };
    let convert = |to| Decision::Keep(Action::ConvertSubtitle { to });
    match (subtitle.form, settings.container) {
        (SubtitleForm::Text, Container::Matroska) => Ok(match stream.codec.as_str() {
            "subrip" | "ass" | "ssa" | "webvtt" => Decision::Keep(Action::CopySubtitle),
            // Captions in a track of their own are decoded with positions that text cannot keep.
            "eia_608" | "hdmv_text_subtitle" => return Err(not_held()),
            _ => convert(TextSubtitle::Subrip),
        }),
        (SubtitleForm::Text, Container::Mp4) => Ok(match stream.codec.as_str() {
            "mov_text" => Decision::Keep(Action::CopySubtitle),
            "eia_608" | "hdmv_text_subtitle" => return Err(not_held()),
            codec => {
                if matches!(codec, "ass" | "ssa") {
                    notes.push(format!(
                        "stream {}: MP4 keeps the text of styled subtitles, not their styles",
                        stream.index
                    ));
                }
                convert(TextSubtitle::MovText)
            }
        }),
        (SubtitleForm::Image, Container::Matroska) if stream.codec != "xsub" => {
            Ok(Decision::Keep(Action::CopySubtitle))
        }
        (SubtitleForm::Image, _) if settings.drop_image_subtitles => Ok(Decision::Drop(format!(
            "{} cannot hold image subtitles, and dropping them was allowed",
            settings.container
        ))),
        (SubtitleForm::Image, container) => {
            Err(Refusal::ImageSubtitles { index: stream.index, codec: stream.codec.clone(), container })
        }
        _ if stream.codec == "unknown" => {
            Err(Refusal::UnknownCodec { index: stream.index, kind: "subtitle".to_owned() })
        }
        _ => Err(not_held()),
    }
}
