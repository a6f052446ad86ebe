//! What a user does with jobs that are there: cancel, hold, let go on, order, clear.

use std::collections::BTreeSet;
use std::time::Duration;

use mediaflow_core::job::JobStatus;
use mediaflow_core::schedule::Gate;
use mediaflow_store::{AttemptState, Job, JobPage, StoreError, TaskKind, Tx};

use super::Service;
use super::error::CommandError;
use super::progress::{self, JobProgress};
use crate::run::{CacheCleared, live_log};
use crate::settings;

/// The queue in figures.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueStats {
    /// Jobs that wait for their turn.
    pub queued: u64,
    /// Jobs that are held.
    pub paused: u64,
    /// Jobs that are worked on.
    pub active: u64,
    /// Jobs that came to a normal end.
    pub completed: u64,
    /// Jobs that failed or were refused.
    pub failed: u64,
    /// Jobs that were cancelled.
    pub cancelled: u64,
    /// Frames a second of all encodes together.
    pub aggregate_fps: f64,
    /// Seconds until everything that runs or waits is done, by what earlier jobs took; `None` while these are too few.
    pub estimated_s: Option<u64>,
    /// Whether the user holds the queue: no job is begun.
    pub is_paused: bool,
    /// Jobs among those that wait which wait for an instant.
    pub timed: u64,
    /// Jobs among those that wait which wait for a folder that is not there.
    pub away: u64,
    /// Whether there are active hours at all.
    pub has_hours: bool,
    /// Whether jobs may be begun by them, and when that changes.
    pub gate: Gate,
    /// Whether jobs that run are held when the active hours end.
    pub pauses_at_end: bool,
    /// How many jobs may run at the same time.
    pub slots: usize,
}

/// How long clearing waits for running jobs to be gone. A cancelled one is within two seconds.
const CLEAR_PATIENCE: Duration = Duration::from_secs(8);

impl Service {
    /// Cancels a job and gives where it stands. One that waits or is held has ended; one that runs ends in a moment.
    pub fn job_cancel(&self, id: i64) -> Result<JobStatus, CommandError> {
        let store = &self.inner.store;
        let has_ended = store.write(|tx| tx.job_cancel(id, "cancelled by the user"))?;
        if has_ended {
            tracing::info!("job {id} was cancelled before its turn, or while it was held");
            // It may have been held in the middle of its encode.
            self.inner.upkeep().wind_up(id)?;
            self.inner.look_for_leavings();
        }
        Ok(store.read(|r| r.job(id))?.status)
    }

    /// Holds a job and gives where it stands. One that runs is held in a moment, and gives its place to another.
    pub fn job_pause(&self, id: i64) -> Result<JobStatus, CommandError> {
        let store = &self.inner.store;
        store.write(|tx| tx.job_pause(id))?;
        Ok(store.read(|r| r.job(id))?.status)
    }

    /// Lets a held job go on where it was, when its turn comes; takes away the instant that one waits for; queues a failed or cancelled one anew, whatever is
    /// remembered of it. Gives where it stands.
    pub fn job_resume(&self, id: i64) -> Result<JobStatus, CommandError> {
        let store = &self.inner.store;
        let job = store.write(|tx| {
            let job = tx.job(id)?;
            if job.status.is_final() {
                tx.verdict_clear(&job.content, Some(&job.policy))?;
            }
            tx.job_resume(id)?;
            tx.job(id)
        })?;
        Ok(job.status)
    }

    /// Changes a job's priority; higher goes first.
    pub fn job_set_priority(&self, id: i64, priority: i64) -> Result<(), CommandError> {
        Ok(self.inner.store.write(|tx| tx.job_set_priority(id, priority))?)
    }

    /// Gives a waiting job its turn directly before another one, or (`None`) after all.
    pub fn job_move(&self, id: i64, before: Option<i64>) -> Result<(), CommandError> {
        Ok(self.inner.store.write(|tx| tx.job_move(id, before))?)
    }

    /// Removes finished jobs from the list and gives how many. With `include_active` everything else is cancelled and
    /// removed too, except what is being replaced right now.
    pub fn jobs_clear(&self, include_active: bool) -> Result<usize, CommandError> {
        let inner = &self.inner;
        let mut cleared = 0;
        if include_active {
            let statuses: Vec<JobStatus> = JobStatus::ALL
                .into_iter()
                .filter(|status| !status.is_final() && *status != JobStatus::Replacing)
                .collect();
            let page = JobPage { statuses: &statuses, file_id: None, limit: u32::MAX, offset: 0 };
            // By far the most, of which nothing is to be put away.
            cleared += self.cleared(|tx| tx.jobs_clear_unbegun())?;
            let (running, ended) = inner.store.write(|tx| {
                let (mut running, mut ended) = (BTreeSet::new(), BTreeSet::new());
                for job in tx.jobs(&page)? {
                    let has_ended = tx.job_cancel(job.id, "cleared by the user")?;
                    if has_ended {
                        ended.insert(job.id)
                    } else {
                        running.insert(job.id)
                    };
                }
                Ok((running, ended))
            })?;
            // An encode or an output of one that was held, or waited for its folder.
            for id in ended {
                inner.upkeep().wind_up(id)?;
            }
            inner.dispatch.wait_for(&running, CLEAR_PATIENCE);
        }
        inner.upkeep().wind_up_ended()?;
        inner.look_for_leavings();
        cleared += self.cleared(|tx| tx.jobs_clear_finished())?;
        Ok(cleared)
    }

