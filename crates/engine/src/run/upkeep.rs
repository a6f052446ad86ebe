//! Keeping the work folder in order: what jobs leave behind is ended and removed.

use std::path::Path;

use mediaflow_store::{Attempt, AttemptState, Store, StoreError, TaskKind};
use mediaflow_transport::executor::Executor;

use super::fetch::{FILM_PREFIX, film_folder};
use super::outcome::{EncodeOutcome, ProvenProbe};

/// What is needed to put attempts away; unlike a runner, no program that encodes.
#[derive(Clone, Copy)]
pub struct Upkeep<'a> {
    /// The database.
    pub store: &'a Store,
    /// Who carries encodes out.
    pub executor: &'a dyn Executor,
    /// Where attempts have their directories.
    pub work: &'a Path,
}

/// What clearing the work folder removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheCleared {
    /// Files.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

/// How folders are called in which sources are measured.
const SOURCE_PREFIX: &str = "source-";

/// Where a job's source is measured.
pub(crate) fn source_folder(job_id: i64) -> String {
    format!("{SOURCE_PREFIX}{job_id}")
}

impl Upkeep<'_> {
    /// Whether something of a job is left that it can go on with: an encode that runs or is held, or its output.
    pub fn is_kept(&self, job_id: i64) -> Result<bool, StoreError> {
        let attempts = self.store.read(|r| r.attempts_of_job(job_id))?;
        let encode = attempts.iter().rev().find(|attempt| attempt.kind == TaskKind::Encode);
        Ok(encode.is_some_and(|attempt| match attempt.state {
            AttemptState::Submitted | AttemptState::Running => true,
            // What lies on another machine is looked for by whoever goes on with it.
            AttemptState::Done => !attempt.is_here() || attempt.dir.join("output").is_file(),
            AttemptState::Failed | AttemptState::Cancelled | AttemptState::Superseded => false,
        }))
    }

    /// Removes the directories of a job's attempts and the copy of its source, on every path. What they held of lasting use (log, proof, figures)
    /// is in the store by now.
    pub fn sweep(&self, job_id: i64) -> Result<(), StoreError> {
        let attempts = self.store.read(|r| r.attempts_of_job(job_id))?;
        for attempt in attempts.iter().filter(|attempt| attempt.dir.starts_with(self.work)) {
            match std::fs::remove_dir_all(&attempt.dir) {
                Ok(()) => self.store.write(|tx| tx.artifacts_removed(attempt.id))?,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => tracing::warn!("could not remove {}: {error}", attempt.dir.display()),
            }
        }
        let film = self.work.join(film_folder(job_id));
        match std::fs::remove_dir_all(&film) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!("could not remove {}: {error}", film.display());
            }
            _ => {}
        }
        Ok(())
    }

    /// Ends what still runs or is held of a job, and sweeps its directories away.
    pub fn wind_up(&self, job_id: i64) -> Result<(), StoreError> {
        let attempts = self.store.read(|r| r.attempts_of_job(job_id))?;
        for attempt in attempts.iter().filter(|attempt| is_unfinished(attempt)) {
            self.end(attempt)?;
        }
        self.sweep(job_id)
    }

    /// Ends what runs or is held of jobs that have ended: one that is cancelled while it waits has nobody else to do so.
    pub fn wind_up_ended(&self) -> Result<(), StoreError> {
        for attempt in self.store.read(|r| r.attempts_left_over())? {
            self.end(&attempt)?;
            self.sweep(attempt.job_id)?;
        }
        Ok(())
    }

    fn end(&self, attempt: &Attempt) -> Result<(), StoreError> {
        // What nothing knows of any more is ended on other machines by the look at them.
        if attempt.kind == TaskKind::Encode
            && attempt.is_here()
            && let Err(error) = self.executor.cancel(&attempt.dir)
        {
            tracing::warn!("stopping the encode in {}: {error}", attempt.dir.display());
        }
        let (id, token, cancelled) = (attempt.id, attempt.token, AttemptState::Cancelled);
        let finished = self.store.write(|tx| match attempt.kind {
            TaskKind::Encode => {
                let outcome = EncodeOutcome { end: "cancelled".to_owned(), frames: 0, work_us: 0, device: None };
                tx.attempt_finish(id, token, cancelled, &outcome, None)
            }
            _ => tx.attempt_finish(id, token, cancelled, &None::<ProvenProbe>, None),
        });
        finished.map(drop)
    }

    /// Whether a folder is that in which the source of an unfinished job lies, or is measured.
    fn is_source_of_a_job(&self, path: &Path) -> Result<bool, StoreError> {
        let Some(job_id) = job_of_source(path) else { return Ok(false) };
        match self.store.read(|r| r.job(job_id)) {
            Ok(job) => Ok(!job.status.is_final()),
            Err(StoreError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes everything from the work folder that no unfinished job needs.
    pub fn clear(&self) -> Result<CacheCleared, StoreError> {
        // Listed first: what is made after that belongs to a job that is looked up after that.
        let Ok(entries) = std::fs::read_dir(self.work) else { return Ok(CacheCleared::default()) };
        let found: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        let needed = self.store.read(|r| r.attempt_dirs_needed())?;
        let mut cleared = CacheCleared::default();
        for path in found.iter().filter(|path| !needed.contains(path)) {
            if self.is_source_of_a_job(path)? {
                continue;
            }
            let held = size_of(path);
            match if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) } {
                Ok(()) => {
                    cleared.files += held.files;
                    cleared.bytes += held.bytes;
                }
                Err(error) => tracing::warn!("could not remove {}: {error}", path.display()),
            }
        }
        Ok(cleared)
    }
}

/// The job whose source lies, or is measured, in a folder of this name.
fn job_of_source(path: &Path) -> Option<i64> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix(SOURCE_PREFIX).or_else(|| name.strip_prefix(FILM_PREFIX))?.parse().ok()
}

/// What lies at a path and below it.
fn size_of(path: &Path) -> CacheCleared {
    let Ok(metadata) = std::fs::symlink_metadata(path) else { return CacheCleared::default() };
    if !metadata.is_dir() {
        return CacheCleared { files: 1, bytes: metadata.len() };
    }
    let below = std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| size_of(&entry.path()));
    below.fold(CacheCleared::default(), |sum, one| CacheCleared {
        files: sum.files + one.files,
        bytes: sum.bytes + one.bytes,
    })
}

pub(super) const fn is_unfinished(attempt: &Attempt) -> bool {
    matches!(attempt.state, AttemptState::Submitted | AttemptState::Running)
}
