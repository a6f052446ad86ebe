//! A folder as a source: which storage it lies on, and which library stands for it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use mediaflow_core::path::{PathError, RelPath};
use mediaflow_core::replace::Capabilities;
use mediaflow_store::{Library, Storage, Store, StoreError};
use mediaflow_transport::walk;

use super::ScanError;
use crate::storages::OpenStorage;

/// The library type of a folder source. A folder may hold anything; what is an episode is told by its own name.
const LIBRARY_TYPE: &str = "movie";

/// A folder that can be scanned.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The storage it lies on.
    pub storage: Storage,
    /// Its library.
    pub library: Library,
    /// Real paths below it that are storages of their own. Their files belong to these, so that no file is known twice.
    pub elsewhere: Vec<PathBuf>,
}

/// Makes a folder known as a source, if it is not yet.
pub fn open_folder(store: &Store, dir: &Path) -> Result<Folder, ScanError> {
    add_folder(store, dir, None, LIBRARY_TYPE)
}

/// The same with a title and a library type of the user's, which hold if the folder is new.
pub fn add_folder(store: &Store, dir: &Path, title: Option<&str>, library_type: &str) -> Result<Folder, ScanError> {
    let real = walk::resolve(dir)?;
    let (storage, below) = open_storage(store, &real)?;
    put_folder(store, storage, below.as_ref(), &real, title, library_type)
}

/// The same for a folder of another machine, by its real path there; `disk` is that folder.
pub(crate) fn add_folder_there(
    store: &Store,
    worker_id: i64,
    disk: &OpenStorage,
    real: &Path,
    title: Option<&str>,
    library_type: &str,
) -> Result<Folder, ScanError> {
    let (storage, below) = match around(store, Some(worker_id), real)? {
        Some(found) => found,
        None => (make_storage(store, Some(worker_id), disk, real)?, None),
    };
    put_folder(store, storage, below.as_ref(), real, title, library_type)
}

fn put_folder(
    store: &Store,
    storage: Storage,
    below: Option<&RelPath>,
    real: &Path,
    title: Option<&str>,
    library_type: &str,
) -> Result<Folder, ScanError> {
    let own_name = real.file_name().unwrap_or(real.as_os_str()).to_string_lossy();
    let title = title.unwrap_or(&own_name);
    let library = store.write(|tx| tx.folder_put(&storage, below, title, library_type))?;
    Ok(with_elsewhere(store, storage, library)?)
}

/// The folder of a library that is one.
pub fn folder_of(store: &Store, library_id: i64) -> Result<Folder, ScanError> {
    let (library, storage) = store.read(|r| {
        let library = r.library(library_id)?;
        let storage_id =
            library.storage_id.ok_or(StoreError::NotFound { what: "folder of library", id: library_id })?;
        Ok((library, r.storage(storage_id)?))
    })?;
    Ok(with_elsewhere(store, storage, library)?)
}

/// The folder of the library that a file lies in, the innermost of several; `None` where no library has it.
pub(crate) fn library_around(store: &Store, storage: &Storage, path: &RelPath) -> Result<Option<Folder>, StoreError> {
    let libraries = store.read(|r| r.libraries())?.into_iter();
    let folders = libraries.filter(|library| library.storage_id == Some(storage.id)).map(|library| Folder {
        storage: storage.clone(),
        library,
        elsewhere: Vec::new(),
    });
    let depth = |folder: &Folder| folder.library.folder.as_ref().map_or(0, |folder| folder.as_bytes().len());
    let innermost = folders.filter(|folder| folder.contains(path)).max_by_key(depth);
    innermost.map(|folder| with_elsewhere(store, folder.storage, folder.library)).transpose()
}

fn with_elsewhere(store: &Store, storage: Storage, library: Library) -> Result<Folder, StoreError> {
    let mut folder = Folder { storage, library, elsewhere: Vec::new() };
    let root = folder.root();
    let worker_id = folder.storage.worker_id;
    let inside = |other: &Storage| other.worker_id == worker_id && other.root != root && other.root.starts_with(&root);
    let storages = store.read(|reader| reader.storages())?;
    folder.elsewhere = storages.into_iter().filter(inside).map(|storage| storage.root).collect();
    Ok(folder)
}

/// The storage that a folder (a real path) lies on, and where on it: a known one around it, or else the folder itself
/// becomes one.
pub fn open_storage(store: &Store, real: &Path) -> Result<(Storage, Option<RelPath>), ScanError> {
    match around(store, None, real)? {
        Some(found) => Ok(found),
        None => Ok((make_storage(store, None, &OpenStorage::here(real), real)?, None)),
    }
}

/// The innermost known storage of a machine around a folder, and where on it the folder is.
fn around(store: &Store, worker_id: Option<i64>, real: &Path) -> Result<Option<(Storage, Option<RelPath>)>, ScanError> {
    let storages = store.read(|reader| reader.storages())?;
    let around =
        storages.into_iter().filter(|storage| storage.worker_id == worker_id && real.starts_with(&storage.root));
    let Some(storage) = around.max_by_key(|storage| storage.root.components().count()) else { return Ok(None) };
    let below = real.strip_prefix(&storage.root).unwrap_or(Path::new("")).as_os_str().as_bytes();
    let below = if below.is_empty() { None } else { Some(RelPath::new(below)?) };
    Ok(Some((storage, below)))
}

/// The storage with exactly this root (a real path), which need not be there yet: what lies below belongs to it, whatever
/// storage is around it.
pub(crate) fn own_storage(store: &Store, root: &Path) -> Result<Storage, ScanError> {
    let is_it = |storage: &Storage| storage.worker_id.is_none() && storage.root == root;
    let known = store.read(|reader| reader.storages())?.into_iter().find(is_it);
    known.map_or_else(|| make_storage(store, None, &OpenStorage::here(root), root), Ok)
}

fn make_storage(store: &Store, worker_id: Option<i64>, disk: &OpenStorage, root: &Path) -> Result<Storage, ScanError> {
    /// What holds where nothing can be tried out, as on a read-only disk: such a storage can be scanned all the same,
    /// and a replacement tries again where it wants to write.
    const UNTRIED: Capabilities =
        Capabilities { exchange: false, link: false, rename_no_replace: false, folds_case: false, normalises: false };
    let tag = format!("scan-{}", std::process::id());
    let capabilities = disk.probe(None, None, &tag).unwrap_or(UNTRIED);
    Ok(store.write(|tx| match worker_id {
        None => tx.storage_put(root, capabilities.folds_case, &capabilities, None),
        Some(id) => tx.storage_put_there(id, root, capabilities.folds_case, &capabilities),
    })?)
}

impl Folder {
    /// Where it lies on its machine.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.library.folder.as_ref().map_or_else(|| self.storage.root.clone(), |folder| on_disk(&self.storage, folder))
    }

    /// A path inside the folder as a path inside its storage.
    pub(super) fn in_storage(&self, path: RelPath) -> Result<RelPath, PathError> {
        match &self.library.folder {
            Some(folder) => folder.join(path.as_bytes()),
            None => Ok(path),
        }
    }

    /// Whether a path of the storage lies in the folder.
    pub(super) fn contains(&self, path: &RelPath) -> bool {
        self.library.folder.as_ref().is_none_or(|folder| {
            path.as_bytes().strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.starts_with(b"/"))
        })
    }
}

/// Where a file of a storage lies on its machine.
#[must_use]
pub fn on_disk(storage: &Storage, path: &RelPath) -> PathBuf {
    storage.root.join(OsStr::from_bytes(path.as_bytes()))
}
