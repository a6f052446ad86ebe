//! How fast an encoder is on a worker: the same pictures with the same options everywhere, so that workers compare.

use mediaflow_core::media::preset::{RateControl, TargetVideo};

use super::{Args, hardware};
use crate::encoder::VideoEncoder;

/// Five seconds of film in Full HD.
pub const FRAMES: u32 = 150;

/// One second of pictures that is played again and again: making each anew would be slower than a good graphics card.
const PICTURES: &str = "testsrc2=size=1920x1080:rate=30:duration=1,format=yuv420p,loop=loop=-1:size=30";

/// What encodes so many frames into nothing, and says how long it took.
#[must_use]
pub fn speed_args(encoder: VideoEncoder, frames: u32) -> Vec<String> {
    let mut args = Args(Vec::new());
    args.text(&["-hide_banner", "-nostdin", "-nostats", "-benchmark", "-v", "info"]);
    if let Some(gpu) = encoder.gpu {
        hardware::input_options(&mut args, Some(gpu), None);
    }
    args.text(&["-f", "lavfi", "-i", PICTURES]);
    match encoder.gpu {
        // Presets that films are often encoded with.
        None => {
            let preset = if encoder.codec == TargetVideo::Av1 { "8" } else { "fast" };
            args.text(&["-c:v", encoder.name(), "-preset", preset]);
        }
        Some(gpu) => {
            args.stream("filter", 0, hardware::upload(gpu, 8));
            hardware::encoder_options(&mut args, 0, encoder.codec, RateControl::Crf(23), gpu);
        }
    }
    args.text(&["-frames:v", &frames.to_string(), "-f", "null", "-"]);
    args.into_text()
}

/// Frames a second, of what such a run said on its standard error: `bench: utime=5.479s stime=0.932s rtime=14.208s`.
#[must_use]
pub fn parse_speed(stderr_lines: &[String], frames: u32) -> Option<f64> {
    let words = stderr_lines.iter().rev().find_map(|line| line.trim().strip_prefix("bench: utime="))?;
    let seconds = words.split(" rtime=").nth(1)?.trim().strip_suffix('s')?.parse::<f64>().ok()?;
    (seconds > 0.0).then(|| f64::from(frames) / seconds)
}

#[cfg(test)]
mod tests {
    use mediaflow_core::media::hardware::Gpu;

    use super::*;

    #[test]
    fn all_workers_encode_the_same_pictures() {
        let x265 = speed_args(VideoEncoder::cpu(TargetVideo::Hevc), 150).join(" ");
        let nvenc = speed_args(VideoEncoder::on(Gpu::Nvenc, TargetVideo::Hevc), 150).join(" ");
        for args in [&x265, &nvenc] {
            assert!(args.contains(&format!("-f lavfi -i {PICTURES} ")), "{args}");
            assert!(args.ends_with("-frames:v 150 -f null -"), "{args}");
        }
        assert!(x265.contains("-c:v libx265 -preset fast"), "{x265}");
        assert!(nvenc.contains("-filter:0 format=nv12 -c:0 hevc_nvenc"), "{nvenc}");
    }

    /// As 5.1 and 8.0 print it.
    #[test]
    fn the_time_that_passed_counts() {
        let lines = ["frame= 150 fps= 11".to_owned(), "bench: utime=5.479s stime=0.932s rtime=12.500s".to_owned()];
        assert_eq!(parse_speed(&[&lines[..], &["bench: maxrss=528688kB".to_owned()]].concat(), 150), Some(12.0));
        assert_eq!(parse_speed(&lines[..1], 150), None);
        assert_eq!(parse_speed(&["bench: utime=0s stime=0s rtime=0.000s".to_owned()], 150), None);
    }
}
