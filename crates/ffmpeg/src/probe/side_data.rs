//! Side data of streams and frames: HDR metadata, rotation, captions.

use mediaflow_core::media::color::{ContentLight, DolbyVision, HdrInfo, MasteringDisplay};

use super::raw::SideData;

/// Luminance in SMPTE ST 2086 is counted in 1/10,000 cd/m², chromaticity in 1/50,000.
const LUMINANCE_UNIT: f64 = 10_000.0;
const CHROMATICITY_UNIT: f64 = 50_000.0;

pub(super) fn hdr<'a>(list: impl Iterator<Item = &'a SideData>) -> HdrInfo {
    let mut hdr = HdrInfo::default();
    for data in list {
        match data.side_data_type.as_str() {
            "Mastering display metadata" => hdr.mastering = hdr.mastering.or_else(|| mastering(data)),
            "Content light level metadata" => {
                // Zero in both is the standard's way to say "unknown".
                hdr.light = hdr.light.or_else(|| {
                    Some(ContentLight { max_content: data.max_content?, max_average: data.max_average? })
                        .filter(|light| light.max_content != 0 || light.max_average != 0)
                });
            }
            "DOVI configuration record" => {
                hdr.dolby_vision = Some(DolbyVision {
                    profile: data.dv_profile.unwrap_or(0),
                    compatibility: data.dv_bl_signal_compatibility_id.unwrap_or(0),
                    level: data.dv_level.unwrap_or(0),
                    enhancement_only: data.bl_present_flag == Some(0),
                });
            }
            kind if kind.contains("Dolby Vision RPU") || kind.contains("Dolby Vision Metadata") => {
                hdr.dolby_vision = hdr.dolby_vision.or(Some(DolbyVision::default()));
            }
            kind if kind.contains("SMPTE2094-40") || kind.contains("HDR10+") => hdr.hdr10_plus = true,
            _ => {}
        }
    }
    hdr
}

fn mastering(data: &SideData) -> Option<MasteringDisplay> {
    let scaled = |text: &Option<String>, unit: f64| -> Option<u32> {
        let (num, den) = text.as_deref()?.split_once('/')?;
        let (num, den): (f64, f64) = (num.parse().ok()?, den.parse().ok()?);
        let value = (num / den * unit).round();
        // A zero is a legal value here (black is 0), a zero denominator is not.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (den != 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value)).then_some(value as u32)
    };
    let point = |x, y| Some((scaled(x, CHROMATICITY_UNIT)?, scaled(y, CHROMATICITY_UNIT)?));
    Some(MasteringDisplay {
        red: point(&data.red_x, &data.red_y)?,
        green: point(&data.green_x, &data.green_y)?,
        blue: point(&data.blue_x, &data.blue_y)?,
        white: point(&data.white_point_x, &data.white_point_y)?,
        min_luminance: scaled(&data.min_luminance, LUMINANCE_UNIT)?,
        max_luminance: scaled(&data.max_luminance, LUMINANCE_UNIT)?,
    })
}

/// The clockwise turn that a player applies. ffprobe prints the matrix's own, counter-clockwise angle.
pub(super) fn rotation(list: &[SideData]) -> u16 {
    let Some(angle) = list.iter().find(|data| data.displaymatrix.is_some()).and_then(|data| data.rotation) else {
        return 0;
    };
    let quarter_turns = (-angle / 90.0).round().rem_euclid(4.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let turns = quarter_turns as u16;
    turns * 90
}

pub(super) fn has_captions<'a>(mut list: impl Iterator<Item = &'a SideData>) -> bool {
    list.any(|data| data.side_data_type.contains("Closed Captions"))
}

pub(super) fn is_spatial(list: &[SideData]) -> bool {
    list.iter().any(|data| {
        let kind = data.side_data_type.as_str();
        kind.contains("Stereo 3D") || kind.contains("Spherical")
    })
}
