//! What encodes and decodes on this machine, by real runs of a second each.

use schemars::JsonSchema;
use serde::Serialize;

/// What this machine can do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Encoders {
    /// Whether everything was tried; it is being tried for the first time otherwise.
    pub is_tried: bool,
    /// The families of hardware that encode here: `nvenc`, `qsv`, `vaapi`, `videotoolbox`, `amf`.
    pub hw_accel_types: Vec<String>,
    /// All that a plan may ask for, the CPU's before those of hardware.
    pub encoders: Vec<Encoder>,
    /// What decodes on hardware.
    pub decoders: Vec<Decoder>,
}

/// One encoder.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Encoder {
    /// ffmpeg's name for it.
    pub name: String,
    /// What it writes.
    pub codec: String,
    /// Its family of hardware; null for the CPU.
    pub hw_accel: Option<String>,
    /// Whether a real encode came to its end.
    pub works: bool,
    /// Whether one with 10 bits a sample did.
    pub ten_bit: bool,
    /// Whether it can meet a bitrate in two passes.
    pub two_pass: bool,
    /// Why it does not work.
    pub reason: Option<String>,
    /// Why it does not work with 10 bits, where it works with 8.
    pub ten_bit_reason: Option<String>,
}

/// One decoder.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Decoder {
    /// ffmpeg's name for it.
    pub name: String,
    /// The codecs that it decoded.
    pub codecs: Vec<String>,
    /// Why it decodes nothing.
    pub reason: Option<String>,
}
