//! After a restart: what earlier processes left in the middle is found again.

use std::path::PathBuf;

use mediaflow_core::job::{Ending, FailureCause, JobStatus};
use mediaflow_core::replace::State;
use mediaflow_core::text;
use mediaflow_store::{Attempt, AttemptState, Job, JobEnd, JobPage, StoreError, TaskKind};
use mediaflow_transport::executor::{End, Observation};
use mediaflow_transport::storage::LocalStorage;

use super::outcome::ProvenProbe;
use super::upkeep::is_unfinished;
use super::{Runner, encode, trials};

/// How far a job had come.
#[derive(Debug)]
pub(super) enum Standing {
    /// Nothing is done yet.
    Fresh,
    /// Its encode runs, or ended while nobody looked.
    Encoding(Box<Attempt>),
    /// Its output lies there, unproven.
    Encoded(PathBuf),
}

impl Standing {
    /// What its job does when it is taken up, in a word or two.
    pub(super) const fn begins(&self) -> &'static str {
        match self {
            Self::Fresh => "begins",
            Self::Encoding(_) => "goes on with its encode",
            Self::Encoded(_) => "goes on with its output",
        }
    }
}

/// A job that goes on where it stood.
#[derive(Debug)]
pub struct Resumed {
    /// The job, in an active status.
    pub job: Job,
    pub(super) standing: Standing,
}

/// The statuses of jobs that some process had in hand.
const ACTIVE: [JobStatus; 4] =
    [JobStatus::Transferring, JobStatus::Transcoding, JobStatus::Verifying, JobStatus::Replacing];

/// After so many encodes a job is not begun again by itself.
pub const MAX_TRIES: usize = 10;

impl Runner {
    /// Finds jobs that an earlier process left in the middle. Those whose encode runs or is done are given back to go
    /// on; the others return to the queue. Replacements must have been recovered before, and no other process may be
    /// working on this database.
    pub fn resume(&self) -> Result<Vec<Resumed>, StoreError> {
        let mut resumed = Vec::new();
        let page = JobPage { statuses: &ACTIVE, file_id: None, limit: u32::MAX, offset: 0 };
        for job in self.store.read(|r| r.jobs(&page))? {
            let root = self.store.read(|r| r.storage(job.storage_id))?.root;
            trials::sweep(&LocalStorage::new(root), &job, self.epoch);
            resumed.extend(self.resume_one(job)?);
        }
        self.upkeep().wind_up_ended()?;
        self.upkeep().clear()?;
        Ok(resumed)
    }

    /// The same for a job that was left in the middle by this process. `None` when it returned to the queue, ended, or
    /// waits for its storage.
    pub fn resume_one(&self, job: Job) -> Result<Option<Resumed>, StoreError> {
        let replacements = self.store.read(|r| r.replacements_of_job(job.id))?;
        match replacements.last().map(|stored| (stored.record.state, &stored.conflict)) {
            // Its storage was not there to be looked at; the next start tries again.
            Some((state, _)) if !state.is_final() => return Ok(None),
            Some((State::Conflict, conflict)) => {
                self.end_in_conflict(&job, conflict.as_deref().unwrap_or("its replacement needs a person"))?;
                return Ok(None);
            }
            _ => {}
        }
        for attempt in self.store.read(|r| r.attempts_of_job(job.id))? {
            if is_unfinished(&attempt) && attempt.kind == TaskKind::Prove {
                let nothing = None::<ProvenProbe>;
                self.store
                    .write(|tx| tx.attempt_finish(attempt.id, attempt.token, AttemptState::Failed, &nothing, None))?;
            }
        }
        match self.standing_of(job.id)? {
            Standing::Fresh => self.start_over(&job).map(|()| None),
            standing => Ok(Some(Resumed { job, standing })),
        }
    }

    /// How far a job had come, by its last encode.
    pub(super) fn standing_of(&self, job_id: i64) -> Result<Standing, StoreError> {
        let attempts = self.store.read(|r| r.attempts_of_job(job_id))?;
        let encode = attempts.iter().rev().find(|attempt| attempt.kind == TaskKind::Encode);
        Ok(self.standing(encode)?.unwrap_or(Standing::Fresh))
    }

    fn standing(&self, encode: Option<&Attempt>) -> Result<Option<Standing>, StoreError> {
        let Some(attempt) = encode else { return Ok(None) };
        if attempt.state == AttemptState::Done {
            let output = encode::output_of(attempt);
            return Ok(output.is_file().then_some(Standing::Encoded(output)));
        }
        if !is_unfinished(attempt) {
            return Ok(None);
        }
        match self.executor.observe(&attempt.dir) {
            // Stopped on purpose, by a process that left before it could say so: the job begins anew.
            Ok(Observation::Exited(exit)) if exit.end == End::Cancelled => Ok(None),
            Ok(Observation::Running { .. } | Observation::Exited(_)) => {
                let lease = self.clock.now().plus_seconds(encode::LEASE_SECONDS);
                let adopted = self.store.write(|tx| tx.attempt_adopt(attempt.id, attempt.token, lease))?;
                Ok(adopted.map(|attempt| Standing::Encoding(Box::new(attempt))))
            }
            Ok(Observation::NotStarted | Observation::Lost { .. }) | Err(_) => {
                // Whatever it was, nothing of it may go on beside its successor.
                if let Err(error) = self.executor.cancel(&attempt.dir) {
                    tracing::debug!("winding up {}: {error}", attempt.dir.display());
                }
                Ok(None)
            }
        }
    }

    /// Nothing of a job is left to go on with: it returns to the queue. Where it was being replaced, recovery has put
    /// the files back as they were. One whose encode is lost again and again may be what takes this machine down.
    fn start_over(&self, job: &Job) -> Result<(), StoreError> {
        let attempts = self.store.read(|r| r.attempts_of_job(job.id))?;
        let tries = attempts.iter().filter(|attempt| attempt.kind == TaskKind::Encode).count();
        if tries < MAX_TRIES {
            return self.requeue(job);
        }
        self.upkeep().wind_up(job.id)?;
        let lost = text::count(tries, "time");
        let reason = format!("its encode was lost {lost}; does this machine run out of memory over it?");
        tracing::warn!("job {} failed: {reason}", job.id);
        let end =
            JobEnd { ending: Ending::Failed, reason: &reason, cause: Some(FailureCause::Killed), output_bytes: None };
        self.store.write(|tx| tx.job_end(job.id, &end))
    }

    fn end_in_conflict(&self, job: &Job, reason: &str) -> Result<(), StoreError> {
        self.upkeep().sweep(job.id)?;
        tracing::warn!("job {} failed: {reason}", job.id);
        let end = JobEnd { ending: Ending::Failed, reason, cause: Some(FailureCause::Storage), output_bytes: None };
        self.store.write(|tx| tx.job_end(job.id, &end))
    }
}
