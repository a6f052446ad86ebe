//! The intent: what is to happen to every stream of a file.
//!
//! Made by a pure function from a probed source and settings, frozen and hashed when the job is queued. It knows no
//! worker and no argument of ffmpeg; the binding, made later for one worker, adds those.

mod audio;
mod audio_rules;
mod build;
mod burn_in;
mod dynamic;
mod refusal;
mod subtitle;
mod tracks;
pub mod tuning;
mod video;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use self::video::CREDIBLE_PEAK_NITS;
use crate::identity::Hash;
use crate::media::color::{ColorInfo, ContentLight, MasteringDisplay};
use crate::media::hardware::Hardware;
use crate::media::preset::{AudioCodec, EncoderFlag, QualityCheck, QualityFloor, RateControl, TargetVideo};
use crate::media::{Container, Disposition, Ratio};

pub use build::plan;
pub use burn_in::{BurnIn, Drawing};
pub use dynamic::{Carrier, DolbyVisionPlan, DynamicHdr, METADATA_AHEAD_S, Reshape};
pub use refusal::Refusal;

/// What is to happen to a whole file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// Hash of the settings it was made from.
    pub policy: Hash,
    /// The container of the output.
    pub container: Container,
    /// The container of the source, which decides how packets are read and compared.
    pub source_container: Container,
    /// Every stream that is kept, in the order of the output.
    pub streams: Vec<StreamPlan>,
    /// Every stream that is not, with the reason.
    pub dropped: Vec<Dropped>,
    /// Number of chapters, all kept.
    pub chapters: usize,
    /// What the user should know besides.
    pub notes: Vec<String>,
    /// The floor of the proof.
    pub floor: QualityFloor,
    /// How that floor is looked at.
    #[serde(default)]
    pub quality: QualityCheck,
    /// By how much a re-encode must be smaller, in percent.
    pub min_savings_percent: u8,
    /// Whether a source with decoding errors may be re-encoded.
    pub accept_damage: bool,
}

/// What is to happen to one stream that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamPlan {
    /// Its index in the source.
    pub source_index: u32,
    /// Its codec in the source.
    pub source_codec: String,
    /// What happens to it.
    pub action: Action,
    /// Language in the output.
    pub language: Option<String>,
    /// Title in the output.
    pub title: Option<String>,
    /// Dispositions in the output.
    pub dispositions: BTreeSet<Disposition>,
    /// Tags of the source that would be wrong in the output: statistics of the old stream.
    pub stale_tags: Vec<String>,
}

/// What happens to one stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// Video packets as they are.
    CopyVideo,
    /// Pictures encoded anew.
    EncodeVideo(Box<VideoEncode>),
    /// Audio packets as they are.
    CopyAudio {
        /// Number of channels.
        channels: u32,
    },
    /// Sound encoded anew.
    EncodeAudio(AudioEncode),
    /// Subtitle packets as they are.
    CopySubtitle,
    /// Text in another notation, because the container needs it.
    ConvertSubtitle {
        /// Codec in the output.
        to: TextSubtitle,
    },
    /// A file carried along, byte for byte.
    CopyAttachment {
        /// Name inside the container.
        filename: String,
        /// MIME type.
        mime_type: String,
    },
    /// A cover picture, byte for byte.
    Cover {
        /// Name inside the container.
        filename: String,
        /// MIME type.
        mime_type: String,
    },
}

