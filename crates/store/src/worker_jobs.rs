//! Which worker has which job, and what workers were seen to do.

use std::collections::BTreeMap;

use mediaflow_core::job::JobStatus;
use mediaflow_core::schedule::TransferMode;

use crate::error::StoreError;
use crate::row::{all, first, get, named, run, to_json, unsigned};
use crate::store::{Reader, Tx};

/// How much a worker has to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkerLoad {
    /// The worker.
    pub worker_id: i64,
    /// Jobs that it has in hand.
    pub active: u64,
    /// Jobs that wait and are meant for it.
    pub queued: u64,
}

/// How fast a worker was with jobs that it did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearnedSpeed {
    /// Frames a second on average.
    pub frames_per_second: f64,
    /// Over how many jobs.
    pub jobs: u32,
}

/// Jobs that count for how fast a worker is: what it did lately.
const LATELY: u32 = 50;

/// The statuses in which a worker has a job in hand: one that is held keeps its encode there.
fn in_hand() -> String {
    let names = JobStatus::ALL.into_iter().filter(|status| status.is_active() || *status == JobStatus::Paused);
    names.map(|status| format!("'{}'", status.name())).collect::<Vec<_>>().join(", ")
}

/// Jobs that have a worker and have not ended, counted.
pub(crate) fn given_sql() -> String {
    format!(
        "SELECT worker_id, status, count(*) AS n FROM jobs INDEXED BY jobs_worker
         WHERE worker_id IS NOT NULL AND status IN ('queued', {}) GROUP BY status, worker_id",
        in_hand()
    )
}

/// Jobs that wait and are wanted on a worker, counted.
pub(crate) const WANTED: &str =
    "SELECT preferred_worker_id AS worker_id, count(*) AS n FROM jobs INDEXED BY jobs_preferred
    WHERE preferred_worker_id IS NOT NULL AND status = 'queued' AND worker_id IS NULL GROUP BY preferred_worker_id";

impl Reader<'_> {
    /// How much every worker has to do that has something to do.
    pub fn worker_loads(&self) -> Result<Vec<WorkerLoad>, StoreError> {
        let mut loads: BTreeMap<i64, WorkerLoad> = BTreeMap::new();
        let given = all(self.conn, &given_sql(), [], |row| {
            Ok((get(row, "worker_id")?, named(row, "status", JobStatus::parse)?, unsigned(row, "n")?))
        })?;
        let wanted =
            all(self.conn, WANTED, [], |row| Ok((get(row, "worker_id")?, JobStatus::Queued, unsigned(row, "n")?)))?;
        for (worker_id, status, jobs) in given.into_iter().chain(wanted) {
            let load = loads.entry(worker_id).or_insert(WorkerLoad { worker_id, ..WorkerLoad::default() });
            *if status == JobStatus::Queued { &mut load.queued } else { &mut load.active } += jobs;
        }
        Ok(loads.into_values().collect())
    }

    /// How many jobs a worker has in hand.
    pub fn worker_jobs_in_hand(&self, id: i64) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) AS n FROM jobs WHERE worker_id = ?1 AND status IN ({})", in_hand());
        Ok(first(self.conn, &sql, [id], |row| unsigned(row, "n"))?.unwrap_or(0))
    }

    /// How many libraries, and how many replaced originals, lie on a worker.
    pub(crate) fn worker_files(&self, id: i64) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT
            (SELECT count(*) FROM libraries l JOIN storages s ON s.id = l.storage_id WHERE s.worker_id = ?1) AS libraries,
            (SELECT count(*) FROM replacements r JOIN storages s ON s.id = r.storage_id
             WHERE s.worker_id = ?1 AND r.quarantine IN ('held', 'restoring', 'purging')) AS originals";
        let counts = first(self.conn, sql, [id], |row| Ok((unsigned(row, "libraries")?, unsigned(row, "originals")?)))?;
        Ok(counts.unwrap_or_default())
    }

    /// The last outcome of a job, and whose there are since the one that was the last before; none where nobody asked before.
    pub fn workers_with_outcomes(&self, since: Option<i64>) -> Result<(i64, Vec<i64>), StoreError> {
        let last = first(self.conn, "SELECT max(id) AS id FROM outcomes", [], |row| get::<Option<i64>>(row, "id"))?;
        let last = last.flatten().unwrap_or(0);
        let Some(since) = since.filter(|since| *since < last) else { return Ok((last, Vec::new())) };
        let sql = "SELECT DISTINCT worker_id FROM outcomes WHERE id > ?1 AND worker_id IS NOT NULL";
        Ok((last, all(self.conn, sql, [since], |row| get(row, "worker_id"))?))
    }

    /// How fast a worker was lately with an encoder and sources of a resolution tier, or with any where none is named.
    pub fn worker_speed(
        &self,
        id: i64,
        encoder: Option<&str>,
        source_resolution: Option<&str>,
    ) -> Result<Option<LearnedSpeed>, StoreError> {
        let sql = speed_sql(encoder.is_some(), source_resolution.is_some());
        first(self.conn, &sql, (id, encoder, source_resolution, LATELY), |row| {
            Ok(LearnedSpeed { frames_per_second: get(row, "fps")?, jobs: get(row, "jobs")? })
        })
    }
}

