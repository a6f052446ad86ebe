//! A media file in the contract's words.

use mediaflow_core::media::{Chapter, Disposition, Stream, StreamKind};
use mediaflow_store::{MediaPart, Tag};

use crate::wire::media::{AudioTrack, ChapterDetail, MediaItemResponse, StreamDetail, SubtitleTrack, TagBrief};
use crate::wire::{int, kbps};

/// As in the list.
pub fn item(part: &MediaPart) -> MediaItemResponse {
    let row = &part.row;
    let media = &row.media;
    let audio = part.info.audios().map(|(stream, audio)| AudioTrack {
        codec: stream.codec.clone(),
        channels: Some(i64::from(audio.channels)),
        language: stream.language.clone(),
        title: stream.title.clone(),
        bitrate: stream.bitrate_bps.map(kbps),
    });
    let subtitles = part.info.subtitles().map(|(stream, _)| SubtitleTrack {
        codec: stream.codec.clone(),
        language: stream.language.clone(),
        title: stream.title.clone(),
        forced: stream.dispositions.contains(&Disposition::Forced),
    });
    MediaItemResponse {
        id: row.part_id,
        plex_library_id: row.library_id,
        plex_rating_key: row.rating_key.to_string(),
        title: row.title.to_string(),
        year: row.year.map(i64::from),
        duration_ms: media.duration_us.map(|us| us / 1000),
        thumb_url: None,
        file_path: Some(row.path.to_string()),
        file_size: Some(int(row.size_bytes)),
        container: Some(media.container.to_string()),
        video_codec: media.video_codec.as_ref().map(ToString::to_string),
        video_profile: media.video_profile.as_ref().map(ToString::to_string),
        video_bitrate: media.video_bitrate_bps.map(kbps),
        width: media.width.map(i64::from),
        height: media.height.map(i64::from),
        resolution_tier: media.tier.map(|tier| tier.to_string()),
        frame_rate: media.frame_rate.map(|rate| (rate * 1000.0).round() / 1000.0),
        is_hdr: media.hdr_format.is_some(),
        hdr_format: media.hdr_format.map(|format| format.to_string()),
        bit_depth: media.bit_depth.map(i64::from),
        audio_codec: media.audio_codec.as_ref().map(ToString::to_string),
        audio_channels: media.audio_channels.map(i64::from),
        audio_channel_layout: media.audio_layout.as_ref().map(ToString::to_string),
        audio_bitrate: media.audio_bitrate_bps.map(kbps),
        audio_tracks_json: Some(audio.collect()),
        subtitle_tracks_json: Some(subtitles.collect()),
        play_count: i64::from(row.play_count),
        genres: None,
        directors: None,
        library_title: Some(part.library_title.clone()),
        tags: Some(part.tags.iter().map(tag_of).collect()),
    }
}

pub fn tag_of(tag: &Tag) -> TagBrief {
    TagBrief { id: tag.id, name: tag.name.clone(), color: tag.color.clone() }
}

/// One stream with a few words of what only its kind has.
pub fn stream(stream: &Stream) -> StreamDetail {
    let named = |filename: &Option<String>, mime: &Option<String>| {
        [filename.as_deref(), mime.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    let (kind, summary) = match &stream.kind {
        StreamKind::Video(video) => {
            let (width, height) = video.displayed_size();
            let mut words = vec![format!("{width}x{height}"), format!("{} bit", video.bit_depth)];
            words.extend(video.average_frame_rate.or(video.frame_rate).map(|rate| format!("{:.3} fps", rate.value())));
            words.extend(video.interlaced.then(|| "interlaced".to_owned()));
            words.extend((video.rotation_deg != 0).then(|| format!("turned by {}°", video.rotation_deg)));
            ("video", words.join(", "))
        }
        StreamKind::Cover { filename, mime_type } => ("cover", named(filename, mime_type)),
        StreamKind::Audio(audio) => {
            let layout = audio.layout.clone().unwrap_or_else(|| format!("{} channels", audio.channels));
            ("audio", format!("{layout}, {} Hz", audio.sample_rate_hz))
        }
        StreamKind::Subtitle(_) => ("subtitle", String::new()),
        StreamKind::Attachment { filename, mime_type } => ("attachment", named(filename, mime_type)),
        StreamKind::Data => ("data", String::new()),
    };
    StreamDetail {
        index: i64::from(stream.index),
        kind: kind.to_owned(),
        codec: stream.codec.clone(),
        profile: stream.profile.clone(),
        language: stream.language.clone(),
        title: stream.title.clone(),
        dispositions: stream.dispositions.iter().map(|disposition| disposition.name().to_owned()).collect(),
        bitrate: stream.bitrate_bps.map(kbps),
        summary,
    }
}

/// One chapter.
pub fn chapter(chapter: &Chapter) -> ChapterDetail {
    ChapterDetail { start_ms: chapter.start_us / 1000, title: chapter.title.clone() }
}
