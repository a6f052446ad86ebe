//! Dolby Vision: its metadata (RPU) of one picture, and the configuration record of a track.

use dolby_vision::av1::{ITU_T35_DOVI_RPU_PAYLOAD_HEADER, convert_regular_rpu_to_av1_payload};
use dolby_vision::rpu::ConversionMode;
use dolby_vision::rpu::dovi_rpu::DoviRpu;
use dolby_vision::rpu::extension_metadata::blocks::ExtMetadataBlock;
use mediaflow_core::media::color::DolbyVision;
use mediaflow_core::plan::{DolbyVisionPlan, Reshape};

use crate::hevc;

/// Length of a configuration record in bytes (Dolby Vision Streams Within the ISO Base Media File Format, 3.2).
const RECORD_BYTES: usize = 24;

/// `itu_t_t35_country_code` of the United States.
pub(crate) const COUNTRY_US: u8 = 0xB5;

/// The metadata of one picture: the bytes from the prefix 0x19 to the last one, 0x80, whatever they were wrapped in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rpu(Vec<u8>);

impl Rpu {
    /// From these bytes, and zeros that may follow.
    #[must_use]
    pub fn new(mut bytes: Vec<u8>) -> Self {
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        bytes.truncate(end);
        Self(bytes)
    }

    /// Out of a NAL unit of type 62.
    pub(crate) fn from_hevc(unit: &[u8]) -> Self {
        Self::new(hevc::unescape(unit.get(2..).unwrap_or_default()))
    }

    /// Out of a T.35 message.
    pub(crate) fn from_av1(message: &[u8]) -> Result<Self, String> {
        let parsed = DoviRpu::parse_itu_t35_dovi_metadata_obu(message).map_err(unreadable)?;
        Ok(Self::new(parsed.write_rpu().map_err(unreadable)?))
    }

    /// Whether a T.35 message of AV1 is Dolby Vision.
    #[must_use]
    pub(crate) fn is_message(message: &[u8]) -> bool {
        message.strip_prefix(&[COUNTRY_US]).is_some_and(|rest| rest.starts_with(ITU_T35_DOVI_RPU_PAYLOAD_HEADER))
    }

    /// The bytes.
    #[must_use]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As a NAL unit.
    #[must_use]
    pub(crate) fn to_hevc(&self) -> Vec<u8> {
        [&[0x7C, 0x01], hevc::escape(&self.0).as_slice()].concat()
    }

    /// As a T.35 message.
    pub(crate) fn to_av1(&self) -> Result<Vec<u8>, String> {
        let payload = convert_regular_rpu_to_av1_payload(&self.0).map_err(unreadable)?;
        Ok([&[COUNTRY_US], payload.as_slice()].concat())
    }

    /// As the plan wants it: another profile, and active areas that follow the picture's new shape. What needs no change
    /// keeps every byte.
    pub(crate) fn converted(self, plan: DolbyVisionPlan, reshape: Option<Reshape>) -> Result<Self, String> {
        let mut rpu = DoviRpu::parse_rpu(&self.0).map_err(unreadable)?;
        let is_expected = match (plan.from.profile, plan.from.compatibility) {
            // A track of AV1 calls itself profile 10 whatever its metadata is like.
            (10, 0) => rpu.dovi_profile == 5,
            (10, _) => rpu.dovi_profile == 8,
            // The file does not say it.
            (0, _) => matches!(rpu.dovi_profile, 7 | 8),
            (profile, _) => rpu.dovi_profile == profile,
        };
        if !is_expected {
            return Err(format!(
                "its Dolby Vision metadata is of profile {}, and the file says {}",
                rpu.dovi_profile, plan.from
            ));
        }
        if rpu.header.use_prev_vdr_rpu_flag {
            return Err("its Dolby Vision metadata only repeats that of another picture".to_owned());
        }
        if rpu.dovi_profile == 7 {
            rpu.convert_with_mode(ConversionMode::To81).map_err(unreadable)?;
        }
        if let Some(reshape) = reshape {
            let area = rpu.vdr_dm_data.as_ref().and_then(|data| data.get_block(5)).cloned();
            if let Some(ExtMetadataBlock::Level5(area)) = area {
                let [left, right, top, bottom] = moved(reshape, area.get_offsets());
                rpu.set_active_area_offsets(left, right, top, bottom).map_err(unreadable)?;
            }
        }
        if !rpu.modified {
            return Ok(self);
        }
        Ok(Self::new(rpu.write_rpu().map_err(unreadable)?))
    }
}

/// Black bars around the active area, in pixels of the output.
fn moved(reshape: Reshape, (left, right, top, bottom): (u16, u16, u16, u16)) -> [u16; 4] {
    let [left, right, top, bottom] = match reshape.turned_deg {
        90 => [bottom, top, left, right],
        180 => [right, left, bottom, top],
        270 => [top, bottom, right, left],
        _ => [left, right, top, bottom],
    };
    let scaled = |offset: u16, from: u32, to: u32| {
        let exact = (u64::from(offset) * u64::from(to) + u64::from(from) / 2) / u64::from(from.max(1));
        u16::try_from(exact).unwrap_or(offset)
    };
    let ((from_width, from_height), (width, height)) = (reshape.from, reshape.to);
    [
        scaled(left, from_width, width),
        scaled(right, from_width, width),
        scaled(top, from_height, height),
        scaled(bottom, from_height, height),
    ]
}

/// The configuration record of a track with metadata and a base layer, and its identifier as containers name it.
#[must_use]
pub fn record(profile: DolbyVision) -> ([u8; 4], [u8; RECORD_BYTES]) {
    let mut bytes = [0; RECORD_BYTES];
    // Version 1.0.
    bytes[0] = 1;
    let (has_rpu, has_enhancement, has_base) = (1 << 2, 0, 1);
    bytes[2] = profile.profile << 1 | profile.level >> 5;
    bytes[3] = profile.level << 3 | has_rpu | has_enhancement | has_base;
    bytes[4] = profile.compatibility << 4;
    (if profile.profile > 7 { *b"dvvC" } else { *b"dvcC" }, bytes)
}

fn unreadable(error: impl std::fmt::Display) -> String {
    format!("its Dolby Vision metadata cannot be used: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_bars_turn_and_shrink_with_the_picture() {
        let bars = (2, 4, 276, 278);
        let reshape = |turned_deg, from, to| Reshape { turned_deg, from, to };
        assert_eq!(moved(reshape(0, (3840, 2160), (1920, 1080)), bars), [1, 2, 138, 139]);
        assert_eq!(moved(reshape(90, (2160, 3840), (2160, 3840)), bars), [278, 276, 2, 4]);
        assert_eq!(moved(reshape(270, (2160, 3840), (2160, 3840)), bars), [276, 278, 4, 2]);
    }

    #[test]
    fn a_record_says_profile_level_and_compatibility() {
        let to = DolbyVision { profile: 8, compatibility: 1, level: 6, ..DolbyVision::default() };
        let (name, bytes) = record(to);
        assert_eq!((&name, &bytes[..5]), (b"dvvC", [1, 0, 0x10, 0x35, 0x10].as_slice()));
    }
}
