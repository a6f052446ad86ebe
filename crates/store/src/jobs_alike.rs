//! The queue by what mostly keeps a worker from a job: when nobody takes the first one, thousands that are like it need not
//! be looked at.

use crate::error::StoreError;
use crate::jobs::{COLUMNS, Job, read};
use crate::row::{all, first, get};
use crate::store::Reader;

/// Jobs that are alike in what mostly keeps a worker from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobsAlike {
    /// The worker that the user wants for them.
    pub preferred_worker_id: Option<i64>,
    /// Their settings, by the row that they share.
    pub settings_id: i64,
}

/// Jobs whose turn may be now, by the index that holds them kind by kind.
pub(crate) const READY_ALIKE: &str =
    "jobs INDEXED BY jobs_ready_alike WHERE status = 'queued' AND not_before_at IS NULL AND away_folder IS NULL";

/// The next kind that asks for the same worker.
pub(crate) fn next_settings_sql() -> String {
    format!(
        "SELECT preferred_worker_id, settings_id FROM {READY_ALIKE} AND preferred_worker_id IS ?1 AND settings_id > ?2
         ORDER BY settings_id LIMIT 1"
    )
}

/// The first kind that asks for another worker.
pub(crate) fn next_preferred_sql() -> String {
    format!(
        "SELECT preferred_worker_id, settings_id FROM {READY_ALIKE} AND preferred_worker_id > ?1
         ORDER BY preferred_worker_id, settings_id LIMIT 1"
    )
}

/// Jobs of one kind, in the order of their turns.
pub(crate) fn alike_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM {READY_ALIKE} AND preferred_worker_id IS ?1 AND settings_id = ?2
         ORDER BY priority DESC, rank, id LIMIT ?3 OFFSET ?4"
    )
}

impl Reader<'_> {
    /// The kinds of jobs whose turn may be now. Costs a look or two for each of them, however many jobs there are.
    pub fn jobs_alike(&self) -> Result<Vec<JobsAlike>, StoreError> {
        let mut found: Vec<JobsAlike> = Vec::new();
        let (next_settings, next_preferred) = (next_settings_sql(), next_preferred_sql());
        // Ids begin at 1.
        let (mut preferred, mut settings) = (None, 0);
        loop {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(JobsAlike {
                    preferred_worker_id: get(row, "preferred_worker_id")?,
                    settings_id: get(row, "settings_id")?,
                })
            };
            let next = match first(self.conn, &next_settings, (preferred, settings), read)? {
                Some(next) => Some(next),
                None => first(self.conn, &next_preferred, [preferred.unwrap_or(0)], read)?,
            };
            let Some(next) = next else { return Ok(found) };
            (preferred, settings) = (next.preferred_worker_id, next.settings_id);
            found.push(next);
        }
    }

    /// Jobs of one kind in the order of their turns, a page of them.
    pub fn jobs_of_kind(&self, kind: JobsAlike, limit: u32, offset: u32) -> Result<Vec<Job>, StoreError> {
        all(self.conn, &alike_sql(), (kind.preferred_worker_id, kind.settings_id, limit, offset), read)
    }
}