/// How pictures are encoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VideoEncode {
    /// The codec.
    pub codec: TargetVideo,
    /// How bits are spent.
    pub rate: RateControl,
    /// Whether the pictures are gone through twice to meet a bitrate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub two_pass: bool,
    /// What may be done on graphics hardware.
    #[serde(default, skip_serializing_if = "Hardware::is_automatic")]
    pub hardware: Hardware,
    /// The encoder's tuning.
    pub tune: Option<String>,
    /// Further options of the encoder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<EncoderFlag>,
    /// Pixel format of the output, as ffmpeg names it.
    pub pixel_format: String,
    /// Size of the source as shown (upright), in pixels.
    pub source_size: (u32, u32),
    /// Size of the output in pixels, upright; even, and never larger than the source.
    pub size: (u32, u32),
    /// Shape of a pixel in the output (the source's, turned with the picture).
    pub sample_aspect: Ratio,
    /// Whether the source's rotation is applied to the pictures, which shows them the same way in every player.
    pub upright: bool,
    /// Whether interlaced fields are woven into whole frames, one for one.
    pub deinterlace: bool,
    /// Whether that is done only with pictures that say they are interlaced: a disc or a broadcast may have both kinds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_flagged: bool,
    /// How HDR becomes SDR, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone_map: Option<ToneMap>,
    /// Dynamic HDR metadata that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dynamic: Option<DynamicHdr>,
    /// Whether the source calls itself Dolby Vision, and the output must not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sheds_dolby_vision: bool,
    /// Colour description of the output: the source's, or BT.709 where HDR becomes SDR.
    pub color: ColorInfo,
    /// Mastering display of the output.
    pub mastering: Option<MasteringDisplay>,
    /// Light level of the output.
    pub light: Option<ContentLight>,
    /// Whether captions inside the pictures must come through.
    pub closed_captions: bool,
    /// Whether the frame rate that the source claims is one at which nothing is shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absurd_rate: bool,
    /// Subtitles that are drawn into the pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burn_in: Option<BurnIn>,
}

/// How HDR pictures become SDR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToneMap {
    /// Colour description of the source, with what HDR means where the file does not say it.
    pub from: ColorInfo,
    /// The brightest light of the film in cd/m², which becomes the brightest white.
    pub peak_nits: u32,
    /// Whether that is only what is usual, since the file does not say it: it is measured when the source is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub peak_is_usual: bool,
    /// What was measured, which is no part of the plan.
    #[serde(skip)]
    pub measured_nits: Option<u32>,
}

/// How sound is encoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioEncode {
    /// The codec.
    pub codec: AudioCodec,
    /// Number of channels of the output.
    pub channels: u32,
    /// Number of channels of the source.
    pub source_channels: u32,
    /// Bitrate in bits per second.
    pub bitrate_bps: u32,
    /// Where the source's channels stand, by ffmpeg's name; without it, ffmpeg mixes as it sees fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_layout: Option<String>,
    /// Where the output's channels stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// Samples per second of the output, where the codec does not have the source's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rate_hz: Option<u32>,
}

/// A text subtitle codec that text can be converted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextSubtitle {
    /// `SubRip`, for Matroska.
    Subrip,
    /// 3GPP timed text, for MP4.
    MovText,
}

/// A stream that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Its index in the source.
    pub source_index: u32,
    /// Its codec.
    pub codec: String,
    /// Why.
    pub reason: String,
}

impl Intent {
    /// What identifies this intent: the hash of all of it.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of_json(&("intent/1", self))
    }

    /// Whether pictures are encoded anew; a remux leaves them as they are.
    #[must_use]
    pub fn encodes_video(&self) -> bool {
        self.streams.iter().any(|stream| matches!(stream.action, Action::EncodeVideo(_)))
    }

    /// The same with what was measured of streams (by their place in it) whose brightest light nothing says.
    #[must_use]
    pub fn with_peaks(&self, peaks: &BTreeMap<usize, u32>) -> Self {
        let mut intent = self.clone();
        for (position, nits) in peaks {
            if let Some(Action::EncodeVideo(encode)) =
                intent.streams.get_mut(*position).map(|stream| &mut stream.action)
                && let Some(map) = &mut encode.tone_map
            {
                map.measured_nits = Some((*nits).clamp(*CREDIBLE_PEAK_NITS.start(), *CREDIBLE_PEAK_NITS.end()));
            }
        }
        intent
    }

    /// Whether some pictures are encoded apart from the rest of the file.
    #[must_use]
    pub fn encodes_apart(&self) -> bool {
        let apart = |action: &Action| matches!(action, Action::EncodeVideo(encode) if encode.is_apart());
        self.streams.iter().any(|stream| apart(&stream.action))
    }

    /// Whether letters are drawn into pictures, which not every build of ffmpeg can.
    #[must_use]
    pub fn draws_letters(&self) -> bool {
        self.streams.iter().any(|stream| match &stream.action {
            Action::EncodeVideo(encode) => {
                encode.burn_in.as_ref().is_some_and(|burn_in| matches!(burn_in.drawing, Drawing::Text { .. }))
            }
            _ => false,
        })
    }

    /// The codec of the video after the job, for statistics: the first video's.
    #[must_use]
    pub fn video_codec(&self) -> Option<&str> {
        self.streams.iter().find_map(|stream| match &stream.action {
            Action::EncodeVideo(encode) => encode.codec.codec(),
            Action::CopyVideo => Some(stream.source_codec.as_str()),
            _ => None,
        })
    }
}

