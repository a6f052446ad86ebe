//! The driver's face: what it works with, what is asked of it, what it answers.

use std::ops::ControlFlow;
use std::path::Path;

use mediaflow_core::identity::FileIdentity;
use mediaflow_core::path::RelPath;
use mediaflow_core::proof::Proven;
use mediaflow_core::replace::{Epoch, Kind, Replacement, ReplacementId};
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_transport::storage::{AttributeLoss, Storage};

use super::drive::Run;
use super::{Journal, ReplaceError};

/// How long an original waits in quarantine unless the user says otherwise: 14 days, two weekends to notice.
pub const RETENTION_SECONDS: i64 = 14 * 24 * 3600;

/// What to do when the output cannot be given the original's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerPolicy {
    /// Replace, and say so in [`Outcome::losses`].
    Warn,
    /// Refuse before anything is written.
    Refuse,
}

/// The settings of one storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The installation's present epoch; unfinished records of another one are not replayed.
    pub epoch: Epoch,
    /// The store's id of the storage.
    pub storage_id: i64,
    /// How long originals are kept, in seconds.
    pub retention_seconds: i64,
    /// What an owner that cannot be kept means.
    pub owner: OwnerPolicy,
    /// Give the output the original's time of modification. It hides the change from Plex and from backups.
    pub keep_mtime: bool,
    /// The user accepts an instant without a file where the storage can neither exchange nor link.
    pub allow_two_renames: bool,
}

impl Settings {
    /// The defaults: 14 days, a lost owner is a warning, a new mtime, never two renames.
    #[must_use]
    pub const fn new(epoch: Epoch, storage_id: i64) -> Self {
        Self {
            epoch,
            storage_id,
            retention_seconds: RETENTION_SECONDS,
            owner: OwnerPolicy::Warn,
            keep_mtime: false,
            allow_two_renames: false,
        }
    }
}

/// A wish to put an output in place.
pub struct Request<'a> {
    /// A new id.
    pub id: ReplacementId,
    /// The job it is for.
    pub job_id: Option<i64>,
    /// Token of the current attempt.
    pub fencing_token: u64,
    /// O.
    pub original: RelPath,
    /// N, in O's folder; the same as O when the extension stays.
    pub target: RelPath,
    /// O as it was when the output was made and proven.
    pub source: FileIdentity,
    /// The finished output, on a disk of this machine. It is copied and left alone.
    pub output: &'a Path,
    /// Told how many bytes are staged so far; `Break` cancels. Not asked any more once the swap begins.
    pub progress: &'a dyn Fn(u64) -> ControlFlow<()>,
}

/// A finished replacement, undo or restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The record, in state `Done`.
    pub replacement: Replacement,
    /// What of the original the output could not be given, for a warning.
    pub losses: Vec<AttributeLoss>,
    /// Until when the original is kept, where there is one in quarantine.
    pub keep_until: Option<Timestamp>,
}

/// Carries out replacements in one storage.
pub struct Replacer<'a> {
    pub(super) storage: &'a dyn Storage,
    pub(super) journal: &'a dyn Journal,
    pub(super) clock: &'a dyn Clock,
    pub(super) settings: Settings,
}

impl<'a> Replacer<'a> {
    /// A driver over one storage.
    #[must_use]
    pub fn new(storage: &'a dyn Storage, journal: &'a dyn Journal, clock: &'a dyn Clock, settings: Settings) -> Self {
        Self { storage, journal, clock, settings }
    }

    /// Puts a proven output in the original's place and the original into quarantine.
    pub fn replace(&self, request: &Request<'_>, proven: &Proven) -> Result<Outcome, ReplaceError> {
        self.begin(request, Kind::Replace, proven)
    }

    /// Puts a proven output under a free name beside the original, which is not touched.
    pub fn place_beside(&self, request: &Request<'_>, proven: &Proven) -> Result<Outcome, ReplaceError> {
        self.begin(request, Kind::Beside, proven)
    }

    fn begin(&self, request: &Request<'_>, kind: Kind, proven: &Proven) -> Result<Outcome, ReplaceError> {
        let record = self.check(request, kind, proven)?;
        self.journal.begin(&record)?;
        Run::new(self, record).with_input(request).drive()
    }

    pub(super) fn keep_until(&self, record: &Replacement) -> Option<Timestamp> {
        (record.kind == Kind::Replace).then(|| self.clock.now().plus_seconds(self.settings.retention_seconds))
    }
}
