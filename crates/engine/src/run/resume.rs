//! After a restart: what earlier processes left in the middle is found again.

use std::sync::Arc;

use mediaflow_core::job::{Ending, FailureCause, JobStatus};
use mediaflow_core::replace::State;
use mediaflow_core::text;
use mediaflow_core::worker::WorkerStatus;
use mediaflow_store::{Attempt, AttemptState, Job, JobEnd, JobPage, StoreError, TaskKind};
use mediaflow_transport::executor::{End, Observation};

use super::line::Output;
use super::outcome::ProvenProbe;
use super::upkeep::is_unfinished;
use super::{Runner, encode, trials};
use crate::fleet::Worker;
use crate::settings;

/// How far a job had come.
#[derive(Debug)]
pub(super) enum Standing {
    /// Nothing is done yet.
    Fresh,
    /// Its encode runs, or ended while nobody looked.
    Encoding(Box<Attempt>),
    /// Its output lies there, unproven.
    Encoded(Output),
}

/// What is found of a job that somebody had in hand.
pub(super) enum Found {
    /// So far it had come, and this worker goes on.
    Stands(Standing, Arc<Worker>),
    /// The worker that has what it goes on with cannot be asked now.
    Away,
}

/// What is found of an attempt.
enum Look {
    Stands(Standing),
    /// Nothing that could be gone on with.
    Nothing,
    /// Its worker cannot be asked now.
    Unreachable,
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
    /// Who does it.
    pub(super) worker: Arc<Worker>,
}

impl Resumed {
    /// The worker that has it.
    pub(crate) fn worker_id(&self) -> i64 {
        self.worker.id
    }
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
            let storage = self.store.read(|r| r.storage(job.storage_id))?;
            match self.storages.open(&storage) {
                Ok(disk) => trials::sweep(&*disk, &job, self.epoch),
                Err(error) => tracing::debug!("trial files of job {} stay: {error}", job.id),
            }
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
            // Its worker may come back with it; it is looked at again.
            Found::Away => Ok(None),
            Found::Stands(Standing::Fresh, _) => self.start_over(&job).map(|()| None),
            Found::Stands(standing, worker) => Ok(Some(Resumed { job, standing, worker })),
        }
    }

    /// How far a job had come, by its last encode, and who has what it goes on with.
    pub(super) fn standing_of(&self, job_id: i64) -> Result<Found, StoreError> {
        let fresh = || Ok(Found::Stands(Standing::Fresh, Arc::clone(&self.here)));
        let attempts = self.store.read(|r| r.attempts_of_job(job_id))?;
        let encode = attempts.iter().rev().find(|attempt| attempt.kind == TaskKind::Encode);
        let Some(attempt) = encode.filter(|attempt| attempt.state == AttemptState::Done || is_unfinished(attempt))
        else {
            return fresh();
        };
        let worker = match attempt.worker_id {
            // It is none any more, and whatever it had is nobody's.
            None => return fresh(),
            Some(id) if id == self.here.id => Some(Arc::clone(&self.here)),
            Some(id) => self.workers.worker(id).filter(|worker| self.is_online(worker)),
        };
        let standing = match &worker {
            Some(worker) => self.standing(attempt, worker)?,
            None => Look::Unreachable,
        };
        match (standing, worker) {
            (Look::Stands(standing), Some(worker)) => Ok(Found::Stands(standing, worker)),
            (Look::Unreachable, _) if !self.is_lost(attempt)? && self.may_come_back(attempt)? => Ok(Found::Away),
            _ => fresh(),
        }
    }

    /// Whether it is worth calling a worker: one that is known to be away would only keep us waiting.
    fn is_online(&self, worker: &Worker) -> bool {
        self.store.read(|r| r.worker(worker.id)).is_ok_and(|row| row.status == WorkerStatus::Online)
    }

    /// Whether the worker of an attempt is still called: one that is switched off has what it has in hand for as long as its
    /// connection is known, and is not called anew.
    fn may_come_back(&self, attempt: &Attempt) -> Result<bool, StoreError> {
        let Some(id) = attempt.worker_id else { return Ok(false) };
        let row = self.store.read(|r| r.worker(id))?;
        if !row.is_enabled {
            tracing::info!("attempt {} is given up: {} is switched off", attempt.id, row.name());
        }
        Ok(row.is_enabled)
    }

    /// Whether a worker that cannot be reached had its time. What was missed while nothing of ours ran does not count.
    fn is_lost(&self, attempt: &Attempt) -> Result<bool, StoreError> {
        let lease = self.store.read(settings::lease_seconds)?;
        let until = attempt.lease_until_at.max(self.began_at.plus_seconds(lease));
        Ok(self.clock.now() > until)
    }

    fn standing(&self, attempt: &Attempt, worker: &Arc<Worker>) -> Result<Look, StoreError> {
        if attempt.state == AttemptState::Done {
            let output = encode::output_of(attempt, worker);
            return Ok(match worker.machine().size_bytes(&output.there) {
                Ok(Some(_)) => Look::Stands(Standing::Encoded(output)),
                Err(error) if error.is_unreachable() => Look::Unreachable,
                Ok(None) | Err(_) => Look::Nothing,
            });
        }
        let dir = worker.dir_of(&attempt.dir);
        match worker.executor.observe(&dir) {
            // Stopped on purpose, by a process that left before it could say so: the job begins anew.
            Ok(Observation::Exited(exit)) if exit.end == End::Cancelled => Ok(Look::Nothing),
            Ok(Observation::Running { .. } | Observation::Exited(_)) => {
                let lease = self.lease_from_now()?;
                let adopted = self.store.write(|tx| tx.attempt_adopt(attempt.id, attempt.token, lease))?;
                Ok(adopted.map_or(Look::Nothing, |attempt| Look::Stands(Standing::Encoding(Box::new(attempt)))))
            }
            Err(error) if error.is_unreachable() => Ok(Look::Unreachable),
            Ok(Observation::NotStarted | Observation::Lost { .. }) | Err(_) => {
                // Whatever it was, nothing of it may go on beside its successor.
                if let Err(error) = worker.executor.cancel(&dir) {
                    tracing::debug!("winding up {}: {error}", dir.display());
                }
                Ok(Look::Nothing)
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
