//! The brightest light of PQ pictures, for a film that does not tell it.

use std::ffi::{OsStr, OsString};

use mediaflow_core::media::color::ColorInfo;

use super::{map, start, words};

/// Prints the brightest luma of every key frame, a picture every few seconds, which is what a film is seen by in a fiftieth
/// of the time. Pictures are made small first, so that a single bright grain does not count.
#[must_use]
pub fn peak_args(path: &OsStr, index: u32, color: &ColorInfo) -> Vec<OsString> {
    let mut args = start(path, None);
    let input = args.iter().position(|arg| arg == "-i").unwrap_or(args.len());
    args.splice(input..input, ["-skip_frame", "nokey"].map(OsString::from));
    map(&mut args, &[index]);
    let range = if is_full_range(color) { "pc" } else { "tv" };
    let filter = format!(
        "scale=w='min(480,iw)':h=-2:flags=area:in_range={range}:out_range={range},format=yuv420p10le,signalstats,\
         metadata=print:key={KEY}:file=-"
    );
    words(&mut args, &["-vf", &filter, "-fps_mode", "passthrough", "-f", "null", "-"]);
    args
}

const KEY: &str = "lavfi.signalstats.YMAX";

/// The brightest light in cd/m² of what [`peak_args`] prints.
#[must_use]
pub fn parse_peak(text: &str, color: &ColorInfo) -> Option<u32> {
    let codes = text.lines().filter_map(|line| line.strip_prefix(KEY)?.strip_prefix('=')?.parse::<f64>().ok());
    let brightest = codes.fold(None, |most: Option<f64>, code| Some(most.map_or(code, |most| most.max(code))))?;
    // Ten bits: all codes, or those between the limits.
    let signal = if is_full_range(color) { brightest / 1023.0 } else { (brightest - 64.0) / 876.0 };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let nits = pq_nits(signal.clamp(0.0, 1.0)).round() as u32;
    Some(nits)
}

fn is_full_range(color: &ColorInfo) -> bool {
    color.range.as_deref() == Some("pc")
}

/// Luminance in cd/m² of a PQ signal from 0 to 1 (SMPTE ST 2084, 4.1).
fn pq_nits(signal: f64) -> f64 {
    const M1: f64 = 2610.0 / 16384.0;
    const M2: f64 = 2523.0 / 4096.0 * 128.0;
    const C1: f64 = 3424.0 / 4096.0;
    const C2: f64 = 2413.0 / 4096.0 * 32.0;
    const C3: f64 = 2392.0 / 4096.0 * 32.0;
    let power = signal.powf(1.0 / M2);
    ((power - C1).max(0.0) / (C2 - C3 * power)).powf(1.0 / M1) * 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_light() {
        let printed =
            "frame:0 pts:0 pts_time:0\nlavfi.signalstats.YMAX=573\nframe:1 pts:9\nlavfi.signalstats.YMAX=723\n";
        let limited = ColorInfo::default();
        assert!((990..=1010).contains(&parse_peak(printed, &limited).unwrap()), "{:?}", parse_peak(printed, &limited));
        assert!((200..=206).contains(&parse_peak("lavfi.signalstats.YMAX=573", &limited).unwrap()));
        let full = ColorInfo { range: Some("pc".to_owned()), ..limited.clone() };
        assert_eq!(parse_peak("lavfi.signalstats.YMAX=1023", &full), Some(10_000));
        assert_eq!(parse_peak("nothing", &limited), None);
    }
}
