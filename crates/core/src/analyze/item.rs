//! A media file as the analyzers see it.

use crate::media::color::DynamicRange;
use crate::media::{Container, MediaInfo, ResolutionTier};

/// One media file with what analyzers ask about; some 150 bytes, so that a large library fits into memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The file's id in the store.
    pub file_id: i64,
    /// Title for people.
    pub title: Box<str>,
    /// Length in bytes.
    pub size_bytes: u64,
    /// How long it plays, in microseconds, as the container claims.
    pub duration_us: Option<i64>,
    /// What is really inside, whatever the name says.
    pub container: Container,
    /// The name's extension in lower case.
    pub extension: Box<str>,
    /// The main picture; `None` for sound alone.
    pub video: Option<VideoFacts>,
    /// How often it was played, where a source tells.
    pub play_count: u32,
}

/// The main video stream of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoFacts {
    /// Codec name, as the field writes it.
    pub codec: Box<str>,
    /// Coded width in pixels.
    pub width: u32,
    /// Coded height in pixels.
    pub height: u32,
    /// Tier by width or height, whichever is higher.
    pub tier: ResolutionTier,
    /// Bits per second; bits, not the kilobits that Plex sends.
    pub bitrate_bps: Option<u64>,
    /// Frames per second on average.
    pub frame_rate: Option<f64>,
    /// Dynamic range format, told from transfer and metadata.
    pub range: DynamicRange,
}

impl Item {
    /// The item of a probed file.
    #[must_use]
    pub fn of(file_id: i64, title: &str, extension: &str, play_count: u32, info: &MediaInfo) -> Self {
        let video = info.videos().next().map(|(stream, video)| VideoFacts {
            codec: stream.codec.as_str().into(),
            width: video.width,
            height: video.height,
            tier: video.tier(),
            bitrate_bps: info.video_bitrate_bps(),
            frame_rate: video.average_frame_rate.or(video.frame_rate).map(crate::media::Ratio::value),
            range: DynamicRange::of(&video.color, &video.hdr),
        });
        Self {
            file_id,
            title: title.into(),
            size_bytes: info.size_bytes,
            duration_us: info.duration_us,
            container: info.container,
            extension: extension.into(),
            video,
            play_count,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub const GB: u64 = 1_000_000_000;

    /// A 1080p film in Matroska of unknown length and bitrate.
    pub fn item(codec: &str, size_bytes: u64) -> Item {
        Item {
            file_id: 1,
            title: "Heat".into(),
            size_bytes,
            duration_us: None,
            container: Container::Matroska,
            extension: "mkv".into(),
            video: Some(VideoFacts {
                codec: codec.into(),
                width: 1920,
                height: 1080,
                tier: ResolutionTier::P1080,
                bitrate_bps: None,
                frame_rate: None,
                range: DynamicRange::Sdr,
            }),
            play_count: 0,
        }
    }

    /// The same with a length and a bitrate that fit its size: a tenth of it is sound.
    pub fn timed(codec: &str, width: u32, height: u32, video_bps: u64, seconds: u64) -> Item {
        let plain = item(codec, video_bps / 8 * seconds / 9 * 10);
        let video = plain.video.map(|video| VideoFacts {
            width,
            height,
            tier: ResolutionTier::of(width, height),
            bitrate_bps: Some(video_bps),
            frame_rate: Some(24.0),
            ..video
        });
        let duration_us = i64::try_from(seconds * 1_000_000).ok();
        Item { duration_us, video, ..item(codec, plain.size_bytes) }
    }
}
