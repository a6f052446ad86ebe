//! What became of the originals that were put away.

use mediaflow_core::event::Event;
use mediaflow_core::replace::ReplacementId;
use mediaflow_core::time::Timestamp;

use crate::error::StoreError;
use crate::replacements::{StoredReplacement, read};
use crate::row::{all, first, named_enum, run, unsigned};
use crate::store::{Reader, Tx};

named_enum! {
    /// Where an original is that was put away.
    QuarantineState {
        /// It was not put away, or not yet.
        None = "none",
        /// It waits in quarantine.
        Held = "held",
        /// An undo is bringing it back.
        Restoring = "restoring",
        /// It is being removed.
        Purging = "purging",
        /// It is gone.
        Purged = "purged",
        /// It was brought back.
        Restored = "restored",
    }
}

/// What lies in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuarantineTotals {
    /// Originals that are not gone or brought back yet.
    pub files: u64,
    /// Their size in bytes.
    pub size_bytes: u64,
}

impl Reader<'_> {
    /// What lies in the quarantine of a storage (held, or somebody is at it), what is due first at the front.
    pub fn quarantine(&self, storage_id: i64) -> Result<Vec<StoredReplacement>, StoreError> {
        let sql = "SELECT * FROM replacements WHERE quarantine IN ('held', 'restoring', 'purging') AND storage_id = ?1
                   ORDER BY held_until_at, id";
        all(self.conn, sql, [storage_id], read)
    }

    /// What lies in quarantine, of all storages.
    pub fn quarantine_totals(&self) -> Result<QuarantineTotals, StoreError> {
        self.totals(None)
    }

    /// What lies in the quarantine of one storage.
    pub fn quarantine_on(&self, storage_id: i64) -> Result<QuarantineTotals, StoreError> {
        self.totals(Some(storage_id))
    }

    fn totals(&self, storage_id: Option<i64>) -> Result<QuarantineTotals, StoreError> {
        let sql = "SELECT count(*) AS n, coalesce(sum(source_bytes), 0) AS total FROM replacements
                   WHERE quarantine IN ('held', 'restoring', 'purging') AND (?1 IS NULL OR storage_id = ?1)";
        let totals = first(self.conn, sql, [storage_id], |row| {
            Ok(QuarantineTotals { files: unsigned(row, "n")?, size_bytes: unsigned(row, "total")? })
        })?;
        Ok(totals.unwrap_or(QuarantineTotals { files: 0, size_bytes: 0 }))
    }
}

impl Tx<'_> {
    /// The original of a finished replacement is in quarantine and stays there at least until `until`.
    pub fn quarantine_hold(&self, id: ReplacementId, until: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE replacements SET quarantine = 'held', held_until_at = ?2, updated_at = ?3,
                   row_version = row_version + 1 WHERE public_id = ?1 AND quarantine = 'none'";
        let held = run(self.conn, sql, (id.to_string(), until.0, self.now().0))? == 1;
        self.quarantine_changed(id, QuarantineState::Held, held)
    }

    /// Compare-and-set of an original's place in quarantine. `false`, with nothing changed, when it was not at `from`:
    /// an undo (`held` to `restoring`) and a purge (`held` to `purging`) cannot both have it.
    pub fn quarantine_set(
        &self,
        id: ReplacementId,
        from: QuarantineState,
        to: QuarantineState,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE replacements SET quarantine = ?3, updated_at = ?4, row_version = row_version + 1
                   WHERE public_id = ?1 AND quarantine = ?2";
        let changed = run(self.conn, sql, (id.to_string(), from.name(), to.name(), self.now().0))? == 1;
        self.quarantine_changed(id, to, changed)
    }

    fn quarantine_changed(&self, id: ReplacementId, to: QuarantineState, changed: bool) -> Result<bool, StoreError> {
        if changed {
            let stored = self.replacement(id)?;
            self.event(&Event::QuarantineChanged {
                replacement_id: id.to_string(),
                original: stored.map(|stored| stored.record.original.to_string()).unwrap_or_default(),
                state: to.name().to_owned(),
            })?;
        }
        Ok(changed)
    }

    /// An original was to be purged and stays, for a reason that the user should know. `false`, with nothing changed,
    /// when it is not there any more or an undo is at it.
    pub fn quarantine_keep(&self, id: ReplacementId, reason: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE replacements SET quarantine = 'held', kept_because = ?2, updated_at = ?3,
                   row_version = row_version + 1 WHERE public_id = ?1 AND quarantine IN ('held', 'purging')";
        Ok(run(self.conn, sql, (id.to_string(), reason, self.now().0))? == 1)
    }
}
