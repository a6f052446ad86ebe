//! Resolution tiers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The tier a picture belongs to, by width or by height, whichever is higher: 3840×1600 is 4K and 1920×800 is 1080p,
/// although black bars were cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ResolutionTier {
    /// Below 480 lines.
    #[serde(rename = "SD")]
    Sd,
    /// 480 lines: DVD.
    #[serde(rename = "480p")]
    P480,
    /// 720 lines.
    #[serde(rename = "720p")]
    P720,
    /// 1080 lines.
    #[serde(rename = "1080p")]
    P1080,
    /// 2160 lines and more.
    #[serde(rename = "4K")]
    Uhd,
}

impl ResolutionTier {
    /// The tier of a picture. Encoders crop a few lines to even out macroblocks, so each bound has 2 % of grace
    /// (1916×1076 is 1080p). A portrait picture counts by its long side, as if it lay down.
    #[must_use]
    pub fn of(width: u32, height: u32) -> Self {
        let (wide, low) = if width >= height { (width, height) } else { (height, width) };
        let reaches =
            |w: u32, h: u32| u64::from(wide) * 100 >= u64::from(w) * 98 || u64::from(low) * 100 >= u64::from(h) * 98;
        if reaches(3840, 2160) {
            Self::Uhd
        } else if reaches(1920, 1080) {
            Self::P1080
        } else if reaches(1280, 720) {
            Self::P720
        } else if reaches(852, 480) {
            Self::P480
        } else {
            Self::Sd
        }
    }

    /// The bitrate in bits per second that H.264 of this tier usually has (`facts` §5, reference bitrates).
    #[must_use]
    pub const fn reference_bitrate_bps(self) -> u64 {
        match self {
            Self::Uhd => 15_000_000,
            Self::P1080 => 5_000_000,
            Self::P720 => 2_500_000,
            Self::P480 => 1_000_000,
            Self::Sd => 800_000,
        }
    }

    /// The box a picture scaled to this tier fits into (`facts` §7).
    #[must_use]
    pub const fn bounds(self) -> (u32, u32) {
        match self {
            Self::Uhd => (3840, 2160),
            Self::P1080 => (1920, 1080),
            Self::P720 => (1280, 720),
            Self::P480 => (854, 480),
            Self::Sd => (640, 480),
        }
    }

    /// Reads the names that presets and the wire use.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "4k" | "2160p" | "uhd" => Some(Self::Uhd),
            "1080p" => Some(Self::P1080),
            "720p" => Some(Self::P720),
            "480p" => Some(Self::P480),
            "sd" => Some(Self::Sd),
            _ => None,
        }
    }
}

impl fmt::Display for ResolutionTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Uhd => "4K",
            Self::P1080 => "1080p",
            Self::P720 => "720p",
            Self::P480 => "480p",
            Self::Sd => "SD",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ResolutionTier::{self, P480, P720, P1080, Sd, Uhd};

    #[test]
    fn the_higher_of_width_and_height_decides() {
        for (width, height, tier) in [
            (3840, 1600, Uhd),
            (1920, 800, P1080),
            (1440, 1080, P1080),
            (1916, 1076, P1080),
            (1280, 536, P720),
            (960, 720, P720),
            (720, 576, P480),
            (720, 480, P480),
            (640, 360, Sd),
            (2160, 3840, Uhd),
            (1080, 1920, P1080),
        ] {
            assert_eq!(ResolutionTier::of(width, height), tier, "{width}x{height}");
        }
    }
}
