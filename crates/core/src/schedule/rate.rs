//! How fast a line is, learned from the files that go over it.

use std::time::Duration;

/// Less than this says more about the round trips than about the line.
const LEAST_BYTES: u64 = 1_000_000;

/// A file of this size counts half of what all before it count: it went over long enough to show what the line gives now.
const HALF_BYTES: u64 = 100_000_000;

/// The most that one file counts: another one went over the line at the same time, or the disk was busy.
const MOST_SHARE: f64 = 0.5;

/// What went over a line, and how long that took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// Bytes that really went; what lay there already is none.
    pub bytes: u64,
    /// From the first of them to the last.
    pub took: Duration,
}

impl Passage {
    /// The rate of the line in bits a second, as it was believed before with this passage beside it: a moving average, in
    /// which a large file counts more than a small one. `None` while nothing went that tells anything.
    #[must_use]
    pub fn learned(self, before_bps: Option<u64>) -> Option<u64> {
        let seconds = self.took.as_secs_f64();
        if self.bytes < LEAST_BYTES || seconds <= 0.0 {
            return before_bps;
        }
        #[allow(clippy::cast_precision_loss)] // a rate is an estimate
        let (bytes, half) = (self.bytes as f64, HALF_BYTES as f64);
        let seen = bytes * 8.0 / seconds;
        let now = match before_bps.filter(|before| *before > 0) {
            Some(before) => {
                let share = (bytes / (bytes + half)).min(MOST_SHARE);
                #[allow(clippy::cast_precision_loss)]
                let before = before as f64;
                before + (seen - before) * share
            }
            None => seen,
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive, and saturating
        Some(now.round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(bytes: u64, seconds: u64) -> Passage {
        Passage { bytes, took: Duration::from_secs(seconds) }
    }

    #[test]
    fn the_first_file_is_believed_and_later_ones_by_their_size() {
        assert_eq!(passage(100_000_000, 8).learned(None), Some(100_000_000));
        assert_eq!(passage(4_000_000_000, 64).learned(Some(100_000_000)), Some(300_000_000), "half of what was");
        assert_eq!(passage(25_000_000, 1).learned(Some(100_000_000)), Some(120_000_000), "a fifth");
    }

    #[test]
    fn what_tells_nothing_changes_nothing() {
        for nothing in [passage(10_000, 1), passage(100_000_000, 0), passage(0, 0)] {
            assert_eq!((nothing.learned(None), nothing.learned(Some(7))), (None, Some(7)), "{nothing:?}");
        }
    }
}
