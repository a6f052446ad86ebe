//! Jobs in hand: each on a thread of its own, also while it is only being found again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mediaflow_store::StoreError;

use super::dispatch::Left;
use super::inner::Inner;
use super::progress::Told;
use crate::run::{Resumed, Runner};

/// How long a job that was left in the middle waits: what failed was the database or a disk, not the job.
pub(super) const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// Takes a job up again that was left in the middle, on a thread of its own: what has to be looked at may lie on a machine
/// that does not answer.
pub(super) fn take_up(inner: &Arc<Inner>, runner: &Arc<Runner>, job_id: i64) {
    if inner.dispatch.has(job_id) {
        return;
    }
    let (own, runner) = (Arc::clone(inner), Arc::clone(runner));
    spawn(inner, job_id, None, move || {
        let Some(resumed) = find_again(&own, &runner, job_id)? else { return Ok(false) };
        own.dispatch.has_in_hand(job_id, Some(resumed.worker_id()));
        runner.run(resumed, &Told(Arc::clone(&own))).map(|_| true)
    });
}

/// Runs one job on a thread of its own.
pub(super) fn begin(inner: &Arc<Inner>, runner: &Arc<Runner>, resumed: Resumed) {
    let (own, runner) = (Arc::clone(inner), Arc::clone(runner));
    spawn(inner, resumed.job.id, Some(resumed.worker_id()), move || runner.run(resumed, &Told(own)).map(|_| true));
}

/// A job that was left in the middle, because the database or a disk failed, or a machine was away: settled by what lies
/// where, as after a crash.
fn find_again(inner: &Inner, runner: &Runner, job_id: i64) -> Result<Option<Resumed>, StoreError> {
    let job = match inner.store.read(|r| r.job(job_id)) {
        Ok(job) if job.status.is_active() => job,
        Ok(_) | Err(StoreError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let worker_id = job.worker_id;
    let unsettled = inner.originals().recover_job(job_id).unwrap_or_else(|error| Some(error.to_string()));
    // Settling its replacement may have been all that was left to do.
    let job = inner.store.read(|r| r.job(job.id))?;
    if !job.status.is_active() {
        inner.upkeep().wind_up(job_id)?;
        return Ok(None);
    }
    let resumed = runner.resume_one(job)?;
    if inner.store.read(|r| r.job(job_id))?.status.is_active() {
        let waits_for = match (&resumed, unsettled, worker_id) {
            (None, None, Some(worker_id)) => Some(finding_again(inner, worker_id)?),
            (_, unsettled, _) => unsettled,
        };
        // Said once, however often it is looked at again.
        let is_news = inner.store.write(|tx| tx.job_stays(job_id, waits_for.as_deref()))?;
        if let (true, Some(reason)) = (is_news, &waits_for) {
            tracing::warn!("job {job_id} waits: {reason}");
        }
    }
    Ok(resumed)
}

/// What a job waits for whose worker cannot be asked now.
fn finding_again(inner: &Inner, worker_id: i64) -> Result<String, StoreError> {
    match inner.store.read(|r| r.worker(worker_id)) {
        Ok(worker) => Ok(format!("finding it again on {}", worker.name())),
        Err(StoreError::NotFound { .. }) => Ok("its server was removed".to_owned()),
        Err(error) => Err(error),
    }
}

/// Does what is to be done for one job on a thread of its own; `work` says whether it got so far as to run it. A job that
/// stands in an active status after that was left in the middle.
fn spawn(
    inner: &Arc<Inner>,
    job_id: i64,
    worker_id: Option<i64>,
    work: impl FnOnce() -> Result<bool, StoreError> + Send + 'static,
) {
    inner.dispatch.has_in_hand(job_id, worker_id);
    let own = Arc::clone(inner);
    let started = inner.threads.spawn(&format!("job-{job_id}"), move || {
        let result = catch_unwind(AssertUnwindSafe(work));
        let did_run = match &result {
            Ok(Ok(did_run)) => *did_run,
            Ok(Err(error)) => {
                tracing::error!("job {job_id}: {error}");
                true
            }
            Err(_) => {
                tracing::error!("job {job_id} panicked; it is taken up again");
                true
            }
        };
        own.dispatch.ended(job_id, left(&own, job_id, matches!(result, Ok(Ok(_)))));
        own.signals.queue.raise();
        if did_run {
            own.look_for_leavings();
        }
    });
    if !started {
        let left = Left { job_id, at: Instant::now() + inner.again_after, awaits: None };
        inner.dispatch.ended(job_id, Some(left));
    }
}

/// Whether a job was left in the middle whose thread is about to end: by its status, where that is known.
fn left(inner: &Inner, job_id: i64, is_known: bool) -> Option<Left> {
    let job = inner.store.read(|r| r.job(job_id)).ok();
    let is_left = if is_known { job.as_ref().is_some_and(|job| job.status.is_active()) } else { true };
    let awaits = job.and_then(|job| job.worker_id).filter(|worker_id| !inner.fleet.is_ready(*worker_id));
    (is_left && !inner.stop.is_cancelled()).then(|| Left { job_id, at: Instant::now() + inner.again_after, awaits })
}
