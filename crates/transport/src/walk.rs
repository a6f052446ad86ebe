//! What lies in a folder: every file below it with its stat and kind, told one by one, in a fixed order.
//!
//! Symbolic links are named and not followed. So no link can make a loop or show a file twice, and no file is offered
//! that a [`crate::storage::Storage`], which follows none either, could not replace.

mod kind;

use std::ffi::OsString;
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use mediaflow_core::identity::Stat;
use mediaflow_core::path::{PathError, RelPath};

pub use kind::{FileKind, is_hidden};

use crate::storage::{Entry, EntryKind};

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
    /// The machine that has it cannot be reached.
    #[error("{} cannot be read now: {reason}", path.display())]
    Unreachable {
        /// The folder.
        path: PathBuf,
        /// Why, and what to look at.
        reason: String,
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
    walk_with(&mut Here, real, elsewhere, on);
    Ok(())
}

/// The same below `real`, which is a real path on the machine whose folders `lister` lists.
pub fn walk_with<L: Lister>(
    lister: &mut L,
    real: PathBuf,
    elsewhere: &[PathBuf],
    on: &mut dyn FnMut(Seen) -> ControlFlow<()>,
) {
    // A break is the caller's own wish and nothing to report back.
    let _: ControlFlow<()> = Walker { lister, on, elsewhere }.tree(real);
}

/// The names in a folder, each with what is known of it; an error among them is one of the folder itself, of which not
/// everything could be listed.
pub type Names<T> = Vec<io::Result<(OsString, T)>>;

/// Lists folders, on whichever machine they lie.
pub trait Lister {
    /// What is known of a name once its folder was listed.
    type Listed;

    /// The names in a folder, in no order, neither `.` nor `..` among them.
    fn list(&mut self, folder: &Path) -> io::Result<Names<Self::Listed>>;

    /// What has a name, links not followed.
    fn look(&mut self, listed: Self::Listed) -> io::Result<Entry>;
}

/// Lists folders of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Here;

impl Lister for Here {
    type Listed = DirEntry;

    fn list(&mut self, folder: &Path) -> io::Result<Names<DirEntry>> {
        Ok(fs::read_dir(folder)?.map(|entry| entry.map(|entry| (entry.file_name(), entry))).collect())
    }

    fn look(&mut self, listed: DirEntry) -> io::Result<Entry> {
        listed.metadata().map(|meta| entry_of(&meta))
    }
}

fn entry_of(meta: &Metadata) -> Entry {
    let kind = match meta.file_type() {
        kind if kind.is_file() => EntryKind::File,
        kind if kind.is_dir() => EntryKind::Folder,
        kind if kind.is_symlink() => EntryKind::Symlink,
        _ => EntryKind::Other,
    };
    Entry { kind, stat: stat_of(meta) }
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

struct Walker<'a, L> {
    lister: &'a mut L,
    on: &'a mut dyn FnMut(Seen) -> ControlFlow<()>,
    elsewhere: &'a [PathBuf],
}

/// A folder to visit: its path below the root (`None` for the root), and where it lies.
struct Folder {
    path: Option<RelPath>,
    real: PathBuf,
}

impl<L: Lister> Walker<'_, L> {
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
        let listing = match self.lister.list(&folder.real) {
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
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut below = Vec::new();
        for (name, listed) in entries {
            let real = folder.real.join(&name);
            // The system gives names that are neither empty, nor `.` or `..`, nor hold a slash or zero.
            let Ok(path) = child(folder.path.as_ref(), name) else { continue };
            if is_hidden(path.file_name()) {
                (self.on)(Seen::Skipped { path, why: Skip::Hidden })?;
                continue;
            }
            match self.lister.look(listed) {
                Ok(Entry { kind: EntryKind::Folder, .. }) => below.push(Folder { path: Some(path), real }),
                Ok(Entry { kind: EntryKind::File, stat }) => {
                    let kind = FileKind::of(&path);
                    (self.on)(Seen::File { path, stat, kind })?;
                }
                Ok(Entry { kind: EntryKind::Symlink, .. }) => (self.on)(Seen::Skipped { path, why: Skip::Link })?,
                Ok(Entry { kind: EntryKind::Other, .. }) => (self.on)(Seen::Skipped { path, why: Skip::Special })?,
                Err(error) => self.failed(Some(path), error)?,
            }
        }
        ControlFlow::Continue(below)
    }

    fn failed(&mut self, path: Option<RelPath>, error: io::Error) -> ControlFlow<()> {
        (self.on)(match path {
            Some(path) if error.kind() == io::ErrorKind::NotFound => Seen::Skipped { path, why: Skip::Vanished },
            path => Seen::Unreadable { path, error },
        })
    }
}

fn child(folder: Option<&RelPath>, name: OsString) -> Result<RelPath, PathError> {
    let name = name.into_vec();
    match folder {
        Some(folder) => folder.join(&name),
        None => RelPath::new(name),
    }
}

#[cfg(test)]
mod tests;
