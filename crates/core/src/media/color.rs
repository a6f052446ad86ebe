//! Colour description and HDR metadata.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::identity::Hash;

/// How the numbers of a picture become colours; each `None` where the file does not say. Names are ffmpeg's
/// (H.273): `bt2020`, `smpte2084`, `bt2020nc`, `tv`, `left`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ColorInfo {
    /// Colour primaries.
    pub primaries: Option<String>,
    /// Transfer characteristics.
    pub transfer: Option<String>,
    /// Matrix coefficients.
    pub matrix: Option<String>,
    /// Range: `tv` (limited) or `pc` (full).
    pub range: Option<String>,
    /// Where chroma samples lie.
    pub chroma_location: Option<String>,
}

/// Dynamic range metadata of a video stream.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HdrInfo {
    /// Mastering display colour volume (SMPTE ST 2086).
    pub mastering: Option<MasteringDisplay>,
    /// Content light level (CTA-861.3).
    pub light: Option<ContentLight>,
    /// Dolby Vision configuration.
    pub dolby_vision: Option<DolbyVision>,
    /// Whether frames carry HDR10+ (SMPTE ST 2094-40).
    pub hdr10_plus: bool,
}

/// Mastering display colour volume in the integer units of SMPTE ST 2086: chromaticities in 1/50,000, luminance in
/// 1/10,000 cd/m².
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MasteringDisplay {
    /// Red x and y.
    pub red: (u32, u32),
    /// Green x and y.
    pub green: (u32, u32),
    /// Blue x and y.
    pub blue: (u32, u32),
    /// White point x and y.
    pub white: (u32, u32),
    /// Least luminance.
    pub min_luminance: u32,
    /// Greatest luminance.
    pub max_luminance: u32,
}

/// Content light level in cd/m².
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ContentLight {
    /// `MaxCLL`.
    pub max_content: u32,
    /// `MaxFALL`.
    pub max_average: u32,
}

/// A Dolby Vision configuration record, as far as plans are made from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DolbyVision {
    /// Profile: 5, 7, 8 or 10.
    pub profile: u8,
    /// What the base layer is compatible with: 0 nothing, 1 HDR10, 2 SDR, 4 HLG, 6 the HDR10 of a disc.
    pub compatibility: u8,
    /// What a player must be able to decode, from 1 to 13; 0 where it is not said.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub level: u8,
    /// Whether the track holds only what enhances the pictures of another track.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub enhancement_only: bool,
}

fn is_zero(level: &u8) -> bool {
    *level == 0
}

impl fmt::Display for DolbyVision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.profile {
            8 | 10 => write!(f, "{}.{}", self.profile, self.compatibility),
            profile => write!(f, "{profile}"),
        }
    }
}

/// What one picture of a video stream carries of dynamic metadata: a hash of each kind, whatever it is wrapped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureMetadata {
    /// When the picture is shown, in milliseconds.
    pub at_ms: i64,
    /// Dolby Vision (RPU).
    pub dolby_vision: Option<Hash>,
    /// HDR10+.
    pub hdr10_plus: Option<Hash>,
}

/// The dynamic range format of a video stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DynamicRange {
    /// Standard.
    #[serde(rename = "SDR")]
    Sdr,
    /// PQ with static metadata, or PQ without any.
    #[serde(rename = "HDR10")]
    Hdr10,
    /// PQ with dynamic metadata of SMPTE ST 2094-40.
    #[serde(rename = "HDR10+")]
    Hdr10Plus,
    /// Hybrid log-gamma.
    #[serde(rename = "HLG")]
    Hlg,
    /// Dolby Vision, whatever the profile.
    #[serde(rename = "Dolby Vision")]
    DolbyVision,
}

impl DynamicRange {
    /// The format, the most demanding one first.
    #[must_use]
    pub fn of(color: &ColorInfo, hdr: &HdrInfo) -> Self {
        if hdr.dolby_vision.is_some() {
            Self::DolbyVision
        } else if hdr.hdr10_plus {
            Self::Hdr10Plus
        } else {
            match color.transfer.as_deref() {
                Some("smpte2084") => Self::Hdr10,
                Some("arib-std-b67") => Self::Hlg,
                _ => Self::Sdr,
            }
        }
    }

    /// Reads the name that [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "SDR" => Some(Self::Sdr),
            "HDR10" => Some(Self::Hdr10),
            "HDR10+" => Some(Self::Hdr10Plus),
            "HLG" => Some(Self::Hlg),
            "Dolby Vision" => Some(Self::DolbyVision),
            _ => None,
        }
    }
}

impl fmt::Display for DynamicRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sdr => "SDR",
            Self::Hdr10 => "HDR10",
            Self::Hdr10Plus => "HDR10+",
            Self::Hlg => "HLG",
            Self::DolbyVision => "Dolby Vision",
        })
    }
}
