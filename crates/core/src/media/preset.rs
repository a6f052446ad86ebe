//! Presets: what a user wants done to a file, before any file is looked at.

use serde::{Deserialize, Serialize};

use super::hardware::Hardware;
pub use super::track::{AudioCodec, AudioMode, AudioRules, DownmixLayout, SubtitleMode, SubtitleRules};
use super::{Container, ResolutionTier};
use crate::identity::Hash;

/// The video codec to end with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetVideo {
    /// HEVC by x265.
    Hevc,
    /// H.264 by x264.
    H264,
    /// AV1 by SVT-AV1.
    Av1,
    /// The pictures as they are: a remux.
    Copy,
}

impl TargetVideo {
    /// The codec's name as a probe of the output shows it; `None` for a copy.
    #[must_use]
    pub const fn codec(self) -> Option<&'static str> {
        match self {
            Self::Hevc => Some("hevc"),
            Self::H264 => Some("h264"),
            Self::Av1 => Some("av1"),
            Self::Copy => None,
        }
    }
}

/// How bits are spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateControl {
    /// Constant quality on the encoder's own scale.
    Crf(u8),
    /// An average bitrate of the video stream in bits per second.
    Bitrate(u64),
    /// The same bitrate in bits per second all the time, for what is streamed through a narrow line.
    ConstantBitrate(u64),
    /// The least bits that reach this mean VMAF: the CRF is searched on samples of each film.
    TargetVmaf(u8),
}

/// What happens to HDR pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HdrMode {
    /// Stays HDR, with its metadata.
    Preserve,
    /// Becomes SDR.
    ToneMap,
}

/// What must hold for a result of this preset to replace its original.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct QualityFloor {
    /// Least VMAF (0 to 100) of the worst sampled segment.
    pub vmaf: f64,
    /// Least SSIM (0 to 1, all planes) of the worst sampled segment, where the build has no VMAF.
    pub ssim: f64,
}

/// VMAF and the SSIM that stands for it where a build has no VMAF. The three in the middle are those of the built-in
/// presets (`docs/quality.md`); the outer ones only go on at their slope.
const VMAF_AS_SSIM: [(f64, f64); 5] = [(0.0, 0.52), (88.0, 0.96), (90.0, 0.97), (92.0, 0.975), (100.0, 0.995)];

impl QualityFloor {
    /// The floor of this VMAF (0 to 100), with the SSIM that stands for it.
    #[must_use]
    pub fn of_vmaf(vmaf: f64) -> Self {
        Self { vmaf, ssim: ssim_for(vmaf) }
    }
}

/// The SSIM that stands for a VMAF where a build has no VMAF.
#[must_use]
pub fn ssim_for(vmaf: f64) -> f64 {
    let vmaf = vmaf.clamp(0.0, 100.0);
    let above = VMAF_AS_SSIM.iter().position(|(at, _)| *at >= vmaf).unwrap_or(VMAF_AS_SSIM.len() - 1).max(1);
    let ((from, low), (to, high)) = (VMAF_AS_SSIM[above - 1], VMAF_AS_SSIM[above]);
    low + (high - low) * (vmaf - from) / (to - from)
}

/// How a result's quality is looked at, and what happens when it falls short of the floor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct QualityCheck {
    /// Whether every second is looked at instead of samples all over the film.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// How often a result below the floor is encoded again with a lower CRF.
    #[serde(default)]
    pub retries: u8,
}

impl QualityCheck {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// An option of the encoder with its value, as ffmpeg names them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EncoderFlag {
    /// The name, without its dash.
    pub name: String,
    /// The value.
    pub value: String,
}

/// Everything a plan is made from besides the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The video codec.
    pub video: TargetVideo,
    /// How bits are spent; without meaning for a copy.
    pub rate: RateControl,
    /// Whether a bitrate is met in two passes, the first of which only looks; a constant quality takes one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub two_pass: bool,
    /// What may be done on graphics hardware; without meaning for a copy.
    #[serde(default, skip_serializing_if = "Hardware::is_automatic")]
    pub hardware: Hardware,
    /// The encoder's tuning, such as `film` or `grain`.
    pub tune: Option<String>,
    /// Further options of the encoder that the user gave, checked when they were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encoder_flags: Vec<EncoderFlag>,
    /// The largest picture; smaller ones are never enlarged.
    pub max_resolution: Option<ResolutionTier>,
    /// The container.
    pub container: Container,
    /// Audio tracks.
    pub audio: AudioMode,
    /// Which of them are kept.
    #[serde(default, skip_serializing_if = "AudioRules::is_none")]
    pub audio_rules: AudioRules,
    /// Subtitle tracks.
    pub subtitles: SubtitleMode,
    /// Which of them are kept, and which is drawn into the picture.
    #[serde(default, skip_serializing_if = "SubtitleRules::is_none")]
    pub subtitle_rules: SubtitleRules,
    /// HDR pictures.
    pub hdr: HdrMode,
    /// Whether image subtitles that the container cannot hold may be dropped: never by default.
    pub drop_image_subtitles: bool,
    /// Whether a source with decoding errors may be re-encoded: only if the user said so for it.
    pub accept_damage: bool,
    /// The floor of the proof.
    pub floor: QualityFloor,
    /// How that floor is looked at.
    #[serde(default, skip_serializing_if = "QualityCheck::is_default")]
    pub quality: QualityCheck,
    /// By how much a re-encode must be smaller to be worth it, in percent of the source.
    pub min_savings_percent: u8,
}

