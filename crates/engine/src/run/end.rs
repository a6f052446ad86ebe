//! The ends of a job: written down in one transaction, and the scratch swept away.

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, Failure, FailureCause, Verdict, next_try};
use mediaflow_core::text;
use mediaflow_store::{Job, JobEnd, JobRetry, StoreError, Tx};

use super::away::Away;
use super::hand::Wish;
use super::{Runner, outcome};
use crate::settings;

/// How a job came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The job.
    pub job_id: i64,
    /// The ending.
    pub ending: Ending,
    /// Why, for a person.
    pub reason: String,
}

/// Why a job's line stops.
#[derive(Debug)]
pub(super) enum Stop {
    /// The output is in place; the journal has ended the job in its own transaction.
    Done(Ending, String),
    /// The output was right, but not worth it.
    NotWorthIt { reason: String, output_bytes: Option<u64> },
    /// It was not done, for a reason in the content: remembered, so that it is not asked again.
    Refused(String),
    /// It was not done, for a reason that lies around the file (a link, another file of that name).
    RefusedHere(String),
    /// Something went wrong.
    Failed(Failure),
    /// What lies where must be looked at by a person; the journal has written it down.
    Conflict(String),
    /// The folder of its file is not there: it waits in the queue, with what it has.
    Away(Away),
    /// The store failed: nothing more can be written down.
    Store(StoreError),
    /// The machine that did it does not answer any more: the job goes elsewhere.
    WorkerLost(String),
    /// Somebody asked to stop.
    Cancelled,
    /// Not ended here: another attempt has taken the job over, or the journal will decide at the next start.
    Left(String),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Stop {
    /// The encoder did not do what it was told.
    pub fn failed_encoder(message: String) -> Self {
        Self::Failed(Failure::new(FailureCause::Encoder, message))
    }

    /// What went wrong that may be the machine's fault, and not the file's.
    pub fn fault_of_worker(&self) -> Option<&str> {
        match self {
            Self::WorkerLost(reason) => Some(reason),
            Self::Failed(failure) => {
                use FailureCause::{Encoder, Killed, NoSpace, Stuck, Tool};
                matches!(failure.cause, Encoder | Killed | NoSpace | Stuck | Tool).then_some(failure.message.as_str())
            }
            _ => None,
        }
    }

    /// Whether the machine did all that was asked of it.
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done(..) | Self::NotWorthIt { .. })
    }

    /// Whether the reason may be that the file's folder is not there, whatever it looked like from where it was met.
    pub fn may_be_the_folder(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Refused(_) | Self::RefusedHere(_))
    }
}

impl Runner {
    /// Ends a job as its line stopped. `None` when it went back to the queue, is held, waits or was left as it is.
    pub(super) fn end(&self, job: &Job, stop: Stop, wish: Option<Wish>) -> Result<Option<Ended>, StoreError> {
        let stop = match stop {
            Stop::Away(away) if wish.is_none() => match self.wait_for_folder(job, &away)? {
                true => return Ok(None),
                false => Stop::Cancelled,
            },
            Stop::Cancelled | Stop::Away(_) if wish == Some(Wish::Stuck) => Stop::Failed(self.stuck()?),
            Stop::Away(_) => Stop::Cancelled,
            Stop::WorkerLost(reason) if wish.is_none() => {
                tracing::warn!("job {} goes elsewhere: {reason}", job.id);
                return self.requeue(job).map(|()| None);
            }
            Stop::WorkerLost(_) => Stop::Cancelled,
            stop => stop,
        };
        let stop = match stop {
            Stop::Failed(failure) if self.retries_later => match self.retry(job, &failure)? {
                Retried::Later => return Ok(None),
                Retried::Cancelled => Stop::Cancelled,
                Retried::Not => Stop::Failed(failure),
            },
            stop => stop,
        };
        let (ending, reason, cause, output_bytes, verdict) = match stop {
            Stop::Done(ending, reason) => {
                self.upkeep().sweep(job.id)?;
                return Ok(Some(logged(job, ending, reason)));
            }
            Stop::Left(reason) => {
                tracing::warn!("job {}: {reason}", job.id);
                return Ok(None);
            }
            Stop::Store(error) => return Err(error),
            Stop::Cancelled | Stop::Away(_) | Stop::WorkerLost(_) => {
                match wish {
                    Some(Wish::Requeue) => return self.requeue(job).map(|()| None),
                    Some(Wish::Detach) => return self.leave(job).map(|()| None),
                    Some(Wish::Pause) if self.hold(job)? => return Ok(None),
                    // Pause: it was cancelled while it was about to be held.
                    Some(Wish::Pause | Wish::Cancel | Wish::Stuck) | None => {}
                }
                (Ending::Cancelled, "cancelled".to_owned(), None, None, None)
            }
            Stop::NotWorthIt { reason, output_bytes } => {
                let verdict = Verdict::NotWorthIt { reason: reason.clone() };
                (Ending::NotWorthIt, reason, None, output_bytes, Some(verdict))
            }
            Stop::Refused(reason) => {
                let verdict = Verdict::Refused { reason: reason.clone() };
                (Ending::Refused, reason, None, None, Some(verdict))
            }
            Stop::RefusedHere(reason) => (Ending::Refused, reason, None, None, None),
            Stop::Conflict(reason) => (Ending::Failed, reason, Some(FailureCause::Storage), None, None),
            Stop::Failed(failure) => {
                // The same encoder makes the same output again: what the proof rejects once, it always rejects.
                let verdict = (failure.cause == FailureCause::Proof)
                    .then(|| Verdict::Refused { reason: failure.message.clone() });
                (Ending::Failed, failure.message, Some(failure.cause), None, verdict)
            }
        };
        let counts = cause.is_some_and(counts_against_the_file) && verdict.is_none();
        // The line may have stopped before it came to an encode that an earlier process had begun.
        self.upkeep().wind_up(job.id)?;
        self.store.write(|tx| {
            tx.space_release(job.id)?;
            match &verdict {
                Some(verdict) => tx.verdict_put(&job.content, &job.policy, verdict)?,
                None if counts => drop(tx.verdict_failed(&job.content, &job.policy, &reason)?),
                None => {}
            }
            let summary = outcome::of(tx, job, ending, output_bytes)?;
            tx.outcome_put(&mediaflow_store::Outcome { reason: reason.clone(), ..summary })?;
            if cause == Some(FailureCause::Stuck) {
                tell_stuck(tx, job.id, None)?;
            }
            tx.job_end(job.id, &JobEnd { ending, reason: &reason, cause, output_bytes })
        })?;
        Ok(Some(logged(job, ending, reason)))
    }
}

