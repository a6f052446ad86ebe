//! ffprobe's JSON as it comes: numbers as strings, anything may be absent.

use std::collections::BTreeMap;

use mediaflow_core::media::{Ratio, Tags};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Probe {
    pub format: Option<Format>,
    #[serde(default)]
    pub streams: Vec<Stream>,
    #[serde(default)]
    pub chapters: Vec<Chapter>,
    #[serde(default)]
    pub frames: Vec<Frame>,
}

#[derive(Deserialize)]
pub(super) struct Format {
    pub format_name: String,
    pub size: Option<String>,
    pub duration: Option<String>,
    pub bit_rate: Option<String>,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Deserialize)]
pub(super) struct Chapter {
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Deserialize)]
pub(super) struct Stream {
    pub index: u32,
    pub codec_name: Option<String>,
    pub codec_type: Option<String>,
    pub profile: Option<String>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub sample_aspect_ratio: Option<String>,
    pub pix_fmt: Option<String>,
    pub field_order: Option<String>,
    pub r_frame_rate: Option<String>,
    pub avg_frame_rate: Option<String>,
    pub color_range: Option<String>,
    pub color_space: Option<String>,
    pub color_transfer: Option<String>,
    pub color_primaries: Option<String>,
    pub chroma_location: Option<String>,
    pub bits_per_raw_sample: Option<String>,
    pub closed_captions: Option<u8>,
    pub channels: Option<u32>,
    pub channel_layout: Option<String>,
    pub sample_rate: Option<String>,
    pub bit_rate: Option<String>,
    pub start_time: Option<String>,
    pub duration: Option<String>,
    pub extradata_hash: Option<String>,
    #[serde(default)]
    pub disposition: BTreeMap<String, u8>,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub side_data_list: Vec<SideData>,
}

#[derive(Deserialize)]
pub(super) struct Frame {
    pub stream_index: Option<u32>,
    pub interlaced_frame: Option<u8>,
    #[serde(default)]
    pub side_data_list: Vec<SideData>,
}

#[derive(Deserialize, Default)]
pub(super) struct SideData {
    #[serde(default)]
    pub side_data_type: String,
    pub rotation: Option<f64>,
    pub displaymatrix: Option<String>,
    pub dv_profile: Option<u8>,
    pub dv_bl_signal_compatibility_id: Option<u8>,
    pub dv_level: Option<u8>,
    pub bl_present_flag: Option<u8>,
    pub red_x: Option<String>,
    pub red_y: Option<String>,
    pub green_x: Option<String>,
    pub green_y: Option<String>,
    pub blue_x: Option<String>,
    pub blue_y: Option<String>,
    pub white_point_x: Option<String>,
    pub white_point_y: Option<String>,
    pub min_luminance: Option<String>,
    pub max_luminance: Option<String>,
    pub max_content: Option<u32>,
    pub max_average: Option<u32>,
}

pub(super) fn integer(text: Option<&str>) -> Option<u64> {
    text?.parse().ok()
}

/// Decimal seconds to microseconds, without passing through a float: `"3.0417"` is 3,041,700.
pub(super) fn seconds_to_us(text: Option<&str>) -> Option<i64> {
    let text = text?;
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().ok()?;
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let total = whole.checked_mul(1_000_000)?.checked_add(micros)?;
    Some(if negative { -total } else { total })
}

pub(super) fn ratio(text: Option<&str>, separator: char) -> Option<Ratio> {
    let (num, den) = text?.split_once(separator)?;
    Ratio::new(num.parse().ok()?, den.parse().ok()?)
}
