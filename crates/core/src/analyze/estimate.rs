//! How many bytes a re-encode will save, and how far that can be trusted.
//!
//! Three stages, the best first (`facts` §5): a table of codec pairs, the distance to the usual bitrate of the tier, a flat
//! share. What this library's own jobs gave is weighed against that by how much of it there is ([`super::learned`]).
//! Whatever comes out, a picture cannot shrink below what the target codec needs to show it at all, so a starved source
//! gets a small estimate or none.

use super::item::{Item, VideoFacts};
use super::learned::LearnedRatios;

/// Output size over input size in thousandths, by source and target codec (`facts` §5, table).
const TABLE: [(&str, &str, u64); 7] = [
    ("mpeg2video", "hevc", 300),
    ("mpeg4", "hevc", 400),
    ("wmv3", "hevc", 400),
    ("vc1", "hevc", 450),
    ("h264", "hevc", 550),
    ("h264", "av1", 500),
    ("hevc", "av1", 800),
];

/// Share that is assumed when nothing is known, in thousandths saved (`facts` §5, last stage).
const FALLBACK_SAVED: u64 = 400;

/// Bits for one pixel of one frame below which HEVC no longer shows a decent picture, in thousandths. It is the lower
/// bound of a healthy bitrate (500 kbit/s, `facts` §6) over the pixels of 1080p at 24 frames a second, so that it holds
/// for other sizes too.
const FLOOR_MILLIBITS_PER_PIXEL: u64 = 10;

/// Frames per second assumed when the file does not say: film's.
const USUAL_FRAME_RATE: f64 = 24.0;

/// Frames per second that the floor counts at most. Frames beyond it resemble their neighbours and cost next to nothing.
const FRAME_RATE_CAP: f64 = 30.0;

/// The floor is as sure of itself as the rule of thumb: it is one.
const FLOOR_CONFIDENCE: f64 = 0.2;

/// Expected savings of one re-encode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Bytes saved; never more than the file has.
    pub savings_bytes: u64,
    /// 0 to 1.
    pub confidence: f64,
    /// What it rests on.
    pub basis: Basis,
}

/// What an estimate rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Mostly what this many finished jobs of such files gave.
    Learned {
        /// How many.
        jobs: u32,
    },
    /// The table of codec pairs.
    Table,
    /// The bitrate is far above the usual one of its tier.
    Bitrate,
    /// Nothing but a rule of thumb.
    Fallback,
    /// The bitrate is so low already that only this little is left to take away.
    Floor,
}

/// What re-encoding the picture of `item` to `target_codec` (`hevc`, `av1`) will save; `None` without a picture.
#[must_use]
pub fn estimate(item: &Item, target_codec: &str, learned: &LearnedRatios) -> Option<Estimate> {
    let video = item.video.as_ref()?;
    let assumed = assume(item, video, target_codec);
    let expected = match learned.like(item, target_codec) {
        None => assumed,
        Some(learned) => Estimate {
            savings_bytes: learned.savings_bytes(item.size_bytes, assumed.savings_bytes),
            confidence: learned.confidence(assumed.confidence),
            basis: if learned.is_enough() { Basis::Learned { jobs: learned.jobs } } else { assumed.basis },
        },
    };
    match most_that_can_go(item, video) {
        Some(savings_bytes) if savings_bytes < expected.savings_bytes => {
            Some(Estimate { savings_bytes, confidence: FLOOR_CONFIDENCE, basis: Basis::Floor })
        }
        _ => Some(expected),
    }
}

/// What is assumed of a file before any like it was done, with the confidence of each stage (`facts` §5).
fn assume(item: &Item, video: &VideoFacts, target_codec: &str) -> Estimate {
    if let Some((_, _, kept)) = TABLE.iter().find(|(from, to, _)| *from == &*video.codec && *to == target_codec) {
        let savings_bytes = part(item.size_bytes, 1000 - kept, 1000);
        return Estimate { savings_bytes, confidence: 0.5, basis: Basis::Table };
    }
    let reference_bps = video.tier.reference_bitrate_bps();
    match video.bitrate_bps {
        Some(bps) if bps > reference_bps + reference_bps / 2 => {
            let savings_bytes = part(item.size_bytes, bps - reference_bps, bps);
            Estimate { savings_bytes, confidence: 0.3, basis: Basis::Bitrate }
        }
        _ => {
            let savings_bytes = part(item.size_bytes, FALLBACK_SAVED, 1000);
            Estimate { savings_bytes, confidence: 0.2, basis: Basis::Fallback }
        }
    }
}

