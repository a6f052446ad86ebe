//! The ends of a job: written down in one transaction, and the scratch swept away.

use mediaflow_core::job::{Ending, Failure, FailureCause, Verdict};
use mediaflow_store::{Job, JobEnd, StoreError};

use super::away::Away;
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
    /// What lies where must be looked at by a person; the journal has written it down.
    Conflict(String),
    /// The folder of its file is not there: it waits in the queue, with what it has.
    Away(Away),
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

impl Stop {
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
            Stop::Away(_) => Stop::Cancelled,
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
            Stop::Cancelled | Stop::Away(_) => {
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
            Stop::Conflict(reason) => (Ending::Failed, reason, Some(FailureCause::Storage), None, None),
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
        Ok(Some(logged(job, ending, reason)))
    }
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
