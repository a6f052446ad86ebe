//! A probed file, in our words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::color::{ColorInfo, HdrInfo};
use super::{Container, ResolutionTier};

/// Metadata tags; keys as the container spells them.
pub type Tags = BTreeMap<String, String>;

/// Everything a probe found in one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MediaInfo {
    /// The container, told from the demuxer that read it.
    pub container: Container,
    /// The demuxer's own name, such as `matroska,webm`.
    pub format_name: String,
    /// File size in bytes.
    pub size_bytes: u64,
    /// What the container claims to last, in microseconds. A claim: never proof of anything.
    pub duration_us: Option<i64>,
    /// Overall bitrate in bits per second.
    pub bitrate_bps: Option<u64>,
    /// Tags of the container.
    pub tags: Tags,
    /// All streams, in file order.
    pub streams: Vec<Stream>,
    /// Chapters, in time order.
    pub chapters: Vec<Chapter>,
}

/// A chapter mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chapter {
    /// Start, in microseconds of the file's time.
    pub start_us: i64,
    /// End, in microseconds of the file's time.
    pub end_us: i64,
    /// Its title, if it has one.
    pub title: Option<String>,
}

/// One stream of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// Position in the file.
    pub index: u32,
    /// Codec name as the field writes it (`hevc`, `ac3`, `hdmv_pgs_subtitle`), `unknown` if nothing reads it.
    pub codec: String,
    /// Codec profile, such as `Main 10` or `DTS-HD MA`.
    pub profile: Option<String>,
    /// ISO 639 language; `None` when absent or `und`.
    pub language: Option<String>,
    /// Title, as players show it.
    pub title: Option<String>,
    /// Dispositions that are set.
    pub dispositions: BTreeSet<Disposition>,
    /// All tags of the stream, the language and title among them.
    pub tags: Tags,
    /// First timestamp in microseconds, as the container claims it.
    pub start_us: Option<i64>,
    /// How long the container says this stream lasts, in microseconds.
    pub duration_us: Option<i64>,
    /// Bitrate in bits per second, where the container or codec tells.
    pub bitrate_bps: Option<u64>,
    /// Hash of the codec's private data; for an attachment that is its content.
    pub extradata_hash: Option<String>,
    /// What kind of stream, with what only that kind has.
    pub kind: StreamKind,
}

/// What a stream carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
// A file has a handful of streams and most have a picture: boxing it would cost more than it saves.
#[allow(clippy::large_enum_variant)]
pub enum StreamKind {
    /// Moving pictures.
    Video(Video),
    /// A still that stands for the film, stored as a one-frame video stream.
    Cover {
        /// File name, where the container keeps one.
        filename: Option<String>,
        /// MIME type, such as `image/jpeg`.
        mime_type: Option<String>,
    },
    /// Sound.
    Audio(Audio),
    /// Subtitles.
    Subtitle(Subtitle),
    /// A file carried along: fonts, mostly.
    Attachment {
        /// File name inside the container.
        filename: Option<String>,
        /// MIME type.
        mime_type: Option<String>,
    },
    /// Anything else: timecodes, telemetry, closed caption tracks.
    Data,
}

/// What only a video stream has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Video {
    /// Coded width in pixels, before rotation.
    pub width: u32,
    /// Coded height in pixels, before rotation.
    pub height: u32,
    /// Shape of a pixel, 1:1 when the file does not say.
    pub sample_aspect: Ratio,
    /// Pixel format, as ffmpeg names it (`yuv420p10le`).
    pub pixel_format: String,
    /// Bits per colour sample.
    pub bit_depth: u8,
    /// Base frame rate (the least common multiple of all, for a variable one).
    pub frame_rate: Option<Ratio>,
    /// Average frame rate.
    pub average_frame_rate: Option<Ratio>,
    /// Whether the frames are fields of alternating lines.
    pub interlaced: bool,
    /// Clockwise turn in degrees that a player must apply: 0, 90, 180 or 270.
    pub rotation_deg: u16,
    /// Colour description.
    pub color: ColorInfo,
    /// HDR metadata.
    pub hdr: HdrInfo,
    /// Whether captions are carried inside the pictures (CEA-608/708).
    pub closed_captions: bool,
    /// Whether the picture is for two eyes or a sphere.
    pub spatial: bool,
}

