//! For how much of the time workers could be reached.

use mediaflow_core::time::Timestamp;

use crate::error::StoreError;
use crate::row::{all, run, time, time_opt};
use crate::store::{Reader, Tx};
use crate::workers::Worker;

/// The time over which it is counted.
const LATELY_S: i64 = 7 * 24 * 3600;

impl Reader<'_> {
    /// Part of the last seven days, or of the time since it was added, in which a worker could be reached, 0 to 1. What is
    /// counted are the times in which it was wanted and did not answer; `None` for one that was never reached.
    pub fn worker_uptime(&self, worker: &Worker, now: Timestamp) -> Result<Option<f64>, StoreError> {
        if !worker.is_local && worker.last_seen_at.is_none() {
            return Ok(None);
        }
        let from = now.plus_seconds(-LATELY_S).max(worker.created_at);
        let sql = "SELECT began_at, ended_at FROM worker_outages
                   WHERE worker_id = ?1 AND coalesce(ended_at, ?3) > ?2 AND began_at < ?3";
        let outages = all(self.conn, sql, (worker.id, from.0, now.0), |row| {
            Ok((time(row, "began_at")?, time_opt(row, "ended_at")?.unwrap_or(now)))
        })?;
        let away_us: i64 = outages.iter().map(|(began, ended)| ended.0.min(now.0) - began.0.max(from.0)).sum();
        let all_us = now.0 - from.0;
        #[allow(clippy::cast_precision_loss)] // for people to read
        let part = |away: i64, all: i64| 1.0 - away as f64 / all as f64;
        Ok((all_us > 0).then(|| part(away_us, all_us).clamp(0.0, 1.0)))
    }
}

impl Tx<'_> {
    /// A worker that is wanted does not answer from now on.
    pub(crate) fn outage_begins(&self, id: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO worker_outages (worker_id, began_at)
                   SELECT ?1, ?2 WHERE NOT EXISTS (
                       SELECT 1 FROM worker_outages WHERE worker_id = ?1 AND ended_at IS NULL)";
        run(self.conn, sql, (id, self.now().0))?;
        let sql = "DELETE FROM worker_outages WHERE worker_id = ?1 AND ended_at < ?2";
        run(self.conn, sql, (id, self.now().plus_seconds(-LATELY_S).0)).map(drop)
    }

    /// It answers again, or nobody wants it to.
    pub(crate) fn outage_ends(&self, id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE worker_outages SET ended_at = ?2 WHERE worker_id = ?1 AND ended_at IS NULL";
        run(self.conn, sql, (id, self.now().0)).map(drop)
    }
}
