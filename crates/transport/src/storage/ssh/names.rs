//! From a path below the root to a full path there that leads through no symbolic link.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use mediaflow_core::path::RelPath;

use super::RemoteStorage;
use super::failure::Failed;
use super::session::Session;
use super::stat::kind;
use crate::ssh::sftp::Attributes;
use crate::storage::{EntryKind, ErrorClass, Folder, Operation, StorageError};

impl RemoteStorage {
    /// The full path of a folder.
    ///
    /// A server follows links on the way by itself, so the way is looked at right before: what is put in the way in
    /// between is not noticed.
    pub(super) fn folder(&self, session: &mut Session, folder: Folder<'_>) -> Result<Vec<u8>, Failed> {
        let Some(folder) = folder else { return Ok(self.root.clone()) };
        let (full, attributes) = self.look_along(session, folder)?;
        match attributes.and_then(|attributes| attributes.mode).map(kind) {
            Some(EntryKind::Folder) => Ok(full),
            Some(EntryKind::Symlink) => Err(symlink(folder, folder)),
            Some(_) => Err(told(folder, ErrorClass::Io, "it is not a folder")),
            None => Err(told(folder, ErrorClass::NotFound, "there is no such folder")),
        }
    }

    /// The full path of a name, whether anything has it or not.
    pub(super) fn full(&self, session: &mut Session, path: &RelPath) -> Result<Vec<u8>, Failed> {
        self.folder(session, path.parent().as_ref())?;
        Ok(self.join(path))
    }

    /// The full path of a regular file.
    pub(super) fn file(&self, session: &mut Session, path: &RelPath) -> Result<(Vec<u8>, Attributes), Failed> {
        let (full, attributes) = self.look_along(session, path)?;
        let Some(attributes) = attributes else {
            return Err(told(path, ErrorClass::NotFound, "there is no such file"));
        };
        match attributes.mode.map(kind) {
            Some(EntryKind::File) => Ok((full, attributes)),
            Some(EntryKind::Symlink) => Err(told(path, ErrorClass::Symlink, "it is a symbolic link")),
            _ => Err(told(path, ErrorClass::NotAFile, "it is not a regular file")),
        }
    }

    /// Looks at every folder on the way and at the name itself, all at once.
    pub(super) fn look_along(
        &self,
        session: &mut Session,
        path: &RelPath,
    ) -> Result<(Vec<u8>, Option<Attributes>), Failed> {
        let mut way: Vec<RelPath> = std::iter::successors(path.parent(), RelPath::parent).collect();
        way.reverse();
        let mut asked = Vec::new();
        for step in way.iter().chain([path]) {
            asked.push((step, session.sftp.begin_look(&self.join(step))?));
        }
        let found: Vec<_> = asked.into_iter().map(|(step, pending)| (step, session.sftp.end_look(pending))).collect();
        let mut last = None;
        for (step, attributes) in found {
            let attributes = attributes?;
            if step != path && attributes.and_then(|attributes| attributes.mode).map(kind) == Some(EntryKind::Symlink) {
                return Err(symlink(path, step));
            }
            last = attributes;
        }
        // Where a folder on the way is missing, so is what is below it.
        Ok((self.join(path), last))
    }

    pub(super) fn join(&self, path: &RelPath) -> Vec<u8> {
        [&self.root[..], b"/", path.as_bytes()].concat()
    }
}

fn symlink(path: &RelPath, step: &RelPath) -> Failed {
    told(path, ErrorClass::Symlink, &format!("{:?} is a symbolic link", OsStr::from_bytes(step.file_name())))
}

fn told(path: &RelPath, class: ErrorClass, cause: &str) -> Failed {
    Failed::Told(StorageError::new(Operation::Open, Some(path), class, cause))
}
