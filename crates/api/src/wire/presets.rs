//! Presets, in the contract's words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::options::Options;
use super::{ONE_LINE, Time};

// What the fields of a preset hold, as patterns: a list of values would have to be the same in what we take (with
// everything that earlier clients write) and in what we give.
pub(super) const VIDEO_CODEC: &str =
    "^(libx265|libx264|libsvtav1|copy|(h264|hevc|av1)_(nvenc|qsv|vaapi|amf)|(h264|hevc)_videotoolbox)$";
pub(super) const RESOLUTION: &str = "^(|original|4K|1080p|720p|480p|SD)$";
pub(super) const BITRATE_MODE: &str = "^(crf|vbr|cbr|quality)$";
pub(super) const BITRATE: &str = "^(|([5-9][0-9]|[1-9][0-9]{2,4}|[1-3][0-9]{5})[kK]|([1-9][0-9]?([.][0-9])?|[1-3][0-9]{2}|400)[mM]|[1-9][0-9]{5,7})$";
pub(super) const HARDWARE: &str = "^(|auto|none|nvenc|cuda|qsv|vaapi|videotoolbox|amf)$";
pub(super) const AUDIO_MODE: &str = "^(copy|transcode|downmix)$";
pub(super) const AUDIO_CODEC: &str = "^(|aac|ac3|eac3|opus|libopus)$";
pub(super) const CONTAINER: &str = "^(mkv|mp4)$";
pub(super) const SUBTITLE_MODE: &str = "^(copy|convert|burn|remove)$";
pub(super) const FLAGS: &str = "^(-[a-z0-9].* .*)?$";
pub(super) const HDR_MODE: &str = "^(preserve|tonemap)$";
pub(super) const TUNE: &str = "^(|film|grain|animation|stillimage|fastdecode|hq)$";

/// The format in which presets are exported. A field more is no new format: what is not known is left aside.
pub const PRESET_FORMAT: i64 = 1;

