//! Jobs that wait for something else than their turn: the reason stands in their row while they do.

use std::collections::BTreeSet;

use mediaflow_core::event::Event;
use mediaflow_core::job::JobStatus;

use crate::error::StoreError;
use crate::row::{all, get, run};
use crate::store::{Reader, Tx};

impl Reader<'_> {
    /// Queued jobs that wait for something else than their turn.
    pub fn jobs_waiting(&self) -> Result<BTreeSet<i64>, StoreError> {
        let sql = "SELECT id FROM jobs WHERE status = 'queued' AND reason IS NOT NULL";
        Ok(all(self.conn, sql, [], |row| get(row, "id"))?.into_iter().collect())
    }
}

impl Tx<'_> {
    /// A job that runs, or whose turn it is, waits for something: it stands in the queue with the reason, and keeps its
    /// attempts and its reserved space. Whoever begins it next takes the reason away. `false` when that was known already.
    ///
    /// # Errors
    /// [`StoreError::Step`] for one that has ended, is held, or has a replacement under way.
    pub fn job_wait(&self, id: i64, reason: &str) -> Result<bool, StoreError> {
        if self.job(id)?.status != JobStatus::Queued {
            self.checked_step(id, JobStatus::Queued)?;
        }
        self.job_note(id, JobStatus::Queued, Some(reason))
    }

    /// What a queued job waited for is there: only its turn is waited for.
    pub fn job_wait_over(&self, id: i64) -> Result<(), StoreError> {
        self.job_note(id, JobStatus::Queued, None).map(drop)
    }

    /// Notes what a job waits for that stays where it stands, or that it waits no more; `false` when that is known already.
    pub fn job_stays(&self, id: i64, reason: Option<&str>) -> Result<bool, StoreError> {
        self.job_note(id, self.job(id)?.status, reason)
    }

    fn job_note(&self, id: i64, status: JobStatus, reason: Option<&str>) -> Result<bool, StoreError> {
        let sql = "UPDATE jobs SET status = ?2, reason = ?3, row_version = row_version + 1
                   WHERE id = ?1 AND (status, reason) IS NOT (?2, ?3)";
        let is_news = run(self.conn, sql, (id, status.name(), reason))? > 0;
        if is_news {
            let reason = reason.map(str::to_owned);
            self.event(&Event::JobStatusChanged { job_id: id, status, reason })?;
        }
        Ok(is_news)
    }
}
