//! From a path below the root to an open folder and a name in it, without following a symbolic link.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;

use mediaflow_core::identity::Stat;
use mediaflow_core::path::RelPath;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::LocalStorage;
use crate::storage::{Entry, EntryKind, ErrorClass, Folder, Operation, Result, StorageError};

impl LocalStorage {
    /// Opens a folder, one component after the other: a link put in the way would redirect a rename to anywhere.
    pub(super) fn open_folder(&self, folder: Folder<'_>) -> Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut open = rustix::fs::open(&self.root, flags, Mode::empty()).map_err(fail(Operation::Open, None))?;
        let Some(folder) = folder else { return Ok(open) };
        for name in folder.as_bytes().split(|byte| *byte == b'/') {
            open = rustix::fs::openat(&open, name, flags | OFlags::NOFOLLOW, Mode::empty()).map_err(|errno| {
                if matches!(errno, Errno::NOTDIR | Errno::LOOP) && is_symlink(&open, name) {
                    let cause = format!("{:?} is a symbolic link", OsStr::from_bytes(name));
                    return StorageError::new(Operation::Open, Some(folder), ErrorClass::Symlink, cause);
                }
                fail(Operation::Open, Some(folder))(errno)
            })?;
        }
        Ok(open)
    }

    /// Opens the folder that holds `path`.
    pub(super) fn open_parent(&self, path: &RelPath) -> Result<OwnedFd> {
        self.open_folder(path.parent().as_ref())
    }

    /// Opens an existing regular file for reading.
    pub(super) fn open_file(&self, path: &RelPath) -> Result<OwnedFd> {
        let folder = self.open_parent(path)?;
        // Without NONBLOCK a pipe that took the name would stop us until somebody writes to it.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&folder, path.file_name(), flags, Mode::empty())
            .map_err(fail(Operation::Open, Some(path)))?;
        let stat = rustix::fs::fstat(&file).map_err(fail(Operation::Look, Some(path)))?;
        match entry(&stat).kind {
            EntryKind::File => Ok(file),
            _ => Err(StorageError::new(Operation::Open, Some(path), ErrorClass::NotAFile, "it is not a regular file")),
        }
    }
}

fn is_symlink(folder: &OwnedFd, name: &[u8]) -> bool {
    rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| entry(&stat).kind == EntryKind::Symlink)
}

/// What a stat says, in our terms.
#[allow(clippy::unnecessary_cast, clippy::cast_sign_loss, reason = "the fields' widths differ between systems")]
pub(super) fn entry(stat: &rustix::fs::Stat) -> Entry {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Folder,
        FileType::Symlink => EntryKind::Symlink,
        _ => EntryKind::Other,
    };
    let stat = Stat {
        size_bytes: stat.st_size as u64,
        mtime_ns: (stat.st_mtime as i64).saturating_mul(1_000_000_000).saturating_add(stat.st_mtime_nsec as i64),
        device: stat.st_dev as u64,
        inode: stat.st_ino as u64,
        links: stat.st_nlink as u64,
    };
    Entry { kind, stat }
}

/// Turns what the system said into an error about `path`.
pub(super) fn fail(operation: Operation, path: Option<&RelPath>) -> impl FnOnce(Errno) -> StorageError {
    move |errno| StorageError::new(operation, path, class(errno), std::io::Error::from(errno))
}

/// The same for errors that came through the standard library.
pub(super) fn raw(operation: Operation, path: &RelPath) -> impl FnOnce(std::io::Error) -> StorageError {
    move |error| {
        let class = Errno::from_io_error(&error).map_or(ErrorClass::Io, class);
        StorageError::new(operation, Some(path), class, error)
    }
}

fn class(errno: Errno) -> ErrorClass {
    match errno {
        Errno::NOENT => ErrorClass::NotFound,
        Errno::EXIST | Errno::NOTEMPTY => ErrorClass::Exists,
        Errno::NOSPC | Errno::DQUOT => ErrorClass::NoSpace,
        Errno::ACCESS | Errno::PERM => ErrorClass::Permission,
        Errno::ROFS => ErrorClass::ReadOnly,
        Errno::XDEV => ErrorClass::CrossDevice,
        Errno::LOOP => ErrorClass::Symlink,
        // File systems that do not know a rename flag say INVAL, old kernels NOSYS.
        Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP | Errno::MLINK => ErrorClass::NotSupported,
        other if other == Errno::NOTSUP => ErrorClass::NotSupported,
        _ => ErrorClass::Io,
    }
}
