//! How long a worker would take for a file, by what it did before.

use std::time::Duration;

use mediaflow_store::LearnedSpeed;

use crate::service::{CommandError, Service};

/// How long a worker would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// Its name.
    pub name: String,
    /// In seconds; `None` while it has done nothing yet.
    pub seconds: Option<u64>,
    /// How many jobs that rests on.
    pub jobs: u32,
}

/// Frames a second of a film, where only its duration is known (`facts` §7).
const FILM_FRAMES_PER_SECOND: f64 = 24.0;
/// What an output takes of its source, on average (`facts` §7).
const OUTPUT_SHARE: f64 = 0.6;

impl Estimate {
    /// For a person: `~40s`, `~12 min`, `~2h 5m`, or `--`.
    #[must_use]
    pub fn display(&self) -> String {
        match self.seconds {
            None => "--".to_owned(),
            Some(seconds @ 0..60) => format!("~{seconds}s"),
            Some(seconds @ 60..3600) => format!("~{} min", seconds / 60),
            Some(seconds) => format!("~{}h {}m", seconds / 3600, seconds / 60 % 60),
        }
    }
}

/// What was learned of the line to a worker, in bits a second.
#[derive(Debug, Clone, Copy)]
struct Line {
    upload_bps: Option<u64>,
    download_bps: Option<u64>,
}

/// The encode by the speed that was learned, and where the worker is another machine, the way there and back by what was
/// learned of that; one way is believed to be like the other until it is known.
fn seconds(speed: LearnedSpeed, line: Option<Line>, size_bytes: u64, duration: Duration) -> u64 {
    let encode_s = duration.as_secs_f64() * FILM_FRAMES_PER_SECOND / speed.frames_per_second;
    #[allow(clippy::cast_precision_loss)]
    let send_s = |share: f64, bps: Option<u64>| match bps {
        Some(bps) if bps > 0 => size_bytes as f64 * share * 8.0 / bps as f64,
        _ => 0.0,
    };
    let (up, down) = line.map_or((None, None), |line| (line.upload_bps, line.download_bps));
    let (up_s, down_s) = (send_s(1.0, up.or(down)), send_s(OUTPUT_SHARE, down.or(up)));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive, and a saturating cast
    let whole_s = (encode_s + up_s + down_s).round() as u64;
    whole_s
}

impl Service {
    /// How long a worker would take for a file.
    pub fn server_estimate(&self, id: i64, size_bytes: u64, duration: Duration) -> Result<Estimate, CommandError> {
        let (worker, speed) = self.inner.store.read(|r| Ok((r.worker(id)?, r.worker_speed(id, None, None)?)))?;
        let line = Line { upload_bps: worker.upload_bps, download_bps: worker.download_bps };
        let sent_by = (!worker.is_local).then_some(line);
        Ok(Estimate {
            name: worker.form.name,
            seconds: speed.map(|speed| seconds(speed, sent_by, size_bytes, duration)),
            jobs: speed.map_or(0, |speed| speed.jobs),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_earlier_clients_show_it() {
        for (seconds, shown) in [(None, "--"), (Some(59), "~59s"), (Some(125), "~2 min"), (Some(7500), "~2h 5m")] {
            assert_eq!(Estimate { name: String::new(), seconds, jobs: 1 }.display(), shown);
        }
    }

    #[test]
    fn the_way_there_and_back_counts_where_it_was_learned() {
        let speed = LearnedSpeed { frames_per_second: 48.0, jobs: 3 };
        let hour = Duration::from_secs(3600);
        assert_eq!(seconds(speed, None, 1_000_000_000, hour), 1800);
        let line = Line { upload_bps: Some(100_000_000), download_bps: Some(200_000_000) };
        // 8 Gbit up at 100 Mbit/s, 4.8 Gbit down at 200.
        assert_eq!(seconds(speed, Some(line), 1_000_000_000, hour), 1800 + 80 + 24);
        let one_way = Line { download_bps: None, ..line };
        assert_eq!(seconds(speed, Some(one_way), 1_000_000_000, hour), 1800 + 80 + 48);
    }
}
