//! The hand that is on a running job: who wants it to stop, and for what.

use std::sync::OnceLock;

use mediaflow_core::job::JobStatus;
use mediaflow_store::{Job, StoreError, Tx};
use mediaflow_transport::cancel::Cancel;

use super::Runner;
use super::away::Away;

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
}

/// Stops a job's line; the first wish counts.
#[derive(Debug, Default)]
pub(super) struct Hand {
    pub cancel: Cancel,
    wish: OnceLock<Wish>,
}

impl Hand {
    pub fn ask(&self, wish: Wish) {
        self.wish.get_or_init(|| wish);
        self.cancel.cancel();
    }

    pub fn wish(&self) -> Option<Wish> {
        self.wish.get().copied()
    }
}

/// How often a running job looks whether it is wanted to stop: one that is cancelled is to be gone within two seconds.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(250);

impl Runner {
    /// Passes on the wish to stop: the runner's own, or the user's for this job, whichever process wrote it down.
    pub(super) fn listen(&self, job_id: i64, hand: &Hand, over: &Cancel) {
        while !over.wait_timeout(LOOK_EVERY) {
            let wishes = self.store.read(|r| r.job_wishes(job_id)).ok();
            let wish = match wishes {
                _ if self.cancel.is_cancelled() => Wish::Requeue,
                _ if self.detach.is_cancelled() => Wish::Detach,
                Some(wishes) if wishes.cancel => Wish::Cancel,
                Some(wishes) if wishes.pause => Wish::Pause,
                _ => continue,
            };
            hand.ask(wish);
            return;
        }
    }

    /// Holds a job whose line has stopped. `false` when it was cancelled meanwhile.
    pub(super) fn hold(&self, job: &Job) -> Result<bool, StoreError> {
        self.let_go(job, |tx, is_pause_wanted| {
            tx.job_step(job.id, JobStatus::Paused)?;
            if !is_pause_wanted {
                // The user thought better of it before it was held.
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
            false => tx.job_wait(job.id, &away.to_string()).map(drop),
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
            tx.job_step(job.id, JobStatus::Queued)
        })
    }
}
