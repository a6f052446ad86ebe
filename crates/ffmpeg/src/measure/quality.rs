//! The picture's quality: VMAF, or SSIM where the build has no VMAF, on windows of two seconds; and each plane's
//! signal-to-noise ratio, since VMAF takes a grey film for a good one and stretched contrast for a better one.
//!
//! Pictures are paired by their number, not by their time stamp: both sides were decoded and counted before, so the
//! windows are cut between two known frames on each side, and no rounding of a container can pair neighbours.

use std::ffi::{OsStr, OsString};

use mediaflow_core::media::{Container, ResolutionTier};
use mediaflow_core::plan::VideoEncode;
use serde::{Deserialize, Serialize};

use super::windows::Window;
use crate::filters;
use crate::probe::file_url;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Netflix' VMAF, 0 to 100.
    Vmaf,
    /// Structural similarity over all planes, 0 to 1.
    Ssim,
}

impl Metric {
    /// Its name for a person.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vmaf => "VMAF",
            Self::Ssim => "SSIM",
        }
    }

    /// By how much a single frame may fall below the floor of two seconds. Honest encodes stay within 13 of it by VMAF; a
    /// black or garbled frame falls by 70 and more.
    #[must_use]
    pub const fn frame_slack(self) -> f64 {
        match self {
            Self::Vmaf => 30.0,
            Self::Ssim => 0.25,
        }
    }

    /// A score with the digits that mean something.
    #[must_use]
    pub fn show(self, score: f64) -> String {
        match self {
            Self::Vmaf => format!("{score:.1}"),
            Self::Ssim => format!("{score:.4}"),
        }
    }
}

/// What was measured on one pair of frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameScore {
    /// VMAF or SSIM.
    pub score: f64,
    /// Mean square error of each plane, in squares of a sample's unit.
    pub error: PlaneErrors,
    /// The same of tone-mapped pictures made small: what an encoder spoils evens out, what a wrong mapping spoils stays.
    pub tone: Option<PlaneErrors>,
}

/// Mean square errors of one pair of frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaneErrors {
    /// Of brightness.
    pub luma_mse: f64,
    /// Of the worse colour plane.
    pub chroma_mse: f64,
}

/// Signal-to-noise ratios in decibels; infinite where both sides are equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaneRatios {
    /// Of brightness.
    pub luma_db: f64,
    /// Of the worse colour plane.
    pub chroma_db: f64,
}

/// The scores of a video stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    /// What was measured.
    pub metric: Metric,
    /// Mean over all frames that were looked at.
    pub mean: f64,
    /// Mean of the worst window: it decides.
    pub worst: f64,
    /// When the worst window begins in the source, in microseconds from its first frame.
    pub worst_at_us: i64,
    /// The worst single frame: a flash of black hides in a mean of two seconds.
    pub worst_frame: f64,
    /// Signal-to-noise ratio of brightness in the worst window, in decibels; infinite where both are equal.
    pub luma_db: f64,
    /// The same of the worse colour plane.
    pub chroma_db: f64,
    /// Both, of tone-mapped pictures made small, in the worst window.
    pub tone: Option<PlaneRatios>,
    /// How many frames were looked at.
    pub frames: usize,
}

/// Least signal-to-noise ratio of the colour planes in decibels. Encodes down to CRF 28 keep 39 and more; a film that
/// turned grey or got wrong colours has 7 to 26 (`docs/quality.md`).
pub const CHROMA_FLOOR_DB: f64 = 33.0;

/// Least signal-to-noise ratio of brightness in decibels. Encodes at CRF 22 keep 40 and more; a range conversion done
/// twice leaves 28 to 31 (`docs/quality.md`).
pub const LUMA_FLOOR_DB: f64 = 31.5;

/// Least signal-to-noise ratios of tone-mapped pictures made small. Honest encodes keep 46.7 and 49.0 up to CRF 28, and
/// 40.3 and 47.0 at CRF 30; white at 250 cd/m² instead of 203 leaves 32 to 35 of brightness, a lost conversion of the
/// primaries 26 to 36 of colour (`docs/quality.md`).
pub const TONE_FLOOR: PlaneRatios = PlaneRatios { luma_db: 38.0, chroma_db: 41.0 };

