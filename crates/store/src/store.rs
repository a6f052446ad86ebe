//! The store itself: one connection that writes, a few that read.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use mediaflow_core::time::{Clock, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::StoreError;
use crate::secrets::SecretKey;
use crate::{migrate, open};

/// Readers that are kept open; more are made when needed and closed again.
const KEPT_READERS: usize = 4;

/// The database. Cheap to clone; every clone is the same one.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    secret_key: SecretKey,
    clock: Arc<dyn Clock>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    listeners: RwLock<Vec<Listener>>,
}

/// Told of every commit.
type Listener = Arc<dyn Fn() + Send + Sync>;

/// One consistent view of the database; every query is a method on it.
pub struct Reader<'c> {
    pub(crate) conn: &'c Connection,
}

/// One write transaction: every change is a method on it, and everything a [`Reader`] can ask.
pub struct Tx<'c> {
    reader: Reader<'c>,
    now: Timestamp,
}

impl<'c> Deref for Tx<'c> {
    type Target = Reader<'c>;
    fn deref(&self) -> &Reader<'c> {
        &self.reader
    }
}

impl Tx<'_> {
    /// The instant of this transaction: all that it writes happened then.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }
}

impl Store {
    /// Opens the database, making it and its folders (mode 0600) or bringing its schema up to date where needed.
    ///
    /// # Errors
    /// A file that is not ours, or that a newer program wrote, is refused and left untouched.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open_with(path, clock, SecretKey::beside(path))
    }

    /// [`Store::open`] with a key for its secrets that does not lie beside it.
    pub fn open_with(path: &Path, clock: Arc<dyn Clock>, secret_key: SecretKey) -> Result<Self, StoreError> {
        open::create_file(path)?;
        let writer = Self::prepare(path).map_err(|error| error.at(path))?;
        let inner = Inner {
            path: path.to_owned(),
            secret_key,
            clock,
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            listeners: RwLock::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    fn prepare(path: &Path) -> Result<Connection, StoreError> {
        // Before anything else: switching to WAL writes into the file.
        migrate::check(&mut open::reader(path)?, path)?;
        let mut writer = open::writer(path)?;
        migrate::migrate(&mut writer, path)?;
        Ok(writer)
    }

    /// Where the database lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    pub(crate) fn secret_key(&self) -> &SecretKey {
        &self.inner.secret_key
    }

    /// Runs `work` in one write transaction: all of it is committed and durable, or, if it fails, none of it happened.
    /// Writers take turns, in this process and across processes. `work` must not call the store again.
    pub fn write<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let value = self.commit(work).map_err(|error| error.at(&self.inner.path))?;
        let listeners = self.inner.listeners.read().unwrap_or_else(PoisonError::into_inner);
        listeners.iter().for_each(|tell| tell());
        Ok(value)
    }

    fn commit<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut conn = lock(&self.inner.writer);
        let now = self.inner.clock.now();
        transact(&mut conn, TransactionBehavior::Immediate, |tx| work(&Tx { reader: Reader { conn: tx }, now }))
    }

    /// Has `listener` called after each commit of [`Store::write`] of this process, on the thread that wrote, when the
    /// lock is free again and readers see the change. It must be quick and must not write; it stays for good.
    pub fn on_commit(&self, listener: Arc<dyn Fn() + Send + Sync>) {
        self.inner.listeners.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    /// Runs `work` on one unchanging view of what was committed before. It may take long: it holds up nobody.
    pub fn read<T>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let kept = lock(&self.inner.readers).pop();
        let result = kept.map_or_else(|| open::reader(&self.inner.path), Ok).and_then(|mut conn| {
            let result = transact(&mut conn, TransactionBehavior::Deferred, |tx| work(&Reader { conn: tx }));
            let mut readers = lock(&self.inner.readers);
            if readers.len() < KEPT_READERS {
                readers.push(conn);
            }
            result
        });
        result.map_err(|error| error.at(&self.inner.path))
    }
}

fn transact<T>(
    conn: &mut Connection,
    behavior: TransactionBehavior,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // Dropped without a commit, by an error or a panic, it rolls back.
    let tx = conn.transaction_with_behavior(behavior)?;
    let value = work(&tx)?;
    tx.commit()?;
    Ok(value)
}

/// A panic in `work` was rolled back, so what the lock guards is sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
