//! A folder of this machine as a storage.

mod attributes;
mod names;
mod new_file;

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use mediaflow_core::identity::{ContentId, Hash};
use mediaflow_core::path::RelPath;
use mediaflow_core::replace::Capabilities;
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use self::names::{fail, raw};
use self::new_file::LocalNewFile;
use super::{Entry, ErrorClass, Folder, NewFile, Operation, Reading, Result, Storage, StorageError, StorageLock};
use super::{content, probe};

/// A storage below an absolute path of this machine: a local disk or anything mounted.
#[derive(Debug, Clone)]
pub struct LocalStorage {
    root: PathBuf,
}

impl LocalStorage {
    /// A storage below `root`, which may itself be a symbolic link. Nothing is opened until it is used, so that a
    /// disk can be unmounted meanwhile.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder that paths are relative to.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// How large the disk below it is, in bytes.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub fn disk_bytes(&self) -> Result<u64> {
        let open = self.open_folder(None)?;
        let stat = rustix::fs::fstatvfs(&open).map_err(fail(Operation::FreeSpace, None))?;
        Ok(stat.f_blocks.saturating_mul(stat.f_frsize))
    }
}

impl Storage for LocalStorage {
    fn look(&self, path: &RelPath) -> Result<Option<Entry>> {
        let folder = match self.open_parent(path) {
            Ok(folder) => folder,
            Err(error) if error.class == ErrorClass::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match rustix::fs::statat(&folder, path.file_name(), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(names::entry(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(fail(Operation::Look, Some(path))(errno)),
        }
    }

    fn content_id(&self, path: &RelPath) -> Result<ContentId> {
        let file = self.open_file(path)?;
        let stat = rustix::fs::fstat(&file).map_err(fail(Operation::Look, Some(path)))?;
        content::content_id(&mut File::from(file), names::entry(&stat).stat.size_bytes)
            .map_err(raw(Operation::Read, path))
    }

    fn hash(&self, path: &RelPath, reading: Reading) -> Result<Hash> {
        let file = self.open_file(path)?;
        if reading == Reading::PastCache {
            drop_cache(&file).map_err(fail(Operation::Read, Some(path)))?;
        }
        let (hash, _) = content::hash_all(&mut File::from(file)).map_err(raw(Operation::Read, path))?;
        Ok(hash)
    }

    fn read(&self, path: &RelPath, limit_bytes: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = File::from(self.open_file(path)?);
        file.take(limit_bytes + 1).read_to_end(&mut bytes).map_err(raw(Operation::Read, path))?;
        if bytes.len() as u64 > limit_bytes {
            let cause = format!("it is longer than {limit_bytes} bytes");
            return Err(StorageError::new(Operation::Read, Some(path), ErrorClass::NotSupported, cause));
        }
        Ok(bytes)
    }

    fn create(&self, path: &RelPath) -> Result<Box<dyn NewFile + '_>> {
        let folder = self.open_parent(path)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&folder, path.file_name(), flags, Mode::RUSR | Mode::WUSR)
            .map_err(fail(Operation::Create, Some(path)))?;
        Ok(Box::new(LocalNewFile::new(self, path.clone(), file)))
    }

    fn sync_file(&self, path: &RelPath) -> Result<()> {
        File::from(self.open_file(path)?).sync_all().map_err(raw(Operation::Sync, path))
    }

    fn sync_folder(&self, folder: Folder<'_>) -> Result<()> {
        // `sync_all` is a full sync on macOS too, where fsync alone leaves data in the drive's cache.
        File::from(self.open_folder(folder)?).sync_all().map_err(|error| {
            let class = ErrorClass::Io;
            StorageError::new(Operation::Sync, folder, class, error)
        })
    }

    fn link(&self, from: &RelPath, to: &RelPath) -> Result<()> {
        let (source, target) = (self.open_parent(from)?, self.open_parent(to)?);
        rustix::fs::linkat(&source, from.file_name(), &target, to.file_name(), AtFlags::empty())
            .map_err(fail(Operation::Link, Some(from)))
    }

    fn rename_no_replace(&self, from: &RelPath, to: &RelPath) -> Result<()> {
        self.rename_with(from, to, RenameFlags::NOREPLACE, Operation::Rename)
    }

    fn rename_replace(&self, from: &RelPath, to: &RelPath) -> Result<()> {
        let (source, target) = (self.open_parent(from)?, self.open_parent(to)?);
        rustix::fs::renameat(&source, from.file_name(), &target, to.file_name())
            .map_err(fail(Operation::Rename, Some(from)))
    }

    fn exchange(&self, one: &RelPath, other: &RelPath) -> Result<()> {
        self.rename_with(one, other, RenameFlags::EXCHANGE, Operation::Exchange)
    }

    fn remove(&self, path: &RelPath) -> Result<()> {
        let folder = self.open_parent(path)?;
        rustix::fs::unlinkat(&folder, path.file_name(), AtFlags::empty()).map_err(fail(Operation::Remove, Some(path)))
    }

    fn make_folder(&self, folder: &RelPath) -> Result<()> {
        let parent = self.open_parent(folder)?;
        rustix::fs::mkdirat(&parent, folder.file_name(), Mode::RWXU | Mode::RWXG | Mode::RWXO)
            .map_err(fail(Operation::MakeFolder, Some(folder)))
    }

    fn list(&self, folder: Folder<'_>) -> Result<Vec<Vec<u8>>> {
        let open = self.open_folder(folder)?;
        let entries = rustix::fs::Dir::read_from(&open).map_err(fail(Operation::List, folder))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(fail(Operation::List, folder))?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(name.to_vec());
            }
        }
        Ok(names)
    }

    fn free_bytes(&self, folder: Folder<'_>) -> Result<u64> {
        let open = self.open_folder(folder)?;
        let stat = rustix::fs::fstatvfs(&open).map_err(fail(Operation::FreeSpace, folder))?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    fn probe(&self, folder: Folder<'_>, other: Folder<'_>, tag: &str) -> Result<Capabilities> {
        probe::probe(self, folder, other, tag)
    }

    fn lock(&self, path: &RelPath) -> Result<Option<StorageLock>> {
        let file = self.open_file(path)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(StorageLock::new(Locked(file)))),
            Err(Errno::WOULDBLOCK) => Ok(None),
            // No locks here: what remains is to look at identities before every step, which is done anyway.
            Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::NOLCK | Errno::INVAL) => Ok(Some(StorageLock::new(()))),
            Err(errno) => Err(fail(Operation::Lock, Some(path))(errno)),
        }
    }
}

impl LocalStorage {
    fn rename_with(&self, from: &RelPath, to: &RelPath, flags: RenameFlags, operation: Operation) -> Result<()> {
        let (source, target) = (self.open_parent(from)?, self.open_parent(to)?);
        rustix::fs::renameat_with(&source, from.file_name(), &target, to.file_name(), flags)
            .map_err(fail(operation, Some(from)))
    }
}

/// Unlocks when dropped. Closing alone would not do: a process that is being started by another thread has a copy of
/// the descriptor until it runs its program, and the lock would live on in it.
struct Locked(OwnedFd);

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }
}

/// Makes the next read come from the disk. Works on clean pages, so the file must have been synced.
#[cfg(target_os = "linux")]
fn drop_cache(file: &OwnedFd) -> rustix::io::Result<()> {
    rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed)
}

#[cfg(target_vendor = "apple")]
fn drop_cache(file: &OwnedFd) -> rustix::io::Result<()> {
    rustix::fs::fcntl_nocache(file, true)
}