/// A preset to be made, or imported; fields that we do not know are left aside.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct TranscodePresetCreate {
    /// The format of an export that is imported: 1, or absent in what other programs wrote.
    #[schemars(range(min = 1, max = PRESET_FORMAT))]
    #[serde(default)]
    pub format_version: Option<i64>,
    /// Its name, unique.
    #[schemars(length(min = 1, max = 100), regex(pattern = ONE_LINE))]
    pub name: String,
    /// One sentence.
    #[serde(default)]
    pub description: Option<String>,
    /// `libx265`, `libx264`, `libsvtav1` or `copy`; an encoder of hardware such as `hevc_nvenc` is its codec and `hw_accel`.
    #[schemars(regex(pattern = VIDEO_CODEC))]
    #[serde(default = "codec")]
    pub video_codec: String,
    /// The largest picture: `4K`, `1080p`, `720p`, `480p` or `SD`.
    #[schemars(regex(pattern = RESOLUTION))]
    #[serde(default)]
    pub target_resolution: Option<String>,
    /// `crf`, `cbr`, `vbr`, or `quality`, which searches the CRF for a VMAF.
    #[schemars(regex(pattern = BITRATE_MODE))]
    #[serde(default = "crf")]
    pub bitrate_mode: String,
    /// Quality on the encoder's own scale; lower is better.
    #[schemars(range(min = 0, max = 51))]
    #[serde(default = "crf_value")]
    pub crf_value: Option<i64>,
    /// Bitrate, such as `8M`.
    #[schemars(regex(pattern = BITRATE))]
    #[serde(default)]
    pub target_bitrate: Option<String>,
    /// The hardware: `auto` or null for what works, `none` for the CPU, or one of `nvenc`, `qsv`, `vaapi`, `videotoolbox`,
    /// `amf`, instead of which the CPU does it where it does not work.
    #[schemars(regex(pattern = HARDWARE))]
    #[serde(default)]
    pub hw_accel: Option<String>,
    /// `copy`, `transcode` or `downmix`.
    #[schemars(regex(pattern = AUDIO_MODE))]
    #[serde(default = "copy")]
    pub audio_mode: String,
    /// `aac`, `ac3`, `eac3` or `libopus`.
    #[schemars(regex(pattern = AUDIO_CODEC))]
    #[serde(default)]
    pub audio_codec: Option<String>,
    /// `mkv` or `mp4`.
    #[schemars(regex(pattern = CONTAINER))]
    #[serde(default = "mkv")]
    pub container: String,
    /// `copy`, `convert` (text to what every player reads), `burn` or `remove`.
    #[schemars(regex(pattern = SUBTITLE_MODE))]
    #[serde(default = "copy")]
    pub subtitle_mode: String,
    /// Options of the encoder and picture filters in ffmpeg's words, such as `-bf 4 -vf hqdn3d`; docs/flags.md lists them.
    #[schemars(regex(pattern = FLAGS), length(max = mediaflow_ffmpeg::flags::MOST_BYTES))]
    #[serde(default)]
    pub custom_flags: Option<String>,
    /// `preserve` or `tonemap`.
    #[schemars(regex(pattern = HDR_MODE))]
    #[serde(default = "preserve")]
    pub hdr_mode: String,
    /// Whether an average bitrate is met in two passes; a constant quality takes one.
    #[serde(default)]
    pub two_pass: bool,
    /// The encoder's tuning, such as `film`.
    #[schemars(regex(pattern = TUNE))]
    #[serde(default)]
    pub encoder_tune: Option<String>,
    /// What the contract has no field for.
    #[serde(flatten)]
    pub more: Options,
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
    #[schemars(length(min = 1, max = 100), regex(pattern = ONE_LINE))]
    pub name: Option<String>,
    /// One sentence.
    pub description: Option<String>,
    /// `libx265`, `libx264`, `libsvtav1` or `copy`; an encoder of hardware such as `hevc_nvenc` is its codec and `hw_accel`.
    #[schemars(regex(pattern = VIDEO_CODEC))]
    pub video_codec: Option<String>,
    /// The largest picture.
    #[schemars(regex(pattern = RESOLUTION))]
    pub target_resolution: Option<String>,
    /// `crf`, `cbr`, `vbr`, or `quality`, which searches the CRF for a VMAF.
    #[schemars(regex(pattern = BITRATE_MODE))]
    pub bitrate_mode: Option<String>,
    /// Quality on the encoder's own scale.
    #[schemars(range(min = 0, max = 51))]
    pub crf_value: Option<i64>,
    /// Bitrate, such as `8M`.
    #[schemars(regex(pattern = BITRATE))]
    pub target_bitrate: Option<String>,
    /// The hardware: `auto` or null for what works, `none` for the CPU, or one of `nvenc`, `qsv`, `vaapi`, `videotoolbox`,
    /// `amf`, instead of which the CPU does it where it does not work.
    #[schemars(regex(pattern = HARDWARE))]
    pub hw_accel: Option<String>,
    /// `copy`, `transcode` or `downmix`.
    #[schemars(regex(pattern = AUDIO_MODE))]
    pub audio_mode: Option<String>,
    /// `aac`, `ac3`, `eac3` or `libopus`.
    #[schemars(regex(pattern = AUDIO_CODEC))]
    pub audio_codec: Option<String>,
    /// `mkv` or `mp4`.
    #[schemars(regex(pattern = CONTAINER))]
    pub container: Option<String>,
    /// `copy`, `convert` (text to what every player reads), `burn` or `remove`.
    #[schemars(regex(pattern = SUBTITLE_MODE))]
    pub subtitle_mode: Option<String>,
    /// Options of the encoder and picture filters in ffmpeg's words, such as `-bf 4 -vf hqdn3d`; docs/flags.md lists them.
    #[schemars(regex(pattern = FLAGS), length(max = mediaflow_ffmpeg::flags::MOST_BYTES))]
    pub custom_flags: Option<String>,
    /// `preserve` or `tonemap`.
    #[schemars(regex(pattern = HDR_MODE))]
    pub hdr_mode: Option<String>,
    /// Whether an average bitrate is met in two passes; a constant quality takes one.
    pub two_pass: Option<bool>,
    /// The encoder's tuning.
    #[schemars(regex(pattern = TUNE))]
    pub encoder_tune: Option<String>,
    /// What the contract has no field for.
    #[serde(flatten)]
    pub more: Options,
}

/// What export gives and import takes.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ExportedPreset {
    /// The format: 1.
    pub format_version: i64,
    /// What it does.
    #[serde(flatten)]
    pub preset: TranscodePresetExport,
}

/// A preset without its place.
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
    /// `crf`, `cbr`, `vbr`, or `quality`, which searches the CRF for a VMAF.
    pub bitrate_mode: String,
    /// Quality on the encoder's own scale.
    pub crf_value: Option<i64>,
    /// Bitrate, such as `8M`.
    pub target_bitrate: Option<String>,
    /// The hardware: null for what works, `none` for the CPU, or a family.
    pub hw_accel: Option<String>,
    /// `copy`, `transcode` or `downmix`.
    pub audio_mode: String,
    /// `aac`, `ac3`, `eac3` or `libopus`.
    pub audio_codec: Option<String>,
    /// `mkv` or `mp4`.
    pub container: String,
    /// `copy`, `convert` (text to what every player reads), `burn` or `remove`.
    pub subtitle_mode: String,
    /// Further flags.
    pub custom_flags: Option<String>,
    /// `preserve` or `tonemap`.
    pub hdr_mode: String,
    /// Two passes.
    pub two_pass: bool,
    /// The encoder's tuning.
    pub encoder_tune: Option<String>,
    /// What the contract has no field for.
    #[serde(flatten)]
    pub more: Options,
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
