//! What is done to pictures before they are encoded, and before they are compared: the same chain in both places.

use mediaflow_core::media::color::MasteringDisplay;
use mediaflow_core::media::preset::RateControl;
use mediaflow_core::plan::{ToneMap, VideoEncode};

use crate::burn_in::draw;
use crate::flags;

/// The filter chain from decoded source pictures to what the encoder is given.
#[must_use]
pub fn picture(encode: &VideoEncode) -> String {
    picture_from(encode, None)
}

/// The same for pictures from a time on, in microseconds of the file that is drawn from: nothing before it is read.
pub(crate) fn picture_from(encode: &VideoEncode, begin_us: Option<i64>) -> String {
    let mut chain: Vec<String> = Vec::new();
    if encode.deinterlace {
        let which = if encode.only_flagged { "interlaced" } else { "all" };
        chain.push(format!("bwdif=mode=send_frame:parity=auto:deint={which}"));
    }
    let (width, height) = encode.size;
    let (from_width, from_height) = encode.source_size;
    let full_range = encode.color.range.as_deref() == Some("pc");
    let range = if full_range { ":in_range=pc:out_range=pc" } else { "" };
    if (width, height) == (from_width & !1, from_height & !1) {
        if encode.size != encode.source_size {
            // One odd line or column cannot be coded in 4:2:0; cutting it keeps every other pixel as it is.
            chain.push(format!("crop={width}:{height}:0:0"));
        }
        if full_range {
            chain.push("scale=in_range=pc:out_range=pc".to_owned());
        }
    } else {
        chain.push(format!("scale={width}:{height}:flags=lanczos{range}"));
    }
    if let Some(map) = &encode.tone_map {
        chain.push(tone_map(map));
    }
    chain.extend(flags::values(&encode.flags, flags::FILTER).map(str::to_owned));
    chain.push(format!("format={}", encode.pixel_format));
    chain.extend(encode.burn_in.as_ref().map(|burn_in| draw(encode, burn_in, begin_us)));
    chain.push(format!("setsar={}", encode.sample_aspect));
    chain.extend(color(encode));
    chain.join(",")
}

/// Luminance of white paper in HDR, which becomes (nearly) the white of SDR, in cd/m² (ITU-R BT.2408).
const REFERENCE_WHITE_NITS: u32 = 203;

/// HDR to BT.709, in linear light: what is darker than white paper stays as bright as it is, what is brighter is rolled
/// off, so that the film's brightest light is the brightest white.
pub(crate) fn tone_map(map: &ToneMap) -> String {
    let from = |value: &Option<String>, usual: &str| value.clone().unwrap_or_else(|| usual.to_owned());
    let peak_nits = map.measured_nits.unwrap_or(map.peak_nits);
    let peak = f64::from(peak_nits.max(REFERENCE_WHITE_NITS)) / f64::from(REFERENCE_WHITE_NITS);
    format!(
        "zscale=pin={}:tin={}:min={}:rin={}:t=linear:npl={REFERENCE_WHITE_NITS},format=gbrpf32le,zscale=p=bt709,\
         tonemap=tonemap=mobius:desat=0:peak={peak:.3},zscale=t=bt709:m=bt709:r=tv",
        from(&map.from.primaries, "bt2020"),
        from(&map.from.transfer, "smpte2084"),
        from(&map.from.matrix, "bt2020nc"),
        from(&map.from.range, "tv"),
    )
}

/// Marks pictures with the colours that the plan promises, so that the encoder writes those and no others.
fn color(encode: &VideoEncode) -> Option<String> {
    let color = &encode.color;
    let params: Vec<String> = [
        ("range", &color.range),
        ("color_primaries", &color.primaries),
        ("color_trc", &color.transfer),
        ("colorspace", &color.matrix),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name}={value}")))
    .collect();
    (!params.is_empty()).then(|| format!("setparams={}", params.join(":")))
}

/// x265's own parameters: its settings and figures for the log, a hash of every picture, and static HDR metadata where the source has it.
///
/// The hashes (57 bytes a frame) let a decoder tell, now and in ten years, that a picture is bit for bit what was encoded:
/// a hole in a packet otherwise decodes to a smear without a single error.
#[must_use]
pub fn x265_params(encode: &VideoEncode) -> String {
    let mut params = vec!["log-level=info:hash=1".to_owned()];
    if let Some(display) = &encode.mastering {
        params.push(format!("master-display={}", mastering_integers(display)));
    }
    if let Some(light) = &encode.light {
        params.push(format!("max-cll={},{}", light.max_content, light.max_average));
    }
    if matches!(encode.rate, RateControl::ConstantBitrate(_)) {
        params.push("strict-cbr=1".to_owned());
    }
    if encode.color.transfer.as_deref() == Some("smpte2084") {
        // Headers in front of every key frame, so that a player that joins in the middle knows the colours.
        params.push("repeat-headers=1".to_owned());
    }
    params.join(":")
}

/// SVT-AV1's own parameters, where there is HDR metadata to carry.
#[must_use]
pub fn svtav1_params(encode: &VideoEncode) -> Option<String> {
    let mut params = Vec::new();
    if let Some(display) = &encode.mastering {
        params.push(format!("mastering-display={}", mastering_decimals(display)));
    }
    if let Some(light) = &encode.light {
        params.push(format!("content-light={},{}", light.max_content, light.max_average));
    }
    if encode.absurd_rate {
        // It refuses more than 240 frames a second; pictures keep their own times, whatever rate it is told.
        params.push("fps-num=25:fps-denom=1".to_owned());
    }
    (!params.is_empty()).then(|| params.join(":"))
}

/// x265 takes the integers of SMPTE ST 2086.
fn mastering_integers(d: &MasteringDisplay) -> String {
    format!(
        "G({},{})B({},{})R({},{})WP({},{})L({},{})",
        d.green.0,
        d.green.1,
        d.blue.0,
        d.blue.1,
        d.red.0,
        d.red.1,
        d.white.0,
        d.white.1,
        d.max_luminance,
        d.min_luminance
    )
}

/// SVT-AV1 takes the real values.
fn mastering_decimals(d: &MasteringDisplay) -> String {
    let xy = |(x, y): (u32, u32)| format!("({:.5},{:.5})", f64::from(x) / 50_000.0, f64::from(y) / 50_000.0);
    format!(
        "G{}B{}R{}WP{}L({:.4},{:.4})",
        xy(d.green),
        xy(d.blue),
        xy(d.red),
        xy(d.white),
        f64::from(d.max_luminance) / 10_000.0,
        f64::from(d.min_luminance) / 10_000.0
    )
}
