//! Whether the folder of a job's file is there at all. A disk that is not mounted says nothing about the files on it: the
//! job waits for it, with what it has.

use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;

use mediaflow_core::path::RelPath;
use mediaflow_store::{AwayFolder, Job, Store, StoreError};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::storage::StorageError;
use mediaflow_transport::walk::{Seen, WalkError};

use crate::scan::library_around;
use crate::storages::Storages;

/// A folder that cannot be worked in now.
#[derive(Debug)]
pub struct Away {
    /// The folder.
    pub folder: PathBuf,
    storage_id: i64,
    below: Option<RelPath>,
    why: Why,
}

/// Why a folder cannot be worked in.
#[derive(Debug, thiserror::Error)]
enum Why {
    /// It is not there, or cannot be listed.
    #[error(transparent)]
    Unreadable(#[from] WalkError),
    /// Its machine cannot be reached.
    #[error(transparent)]
    Unreachable(#[from] StorageError),
    /// No file is below it, though the job's own was: the mount point of a disk, without the disk.
    #[error("{} is empty; is the disk mounted?", .0.display())]
    Empty(PathBuf),
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "waits for its folder and goes on by itself: {}", self.why)
    }
}

impl Away {
    /// As the store takes it.
    pub fn named<'a>(&'a self, reason: &'a str) -> AwayFolder<'a> {
        AwayFolder { folder: &self.folder, storage_id: self.storage_id, below: self.below.as_ref(), reason }
    }
}

/// Looks whether the folder of a job's file is there: its library's, or the root of its storage where no library has it.
/// It is told from an empty one as a scan does that.
pub(crate) fn look(store: &Store, storages: &Storages, job: &Job) -> Result<Option<Away>, StoreError> {
    let storage = store.read(|r| r.storage(job.storage_id))?;
    let opened = storages.open(&storage);
    let (folder, below, elsewhere) = match library_around(store, &storage, &job.path)? {
        Some(folder) => (folder.root(), folder.library.folder, folder.elsewhere),
        None => (storage.root, None, Vec::new()),
    };
    let mut has_file = false;
    let walked = opened.map_err(Why::from).and_then(|disk| {
        let mut on = |seen| {
            has_file |= matches!(seen, Seen::File { .. });
            if has_file { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        Ok(disk.walk(&folder, &elsewhere, &Cancel::new(), &mut on)?)
    });
    let why = match walked {
        Err(why) => why,
        Ok(()) if !has_file => Why::Empty(folder.clone()),
        Ok(()) => return Ok(None),
    };
    Ok(Some(Away { folder, storage_id: job.storage_id, below, why }))
}
