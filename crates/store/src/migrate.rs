//! Versioned migrations: the schema's number stands in `user_version`, our name in `application_id`.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::StoreError;
use crate::media_facts;

/// In order; the number of a migration is its place here, counted from one. A released one is never edited.
const MIGRATIONS: [&str; 16] = [
    include_str!("../migrations/0001_catalog.sql"),
    include_str!("../migrations/0002_intelligence.sql"),
    include_str!("../migrations/0003_queue.sql"),
    include_str!("../migrations/0004_records.sql"),
    include_str!("../migrations/0005_catalog.sql"),
    include_str!("../migrations/0006_service.sql"),
    include_str!("../migrations/0007_access.sql"),
    include_str!("../migrations/0008_quick.sql"),
    include_str!("../migrations/0009_tunings.sql"),
    include_str!("../migrations/0010_queue_rules.sql"),
    include_str!("../migrations/0011_encoders.sql"),
    include_str!("../migrations/0012_kept_logs.sql"),
    include_str!("../migrations/0013_read_purposes.sql"),
    include_str!("../migrations/0014_workers.sql"),
    include_str!("../migrations/0015_worker_rates.sql"),
    include_str!("../migrations/0016_tags.sql"),
];

/// The migration since which probes are also kept flat; those made before are read once more.
const MEDIA_FACTS: u32 = 5;

/// `MFLW` in ASCII: tells our files from other programs' SQLite files.
const APPLICATION_ID: i32 = 0x4d46_4c57;

/// The schema that this program writes.
pub const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;

/// Refuses what is not ours or too new, and gives the schema's number. Only reads, so that a file of another program
/// stays as it is.
pub(crate) fn check(conn: &mut Connection, path: &Path) -> Result<u32, StoreError> {
    // One view of all: another process may be making the schema just now.
    check_view(&conn.transaction()?, path)
}

fn check_view(conn: &Transaction<'_>, path: &Path) -> Result<u32, StoreError> {
    let application: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: u32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if application != APPLICATION_ID {
        let objects: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if application != 0 || version != 0 || objects != 0 {
            let found = "it is an SQLite file of another program, or of an earlier MediaFlow";
            return Err(StoreError::NotOurs { path: path.to_owned(), found });
        }
    }
    if version > SCHEMA_VERSION {
        return Err(StoreError::NewerSchema { path: path.to_owned(), found: version, known: SCHEMA_VERSION });
    }
    Ok(version)
}

/// Brings the schema up to date, all of it or nothing.
pub(crate) fn migrate(conn: &mut Connection, path: &Path) -> Result<(), StoreError> {
    if check(conn, path)? == SCHEMA_VERSION {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Again under the lock: another process may have migrated it meanwhile.
    let version = check_view(&tx, path)?;
    for migration in MIGRATIONS.iter().skip(version as usize) {
        tx.execute_batch(migration)?;
    }
    if version < MEDIA_FACTS {
        media_facts::fill(&tx)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    tx.commit()?;
    Ok(())
}
