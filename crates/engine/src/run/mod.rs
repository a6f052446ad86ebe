//! One job, from queued to its end: the source is decoded, the encode runs under its own supervisor, the output is
//! proven, and only then takes the original's place.
//!
//! A job's work is straight-line code on a thread of its own; what must survive a crash is written down before each
//! step and after it, so that [`Runner::resume`] knows where every job stood.

mod encode;
mod end;
mod line;
pub mod measure;
pub mod outcome;
pub mod prove;
mod quality;
mod resume;
mod space;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use mediaflow_core::job::JobStatus;
use mediaflow_core::replace::Epoch;
use mediaflow_core::time::Clock;
use mediaflow_store::{Job, Store, StoreError};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::executor::Executor;

pub use end::Ended;
pub use resume::Resumed;
pub use watch::{Progress, Stage, Watch};

use measure::Tools;
use resume::Standing;

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
                    let resumed = waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
                    let (job, standing) = match resumed {
                        Some(resumed) => (resumed.job, resumed.standing),
                        None => match self.store.write(|tx| tx.job_claim(JobStatus::Transcoding))? {
                            Some(job) => (job, Standing::Fresh),
                            None => break,
                        },
                    };
                    ended.extend(self.run_job(&job, standing, watch)?);
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
            return self.run_job(&resumed.job, resumed.standing, watch);
        }
        let job = self.store.write(|tx| {
            tx.job_step(job_id, JobStatus::Transcoding)?;
            tx.job(job_id)
        })?;
        self.run_job(&job, Standing::Fresh, watch)
    }

    /// Runs one job that is in an active status, to its end. `None` when it went back to the queue instead.
    fn run_job(&self, job: &Job, standing: Standing, watch: &dyn Watch) -> Result<Option<Ended>, StoreError> {
        watch.started(job);
        let cancel = Cancel::new();
        let over = Cancel::new();
        let stop = thread::scope(|scope| {
            scope.spawn(|| self.listen(job.id, &cancel, &over));
            // However the line ends, the listener ends with it.
            let _over = Over(&over);
            line::Line { runner: self, job, cancel: &cancel, watch }.walk(standing)
        });
        let ended = self.end(job, stop)?;
        watch.ended(job, ended.as_ref());
        Ok(ended)
    }

    /// Passes on the wish to stop: the runner's own, or the user's for this job.
    fn listen(&self, job_id: i64, cancel: &Cancel, over: &Cancel) {
        /// A cancelled job is to be gone within two seconds.
        const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(250);
        while !over.wait_timeout(LOOK_EVERY) {
            let wanted = self.store.read(|r| r.job_cancel_requested(job_id)).unwrap_or(false);
            if wanted || self.cancel.is_cancelled() {
                cancel.cancel();
                return;
            }
        }
    }
}
