//! A storage: a tree of files under one root, reached the same way whatever carries it.
//!
//! The methods are single steps with the semantics of a POSIX file system and nothing added: what may follow what is
//! decided elsewhere. That is what lets a simulator stand in and lose every step that was not synced.

pub mod content;
mod error;
mod local;
mod probe;
mod ssh;

use std::any::Any;
use std::fmt;

use mediaflow_core::identity::{ContentId, FileIdentity, Hash, Stat};
use mediaflow_core::path::RelPath;
use mediaflow_core::replace::Capabilities;

pub use error::{ErrorClass, Operation, StorageError};
pub use local::LocalStorage;
pub use probe::MARK as TRIAL_MARK;
pub use ssh::RemoteStorage;
pub(crate) use ssh::read_stat;

/// What every method of a storage returns.
pub type Result<T> = std::result::Result<T, StorageError>;

/// A folder of a storage; `None` is its root.
pub type Folder<'a> = Option<&'a RelPath>;

/// What kind of thing has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, wherever it leads.
    Symlink,
    /// A device, pipe or socket.
    Other,
}

/// What a look at a name shows, links not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// Size, times and numbers.
    pub stat: Stat,
}

/// Where the bytes for a hash may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The page cache will do.
    Cached,
    /// What the disk gives back; the file must have been synced, for only clean pages can be dropped.
    PastCache,
}

/// Something of the original that its replacement could not be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeLoss {
    /// The owner or group, by number.
    Owner {
        /// User that the original belongs to.
        uid: u32,
        /// Group that the original belongs to.
        gid: u32,
    },
    /// An extended attribute; access control lists are such on Linux.
    Attribute {
        /// Its name.
        name: String,
    },
}

impl fmt::Display for AttributeLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner { uid, gid } => write!(f, "the owner {uid}:{gid} could not be kept"),
            Self::Attribute { name } => write!(f, "the extended attribute {name} could not be kept"),
        }
    }
}

/// A file that is being made. Dropping it closes it and leaves what was written.
pub trait NewFile {
    /// Appends bytes.
    fn write_all(&mut self, bytes: &[u8]) -> Result<()>;
    /// Gives it the owner, mode, extended attributes and access control list of another file of the storage.
    ///
    /// What cannot be given is returned, not an error: whether that matters is a setting.
    fn copy_attributes(&mut self, from: &RelPath) -> Result<Vec<AttributeLoss>>;
    /// Sets the time of modification, nanoseconds since the Unix epoch.
    fn set_mtime_ns(&mut self, mtime_ns: i64) -> Result<()>;
    /// Makes data and attributes durable. An error is final: the kernel may have dropped the data, and a second call
    /// would succeed without having written it.
    fn sync(&mut self) -> Result<()>;
    /// Closes it and reports what a network file system only says then.
    fn close(self: Box<Self>) -> Result<()>;
}

/// Holds an advisory lock until it is dropped.
pub struct StorageLock(#[allow(dead_code)] Box<dyn Any + Send>);

impl StorageLock {
    /// Wraps whatever releases the lock when it is dropped.
    #[must_use]
    pub fn new(guard: impl Any + Send) -> Self {
        Self(Box::new(guard))
    }
}

/// A tree of files. Paths never leave its root, and no symbolic link below the root is followed.
pub trait Storage: Send + Sync {
    /// What has this name; `None` when nothing has, or when its folder does not exist.
    fn look(&self, path: &RelPath) -> Result<Option<Entry>>;

    /// Length, and the hash of both ends of a regular file.
    fn content_id(&self, path: &RelPath) -> Result<ContentId>;

    /// The hash of a whole regular file.
    fn hash(&self, path: &RelPath, reading: Reading) -> Result<Hash>;

    /// The bytes of a small file. Fails with [`ErrorClass::NotSupported`] above `limit_bytes`.
    fn read(&self, path: &RelPath, limit_bytes: u64) -> Result<Vec<u8>>;

    /// Creates a file that did not exist, for its owner alone.
    fn create(&self, path: &RelPath) -> Result<Box<dyn NewFile + '_>>;

    /// Makes the data of an existing file durable.
    fn sync_file(&self, path: &RelPath) -> Result<()>;

    /// Makes the names in a folder durable.
    fn sync_folder(&self, folder: Folder<'_>) -> Result<()>;

    /// Gives a file a second name, which nothing may have yet.
    fn link(&self, from: &RelPath, to: &RelPath) -> Result<()>;

    /// Renames; fails with [`ErrorClass::Exists`] when something has the new name.
    fn rename_no_replace(&self, from: &RelPath, to: &RelPath) -> Result<()>;

    /// Renames over whatever file has the new name.
    fn rename_replace(&self, from: &RelPath, to: &RelPath) -> Result<()>;

    /// Lets two names change places in one step.
    fn exchange(&self, one: &RelPath, other: &RelPath) -> Result<()>;

    /// Removes a file.
    fn remove(&self, path: &RelPath) -> Result<()>;

    /// Makes one folder; fails with [`ErrorClass::Exists`] when something has the name.
    fn make_folder(&self, folder: &RelPath) -> Result<()>;

    /// The names in a folder, in no order.
    fn list(&self, folder: Folder<'_>) -> Result<Vec<Vec<u8>>>;

    /// Bytes that this user may still write there.
    fn free_bytes(&self, folder: Folder<'_>) -> Result<u64>;

    /// Finds out by trial what files in `folder` can do, moved to and from `other`. `tag` makes the names of the
    /// trial files unique; what a killed trial of the same name left is removed. Fails with
    /// [`ErrorClass::CrossDevice`] when no rename leads from one to the other.
    fn probe(&self, folder: Folder<'_>, other: Folder<'_>, tag: &str) -> Result<Capabilities>;

    /// Takes the advisory lock of an existing file without waiting; `None` when somebody else holds it.
    fn lock(&self, path: &RelPath) -> Result<Option<StorageLock>>;

    /// The identity of a regular file; `None` when nothing has this name.
    ///
    /// Looks before and after reading, so that the two halves of an identity are never of two different files.
    fn identity(&self, path: &RelPath) -> Result<Option<FileIdentity>> {
        for _ in 0..IDENTITY_TRIES {
            let Some(entry) = self.look(path)? else { return Ok(None) };
            if entry.kind != EntryKind::File {
                return Err(StorageError::new(Operation::Look, Some(path), ErrorClass::NotAFile, "not a regular file"));
            }
            let content = match self.content_id(path) {
                Ok(content) => content,
                Err(error) if error.class == ErrorClass::NotFound => continue,
                Err(error) => return Err(error),
            };
            if content.size_bytes == entry.stat.size_bytes && self.look(path)? == Some(entry) {
                return Ok(Some(FileIdentity { stat: entry.stat, content }));
            }
        }
        Err(StorageError::new(Operation::Look, Some(path), ErrorClass::Io, "it is being changed"))
    }
}

/// How often a file that changes while it is looked at is looked at again.
const IDENTITY_TRIES: usize = 5;
