//! A folder of another machine as a storage: a NAS over SSH.
//!
//! Changes go by SFTP, where each is one system call of that machine; what SFTP cannot tell is asked of its shell. A
//! broken connection fails the step that was under way, and the next one connects again: whether that step was done is
//! for the caller to look at. There is no exchange of two names over SFTP.

mod failure;
mod lock;
mod names;
mod new_file;
mod reading;
mod session;
mod shell;
mod stat;

pub(crate) use stat::read as read_stat;

use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use mediaflow_core::identity::{ContentId, Hash};
use mediaflow_core::path::RelPath;
use mediaflow_core::replace::Capabilities;

use self::failure::{Change, Failed};
use self::new_file::RemoteNewFile;
use self::session::{Session, Sessions};
use super::content::{PassingHash, what_counts};
use super::{
    Entry, ErrorClass, Folder, NewFile, Operation, Reading, Result, Storage, StorageError, StorageLock, probe,
};
use crate::ssh::RemoteMachine;
use crate::ssh::sftp::{Access, Sftp, SftpError};

/// A storage below an absolute path of another machine.
pub struct RemoteStorage {
    root: Vec<u8>,
    sessions: Sessions,
}

/// A change of a name: two full paths, or one of them twice.
type NameChange = fn(&mut Sftp, &[u8], &[u8]) -> std::result::Result<(), SftpError>;

impl RemoteStorage {
    /// A storage below `root`, which may itself be a symbolic link. Nothing is connected until it is used.
    #[must_use]
    pub fn new(machine: RemoteMachine, root: impl Into<PathBuf>) -> Self {
        let mut root = root.into().into_os_string().into_vec();
        while root.last() == Some(&b'/') {
            root.pop();
        }
        Self { root, sessions: Sessions::new(machine) }
    }

    /// Size in bytes of the disk that the root lies on.
    ///
    /// # Errors
    /// When the machine cannot be asked.
    pub fn disk_bytes(&self) -> Result<u64> {
        self.sessions.looking(None, |session| {
            let space = session.sftp.space(&self.root);
            Ok(space.map_err(|error| Failed::from(error).during(Operation::FreeSpace, None))?.size_bytes)
        })
    }

    /// Changes names, each looked at on its way first. `refuses` says that nothing may have the name `to`.
    fn change(&self, operation: Operation, from: &RelPath, to: &RelPath, refuses: bool, by: NameChange) -> Result<()> {
        self.sessions.once(Some(from), |session, _| {
            let (source, target) = (self.full(session, from)?, self.full(session, to)?);
            by(&mut session.sftp, &source, &target).map_err(|error| {
                Change { operation, path: from, full: &source, made: Some(&target), refuses }
                    .explain(session, error.into())
            })
        })
    }

    /// Opens a regular file to look into it.
    fn open<T>(
        &self,
        operation: Operation,
        path: &RelPath,
        mut work: impl FnMut(&mut Session, &crate::ssh::sftp::Handle, u64) -> std::result::Result<T, Failed>,
    ) -> Result<T> {
        self.sessions.looking(Some(path), |session| {
            let (full, attributes) = self.file(session, path)?;
            let size_bytes = attributes.size_bytes.unwrap_or(0);
            let work = |session: &mut Session, file: &_| work(session, file, size_bytes);
            reading::with_open(session, &full, work).map_err(|failed| failed.during(operation, Some(path)))
        })
    }
}

impl Storage for RemoteStorage {
    fn look(&self, path: &RelPath) -> Result<Option<Entry>> {
        self.sessions.looking(Some(path), |session| match self.look_along(session, path)? {
            (full, Some(_)) => stat::entry(session, &full),
            (_, None) => Ok(None),
        })
    }

    fn content_id(&self, path: &RelPath) -> Result<ContentId> {
        self.open(Operation::Read, path, |session, file, size_bytes| {
            let mut hash = PassingHash::default();
            for (offset, count) in what_counts(size_bytes) {
                let had = reading::read(session, file, offset, count, &mut |bytes| hash.update(bytes))?;
                if had < count {
                    let cause = "the file became shorter while it was read";
                    return Err(StorageError::new(Operation::Read, Some(path), ErrorClass::Io, cause).into());
                }
            }
            Ok(ContentId { size_bytes, edges: hash.finish() })
        })
    }

