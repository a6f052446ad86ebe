//! Telling which of the two files lies at a name.

use std::cell::RefCell;

use mediaflow_core::identity::{FileIdentity, Stat};
use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Found, Observed, Output, Replacement};
use mediaflow_transport::storage::{EntryKind, ErrorClass, Reading, Storage, StorageError};

/// Looks at names for one replacement. The output is recognised by the hash of all of it; a file whose hash was seen
/// once is known again by its stat, so that nothing is read twice in one run.
pub(super) struct Looker<'a> {
    storage: &'a dyn Storage,
    source: FileIdentity,
    output: Output,
    seen: RefCell<Vec<Stat>>,
}

impl<'a> Looker<'a> {
    pub(super) fn new(storage: &'a dyn Storage, record: &Replacement) -> Self {
        Self { storage, source: record.source, output: record.output, seen: RefCell::new(Vec::new()) }
    }

    /// Whether `identity` is the original: same bytes at both ends, same length, not touched since. Numbers of inode
    /// and device are only hints and are not compared.
    pub(super) fn is_source(&self, identity: &FileIdentity) -> bool {
        identity.content == self.source.content && identity.stat.mtime_ns == self.source.stat.mtime_ns
    }

    /// Takes note that this file was just hashed in full and is the output.
    pub(super) fn remember_output(&self, stat: Stat) {
        self.seen.borrow_mut().push(stat);
    }

    /// What lies at a path.
    pub(super) fn found(&self, path: &RelPath) -> Result<Found, StorageError> {
        let identity = match self.storage.identity(path) {
            Ok(Some(identity)) => identity,
            Ok(None) => return Ok(Found::Absent),
            Err(error) if error.class == ErrorClass::NotAFile => return Ok(Found::Foreign),
            Err(error) => return Err(error),
        };
        if self.is_source(&identity) {
            return Ok(Found::Source);
        }
        if identity.stat.size_bytes != self.output.size_bytes {
            return Ok(Found::Foreign);
        }
        if self.seen.borrow().iter().any(|seen| same_file(seen, &identity.stat)) {
            return Ok(Found::Output);
        }
        if self.storage.hash(path, Reading::Cached)? != self.output.hash {
            return Ok(Found::Foreign);
        }
        self.remember_output(identity.stat);
        Ok(Found::Output)
    }

    /// What lies at all four names.
    pub(super) fn observe(&self, record: &Replacement) -> Result<Observed, StorageError> {
        let original = self.found(&record.original)?;
        Ok(Observed {
            original,
            target: if record.same_name() { original } else { self.found(&record.target)? },
            staging: self.found(&record.staging)?,
            quarantine: self.found(&record.quarantine)?,
        })
    }

    /// Length of the regular file at a path, for a report.
    pub(super) fn size_bytes(&self, path: &RelPath) -> Option<u64> {
        let entry = self.storage.look(path).ok()??;
        (entry.kind == EntryKind::File).then_some(entry.stat.size_bytes)
    }
}

fn same_file(one: &Stat, other: &Stat) -> bool {
    (one.size_bytes, one.mtime_ns, one.device, one.inode)
        == (other.size_bytes, other.mtime_ns, other.device, other.inode)
}
