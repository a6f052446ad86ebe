//! Where a job's file lies, and what is refused there before hours are spent on it.

use std::path::PathBuf;

use mediaflow_core::identity::FileIdentity;
use mediaflow_core::job::{Failure, FailureCause};
use mediaflow_core::plan::Intent;
use mediaflow_store::{OutputMode, Storage as StorageRow};
use mediaflow_transport::storage::{ErrorClass, StorageError};

use super::end::Stop;
use super::line::Line;
use super::trials;
use crate::replace::Refusal;
use crate::storages::OpenStorage;
use crate::target;

/// Where a job's file lies.
pub(super) struct Place {
    pub row: StorageRow,
    pub disk: OpenStorage,
    /// As the machine of its storage takes it.
    pub path: PathBuf,
    /// Where the worker finds it.
    pub there: PathBuf,
    /// Whether that is by a mapping: the same file, as far as its length and both of its ends tell.
    pub is_mapped: bool,
    /// As it is now; its content is what the job was queued for.
    pub identity: FileIdentity,
}

impl Place {
    /// Whether it lies on the disk of that worker.
    pub(super) fn lies_on(&self, worker_id: i64) -> bool {
        self.row.worker_id == Some(worker_id)
    }
}

impl Line<'_> {
    pub(super) fn place(&self) -> Result<Place, Stop> {
        let job = self.job;
        let row = self.runner.store.read(|r| r.storage(job.storage_id))?;
        let disk = self.runner.storages.open(&row).map_err(|error| not_looked_at(&error))?;
        let path = disk.path(&job.path);
        let changed = |what: &str| {
            Stop::Failed(Failure::new(
                FailureCause::SourceChanged,
                format!("{} {what}; scan its folder again", job.path),
            ))
        };
        match disk.identity(&job.path) {
            Ok(Some(identity)) if identity.content == job.content => {
                Ok(Place { row, disk, there: path.clone(), is_mapped: false, path, identity })
            }
            Ok(Some(_)) => Err(changed("has changed since it was queued")),
            Ok(None) => Err(changed("is gone")),
            Err(error) => Err(not_looked_at(&error)),
        }
    }

    /// What would be refused at the end is refused before hours are spent on it.
    pub(super) fn check_replaceable(&self, place: &Place, intent: &Intent) -> Result<(), Stop> {
        if self.job.mode == OutputMode::Beside {
            return Ok(());
        }
        self.drop_trial_links(place)?;
        match target::obstacle(&*place.disk, &self.job.path, intent.container) {
            Ok(None) => self.check_writable(place),
            Ok(Some(refusal)) => Err(Stop::RefusedHere(refusal.to_string())),
            Err(error) => Err(Stop::Failed(Failure::new(FailureCause::Storage, error.to_string()))),
        }
    }

    /// A trial whose storage went away may have left a second name of the original, for which it would be refused.
    pub(super) fn drop_trial_links(&self, place: &Place) -> Result<(), Stop> {
        let failed = |error: StorageError| Stop::Failed(Failure::new(FailureCause::Storage, error.to_string()));
        match place.disk.look(&self.job.path).map_err(failed)? {
            Some(entry) if entry.stat.links > 1 => {
                trials::sweep_of_job(&*place.disk, self.job, self.runner.epoch).map_err(failed)
            }
            _ => Ok(()),
        }
    }

    /// A trial in the original's folder: hours of work for a folder that cannot be written to would be lost.
    fn check_writable(&self, place: &Place) -> Result<(), Stop> {
        let folder = self.job.path.parent();
        let tag = format!("job-{}", self.job.id);
        match place.disk.probe(folder.as_ref(), folder.as_ref(), &tag) {
            Ok(_) => Ok(()),
            Err(error) if error.class == ErrorClass::NoSpace => {
                Err(Stop::Failed(Failure::new(FailureCause::NoSpace, error.to_string())))
            }
            Err(error) if error.is_unreachable() => Err(not_looked_at(&error)),
            Err(error) => {
                let refusal = Refusal::FolderNotWritable { path: self.job.path.clone(), cause: error.cause };
                Err(Stop::RefusedHere(refusal.to_string()))
            }
        }
    }
}

/// What it means for a job that its file could not be looked at: a machine that was lost may answer the next time.
pub(super) fn not_looked_at(error: &StorageError) -> Stop {
    match error.is_unreachable() {
        true => Stop::Failed(Failure::new(FailureCause::Storage, error.to_string())),
        false => Stop::RefusedHere(error.to_string()),
    }
}
