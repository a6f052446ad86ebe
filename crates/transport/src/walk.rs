//! What lies in a folder: every file below it with its stat and kind, told one by one, in a fixed order.
//!
//! Symbolic links are named and not followed. So no link can make a loop or show a file twice, and no file is offered
//! that a [`crate::storage::Storage`], which follows none either, could not replace.

mod kind;

use std::fs::{self, DirEntry, FileType, Metadata};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use mediaflow_core::identity::Stat;
use mediaflow_core::path::{PathError, RelPath};

pub use kind::{FileKind, is_hidden};

/// One thing met on the way.
#[derive(Debug)]
pub enum Seen {
    /// A regular file.
    File {
        /// Where.
        path: RelPath,
        /// Size, times and links; more than one link is worth a note, since such an original is not replaced.
        stat: Stat,
        /// What its name says it is.
        kind: FileKind,
    },
    /// Something that is left out, and why.
    Skipped {
        /// Where.
        path: RelPath,
        /// Why.
        why: Skip,
    },
    /// A folder of which nothing, or not everything, could be listed, or a file that could not be looked at. What was
    /// known there may still be there.
    Unreadable {
        /// Where; `None` is the walked folder itself.
        path: Option<RelPath>,
        /// What the system said.
        error: io::Error,
    },
}

/// Why something was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// A dot name, or a folder that a system keeps for itself.
    Hidden,
    /// A symbolic link. What it leads to can be walked where it lies.
    Link,
    /// A folder that the caller said belongs to something else.
    Elsewhere,
    /// A socket, pipe or device.
    Special,
    /// It was gone when it was looked at.
    Vanished,
}

impl Skip {
    /// In a few words, for a person.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Link => "symbolic links, which are not followed",
            Self::Elsewhere => "in another library",
            Self::Special => "not regular files",
            Self::Vanished => "gone while being looked at",
        }
    }
}

/// Why a folder cannot be walked at all.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// Nothing is there.
    #[error("{} does not exist: check the path, and whether the disk is mounted", .0.display())]
    NotFound(PathBuf),
    /// Something else is there.
    #[error("{} is not a folder: give the folder that holds the films", .0.display())]
    NotAFolder(PathBuf),
    /// It cannot be listed.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The real path of a folder that can be listed.
pub fn resolve(root: &Path) -> Result<PathBuf, WalkError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => WalkError::NotFound(root.to_owned()),
        io::ErrorKind::NotADirectory => WalkError::NotAFolder(root.to_owned()),
        _ => WalkError::Unreadable { path: root.to_owned(), source },
    };
    let real = fs::canonicalize(root).map_err(failed)?;
    fs::read_dir(&real).map_err(failed)?;
    Ok(real)
}

/// Walks everything below `root` except the folders `elsewhere` (real paths), and tells `on` what it meets; `Break` from
/// it ends the walk. Nothing is kept but the folders still to be visited and the names of the one that is being read.
pub fn walk(root: &Path, elsewhere: &[PathBuf], on: &mut dyn FnMut(Seen) -> ControlFlow<()>) -> Result<(), WalkError> {
    let real = resolve(root)?;
    // A break is the caller's own wish and nothing to report back.
    let _: ControlFlow<()> = Walker { on, elsewhere }.tree(real);
    Ok(())
}

/// What a stat says, in the domain's words.
#[must_use]
pub fn stat_of(meta: &Metadata) -> Stat {
    Stat {
        size_bytes: meta.size(),
        mtime_ns: meta.mtime().saturating_mul(1_000_000_000).saturating_add(meta.mtime_nsec()),
        device: meta.dev(),
        inode: meta.ino(),
        links: meta.nlink(),
    }
}

struct Walker<'a> {
    on: &'a mut dyn FnMut(Seen) -> ControlFlow<()>,
    elsewhere: &'a [PathBuf],
}

/// A folder to visit: its path below the root (`None` for the root), and where it lies.
struct Folder {
    path: Option<RelPath>,
    real: PathBuf,
}

impl Walker<'_> {
    /// Depth first, the files of a folder before its folders, names in byte order.
    fn tree(&mut self, root: PathBuf) -> ControlFlow<()> {
        let mut waiting = vec![Folder { path: None, real: root }];
        while let Some(folder) = waiting.pop() {
            match &folder.path {
                Some(path) if self.elsewhere.contains(&folder.real) => {
                    (self.on)(Seen::Skipped { path: path.clone(), why: Skip::Elsewhere })?;
                }
                _ => waiting.extend(self.folder(folder)?.into_iter().rev()),
            }
        }
        ControlFlow::Continue(())
    }

    /// Tells what lies in one folder and gives back the folders in it.
    fn folder(&mut self, folder: Folder) -> ControlFlow<(), Vec<Folder>> {
        let listing = match fs::read_dir(&folder.real) {
            Ok(listing) => listing,
            Err(error) => {
                self.failed(folder.path, error)?;
                return ControlFlow::Continue(Vec::new());
            }
        };
        let mut entries = Vec::new();
        for entry in listing {
            match entry {
                Ok(entry) => entries.push(entry),
                Err(error) => (self.on)(Seen::Unreadable { path: folder.path.clone(), error })?,
            }
        }
        entries.sort_by_key(DirEntry::file_name);
        let mut below = Vec::new();
        for entry in entries {
            // The system gives names that are neither empty, nor `.` or `..`, nor hold a slash or zero.
            let Ok(path) = child(folder.path.as_ref(), &entry) else { continue };
            match entry.file_type() {
                Ok(_) if is_hidden(path.file_name()) => (self.on)(Seen::Skipped { path, why: Skip::Hidden })?,
                Ok(kind) if kind.is_dir() => below.push(Folder { path: Some(path), real: entry.path() }),
                Ok(kind) => self.file(path, kind, &entry)?,
                Err(error) => self.failed(Some(path), error)?,
            }
        }
        ControlFlow::Continue(below)
    }

    fn file(&mut self, path: RelPath, kind: FileType, entry: &DirEntry) -> ControlFlow<()> {
        if kind.is_symlink() {
            return (self.on)(Seen::Skipped { path, why: Skip::Link });
        }
        if !kind.is_file() {
            return (self.on)(Seen::Skipped { path, why: Skip::Special });
        }
        match entry.metadata() {
            Ok(meta) => {
                let kind = FileKind::of(&path);
                (self.on)(Seen::File { path, stat: stat_of(&meta), kind })
            }
            Err(error) => self.failed(Some(path), error),
        }
    }

    fn failed(&mut self, path: Option<RelPath>, error: io::Error) -> ControlFlow<()> {
        (self.on)(match path {
            Some(path) if error.kind() == io::ErrorKind::NotFound => Seen::Skipped { path, why: Skip::Vanished },
            path => Seen::Unreadable { path, error },
        })
    }
}

fn child(folder: Option<&RelPath>, entry: &DirEntry) -> Result<RelPath, PathError> {
    let name = entry.file_name().into_vec();
    match folder {
        Some(folder) => folder.join(&name),
        None => RelPath::new(name),
    }
}

#[cfg(test)]
mod tests;
