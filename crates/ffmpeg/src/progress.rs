//! Reading `-progress` output: key=value lines, a block ending in `progress=`.

/// The state of an encode, as ffmpeg last told it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Progress {
    /// Frames written.
    pub frame: u64,
    /// Frames a second, as ffmpeg averages them.
    pub fps: f64,
    /// Time of the output reached, in microseconds.
    pub out_time_us: i64,
    /// Times real time.
    pub speed: f64,
    /// Bytes written.
    pub size_bytes: u64,
    /// Whether this was the last block.
    pub finished: bool,
}

/// The last whole block in a progress log, or `None` before there is one. Values that ffmpeg does not know yet (`N/A`)
/// stay zero.
#[must_use]
pub fn last(log: &str) -> Option<Progress> {
    let end = log.rfind("progress=")?;
    let tail = log[end..].find('\n').map(|newline| end + newline)?;
    let start = log[..end].rfind("progress=").map_or(0, |previous| previous);
    let mut progress = Progress::default();
    for line in log[start..tail].lines() {
        let Some((key, value)) = line.split_once('=') else { continue };
        let value = value.trim();
        match key {
            "frame" => progress.frame = value.parse().unwrap_or(progress.frame),
            "fps" => progress.fps = value.parse().unwrap_or(progress.fps),
            "out_time_us" => progress.out_time_us = value.parse().unwrap_or(progress.out_time_us),
            "speed" => progress.speed = value.trim_end_matches('x').trim().parse().unwrap_or(progress.speed),
            "total_size" => progress.size_bytes = value.parse().unwrap_or(progress.size_bytes),
            "progress" => progress.finished = value == "end",
            _ => {}
        }
    }
    Some(progress)
}

/// How fast an encode goes on since somebody watches it. ffmpeg's own figures are means since its start, with the time for
/// which it was held.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    from: Option<(f64, u64, i64)>,
}

/// Less than this tells nothing: ffmpeg writes twice a second.
const PACE_SECONDS: f64 = 2.0;

impl Pace {
    /// Notes what is told `at_s` seconds after any instant; gives pictures a second, and seconds of film a second, once
    /// that can be said.
    pub fn note(&mut self, at_s: f64, progress: &Progress) -> Option<(f64, f64)> {
        let now = (at_s, progress.frame, progress.out_time_us);
        let (since_s, frame, time_us) = *self.from.get_or_insert(now);
        // Another pass counts from the beginning.
        if progress.frame < frame {
            self.from = Some(now);
            return None;
        }
        let seconds = at_s - since_s;
        #[allow(clippy::cast_precision_loss)]
        let rates = (
            (progress.frame - frame) as f64 / seconds,
            (progress.out_time_us - time_us) as f64 / 1_000_000.0 / seconds,
        );
        (seconds >= PACE_SECONDS).then_some(rates)
    }
}

/// Turns ffmpeg's figures into a share done and a time left that settles instead of jumping.
#[derive(Debug, Clone, Default)]
pub struct Estimator {
    /// Smoothed speed, in shares of the whole a second.
    rate: Option<f64>,
    last: Option<(f64, f64)>,
}

/// Weight of the newest reading: at two readings a second an old speed is forgotten after about half a minute.
const SMOOTHING: f64 = 0.05;

impl Estimator {
    /// Notes that `share` (0 to 1) was done `elapsed_s` seconds after the start, and gives the seconds left once two
    /// readings are there.
    pub fn note(&mut self, share: f64, elapsed_s: f64) -> Option<u64> {
        if let Some((last_share, last_elapsed)) = self.last {
            let seconds = elapsed_s - last_elapsed;
            if seconds > 0.0 && share >= last_share {
                let now = (share - last_share) / seconds;
                // The first readings count fully: an average over the start is better than a guess.
                let average = share / elapsed_s.max(f64::EPSILON);
                self.rate = Some(self.rate.map_or(average, |rate| rate + SMOOTHING * (now - rate)));
            }
        }
        self.last = Some((share, elapsed_s));
        let rate = self.rate.filter(|rate| *rate > 0.0)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let left = ((1.0 - share).max(0.0) / rate).round() as u64;
        Some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_counts_from_the_first_look_and_again_from_the_next_pass() {
        let at = |frame, out_time_us| Progress { frame, out_time_us, ..Progress::default() };
        let mut pace = Pace::default();
        // It had been held before: whatever was done then is no part of it.
        assert_eq!(pace.note(0.0, &at(1000, 40_000_000)), None);
        assert_eq!(pace.note(1.0, &at(1010, 40_400_000)), None);
        assert_eq!(pace.note(4.0, &at(1040, 41_600_000)), Some((10.0, 0.4)));
        assert_eq!(pace.note(5.0, &at(3, 120_000)), None);
        assert_eq!(pace.note(7.0, &at(103, 4_120_000)), Some((50.0, 2.0)));
    }

    #[test]
    fn the_last_whole_block_counts_and_a_half_written_one_does_not() {
        let log = "frame=10\nfps=5.0\nout_time_us=400000\nspeed=1.5x\ntotal_size=100\nprogress=continue\n\
                   frame=20\nfps=6.5\nout_time_us=N/A\nspeed=N/A\nprogress=continue\nframe=3";
        let progress = last(log).unwrap();
        assert_eq!((progress.frame, progress.fps, progress.finished), (20, 6.5, false));
        assert_eq!(last("frame=1\nfps=2"), None);
        assert_eq!(last("frame=1\nprogress=en"), None, "a line without its end may be half written");
        assert!(last("frame=1\nprogress=end\n").unwrap().finished);
    }

    #[test]
    fn the_time_left_settles_on_the_true_one() {
        let mut estimator = Estimator::default();
        assert_eq!(estimator.note(0.0, 0.0), None);
        let mut left = None;
        for second in 1..=50 {
            // Uneven steps of on average one per cent a second.
            let jitter = if second % 2 == 0 { 0.004 } else { -0.004 };
            left = estimator.note(f64::from(second) / 100.0 + jitter, f64::from(second));
        }
        let left = left.unwrap();
        assert!((45..=56).contains(&left), "50 s are left, {left} were said");
    }
}
