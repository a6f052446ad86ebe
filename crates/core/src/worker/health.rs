//! When a worker counts as lost, when it is left alone, and how good its line is.

/// A worker that misses so many signs of life in a row is offline.
pub const MISSED_LIMIT: u32 = 3;

/// A worker that fails so often in a row gets no jobs for a while (as the earlier implementation counted).
pub const FAILURES_LIMIT: u32 = 5;

/// Whether a worker answers, told from its signs of life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signs {
    missed: u32,
}

impl Signs {
    /// It answered.
    pub const fn heard(&mut self) {
        self.missed = 0;
    }

    /// It did not. Whether it counts as lost now.
    pub const fn missed(&mut self) -> bool {
        self.missed = self.missed.saturating_add(1);
        self.is_lost()
    }

    /// Whether it missed too many.
    #[must_use]
    pub const fn is_lost(self) -> bool {
        self.missed >= MISSED_LIMIT
    }
}

/// For how long a worker is left alone that was set aside `before` times since it last did something well. It is tried
/// again by itself, less and less often, and never given up.
#[must_use]
pub const fn pause_minutes(before: u32) -> i64 {
    match before {
        0 => 5,
        1 => 15,
        2 => 60,
        _ => 240,
    }
}

/// How good a worker's line is, from 0 to 100 with one decimal place: throughput counts 85 % and is full at 500 Mbit/s,
/// latency counts 15 % and is worth nothing from a second on (the formula of the earlier implementation).
#[must_use]
pub fn line_score(upload_bps: u64, download_bps: u64, latency_us: u64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "far more digits than are shown")]
    let (mean_mbps, latency_ms) = ((upload_bps as f64 + download_bps as f64) / 2.0 / 1e6, latency_us as f64 / 1000.0);
    let score = 0.85 * (mean_mbps / 500.0 * 100.0).min(100.0) + 0.15 * (100.0 - latency_ms / 10.0).max(0.0);
    (score.clamp(0.0, 100.0) * 10.0).round() / 10.0
}

/// Of this machine, to which nothing has to be sent.
pub const NO_LINE_SCORE: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_late_is_not_lost() {
        let mut signs = Signs::default();
        assert!(!signs.missed() && !signs.missed());
        signs.heard();
        assert!(!signs.missed() && !signs.missed() && signs.missed(), "three in a row");
        assert!(signs.is_lost());
    }

    #[test]
    fn pauses_grow_up_to_four_hours() {
        assert_eq!([0, 1, 2, 3, 4, u32::MAX].map(pause_minutes), [5, 15, 60, 240, 240, 240]);
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "rounded to one decimal place")]
    fn a_line_is_scored_by_throughput_and_latency() {
        assert_eq!(line_score(500_000_000, 500_000_000, 0), 100.0);
        assert_eq!(line_score(2_000_000_000, 2_000_000_000, 1_000), 100.0, "more than enough");
        assert_eq!(line_score(100_000_000, 50_000_000, 20_000), 27.5, "0.85 * 15 + 0.15 * 98");
        assert_eq!(line_score(0, 0, 5_000_000), 0.0);
    }
}