    /// Removes jobs some at a time, so that no writer waits long, and gives how many.
    fn cleared(&self, remove: impl Fn(&Tx<'_>) -> Result<usize, StoreError>) -> Result<usize, CommandError> {
        let mut all = 0;
        loop {
            match self.inner.store.write(&remove)? {
                0 => return Ok(all),
                removed => all += removed,
            }
        }
    }

    /// Removes working files that no unfinished job needs.
    pub fn cache_clear(&self) -> Result<CacheCleared, CommandError> {
        Ok(self.inner.upkeep().clear()?)
    }

    /// What ffmpeg said in a job's last encode: so far, or in the end, also when the job was cleared away.
    pub fn job_log(&self, id: i64) -> Result<String, CommandError> {
        if let Some(kept) = self.inner.store.read(|r| r.kept_log(id))? {
            return Ok(kept);
        }
        let attempts = self.inner.store.read(|r| {
            r.job(id)?;
            r.attempts_of_job(id)
        })?;
        let encode = attempts.into_iter().rev().find(|attempt| attempt.kind == TaskKind::Encode);
        Ok(match encode {
            None => String::new(),
            Some(attempt) if matches!(attempt.state, AttemptState::Submitted | AttemptState::Running) => {
                live_log(&attempt)
            }
            Some(attempt) => attempt.log_tail.unwrap_or_default(),
        })
    }

    /// How far a running job is now, or how far one came whose encode is held, or is still to be found after a restart.
    #[must_use]
    pub fn progress(&self, job: &Job) -> Option<JobProgress> {
        // What is held says so before its thread has left the book: what is in there may be of when it still ran.
        let running = if job.status.is_active() { self.inner.progress.get(job.id) } else { None };
        running.or_else(|| progress::of_left(&self.inner.store, job).ok().flatten())
    }

    /// How far all running jobs are now.
    #[must_use]
    pub fn progress_all(&self) -> Vec<JobProgress> {
        self.inner.progress.all()
    }

    /// The queue in figures.
    pub fn queue_stats(&self) -> Result<QueueStats, CommandError> {
        let ((counts, queued_bytes, waits), work_us_per_byte, is_paused, slots, schedule) =
            self.inner.store.read(|r| {
                Ok((
                    (r.job_counts()?, r.queued_bytes()?, r.queue_waits()?),
                    r.work_us_per_byte()?,
                    settings::queue_paused(r)?,
                    settings::concurrent_jobs(r)?,
                    settings::schedule(r)?,
                ))
            })?;
        let of = |wanted: fn(JobStatus) -> bool| counts.iter().filter(|(of, _)| wanted(*of)).map(|(_, n)| n).sum();
        let running = self.inner.progress.all();
        Ok(QueueStats {
            queued: of(|status| status == JobStatus::Queued),
            paused: of(|status| status == JobStatus::Paused),
            active: of(JobStatus::is_active),
            completed: of(|status| status == JobStatus::Completed),
            failed: of(|status| status == JobStatus::Failed),
            cancelled: of(|status| status == JobStatus::Cancelled),
            aggregate_fps: running.iter().filter_map(|progress| progress.fps).sum(),
            estimated_s: estimated_s(&running, queued_bytes, work_us_per_byte, slots),
            is_paused,
            timed: waits.timed,
            away: waits.away,
            has_hours: schedule.hours.is_some(),
            gate: schedule.gate(self.inner.clock.now()),
            pauses_at_end: schedule.pauses_at_end,
            slots,
        })
    }

    /// Has a job that waits done by a worker, if that can do it.
    pub fn job_prefer(&self, id: i64, worker_id: i64) -> Result<(), CommandError> {
        self.inner.store.write(|tx| {
            let job = tx.job(id)?;
            match job.status {
                JobStatus::Queued | JobStatus::Failed | JobStatus::Cancelled => {
                    tx.jobs_prefer(&[id], worker_id).map(Ok)
                }
                _ => Ok(Err(CommandError::WrongState(format!(
                    "job {id} is {}: only one that waits can be given to another server",
                    job.status.name()
                )))),
            }
        })?
    }

    /// Begins no further job until [`Self::queue_resume`], across restarts too. What runs goes on.
    pub fn queue_pause(&self) -> Result<(), CommandError> {
        self.setting_set(settings::QUEUE_PAUSED, &true.into()).map(drop)
    }

    /// Begins jobs again.
    pub fn queue_resume(&self) -> Result<(), CommandError> {
        self.setting_set(settings::QUEUE_PAUSED, &false.into()).map(drop)
    }
}

/// The longest of what runs, and after it what waits, so many at a time.
fn estimated_s(running: &[JobProgress], queued_bytes: u64, work_us_per_byte: Option<f64>, slots: usize) -> Option<u64> {
    let left_s = running.iter().filter_map(|progress| progress.eta_s).max();
    let waiting_s = match (queued_bytes, work_us_per_byte) {
        (0, _) => Some(0),
        (_, None) => None,
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // an estimate
        (bytes, Some(us_per_byte)) => Some((bytes as f64 * us_per_byte / 1e6 / slots.max(1) as f64) as u64),
    };
    Some(left_s.unwrap_or(0) + waiting_s?)
}
