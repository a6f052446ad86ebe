//! A real storage that is told to be able to do less, and that tells what is done to it.

use mediaflow_core::identity::{ContentId, Hash};
use mediaflow_core::path::RelPath;
use mediaflow_core::replace::Capabilities;
use mediaflow_transport::storage::{
    Entry, ErrorClass, Folder, NewFile, Operation, Reading, Result, Storage, StorageError, StorageLock,
};

pub type Before = Box<dyn Fn(&'static str) + Send + Sync>;

/// A storage with some of its abilities taken away. `before` hears of each change before it is made.
pub struct Limited {
    pub inner: Box<dyn Storage>,
    pub exchange: bool,
    pub link: bool,
    pub rename_no_replace: bool,
    /// Names that differ by case are one, as on the disks of a Mac.
    pub folds_case: bool,
    /// What to answer when asked for free space.
    pub free_bytes: Option<u64>,
    pub before: Before,
}

impl Limited {
    /// Nothing taken away.
    pub fn new(inner: impl Storage + 'static) -> Self {
        Self {
            inner: Box::new(inner),
            exchange: true,
            link: true,
            rename_no_replace: true,
            folds_case: false,
            free_bytes: None,
            before: Box::new(|_| {}),
        }
    }

    fn allow(&self, allowed: bool, operation: Operation, path: &RelPath, name: &'static str) -> Result<()> {
        (self.before)(name);
        if allowed {
            return Ok(());
        }
        Err(StorageError::new(operation, Some(path), ErrorClass::NotSupported, "taken away by the test"))
    }

    /// The spelling under which a name exists.
    fn spelled(&self, path: &RelPath) -> RelPath {
        if !self.folds_case {
            return path.clone();
        }
        let names = self.inner.list(path.parent().as_ref()).unwrap_or_default();
        let existing = names.iter().find(|name| name.eq_ignore_ascii_case(path.file_name()));
        existing.map_or_else(|| path.clone(), |name| path.with_file_name(name).unwrap())
    }
}

impl Storage for Limited {
    fn look(&self, path: &RelPath) -> Result<Option<Entry>> {
        self.inner.look(&self.spelled(path))
    }

    fn content_id(&self, path: &RelPath) -> Result<ContentId> {
        self.inner.content_id(path)
    }

    fn hash(&self, path: &RelPath, reading: Reading) -> Result<Hash> {
        self.inner.hash(path, reading)
    }

    fn read(&self, path: &RelPath, limit_bytes: u64) -> Result<Vec<u8>> {
        self.inner.read(path, limit_bytes)
    }

    fn create(&self, path: &RelPath) -> Result<Box<dyn NewFile + '_>> {
        (self.before)("create");
        let inner = self.inner.create(path)?;
        Ok(Box::new(LimitedFile { inner, before: &self.before }))
    }

    fn sync_file(&self, path: &RelPath) -> Result<()> {
        (self.before)("sync_file");
        self.inner.sync_file(path)
    }

    fn sync_folder(&self, folder: Folder<'_>) -> Result<()> {
        (self.before)("sync_folder");
        self.inner.sync_folder(folder)
    }

    fn link(&self, from: &RelPath, to: &RelPath) -> Result<()> {
        self.allow(self.link, Operation::Link, from, "link")?;
        self.inner.link(from, to)
    }

    fn rename_no_replace(&self, from: &RelPath, to: &RelPath) -> Result<()> {
        self.allow(self.rename_no_replace, Operation::Rename, from, "rename_no_replace")?;
        self.inner.rename_no_replace(from, to)
    }

    fn rename_replace(&self, from: &RelPath, to: &RelPath) -> Result<()> {
        (self.before)("rename_replace");
        self.inner.rename_replace(from, to)
    }

    fn exchange(&self, one: &RelPath, other: &RelPath) -> Result<()> {
        self.allow(self.exchange, Operation::Exchange, one, "exchange")?;
        self.inner.exchange(one, other)
    }

    fn remove(&self, path: &RelPath) -> Result<()> {
        (self.before)("remove");
        self.inner.remove(path)
    }

    fn make_folder(&self, folder: &RelPath) -> Result<()> {
        (self.before)("make_folder");
        self.inner.make_folder(folder)
    }

    fn list(&self, folder: Folder<'_>) -> Result<Vec<Vec<u8>>> {
        self.inner.list(folder)
    }

    fn free_bytes(&self, folder: Folder<'_>) -> Result<u64> {
        self.free_bytes.map_or_else(|| self.inner.free_bytes(folder), Ok)
    }

    fn probe(&self, folder: Folder<'_>, other: Folder<'_>, tag: &str) -> Result<Capabilities> {
        let probed = self.inner.probe(folder, other, tag)?;
        Ok(Capabilities {
            exchange: probed.exchange && self.exchange,
            link: probed.link && self.link,
            rename_no_replace: probed.rename_no_replace && self.rename_no_replace,
            folds_case: self.folds_case,
            ..probed
        })
    }

    fn lock(&self, path: &RelPath) -> Result<Option<StorageLock>> {
        self.inner.lock(path)
    }
}

struct LimitedFile<'a> {
    inner: Box<dyn NewFile + 'a>,
    before: &'a Before,
}

impl NewFile for LimitedFile<'_> {
    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        (self.before)("write");
        self.inner.write_all(bytes)
    }

    fn copy_attributes(&mut self, from: &RelPath) -> Result<Vec<mediaflow_transport::storage::AttributeLoss>> {
        self.inner.copy_attributes(from)
    }

    fn set_mtime_ns(&mut self, mtime_ns: i64) -> Result<()> {
        self.inner.set_mtime_ns(mtime_ns)
    }

    fn sync(&mut self) -> Result<()> {
        (self.before)("sync");
        self.inner.sync()
    }

    fn close(self: Box<Self>) -> Result<()> {
        self.inner.close()
    }
}
