//! Subtitles that are drawn into the picture: which track, and what drawing it takes.

use serde::{Deserialize, Serialize};

use super::tracks::language_of;
use super::{Refusal, VideoEncode};
use crate::media::language::Language;
use crate::media::preset::{Settings, SubtitleMode, TargetVideo};
use crate::media::{Disposition, MediaInfo, Stream, StreamKind, SubtitleForm};

/// A subtitle track that becomes part of the picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BurnIn {
    /// Its index in the source.
    pub source_index: u32,
    /// Its codec.
    pub codec: String,
    /// How it is drawn.
    pub drawing: Drawing,
}

impl BurnIn {
    /// What drawing costs the picture besides.
    pub(super) fn cost(&self, encode: &VideoEncode) -> Option<String> {
        let halves_colour = matches!(self.drawing, Drawing::Image { .. }) && encode.pixel_format == "yuv444p10le";
        halves_colour
            .then(|| "images are drawn into pictures of 4:4:4 with half of their colour across (4:2:2)".to_owned())
    }
}

/// How a track is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Drawing {
    /// Letters, set in the file's own fonts where it has them.
    Text {
        /// Indexes of the attachments that are fonts.
        fonts: Vec<u32>,
    },
    /// Pictures that lie on a canvas of this size in pixels.
    Image {
        /// Width and height.
        canvas: (u32, u32),
    },
}

/// The track to be drawn, where the settings ask for one. Nothing to draw is no failure.
pub(super) fn choose(
    info: &MediaInfo,
    settings: &Settings,
    audio_language: Option<&Language>,
    notes: &mut Vec<String>,
) -> Result<Option<BurnIn>, Refusal> {
    if settings.subtitles != SubtitleMode::Burn {
        return Ok(None);
    }
    let Some(stream) = wanted(info, settings, audio_language) else {
        if info.subtitles().next().is_some() {
            notes.push("no subtitle track is in the language to be drawn into the picture: all are kept".to_owned());
        }
        return Ok(None);
    };
    if settings.video == TargetVideo::Copy {
        return Err(Refusal::BurnIn);
    }
    let drawing = match &stream.kind {
        StreamKind::Subtitle(subtitle) if subtitle.form == SubtitleForm::Image => {
            Drawing::Image { canvas: subtitle.canvas.unwrap_or_else(|| usual_canvas(info, &stream.codec)) }
        }
        _ => Drawing::Text { fonts: fonts(info) },
    };
    notes.push(format!(
        "stream {} ({}) becomes part of the picture and can no longer be switched off",
        stream.index, stream.codec
    ));
    Ok(Some(BurnIn { source_index: stream.index, codec: stream.codec.clone(), drawing }))
}

/// The forced track of the language that is heard, else a forced one, else the default one, else the first; among those
/// of the wanted languages, where any are named.
fn wanted<'a>(info: &'a MediaInfo, settings: &Settings, audio_language: Option<&Language>) -> Option<&'a Stream> {
    let rules = &settings.subtitle_rules;
    let is_wanted = |stream: &Stream| {
        let language = language_of(stream);
        match (&rules.burn_language, &language) {
            (Some(wanted), language) => language.as_ref() == Some(wanted),
            (None, Some(language)) => rules.languages.is_empty() || rules.languages.contains(language),
            (None, None) => true,
        }
    };
    let can_be_drawn = |stream: &Stream| match &stream.kind {
        StreamKind::Subtitle(subtitle) => {
            subtitle.form != SubtitleForm::Unknown && !matches!(stream.codec.as_str(), "eia_608" | "hdmv_text_subtitle")
        }
        _ => false,
    };
    let candidates: Vec<&Stream> = info.streams.iter().filter(|s| can_be_drawn(s) && is_wanted(s)).collect();
    let marked = |mark| candidates.iter().filter(move |stream| stream.dispositions.contains(&mark));
    let heard = |stream: &&&Stream| audio_language.is_some() && language_of(stream).as_ref() == audio_language;
    marked(Disposition::Forced)
        .find(heard)
        .or_else(|| marked(Disposition::Forced).next())
        .or_else(|| marked(Disposition::Default).next())
        .or_else(|| candidates.first())
        .copied()
}

/// Image subtitles that do not tell their canvas are made for the screen that the picture is for; discs cut none of it off.
/// In broadcasts of standard definition that is 720x576 (ETSI EN 300 743).
fn usual_canvas(info: &MediaInfo, codec: &str) -> (u32, u32) {
    let (width, height) = info.videos().next().map_or((0, 0), |(_, video)| (video.width, video.height));
    let screens = [(720, 480), (720, 576), (1280, 720), (1920, 1080), (3840, 2160)];
    let possible = screens.into_iter().filter(|screen| codec != "dvb_subtitle" || *screen != (720, 480));
    possible.into_iter().find(|(w, h)| width <= *w && height <= *h).unwrap_or((width, height))
}

fn fonts(info: &MediaInfo) -> Vec<u32> {
    let is_font = |stream: &&Stream| match &stream.kind {
        StreamKind::Attachment { filename, mime_type } => {
            let (name, kind) = (filename.as_deref().unwrap_or_default(), mime_type.as_deref().unwrap_or_default());
            let name = name.to_ascii_lowercase();
            ["font", "opentype", "truetype"].iter().any(|word| kind.contains(word))
                || [".ttf", ".otf", ".ttc", ".otc"].iter().any(|end| name.ends_with(end))
        }
        _ => false,
    };
    info.streams.iter().filter(is_font).map(|stream| stream.index).collect()
}
