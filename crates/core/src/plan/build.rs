//! From a probed source and settings to an intent, or the reason why not.

use super::tracks::{Track, Tracks};
use super::{Action, Dropped, Intent, Refusal, StreamPlan, audio_rules, burn_in, subtitle, video};
use crate::media::preset::Settings;
use crate::media::{Container, MediaInfo, Stream, StreamKind};

/// Plans every stream of a file.
///
/// Tracks come first in the source's order, then attachments, then cover pictures: the order in which containers keep
/// them, so that the output's streams can be matched one to one.
///
/// # Errors
/// A [`Refusal`] where something could not be honoured or kept.
pub fn plan(info: &MediaInfo, settings: &Settings) -> Result<Intent, Refusal> {
    let mut intent = Intent {
        policy: settings.policy(),
        container: settings.container,
        source_container: info.container,
        streams: Vec::new(),
        dropped: Vec::new(),
        chapters: info.chapters.len(),
        notes: Vec::new(),
        floor: settings.floor,
        quality: settings.quality,
        min_savings_percent: settings.min_savings_percent,
        accept_damage: settings.accept_damage,
    };
    if info.videos().next().is_none() {
        return Err(Refusal::NoVideo);
    }
    let notes = &mut intent.notes;
    let mut sound = audio_rules::plan(info, settings, notes)?;
    let mut burnt = burn_in::choose(info, settings, sound.default_language.as_ref(), notes)?;
    let mut text = subtitle::plan(info, settings, burnt.as_ref().map(|burnt| burnt.source_index), notes)?;
    for stream in &info.streams {
        match &stream.kind {
            StreamKind::Video(picture) => {
                let mut action = video::plan(stream, picture, settings, &mut intent.notes)?;
                if let Action::EncodeVideo(encode) = &mut action {
                    encode.burn_in = burnt.take();
                    intent.notes.extend(encode.burn_in.as_ref().and_then(|burn_in| burn_in.cost(encode)));
                }
                intent.streams.push(keep(stream, action));
            }
            StreamKind::Audio(_) => put(&mut intent, stream, &mut sound.tracks),
            StreamKind::Subtitle(_) => put(&mut intent, stream, &mut text),
            StreamKind::Data => intent.dropped.push(drop(stream, "data streams have no place in the output")),
            StreamKind::Attachment { .. } | StreamKind::Cover { .. } => {}
        }
    }
    for stream in &info.streams {
        if let StreamKind::Attachment { filename, mime_type } = &stream.kind {
            if settings.container == Container::Matroska {
                let action = Action::CopyAttachment {
                    filename: filename.clone().unwrap_or_else(|| format!("attachment-{}", stream.index)),
                    mime_type: mime_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned()),
                };
                intent.streams.push(keep(stream, action));
            } else {
                intent.dropped.push(drop(stream, "MP4 holds no attachments; fonts only serve styled subtitles"));
            }
        }
    }
    for stream in &info.streams {
        if let StreamKind::Cover { filename, mime_type } = &stream.kind {
            let action = cover(stream, filename.as_deref(), mime_type.as_deref(), settings.container)?;
            intent.streams.push(keep(stream, action));
        }
    }
    Ok(intent)
}

/// What was decided of a track.
fn put(intent: &mut Intent, stream: &Stream, decided: &mut Tracks) {
    match decided.remove(&stream.index) {
        Some(Track::Kept(plans)) => intent.streams.extend(plans),
        Some(Track::Dropped(reason)) => intent.dropped.push(drop(stream, reason)),
        None => {}
    }
}

/// A stream that is kept, with what must not be lost on the way.
pub(super) fn keep(stream: &Stream, action: Action) -> StreamPlan {
    StreamPlan {
        source_index: stream.index,
        source_codec: stream.codec.clone(),
        action,
        language: stream.language.clone(),
        title: stream.title.clone(),
        dispositions: stream.dispositions.clone(),
        stale_tags: stream.tags.keys().filter(|key| is_statistic(key)).cloned().collect(),
    }
}

/// Statistics that mkvmerge writes and that are copied although they describe the old stream [`proof` §3].
fn is_statistic(key: &str) -> bool {
    let key = key.split_once('-').map_or(key, |(name, _)| name).to_ascii_uppercase();
    matches!(key.as_str(), "BPS" | "DURATION" | "NUMBER_OF_FRAMES" | "NUMBER_OF_BYTES" | "SOURCE_ID")
        || key.starts_with("_STATISTICS")
}

fn drop(stream: &Stream, reason: impl Into<String>) -> Dropped {
    Dropped { source_index: stream.index, codec: stream.codec.clone(), reason: reason.into() }
}

fn cover(
    stream: &Stream,
    filename: Option<&str>,
    mime_type: Option<&str>,
    container: Container,
) -> Result<Action, Refusal> {
    let (extension, own_type) = match stream.codec.as_str() {
        "mjpeg" => ("jpg", "image/jpeg"),
        "png" => ("png", "image/png"),
        "bmp" => ("bmp", "image/bmp"),
        "gif" => ("gif", "image/gif"),
        "webp" => ("webp", "image/webp"),
        _ => {
            return Err(Refusal::NotInContainer { index: stream.index, codec: stream.codec.clone(), container });
        }
    };
    if container == Container::Mp4 && !matches!(extension, "jpg" | "png" | "bmp") {
        return Err(Refusal::NotInContainer { index: stream.index, codec: stream.codec.clone(), container });
    }
    Ok(Action::Cover {
        filename: filename.map_or_else(|| format!("cover.{extension}"), str::to_owned),
        mime_type: mime_type.unwrap_or(own_type).to_owned(),
    })
}