impl Video {
    /// Width and height as shown, rotation applied.
    #[must_use]
    pub fn displayed_size(&self) -> (u32, u32) {
        if self.rotation_deg % 180 == 90 { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// The resolution tier, by width or height, whichever is higher.
    #[must_use]
    pub fn tier(&self) -> ResolutionTier {
        ResolutionTier::of(self.width, self.height)
    }
}

/// What only an audio stream has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audio {
    /// Number of channels.
    pub channels: u32,
    /// Layout name (`5.1(side)`), where known.
    pub layout: Option<String>,
    /// Samples per second.
    pub sample_rate_hz: u32,
}

/// What only a subtitle stream has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subtitle {
    /// Whether it is text, image or neither known.
    pub form: super::SubtitleForm,
    /// Size in pixels of the canvas that images lie on, where the file tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canvas: Option<(u32, u32)>,
}

/// A ratio of two integers, as frame rates and pixel shapes are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ratio {
    /// Numerator.
    pub num: u32,
    /// Denominator, never zero.
    pub den: u32,
}

impl Ratio {
    /// `None` where the denominator or the numerator is zero: "unknown" in ffmpeg's words.
    #[must_use]
    pub const fn new(num: u32, den: u32) -> Option<Self> {
        if num == 0 || den == 0 { None } else { Some(Self { num, den }) }
    }

    /// As a number.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

/// A flag that says what a stream is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Played unless the user chooses another.
    Default,
    /// A dubbed track.
    Dub,
    /// The original language.
    Original,
    /// A commentary.
    Comment,
    /// Song lyrics.
    Lyrics,
    /// Karaoke.
    Karaoke,
    /// Shown even with subtitles off.
    Forced,
    /// For people who hear badly.
    HearingImpaired,
    /// For people who see badly.
    VisualImpaired,
    /// Without voices.
    CleanEffects,
    /// Captions.
    Captions,
    /// Descriptions.
    Descriptions,
}

impl Disposition {
    /// All that are kept through a job, with ffmpeg's name for each.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Default, "default"),
        (Self::Dub, "dub"),
        (Self::Original, "original"),
        (Self::Comment, "comment"),
        (Self::Lyrics, "lyrics"),
        (Self::Karaoke, "karaoke"),
        (Self::Forced, "forced"),
        (Self::HearingImpaired, "hearing_impaired"),
        (Self::VisualImpaired, "visual_impaired"),
        (Self::CleanEffects, "clean_effects"),
        (Self::Captions, "captions"),
        (Self::Descriptions, "descriptions"),
    ];

    /// Its name in ffmpeg's options and probe output.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(d, _)| *d == self).map_or("default", |(_, name)| name)
    }
}

impl MediaInfo {
    /// The streams of moving pictures with what only they have.
    pub fn videos(&self) -> impl Iterator<Item = (&Stream, &Video)> {
        self.streams.iter().filter_map(|s| match &s.kind {
            StreamKind::Video(v) => Some((s, v)),
            _ => None,
        })
    }

    /// The audio streams with what only they have.
    pub fn audios(&self) -> impl Iterator<Item = (&Stream, &Audio)> {
        self.streams.iter().filter_map(|s| match &s.kind {
            StreamKind::Audio(a) => Some((s, a)),
            _ => None,
        })
    }

    /// The subtitle streams with what only they have.
    pub fn subtitles(&self) -> impl Iterator<Item = (&Stream, &Subtitle)> {
        self.streams.iter().filter_map(|s| match &s.kind {
            StreamKind::Subtitle(t) => Some((s, t)),
            _ => None,
        })
    }

    /// Bitrate of the first video stream in bits per second: its own figure, else what the file has left when the
    /// audio that tells its bitrate is taken off.
    #[must_use]
    pub fn video_bitrate_bps(&self) -> Option<u64> {
        let (stream, _) = self.videos().next()?;
        stream.bitrate_bps.or_else(|| {
            let total = self.bitrate_bps?;
            let audio: u64 = self.audios().filter_map(|(s, _)| s.bitrate_bps).sum();
            Some(total.saturating_sub(audio)).filter(|rate| *rate > 0)
        })
    }
}