impl VideoEncode {
    /// Whether its pictures are encoded into a working file, where our own program changes what is beside them.
    #[must_use]
    pub const fn is_apart(&self) -> bool {
        self.dynamic.is_some() || self.sheds_dolby_vision
    }
}

impl StreamPlan {
    /// One line for a person: what happens to this stream.
    #[must_use]
    pub fn describe(&self) -> String {
        let what = match &self.action {
            Action::CopyVideo => format!("video {} copied", self.source_codec),
            Action::EncodeVideo(encode) => format!(
                "video {} -> {} {}x{} {}{}{}{}{}",
                self.source_codec,
                encode.codec.codec().unwrap_or("copy"),
                encode.size.0,
                encode.size.1,
                match encode.rate {
                    RateControl::Crf(crf) => format!("CRF {crf}"),
                    RateControl::Bitrate(bps) if encode.two_pass => format!("{} kbit/s in two passes", bps / 1000),
                    RateControl::Bitrate(bps) => format!("{} kbit/s", bps / 1000),
                    RateControl::ConstantBitrate(bps) => format!("constant {} kbit/s", bps / 1000),
                    RateControl::TargetVmaf(vmaf) => format!("at the CRF that reaches VMAF {vmaf}"),
                },
                match (&encode.tone_map, &encode.dynamic) {
                    (Some(_), _) => ", tone-mapped to SDR".to_owned(),
                    (None, Some(dynamic)) => format!(", with {}", dynamic.describe()),
                    (None, None) => String::new(),
                },
                match (encode.deinterlace, encode.only_flagged) {
                    (false, _) => "",
                    (true, false) => ", deinterlaced",
                    (true, true) => ", deinterlaced where it is interlaced",
                },
                if encode.upright { ", turned upright" } else { "" },
                encode
                    .burn_in
                    .as_ref()
                    .map(|burn| format!(", subtitles #{} drawn in", burn.source_index))
                    .unwrap_or_default(),
            ),
            Action::CopyAudio { channels } => format!("audio {} {channels} ch copied", self.source_codec),
            Action::EncodeAudio(encode) => format!(
                "audio {} {} ch -> {} {} ch {} kbit/s",
                self.source_codec,
                encode.source_channels,
                encode.codec.name(),
                encode.channels,
                encode.bitrate_bps / 1000
            ),
            Action::CopySubtitle => format!("subtitle {} copied", self.source_codec),
            Action::ConvertSubtitle { to } => format!("subtitle {} -> {}", self.source_codec, to.codec()),
            Action::CopyAttachment { filename, .. } => format!("attachment {filename} copied"),
            Action::Cover { filename, .. } => format!("cover {filename} copied"),
        };
        let language = self.language.as_deref().map(|l| format!(" [{l}]")).unwrap_or_default();
        format!("#{} {what}{language}", self.source_index)
    }
}

impl AudioCodec {
    /// The codec's name as a probe shows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aac => "aac",
            Self::Ac3 => "ac3",
            Self::Eac3 => "eac3",
            Self::Opus => "opus",
        }
    }
}

impl TextSubtitle {
    /// The codec's name as a probe shows it.
    #[must_use]
    pub const fn codec(self) -> &'static str {
        match self {
            Self::Subrip => "subrip",
            Self::MovText => "mov_text",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
