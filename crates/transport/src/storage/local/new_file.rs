//! A file being written.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;

use mediaflow_core::path::RelPath;
use rustix::fs::{Timespec, Timestamps, UTIME_OMIT};

use super::LocalStorage;
use super::attributes;
use super::names::{fail, raw};
use crate::storage::{AttributeLoss, ErrorClass, NewFile, Operation, Result, StorageError};

pub(super) struct LocalNewFile<'a> {
    storage: &'a LocalStorage,
    path: RelPath,
    file: File,
}

impl<'a> LocalNewFile<'a> {
    pub(super) fn new(storage: &'a LocalStorage, path: RelPath, file: OwnedFd) -> Self {
        Self { storage, path, file: File::from(file) }
    }
}

impl NewFile for LocalNewFile<'_> {
    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(raw(Operation::Write, &self.path))
    }

    fn copy_attributes(&mut self, from: &RelPath) -> Result<Vec<AttributeLoss>> {
        let original = self.storage.open_file(from)?;
        attributes::copy(&original, &self.file).map_err(fail(Operation::SetAttributes, Some(&self.path)))
    }

    fn set_mtime_ns(&mut self, mtime_ns: i64) -> Result<()> {
        let times = Timestamps {
            last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
            last_modification: Timespec {
                tv_sec: mtime_ns.div_euclid(1_000_000_000),
                tv_nsec: mtime_ns.rem_euclid(1_000_000_000),
            },
        };
        rustix::fs::futimens(&self.file, &times).map_err(fail(Operation::SetAttributes, Some(&self.path)))
    }

    fn sync(&mut self) -> Result<()> {
        self.file.sync_all().map_err(raw(Operation::Sync, &self.path))
    }

    fn close(self: Box<Self>) -> Result<()> {
        let path = self.path;
        nix::unistd::close(self.file).map_err(|errno| {
            let class = match errno {
                nix::errno::Errno::ENOSPC | nix::errno::Errno::EDQUOT => ErrorClass::NoSpace,
                _ => ErrorClass::Io,
            };
            StorageError::new(Operation::Close, Some(&path), class, std::io::Error::from(errno))
        })
    }
}