/// The average over the last jobs of a worker, asked at each choice of one: by an index, whatever is named.
pub(crate) fn speed_sql(by_encoder: bool, by_resolution: bool) -> String {
    let encoder = if by_encoder { "AND encoder = ?2" } else { "AND ?2 IS NULL" };
    let resolution = if by_resolution { "AND source_resolution = ?3" } else { "AND ?3 IS NULL" };
    let index = match (by_encoder, by_resolution) {
        (true, true) => "outcomes_speed_of_tier",
        (true, false) => "outcomes_speed_of_encoder",
        _ => "outcomes_speed",
    };
    format!(
        "SELECT avg(average_fps) AS fps, count(*) AS jobs FROM (
             SELECT average_fps FROM outcomes INDEXED BY {index}
             WHERE worker_id = ?1 {encoder} {resolution} AND average_fps > 0 ORDER BY id DESC LIMIT ?4)
         HAVING count(*) > 0"
    )
}

impl Tx<'_> {
    /// Gives a job to a worker, with the way its source takes and why it is that worker, for a person.
    pub fn job_assign(&self, job_id: i64, worker_id: i64, mode: TransferMode, reason: &str) -> Result<(), StoreError> {
        let sql =
            "UPDATE jobs SET source_arrived = source_arrived AND worker_id IS ?2, worker_id = ?2, transfer_mode = ?3,
             worker_reason = ?4, row_version = row_version + 1 WHERE id = ?1";
        run(self.conn, sql, (job_id, worker_id, mode.name(), reason)).map(drop)
    }

    /// Takes a job from its worker: it is anybody's again.
    pub fn job_unassign(&self, job_id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE jobs SET worker_id = NULL, transfer_mode = NULL, worker_reason = NULL, source_arrived = 0,
                   row_version = row_version + 1 WHERE id = ?1 AND worker_id IS NOT NULL";
        run(self.conn, sql, [job_id]).map(drop)
    }

    /// Notes that a job's worker has a whole copy of its source. Nothing changes if it is another one's by now.
    pub fn job_source_arrived(&self, job_id: i64, worker_id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE jobs SET source_arrived = 1 WHERE id = ?1 AND worker_id = ?2";
        run(self.conn, sql, (job_id, worker_id)).map(drop)
    }

    /// Notes which worker the user wants for jobs.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such worker.
    pub fn jobs_prefer(&self, job_ids: &[i64], worker_id: i64) -> Result<(), StoreError> {
        self.worker(worker_id)?;
        let sql = "UPDATE jobs SET preferred_worker_id = ?2, row_version = row_version + 1
                   WHERE id IN (SELECT value FROM json_each(?1)) AND preferred_worker_id IS NOT ?2";
        run(self.conn, sql, (to_json("list of jobs", &job_ids)?, worker_id)).map(drop)
    }
}
