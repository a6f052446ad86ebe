//! The order in which jobs get their turn: priority first, then rank, then age.

use mediaflow_core::event::Event;
use mediaflow_core::job::{JobStatus, StatusError};

use crate::error::StoreError;
use crate::jobs::Job;
use crate::row::{first, run};
use crate::store::{Reader, Tx};

/// Between the ranks of jobs that were queued one after the other: so often a place between two can be halved before
/// ranks are given anew.
pub(crate) const RANK_STEP: i64 = 1 << 20;

/// The statuses of jobs that have a place in the order.
const WAITING: [&str; 2] = ["queued", "paused"];

impl Reader<'_> {
    /// The rank with which a job of this priority comes last.
    pub(crate) fn next_rank(&self, priority: i64) -> Result<i64, StoreError> {
        let last = self.nearest(
            "SELECT rank FROM jobs WHERE status = ?1 AND priority = ?2 ORDER BY rank DESC LIMIT 1",
            |status| (status, priority),
        )?;
        Ok(last.into_iter().max().unwrap_or(0).saturating_add(RANK_STEP))
    }

    /// What a query that reads one end of the order gives for each waiting status.
    fn nearest<P: rusqlite::Params>(
        &self,
        sql: &str,
        params: impl Fn(&'static str) -> P,
    ) -> Result<Vec<i64>, StoreError> {
        let mut found = Vec::new();
        for status in WAITING {
            found.extend(first(self.conn, sql, params(status), |row| Ok(row.get::<_, i64>(0)?))?);
        }
        Ok(found)
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
        self.job_order(id, priority, self.next_rank(priority)?)
    }

    /// Gives a waiting job its turn directly before another one, whose priority it takes, or (`None`) after all.
    ///
    /// # Errors
    /// [`StoreError::Step`] when either does not wait.
    pub fn job_move(&self, id: i64, before: Option<i64>) -> Result<(), StoreError> {
        let own_priority = self.waiting_priority(id)?;
        let Some(before) = before else {
            let sql = "SELECT priority FROM jobs WHERE status = ?1 ORDER BY priority LIMIT 1";
            let lowest = self.nearest(sql, |status| [status])?.into_iter().min().unwrap_or(own_priority);
            return self.job_order(id, lowest, self.next_rank(lowest)?);
        };
        let priority = self.waiting_priority(before)?;
        if id == before {
            return Ok(());
        }
        let rank = match self.rank_before(id, before)? {
            Some(rank) => rank,
            None => {
                self.ranks_anew(priority)?;
                self.rank_before(id, before)?.unwrap_or(0)
            }
        };
        self.job_order(id, priority, rank)
    }

    /// A rank between a job and the one that has its turn before it; `None` where there is no room. `id` is on its way.
    fn rank_before(&self, id: i64, before: i64) -> Result<Option<i64>, StoreError> {
        let Job { rank, priority, .. } = self.job(before)?;
        let sql = "SELECT rank FROM jobs WHERE status = ?1 AND priority = ?2 AND (rank, id) < (?3, ?4) AND id <> ?5
                   ORDER BY rank DESC, id DESC LIMIT 1";
        let below = self.nearest(sql, |status| (status, priority, rank, before, id))?.into_iter().max();
        let below = below.unwrap_or(rank.saturating_sub(2 * RANK_STEP));
        let between = below + (rank - below) / 2;
        Ok((below < between && between < rank).then_some(between))
    }

    /// Gives the waiting jobs of a priority ranks with room between them, in the order that they have.
    fn ranks_anew(&self, priority: i64) -> Result<(), StoreError> {
        let sql = "UPDATE jobs SET rank = numbered.place * ?2 FROM (
                       SELECT id, row_number() OVER (ORDER BY rank, id) AS place FROM jobs
                       WHERE status IN ('queued', 'paused') AND priority = ?1) AS numbered
                   WHERE jobs.id = numbered.id";
        run(self.conn, sql, (priority, RANK_STEP)).map(drop)
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
