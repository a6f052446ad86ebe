//! Whether the folder of a job's file is there at all. A disk that is not mounted says nothing about the files on it: the
//! job waits for it, with what it has.

use std::ops::ControlFlow;
use std::path::PathBuf;

use mediaflow_store::{Job, Store, StoreError};
use mediaflow_transport::walk::{self, Seen, WalkError};

use crate::scan::library_around;

/// Why a job's folder cannot be worked in now.
#[derive(Debug, thiserror::Error)]
pub enum Away {
    /// It is not there, or cannot be listed.
    #[error("waits for its folder and goes on by itself: {0}")]
    Unreadable(#[from] WalkError),
    /// No file is below it, though the job's own was: the mount point of a disk, without the disk.
    #[error("waits for its folder and goes on by itself: {} is empty; is the disk mounted?", .0.display())]
    Empty(PathBuf),
}

/// Looks whether the folder of a job's file is there: its library's, or the root of its storage where no library has it.
/// It is told from an empty one as a scan does that.
pub(crate) fn look(store: &Store, job: &Job) -> Result<Option<Away>, StoreError> {
    let storage = store.read(|r| r.storage(job.storage_id))?;
    let (root, elsewhere) = match library_around(store, &storage, &job.path)? {
        Some(folder) => (folder.root(), folder.elsewhere),
        None => (storage.root, Vec::new()),
    };
    let mut has_file = false;
    let walked = walk::walk(&root, &elsewhere, &mut |seen| {
        has_file |= matches!(seen, Seen::File { .. });
        if has_file { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    Ok(match walked {
        Err(error) => Some(error.into()),
        Ok(()) if !has_file => Some(Away::Empty(root)),
        Ok(()) => None,
    })
}