/// What the picture holds above the floor, in bytes; `None` where the file does not tell its length or bitrate.
fn most_that_can_go(item: &Item, video: &VideoFacts) -> Option<u64> {
    let duration_us = u64::try_from(item.duration_us?).ok().filter(|us| *us > 0)?;
    let bytes_at = |bps: u64| part(duration_us, bps, 8_000_000);
    let picture_bytes = bytes_at(video.bitrate_bps?).min(item.size_bytes);
    Some(picture_bytes.saturating_sub(bytes_at(floor_bps(video))))
}

fn floor_bps(video: &VideoFacts) -> u64 {
    let frame_rate = video.frame_rate.unwrap_or(USUAL_FRAME_RATE).clamp(1.0, FRAME_RATE_CAP);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 1,000 and 30,000
    let millihertz = (frame_rate * 1000.0) as u64;
    let pixels = u64::from(video.width) * u64::from(video.height);
    part(pixels, millihertz * FLOOR_MILLIBITS_PER_PIXEL, 1_000_000)
}

/// `whole × numerator / denominator`, rounded down, without losing bits on the way.
pub(super) fn part(whole: u64, numerator: u64, denominator: u64) -> u64 {
    let product = u128::from(whole) * u128::from(numerator) / u128::from(denominator.max(1));
    u64::try_from(product).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::{GB, item, timed};
    use super::*;

    fn saved(item: &Item, target: &str, learned: &LearnedRatios) -> (u64, f64) {
        let estimate = estimate(item, target, learned).unwrap();
        (estimate.savings_bytes, estimate.confidence)
    }

    #[test]
    fn the_table_gives_what_the_facts_say() {
        for (from, to, megabytes) in [
            ("mpeg2video", "hevc", 700),
            ("mpeg4", "hevc", 600),
            ("wmv3", "hevc", 600),
            ("vc1", "hevc", 550),
            ("h264", "hevc", 450),
            ("h264", "av1", 500),
            ("hevc", "av1", 200),
        ] {
            let got = saved(&item(from, GB), to, &LearnedRatios::default());
            assert_eq!(got, (megabytes * 1_000_000, 0.5), "{from} to {to}");
        }
    }

    #[test]
    fn an_unknown_pair_goes_by_its_bitrate_and_then_by_the_rule_of_thumb() {
        // A quarter of the usual 5 Mbit/s above it is not enough; four times as much leaves 75 %.
        for (bps, share, confidence) in [(6_250_000, 0.40, 0.2), (7_500_000, 0.40, 0.2), (20_000_000, 0.75, 0.3)] {
            let file = timed("theora", 1920, 1080, bps, 3600);
            let (bytes, sure) = saved(&file, "hevc", &LearnedRatios::default());
            #[allow(clippy::cast_precision_loss)]
            let got = bytes as f64 / file.size_bytes as f64;
            assert!((got - share).abs() < 0.001, "{bps}: {got}, expected {share}");
            assert!((sure - confidence).abs() < f64::EPSILON, "{bps}: {sure}");
        }
        assert_eq!(saved(&item("theora", GB), "hevc", &LearnedRatios::default()), (400_000_000, 0.2));
    }

    #[test]
    fn a_starved_picture_has_little_or_nothing_to_give() {
        // (size, bits per second) -> percent of the file that can go; 1080p24 needs 497,664 bit/s.
        for (width, height, bps, percent, basis) in [
            (1920, 1080, 200_000, 0, Basis::Floor),
            (1920, 1080, 497_664, 0, Basis::Floor),
            (1920, 1080, 700_000, 26, Basis::Floor),
            (1920, 1080, 4_000_000, 45, Basis::Table),
            (176, 144, 192_000, 45, Basis::Table),
            (640, 360, 400_000, 45, Basis::Table),
            (3840, 2160, 1_500_000, 0, Basis::Floor),
        ] {
            let file = timed("h264", width, height, bps, 5400);
            let got = estimate(&file, "hevc", &LearnedRatios::default()).unwrap();
            assert_eq!(got.savings_bytes * 100 / file.size_bytes, percent, "{width}x{height} at {bps}");
            assert_eq!(got.basis, basis, "{width}x{height} at {bps}");
        }
    }

    #[test]
    fn no_estimate_exceeds_the_file_whatever_it_claims() {
        for (size_bytes, bps, duration_us) in
            [(1000, u64::MAX, i64::MAX), (u64::MAX, u64::MAX, 1), (0, 1, 1), (1000, 0, -5), (1000, 9_000_000, 0)]
        {
            let mut file = timed("mpeg2video", 720, 576, bps.min(1 << 40), 10);
            file.size_bytes = size_bytes;
            file.duration_us = Some(duration_us);
            if let Some(video) = &mut file.video {
                video.bitrate_bps = Some(bps);
            }
            for target in ["hevc", "av1", "h264"] {
                let got = estimate(&file, target, &LearnedRatios::default()).unwrap();
                assert!(got.savings_bytes <= size_bytes, "{size_bytes} {bps} {duration_us}: {got:?}");
            }
        }
    }
}
