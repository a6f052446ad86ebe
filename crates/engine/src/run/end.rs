//! The ends of a job: written down in one transaction, and the scratch swept away.

use mediaflow_core::job::{Ending, Failure, FailureCause, Verdict};
use mediaflow_store::{Job, JobEnd, StoreError};

use super::hand::Wish;
use super::{Runner, outcome};

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
    /// The store failed: nothing more can be written down.
    Store(StoreError),
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

impl Runner {
    /// Ends a job as its line stopped. `None` when it went back to the queue, is held or was left as it is.
    pub(super) fn end(&self, job: &Job, stop: Stop, wish: Option<Wish>) -> Result<Option<Ended>, StoreError> {
        let (ending, reason, cause, output_bytes, verdict) = match stop {
            Stop::Done(ending, reason) => {
                self.upkeep().sweep(job.id)?;
                return Ok(Some(Ended { job_id: job.id, ending, reason }));
            }
            Stop::Left(reason) => {
                tracing::warn!("job {}: {reason}", job.id);
                return Ok(None);
            }
            Stop::Store(error) => return Err(error),
            Stop::Cancelled => {
                match wish {
                    Some(Wish::Requeue) => return self.requeue(job).map(|()| None),
                    Some(Wish::Detach) => return self.leave(job).map(|()| None),
                    Some(Wish::Pause) if self.hold(job)? => return Ok(None),
                    // Pause: it was cancelled while it was about to be held.
                    Some(Wish::Pause | Wish::Cancel) | None => {}
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
            Stop::Failed(failure) => {
                // The same encoder makes the same output again: what the proof rejects once, it always rejects.
                let verdict = (failure.cause == FailureCause::Proof)
                    .then(|| Verdict::Refused { reason: failure.message.clone() });
                (Ending::Failed, failure.message, Some(failure.cause), None, verdict)
            }
        };
        let counts = cause.is_some_and(|cause| !Failure::new(cause, "").is_circumstance()) && verdict.is_none();
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
            tx.job_end(job.id, &JobEnd { ending, reason: &reason, cause, output_bytes })
        })?;
        Ok(Some(Ended { job_id: job.id, ending, reason }))
    }
}