/// What one run of the metric looks at.
#[derive(Debug, Clone, Copy)]
pub struct Pairing<'a> {
    /// The output file and its video stream.
    pub output: (&'a OsStr, u32),
    /// The source file and its video stream.
    pub source: (&'a OsStr, u32),
    /// How the source's container seeks.
    pub source_container: Container,
    /// What was done to the pictures.
    pub encode: &'a VideoEncode,
    /// Threads for the metric.
    pub threads: usize,
}

/// Name of the log that the metric writes into its working directory. Relative, since a path inside a filter's options
/// would have to be escaped three times.
pub const QUALITY_LOG: &str = "quality.log";

/// Name of the log with the planes' errors, beside it.
pub const ERROR_LOG: &str = "error.log";

/// Name of the log with those of tone-mapped pictures made small.
pub const TONE_LOG: &str = "tone.log";

/// By how much they are made small: a block that an encoder transforms becomes one dot.
const TONE_SCALE: u32 = 8;

/// Seeking lands on the key frame before; transport streams only know roughly where that is.
const SEEK_MARGIN_US: i64 = 1_000_000;
const LOOSE_SEEK_MARGIN_US: i64 = 12_000_000;

/// Arguments that score windows `from..=to` (neighbours) in one run; `seek` can be switched off for files in which
/// seeking loses frames.
#[must_use]
pub fn quality_args(pairing: Pairing<'_>, metric: Metric, from: &Window, to: &Window, seek: bool) -> Vec<OsString> {
    let mut args = compared_inputs(pairing, from, seek);
    let model = match (metric, ResolutionTier::of(pairing.encode.size.0, pairing.encode.size.1)) {
        (Metric::Vmaf, ResolutionTier::Uhd) => ":model=version=vmaf_4k_v0.6.1",
        _ => "",
    };
    let score = match metric {
        Metric::Vmaf => {
            format!("libvmaf=n_threads={}:log_fmt=json:log_path={}{model}", pairing.threads.max(1), QUALITY_LOG)
        }
        Metric::Ssim => format!("ssim=stats_file={}", QUALITY_LOG),
    };
    let mut scorers = vec![score, format!("psnr=stats_file={ERROR_LOG}")];
    let mut made_small = String::new();
    if compares_tone(pairing.encode) {
        let small = |length: u32| (length / TONE_SCALE).max(2);
        let (width, height) = (small(pairing.encode.size.0), small(pairing.encode.size.1));
        for side in ["out", "ref"] {
            made_small += &format!(";[{side}2]scale={width}:{height}:flags=area[{side}2_small]");
        }
        scorers.push(format!("psnr=stats_file={TONE_LOG}"));
    }
    let count = scorers.len();
    let pads = |side: &str| (0..count).map(|number| format!("[{side}{number}]")).collect::<String>();
    let mut graph = format!(
        "[0:{}]{},{},split={count}{};[1:{}]{},split={count}{}{made_small}",
        pairing.output.1,
        pick((from.output_us.0, to.output_us.1)),
        as_encoded(pairing.encode),
        pads("out"),
        pairing.source.1,
        encoded_within(pairing.encode, (from.source_us.0, to.source_us.1), seek),
        pads("ref"),
    );
    for (number, scorer) in scorers.iter().enumerate() {
        let small = if number == 2 { "_small" } else { "" };
        graph += &format!(";[out{number}{small}][ref{number}{small}]{scorer}[score{number}]");
    }
    args.extend(["-filter_complex".into(), graph.into()]);
    args.extend((0..count).flat_map(|number| ["-map".into(), format!("[score{number}]").into()]));
    args.extend(["-f", "null", "-"].map(OsString::from));
    args
}

/// Whether [`TONE_LOG`] is written: where pictures were tone-mapped.
#[must_use]
pub fn compares_tone(encode: &VideoEncode) -> bool {
    encode.tone_map.is_some()
}

/// Both files, the output first, read from where a window begins.
pub(super) fn compared_inputs(pairing: Pairing<'_>, from: &Window, seek: bool) -> Vec<OsString> {
    let mut args: Vec<OsString> =
        ["-hide_banner", "-nostdin", "-v", "error", "-copyts"].iter().map(OsString::from).collect();
    let source_margin = seek_margin_us(pairing.source_container);
    for (file, begin, margin) in
        [(pairing.output.0, from.output_us.0, SEEK_MARGIN_US), (pairing.source.0, from.source_us.0, source_margin)]
    {
        if seek && begin > margin {
            args.extend(seek_to(begin - margin).map(OsString::from));
        }
        args.push("-i".into());
        args.push(file_url(file));
    }
    args
}

/// What the encoder was given of the source between two times, counted instead of timed. Filters see a little more, since
/// some look at neighbours; what they read beside is sought where the source is.
pub(super) fn encoded_within(encode: &VideoEncode, (begin_us, end_us): (i64, i64), seek: bool) -> String {
    let begin = begin_us - SEEK_MARGIN_US;
    let seen = trim(begin, end_us + SEEK_MARGIN_US);
    format!("{seen},{},{}", filters::picture_from(encode, seek.then_some(begin)), pick((begin_us, end_us)))
}

/// The frames between two times, counted instead of timed.
pub(super) fn pick((begin_us, end_us): (i64, i64)) -> String {
    format!("{},settb=AVTB,setpts=N*40000", trim(begin_us, end_us))
}

/// Decoded pictures of the output in the format that they were encoded from. Eight bits of full range are another format
/// to older builds, which would stretch the levels on the way.
pub(super) fn as_encoded(encode: &VideoEncode) -> String {
    let range = if encode.color.range.as_deref() == Some("pc") { "scale=in_range=pc:out_range=pc," } else { "" };
    format!("{range}format={}", encode.pixel_format)
}

/// By how much before a frame to begin reading, so that it is decoded whole.
pub(crate) fn seek_margin_us(container: Container) -> i64 {
    if container.frames_packets_differently() { LOOSE_SEEK_MARGIN_US } else { SEEK_MARGIN_US }
}

/// Begins reading there; absolute, as the times of the frames are. Needs `-copyts`. What is read before that time is not
/// cut off: ffmpeg would count it from the beginning of the file, and lose everything of one that begins late.
pub(crate) fn seek_to(us: i64) -> [String; 5] {
    ["-seek_timestamp", "1", "-noaccurate_seek", "-ss", &seconds(us)].map(str::to_owned)
}

/// Lets only the frames between two times through.
pub(crate) fn trim(begin_us: i64, end_us: i64) -> String {
    format!("trim=start={}:end={}", seconds(begin_us), seconds(end_us))
}

/// As ffmpeg's options take a time.
pub(crate) fn seconds(us: i64) -> String {
    format!("{}{}.{:06}", if us < 0 { "-" } else { "" }, us.abs() / 1_000_000, us.abs() % 1_000_000)
}

/// One score a frame, in order, from the metric's log; `None` if it is not that.
#[must_use]
pub fn parse_scores(metric: Metric, log: &str) -> Option<Vec<f64>> {
    match metric {
        Metric::Vmaf => {
            let log: serde_json::Value = serde_json::from_str(log).ok()?;
            log["frames"].as_array()?.iter().map(|frame| frame["metrics"]["vmaf"].as_f64()).collect()
        }
        Metric::Ssim => log
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.split_whitespace().find_map(|word| word.strip_prefix("All:"))?.parse().ok())
            .collect(),
    }
}

