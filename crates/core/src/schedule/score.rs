//! What a worker costs for a job, as a number of which the lowest wins.
//!
//! The weights and the costs of the modes are those of `facts` §7. The constants stand in for what is not known; what was
//! measured goes before them. Times and speeds are compared with the usual pace of the workers at hand: a worker is fast or
//! slow, and a transfer long or short, only beside what the encode takes.

use std::cmp::Ordering;

use super::{Candidate, Pace, PaceBasis, TransferMode, Work};

/// Part of the transfer in a score.
const TRANSFER_WEIGHT: f64 = 0.35;

/// Part of how fast the worker is.
const HISTORY_WEIGHT: f64 = 0.30;

/// Part of how full it is.
const LOAD_WEIGHT: f64 = 0.35;

/// Performance of a worker of which nothing is known, and of one that is as fast as usual.
const MIDDLE_PERFORMANCE: f64 = 50.0;

/// What a worker gains that is twice as fast as usual: sixteenfold differences are the whole scale, from a small NAS to a
/// GPU.
const PERFORMANCE_OF_TWICE: f64 = 25.0;

/// What a worker costs for a job, by its parts; each 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Of the transfer.
    pub transfer: f64,
    /// Of being slow: 100 less its performance.
    pub history: f64,
    /// Of being full.
    pub load: f64,
}

/// A worker beside the others for one job.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rating {
    pub score: Score,
    /// How long source and result are on their way, where the rates are known.
    pub transfer_s: Option<f64>,
    /// When the job would be done, from now.
    pub finish_s: Option<f64>,
}

impl Score {
    /// The whole, in tenths: as it is shown, so that what looks equal is.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // at most 1000
    pub fn tenths(&self) -> i64 {
        let whole = TRANSFER_WEIGHT * self.transfer + HISTORY_WEIGHT * self.history + LOAD_WEIGHT * self.load;
        (whole * 10.0).round() as i64
    }
}

impl Pace {
    /// How far it is believed, 0 to 1: one job may be an easy one, a benchmark is no film.
    fn trust(self) -> f64 {
        let jobs = match self.basis {
            PaceBasis::Jobs(jobs) => f64::from(jobs),
            PaceBasis::Benchmark => 1.0,
        };
        jobs / (jobs + 1.0)
    }
}

impl Candidate {
    /// How long source and result are on their way, in seconds. A source that the worker sees by itself is read while it
    /// is encoded, which takes no time of its own.
    fn transfer_s(&self, work: &Work) -> Option<f64> {
        // A line of which one way is known is as good the other way, until that is known.
        let (to, from) = (known(self.upload_bps), known(self.download_bps));
        let up = if self.mode.copies_source() { seconds(work.source_bytes, to.or(from)?) } else { 0.0 };
        let down = if self.is_local { 0.0 } else { seconds(work.output_bytes, from.or(to)?) };
        Some(up + down)
    }

    /// What it costs, beside workers whose usual pace is that.
    pub(super) fn rated(&self, work: &Work, usual_fps: Option<f64>) -> Rating {
        let transfer_s = self.transfer_s(work);
        let encode_s = |fps: f64| (work.frames > 0).then(|| float(work.frames) / fps);
        let own_encode_s = self.known_pace().and_then(|pace| encode_s(pace.frames_per_second));
        let score = Score {
            transfer: transfer_cost(self.mode, transfer_s, usual_fps.and_then(encode_s)),
            history: 100.0 - self.performance(usual_fps),
            load: (100.0 * f64::from(self.taken()) / f64::from(self.slots.max(1))).min(100.0),
        };
        let finish_s = transfer_s.zip(own_encode_s).map(|(transfer, encode)| transfer + encode);
        Rating { score, transfer_s, finish_s }
    }

    /// How fast it is, 0 to 100.
    fn performance(&self, usual_fps: Option<f64>) -> f64 {
        let performance = match self.known_pace().zip(usual_fps) {
            Some((pace, usual)) => {
                let ahead = PERFORMANCE_OF_TWICE * (pace.frames_per_second / usual).log2();
                MIDDLE_PERFORMANCE + ahead * pace.trust()
            }
            None => self.benchmark_score.filter(|score| score.is_finite()).unwrap_or(MIDDLE_PERFORMANCE),
        };
        performance.clamp(0.0, 100.0)
    }
}

/// The pace that is usual among these: the geometric mean, since speeds differ by factors.
pub(super) fn usual_fps(candidates: &[Candidate]) -> Option<f64> {
    let known = candidates.iter().filter_map(Candidate::known_pace);
    let mut logarithms: Vec<f64> = known.map(|pace| pace.frames_per_second.ln()).collect();
    // Sums of floats depend on their order, and a choice must not depend on that of the workers.
    logarithms.sort_by(f64::total_cmp);
    let count = u32::try_from(logarithms.len()).ok().filter(|count| *count > 0)?;
    Some((logarithms.iter().sum::<f64>() / f64::from(count)).exp())
}