/// Whether a job that failed is tried again.
enum Retried {
    /// It stands in the queue and has its turn after a while.
    Later,
    /// It is not.
    Not,
    /// It was cancelled meanwhile.
    Cancelled,
}

impl Runner {
    fn stuck(&self) -> Result<Failure, StoreError> {
        let minutes = self.store.read(settings::stuck_after)?.as_secs_f64() / 60.0;
        let message = format!(
            "it did not get on for {minutes} minutes and was stopped; look at the disk of its file and at the load of this machine"
        );
        Ok(Failure::new(FailureCause::Stuck, message))
    }

    /// Puts a job that failed back into the queue, if another try may mend it and it has one left.
    fn retry(&self, job: &Job, failure: &Failure) -> Result<Retried, StoreError> {
        let max_retries = self.store.read(settings::max_retries)?;
        let Some(backoff_minutes) = next_try(failure, job.retries, max_retries) else { return Ok(Retried::Not) };
        self.upkeep().wind_up(job.id)?;
        let minutes = text::count(backoff_minutes, "minute");
        let reason = format!("{}; it is tried again after {minutes}", failure.message);
        let retried = self.store.write(|tx| {
            let wishes = tx.job_wishes(job.id)?;
            if wishes.cancel {
                return Ok(Retried::Cancelled);
            }
            if counts_against_the_file(failure.cause) {
                tx.verdict_failed(&job.content, &job.policy, &failure.message)?;
            }
            tx.job_unassign(job.id)?;
            let retry_count = tx.job_retry(job.id, &JobRetry { reason: &reason, backoff_minutes, max_retries })?;
            if failure.cause == FailureCause::Stuck {
                tell_stuck(tx, job.id, Some(retry_count))?;
            }
            if wishes.pause {
                tx.job_pause(job.id)?;
            }
            Ok(Retried::Later)
        })?;
        if matches!(retried, Retried::Later) {
            tracing::warn!("job {} failed and has retry {} of {max_retries}: {reason}", job.id, job.retries + 1);
        }
        Ok(retried)
    }
}

fn tell_stuck(tx: &Tx<'_>, job_id: i64, retry_count: Option<u32>) -> Result<(), StoreError> {
    let action = if retry_count.is_some() { "requeued" } else { "failed" }.to_owned();
    tx.event(&Event::JobStuck { job_id, action, retry_count }).map(drop)
}

fn counts_against_the_file(cause: FailureCause) -> bool {
    !Failure::new(cause, "").is_circumstance()
}

/// How a job came out, in the program's log too.
fn logged(job: &Job, ending: Ending, reason: String) -> Ended {
    let (id, title, how) = (job.id, &job.title, ending.name().replace('_', " "));
    match ending {
        Ending::Failed => tracing::warn!("job {id} {how}: {title}: {reason}"),
        _ => tracing::info!("job {id} {how}: {title}: {reason}"),
    }
    Ended { job_id: id, ending, reason }
}
