//! Letting originals go, once their time has come and what replaced them is still what was proven.

use std::fmt;

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Found, Name, ReplacementId};
use mediaflow_core::text;
use mediaflow_core::time::Timestamp;
use mediaflow_transport::storage::{ErrorClass, Operation, StorageError};

use super::drive::Run;
use super::{Held, HeldStatus, JournalError, Replacer};

/// One original in quarantine, for the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineEntry {
    /// The replacement.
    pub id: ReplacementId,
    /// Where the original belongs.
    pub original: RelPath,
    /// Where its replacement lies.
    pub in_place: RelPath,
    /// What it takes in quarantine, in bytes; `None` when it is not there or cannot be looked at.
    pub size_bytes: Option<u64>,
    /// It is kept at least until then.
    pub keep_until: Timestamp,
    /// Why the last purge left it.
    pub kept_because: Option<String>,
}

/// An original that was due and stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The replacement.
    pub id: ReplacementId,
    /// Why, for the user.
    pub reason: String,
}

/// What one purge did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PurgeReport {
    /// Originals removed.
    pub purged: Vec<ReplacementId>,
    /// What that freed, in bytes.
    pub freed_bytes: u64,
    /// Originals that were due and stay.
    pub kept: Vec<Kept>,
    /// How many more are due than one run may remove.
    pub left_for_later: usize,
}

impl fmt::Display for PurgeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.purged.is_empty() && self.kept.is_empty() {
            return f.write_str("nothing was due");
        }
        let removed = text::count(self.purged.len(), "original");
        write!(f, "{removed} removed, {} freed", text::bytes(self.freed_bytes))?;
        match self.kept.len() {
            0 => Ok(()),
            kept => write!(f, "; {kept} due and kept"),
        }
    }
}

impl Replacer<'_> {
    /// All originals in quarantine with their sizes.
    pub fn quarantine(&self) -> Result<Vec<QuarantineEntry>, JournalError> {
        let held = self.journal.held(self.settings.storage_id)?;
        Ok(held
            .into_iter()
            .map(|held| {
                let run = Run::new(self, held.replacement);
                QuarantineEntry {
                    size_bytes: run.looker.size_bytes(&run.record.quarantine),
                    id: run.record.id,
                    original: run.record.original,
                    in_place: run.record.target,
                    keep_until: held.keep_until,
                    kept_because: held.kept_because,
                }
            })
            .collect())
    }

    /// Removes at most `limit` originals whose time has passed by `now`, those that waited longest first. The limit
    /// is there because a clock that jumps ahead makes everything due at once.
    pub fn purge_due(&self, now: Timestamp, limit: usize) -> Result<PurgeReport, JournalError> {
        let mut due = self.journal.held(self.settings.storage_id)?;
        due.retain(|held| held.status == HeldStatus::Held && held.keep_until <= now);
        due.sort_by_key(|held| held.keep_until);
        let mut report = PurgeReport { left_for_later: due.len().saturating_sub(limit), ..PurgeReport::default() };
        for held in due.iter().take(limit) {
            match self.purge(held)? {
                Ok(freed_bytes) => {
                    report.purged.push(held.replacement.id);
                    report.freed_bytes += freed_bytes;
                }
                Err(reason) => report.kept.push(Kept { id: held.replacement.id, reason }),
            }
        }
        Ok(report)
    }

    /// Removes one original, or completes a removal that was cut off; `Err` is the reason why it stays.
    pub(super) fn purge(&self, held: &Held) -> Result<Result<u64, String>, JournalError> {
        let id = held.replacement.id;
        let mut run = Run::new(self, held.replacement.clone());
        let cut_off = held.status == HeldStatus::Purging;
        let allowed = match run.may_purge(cut_off) {
            Ok(allowed) => allowed,
            // The disk is away, or somebody else is at it: that says nothing about the file.
            Err(error) => return Ok(Err(error.to_string())),
        };
        if let Err(reason) = allowed {
            self.journal.keep(id, reason)?;
            return Ok(Err(reason.to_owned()));
        }
        if !cut_off && !self.journal.claim_purge(id)? {
            return Ok(Err("an undo or another purge is at it".to_owned()));
        }
        let freed_bytes = run.looker.size_bytes(&run.record.quarantine).unwrap_or(0);
        if let Err(error) = run.remove_original() {
            return Ok(Err(error));
        }
        self.journal.purged(id)?;
        Ok(Ok(freed_bytes))
    }
}

impl Run<'_> {
    /// Looks at what replaced the original, all of it, and at the original itself.
    fn may_purge(&mut self, cut_off: bool) -> Result<Result<(), &'static str>, StorageError> {
        if let Some(foreign) = self.check_note()? {
            return Ok(Err(foreign));
        }
        let original = self.found(Name::Quarantine)?;
        if cut_off && original == Found::Absent {
            return Ok(Ok(()));
        }
        if self.note_exists()? && self.take_lock().is_err() {
            let cause = "another process is working on it";
            return Err(StorageError::new(Operation::Lock, Some(&self.record.note), ErrorClass::Exists, cause));
        }
        if self.found(Name::Target)? != Found::Output {
            return Ok(Err("the file that replaced it was changed or is gone"));
        }
        Ok(match original {
            Found::Source => Ok(()),
            Found::Absent => Err("it is no longer in quarantine"),
            Found::Output | Found::Foreign => Err("it was changed in quarantine"),
        })
    }

    fn remove_original(&mut self) -> Result<(), String> {
        use mediaflow_core::replace::Action::{Remove, RemoveNote, Sync};
        use mediaflow_core::replace::Content::Source;
        // The note goes last: nothing lies in quarantine without one.
        for action in
            [Remove(Name::Quarantine, Some(Source)), Sync(Name::Quarantine), RemoveNote, Sync(Name::Quarantine)]
        {
            self.act(action).map_err(|halt| halt.to_string())?;
        }
        Ok(())
    }
}
