//! What becomes of originals: recovery after a crash, undo, and the quarantine.

use std::path::PathBuf;
use std::sync::Arc;

use mediaflow_core::replace::{Epoch, Kind, Replacement, ReplacementId, State};
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_store::{QuarantineState, Storage as StorageRow, Store, StoreError, StoredReplacement};
use mediaflow_transport::storage::{Storage, StorageError};

use crate::journal::SqlJournal;
use crate::replace::{
    JournalError, Kept as Stays, Outcome, PurgeReport, QuarantineEntry, Recovered, ReplaceError, Replacer, Settings,
};
use crate::storages::{OpenStorage, Storages};

/// Keeps the originals of all storages.
#[derive(Clone)]
pub struct Originals {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// This installation.
    pub epoch: Epoch,
    /// Where they lie.
    pub storages: Storages,
}

/// Why an original could not be dealt with.
#[derive(Debug, thiserror::Error)]
pub enum OriginalsError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its storage cannot be reached.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The journal could not be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The replacement's own reason.
    #[error(transparent)]
    Replace(#[from] ReplaceError),
    /// The job never replaced anything, or its original is gone.
    #[error("job {job_id} has no original to take back: {reason}")]
    NothingToUndo {
        /// The job.
        job_id: i64,
        /// Why.
        reason: &'static str,
    },
    /// There is no such replacement.
    #[error("there is no replacement {0}; the quarantine's list shows those there are")]
    Unknown(ReplacementId),
    /// Its original is not there to be had.
    #[error("the original of replacement {id} cannot be brought back: {reason}")]
    NotHeld {
        /// The replacement.
        id: ReplacementId,
        /// Why.
        reason: &'static str,
    },
}

/// One original in quarantine, with where it belongs on this machine.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Root of its storage.
    pub root: PathBuf,
    /// The job that replaced it.
    pub job_id: Option<i64>,
    /// The rest.
    pub entry: QuarantineEntry,
}

/// How many originals one purge may remove: a clock that jumped would otherwise let all of them expire at once.
pub const PURGE_LIMIT: usize = 50;

