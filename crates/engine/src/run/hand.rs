//! The hand that is on a running job: who wants it to stop, and for what.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mediaflow_core::job::JobStatus;
use mediaflow_store::{Job, StoreError, Tx};
use mediaflow_transport::cancel::Cancel;

use super::away::Away;
use super::{Runner, Stage};
use crate::settings;

/// What is wanted of a job that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// The user wants it to end.
    Cancel,
    /// The user wants it to be held.
    Pause,
    /// Its runner stops: it goes back to the queue.
    Requeue,
    /// Its runner leaves: what goes on by itself does so.
    Detach,
    /// Nobody wants it: it has stood still for too long.
    Stuck,
}

/// How far a job is: its stage, and whatever that counts. Only whether it changes is of interest.
pub(super) type Mark = (Stage, [u64; 3]);

/// For how long a job has stood still.
struct Stillness {
    mark: Mark,
    still: Duration,
    looked: Instant,
}

impl Stillness {
    /// Looks again. What is between two looks counts for no more than a second: while this process was stopped itself, or
    /// its machine slept, nothing could move.
    fn look(&mut self, mark: Mark) -> Duration {
        let passed = self.looked.elapsed().min(Duration::from_secs(1));
        self.looked = Instant::now();
        self.still = if mark != self.mark { Duration::ZERO } else { self.still + passed };
        self.mark = mark;
        self.still
    }
}

/// Stops a job's line; the first wish counts.
#[derive(Debug)]
pub(super) struct Hand {
    pub cancel: Cancel,
    grip: Mutex<Grip>,
    mark: Mutex<Mark>,
}

#[derive(Debug, Default)]
struct Grip {
    wish: Option<Wish>,
    /// Its output takes the original's place: that is not held, nor given up for standing still.
    is_replacing: bool,
}

impl Hand {
    pub fn new() -> Self {
        Self { cancel: Cancel::new(), grip: Mutex::default(), mark: Mutex::new((Stage::Source, [0; 3])) }
    }

    /// Asks the job to stop; `false` when it is past what this wish is for.
    pub fn ask(&self, wish: Wish) -> bool {
        let mut grip = self.grip();
        if grip.is_replacing && matches!(wish, Wish::Pause | Wish::Stuck) {
            return false;
        }
        grip.wish.get_or_insert(wish);
        self.cancel.cancel();
        true
    }

    pub fn wish(&self) -> Option<Wish> {
        self.grip().wish
    }

    /// From now on the job is not held any more; `false` when somebody wanted something of it before.
    pub fn begin_replacing(&self) -> bool {
        let mut grip = self.grip();
        grip.is_replacing = grip.wish.is_none();
        grip.is_replacing
    }

    /// The job is not being replaced after all: it is held.
    pub fn hold_instead(&self) {
        self.grip().is_replacing = false;
        self.ask(Wish::Pause);
    }

    fn grip(&self) -> MutexGuard<'_, Grip> {
        self.grip.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how far the job is.
    pub fn note(&self, stage: Stage, counts: [u64; 3]) {
        *self.mark.lock().unwrap_or_else(PoisonError::into_inner) = (stage, counts);
    }

    fn mark(&self) -> Mark {
        *self.mark.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often a running job looks whether it is wanted to stop: one that is cancelled is to be gone within two seconds.
const LOOK_EVERY: Duration = Duration::from_millis(250);

impl Runner {
    /// Passes on the wish to stop: the runner's own, or the user's for this job, whichever process wrote it down; and stops
    /// a job that stands still for too long.
    pub(super) fn listen(&self, job_id: i64, hand: &Hand, over: &Cancel) {
        let mut stillness = Stillness { mark: hand.mark(), still: Duration::ZERO, looked: Instant::now() };
        while !over.wait_timeout(LOOK_EVERY) {
            let still = stillness.look(hand.mark());
            let looked = self.store.read(|r| Ok((r.job_wishes(job_id)?, settings::stuck_after(r)?)));
            let (wishes, is_stuck) = match looked {
                Ok((wishes, stuck_after)) => (Some(wishes), still >= stuck_after),
                Err(_) => (None, false),
            };
            let wish = match wishes {
                _ if self.cancel.is_cancelled() => Wish::Requeue,
                _ if self.detach.is_cancelled() => Wish::Detach,
                Some(wishes) if wishes.cancel => Wish::Cancel,
                Some(wishes) if wishes.pause => Wish::Pause,
                _ if self.recess.load(Ordering::Relaxed) => Wish::Pause,
                _ if is_stuck => Wish::Stuck,
                _ => continue,
            };
            if hand.ask(wish) {
                return;
            }
        }
    }

    /// Holds a job whose line has stopped. `false` when it was cancelled meanwhile.
    pub(super) fn hold(&self, job: &Job) -> Result<bool, StoreError> {
        self.let_go(job, |tx, is_pause_wanted| {
            tx.job_step(job.id, JobStatus::Paused)?;
            if !is_pause_wanted {
                // The user thought better of it before it was held, or it was not the user who wanted it.
                tx.job_step(job.id, JobStatus::Queued)?;
            }
            Ok(())
        })
    }

    /// Puts a job back into the queue, to wait for its folder with what it has. `false` when it was cancelled meanwhile.
    pub(super) fn wait_for_folder(&self, job: &Job, away: &Away) -> Result<bool, StoreError> {
        tracing::warn!("job {} {away}", job.id);
        self.let_go(job, |tx, is_pause_wanted| match is_pause_wanted {
            true => tx.job_step(job.id, JobStatus::Paused),
            false => tx.job_wait(job.id, &away.folder, &away.to_string()),
        })
    }

    /// Lets go of a job with what of it is worth keeping, and steps it by whether the user wants it held. `false` when it was
    /// cancelled meanwhile.
    fn let_go(
        &self,
        job: &Job,
        step: impl FnOnce(&Tx<'_>, bool) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let kept = self.upkeep().is_kept(job.id)?;
        if !kept {
            self.upkeep().sweep(job.id)?;
        }
        self.store.write(|tx| {
            let wishes = tx.job_wishes(job.id)?;
            if wishes.cancel {
                return Ok(false);
            }
            if !kept {
                tx.space_release(job.id)?;
            }
            step(tx, wishes.pause)?;
            Ok(true)
        })
    }

    /// Leaves a job whose line has stopped to the next start, which finds it by its status if there is anything to go on
    /// with.
    pub(super) fn leave(&self, job: &Job) -> Result<(), StoreError> {
        if self.upkeep().is_kept(job.id)? { Ok(()) } else { self.requeue(job) }
    }

    /// Gives a job back to the queue, with nothing kept.
    pub(super) fn requeue(&self, job: &Job) -> Result<(), StoreError> {
        self.upkeep().wind_up(job.id)?;
        self.store.write(|tx| {
            tx.space_release(job.id)?;
            tx.job_unassign(job.id)?;
            tx.job_step(job.id, JobStatus::Queued)
        })
    }
}
