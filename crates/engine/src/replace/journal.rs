//! What the driver needs from the store.

use mediaflow_core::replace::{Replacement, ReplacementId, State};
use mediaflow_core::time::Timestamp;

use super::ConflictReport;

/// Why a commit was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The attempt that asks is no longer the current one.
    #[error("another attempt has taken over replacement {0}")]
    Fenced(ReplacementId),
    /// Another replacement of the same file is under way, or the entry in quarantine is being purged.
    #[error("another replacement of the same file is under way")]
    Taken,
    /// The database failed.
    #[error("the journal could not be written: {0}")]
    Unavailable(String),
    /// What is to be written down could not be looked at: the storage was lost.
    #[error("{0}")]
    Storage(String),
}

/// Where an original in quarantine stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldStatus {
    /// It waits for its time, or for an undo.
    Held,
    /// Its removal was decided and may have happened.
    Purging,
}

/// An original in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The replacement that put it there, in state [`State::Done`].
    pub replacement: Replacement,
    /// Where it stands.
    pub status: HeldStatus,
    /// It was promised to be kept at least until then.
    pub keep_until: Timestamp,
    /// Why the last purge left it, if one did.
    pub kept_because: Option<String>,
}

/// The durable journal. Each call is one transaction that has survived power loss when it returns `Ok`; on `Err`
/// nothing was changed, and the driver stops where it is without touching another file.
///
/// The calls that move a replacement check that `record.fencing_token` is still the current one
/// ([`JournalError::Fenced`]) and write the event of record in the same transaction.
pub trait Journal: Send + Sync {
    /// Writes down a new record in [`State::Intent`]. [`JournalError::Taken`] when another unfinished replacement
    /// has its O or N in the same storage, or when `record.undoes` names an entry that is not [`HeldStatus::Held`].
    fn begin(&self, record: &Replacement) -> Result<(), JournalError>;

    /// Moves a record from `record.state` to `next`, which is not final.
    fn advance(&self, record: &Replacement, next: State) -> Result<(), JournalError>;

    /// Moves a record from whatever unfinished state to [`State::Done`], with everything that follows from it
    /// (catalog, verdict, events). `keep_until` is given for a replacement whose original is now held. For an undo
    /// or a restore the entry of `record.undoes`, if it is known, leaves the quarantine.
    fn finish(&self, record: &Replacement, keep_until: Option<Timestamp>) -> Result<(), JournalError>;

    /// Moves a record to [`State::Abandoned`]: the files are as they were before it began.
    fn abandon(&self, record: &Replacement, reason: &str) -> Result<(), JournalError>;

    /// Moves a record to [`State::Conflict`] and keeps what lies where, for the user.
    fn conflict(&self, record: &Replacement, report: &ConflictReport) -> Result<(), JournalError>;

    /// All records of a storage that are in no final state, oldest first.
    fn unfinished(&self, storage_id: i64) -> Result<Vec<Replacement>, JournalError>;

    /// All originals of a storage in quarantine, by the time they are kept until.
    fn held(&self, storage_id: i64) -> Result<Vec<Held>, JournalError>;

    /// Compare-and-set from held to purging; `false` when the entry is not held, or an undo of it is unfinished.
    fn claim_purge(&self, id: ReplacementId) -> Result<bool, JournalError>;

    /// The original is gone: the entry leaves the quarantine.
    fn purged(&self, id: ReplacementId) -> Result<(), JournalError>;

    /// The original stays: an entry that was held or purging is held, with the reason for the user. An entry that has
    /// left the quarantine meanwhile is not touched.
    fn keep(&self, id: ReplacementId, reason: &str) -> Result<(), JournalError>;
}
