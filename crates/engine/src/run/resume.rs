//! After a restart: what earlier processes left in the middle is found again.

use std::path::PathBuf;

use mediaflow_core::job::{Ending, FailureCause, JobStatus};
use mediaflow_core::replace::State;
use mediaflow_store::{Attempt, AttemptState, Job, JobEnd, JobPage, StoreError, TaskKind};
use mediaflow_transport::executor::{End, Observation};

use super::outcome::ProvenProbe;
use super::{Runner, encode};

/// How far a job had come.
#[derive(Debug)]
pub(super) enum Standing {
    /// Nothing is done yet.
    Fresh,
    /// Its encode runs, or ended while nobody looked.
    Encoding(Attempt),
    /// Its output lies there, unproven.
    Encoded(PathBuf),
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

impl Runner {
    /// Finds jobs that an earlier process left in the middle. Those whose encode runs or is done are given back to go
    /// on; the others return to the queue. Replacements must have been recovered before, and no other process may be
    /// working on this database.
    pub fn resume(&self) -> Result<Vec<Resumed>, StoreError> {
        let mut resumed = Vec::new();
        let page = JobPage { statuses: &ACTIVE, file_id: None, limit: u32::MAX, offset: 0 };
        for job in self.store.read(|r| r.jobs(&page))? {
            let attempts = self.store.read(|r| r.attempts_of_job(job.id))?;
            let replacements = self.store.read(|r| r.replacements_of_job(job.id))?;
            match replacements.last().map(|stored| (stored.record.state, &stored.conflict)) {
                // Its storage was not there to be looked at; the next start tries again.
                Some((state, _)) if !state.is_final() => continue,
                Some((State::Conflict, conflict)) => {
                    self.end_in_conflict(&job, conflict.as_deref().unwrap_or("its replacement needs a person"))?;
                    continue;
                }
                _ => {}
            }
            for attempt in attempts.iter().filter(|a| is_unfinished(a) && a.kind == TaskKind::Prove) {
                let nothing = None::<ProvenProbe>;
                self.store
                    .write(|tx| tx.attempt_finish(attempt.id, attempt.token, AttemptState::Failed, &nothing, None))?;
            }
            let encode = attempts.iter().rev().find(|attempt| attempt.kind == TaskKind::Encode);
            match self.standing(encode)? {
                Some(standing) => resumed.push(Resumed { job, standing }),
                None => self.start_over(&job)?,
            }
        }
        self.sweep_strays()?;
        Ok(resumed)
    }

    /// Removes what crashes left in the work folder: everything but the directories of jobs that go on, or that wait for
    /// their storage.
    fn sweep_strays(&self) -> Result<(), StoreError> {
        let mut needed = Vec::new();
        let page = JobPage { statuses: &ACTIVE, file_id: None, limit: u32::MAX, offset: 0 };
        for job in self.store.read(|r| r.jobs(&page))? {
            needed.extend(self.store.read(|r| r.attempts_of_job(job.id))?.into_iter().map(|attempt| attempt.dir));
        }
        let Ok(entries) = std::fs::read_dir(&self.work) else { return Ok(()) };
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| !needed.contains(path)) {
            if let Err(error) = std::fs::remove_dir_all(&path) {
                tracing::warn!("could not remove {}: {error}", path.display());
            }
        }
        Ok(())
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
                Ok(adopted.map(Standing::Encoding))
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
    /// the files back as they were.
    fn start_over(&self, job: &Job) -> Result<(), StoreError> {
        self.sweep(job.id)?;
        self.store.write(|tx| {
            tx.space_release(job.id)?;
            tx.job_step(job.id, JobStatus::Queued)
        })
    }

    fn end_in_conflict(&self, job: &Job, reason: &str) -> Result<(), StoreError> {
        self.sweep(job.id)?;
        let end = JobEnd { ending: Ending::Failed, reason, cause: Some(FailureCause::Storage), output_bytes: None };
        self.store.write(|tx| tx.job_end(job.id, &end))
    }
}

fn is_unfinished(attempt: &Attempt) -> bool {
    matches!(attempt.state, AttemptState::Submitted | AttemptState::Running)
}
