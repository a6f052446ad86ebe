//! Dynamic HDR metadata (Dolby Vision, HDR10+): what every picture carries, and how it goes through a re-encode.

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::media::color::DolbyVision;
use crate::media::preset::Settings;
use crate::media::{Container, Stream, Video};

/// What of the source's metadata is put beside the encoded pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DynamicHdr {
    /// What carries it in the source.
    pub from: Carrier,
    /// What carries it in the output.
    pub to: Carrier,
    /// Dolby Vision, where the source has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dolby_vision: Option<DolbyVisionPlan>,
    /// Whether the source has HDR10+.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hdr10_plus: bool,
    /// What is done to the picture's shape, which metadata about parts of it must follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reshape: Option<Reshape>,
}

/// How far ahead the times of a source are moved in the working file of its metadata, in seconds: a picture that an edit
/// list leaves out can lie before the film's beginning, and Matroska has no times below zero.
pub const METADATA_AHEAD_S: i64 = 3600;

/// A codec that has a place for dynamic metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// HEVC: a NAL unit for Dolby Vision, a message for HDR10+.
    Hevc,
    /// AV1: metadata OBUs.
    Av1,
}

/// Dolby Vision before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DolbyVisionPlan {
    /// The source's profile.
    pub from: DolbyVision,
    /// The output's profile and level.
    pub to: DolbyVision,
}

/// A picture that is turned, then scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reshape {
    /// Clockwise.
    pub turned_deg: u16,
    /// Size in pixels before, upright.
    pub from: (u32, u32),
    /// Size in pixels after.
    pub to: (u32, u32),
}

impl DynamicHdr {
    /// What is kept, for a person.
    #[must_use]
    pub fn describe(&self) -> String {
        let dolby_vision = self.dolby_vision.map(|DolbyVisionPlan { from, to, .. }| {
            let from = if from.profile == 0 { String::new() } else { from.to_string() };
            let to = to.to_string();
            if from == to || from.is_empty() {
                format!("Dolby Vision {to}")
            } else {
                format!("Dolby Vision {from} as {to}")
            }
        });
        let hdr10_plus = self.hdr10_plus.then(|| "HDR10+".to_owned());
        dolby_vision.into_iter().chain(hdr10_plus).collect::<Vec<_>>().join(" and ")
    }
}

impl Carrier {
    /// By the codec's name in a probe.
    #[must_use]
    pub fn of(codec: &str) -> Option<Self> {
        match codec {
            "hevc" => Some(Self::Hevc),
            "av1" => Some(Self::Av1),
            _ => None,
        }
    }
}

/// How the metadata of a source goes into an output of `size`; `None` where it has none.
pub(super) fn keep(
    stream: &Stream,
    video: &Video,
    settings: &Settings,
    size: (u32, u32),
) -> Result<Option<DynamicHdr>, Refusal> {
    let (dolby_vision, hdr10_plus) = (video.hdr.dolby_vision, video.hdr.hdr10_plus);
    let Some(name) = dolby_vision.map(|_| "Dolby Vision").or(hdr10_plus.then_some("HDR10+")) else { return Ok(None) };
    let (name, codec) = (name.to_owned(), settings.video.codec().unwrap_or("copy").to_owned());
    let Some(from) = Carrier::of(&stream.codec) else {
        return Err(Refusal::DynamicHdrIn { name, codec: stream.codec.clone() });
    };
    let Some(to) = Carrier::of(&codec) else { return Err(Refusal::NoDynamicHdr { name, codec }) };
    if let Some(DolbyVision { profile, enhancement_only: true, .. }) = dolby_vision {
        return Err(Refusal::DolbyVisionApart { index: stream.index, profile });
    }
    let displayed = video.displayed_size();
    let dolby_vision = dolby_vision.map(|from| convert(from, to, video, size)).transpose()?;
    if let Some(DolbyVision { profile, compatibility: 0, .. }) = dolby_vision.map(|plan| plan.to)
        && settings.container == Container::Mp4
    {
        return Err(Refusal::DolbyVisionInMp4 { profile });
    }
    Ok(Some(DynamicHdr {
        from,
        to,
        dolby_vision,
        hdr10_plus,
        reshape: (video.rotation_deg != 0 || size != displayed).then_some(Reshape {
            turned_deg: video.rotation_deg,
            from: displayed,
            to: size,
        }),
    }))
}

/// The profile in which the same metadata is kept (Dolby Vision Profiles and Levels, tables 2 and 3).
fn convert(from: DolbyVision, to: Carrier, video: &Video, size: (u32, u32)) -> Result<DolbyVisionPlan, Refusal> {
    let compatibility = match (from.profile, from.compatibility) {
        (5, _) | (10, 0) => 0,
        // A disc's base layer is HDR10; what enhances it to 12 bits goes, which only disc players use.
        (7, _) => 1,
        (8 | 10, compatibility @ (1 | 2 | 4)) => compatibility,
        // Older tools put no configuration into Matroska. Pictures that are PQ or HLG by themselves are of 7 or 8.
        (0, _) if video.color.transfer.as_deref() == Some("smpte2084") => 1,
        (0, _) if video.color.transfer.as_deref() == Some("arib-std-b67") => 4,
        (profile, _) => return Err(Refusal::DolbyVision { profile }),
    };
    let profile = match to {
        Carrier::Av1 => 10,
        Carrier::Hevc if compatibility == 0 => 5,
        Carrier::Hevc => 8,
    };
    let rate = video.average_frame_rate.or(video.frame_rate).map_or(60.0, |rate| rate.value());
    let to = DolbyVision { profile, compatibility, level: level(size, rate), enhancement_only: false };
    Ok(DolbyVisionPlan { from, to })
}

/// The lowest level with room for such pictures (Dolby Vision Profiles and Levels, table 4): each with the most pixels a
/// second and the greatest width.
fn level((width, height): (u32, u32), frames_per_second: f64) -> u8 {
    const LEVELS: [(f64, u32); 13] = [
        (22_118_400.0, 1280),
        (27_648_000.0, 1280),
        (49_766_400.0, 1920),
        (62_208_000.0, 2560),
        (124_416_000.0, 3840),
        (199_065_600.0, 3840),
        (248_832_000.0, 3840),
        (398_131_200.0, 3840),
        (497_664_000.0, 3840),
        (995_328_000.0, 3840),
        (995_328_000.0, 7680),
        (1_990_656_000.0, 7680),
        (3_981_312_000.0, 7680),
    ];
    // 23.976 counts as 24.
    let pixels_per_second = f64::from(width) * f64::from(height) * frames_per_second * 0.999;
    let fits = |(most, widest): &(f64, u32)| pixels_per_second <= *most && width.max(height) <= *widest;
    (1..).zip(&LEVELS).find(|(_, limits)| fits(limits)).map_or(13, |(level, _)| level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_the_lowest_with_room() {
        for (size, rate, expected) in [
            ((1280, 720), 24.0, 1),
            ((1920, 1080), 23.976, 3),
            ((1920, 1080), 60.0, 5),
            ((3840, 2160), 23.976, 6),
            ((3840, 1600), 24.0, 6),
            ((3840, 2160), 60.0, 9),
            ((7680, 4320), 30.0, 11),
            ((7680, 4320), 300.0, 13),
        ] {
            assert_eq!(level(size, rate), expected, "{size:?} at {rate}");
        }
    }
}