/// One entry a frame from the log of the `psnr` filter; `None` if it is not that. Pictures without colour planes have none
/// to lose.
#[must_use]
pub fn parse_errors(log: &str) -> Option<Vec<PlaneErrors>> {
    let field = |line: &str, name: &str| line.split_whitespace().find_map(|word| word.strip_prefix(name)?.parse().ok());
    log.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let luma_mse = field(line, "mse_y:")?;
            let (u, v): (Option<f64>, Option<f64>) = (field(line, "mse_u:"), field(line, "mse_v:"));
            Some(PlaneErrors { luma_mse, chroma_mse: u.unwrap_or(0.0).max(v.unwrap_or(0.0)) })
        })
        .collect()
}

impl Quality {
    /// Pools the scores of windows; `scores` has one list a window, `pixel_format` tells how large a sample can be. `None`
    /// without any frame.
    #[must_use]
    pub fn pool(
        metric: Metric,
        pixel_format: &str,
        scores: &[(Window, Vec<FrameScore>)],
        origin_us: i64,
    ) -> Option<Self> {
        let scored = || scores.iter().filter(|(_, frames)| !frames.is_empty());
        let all: Vec<FrameScore> = scored().flat_map(|(_, frames)| frames.iter().copied()).collect();
        let (worst, window) = scored()
            .map(|(window, frames)| (mean(frames, |frame| frame.score), window))
            .min_by(|a, b| a.0.total_cmp(&b.0))?;
        let peak: f64 = if pixel_format.contains("10") { 1023.0 } else { 255.0 };
        let worst_db = |of: &dyn Fn(&FrameScore) -> f64| {
            let error = scored().map(|(_, frames)| mean(frames, of)).fold(0.0, f64::max);
            10.0 * (peak * peak / error).log10()
        };
        let ratios = |of: &dyn Fn(&FrameScore) -> PlaneErrors| PlaneRatios {
            luma_db: worst_db(&|frame| of(frame).luma_mse),
            chroma_db: worst_db(&|frame| of(frame).chroma_mse),
        };
        let planes = ratios(&|frame| frame.error);
        let has_tone = all.iter().all(|frame| frame.tone.is_some());
        let tone = has_tone.then(|| ratios(&|frame| frame.tone.unwrap_or(frame.error)));
        Some(Self {
            metric,
            mean: mean(&all, |frame| frame.score),
            worst,
            worst_at_us: (window.source_us.0 - origin_us).max(0),
            worst_frame: all.iter().map(|frame| frame.score).fold(f64::INFINITY, f64::min),
            luma_db: planes.luma_db,
            chroma_db: planes.chroma_db,
            tone,
            frames: all.len(),
        })
    }
}

