//! Which worker gets a job, and the reason in words.

use super::score::{Rating, sooner, usual_fps};
use super::{Candidate, PaceBasis, Score, TransferMode, Work};
use crate::text;

/// A worker for a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The worker.
    pub worker_id: i64,
    /// What it costs.
    pub score: Score,
    /// When the job should be done, in seconds from its begin; `None` where a speed or a rate is not known.
    pub expected_finish_s: Option<f64>,
    /// Why this one, for a person.
    pub reason: String,
}

/// Why no worker gets a job now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unplaced {
    /// Some could do it, and all of these are full: a free slot changes that.
    #[error("{0}")]
    Busy(String),
    /// None could do it, whatever is free.
    #[error("{0}")]
    Unable(String),
}

/// Workers besides the chosen one that a reason names.
const NAMED_OTHERS: usize = 2;

/// Chooses the worker with the lowest score among those that can do a job and have a free slot. Equal ones are told apart
/// by the expected finish, then by their ids. A preferred worker gets the job if it can do it at all: if it is full, the
/// job waits for it.
///
/// # Errors
/// All that could do it are full, or none can do it.
pub fn choose(candidates: &[Candidate], work: &Work, preferred_id: Option<i64>) -> Result<Chosen, Unplaced> {
    let (able, unable) = sorted_out(candidates, work);
    let wish = preferred_id.and_then(|id| candidates.iter().find(|candidate| candidate.worker_id == id));
    let wish_obstacle = wish.and_then(|wish| unable.iter().find(|(other, _)| other.worker_id == wish.worker_id));
    let usual_fps = usual_fps(candidates);
    if let (Some(wish), None) = (wish, wish_obstacle) {
        if wish.is_full() {
            return Err(Unplaced::Busy(format!("waits for {}, which was asked for and is busy", wish.name)));
        }
        let rating = wish.rated(work, usual_fps);
        return Ok(chosen(wish, rating, format!("{}, as asked for ({})", wish.name, words(wish, &rating))));
    }
    let (full, free): (Vec<&Candidate>, Vec<&Candidate>) = able.iter().partition(|candidate| candidate.is_full());
    let mut free: Vec<(&Candidate, Rating)> =
        free.into_iter().map(|candidate| (candidate, candidate.rated(work, usual_fps))).collect();
    free.sort_by(|(one, a), (other, b)| {
        let by_score = a.score.tenths().cmp(&b.score.tenths());
        by_score.then_with(|| sooner(a.finish_s, b.finish_s)).then_with(|| one.worker_id.cmp(&other.worker_id))
    });
    let Some(((best, rating), others)) = free.split_first() else {
        return Err(nobody(&able, &unable));
    };
    let mut reason = String::new();
    if let Some((wish, obstacle)) = wish_obstacle {
        reason.push_str(&format!("{}, which was asked for, cannot: {obstacle}. ", wish.name));
    }
    reason.push_str(&format!("{} (score {}: {})", best.name, shown(rating), words(best, rating)));
    for (other, rating) in others.iter().take(NAMED_OTHERS) {
        reason.push_str(&format!("; {} {} ({})", other.name, shown(rating), words(other, rating)));
    }
    if others.len() > NAMED_OTHERS {
        reason.push_str(&format!("; and {} more", others.len() - NAMED_OTHERS));
    }
    match full.as_slice() {
        [] => {}
        [one] => reason.push_str(&format!("; {} is busy", one.name)),
        several => reason.push_str(&format!("; {} are busy", several.len())),
    }
    Ok(chosen(best, *rating, reason))
}

fn chosen(candidate: &Candidate, rating: Rating, reason: String) -> Chosen {
    Chosen { worker_id: candidate.worker_id, score: rating.score, expected_finish_s: rating.finish_s, reason }
}

/// Those that can do a job, and the others with what is in their way.
fn sorted_out<'a>(candidates: &'a [Candidate], work: &Work) -> (Vec<&'a Candidate>, Vec<(&'a Candidate, String)>) {
    let (mut able, mut unable) = (Vec::new(), Vec::new());
    for candidate in candidates {
        match candidate.obstacle(work) {
            None => able.push(candidate),
            Some(obstacle) => unable.push((candidate, obstacle)),
        }
    }
    (able, unable)
}

/// Why there is nobody: `able` are full.
fn nobody(able: &[&Candidate], unable: &[(&Candidate, String)]) -> Unplaced {
    match (able, unable) {
        ([], []) => Unplaced::Unable("there is no server to encode on".to_owned()),
        ([], _) => {
            let mut reasons: Vec<String> =
                unable.iter().map(|(other, obstacle)| format!("{}: {obstacle}", other.name)).collect();
            reasons.sort();
            Unplaced::Unable(format!("no server can do this job. {}", reasons.join("; ")))
        }
        ([one], _) => Unplaced::Busy(format!("waits for {}, which is busy", one.name)),
        (several, _) => Unplaced::Busy(format!("waits for one of {} servers, which are all busy", several.len())),
    }
}

