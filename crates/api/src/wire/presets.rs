//! Presets, in the contract's words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Time;

/// A preset to be made, or imported; fields that we do not know are left aside.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct TranscodePresetCreate {
    /// Its name, unique.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// One sentence.
    #[serde(default)]
    pub description: Option<String>,
    /// `libx265`, `libx264`, `libsvtav1` or `copy`.
    #[serde(default = "codec")]
    pub video_codec: String,
    /// The largest picture: `4K`, `1080p`, `720p`, `480p` or `SD`.
    #[serde(default)]
    pub target_resolution: Option<String>,
    /// `crf`, `cbr` or `vbr`.
    #[serde(default = "crf")]
    pub bitrate_mode: String,
    /// Quality on the encoder's own scale; lower is better.
    #[serde(default = "crf_value")]
    pub crf_value: Option<i64>,
    /// Bitrate, such as `8M`.
    #[serde(default)]
    pub target_bitrate: Option<String>,
    /// A GPU; belongs to a later version.
    #[serde(default)]
    pub hw_accel: Option<String>,
    /// `copy`, `transcode` or `downmix`.
    #[serde(default = "copy")]
    pub audio_mode: String,
    /// `aac`, `ac3`, `eac3` or `libopus`.
    #[serde(default)]
    pub audio_codec: Option<String>,
    /// `mkv` or `mp4`.
    #[serde(default = "mkv")]
    pub container: String,
    /// `copy`, `burn` or `remove`.
    #[serde(default = "copy")]
    pub subtitle_mode: String,
    /// Further flags; belong to a later version.
    #[serde(default)]
    pub custom_flags: Option<String>,
    /// `preserve` or `tonemap`.
    #[serde(default = "preserve")]
    pub hdr_mode: String,
    /// Two passes; belong to a later version.
    #[serde(default)]
    pub two_pass: bool,
    /// The encoder's tuning, such as `film`.
    #[serde(default)]
    pub encoder_tune: Option<String>,
}

fn codec() -> String {
    "libx265".to_owned()
}
fn crf() -> String {
    "crf".to_owned()
}
#[allow(clippy::unnecessary_wraps)]
const fn crf_value() -> Option<i64> {
    Some(23)
}
fn copy() -> String {
    "copy".to_owned()
}
fn mkv() -> String {
    "mkv".to_owned()
}
fn preserve() -> String {
    "preserve".to_owned()
}

/// What to change of a preset; absent and null fields stay as they are.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TranscodePresetUpdate {
    /// Its name, unique.
    #[schemars(length(min = 1, max = 100))]
    pub name: Option<String>,
    /// One sentence.
    pub description: Option<String>,
    /// `libx265`, `libx264`, `libsvtav1` or `copy`.
    pub video_codec: Option<String>,
    /// The largest picture.
    pub target_resolution: Option<String>,
    /// `crf`, `cbr` or `vbr`.
    pub bitrate_mode: Option<String>,
    /// Quality on the encoder's own scale.
    pub crf_value: Option<i64>,
    /// Bitrate, such as `8M`.
    pub target_bitrate: Option<String>,
    /// A GPU; belongs to a later version.
    pub hw_accel: Option<String>,
    /// `copy`, `transcode` or `downmix`.
    pub audio_mode: Option<String>,
    /// `aac`, `ac3`, `eac3` or `libopus`.
    pub audio_codec: Option<String>,
    /// `mkv` or `mp4`.
    pub container: Option<String>,
    /// `copy`, `burn` or `remove`.
    pub subtitle_mode: Option<String>,
    /// Further flags; belong to a later version.
    pub custom_flags: Option<String>,
    /// `preserve` or `tonemap`.
    pub hdr_mode: Option<String>,
    /// Two passes; belong to a later version.
    pub two_pass: Option<bool>,
    /// The encoder's tuning.
    pub encoder_tune: Option<String>,
}

/// A preset without its place: what export gives and import takes.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TranscodePresetExport {
    /// Its name.
    pub name: String,
    /// One sentence.
    pub description: Option<String>,
    /// `libx265`, `libx264`, `libsvtav1` or `copy`.
    pub video_codec: String,
    /// The largest picture.
    pub target_resolution: Option<String>,
    /// `crf`, `cbr` or `vbr`.
    pub bitrate_mode: String,
    /// Quality on the encoder's own scale.
    pub crf_value: Option<i64>,
    /// Bitrate, such as `8M`.
    pub target_bitrate: Option<String>,
    /// A GPU.
    pub hw_accel: Option<String>,
    /// `copy`, `transcode` or `downmix`.
    pub audio_mode: String,
    /// `aac`, `ac3`, `eac3` or `libopus`.
    pub audio_codec: Option<String>,
    /// `mkv` or `mp4`.
    pub container: String,
    /// `copy`, `burn` or `remove`.
    pub subtitle_mode: String,
    /// Further flags.
    pub custom_flags: Option<String>,
    /// `preserve` or `tonemap`.
    pub hdr_mode: String,
    /// Two passes.
    pub two_pass: bool,
    /// The encoder's tuning.
    pub encoder_tune: Option<String>,
}

/// A preset.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TranscodePresetResponse {
    /// Its id.
    pub id: i64,
    /// Whether it came with the program; those cannot be changed, only copied.
    pub is_builtin: bool,
    /// What it does.
    #[serde(flatten)]
    pub preset: TranscodePresetExport,
    /// When it was made.
    pub created_at: Option<Time>,
    /// When it was last changed.
    pub updated_at: Option<Time>,
}
