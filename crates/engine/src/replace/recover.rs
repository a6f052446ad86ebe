//! After a crash or an error: look, decide, bring it to an end.

use mediaflow_core::replace::{Found, Kind, Name, Recovery, Replacement, State, recover};
use mediaflow_transport::storage::{EntryKind, ErrorClass, Operation, StorageError};

use super::drive::{Halt, Run};
use super::note::Note;
use super::{ConflictReport, HeldStatus, JournalError, Place, ReplaceError, Replacer};

/// How an interrupted replacement ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It was completed.
    Done,
    /// It was taken back; for an undo, the original is still held.
    Abandoned,
    /// A person must look.
    Conflict(ConflictReport),
}

/// One record that recovery met.
#[derive(Debug)]
pub struct Recovered {
    /// The record as it was found in the journal.
    pub replacement: Replacement,
    /// How it ended; on `Err` it stays unfinished and is met again next time.
    pub ending: Result<Ending, ReplaceError>,
}

impl Replacer<'_> {
    /// Brings everything unfinished in this storage to an end. To be called before any other work on it, and safe to
    /// call again.
    pub fn recover_all(&self) -> Result<Vec<Recovered>, JournalError> {
        let mut met = Vec::new();
        for replacement in self.journal.unfinished(self.settings.storage_id)? {
            met.push(self.recover_one(replacement));
        }
        for held in self.journal.held(self.settings.storage_id)? {
            if held.status == HeldStatus::Purging
                && let Err(reason) = self.purge(&held)?
            {
                tracing::warn!(replacement = %held.replacement.id, "the original stays in quarantine: {reason}");
            }
        }
        Ok(met)
    }

    /// Brings one unfinished replacement to an end. Nobody else may be at it.
    #[must_use]
    pub fn recover_one(&self, replacement: Replacement) -> Recovered {
        let mut run = Run::new(self, replacement.clone());
        let ending = if replacement.id.epoch() == self.settings.epoch {
            run.recover("it was interrupted")
        } else {
            run.conflict("the record is from before the database was restored or copied")
                .map(Ending::Conflict)
                .map_err(ReplaceError::from)
        };
        Recovered { replacement, ending }
    }
}

impl Run<'_> {
    /// Ends this replacement by what lies where.
    pub(super) fn recover(&mut self, reason: &str) -> Result<Ending, ReplaceError> {
        self.recovering = true;
        if let Some(foreign) = self.check_note().map_err(ReplaceError::Unresolved)? {
            return Ok(Ending::Conflict(self.conflict(foreign)?));
        }
        if self.note_exists().map_err(ReplaceError::Unresolved)? {
            self.take_lock()?;
        }
        let observed = self.looker.observe(&self.record).map_err(ReplaceError::Unresolved)?;
        let (actions, done) = match recover(&self.record, &observed) {
            Recovery::Finish(actions) => (actions, true),
            Recovery::Abandon(actions) => (actions, false),
            Recovery::Conflict(reason) => return Ok(Ending::Conflict(self.conflict(reason)?)),
        };
        for action in actions {
            match self.act(action) {
                Ok(()) => {}
                Err(Halt::Storage(error)) if error.is_failed_sync() && self.record.swap_may_have_begun() => {
                    return Ok(Ending::Conflict(self.conflict(error)?));
                }
                Err(Halt::Storage(error)) => return Err(ReplaceError::Unresolved(error)),
                Err(Halt::Refused(refusal)) => return Ok(Ending::Conflict(self.conflict(refusal)?)),
            }
        }
        if done {
            self.renew_note().map_err(ReplaceError::Unresolved)?;
            self.finish()?;
            return Ok(Ending::Done);
        }
        self.replacer.journal.abandon(&self.record, reason)?;
        self.record.state = State::Abandoned;
        Ok(Ending::Abandoned)
    }

    /// Writes down that a person must look. Touches no file.
    pub(super) fn conflict(&mut self, reason: impl std::fmt::Display) -> Result<ConflictReport, JournalError> {
        let places = [
            ("original", Name::Original),
            ("final path", Name::Target),
            ("staged copy", Name::Staging),
            ("quarantine", Name::Quarantine),
        ]
        .map(|(name, which)| {
            let path = self.record.path(which);
            Place {
                name: name.to_owned(),
                path: path.to_string(),
                found: self.looker.found(path).ok(),
                size_bytes: self.looker.size_bytes(path),
            }
        });
        let report = ConflictReport { reason: reason.to_string(), places: places.to_vec() };
        self.replacer.journal.conflict(&self.record, &report)?;
        self.record.state = State::Conflict;
        Ok(report)
    }

    /// Before anything is concluded from a missing file: is the storage there at all? A quarantine folder exists
    /// since before the record was written, so without it a disk is not mounted.
    ///
    /// `Some` says that the note is another installation's.
    pub(super) fn check_note(&self) -> Result<Option<&'static str>, StorageError> {
        let storage = self.replacer.storage;
        if let Some(folder) = self.record.quarantine.parent() {
            let there = storage.look(&folder)?.is_some_and(|entry| entry.kind == EntryKind::Folder);
            if !there {
                let cause = "the folder is not there; is the disk mounted?";
                return Err(StorageError::new(Operation::Look, Some(&folder), ErrorClass::NotFound, cause));
            }
        }
        let note = Note::read(storage, &self.record.note)?;
        let foreign = note.is_some_and(|note| !note.belongs_to(&self.record));
        Ok(foreign.then_some("the note in quarantine belongs to another replacement with this id"))
    }

    pub(super) fn note_exists(&self) -> Result<bool, StorageError> {
        Ok(self.replacer.storage.look(&self.record.note)?.is_some())
    }

    /// Something in quarantine without its note could not be undone without the database.
    fn renew_note(&self) -> Result<(), StorageError> {
        let storage = self.replacer.storage;
        if self.record.kind != Kind::Replace || Note::read(storage, &self.record.note)?.is_some() {
            return Ok(());
        }
        if self.note_exists()? {
            storage.remove(&self.record.note)?;
        }
        Note::write(storage, &self.record)?;
        storage.sync_folder(self.record.note.parent().as_ref())
    }

    /// What lies at a path, for callers that decide before a record exists.
    pub(super) fn found(&self, name: Name) -> Result<Found, StorageError> {
        self.looker.found(self.record.path(name))
    }
}