impl Settings {
    /// What verdicts are kept by, together with the content: the same settings judge the same file the same way.
    #[must_use]
    pub fn policy(&self) -> Hash {
        // What has no effect makes no other policy.
        let two_pass = self.takes_two_passes();
        // Which machine does it makes none either, but what is asked of it does: hardware's files are other ones.
        let hardware = if self.video == TargetVideo::Copy { Hardware::Automatic } else { self.hardware };
        let audio_rules = self.audio_rules_in_effect();
        let subtitle_rules = self.subtitle_rules.in_effect(self.subtitles);
        Hash::of_json(&("policy/1", Self { two_pass, hardware, audio_rules, subtitle_rules, ..self.clone() }))
    }

    /// A downmix to stereo leaves no track that another one in stereo could stand beside.
    fn audio_rules_in_effect(&self) -> AudioRules {
        let is_stereo = matches!(self.audio, AudioMode::Downmix { layout: DownmixLayout::Stereo, .. });
        AudioRules { compatibility: self.audio_rules.compatibility && !is_stereo, ..self.audio_rules.clone() }
    }

    /// Whether the pictures are really gone through twice.
    #[must_use]
    pub fn takes_two_passes(&self) -> bool {
        self.two_pass && self.video != TargetVideo::Copy && matches!(self.rate, RateControl::Bitrate(_))
    }

    /// The pictures and sound untouched, in Matroska: what container modernisation does.
    #[must_use]
    pub fn remux() -> Self {
        Self {
            video: TargetVideo::Copy,
            audio: AudioMode::Copy,
            subtitles: SubtitleMode::Copy,
            hdr: HdrMode::Preserve,
            ..balanced()
        }
    }
}

/// A preset with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    /// Unique name.
    pub name: String,
    /// One sentence for the user.
    pub description: String,
    /// Whether it came with the program; those cannot be changed.
    pub is_builtin: bool,
    /// What it does.
    pub settings: Settings,
}

/// Name of the preset that is used when none is asked for.
pub const DEFAULT_PRESET: &str = "Balanced";

/// Name of the remux that container modernisation uses; not one of the four that users choose from.
pub const REMUX: &str = "Remux";

/// The four presets that come with the program (`facts` §7). Floors are ours; `docs/quality.md` has the figures
/// they rest on.
#[must_use]
pub fn builtins() -> Vec<Preset> {
    let preset = |name: &str, description: &str, settings| Preset {
        name: name.to_owned(),
        description: description.to_owned(),
        is_builtin: true,
        settings,
    };
    vec![
        preset(DEFAULT_PRESET, "HEVC at a quality that is hard to tell from the source; every track kept", balanced()),
        preset("Storage Saver", "HEVC and AAC for the smallest files that still look good", storage_saver()),
        preset("Mobile Optimized", "H.264 and AAC in MP4, at most 720p, for phones and tablets", mobile()),
        preset("Ultra Fidelity", "AV1 for archives: as close to the source as is sensible", ultra()),
    ]
}

/// A built-in preset by name, whatever the case of its letters and whatever stands between its words; `Remux` is found
/// too.
#[must_use]
pub fn find_builtin(name: &str) -> Option<Preset> {
    let letters = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let wanted = letters(name);
    if wanted == letters(REMUX) {
        return Some(Preset {
            name: REMUX.to_owned(),
            description: "Pictures and sound as they are, in Matroska".to_owned(),
            is_builtin: true,
            settings: Settings::remux(),
        });
    }
    builtins().into_iter().find(|preset| letters(&preset.name) == wanted)
}

fn balanced() -> Settings {
    Settings {
        video: TargetVideo::Hevc,
        rate: RateControl::Crf(22),
        two_pass: false,
        hardware: Hardware::Automatic,
        tune: None,
        encoder_flags: Vec::new(),
        max_resolution: None,
        container: Container::Matroska,
        audio: AudioMode::Copy,
        audio_rules: AudioRules::default(),
        subtitles: SubtitleMode::Copy,
        subtitle_rules: SubtitleRules::default(),
        hdr: HdrMode::Preserve,
        drop_image_subtitles: false,
        accept_damage: false,
        floor: QualityFloor::of_vmaf(90.0),
        quality: QualityCheck { whole: false, retries: 1 },
        min_savings_percent: 5,
    }
}

fn storage_saver() -> Settings {
    Settings {
        rate: RateControl::Crf(26),
        audio: AudioMode::Transcode(AudioCodec::Aac),
        hdr: HdrMode::ToneMap,
        floor: QualityFloor::of_vmaf(88.0),
        ..balanced()
    }
}

fn mobile() -> Settings {
    Settings {
        video: TargetVideo::H264,
        rate: RateControl::Crf(23),
        max_resolution: Some(ResolutionTier::P720),
        container: Container::Mp4,
        audio: AudioMode::Transcode(AudioCodec::Aac),
        subtitles: SubtitleMode::Burn,
        hdr: HdrMode::ToneMap,
        floor: QualityFloor::of_vmaf(88.0),
        ..balanced()
    }
}

fn ultra() -> Settings {
    Settings {
        video: TargetVideo::Av1,
        rate: RateControl::Crf(18),
        two_pass: true,
        // An archive is encoded once and kept for good: the hours that a GPU saves are not worth its larger files.
        hardware: Hardware::Off,
        floor: QualityFloor::of_vmaf(92.0),
        ..balanced()
    }
}
