//! How a connection is made, and what every connection has in common.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use crate::error::StoreError;

/// How long a connection waits for another process before it gives up. Our longest write is a batch of a thousand rows.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// Pause between two looks at a lock. SQLite's own handler backs off to 100 ms and can be starved by a busy neighbour.
const BUSY_PAUSE: Duration = Duration::from_millis(5);

/// Makes the folders and the file, readable by its owner alone; an existing file is left as it is. SQLite gives its
/// side files the mode of the database.
pub(crate) fn create_file(path: &Path) -> Result<(), StoreError> {
    let fail = |source| StoreError::Create { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).create(folder).map_err(fail)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(fail(error)),
        _ => Ok(()),
    }
}

/// What the connection that writes keeps of a transaction before it spills to the disk.
const WRITER_CACHE_KIB: i64 = 64 * 1024;

/// The connection that writes.
pub(crate) fn writer(path: &Path) -> Result<Connection, StoreError> {
    let conn = connect(path)?;
    // Switching to WAL does not call the busy handler, so two processes that open a new file at once must take turns.
    retry_busy(|| conn.pragma_update(None, "journal_mode", "wal"))?;
    // In KiB where it is negative. A hundred thousand jobs in one transaction would else be written out page by page, again
    // and again; small transactions never need it.
    conn.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    Ok(conn)
}

/// A connection that only reads.
pub(crate) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let conn = connect(path)?;
    conn.pragma_update(None, "query_only", true)?;
    Ok(conn)
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open(path)?;
    conn.busy_handler(Some(wait_for_lock))?;
    conn.set_prepared_statement_cache_capacity(128);
    // FULL: what was committed survives a power cut. The fullfsync pair does the same on macOS and nothing elsewhere.
    for (pragma, value) in [
        ("synchronous", "full"),
        ("fullfsync", "on"),
        ("checkpoint_fullfsync", "on"),
        ("foreign_keys", "on"),
        ("trusted_schema", "off"),
        ("temp_store", "memory"),
    ] {
        conn.pragma_update(None, pragma, value)?;
    }
    // A long reader lets the log grow; afterwards it shrinks back to this.
    conn.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    Ok(conn)
}

fn wait_for_lock(tries: i32) -> bool {
    let waited = BUSY_PAUSE.saturating_mul(tries.unsigned_abs());
    if waited < BUSY_TIMEOUT {
        thread::sleep(BUSY_PAUSE);
    }
    waited < BUSY_TIMEOUT
}

fn retry_busy<T>(mut action: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    let mut tries = 0;
    loop {
        match action() {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) && wait_for_lock(tries) =>
            {
                tries += 1;
            }
            result => return result,
        }
    }
}