impl Originals {
    fn with_replacer<T>(&self, row: &StorageRow, disk: &OpenStorage, work: impl FnOnce(&Replacer<'_>) -> T) -> T {
        let disk: &dyn Storage = &**disk;
        let journal = SqlJournal { store: &self.store, row, disk };
        let mut settings = Settings::new(self.epoch, row.id);
        // Without the setting the default holds: it errs on the side of keeping.
        if let Ok(retention_seconds) = self.store.read(crate::settings::retention_seconds) {
            settings.retention_seconds = retention_seconds;
        }
        work(&Replacer::new(disk, &journal, self.clock.as_ref(), settings))
    }

    fn storages(&self) -> Result<Vec<StorageRow>, StoreError> {
        self.store.read(|r| r.storages())
    }

    /// Opens a storage whose root is there, or says why it cannot be worked in.
    fn reach(&self, row: &StorageRow) -> Result<OpenStorage, String> {
        let disk = self.storages.open(row).map_err(|error| error.to_string())?;
        match disk.away() {
            None => Ok(disk),
            Some(reason) => Err(reason),
        }
    }

    /// Brings every unfinished replacement to an end, by what lies on disk. To be called before any other work. A storage
    /// whose root is not there is left for another start: a disk that is not mounted is not an empty one.
    pub fn recover(&self) -> Result<Vec<Recovered>, OriginalsError> {
        let mut all = Vec::new();
        for row in self.storages()? {
            // No machine is called for nothing.
            if row.worker_id.is_some() && self.store.read(|r| r.replacements_unfinished(row.id))?.is_empty() {
                continue;
            }
            match self.reach(&row) {
                Ok(disk) => all.extend(self.with_replacer(&row, &disk, |replacer| replacer.recover_all())?),
                Err(reason) => tracing::warn!("what was unfinished in {} waits: {reason}", row.root.display()),
            }
        }
        Ok(all)
    }

    /// The same for the unfinished replacement of one job that this process left in the middle. Gives why it is still
    /// unfinished: a storage that is not there is left for later.
    pub fn recover_job(&self, job_id: i64) -> Result<Option<String>, OriginalsError> {
        let mut waits_for = None;
        for stored in self.store.read(|r| r.replacements_of_job(job_id))? {
            if stored.record.state.is_final() {
                continue;
            }
            let row = self.store.read(|r| r.storage(stored.record.storage_id))?;
            let disk = match self.reach(&row) {
                Ok(disk) => disk,
                Err(reason) => {
                    waits_for = Some(reason);
                    continue;
                }
            };
            let Recovered { replacement, ending } =
                self.with_replacer(&row, &disk, |replacer| replacer.recover_one(stored.record.clone()));
            match ending {
                Ok(ending) => tracing::info!("recovered: {}: {ending:?}", replacement.original),
                Err(error) => waits_for = Some(error.to_string()),
            }
        }
        Ok(waits_for)
    }

    /// All originals in quarantine.
    pub fn list(&self) -> Result<Vec<Kept>, OriginalsError> {
        let mut all = Vec::new();
        for row in self.storages()? {
            let entries = match row.worker_id {
                None => self.with_replacer(&row, &self.storages.open(&row)?, |replacer| replacer.quarantine())?,
                Some(_) => self.recorded(&row)?,
            };
            for entry in entries {
                let job_id = self.store.read(|r| r.replacement(entry.id))?.and_then(|stored| stored.record.job_id);
                all.push(Kept { root: row.root.clone(), job_id, entry });
            }
        }
        Ok(all)
    }

    /// What the quarantine of another machine holds, as it was written down: a list is not worth a call for each.
    fn recorded(&self, row: &StorageRow) -> Result<Vec<QuarantineEntry>, StoreError> {
        let stored = self.store.read(|r| r.quarantine(row.id))?.into_iter();
        let held = stored.filter(|stored| stored.quarantine != QuarantineState::Restoring);
        let entry = |stored: StoredReplacement| {
            Some(QuarantineEntry {
                size_bytes: Some(stored.record.source.content.size_bytes),
                id: stored.record.id,
                original: stored.record.original,
                in_place: stored.record.target,
                keep_until: stored.held_until_at?,
                kept_because: stored.kept_because,
            })
        };
        Ok(held.filter_map(entry).collect())
    }

    /// Removes originals whose time has come, as far as the protocol allows. What lies where nothing can be reached now stays
    /// for the next purge.
    pub fn purge(&self, now: Timestamp) -> Result<PurgeReport, OriginalsError> {
        let mut total = PurgeReport::default();
        for row in self.storages()? {
            let due = self.due(&row, now)?;
            if due.is_empty() {
                continue;
            }
            let disk = match self.reach(&row) {
                Ok(disk) => disk,
                Err(reason) => {
                    tracing::info!("the quarantine of {} waits: {reason}", row.root.display());
                    total.kept.extend(due.into_iter().map(|id| Stays { id, reason: reason.clone() }));
                    continue;
                }
            };
            let left = PURGE_LIMIT.saturating_sub(total.purged.len());
            let report = self.with_replacer(&row, &disk, |replacer| replacer.purge_due(now, left))?;
            total.purged.extend(report.purged);
            total.freed_bytes += report.freed_bytes;
            total.kept.extend(report.kept);
            total.left_for_later += report.left_for_later;
        }
        if total != PurgeReport::default() {
            tracing::info!("quarantine: {total}");
        }
        Ok(total)
    }

    /// Originals of a storage whose time has come, as it is written down: no machine is called for nothing.
    fn due(&self, row: &StorageRow, now: Timestamp) -> Result<Vec<ReplacementId>, StoreError> {
        let stored = self.store.read(|r| r.quarantine(row.id))?.into_iter();
        let is_due = |stored: &StoredReplacement| {
            stored.quarantine == QuarantineState::Held && stored.held_until_at.is_some_and(|until| until <= now)
        };
        Ok(stored.filter(is_due).map(|stored| stored.record.id).collect())
    }

    /// Brings the original of a job back; with `beside`, under a free name next to whatever has its place now. The job
    /// itself may have been cleared.
    pub fn undo(&self, job_id: i64, beside: bool) -> Result<Outcome, OriginalsError> {
        let replacements = self.store.read(|r| {
            let replacements = r.replacements_of_job(job_id)?;
            if replacements.is_empty() {
                r.job(job_id)?;
            }
            Ok(replacements)
        })?;
        let done = replacements
            .iter()
            .rev()
            .find(|stored| stored.record.kind == Kind::Replace && stored.record.state == State::Done)
            .ok_or(OriginalsError::NothingToUndo { job_id, reason: "it replaced nothing" })?;
        if let Some(reason) = not_held(done.quarantine) {
            return Err(OriginalsError::NothingToUndo { job_id, reason });
        }
        self.take_back(&done.record, beside)
    }

    /// Brings the original back that a replacement put away.
    pub fn restore(&self, id: ReplacementId, beside: bool) -> Result<Outcome, OriginalsError> {
        let stored = self.store.read(|r| r.replacement(id))?.ok_or(OriginalsError::Unknown(id))?;
        if let Some(reason) = not_held(stored.quarantine) {
            return Err(OriginalsError::NotHeld { id, reason });
        }
        self.take_back(&stored.record, beside)
    }

    fn take_back(&self, done: &Replacement, beside: bool) -> Result<Outcome, OriginalsError> {
        let row = self.store.read(|r| r.storage(done.storage_id))?;
        let (id, token) = self
            .store
            .write(|tx| Ok((ReplacementId::new(self.epoch, tx.replacement_counter()?), tx.fencing_token()?)))?;
        let disk = self.storages.open(&row)?;
        let outcome = self.with_replacer(&row, &disk, |replacer| {
            if beside { replacer.restore_beside(done.id, id, token) } else { replacer.undo(done.id, id, token) }
        })?;
        Ok(outcome)
    }
}

/// Why an original cannot be brought back.
const fn not_held(quarantine: QuarantineState) -> Option<&'static str> {
    match quarantine {
        QuarantineState::Held => None,
        QuarantineState::Restored => Some("it was taken back already"),
        QuarantineState::Purging | QuarantineState::Purged => Some("its time in quarantine has ended"),
        QuarantineState::None => Some("nothing was put away"),
        QuarantineState::Restoring => Some("it is being brought back now"),
    }
}
