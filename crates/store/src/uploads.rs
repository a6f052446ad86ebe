//! Files that came through the browser, and the jobs that were made of them.

use mediaflow_core::time::Timestamp;
use rusqlite::Row;

use crate::error::StoreError;
use crate::jobs::OutputMode;
use crate::row::{all, first, get, insert, run, time, unsigned};
use crate::store::{Reader, Tx};

/// A file that came through the browser, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: i64,
    /// Names its folder, and stands for it outside.
    pub public_id: String,
    /// What it is called, as a file name of ours.
    pub name: String,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// Since when it is there.
    pub created_at: Timestamp,
}

fn read(row: &Row<'_>) -> Result<Upload, StoreError> {
    Ok(Upload {
        id: get(row, "id")?,
        public_id: get(row, "public_id")?,
        name: get(row, "name")?,
        size_bytes: unsigned(row, "size_bytes")?,
        created_at: time(row, "created_at")?,
    })
}

impl Reader<'_> {
    /// All uploads, newest first.
    pub fn uploads(&self) -> Result<Vec<Upload>, StoreError> {
        all(self.conn, "SELECT * FROM uploads ORDER BY id DESC", [], read)
    }

    /// An upload by its public id.
    pub fn upload(&self, public_id: &str) -> Result<Option<Upload>, StoreError> {
        first(self.conn, "SELECT * FROM uploads WHERE public_id = ?1", [public_id], read)
    }

    /// The upload that a job was made of, while it is there.
    pub fn upload_of_job(&self, job_id: i64) -> Result<Option<Upload>, StoreError> {
        let sql = "SELECT u.* FROM uploads u JOIN upload_jobs j ON j.upload_id = u.id WHERE j.job_id = ?1";
        first(self.conn, sql, [job_id], read)
    }

    /// The unfinished job of an upload, if there is one.
    pub fn upload_in_use(&self, id: i64) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT j.id FROM upload_jobs u JOIN jobs j ON j.id = u.job_id
                   WHERE u.upload_id = ?1 AND j.status NOT IN ('completed', 'failed', 'cancelled') LIMIT 1";
        first(self.conn, sql, [id], |row| get(row, "id"))
    }

    /// Uploads that nobody waits for any more, and that have no unfinished job: every result was fetched before
    /// `fetched_before`, or neither the upload nor the end of one of its jobs is younger than `old_before`.
    pub fn uploads_due(&self, fetched_before: Timestamp, old_before: Timestamp) -> Result<Vec<Upload>, StoreError> {
        let sql = "SELECT u.* FROM uploads u
            LEFT JOIN upload_jobs x ON x.upload_id = u.id LEFT JOIN jobs j ON j.id = x.job_id
            GROUP BY u.id
            HAVING count(*) FILTER (WHERE j.status NOT IN ('completed', 'failed', 'cancelled')) = 0
            AND ((max(x.fetched_at) < ?1
                  AND count(*) FILTER (WHERE j.ending = 'placed' AND x.fetched_at IS NULL) = 0)
                 OR max(u.created_at, coalesce(max(j.ended_at), 0)) < ?2)";
        all(self.conn, sql, (fetched_before.0, old_before.0), read)
    }

    /// Jobs whose output lies beside its source, newest first.
    pub fn jobs_beside(&self, limit: u32) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT id FROM jobs WHERE mode = ?1 AND is_dry_run = 0 ORDER BY id DESC LIMIT ?2";
        all(self.conn, sql, (OutputMode::Beside.name(), limit), |row| get(row, "id"))
    }
}

impl Tx<'_> {
    /// Notes an upload that is whole, under the id that names its folder.
    pub fn upload_put(&self, public_id: &str, name: &str, size_bytes: u64) -> Result<Upload, StoreError> {
        let id = insert(
            self.conn,
            "INSERT INTO uploads (public_id, name, size_bytes, created_at) VALUES (?1, ?2, ?3, ?4)",
            (public_id, name, size_bytes.cast_signed(), self.now().0),
        )?;
        Ok(Upload { id, public_id: public_id.to_owned(), name: name.to_owned(), size_bytes, created_at: self.now() })
    }

    /// Notes that a job works on an upload.
    pub fn upload_job(&self, upload_id: i64, job_id: i64) -> Result<(), StoreError> {
        run(self.conn, "INSERT INTO upload_jobs (job_id, upload_id) VALUES (?1, ?2)", (job_id, upload_id))?;
        Ok(())
    }

    /// Notes that the output of an upload's job was sent to the user wholly. Without effect for other jobs.
    pub fn upload_fetched(&self, job_id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE upload_jobs SET fetched_at = ?2 WHERE job_id = ?1";
        run(self.conn, sql, (job_id, self.now().0))?;
        Ok(())
    }

    /// Forgets an upload; its jobs stay in the list.
    ///
    /// # Errors
    /// [`StoreError::AlreadyQueued`] while one of them is unfinished.
    pub fn upload_delete(&self, id: i64) -> Result<(), StoreError> {
        if let Some(job_id) = self.upload_in_use(id)? {
            return Err(StoreError::AlreadyQueued { job_id });
        }
        run(self.conn, "DELETE FROM uploads WHERE id = ?1", [id])?;
        Ok(())
    }
}
