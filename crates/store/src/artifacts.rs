//! What attempts have made and where it lies, so that resuming and cleaning up are queries.

use std::path::{Path, PathBuf};

use mediaflow_core::identity::Hash;
use rusqlite::Row;

use crate::bytes::{path_bytes, path_from_bytes};
use crate::error::StoreError;
use crate::row::{all, get, hash_opt, insert, run, unsigned};
use crate::store::{Reader, Tx};

/// Something that an attempt made and that still lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its id.
    pub id: i64,
    /// The attempt that made it.
    pub attempt_id: i64,
    /// What it is, such as `output`.
    pub kind: String,
    /// Hash of the whole of it, once known.
    pub hash: Option<Hash>,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Where it lies.
    pub location: PathBuf,
}

fn read(row: &Row<'_>) -> Result<Artifact, StoreError> {
    Ok(Artifact {
        id: get(row, "id")?,
        attempt_id: get(row, "attempt_id")?,
        kind: get(row, "kind")?,
        hash: hash_opt(row, "hash")?,
        size_bytes: unsigned(row, "size_bytes")?,
        location: path_from_bytes(get(row, "location")?)?,
    })
}

impl Reader<'_> {
    /// What the attempts of a job have made and nobody has removed yet, newest first.
    pub fn artifacts_of_job(&self, job_id: i64) -> Result<Vec<Artifact>, StoreError> {
        let sql = "SELECT x.* FROM artifacts x JOIN attempts a ON a.id = x.attempt_id JOIN tasks t ON t.id = a.task_id
                   WHERE t.job_id = ?1 AND x.removed_at IS NULL ORDER BY x.id DESC";
        all(self.conn, sql, [job_id], read)
    }
}

impl Tx<'_> {
    /// Notes something that an attempt made and gives its id.
    pub fn artifact_put(
        &self,
        attempt_id: i64,
        kind: &str,
        hash: Option<&Hash>,
        size_bytes: u64,
        location: &Path,
    ) -> Result<i64, StoreError> {
        insert(
            self.conn,
            "INSERT INTO artifacts (attempt_id, kind, hash, size_bytes, location, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (attempt_id, kind, hash.map(Hash::to_string), size_bytes.cast_signed(), path_bytes(location), self.now().0),
        )
    }

    /// Notes that what an attempt made was removed.
    pub fn artifacts_removed(&self, attempt_id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE artifacts SET removed_at = ?2 WHERE attempt_id = ?1 AND removed_at IS NULL";
        run(self.conn, sql, (attempt_id, self.now().0))?;
        Ok(())
    }
}
