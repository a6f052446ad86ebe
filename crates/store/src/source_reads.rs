//! When the sources of jobs were read, what for, and what was in them.

use mediaflow_core::media::MediaInfo;
use mediaflow_core::time::Timestamp;

use crate::error::StoreError;
use crate::row::{all, first, get, insert, json_opt, named, named_enum, run, time, time_opt, to_json};
use crate::store::{Reader, Tx};

named_enum! {
    /// What a source is read for.
    ReadPurpose {
        /// Decoded wholly, to know what the output must have.
        Decode = "decode",
        /// Samples of it are encoded to find the CRF for a quality.
        Search = "search",
    }
}

/// One reading of a job's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceRead {
    /// Its id.
    pub id: i64,
    /// What for.
    pub purpose: ReadPurpose,
    /// When it began.
    pub started_at: Timestamp,
    /// When it came to its end, one way or the other.
    pub ended_at: Option<Timestamp>,
}

impl Reader<'_> {
    /// Each time that a job's source was read, oldest first.
    pub fn source_reads(&self, job_id: i64) -> Result<Vec<SourceRead>, StoreError> {
        let sql = "SELECT id, purpose, started_at, ended_at FROM source_reads WHERE job_id = ?1 ORDER BY id";
        all(self.conn, sql, [job_id], |row| {
            Ok(SourceRead {
                id: get(row, "id")?,
                purpose: named(row, "purpose", ReadPurpose::parse)?,
                started_at: time(row, "started_at")?,
                ended_at: time_opt(row, "ended_at")?,
            })
        })
    }

    /// What was in a job's source when it was last decoded. The catalog's probe is of what has its place now.
    pub fn source_info(&self, job_id: i64) -> Result<Option<MediaInfo>, StoreError> {
        let sql = "SELECT info FROM source_reads WHERE job_id = ?1 AND info IS NOT NULL ORDER BY id DESC LIMIT 1";
        Ok(first(self.conn, sql, [job_id], |row| json_opt(row, "info"))?.flatten())
    }
}

impl Tx<'_> {
    /// Notes that a job's source is being read, and gives the id of the note.
    pub fn source_read_begin(&self, job_id: i64, purpose: ReadPurpose) -> Result<i64, StoreError> {
        let sql = "INSERT INTO source_reads (job_id, purpose, started_at) VALUES (?1, ?2, ?3)";
        insert(self.conn, sql, (job_id, purpose.name(), self.now().0))
    }

    /// Notes the end of it, with what was found in the file.
    pub fn source_read_end(&self, id: i64, info: Option<&MediaInfo>) -> Result<(), StoreError> {
        let info = info.map(|info| to_json("probe", info)).transpose()?;
        run(self.conn, "UPDATE source_reads SET ended_at = ?2, info = ?3 WHERE id = ?1", (id, self.now().0, info))?;
        Ok(())
    }
}
