//! One row of the catalog, and the columns that a probe gives it.

use std::borrow::Cow;

use crate::media::color::DynamicRange;
use crate::media::{Container, MediaInfo, Ratio, ResolutionTier};
use crate::time::Timestamp;

/// One media item as the wire knows it: a part of a film or episode, with the file behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// The part; the wire's item id.
    pub part_id: i64,
    /// The file that holds it; several episodes may share one.
    pub file_id: i64,
    /// The library that it belongs to.
    pub library_id: i64,
    /// The source's own name for the item.
    pub rating_key: Cow<'a, str>,
    /// Title for people.
    pub title: Cow<'a, str>,
    /// The year it came out.
    pub year: Option<i32>,
    /// Where the file lies, whole, as lossy text.
    pub path: Cow<'a, str>,
    /// Length of the file in bytes.
    pub size_bytes: u64,
    /// How often it was played, where a source tells.
    pub play_count: u32,
    /// When the file was first seen.
    pub added_at: Timestamp,
    /// When the file was last probed.
    pub updated_at: Timestamp,
    /// What is in the file.
    pub media: MediaFacts<'a>,
}

/// The columns of a probe that a library is filtered and sorted by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MediaFacts<'a> {
    /// How long it plays, in microseconds, as the container claims.
    pub duration_us: Option<i64>,
    /// What is really inside, by the extension that such files are given; a rare one by its demuxer's name.
    pub container: Cow<'a, str>,
    /// Codec of the main picture.
    pub video_codec: Option<Cow<'a, str>>,
    /// Its profile, such as `Main 10`.
    pub video_profile: Option<Cow<'a, str>>,
    /// Its bitrate in bits per second.
    pub video_bitrate_bps: Option<u64>,
    /// Its width in pixels.
    pub width: Option<u32>,
    /// Its height in pixels.
    pub height: Option<u32>,
    /// Its tier by width or height, whichever is higher.
    pub tier: Option<ResolutionTier>,
    /// Its frames per second on average.
    pub frame_rate: Option<f64>,
    /// Its dynamic range where that is more than standard.
    pub hdr_format: Option<DynamicRange>,
    /// Bits per colour sample.
    pub bit_depth: Option<u8>,
    /// Codec of the first sound track.
    pub audio_codec: Option<Cow<'a, str>>,
    /// Its number of channels.
    pub audio_channels: Option<u32>,
    /// Its channel layout, such as `5.1(side)`.
    pub audio_layout: Option<Cow<'a, str>>,
    /// Its bitrate in bits per second.
    pub audio_bitrate_bps: Option<u64>,
}

impl<'a> MediaFacts<'a> {
    /// The columns of a probed file.
    #[must_use]
    pub fn of(info: &'a MediaInfo) -> Self {
        let video = info.videos().next();
        let audio = info.audios().next();
        Self {
            duration_us: info.duration_us,
            container: container(info).into(),
            video_codec: video.map(|(stream, _)| stream.codec.as_str().into()),
            video_profile: video.and_then(|(stream, _)| stream.profile.as_deref()).map(Cow::from),
            video_bitrate_bps: info.video_bitrate_bps(),
            width: video.map(|(_, video)| video.width),
            height: video.map(|(_, video)| video.height),
            tier: video.map(|(_, video)| video.tier()),
            frame_rate: video.and_then(|(_, v)| v.average_frame_rate.or(v.frame_rate)).map(Ratio::value),
            hdr_format: video
                .map(|(_, video)| DynamicRange::of(&video.color, &video.hdr))
                .filter(|range| *range != DynamicRange::Sdr),
            bit_depth: video.map(|(_, video)| video.bit_depth),
            audio_codec: audio.map(|(stream, _)| stream.codec.as_str().into()),
            audio_channels: audio.map(|(_, audio)| audio.channels),
            audio_layout: audio.and_then(|(_, audio)| audio.layout.as_deref()).map(Cow::from),
            audio_bitrate_bps: audio.and_then(|(stream, _)| stream.bitrate_bps),
        }
    }

    /// The same, with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> MediaFacts<'static> {
        MediaFacts {
            duration_us: self.duration_us,
            container: owned(self.container),
            video_codec: self.video_codec.map(owned),
            video_profile: self.video_profile.map(owned),
            video_bitrate_bps: self.video_bitrate_bps,
            width: self.width,
            height: self.height,
            tier: self.tier,
            frame_rate: self.frame_rate,
            hdr_format: self.hdr_format,
            bit_depth: self.bit_depth,
            audio_codec: self.audio_codec.map(owned),
            audio_channels: self.audio_channels,
            audio_layout: self.audio_layout.map(owned),
            audio_bitrate_bps: self.audio_bitrate_bps,
        }
    }
}

impl Row<'_> {
    /// The same, with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> Row<'static> {
        Row {
            part_id: self.part_id,
            file_id: self.file_id,
            library_id: self.library_id,
            rating_key: owned(self.rating_key),
            title: owned(self.title),
            year: self.year,
            path: owned(self.path),
            size_bytes: self.size_bytes,
            play_count: self.play_count,
            added_at: self.added_at,
            updated_at: self.updated_at,
            media: self.media.into_owned(),
        }
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// `mkv`, `mp4` and so on. What no job knows by name is called as its first demuxer is: `wav`, `nut`.
fn container(info: &MediaInfo) -> &str {
    match info.container {
        Container::Other => info.format_name.split(',').next().unwrap_or(&info.format_name),
        known => known.extension(),
    }
}
