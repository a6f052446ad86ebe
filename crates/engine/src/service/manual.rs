//! Single files by their path: read and queued outside of any library.

use std::path::Path;

use mediaflow_core::media::preset::Preset;
use mediaflow_core::path::RelPath;
use mediaflow_store::{OutputMode, Storage};
use mediaflow_transport::walk;

use super::Service;
use super::error::CommandError;
use super::queueing::title_of;
use crate::queue::{Asked, Queued, Wish, queue_file};
use crate::scan::open_storage;

impl Service {
    /// Queues a single file by its path, whatever is remembered of it. The output is put beside it as `NAME V2.EXT`; the
    /// file itself stays. Gives the job's id.
    pub fn manual(&self, path: &Path, preset: &Preset, priority: i64) -> Result<i64, CommandError> {
        let inner = &self.inner;
        let (storage, below) = self.locate(path)?;
        let scanner = inner.scanner(inner.tools.get()?);
        let (file, info) = scanner.scan_file(&storage, None, &below, &inner.stop)?;
        let wish = Wish {
            file: &file,
            info: &info,
            title: &title_of(&file),
            preset,
            mode: OutputMode::Beside,
            asked: Asked::Insisted,
            priority,
        };
        match queue_file(&inner.store, inner.epoch, &wish)? {
            Queued::Job(job_id) => Ok(job_id),
            Queued::Already(job_id) => {
                Err(CommandError::Conflict(format!("{} is in the queue as job {job_id}", path.display())))
            }
            Queued::LeftAlone(reason) | Queued::Refused(reason) => Err(CommandError::Refused(reason)),
        }
    }

    /// The storage that a file lies on, and its path in it. The folder may be reached by links; the file itself must not
    /// be one.
    fn locate(&self, path: &Path) -> Result<(Storage, RelPath), CommandError> {
        use std::os::unix::ffi::OsStrExt;
        regular_file(path)?;
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(invalid_path(path, "is not a file"));
        };
        let folder = walk::resolve(folder).map_err(|error| invalid_path(path, &error.to_string()))?;
        let (storage, below) = open_storage(&self.inner.store, &folder)?;
        let path = match below {
            Some(below) => below.join(name.as_bytes()),
            None => RelPath::new(name.as_bytes()),
        };
        path.map(|path| (storage, path))
            .map_err(|error| CommandError::Invalid { field: "file_path", message: error.to_string() })
    }
}

fn invalid_path(path: &Path, why: &str) -> CommandError {
    CommandError::Invalid { field: "file_path", message: format!("{} {why}", path.display()) }
}

/// Refuses what is not a plain file, before anything is made known of its folder.
pub(super) fn regular_file(path: &Path) -> Result<(), CommandError> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(found) if found.is_symlink() => Err(invalid_path(path, "is a symbolic link; name the file it leads to")),
        Ok(_) => Err(invalid_path(path, "is not a file")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(CommandError::NotFound { what: "file", id: path.display().to_string() })
        }
        Err(error) => Err(invalid_path(path, &format!("cannot be looked at: {error}"))),
    }
}
