//! Jobs as they are shown: with their place in the catalog, their tries and what became of the original.

use std::path::PathBuf;

use mediaflow_core::job::JobStatus;
use mediaflow_core::path::RelPath;
use mediaflow_core::proof::Conclusion;
use mediaflow_core::replace::{Kind, ReplacementId, State};
use mediaflow_core::time::Timestamp;

use crate::attempts::{Attempt, TaskKind};
use crate::error::StoreError;
use crate::jobs::{Job, statuses_of};
use crate::quarantine::QuarantineState;
use crate::row::{all, first, get, unsigned};
use crate::store::Reader;

/// The order of a list of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobOrder {
    /// As they get their turn.
    Queue,
    /// What ended last first; before all of these what has not ended, the newest first.
    Newest,
}

/// Which jobs to show.
#[derive(Debug, Clone, Copy)]
pub struct JobList<'a> {
    /// Only these statuses; empty for all.
    pub statuses: &'a [JobStatus],
    /// In which order.
    pub order: JobOrder,
    /// At most so many.
    pub limit: u32,
    /// Leave out so many at the start.
    pub offset: u32,
}

/// A job with everything around it.
#[derive(Debug, Clone, PartialEq)]
pub struct JobView {
    /// The job.
    pub job: Job,
    /// The first part that its file is; the wire's item id.
    pub part_id: Option<i64>,
    /// The preset of its name, if there still is one.
    pub preset_id: Option<i64>,
    /// Root of the storage that its file lies on.
    pub root: PathBuf,
    /// Name of the worker that has it, or had it last.
    pub worker_name: Option<String>,
    /// Name of the worker that the user wants for it.
    pub preferred_worker_name: Option<String>,
    /// How often its encode was begun.
    pub tries: u32,
    /// The last attempt at its encode.
    pub encode: Option<Attempt>,
    /// What the last proof of its output concluded.
    pub conclusion: Option<Conclusion>,
    /// What took the original's place, or lies beside it.
    pub replacement: Option<JobReplacement>,
}

/// The finished replacement that a job made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobReplacement {
    /// Its id.
    pub id: ReplacementId,
    /// Where the output was put.
    pub target: RelPath,
    /// What became of the original.
    pub quarantine: QuarantineState,
    /// Until when it is kept.
    pub held_until_at: Option<Timestamp>,
}

/// The ids of a page. Each status is read from an index that has the order already, and these are merged: nothing is
/// sorted, and no row is read, however many there are.
pub(crate) fn page_sql(list: &JobList<'_>) -> String {
    let (columns, order) = match list.order {
        JobOrder::Queue => ("id, priority, rank", "priority DESC, rank, id"),
        JobOrder::Newest => ("id, coalesce(ended_at, 9223372036854775807) AS ended", "ended DESC, id DESC"),
    };
    let of = |status: JobStatus| format!("SELECT {columns} FROM jobs WHERE status = '{}'", status.name());
    let each: Vec<String> = statuses_of(list.statuses).map(of).collect();
    format!("{} ORDER BY {order} LIMIT ?1 OFFSET ?2", each.join(" UNION ALL "))
}

impl Reader<'_> {
    /// Jobs with everything around them, a page at a time.
    pub fn job_views(&self, list: &JobList<'_>) -> Result<Vec<JobView>, StoreError> {
        let ids = all(self.conn, &page_sql(list), (list.limit, list.offset), |row| get::<i64>(row, "id"))?;
        ids.into_iter().map(|id| self.job_view(id)).collect()
    }

    /// One job with everything around it.
    pub fn job_view(&self, id: i64) -> Result<JobView, StoreError> {
        self.view(self.job(id)?)
    }

    /// How many jobs have one of these statuses; any, where none is named.
    pub fn jobs_total(&self, statuses: &[JobStatus]) -> Result<u64, StoreError> {
        let counts = self.job_counts()?;
        Ok(counts.iter().filter(|(of, _)| statuses.is_empty() || statuses.contains(of)).map(|(_, n)| n).sum())
    }

    fn view(&self, job: Job) -> Result<JobView, StoreError> {
        let mut encodes = self.attempts_of_job(job.id)?;
        encodes.retain(|attempt| attempt.kind == TaskKind::Encode);
        let made = self.replacements_of_job(job.id)?.into_iter().rev().find(|stored| {
            stored.record.state == State::Done && matches!(stored.record.kind, Kind::Replace | Kind::Beside)
        });
        let name = |id: Option<i64>| Ok::<_, StoreError>(id.map(|id| self.worker_name(id)).transpose()?.flatten());
        Ok(JobView {
            part_id: match job.file_id {
                Some(file_id) => self.part_of_file(file_id)?,
                None => None,
            },
            preset_id: first(self.conn, "SELECT id FROM presets WHERE name = ?1", [&job.preset], |row| get(row, "id"))?,
            root: self.storage(job.storage_id)?.root,
            worker_name: name(job.worker_id)?,
            preferred_worker_name: name(job.preferred_worker_id)?,
            tries: u32::try_from(encodes.len()).unwrap_or(u32::MAX),
            encode: encodes.pop(),
            conclusion: self.proof_of_job(job.id)?.map(|stored| stored.proof.conclusion()),
            replacement: made.map(|stored| JobReplacement {
                id: stored.record.id,
                target: stored.record.target,
                quarantine: stored.quarantine,
                held_until_at: stored.held_until_at,
            }),
            job,
        })
    }

    /// The first part that a file is.
    pub fn part_of_file(&self, file_id: i64) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT min(part_id) AS part_id FROM part_files WHERE file_id = ?1";
        Ok(first(self.conn, sql, [file_id], |row| get(row, "part_id"))?.flatten())
    }

    /// The file of a part. A part that lies in several files is not known yet; it would be the first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such part.
    pub fn file_of_part(&self, part_id: i64) -> Result<i64, StoreError> {
        let sql = "SELECT file_id FROM part_files WHERE part_id = ?1 ORDER BY file_id LIMIT 1";
        first(self.conn, sql, [part_id], |row| get(row, "file_id"))?
            .ok_or(StoreError::NotFound { what: "item", id: part_id })
    }

    /// Bytes of the sources of all jobs that wait for their turn.
    pub fn queued_bytes(&self) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(sum(source_bytes), 0) AS total FROM jobs WHERE status = 'queued'";
        Ok(first(self.conn, sql, [], |row| unsigned(row, "total"))?.unwrap_or(0))
    }
}