fn mean(frames: &[FrameScore], of: impl Fn(&FrameScore) -> f64) -> f64 {
    #[allow(clippy::cast_precision_loss)]
    let count = frames.len() as f64;
    frames.iter().map(of).sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_window_decides() {
        let window = |first: usize, at_us| Window {
            first,
            end: first + 50,
            source_us: (at_us, at_us + 2_000_000),
            output_us: (0, 0),
        };
        let windows = [window(0, -1_000_000), window(50, 1_980_000)];
        let scored = |score, chroma_mse| {
            vec![FrameScore { score, error: PlaneErrors { luma_mse: 65.025, chroma_mse }, tone: None }; 50]
        };
        let mut scores = vec![(windows[0].clone(), scored(98.0, 650.25)), (windows[1].clone(), scored(70.0, 0.0))];
        scores[0].1[7].score = 3.0;
        scores[0].1[8].score = 98.0 + 95.0;
        let quality = Quality::pool(Metric::Vmaf, "yuv420p", &scores, 0).unwrap();
        assert_eq!((quality.mean, quality.worst, quality.worst_at_us), (84.0, 70.0, 1_980_000));
        assert_eq!(quality.worst_frame, 3.0);
        assert!((quality.chroma_db - 20.0).abs() < 1e-9, "{} dB", quality.chroma_db);
        assert!((quality.luma_db - 30.0).abs() < 1e-9, "{} dB", quality.luma_db);
        assert_eq!(Quality::pool(Metric::Vmaf, "yuv420p", &[], 0), None);
    }

    #[test]
    fn the_worse_colour_plane_of_each_frame_counts() {
        let log = "n:1 mse_avg:0.4 mse_y:0.5 mse_u:0.25 mse_v:9.5 psnr_avg:52 psnr_y:51 psnr_u:54 psnr_v:38\n\
                   n:2 mse_avg:0 mse_y:0 psnr_avg:inf psnr_y:inf\n";
        let errors = |luma_mse, chroma_mse| PlaneErrors { luma_mse, chroma_mse };
        assert_eq!(parse_errors(log), Some(vec![errors(0.5, 9.5), errors(0.0, 0.0)]));
        assert_eq!(parse_errors("noise"), None);
    }

    #[test]
    fn scores_are_read_from_either_log() {
        let json = r#"{"frames":[{"frameNum":0,"metrics":{"vmaf":97.5}},{"frameNum":1,"metrics":{"vmaf":96.0}}]}"#;
        assert_eq!(parse_scores(Metric::Vmaf, json), Some(vec![97.5, 96.0]));
        let ssim = "n:1 Y:0.99 U:0.98 V:0.97 All:0.985 (18.2)\nn:2 Y:1 U:1 V:1 All:0.99 (20)\n";
        assert_eq!(parse_scores(Metric::Ssim, ssim), Some(vec![0.985, 0.99]));
        assert_eq!(parse_scores(Metric::Vmaf, "not json"), None);
    }
}
