//! The order in which jobs get their turn: priority first, then rank, then age.

use mediaflow_core::event::Event;
use mediaflow_core::job::{JobStatus, StatusError};

use crate::error::StoreError;
use crate::row::{all, first, get, run};
use crate::store::{Reader, Tx};

impl Reader<'_> {
    /// The rank with which a job of this priority comes last: age decides among equals.
    pub(crate) fn last_rank(&self, priority: i64) -> Result<i64, StoreError> {
        let sql = "SELECT max(rank) AS rank FROM jobs WHERE status IN ('queued', 'paused') AND priority = ?1";
        Ok(first(self.conn, sql, [priority], |row| get::<Option<i64>>(row, "rank"))?.flatten().unwrap_or(0))
    }

    /// A waiting job's priority; only jobs that wait have a place in the order.
    fn waiting_priority(&self, id: i64) -> Result<i64, StoreError> {
        let job = self.job(id)?;
        if !matches!(job.status, JobStatus::Queued | JobStatus::Paused) {
            let source = StatusError { from: job.status, to: JobStatus::Queued };
            return Err(StoreError::Step { job_id: id, source });
        }
        Ok(job.priority)
    }
}

impl Tx<'_> {
    /// Changes a job's priority; among its like it comes last. For one that runs it counts when it waits again.
    ///
    /// # Errors
    /// [`StoreError::Step`] for a job that has ended.
    pub fn job_set_priority(&self, id: i64, priority: i64) -> Result<(), StoreError> {
        let job = self.job(id)?;
        if job.priority == priority {
            return Ok(());
        }
        if job.status.is_final() {
            let source = StatusError { from: job.status, to: JobStatus::Queued };
            return Err(StoreError::Step { job_id: id, source });
        }
        self.job_order(id, priority, self.last_rank(priority)?.saturating_add(1))
    }

    /// Gives a waiting job its turn directly before another one, whose priority it takes, or (`None`) after all.
    ///
    /// # Errors
    /// [`StoreError::Step`] when either does not wait.
    pub fn job_move(&self, id: i64, before: Option<i64>) -> Result<(), StoreError> {
        let own_priority = self.waiting_priority(id)?;
        let Some(before) = before else {
            let sql = "SELECT min(priority) AS priority FROM jobs WHERE status IN ('queued', 'paused')";
            let lowest = first(self.conn, sql, [], |row| get::<Option<i64>>(row, "priority"))?.flatten();
            let lowest = lowest.unwrap_or(own_priority);
            return self.job_order(id, lowest, self.last_rank(lowest)?.saturating_add(1));
        };
        let priority = self.waiting_priority(before)?;
        if id == before {
            return Ok(());
        }
        let sql = "SELECT id FROM jobs WHERE status IN ('queued', 'paused') AND priority = ?1 AND id <> ?2
                   ORDER BY rank, id";
        let mut order = all(self.conn, sql, (priority, id), |row| get::<i64>(row, "id"))?;
        let place = order.iter().position(|other| *other == before).unwrap_or(order.len());
        order.insert(place, id);
        for (rank, other) in (1_i64..).zip(order) {
            if other == id {
                self.job_order(id, priority, rank)?;
            } else {
                run(self.conn, "UPDATE jobs SET rank = ?2 WHERE id = ?1 AND rank <> ?2", (other, rank))?;
            }
        }
        Ok(())
    }

    /// Changes when a job's turn comes.
    pub fn job_order(&self, id: i64, priority: i64, rank: i64) -> Result<(), StoreError> {
        let sql = "UPDATE jobs SET priority = ?2, rank = ?3, row_version = row_version + 1 WHERE id = ?1";
        match run(self.conn, sql, (id, priority, rank))? {
            0 => Err(StoreError::NotFound { what: "job", id }),
            _ => self.event(&Event::JobMoved { job_id: id }).map(drop),
        }
    }
}
