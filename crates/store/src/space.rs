//! Disk space that jobs have reserved, across processes. A job that ends or goes back to the queue gives it up.

use crate::error::StoreError;
use crate::row::{first, run, unsigned};
use crate::store::{Reader, Tx};

/// Whether there was enough space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// It is reserved.
    Reserved,
    /// Nothing was reserved.
    Short {
        /// By how many bytes.
        missing_bytes: u64,
    },
}

impl Reader<'_> {
    /// What jobs other than `except_job` have reserved on a volume, in bytes.
    pub fn space_reserved(&self, volume: &str, except_job: i64) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(sum(size_bytes), 0) AS total FROM disk_reservations
                   WHERE volume = ?1 AND job_id <> ?2";
        Ok(first(self.conn, sql, (volume, except_job), |row| unsigned(row, "total"))?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Reserves space for a job on a volume of which `free_bytes` are free now, in place of what it had there before.
    /// What running jobs have already written counts twice, as used and as reserved: that errs on the safe side.
    pub fn space_reserve(
        &self,
        job_id: i64,
        volume: &str,
        size_bytes: u64,
        free_bytes: u64,
    ) -> Result<Space, StoreError> {
        let needed = self.space_reserved(volume, job_id)?.saturating_add(size_bytes);
        if needed > free_bytes {
            return Ok(Space::Short { missing_bytes: needed - free_bytes });
        }
        run(
            self.conn,
            "INSERT INTO disk_reservations (job_id, volume, size_bytes) VALUES (?1, ?2, ?3)
             ON CONFLICT (job_id, volume) DO UPDATE SET size_bytes = excluded.size_bytes",
            (job_id, volume, size_bytes.cast_signed()),
        )?;
        Ok(Space::Reserved)
    }

    /// Gives up all space that a job has reserved.
    pub fn space_release(&self, job_id: i64) -> Result<(), StoreError> {
        run(self.conn, "DELETE FROM disk_reservations WHERE job_id = ?1", [job_id])?;
        Ok(())
    }
}
