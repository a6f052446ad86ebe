//! The ends of a replacement that are not success.

use std::fmt;

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{BeginError, Found, ReplacementId};
use mediaflow_core::text;
use mediaflow_transport::storage::StorageError;
use serde::{Deserialize, Serialize};

use super::JournalError;

/// Why a replacement is not made. The original is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// O is missing.
    #[error("{0} is no longer there")]
    OriginalMissing(RelPath),
    /// O is a symbolic link.
    #[error("{0} is a symbolic link; replacing it would leave the file it leads to as it is")]
    Symlink(RelPath),
    /// O is a folder, a device or the like.
    #[error("{0} is not a regular file")]
    NotAFile(RelPath),
    /// O has other names.
    #[error("{path} has {links} hard links; replacing one name would save nothing and part it from the others")]
    HardLinked {
        /// O.
        path: RelPath,
        /// How many names it has.
        links: u64,
    },
    /// N is taken.
    #[error("{0} exists already and may be another version; rename one of the two")]
    TargetExists(RelPath),
    /// O is not what the output was proven against.
    #[error("{0} was changed after the output was made from it")]
    SourceChanged(RelPath),
    /// A file was changed by somebody else in the middle.
    #[error("{0} was changed by somebody else while it was being replaced")]
    ChangedMeanwhile(RelPath),
    /// The finished output is not what was proven.
    #[error("the finished output is not the file that was proven")]
    OutputChanged,
    /// Output and original are the same bytes.
    #[error("the output is the same file as {0}")]
    SameContent(RelPath),
    /// Nothing can be created in O's folder.
    #[error("the folder of {path} cannot be written to: {cause}")]
    FolderNotWritable {
        /// O.
        path: RelPath,
        /// What the storage said.
        cause: String,
    },
    /// The owner cannot be given and the setting says to refuse then.
    #[error(
        "{path} belongs to {uid}:{gid}, and this user may not give files away; run as that user, or allow it in the settings"
    )]
    OwnerCannotBeKept {
        /// O.
        path: RelPath,
        /// Its user.
        uid: u32,
        /// Its group.
        gid: u32,
    },
    /// The storage has no way of swapping that is allowed.
    #[error(
        "the folder of {0} can neither exchange files nor link them; allow two renames for this storage if an instant \
         without the file is acceptable"
    )]
    NoMechanism(RelPath),
    /// There is no folder on O's file system for the quarantine.
    #[error("no quarantine folder can be made on the file system of {path}: {cause}")]
    NoQuarantine {
        /// O.
        path: RelPath,
        /// What the storage said last.
        cause: String,
    },
    /// The output does not fit beside the original.
    #[error("{path} needs {} free beside it, and there are {}", text::bytes(*needed_bytes), text::bytes(*free_bytes))]
    NoSpace {
        /// O.
        path: RelPath,
        /// Length of the output and some room.
        needed_bytes: u64,
        /// What is free.
        free_bytes: u64,
    },
    /// A file with this id's name exists.
    #[error("{0} exists already: the database may have been restored from an old backup")]
    IdInUse(RelPath),
    /// The caller asked to stop before anything was swapped.
    #[error("it was cancelled")]
    Cancelled,
    /// There is nothing to take back.
    #[error("replacement {0} has no original in quarantine")]
    NotHeld(ReplacementId),
    /// N is no longer the output.
    #[error("{0} was changed since it was put there; the original can be restored beside it")]
    ChangedSince(RelPath),
    /// Q is not the original.
    #[error("{0} is missing from the quarantine or was changed there")]
    OriginalNotInQuarantine(RelPath),
    /// The record could not be made.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

/// What lies at one of the names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// What the name is for: `original`, `final path`, `staged copy` or `quarantine`.
    pub name: String,
    /// The path, as text.
    pub path: String,
    /// What was found; `None` when it could not be looked at.
    pub found: Option<Found>,
    /// Its length in bytes.
    pub size_bytes: Option<u64>,
}

/// A replacement that a person must look at. Nothing was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictReport {
    /// What is wrong.
    pub reason: String,
    /// What lies where.
    pub places: Vec<Place>,
}

impl fmt::Display for ConflictReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; nothing was deleted", self.reason)?;
        for place in &self.places {
            let found = match place.found {
                Some(Found::Absent) => "nothing",
                Some(Found::Source) => "the original",
                Some(Found::Output) => "the new file",
                Some(Found::Foreign) => "another file",
                None => "unreadable",
            };
            write!(f, "; {} ({}): {found}", place.name, place.path)?;
        }
        Ok(())
    }
}

impl ReplaceError {
    /// Why its storage cannot be reached, where that is the reason.
    #[must_use]
    pub fn lost_storage(&self) -> Option<String> {
        match self {
            Self::Failed(error) | Self::Unresolved(error) => error.is_unreachable().then(|| error.cause.clone()),
            Self::Journal(JournalError::Storage(reason)) => Some(reason.clone()),
            Self::Refused(_) | Self::Conflict(_) | Self::Busy(_) | Self::Journal(_) => None,
        }
    }
}

/// Why there is no replacement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplaceError {
    /// It was not allowed, or stopped before the swap. The original is as it was.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A step failed and everything was taken back. The original is in place.
    #[error("{0}; the original is in place")]
    Failed(StorageError),
    /// Somebody else's file is in the way, or the disk failed in the middle: a person must look.
    #[error("{0}")]
    Conflict(ConflictReport),
    /// Another process is at this replacement.
    #[error("another process is working on replacement {0}")]
    Busy(ReplacementId),
    /// The journal failed. No further file was touched; recovery settles it.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A step failed, and so did looking at what it left. Nothing was deleted; recovery settles it.
    #[error("{0}; what it left will be settled by the next recovery")]
    Unresolved(StorageError),
}