/// What a transfer costs: its part of the whole job on a worker of the usual pace. The constants are for what was not
/// measured.
fn transfer_cost(mode: TransferMode, transfer_s: Option<f64>, usual_encode_s: Option<f64>) -> f64 {
    match (mode, transfer_s.zip(usual_encode_s)) {
        (TransferMode::Local, _) => 0.0,
        (_, Some((transfer, encode))) => 100.0 * transfer / (transfer + encode),
        (TransferMode::Mapped, None) => 25.0,
        (TransferMode::Pull, None) => 50.0,
        (TransferMode::Push | TransferMode::Relay, None) => 75.0,
    }
}

/// A rate, if it is one.
fn known(bits_per_second: Option<u64>) -> Option<u64> {
    bits_per_second.filter(|rate| *rate > 0)
}

/// How long so many bytes take.
fn seconds(bytes: u64, bits_per_second: u64) -> f64 {
    float(bytes) * 8.0 / float(bits_per_second)
}

#[allow(clippy::cast_precision_loss)] // sizes and frames are estimates
const fn float(number: u64) -> f64 {
    number as f64
}

/// Earlier first, and what is not known last.
pub(super) fn sooner(one: Option<f64>, other: Option<f64>) -> Ordering {
    one.unwrap_or(f64::INFINITY).total_cmp(&other.unwrap_or(f64::INFINITY))
}

#[cfg(test)]
mod tests {
    use super::super::candidate::tests::{FILM, learned, stranger};
    use super::*;

    fn tenths(candidate: &Candidate) -> i64 {
        candidate.rated(&FILM, usual_fps(std::slice::from_ref(candidate))).score.tenths()
    }

    #[test]
    fn what_is_not_known_costs_what_the_facts_say() {
        // 0.35 · transfer + 0.30 · (100 − 50) + 0.35 · load.
        for (mode, expected) in [
            (TransferMode::Local, 150),
            (TransferMode::Mapped, 238),
            (TransferMode::Pull, 325),
            (TransferMode::Push, 413),
            (TransferMode::Relay, 413),
        ] {
            assert_eq!(tenths(&Candidate { mode, ..stranger(1, "desk") }), expected, "{mode}");
        }
        let desk = Candidate { mode: TransferMode::Local, ..stranger(1, "desk") };
        assert_eq!(tenths(&Candidate { benchmark_score: Some(80.0), ..desk.clone() }), 60);
        assert_eq!(tenths(&Candidate { slots: 4, running: 1, queued: 1, ..desk }), 325, "what is meant for it is load");
    }

    #[test]
    fn a_measured_transfer_costs_its_part_of_the_whole() {
        // 4 GB up at 80 Mbit/s and 2 GB down at 160: 500 seconds, beside 6000 of encoding and then beside 500.
        let push = Candidate { upload_bps: Some(80_000_000), download_bps: Some(160_000_000), ..stranger(1, "desk") };
        for (fps, cost) in [(24.0, 100.0 * 500.0 / 6500.0), (288.0, 50.0)] {
            let rating = push.rated(&FILM, Some(fps));
            assert_eq!(rating.transfer_s, Some(500.0));
            assert!((rating.score.transfer - cost).abs() < 1e-9, "{rating:?}");
        }
        let mapped = Candidate { mode: TransferMode::Mapped, ..push.clone() }.rated(&FILM, Some(24.0));
        assert_eq!(mapped.transfer_s, Some(100.0), "only the result is on its way");
        let one_way = Candidate { download_bps: None, ..push.clone() }.rated(&FILM, Some(24.0));
        assert_eq!(one_way.transfer_s, Some(600.0), "the way back is believed to be like the way there");
        let no_rate = Candidate { upload_bps: None, download_bps: Some(0), ..push }.rated(&FILM, Some(24.0));
        assert!(no_rate.transfer_s.is_none() && (no_rate.score.transfer - 75.0).abs() < 1e-9, "{no_rate:?}");
    }

    #[test]
    fn speed_counts_beside_the_others_and_as_far_as_it_is_believed() {
        let with = |pace| Candidate { pace, ..stranger(1, "desk") };
        let history = |pace, usual| with(pace).rated(&FILM, usual).score.history;
        assert!((history(learned(48.0, 1), Some(24.0)) - 37.5).abs() < 1e-9, "half of 25 for one job");
        assert!((history(learned(48.0, 99), Some(24.0)) - 25.25).abs() < 1e-9);
        assert!((history(learned(12.0, 99), Some(24.0)) - 74.75).abs() < 1e-9);
        assert!((history(learned(f64::NAN, 9), None) - 50.0).abs() < 1e-9, "no number is no speed");
        assert!(history(learned(10_000.0, 99), Some(1.0)).abs() < 1e-9, "and 0 is the end of it");
        let fleet = [with(learned(10.0, 1)), with(None), with(learned(40.0, 1))];
        assert!((usual_fps(&fleet).unwrap() - 20.0).abs() < 1e-9);
    }
}
