//! Files that come through the browser: written to disk as they arrive, each in a folder of its own, and known to the store
//! only once they are whole.

mod name;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mediaflow_core::replace::ReplacementId;
use mediaflow_core::text;
use mediaflow_store::{Store, StoreError, Upload};
use mediaflow_transport::storage::{LocalStorage, Storage as _};

pub use name::file_name;

use crate::settings;

/// What of the disk stays free at least, whatever is set for jobs: the database and logs of everything else need some.
const LEAST_FREE_BYTES: u64 = 256 * 1024 * 1024;

/// How much is written between two looks at the free space.
const LOOK_EVERY_BYTES: u64 = 64 * 1024 * 1024;

/// Why an upload could not be taken, or not be dealt with.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The disk has no room for it.
    #[error(
        "there is no room for {name}: the disk of {} has {} free and keeps {} of it; free some space there, or choose a smaller file",
        folder.display(), text::bytes(*free_bytes), text::bytes(*floor_bytes)
    )]
    NoSpace {
        /// The file.
        name: String,
        /// Where uploads lie.
        folder: PathBuf,
        /// What is free now, in bytes.
        free_bytes: u64,
        /// What stays free, in bytes.
        floor_bytes: u64,
    },
    /// The disk did not do it.
    #[error("{}: {source}", path.display())]
    Disk {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The folder of all uploads. Clones are the same one.
#[derive(Clone)]
pub struct Uploads {
    store: Store,
    root: PathBuf,
    /// Those that arrive now: the store does not know them yet.
    arriving: Arc<Mutex<BTreeSet<String>>>,
}

impl Uploads {
    /// The uploads in a folder, which need not be there yet.
    #[must_use]
    pub fn new(store: Store, root: PathBuf) -> Self {
        Self { store, root, arriving: Arc::default() }
    }

    /// Where they lie.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where an upload lies.
    #[must_use]
    pub fn path(&self, upload: &Upload) -> PathBuf {
        self.root.join(&upload.public_id).join(&upload.name)
    }

    /// Begins one under an id that was never used, written as a [`ReplacementId`] is. `size_bytes` is what the client says it will send, if it does.
    pub fn begin(&self, public_id: String, name: String, size_bytes: Option<u64>) -> Result<NewUpload, UploadError> {
        let folder = self.root.join(&public_id);
        // Said first, so that upkeep leaves its folder alone.
        self.arriving().insert(public_id.clone());
        let guard = Arriving { uploads: self.clone(), public_id, folder: folder.clone(), is_whole: false };
        let make = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        make.map_err(disk(&folder))?;
        self.check_room(&name, size_bytes.unwrap_or(0))?;
        let path = folder.join(&name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(disk(&path))?;
        Ok(NewUpload { guard, name, path, file, written_bytes: 0, looked_at_bytes: 0 })
    }

    /// How large a further one may be now, in bytes.
    #[must_use]
    pub fn room(&self) -> u64 {
        // The folder is made with the first upload.
        let around = self.root.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/"));
        let free = LocalStorage::new(around).free_bytes(None);
        free.map_or(0, |free| free.saturating_sub(self.floor_bytes().unwrap_or(LEAST_FREE_BYTES)))
    }

    /// What stays free: what the user keeps free of jobs, too.
    fn floor_bytes(&self) -> Result<u64, StoreError> {
        let around = self.root.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/"));
        let size = LocalStorage::new(around).disk_bytes().unwrap_or(u64::MAX);
        Ok(self.store.read(|r| settings::min_free_bytes(r, size))?.max(LEAST_FREE_BYTES))
    }

    /// Whether so many bytes more leave the disk its floor.
    fn check_room(&self, name: &str, more_bytes: u64) -> Result<(), UploadError> {
        let free = LocalStorage::new(&self.root).free_bytes(None);
        let free_bytes = free.map_err(|error| UploadError::Disk {
            path: self.root.clone(),
            source: io::Error::other(error.to_string()),
        })?;
        let floor_bytes = self.floor_bytes()?;
        if free_bytes.saturating_sub(floor_bytes) < more_bytes.max(1) {
            let (name, folder) = (name.to_owned(), self.root.clone());
            return Err(UploadError::NoSpace { name, folder, free_bytes, floor_bytes });
        }
        Ok(())
    }

    /// Removes an upload with everything that was made beside it.
    ///
    /// # Errors
    /// [`StoreError::AlreadyQueued`] while a job works on it.
    pub fn remove(&self, upload: &Upload) -> Result<(), UploadError> {
        // The row first: what is left of a folder without one is removed by the next upkeep.
        self.store.write(|tx| tx.upload_delete(upload.id))?;
        let folder = self.root.join(&upload.public_id);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk(&folder)(error)),
            _ => Ok(()),
        }
    }

    /// Removes folders that belong to no upload, which an upload leaves that ended with its process; how many.
    pub fn remove_leftovers(&self) -> Result<usize, UploadError> {
        let entries = match fs::read_dir(&self.root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries.map_err(disk(&self.root))?,
        };
        // Listed before it is asked what is known: one that arrives meanwhile is not in the list.
        let found: Vec<_> =
            entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).collect();
        let mut known = self.arriving().clone();
        known.extend(self.store.read(|r| r.uploads())?.into_iter().map(|upload| upload.public_id));
        let is_left = |name: &str| ReplacementId::parse(name).is_some() && !known.contains(name);
        let left = found.iter().filter(|entry| entry.file_name().to_str().is_some_and(is_left));
        let mut removed = 0;
        for entry in left {
            fs::remove_dir_all(entry.path()).map_err(disk(&entry.path()))?;
            removed += 1;
        }
        Ok(removed)
    }

    fn arriving(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.arriving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An upload that arrives. Dropped before it is whole, it leaves nothing.
pub struct NewUpload {
    guard: Arriving,
    name: String,
    path: PathBuf,
    file: File,
    written_bytes: u64,
    looked_at_bytes: u64,
}

impl NewUpload {
    /// Appends what came.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), UploadError> {
        self.file.write_all(bytes).map_err(|source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                let (name, folder) = (self.name.clone(), self.guard.uploads.root.clone());
                UploadError::NoSpace { name, folder, free_bytes: 0, floor_bytes: LEAST_FREE_BYTES }
            }
            _ => disk(&self.path)(source),
        })?;
        self.written_bytes += bytes.len() as u64;
        if self.written_bytes - self.looked_at_bytes >= LOOK_EVERY_BYTES {
            self.looked_at_bytes = self.written_bytes;
            self.guard.uploads.check_room(&self.name, 0)?;
        }
        Ok(())
    }

    /// It is whole: makes it durable and known.
    pub fn finish(mut self) -> Result<Upload, UploadError> {
        self.file.sync_all().map_err(disk(&self.path))?;
        for folder in [&self.guard.folder, &self.guard.uploads.root] {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(disk(folder))?;
        }
        let (id, name) = (&self.guard.public_id, &self.name);
        let upload = self.guard.uploads.store.write(|tx| tx.upload_put(id, name, self.written_bytes))?;
        self.guard.is_whole = true;
        Ok(upload)
    }
}

/// What is taken away again unless the upload becomes whole.
struct Arriving {
    uploads: Uploads,
    public_id: String,
    folder: PathBuf,
    is_whole: bool,
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if !self.is_whole
            && let Err(error) = fs::remove_dir_all(&self.folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("a broken upload stays for now in {}: {error}", self.folder.display());
        }
        self.uploads.arriving().remove(&self.public_id);
    }
}

fn disk(path: &Path) -> impl FnOnce(io::Error) -> UploadError + use<> {
    let path = path.to_owned();
    move |source| UploadError::Disk { path, source }
}
