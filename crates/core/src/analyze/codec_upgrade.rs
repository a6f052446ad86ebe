//! Codec modernization: pictures in an old codec, which a newer one holds in less space.

use super::estimate::{Basis, Estimate, estimate};
use super::{Context, Finding, Item, Kind, Severity, VideoFacts, priority};
use crate::media::preset::DEFAULT_PRESET;
use crate::media::{Generation, generation};
use crate::text;

/// What the default preset encodes to.
const TARGET: &str = "hevc";

/// Whether a codec leaves enough to gain to look at its files at all: everything older than HEVC and VP9. These are
/// the six of `facts` §5 and their contemporaries (DivX 3, WMV 7 and 8, Sorenson, `RealVideo`, Theora, VP6, VP8).
#[must_use]
pub fn is_outdated_codec(codec: &str) -> bool {
    generation(codec) > Generation(1)
}

/// Finds files that re-encoding to HEVC makes smaller by enough.
pub(super) fn analyze(items: &[Item], context: &Context<'_>) -> Vec<Finding> {
    items.iter().filter_map(|item| look(item, context)).collect()
}

fn look(item: &Item, context: &Context<'_>) -> Option<Finding> {
    let video = item.video.as_ref().filter(|video| is_outdated_codec(&video.codec))?;
    let estimate = estimate(item, TARGET, context.learned)?;
    let least = u128::from(item.size_bytes) * u128::from(context.thresholds.min_savings_percent) / 100;
    if estimate.savings_bytes == 0 || u128::from(estimate.savings_bytes) < least {
        return None;
    }
    let severity =
        if item.size_bytes > context.thresholds.large_file_bytes { Severity::Warning } else { Severity::Info };
    Some(Finding {
        file_id: item.file_id,
        kind: Kind::CodecUpgrade,
        severity,
        title: format!("{}: {} to HEVC", item.title, codec_name(&video.codec)),
        reason: reason(item, video, &estimate),
        savings_bytes: estimate.savings_bytes,
        confidence: estimate.confidence,
        priority: priority::score(item.size_bytes, &video.codec, estimate.confidence, item.play_count),
        preset: DEFAULT_PRESET,
    })
}

fn reason(item: &Item, video: &VideoFacts, estimate: &Estimate) -> String {
    let basis = match estimate.basis {
        Basis::Learned { jobs } => format!("as {jobs} of your own files did"),
        Basis::Table => "as is usual for this codec".to_owned(),
        Basis::Bitrate => format!("its bitrate is far above what {} needs", video.tier),
        Basis::Fallback => "a rough guess".to_owned(),
        Basis::Floor => "not more, because its bitrate is low already".to_owned(),
    };
    format!(
        "{} {} in {}: HEVC would save about {} ({basis}).",
        video.tier,
        codec_name(&video.codec),
        text::bytes(item.size_bytes),
        text::bytes(estimate.savings_bytes),
    )
}

/// The codec as people write it.
fn codec_name(codec: &str) -> &str {
    match codec {
        "h264" => "H.264",
        "mpeg1video" => "MPEG-1",
        "mpeg2video" => "MPEG-2",
        "mpeg4" => "MPEG-4",
        "msmpeg4v1" | "msmpeg4v2" | "msmpeg4v3" => "Microsoft MPEG-4",
        "wmv1" | "wmv2" | "wmv3" => "Windows Media Video",
        "vc1" => "VC-1",
        "theora" => "Theora",
        "vp6" | "vp6f" => "VP6",
        "vp8" => "VP8",
        "flv1" => "Sorenson",
        "h263" => "H.263",
        "rv30" | "rv40" => "RealVideo",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::{GB, item, timed};
    use super::super::{LearnedRatios, Thresholds};
    use super::*;

    fn find(item: &Item) -> Option<Finding> {
        let (thresholds, learned) = (Thresholds::default(), LearnedRatios::default());
        let context = Context { thresholds: &thresholds, learned: &learned };
        analyze(std::slice::from_ref(item), &context).pop()
    }

    #[test]
    fn old_codecs_are_found_and_efficient_ones_are_not() {
        for (codec, megabytes) in [
            ("h264", Some(450)),
            ("mpeg4", Some(600)),
            ("vc1", Some(550)),
            ("wmv3", Some(600)),
            ("mpeg2video", Some(700)),
            ("mpeg1video", Some(400)),
            ("msmpeg4v3", Some(400)),
            ("vp8", Some(400)),
            ("hevc", None),
            ("av1", None),
            ("vp9", None),
            ("prores", None),
            ("unknown", None),
        ] {
            let savings = find(&item(codec, GB)).map(|finding| finding.savings_bytes / 1_000_000);
            assert_eq!(savings, megabytes, "{codec}");
        }
    }

    #[test]
    fn files_above_ten_gigabytes_are_a_warning() {
        for (bytes, severity) in [(10 * GB, Severity::Info), (10 * GB + 1, Severity::Warning)] {
            assert_eq!(find(&item("h264", bytes)).map(|f| f.severity), Some(severity), "{bytes}");
        }
    }

    #[test]
    fn what_would_end_as_not_worth_it_is_not_proposed() {
        // The floor of 1080p is 498 kbit/s; just above it less than 5 % of the file is left to save.
        for (bps, found) in [(200_000, false), (510_000, false), (600_000, true), (8_000_000, true)] {
            assert_eq!(find(&timed("h264", 1920, 1080, bps, 5400)).is_some(), found, "{bps}");
        }
    }

    #[test]
    fn short_clips_at_normal_bitrates_are_proposed() {
        for (codec, width, height, bps) in [
            ("h264", 640, 360, 700_000),
            ("h264", 1280, 720, 1_500_000),
            ("mpeg4", 720, 400, 900_000),
            ("mpeg2video", 720, 576, 4_000_000),
        ] {
            assert!(find(&timed(codec, width, height, bps, 6)).is_some(), "{codec} {width}x{height}");
        }
    }

    #[test]
    fn a_file_without_a_picture_or_without_bytes_is_left_alone() {
        assert_eq!(find(&Item { video: None, ..item("", GB) }), None);
        assert_eq!(find(&item("h264", 0)), None);
    }

    #[test]
    fn the_reason_reads_as_a_sentence() {
        let finding = find(&item("h264", 8 * GB)).unwrap();
        assert_eq!(finding.title, "Heat: H.264 to HEVC");
        assert_eq!(finding.reason, "1080p H.264 in 8.0 GB: HEVC would save about 3.6 GB (as is usual for this codec).");
        assert_eq!(finding.preset, "Balanced");
    }
}
