//! What went wrong with which file.

use std::fmt;

use mediaflow_core::path::RelPath;

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Opening a file or folder.
    Open,
    /// Looking at a name.
    Look,
    /// Reading a file.
    Read,
    /// Creating a file.
    Create,
    /// Writing a file.
    Write,
    /// Setting owner, mode, attributes or times.
    SetAttributes,
    /// Making a file or folder durable.
    Sync,
    /// Closing a written file.
    Close,
    /// Giving a file a second name.
    Link,
    /// Renaming a file.
    Rename,
    /// Letting two files change names.
    Exchange,
    /// Removing a file.
    Remove,
    /// Making a folder.
    MakeFolder,
    /// Listing a folder.
    List,
    /// Asking for free space.
    FreeSpace,
    /// Locking a file.
    Lock,
    /// Reaching the machine that has it. What was asked of it before may or may not be done.
    Reach,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "opening",
            Self::Look => "looking at",
            Self::Read => "reading",
            Self::Create => "creating",
            Self::Write => "writing",
            Self::SetAttributes => "setting the attributes of",
            Self::Sync => "making durable",
            Self::Close => "closing",
            Self::Link => "linking",
            Self::Rename => "renaming",
            Self::Exchange => "exchanging",
            Self::Remove => "removing",
            Self::MakeFolder => "making the folder",
            Self::List => "listing",
            Self::FreeSpace => "asking for free space in",
            Self::Lock => "locking",
            Self::Reach => "reaching",
        })
    }
}

/// What kind of failure it was, as far as what to do next depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The file or its folder does not exist.
    NotFound,
    /// Something has the name already.
    Exists,
    /// The disk or the quota is full.
    NoSpace,
    /// This user may not.
    Permission,
    /// The storage is mounted read-only.
    ReadOnly,
    /// The two names lie on different file systems.
    CrossDevice,
    /// The file system does not know this operation.
    NotSupported,
    /// The path leads through a symbolic link.
    Symlink,
    /// Something else than a regular file has the name.
    NotAFile,
    /// Anything else, a failing disk first of all.
    Io,
}

/// One failed step of a storage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation} {path}: {cause}")]
pub struct StorageError {
    /// What was being done.
    pub operation: Operation,
    /// To which file or folder, as text for a person.
    pub path: String,
    /// What kind of failure it was.
    pub class: ErrorClass,
    /// What the operating system said.
    pub cause: String,
}

impl StorageError {
    /// An error about a path, or about the storage's root.
    #[must_use]
    pub fn new(operation: Operation, path: Option<&RelPath>, class: ErrorClass, cause: impl fmt::Display) -> Self {
        let path = path.map_or_else(|| "the storage's root".to_owned(), ToString::to_string);
        Self { operation, path, class, cause: cause.to_string() }
    }

    /// Whether its machine was lost, which says nothing about what it can do.
    #[must_use]
    pub const fn is_unreachable(&self) -> bool {
        matches!(self.operation, Operation::Reach)
    }

    /// Whether durability itself failed: final for the file or folder, never to be tried again on it.
    #[must_use]
    pub const fn is_failed_sync(&self) -> bool {
        matches!(self.operation, Operation::Sync | Operation::Close)
    }
}
