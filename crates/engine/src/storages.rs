//! Where storages lie, and how one is opened: the one place that knows whether it is on this machine.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::ops::{ControlFlow, Deref};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use mediaflow_core::path::RelPath;
use mediaflow_store::Storage as StorageRow;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::{Ends, Moved, RemoteLister, RemoteMachine, Served, Transfer, TransferError};
use mediaflow_transport::storage::{ErrorClass, LocalStorage, Operation, RemoteStorage, Storage, StorageError};
use mediaflow_transport::walk::{self, Seen, WalkError};

use crate::fleet::Fleet;

/// Opens storages: those of this machine, and those of others where there is a fleet.
#[derive(Clone, Default)]
pub struct Storages(Option<Fleet>);

impl fmt::Debug for Storages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Storages(everywhere)" } else { "Storages(here)" })
    }
}

impl Storages {
    /// Those of this machine only.
    #[must_use]
    pub fn here() -> Self {
        Self::default()
    }

    /// Those of all machines.
    #[must_use]
    pub fn of(fleet: Fleet) -> Self {
        Self(Some(fleet))
    }

    /// Opens one. Nothing of it is looked at yet.
    ///
    /// # Errors
    /// When it lies on a machine that is not known any more, that is not who it was, or that only the server calls.
    pub fn open(&self, row: &StorageRow) -> Result<OpenStorage, StorageError> {
        let Some(worker_id) = row.worker_id else { return Ok(OpenStorage::here(&row.root)) };
        let failed = |cause: &dyn fmt::Display| StorageError::new(Operation::Reach, None, ErrorClass::Io, cause);
        let Some(fleet) = &self.0 else {
            let root = row.root.display();
            return Err(failed(&format_args!("{root} lies on another machine; start the server, which works there")));
        };
        let machine = fleet.machine(worker_id).map_err(|error| failed(&error))?;
        Ok(OpenStorage { root: row.root.clone(), place: Place::of(machine, &row.root) })
    }
}

/// A storage that can be worked in, and the machine that it lies on.
pub struct OpenStorage {
    root: PathBuf,
    place: Place,
}

enum Place {
    Here(LocalStorage),
    There { machine: RemoteMachine, storage: Box<RemoteStorage> },
}

impl Place {
    fn of(machine: RemoteMachine, root: &Path) -> Self {
        Self::There { storage: Box::new(RemoteStorage::new(machine.clone(), root)), machine }
    }
}

impl Deref for OpenStorage {
    type Target = dyn Storage;

    fn deref(&self) -> &Self::Target {
        match &self.place {
            Place::Here(storage) => storage,
            Place::There { storage, .. } => &**storage,
        }
    }
}

impl OpenStorage {
    /// A folder of this machine.
    #[must_use]
    pub fn here(root: &Path) -> Self {
        Self { root: root.to_owned(), place: Place::Here(LocalStorage::new(root)) }
    }

    /// A folder of another one.
    #[must_use]
    pub fn there(machine: RemoteMachine, root: &Path) -> Self {
        Self { root: root.to_owned(), place: Place::of(machine, root) }
    }

    /// The machine that it lies on, where that is another one.
    #[must_use]
    pub fn machine(&self) -> Option<&RemoteMachine> {
        match &self.place {
            Place::Here(_) => None,
            Place::There { machine, .. } => Some(machine),
        }
    }

    /// The path of a file of it, as its machine takes it.
    #[must_use]
    pub fn path(&self, path: &RelPath) -> PathBuf {
        self.root.join(OsStr::from_bytes(path.as_bytes()))
    }

    /// Why its root cannot be worked in now: a disk that is not mounted is not an empty one.
    pub fn away(&self) -> Option<String> {
        match &self.place {
            Place::Here(_) if self.root.is_dir() => None,
            Place::Here(_) => Some(format!("{} is not there; is the disk mounted?", self.root.display())),
            Place::There { storage, .. } => storage.free_bytes(None).err().map(|error| match error.is_unreachable() {
                true => error.cause,
                false => error.to_string(),
            }),
        }
    }

    /// Size in bytes of its disk.
    ///
    /// # Errors
    /// When the disk, or its machine, does not answer.
    pub fn disk_bytes(&self) -> Result<u64, StorageError> {
        match &self.place {
            Place::Here(storage) => storage.disk_bytes(),
            Place::There { storage, .. } => storage.disk_bytes(),
        }
    }

    /// Walks a folder on its machine; see [`walk::walk`].
    ///
    /// # Errors
    /// When the folder cannot be walked at all.
    pub fn walk(
        &self,
        folder: &Path,
        elsewhere: &[PathBuf],
        cancel: &Cancel,
        on: &mut dyn FnMut(Seen) -> ControlFlow<()>,
    ) -> Result<(), WalkError> {
        match &self.place {
            Place::Here(_) => walk::walk(folder, elsewhere, on),
            Place::There { machine, .. } => {
                let real = machine.resolve(folder, cancel)?;
                let mut lister = RemoteLister::new(machine.clone(), cancel);
                walk::walk_with(&mut lister, real, elsewhere, on);
                Ok(())
            }
        }
    }

    /// What tells a file of it from another one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn ends(&self, path: &Path, cancel: &Cancel) -> io::Result<Ends> {
        match &self.place {
            Place::Here(_) => Ends::of_local(path),
            Place::There { machine, .. } => {
                machine.ends(path, cancel).map_err(io::Error::other)?.ok_or_else(|| io::ErrorKind::NotFound.into())
            }
        }
    }

    /// Copies a file of it to the machine of a transfer. Where `may_fetch`, that one fetches it itself if it can; where it
    /// cannot, the file is passed on by this machine, and the reason is given.
    ///
    /// # Errors
    /// Why it did not arrive.
    pub fn send(
        &self,
        transfer: &Transfer<'_>,
        path: &Path,
        film: &Path,
        may_fetch: bool,
    ) -> Result<(Moved, Option<TransferError>), TransferError> {
        let Place::There { machine, .. } = &self.place else {
            return transfer.upload(path, film).map(|moved| (moved, None));
        };
        let why_not = if may_fetch {
            match transfer.direct(machine, path, film) {
                Ok(moved) => return Ok((moved, None)),
                Err(error) if transfer.cancel.is_cancelled() => return Err(error),
                Err(error) => Some(error),
            }
        } else {
            None
        };
        transfer.relay(machine, path, film).map(|moved| (moved, why_not))
    }

    /// An address under which programs on this machine read a file of another one; `None` for a file of this machine,
    /// which has its path.
    ///
    /// # Errors
    /// When this machine cannot serve it.
    pub fn serve(&self, path: &RelPath, size_bytes: u64) -> io::Result<Option<Served>> {
        let Some(machine) = self.machine() else { return Ok(None) };
        Served::start(machine.clone(), &self.path(path), size_bytes, &path.extension()).map(Some)
    }
}
