//! What becomes of originals: recovery after a crash, undo, and the quarantine.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use mediaflow_core::replace::{Epoch, Kind, Replacement, ReplacementId, State};
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_store::{QuarantineState, Storage as StorageRow, Store, StoreError, StoredReplacement};
use mediaflow_transport::storage::{EntryKind, Storage, StorageError};

use crate::journal::SqlJournal;
use crate::replace::{
    Ending as Recovery, JournalError, Kept as Stays, Outcome, PurgeReport, QuarantineEntry, Recovered, ReplaceError,
    Replacer, Settings,
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
    /// Those that are being brought back.
    pub returning: Returning,
}

/// Originals that this process is bringing back. What is not among these and was begun was left in the middle.
#[derive(Debug, Clone, Default)]
pub struct Returning(Arc<Mutex<BTreeSet<ReplacementId>>>);

/// Holds the place of one of them.
struct Turn<'a>(&'a Returning, ReplacementId);

impl Returning {
    /// `None` while somebody is at it.
    fn take(&self, id: ReplacementId) -> Option<Turn<'_>> {
        let is_free = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        is_free.then(|| Turn(self, id))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// Why an original could not be dealt with.
#[derive(Debug, thiserror::Error)]
pub enum OriginalsError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its storage cannot be opened.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Its storage is not there now, or was lost in the middle.
    #[error(
        "{place} is away now; what lies there stays as it is. Bring the original back when it is there again: {reason}"
    )]
    Away {
        /// The folder, and the server that has it.
        place: String,
        /// Why, and what to look at.
        reason: String,
    },
    /// Its storage was lost after something was begun there.
    #[error("{place} went away in the middle; what was begun is settled as soon as it is there again: {reason}")]
    LostInTheMiddle {
        /// The folder, and the server that has it.
        place: String,
        /// Why, and what to look at.
        reason: String,
    },
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
        self.take_back(done, beside, |reason| OriginalsError::NothingToUndo { job_id, reason })
    }

    /// Brings the original back that a replacement put away.
    pub fn restore(&self, id: ReplacementId, beside: bool) -> Result<Outcome, OriginalsError> {
        let stored = self.store.read(|r| r.replacement(id))?.ok_or(OriginalsError::Unknown(id))?;
        self.take_back(&stored, beside, |reason| OriginalsError::NotHeld { id, reason })
    }

    fn take_back(
        &self,
        stored: &StoredReplacement,
        beside: bool,
        refused: impl Fn(&'static str) -> OriginalsError,
    ) -> Result<Outcome, OriginalsError> {
        let done = &stored.record;
        let _turn = self.returning.take(done.id).ok_or_else(|| refused(BEING_BROUGHT_BACK))?;
        let row = self.store.read(|r| r.storage(done.storage_id))?;
        let quarantine = if stored.quarantine == QuarantineState::Restoring {
            let disk = self.reach_original(&row, done)?;
            if let Some(outcome) = self.settle_return(&row, &disk, done.id)? {
                return Ok(outcome);
            }
            self.store.read(|r| r.replacement(done.id))?.map_or(QuarantineState::None, |stored| stored.quarantine)
        } else {
            stored.quarantine
        };
        if let Some(reason) = not_held(quarantine) {
            return Err(refused(reason));
        }
        let disk = self.reach_original(&row, done)?;
        let (id, token) = self
            .store
            .write(|tx| Ok((ReplacementId::new(self.epoch, tx.replacement_counter()?), tx.fencing_token()?)))?;
        let outcome = self.with_replacer(&row, &disk, |replacer| {
            if beside { replacer.restore_beside(done.id, id, token) } else { replacer.undo(done.id, id, token) }
        });
        let (error, reason) = match outcome {
            Ok(outcome) => return Ok(outcome),
            Err(error) => match error.lost_storage() {
                Some(reason) => (error, reason),
                None => return Err(error.into()),
            },
        };
        tracing::warn!("bringing {} back: {error}", done.original);
        // A connection that broke may stand again at once.
        if let Ok(Some(outcome)) = self.settle_return(&row, &disk, done.id) {
            return Ok(outcome);
        }
        let is_begun = self.store.read(|r| r.replacement(done.id))?.map(|stored| stored.quarantine)
            == Some(QuarantineState::Restoring);
        let place = self.place(&row)?;
        Err(if is_begun {
            OriginalsError::LostInTheMiddle { place, reason }
        } else {
            OriginalsError::Away { place, reason }
        })
    }

    /// Settles what bringing an original back came to that was left in the middle. `None` where the original is held
    /// again, or nothing was begun.
    fn settle_return(
        &self,
        row: &StorageRow,
        disk: &OpenStorage,
        id: ReplacementId,
    ) -> Result<Option<Outcome>, OriginalsError> {
        let unfinished = self.store.read(|r| r.replacements_unfinished(row.id))?;
        let Some(begun) = unfinished.into_iter().find(|stored| stored.record.undoes == Some(id)) else {
            return Ok(None);
        };
        let Recovered { replacement, ending } =
            self.with_replacer(row, disk, |replacer| replacer.recover_one(begun.record));
        match ending {
            Ok(Recovery::Done) => Ok(Some(Outcome {
                replacement: Replacement { state: State::Done, ..replacement },
                losses: Vec::new(),
                keep_until: None,
            })),
            Ok(Recovery::Abandoned) => Ok(None),
            Ok(Recovery::Conflict(report)) => Err(ReplaceError::Conflict(report).into()),
            Err(error) => match error.lost_storage() {
                Some(reason) => Err(OriginalsError::LostInTheMiddle { place: self.place(row)?, reason }),
                None => Err(error.into()),
            },
        }
    }

    /// Settles whatever was begun to bring originals back and was left in the middle, where that can be reached now.
    pub fn settle_returns(&self) -> Result<(), OriginalsError> {
        for row in self.storages()? {
            for begun in self.store.read(|r| r.replacements_unfinished(row.id))? {
                let Some(id) = begun.record.undoes else { continue };
                let Some(_turn) = self.returning.take(id) else { continue };
                let Ok(disk) = self.reach(&row) else { break };
                match self.settle_return(&row, &disk, id) {
                    Ok(Some(_)) => {}
                    Ok(None) => tracing::info!("{} is in quarantine as before", begun.record.original),
                    Err(error) => tracing::debug!("{} waits: {error}", begun.record.original),
                }
            }
        }
        Ok(())
    }

    /// Opens the storage of an original if it is there, and the quarantine's folder with it: the place of a disk that is
    /// not mounted may well be there.
    fn reach_original(&self, row: &StorageRow, done: &Replacement) -> Result<OpenStorage, OriginalsError> {
        let away = |reason| Ok(OriginalsError::Away { place: self.place(row)?, reason });
        let disk = match self.reach(row) {
            Ok(disk) => disk,
            Err(reason) => return Err(away(reason).unwrap_or_else(|error: StoreError| error.into())),
        };
        let Some(folder) = done.quarantine.parent() else { return Ok(disk) };
        let reason = match disk.look(&folder) {
            Ok(Some(entry)) if entry.kind == EntryKind::Folder => return Ok(disk),
            Ok(_) => format!("{} is not there; is the disk mounted?", disk.path(&folder).display()),
            Err(error) if error.is_unreachable() => error.cause,
            Err(error) => return Err(error.into()),
        };
        Err(away(reason).unwrap_or_else(|error: StoreError| error.into()))
    }

    /// Where a storage is, as a person knows it.
    fn place(&self, row: &StorageRow) -> Result<String, StoreError> {
        let name = row.worker_id.map_or(Ok(None), |id| self.store.read(|r| r.worker_name(id)))?;
        let root = row.root.display();
        Ok(name.map_or_else(|| root.to_string(), |name| format!("{root} on {name}")))
    }
}

const BEING_BROUGHT_BACK: &str = "it is being brought back now";

/// Why an original cannot be brought back.
const fn not_held(quarantine: QuarantineState) -> Option<&'static str> {
    match quarantine {
        QuarantineState::Held => None,
        QuarantineState::Restored => Some("it was taken back already"),
        QuarantineState::Purging | QuarantineState::Purged => Some("its time in quarantine has ended"),
        QuarantineState::None => Some("nothing was put away"),
        QuarantineState::Restoring => Some(BEING_BROUGHT_BACK),
    }
}
