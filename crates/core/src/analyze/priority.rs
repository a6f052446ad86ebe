//! In which order findings are worth acting on.

use crate::media::generation;

/// The priority of a finding, 0 to 100 with one decimal (`facts` §5): up to 40 points for the size, 25 for the age of
/// the codec, 20 for the confidence, 15 for how often it is played. GB are decimal.
#[must_use]
pub fn score(size_bytes: u64, codec: &str, confidence: f64, play_count: u32) -> f64 {
    /// Age of the oldest codec, MPEG-1.
    const OLDEST: f64 = 6.0;
    #[allow(clippy::cast_precision_loss)] // a score of one decimal does not feel the 54th bit of a size
    let size_gb = size_bytes as f64 / 1e9;
    let size = if size_bytes == 0 { 0.0 } else { ((size_gb.max(0.1) + 1.0).log10() * 20.0).min(40.0) };
    let age = f64::from(generation(codec).0) / OLDEST * 25.0;
    let plays = (f64::from(play_count) * 1.5).min(15.0);
    let sum = size + age + confidence.clamp(0.0, 1.0) * 20.0 + plays;
    ((sum * 10.0).round() / 10.0).min(100.0)
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn the_score_follows_the_formula() {
        // (bytes, codec, confidence, plays) -> worked out by hand from the formula.
        for (bytes, codec, confidence, plays, expected) in [
            (9_000_000_000, "h264", 0.5, 0, 38.3),          // 20 + 8.33 + 10
            (99_000_000_000, "mpeg1video", 1.0, 10, 100.0), // 40 + 25 + 20 + 15
            (999_000_000_000, "mpeg1video", 1.0, 99, 100.0),
            (0, "av1", 0.0, 0, 0.0),
            (1, "av1", 0.0, 0, 0.8), // small files count as 0.1 GB
            (0, "hevc", 0.2, 4, 14.2),
            (0, "an unknown one", 9.0, 0, 20.0), // confidence is never more than certain
        ] {
            let got = score(bytes, codec, confidence, plays);
            assert!((got - expected).abs() < 0.001, "{codec} {bytes}: {got}, expected {expected}");
        }
    }
}
