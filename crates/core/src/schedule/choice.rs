//! Which worker gets a job.

use super::explain::{self, Others};
use super::score::{Rating, sooner, usual_fps};
use super::{Candidate, Score, Work};

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
    /// The one that was asked for has no free slot: a free one there changes that, for all jobs that ask for it.
    #[error("{0}")]
    WishBusy(String),
    /// Some could do it, and all of these are full: a free slot changes that.
    #[error("{0}")]
    Busy(String),
    /// None could do it, whatever is free.
    #[error("{0}")]
    Unable(String),
}

/// Chooses the worker with the lowest score among those that can do a job and have a free slot. Equal ones are told apart
/// by the expected finish, then by their ids. A preferred worker gets the job if it can do it at all: if it is full, the
/// job waits for it.
///
/// # Errors
/// All that could do it are full, or none can do it.
pub fn choose(candidates: &[Candidate], work: &Work, preferred_id: Option<i64>) -> Result<Chosen, Unplaced> {
    let (mut full, mut free, mut unable) = (Vec::new(), Vec::new(), Vec::new());
    for candidate in candidates {
        match candidate.obstacle(work) {
            Some(obstacle) => unable.push((candidate, obstacle)),
            None if candidate.is_full() => full.push(candidate),
            None => free.push(candidate),
        }
    }
    let usual_fps = usual_fps(candidates);
    let is_wish = |candidate: &Candidate| Some(candidate.worker_id) == preferred_id;
    if let Some(wish) = full.iter().find(|candidate| is_wish(candidate)) {
        return Err(Unplaced::WishBusy(explain::waits_for_wish(wish)));
    }
    if let Some(wish) = free.iter().find(|candidate| is_wish(candidate)) {
        let rating = wish.rated(work, usual_fps);
        return Ok(chosen(wish, &rating, explain::as_wished(wish, &rating)));
    }
    let mut rated: Vec<(&Candidate, Rating)> =
        free.into_iter().map(|candidate| (candidate, candidate.rated(work, usual_fps))).collect();
    rated.sort_by(|(one, a), (other, b)| {
        let by_score = a.score.tenths().cmp(&b.score.tenths());
        by_score.then_with(|| sooner(a.finish_s, b.finish_s)).then_with(|| one.worker_id.cmp(&other.worker_id))
    });
    let Some(((best, rating), behind)) = rated.split_first() else {
        return Err(if full.is_empty() {
            Unplaced::Unable(explain::nobody_can(&unable))
        } else {
            Unplaced::Busy(explain::all_busy(&full))
        });
    };
    let wish = unable.iter().find(|(candidate, _)| is_wish(candidate));
    Ok(chosen(best, rating, explain::best(best, rating, &Others { behind, full: &full, wish })))
}

fn chosen(candidate: &Candidate, rating: &Rating, reason: String) -> Chosen {
    Chosen { worker_id: candidate.worker_id, score: rating.score, expected_finish_s: rating.finish_s, reason }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::candidate::tests::{FILM, learned, stranger};
    use super::super::{Pace, PaceBasis, TransferMode};
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
            Err(Unplaced::WishBusy(reason) | Unplaced::Busy(reason)) => format!("busy: {reason}"),
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
            "gpu (score 10.7, lowest wins: 2 min of transfer, 96 frames/s by 3 jobs, nothing running, done in about 27 min); \
             desk 21.8 (no transfer, 24 frames/s by 9 jobs, nothing running, done in about 1 h 40 min); \
             attic 29.5 (it sees the file, connection 31 of 100, speed not known yet, nothing running)",
        );
        check(
            &[Candidate { running: 1, ..desk }, attic],
            Some(3),
            "attic, as asked for (it sees the file, connection 31 of 100, speed not known yet, nothing running)",
        );
    }

    #[test]
    fn a_choice_says_who_was_busy() {
        let [desk, gpu, attic] = fleet();
        let only = "attic (score 29.5, lowest wins: it sees the file, connection 31 of 100, speed not known yet, nothing running)";
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
            "gpu, which was asked for, cannot: it is offline. desk (score 21.8, lowest wins: no transfer, 24 frames/s by 9 jobs, \
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
            "unable: no server can do this job. attic: 1.0 GB are free there, and 4.1 GB needed; \
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
                Err(Unplaced::WishBusy(_)) => prop_assert!(wish.is_some_and(Candidate::is_full)),
                Err(Unplaced::Busy(_)) => {
                    prop_assert!(workers.iter().any(|worker| can(&worker)));
                    prop_assert!(wish.is_none() && lowest.is_none());
                }
                Err(Unplaced::Unable(_)) => prop_assert!(!workers.iter().any(|worker| can(&worker))),
            }
        }
    }
}
