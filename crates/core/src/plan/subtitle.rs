//! What happens to a subtitle stream that is kept, and which are.

use super::tracks::{Track, Tracks, other_language};
use super::{Action, Refusal, TextSubtitle, build};
use crate::media::preset::{Settings, SubtitleMode};
use crate::media::{Container, MediaInfo, Stream, Subtitle, SubtitleForm};

/// What becomes of every subtitle track; `burnt` is the one that is drawn into the picture.
pub(super) fn plan(
    info: &MediaInfo,
    settings: &Settings,
    burnt: Option<u32>,
    notes: &mut Vec<String>,
) -> Result<Tracks, Refusal> {
    let mut tracks = Tracks::new();
    for (stream, subtitle) in info.subtitles() {
        let track = if settings.subtitles == SubtitleMode::Remove {
            Track::Dropped("the preset removes subtitles".to_owned())
        } else if burnt == Some(stream.index) {
            Track::Dropped("it is drawn into the picture".to_owned())
        } else if let Some(reason) = other_language(stream, &settings.subtitle_rules.languages) {
            Track::Dropped(reason)
        } else {
            one(stream, subtitle, settings, notes)?
        };
        tracks.insert(stream.index, track);
    }
    Ok(tracks)
}

fn one(stream: &Stream, subtitle: &Subtitle, settings: &Settings, notes: &mut Vec<String>) -> Result<Track, Refusal> {
    let keep = |action| Track::Kept(vec![build::keep(stream, action)]);
    match subtitle.form {
        SubtitleForm::Text => text(stream, settings, notes).map(keep),
        SubtitleForm::Image if settings.container == Container::Matroska && stream.codec != "xsub" => {
            Ok(keep(Action::CopySubtitle))
        }
        SubtitleForm::Image if settings.drop_image_subtitles => Ok(Track::Dropped(format!(
            "{} cannot hold image subtitles, and dropping them was allowed",
            settings.container
        ))),
        SubtitleForm::Image => Err(Refusal::ImageSubtitles {
            index: stream.index,
            codec: stream.codec.clone(),
            container: settings.container,
        }),
        SubtitleForm::Unknown if stream.codec == "unknown" => {
            Err(Refusal::UnknownCodec { index: stream.index, kind: "subtitle".to_owned() })
        }
        SubtitleForm::Unknown => Err(not_held(stream, settings)),
    }
}

fn not_held(stream: &Stream, settings: &Settings) -> Refusal {
    Refusal::NotInContainer { index: stream.index, codec: stream.codec.clone(), container: settings.container }
}

fn text(stream: &Stream, settings: &Settings, notes: &mut Vec<String>) -> Result<Action, Refusal> {
    let codec = stream.codec.as_str();
    // Captions in a track of their own are decoded with positions that text cannot keep.
    if matches!(codec, "eia_608" | "hdmv_text_subtitle") {
        return Err(not_held(stream, settings));
    }
    let (plain, held): (TextSubtitle, &[&str]) = match settings.container {
        Container::Mp4 => (TextSubtitle::MovText, &[]),
        _ => (TextSubtitle::Subrip, &["ass", "ssa", "webvtt"]),
    };
    if codec == plain.codec() || settings.subtitles != SubtitleMode::Convert && held.contains(&codec) {
        return Ok(Action::CopySubtitle);
    }
    if matches!(codec, "ass" | "ssa") {
        notes.push(format!(
            "stream {}: {} keeps the text of styled subtitles, not their styles",
            stream.index,
            plain.codec()
        ));
    }
    Ok(Action::ConvertSubtitle { to: plain })
}
