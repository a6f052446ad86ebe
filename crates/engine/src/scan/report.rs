//! What a scan tells: while it runs, at its end, and when it cannot.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use mediaflow_core::path::{PathError, RelPath};
use mediaflow_core::text;
use mediaflow_store::StoreError;
use mediaflow_transport::process::ProcessError;
use mediaflow_transport::storage::StorageError;
use mediaflow_transport::walk::{Skip, WalkError};

/// How far a scan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files met so far.
    pub seen: u64,
    /// Files that were probed.
    pub probed: u64,
    /// Files that are to be probed, as far as is known; the whole number once `walked`.
    pub to_probe: u64,
    /// Whether every folder was visited.
    pub walked: bool,
}

/// Where the threads of a scan count together.
#[derive(Default)]
pub(super) struct Counters {
    pub seen: AtomicU64,
    pub to_probe: AtomicU64,
    pub probed: AtomicU64,
    pub walked: AtomicBool,
}

impl Counters {
    pub fn now(&self) -> Progress {
        Progress {
            seen: self.seen.load(Ordering::Relaxed),
            to_probe: self.to_probe.load(Ordering::Relaxed),
            probed: self.probed.load(Ordering::Relaxed),
            walked: self.walked.load(Ordering::Relaxed),
        }
    }
}

/// What a scan found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanReport {
    /// Files met.
    pub seen: u64,
    /// Files that were probed, because they were new or had changed.
    pub probed: u64,
    /// Files that were not known.
    pub new: u64,
    /// Files whose content changed.
    pub changed: u64,
    /// Files that are as they were.
    pub unchanged: u64,
    /// Files that are no longer there.
    pub missing: u64,
    /// Probed files with more than one name.
    pub hard_linked: u64,
    /// Files that could not be read, and why.
    pub unreadable: Vec<(RelPath, String)>,
    /// Folders that could not be listed, and why; what was known below them stays.
    pub unread_folders: Vec<(PathBuf, String)>,
    /// Files left out because the storage holds another name that means the same.
    pub twins: Vec<RelPath>,
    /// What was left out, by reason.
    pub skipped: BTreeMap<Skip, u64>,
}

/// Why a scan could not be carried through. What it had written down stays.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// Its storage cannot be reached.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The folder cannot be walked.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// Nothing lies where many files were.
    #[error(
        "{} is empty, where {} should be: is the disk mounted? Nothing was marked as missing",
        root.display(), text::count(*known, "known file")
    )]
    LooksUnmounted {
        /// The folder.
        root: PathBuf,
        /// How many files are known below it.
        known: u64,
    },
    /// A single file cannot be used.
    #[error("{} cannot be used: {reason}", path.display())]
    NotMedia {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// ffprobe itself cannot be run.
    #[error("cannot scan without ffprobe: {0}")]
    Tool(ProcessError),
    /// The user stopped it.
    #[error("the scan was stopped; what it found so far is kept")]
    Cancelled,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A path cannot be a path in a storage.
    #[error(transparent)]
    Path(#[from] PathError),
}