    fn hash(&self, path: &RelPath, wanted: Reading) -> Result<Hash> {
        if wanted == Reading::PastCache {
            self.sessions.looking(Some(path), |session| {
                let (full, _) = self.file(session, path)?;
                reading::drop_cache(session, &full)
            })?;
        }
        self.open(Operation::Read, path, |session, file, _| {
            let mut hash = PassingHash::default();
            reading::read(session, file, 0, u64::MAX, &mut |bytes| hash.update(bytes))?;
            Ok(hash.finish())
        })
    }

    fn read(&self, path: &RelPath, limit_bytes: u64) -> Result<Vec<u8>> {
        self.open(Operation::Read, path, |session, file, _| {
            let mut all = Vec::new();
            reading::read(session, file, 0, limit_bytes + 1, &mut |bytes| all.extend_from_slice(bytes))?;
            if all.len() as u64 > limit_bytes {
                let cause = format!("it is longer than {limit_bytes} bytes");
                return Err(StorageError::new(Operation::Read, Some(path), ErrorClass::NotSupported, cause).into());
            }
            Ok(all)
        })
    }

    fn create(&self, path: &RelPath) -> Result<Box<dyn NewFile + '_>> {
        self.sessions.once(Some(path), |session, number| {
            let full = self.full(session, path)?;
            let file = session.sftp.open_file(&full, Access::CreateNew).map_err(|error| {
                let change = Change { operation: Operation::Create, path, full: &full, made: None, refuses: true };
                change.explain(session, error.into())
            })?;
            let file: Box<dyn NewFile + '_> = Box::new(RemoteNewFile::new(self, path.clone(), full, file, number));
            Ok(file)
        })
    }

    fn sync_file(&self, path: &RelPath) -> Result<()> {
        self.sessions.once(Some(path), |session, _| {
            let (full, _) = self.file(session, path)?;
            sync(session, &full).map_err(|failed| failed.during(Operation::Sync, Some(path)))
        })
    }

    fn sync_folder(&self, folder: Folder<'_>) -> Result<()> {
        self.sessions.once(folder, |session, _| {
            let full = self.folder(session, folder)?;
            sync(session, &full).map_err(|failed| failed.during(Operation::Sync, folder))
        })
    }

    fn link(&self, from: &RelPath, to: &RelPath) -> Result<()> {
        self.change(Operation::Link, from, to, true, Sftp::link)
    }

    fn rename_no_replace(&self, from: &RelPath, to: &RelPath) -> Result<()> {
        self.change(Operation::Rename, from, to, true, Sftp::rename)
    }

    fn rename_replace(&self, from: &RelPath, to: &RelPath) -> Result<()> {
        self.change(Operation::Rename, from, to, false, Sftp::rename_over)
    }

    fn exchange(&self, one: &RelPath, _other: &RelPath) -> Result<()> {
        let cause = "SFTP has no exchange of two names";
        Err(StorageError::new(Operation::Exchange, Some(one), ErrorClass::NotSupported, cause))
    }

    fn remove(&self, path: &RelPath) -> Result<()> {
        self.change(Operation::Remove, path, path, false, |sftp, full, _| sftp.remove(full))
    }

    fn make_folder(&self, folder: &RelPath) -> Result<()> {
        self.change(Operation::MakeFolder, folder, folder, true, |sftp, full, _| sftp.make_folder(full))
    }

    fn list(&self, folder: Folder<'_>) -> Result<Vec<Vec<u8>>> {
        self.sessions.looking(folder, |session| {
            let full = self.folder(session, folder)?;
            session.sftp.list(&full).map_err(|error| Failed::from(error).during(Operation::List, folder))
        })
    }

    fn free_bytes(&self, folder: Folder<'_>) -> Result<u64> {
        self.sessions.looking(folder, |session| {
            let full = self.folder(session, folder)?;
            let space = session.sftp.space(&full);
            Ok(space.map_err(|error| Failed::from(error).during(Operation::FreeSpace, folder))?.free_bytes)
        })
    }

    fn probe(&self, folder: Folder<'_>, other: Folder<'_>, tag: &str) -> Result<Capabilities> {
        probe::probe(self, folder, other, tag)
    }

    fn lock(&self, path: &RelPath) -> Result<Option<StorageLock>> {
        let full = self.sessions.looking(Some(path), |session| Ok(self.file(session, path)?.0))?;
        lock::take(self.sessions.machine(), &full)
            .map_err(|error| StorageError::new(Operation::Reach, Some(path), ErrorClass::Io, error))
    }
}

fn sync(session: &mut Session, full: &[u8]) -> std::result::Result<(), Failed> {
    reading::with_open(session, full, |session, file| Ok(session.sftp.sync(file)?))
}
