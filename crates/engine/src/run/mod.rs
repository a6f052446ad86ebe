//! One job, from queued to its end: the source is decoded, the encode runs under its own supervisor, the output is
//! proven, and only then takes the original's place.
//!
//! A job's work is straight-line code on a thread of its own; what must survive a crash is written down before each
//! step and after it, so that [`Runner::resume`] knows where every job stood.

mod encode;
mod end;
mod hand;
mod line;
pub mod measure;
pub mod outcome;
pub mod prove;
mod quality;
mod resume;
mod space;
mod trials;
mod upkeep;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use mediaflow_core::job::JobStatus;
use mediaflow_core::replace::Epoch;
use mediaflow_core::time::Clock;
use mediaflow_store::{Store, StoreError, Tx};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::executor::Executor;

pub(crate) use encode::log_of;
pub use encode::{live_log, reached};
pub use end::Ended;
pub use resume::{MAX_TRIES, Resumed};
pub use upkeep::{CacheCleared, Upkeep};
pub use watch::{Progress, Stage, Watch};

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
    /// earlier process left in the middle: they go first.
    pub fn run_queue(&self, limit: usize, standing: Vec<Resumed>, watch: &dyn Watch) -> Result<Vec<Ended>, StoreError> {
        let waiting = std::sync::Mutex::new(standing);
        thread::scope(|scope| {
            let worker = || -> Result<Vec<Ended>, StoreError> {
                let mut ended = Vec::new();
                while !self.cancel.is_cancelled() {
                    let waits = waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
                    let Some(next) = waits.map_or_else(|| self.claim(|_| Ok(true)), |resumed| Ok(Some(resumed)))?
                    else {
                        break;
                    };
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
    /// it was.
    pub fn claim(
        &self,
        allowed: impl FnOnce(&Tx<'_>) -> Result<bool, StoreError>,
    ) -> Result<Option<Resumed>, StoreError> {
        let claimed =
            self.store.write(|tx| if allowed(tx)? { tx.job_claim(JobStatus::Transcoding) } else { Ok(None) })?;
        match claimed {
            Some(job) => Ok(Some(Resumed { standing: self.standing_of(job.id)?, job })),
            None => Ok(None),
        }
    }

    /// Runs one job that is in an active status, to its end. `None` when it did not end here: it went back to the queue,
    /// is held, or was left to another start.
    pub fn run(&self, resumed: Resumed, watch: &dyn Watch) -> Result<Option<Ended>, StoreError> {
        let Resumed { job, standing } = resumed;
        watch.started(&job);
        let hand = Hand::default();
        let over = Cancel::new();
        let stop = thread::scope(|scope| {
            scope.spawn(|| self.listen(job.id, &hand, &over));
            // However the line ends, the listener ends with it.
            let _over = Over(&over);
            line::Line { runner: self, job: &job, hand: &hand, watch }.walk(standing)
        });
        let ended = self.end(&job, stop, hand.wish());
        watch.ended(&job, ended.as_ref().ok().and_then(Option::as_ref));
        ended
    }
}