/// A score as it is shown.
fn shown(rating: &Rating) -> String {
    let tenths = rating.score.tenths();
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// What a score rests on.
fn words(candidate: &Candidate, rating: &Rating) -> String {
    let transfer = match (candidate.mode, rating.transfer_s) {
        (TransferMode::Local, _) => "no transfer".to_owned(),
        (TransferMode::Mapped, None) => "it sees the file".to_owned(),
        (TransferMode::Mapped, Some(seconds)) => format!("it sees the file, {} of download", span(seconds)),
        (_, Some(seconds)) => format!("{} of transfer", span(seconds)),
        (_, None) => "a transfer of unknown speed".to_owned(),
    };
    let pace = match (candidate.known_pace(), candidate.benchmark_score) {
        (Some(pace), _) => {
            let basis = match pace.basis {
                PaceBasis::Jobs(jobs) => text::count(jobs, "job"),
                PaceBasis::Benchmark => "its benchmark".to_owned(),
            };
            let decimals = usize::from(pace.frames_per_second < 10.0);
            format!("{:.decimals$} frames/s by {basis}", pace.frames_per_second)
        }
        (None, Some(score)) => format!("benchmark score {score:.0}"),
        (None, None) => "speed not known yet".to_owned(),
    };
    let load = match candidate.taken() {
        0 => "nothing running".to_owned(),
        taken => format!("{taken} of {} slots taken", candidate.slots),
    };
    let finish = rating.finish_s.map(|seconds| format!(", done in about {}", span(seconds))).unwrap_or_default();
    format!("{transfer}, {pace}, {load}{finish}")
}

/// A span of time as people say it.
fn span(seconds: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // never negative, and saturates
    let seconds = seconds.round() as u64;
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Pace;
    use super::super::score::tests::{FILM, learned, stranger};
    use super::*;

    /// This machine, a GPU over a fast line, and a small one that sees the file.
    fn fleet() -> [Candidate; 3] {
        let desk = Candidate {
            is_local: true,
            mode: TransferMode::Local,
            slots: 2,
            pace: learned(24.0, 9),
            ..stranger(1, "desk")
        };
        let line = Some(400_000_000);
        let gpu = Candidate { pace: learned(96.0, 3), upload_bps: line, download_bps: line, ..stranger(2, "gpu") };
        let attic = Candidate { mode: TransferMode::Mapped, benchmark_score: Some(31.0), ..stranger(3, "attic") };
        [desk, gpu, attic]
    }

    #[track_caller]
    fn check(candidates: &[Candidate], preferred: Option<i64>, expected: &str) {
        let said = match choose(candidates, &FILM, preferred) {
            Ok(chosen) => chosen.reason,
            Err(Unplaced::Busy(reason)) => format!("busy: {reason}"),
            Err(Unplaced::Unable(reason)) => format!("unable: {reason}"),
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn a_choice_says_what_it_rests_on() {
        let [desk, gpu, attic] = fleet();
        check(
            &[desk.clone(), gpu, attic.clone()],
            None,
            "gpu (score 10.7: 2 min of transfer, 96 frames/s by 3 jobs, nothing running, done in about 27 min); \
             desk 21.8 (no transfer, 24 frames/s by 9 jobs, nothing running, done in about 1 h 40 min); \
             attic 29.5 (it sees the file, benchmark score 31, nothing running)",
        );
        check(
            &[Candidate { running: 1, ..desk }, attic],
            Some(3),
            "attic, as asked for (it sees the file, benchmark score 31, nothing running)",
        );
    }

    #[test]
    fn a_choice_says_who_was_busy() {
        let [desk, gpu, attic] = fleet();
        let only = "attic (score 29.5: it sees the file, benchmark score 31, nothing running)";
        let (desk, gpu) = (Candidate { running: 2, ..desk }, Candidate { running: 1, ..gpu });
        check(&[attic.clone(), gpu.clone()], None, &format!("{only}; gpu is busy"));
        check(&[desk, gpu, attic], None, &format!("{only}; 2 are busy"));
    }

    #[test]
    fn a_job_waits_for_the_worker_that_was_asked_for_unless_that_one_cannot() {
        let [desk, gpu, attic] = fleet();
        let busy = Candidate { running: 1, ..gpu.clone() };
        check(&[desk.clone(), busy, attic], Some(2), "busy: waits for gpu, which was asked for and is busy");
        let offline = Candidate { obstacle: Some("it is offline".to_owned()), ..gpu };
        check(
            &[desk, offline],
            Some(2),
            "gpu, which was asked for, cannot: it is offline. desk (score 21.8: no transfer, 24 frames/s by 9 jobs, \
             nothing running, done in about 1 h 40 min)",
        );
    }

    #[test]
    fn nobody_is_busy_or_unable() {
        let [desk, gpu, attic] = fleet();
        check(&[], None, "unable: there is no server to encode on");
        let full = Candidate { running: 1, queued: 1, ..desk };
        let unable = Candidate { obstacle: Some("no encoder for AV1 works there".to_owned()), ..gpu };
        let small = Candidate { free_bytes: Some(1_000_000_000), ..attic };
        check(&[full.clone(), unable.clone()], None, "busy: waits for desk, which is busy");
        check(&[full.clone(), full], None, "busy: waits for one of 2 servers, which are all busy");
        check(
            &[unable, small],
            None,
            "unable: no server can do this job. attic: 1.0 GB are free there, and 2.0 GB needed; \
             gpu: no encoder for AV1 works there",
        );
    }

    #[test]
    fn equal_scores_are_told_apart_by_the_finish_and_then_by_the_id() {
        let local = Candidate { is_local: true, mode: TransferMode::Local, ..stranger(1, "one") };
        let same = Candidate { worker_id: 2, ..local.clone() };
        let usual = Candidate { pace: learned(24.0, 5), worker_id: 3, ..local.clone() };
        let of = |candidates: &[Candidate]| choose(candidates, &FILM, None).unwrap().worker_id;
        assert_eq!(of(&[same.clone(), local.clone()]), 1);
        assert_eq!(of(&[same, usual, local]), 3, "it is as good as one that nobody knows, and will surely be done");
    }

    #[test]
    fn spans_are_said_as_people_do() {
        let said: Vec<_> = [0.4, 89.4, 89.6, 3570.0, 5399.0, 9000.0].into_iter().map(span).collect();
        assert_eq!(said, ["0 s", "89 s", "2 min", "60 min", "90 min", "2 h 30 min"]);
    }

    fn pace() -> impl Strategy<Value = Option<Pace>> {
        let basis = prop_oneof![Just(PaceBasis::Benchmark), (0_u32..20).prop_map(PaceBasis::Jobs)];
        let fps = prop_oneof![Just(0.0), Just(f64::NAN), Just(f64::INFINITY), 0.1..2000.0];
        proptest::option::of((fps, basis).prop_map(|(frames_per_second, basis)| Pace { frames_per_second, basis }))
    }

    fn candidate() -> impl Strategy<Value = Candidate> {
        let rate = || proptest::option::of(0_u64..10_000_000_000);
        let measured = (pace(), proptest::option::of(0.0..100.0), rate(), rate(), proptest::option::of(0_u64..9 << 30));
        let taken = (0_u32..4, 0_u32..4, 0_u32..2);
        let obstacle = proptest::option::weighted(0.3, Just("it is offline".to_owned()));
        let mode = proptest::sample::select(TransferMode::ALL.to_vec());
        (any::<bool>(), taken, obstacle, mode, measured).prop_map(|(is_local, taken, obstacle, mode, measured)| {
            let ((slots, running, queued), (pace, benchmark_score, upload_bps, download_bps, free_bytes)) =
                (taken, measured);
            Candidate {
                is_local,
                slots,
                running,
                queued,
                obstacle,
                mode,
                pace,
                benchmark_score,
                upload_bps,
                download_bps,
                free_bytes,
                ..stranger(0, "")
            }
        })
    }

    /// Workers with ids and names of their own, and the same in another order.
    fn workers() -> impl Strategy<Value = (Vec<Candidate>, Vec<Candidate>)> {
        let numbered = proptest::collection::vec(candidate(), 0..8).prop_map(|mut workers| {
            for (id, worker) in (1_i64..).zip(&mut workers) {
                (worker.worker_id, worker.name) = (id, format!("worker {id}"));
            }
            workers
        });
        numbered.prop_flat_map(|workers| (Just(workers.clone()), Just(workers).prop_shuffle()))
    }

    proptest! {
        #[test]
        fn the_lowest_score_of_those_that_can_and_are_free_wins_in_any_order(
            (workers, shuffled) in workers(),
            preferred in proptest::option::of(1_i64..8),
        ) {
            let choice = choose(&workers, &FILM, preferred);
            prop_assert_eq!(&choice, &choose(&shuffled, &FILM, preferred));
            let usual = usual_fps(&workers);
            let can = |worker: &&Candidate| worker.obstacle(&FILM).is_none();
            let wish = workers.iter().filter(can).find(|worker| Some(worker.worker_id) == preferred);
            let free = workers.iter().filter(can).filter(|worker| !worker.is_full());
            let lowest = free.map(|worker| worker.rated(&FILM, usual).score.tenths()).min();
            match choice {
                Ok(chosen) => {
                    let worker = workers.iter().find(|worker| worker.worker_id == chosen.worker_id).unwrap();
                    prop_assert!(worker.obstacle(&FILM).is_none() && !worker.is_full());
                    prop_assert!((0..=1000).contains(&chosen.score.tenths()), "{:?}", chosen.score);
                    match wish {
                        Some(wish) => prop_assert_eq!(chosen.worker_id, wish.worker_id),
                        None => prop_assert_eq!(Some(chosen.score.tenths()), lowest),
                    }
                }
                Err(Unplaced::Busy(_)) => {
                    prop_assert!(workers.iter().any(|worker| can(&worker)));
                    prop_assert!(wish.map_or(lowest.is_none(), Candidate::is_full));
                }
                Err(Unplaced::Unable(_)) => prop_assert!(!workers.iter().any(|worker| can(&worker))),
            }
        }
    }
}
