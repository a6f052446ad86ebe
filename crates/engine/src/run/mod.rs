//! One job, from queued to its end: the source is decoded, the encode runs under its own supervisor, the output is
//! proven, and only then takes the original's place.
//!
//! A job's work is straight-line code on a thread of its own; what must survive a crash is written down before each
//! step and after it, so that [`Runner::resume`] knows where every job stood.

mod away;
mod burn_in;
mod encode;
mod end;
mod hand;
mod hardware;
mod late;
mod line;
pub mod measure;
pub mod outcome;
pub mod prove;
mod quality;
mod resume;
mod seen;
#[cfg(test)]
mod simulation;
mod space;
mod trials;
mod tune;
mod upkeep;
mod watch;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use mediaflow_core::job::JobStatus;
use mediaflow_core::replace::Epoch;
use mediaflow_core::text;
use mediaflow_core::time::Clock;
use mediaflow_store::{Store, StoreError, Tx};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::executor::Executor;

pub(crate) use away::look as look_for_folder;
pub use end::Ended;
pub use resume::{MAX_TRIES, Resumed};
pub(crate) use seen::log_of;
pub use seen::{live_log, reached};
pub use upkeep::{CacheCleared, Upkeep};
pub use watch::{Progress, Stage, Watch};

#[cfg(test)]
use end::Stop;
use hand::Hand;
use measure::Tools;

/// Runs jobs on this machine.
#[derive(Clone)]
pub struct Runner {
    /// The database.
    pub store: Store,
    /// The programs that encode and measure.
    pub tools: Tools,
    /// Who carries encodes out.
    pub executor: Arc<dyn Executor>,
    /// Where attempts have their directories; one directory an attempt, and nothing outside of it.
    pub work: PathBuf,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// This installation.
    pub epoch: Epoch,
    /// Stops everything; jobs that ran go back to the queue.
    pub cancel: Cancel,
    /// Leaves everything: encodes go on under their supervisors and outputs stay, for the next start to find; a
    /// replacement that is under way is finished.
    pub detach: Cancel,
    /// While it is set, jobs that run are held, and stand in the queue with what they have.
    pub recess: Arc<AtomicBool>,
    /// Whether a job that failed waits in the queue for another try. A command that works until nothing is left fails it, and
    /// tries again with its next run.
    pub retries_later: bool,
}

/// Cancels a token when it goes out of scope.
struct Over<'a>(&'a Cancel);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Runner {
    /// Runs queued jobs, `limit` at a time, until none is left or the runner is stopped. `standing` are jobs that an
    /// earlier process left in the middle: they go first. What waits for its folder waits for another run.
    pub fn run_queue(&self, limit: usize, standing: Vec<Resumed>, watch: &dyn Watch) -> Result<Vec<Ended>, StoreError> {
        let standing = Mutex::new(standing);
        thread::scope(|scope| {
            let worker = || -> Result<Vec<Ended>, StoreError> {
                let mut ended = Vec::new();
                while !self.cancel.is_cancelled() {
                    let stands = standing.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let claim = || self.claim(|_| Ok(true));
                    let Some(next) = stands.map_or_else(claim, |resumed| Ok(Some(resumed)))? else { break };
                    ended.extend(self.run(next, watch)?);
                }
                Ok(ended)
            };
            let workers: Vec<_> = (0..limit.max(1)).map(|_| scope.spawn(worker)).collect();
            let mut all = Vec::new();
            for worker in workers {
                all.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok(all)
        })
    }

    /// Runs one job, out of its turn. Others in `standing` stay as they are: the next start finds them again.
    pub fn run_one(&self, job_id: i64, standing: Vec<Resumed>, watch: &dyn Watch) -> Result<Option<Ended>, StoreError> {
        if let Some(resumed) = standing.into_iter().find(|resumed| resumed.job.id == job_id) {
            return self.run(resumed, watch);
        }
        let job = self.store.write(|tx| {
            tx.job_step(job_id, JobStatus::Transcoding)?;
            tx.job(job_id)
        })?;
        self.run(Resumed { standing: self.standing_of(job.id)?, job }, watch)
    }

    /// What puts away what jobs leave behind.
    #[must_use]
    pub fn upkeep(&self) -> Upkeep<'_> {
        Upkeep { store: &self.store, executor: self.executor.as_ref(), work: &self.work }
    }

    /// Takes the queued job whose turn it is, if `allowed` says so in the same transaction; one that was held goes on where
    /// it was. Where its folder is not there, all jobs of that folder wait for it, and another one's turn has come.
    pub fn claim(
        &self,
        allowed: impl FnOnce(&Tx<'_>) -> Result<bool, StoreError>,
    ) -> Result<Option<Resumed>, StoreError> {
        while let Some(next) = self.store.read(|r| r.job_next())? {
            let Some(away) = look_for_folder(&self.store, &next)? else { break };
            let reason = away.to_string();
            let waiting = self.store.write(|tx| match tx.jobs_wait_for(&away.named(&reason))? {
                // Its library is another one since a moment ago.
                0 if tx.job(next.id)?.status == JobStatus::Queued => {
                    tx.job_wait(next.id, &away.folder, &reason).map(|()| 1)
                }
                waiting => Ok(waiting),
            })?;
            tracing::warn!("{}: {reason}", text::count(waiting, "job"));
        }
        let claimed =
            self.store.write(|tx| if allowed(tx)? { tx.job_claim(JobStatus::Transcoding) } else { Ok(None) })?;
        match claimed {
            Some(job) => Ok(Some(Resumed { standing: self.standing_of(job.id)?, job })),
            None => Ok(None),
        }
    }

    /// Runs one job that is in an active status, to its end. `None` when it did not end here: it went back to the queue,
    /// is held, waits for its folder, or was left to another start.
    pub fn run(&self, resumed: Resumed, watch: &dyn Watch) -> Result<Option<Ended>, StoreError> {
        let Resumed { job, standing } = resumed;
        tracing::info!("job {} {}: {} ({})", job.id, standing.begins(), job.title, job.preset);
        watch.started(&job);
        let hand = Hand::new();
        let over = Cancel::new();
        let stop = thread::scope(|scope| {
            scope.spawn(|| self.listen(job.id, &hand, &over));
            // However the line ends, the listener ends with it.
            let _over = Over(&over);
            #[cfg(test)]
            if let Some(stop) = simulation::stand_in(self, &job, &hand, watch) {
                return stop;
            }
            line::Line { runner: self, job: &job, hand: &hand, watch }.walk(standing)
        });
        let ended = self.end(&job, stop, hand.wish());
        watch.ended(&job, ended.as_ref().ok().and_then(Option::as_ref));
        ended
    }
}
