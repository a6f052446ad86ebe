//! Jobs as they are kept and listed.

use mediaflow_core::identity::{ContentId, Hash};
use mediaflow_core::job::{Ending, FailureCause, JobStatus};
use mediaflow_core::media::preset::Settings;
use mediaflow_core::path::RelPath;
use mediaflow_core::plan::Intent;
use mediaflow_core::schedule::TransferMode;
use mediaflow_core::time::Timestamp;
use rusqlite::Row;

use crate::error::StoreError;
use crate::row::{
    all, content, first, get, hash, hash_opt, json, json_opt, named, named_enum, named_opt, parse_plain, path, time,
    time_opt, unsigned, unsigned_opt,
};
use crate::store::Reader;

named_enum! {
    /// Where the output goes.
    OutputMode {
        /// In the original's place.
        Replace = "replace",
        /// Beside the original, which stays.
        Beside = "beside",
    }
}

/// A job, without its intent.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id; never reused.
    pub id: i64,
    /// Its id in file marks and for the outside, unique across installations.
    pub public_id: String,
    /// The file, while the catalog still has it.
    pub file_id: Option<i64>,
    /// The storage of the file.
    pub storage_id: i64,
    /// The file's path when it was queued.
    pub path: RelPath,
    /// The file's title when it was queued.
    pub title: String,
    /// The file's content when it was queued.
    pub content: ContentId,
    /// The file's generation when it was queued.
    pub generation: i64,
    /// Name of the preset.
    pub preset: String,
    /// The settings, as they were when it was queued.
    pub settings: Settings,
    /// Hash of the settings.
    pub policy: Hash,
    /// Hash of the intent; `None` for a job that is not planned yet, or was refused before it had one.
    pub intent_hash: Option<Hash>,
    /// Where the output goes.
    pub mode: OutputMode,
    /// Whether the user asked for this very file, so that verdicts do not hold it back.
    pub forced: bool,
    /// Whether nothing that is remembered of its content holds it back; asked when it is planned at its turn.
    pub insisted: bool,
    /// Where it stands.
    pub status: JobStatus,
    /// How it ended.
    pub ending: Option<Ending>,
    /// Why it ended so, or what it waits for where that is not its turn; for a person.
    pub reason: Option<String>,
    /// The kind of failure, for one that failed.
    pub failure_cause: Option<FailureCause>,
    /// Higher goes first.
    pub priority: i64,
    /// Within a priority, lower goes first.
    pub rank: i64,
    /// The instant that the user asked for: its turn comes then at the earliest.
    pub scheduled_after_at: Option<Timestamp>,
    /// The instant that it waits for: that one, or the end of the pause before another try. Gone once it has come.
    pub not_before_at: Option<Timestamp>,
    /// How often it was put back to be tried again.
    pub retries: u32,
    /// Size of the source in bytes.
    pub source_bytes: u64,
    /// Size of the output in bytes, once there is one.
    pub output_bytes: Option<u64>,
    /// Size that the output was expected to have when it was queued, in bytes.
    pub estimated_bytes: Option<u64>,
    /// Whether it is only planned and never worked on.
    pub is_dry_run: bool,
    /// Since when the user wants a running job to stop.
    pub cancel_requested_at: Option<Timestamp>,
    /// Since when the user wants a running job to be held.
    pub pause_requested_at: Option<Timestamp>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When work on it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The worker that has it, or had it last.
    pub worker_id: Option<i64>,
    /// The worker that the user wants for it.
    pub preferred_worker_id: Option<i64>,
    /// The way its source takes to the worker.
    pub transfer_mode: Option<TransferMode>,
    /// Why it is that worker, for a person.
    pub worker_reason: Option<String>,
    /// Whether that worker has a whole copy of the source, from this job or sent ahead of it.
    pub source_arrived: bool,
    /// Rises with every change.
    pub row_version: i64,
}

/// Which jobs to list, newest first.
#[derive(Debug, Clone, Copy)]
pub struct JobPage<'a> {
    /// Only these statuses; empty for all.
    pub statuses: &'a [JobStatus],
    /// Only jobs of this file.
    pub file_id: Option<i64>,
    /// At most so many.
    pub limit: u32,
    /// Leave out so many at the start.
    pub offset: u32,
}

/// What the user wants of a job that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobWishes {
    /// It is to end.
    pub cancel: bool,
    /// It is to be held.
    pub pause: bool,
}

pub(crate) const COLUMNS: &str =
    "id, public_id, file_id, storage_id, path, title, content_size, content_edges, generation, preset,
    (SELECT s.settings FROM job_settings s WHERE s.id = jobs.settings_id) AS settings, policy, intent_hash, mode, forced,
    insisted, status, ending, reason, failure_cause, priority, rank, scheduled_after_at, not_before_at, retries,
    source_bytes, output_bytes, estimated_bytes, is_dry_run, cancel_requested_at, pause_requested_at, created_at,
    started_at, ended_at, worker_id, preferred_worker_id, transfer_mode, worker_reason, source_arrived, row_version";

/// The jobs whose turn may be now, by the index that holds no others. Named, because SQLite would rather walk all that are
/// queued.
pub(crate) const READY: &str =
    "jobs INDEXED BY jobs_ready WHERE status = 'queued' AND not_before_at IS NULL AND away_folder IS NULL";

/// Queued jobs that wait for an instant, by their own index.
pub(crate) const TIMED: &str = "jobs INDEXED BY jobs_timed WHERE status = 'queued' AND not_before_at IS NOT NULL";

pub(crate) fn read(row: &Row<'_>) -> Result<Job, StoreError> {
    Ok(Job {
        id: get(row, "id")?,
        public_id: get(row, "public_id")?,
        file_id: get(row, "file_id")?,
        storage_id: get(row, "storage_id")?,
        path: path(row, "path")?,
        title: get(row, "title")?,
        content: content(row)?,
        generation: get(row, "generation")?,
        preset: get(row, "preset")?,
        settings: json(row, "settings")?,
        policy: hash(row, "policy")?,
        intent_hash: hash_opt(row, "intent_hash")?,
        mode: named(row, "mode", OutputMode::parse)?,
        forced: get(row, "forced")?,
        insisted: get(row, "insisted")?,
        status: named(row, "status", JobStatus::parse)?,
        ending: named_opt(row, "ending", Ending::parse)?,
        reason: get(row, "reason")?,
        failure_cause: named_opt(row, "failure_cause", parse_plain)?,
        priority: get(row, "priority")?,
        rank: get(row, "rank")?,
        scheduled_after_at: time_opt(row, "scheduled_after_at")?,
        not_before_at: time_opt(row, "not_before_at")?,
        retries: get(row, "retries")?,
        source_bytes: unsigned(row, "source_bytes")?,
        output_bytes: unsigned_opt(row, "output_bytes")?,
        estimated_bytes: unsigned_opt(row, "estimated_bytes")?,
        is_dry_run: get(row, "is_dry_run")?,
        cancel_requested_at: time_opt(row, "cancel_requested_at")?,
        pause_requested_at: time_opt(row, "pause_requested_at")?,
        created_at: time(row, "created_at")?,
        started_at: time_opt(row, "started_at")?,
        ended_at: time_opt(row, "ended_at")?,
        worker_id: get(row, "worker_id")?,
        preferred_worker_id: get(row, "preferred_worker_id")?,
        transfer_mode: named_opt(row, "transfer_mode", TransferMode::parse)?,
        worker_reason: get(row, "worker_reason")?,
        source_arrived: get(row, "source_arrived")?,
        row_version: get(row, "row_version")?,
    })
}

/// The statuses that are meant by a list in which nothing means all.
pub(crate) fn statuses_of(wanted: &[JobStatus]) -> impl Iterator<Item = JobStatus> {
    JobStatus::ALL.into_iter().filter(move |status| wanted.is_empty() || wanted.contains(status))
}

impl Reader<'_> {
    /// A job.
    pub fn job(&self, id: i64) -> Result<Job, StoreError> {
        first(self.conn, &format!("SELECT {COLUMNS} FROM jobs WHERE id = ?1"), [id], read)?
            .ok_or(StoreError::NotFound { what: "job", id })
    }

    /// A job by its public id.
    pub fn job_by_public_id(&self, public_id: &str) -> Result<Option<Job>, StoreError> {
        first(self.conn, &format!("SELECT {COLUMNS} FROM jobs WHERE public_id = ?1"), [public_id], read)
    }

    /// The frozen intent of a job; `None` for one that is planned at its turn, or was refused before it had one.
    pub fn job_intent(&self, id: i64) -> Result<Option<Intent>, StoreError> {
        let sql = "SELECT i.intent FROM jobs j LEFT JOIN intents i ON i.job_id = j.id WHERE j.id = ?1";
        first(self.conn, sql, [id], |row| json_opt(row, "intent"))?.ok_or(StoreError::NotFound { what: "job", id })
    }

    /// Jobs, newest first, a page at a time.
    pub fn jobs(&self, page: &JobPage<'_>) -> Result<Vec<Job>, StoreError> {
        let wanted = statuses_of(page.statuses).map(|status| format!("'{}'", status.name()));
        let wanted = wanted.collect::<Vec<_>>().join(", ");
        // By the file or by the status: each has its index, and neither list is long.
        let by = if page.file_id.is_some() { "file_id = ?1 AND +status" } else { "?1 IS NULL AND status" };
        let sql = format!("SELECT {COLUMNS} FROM jobs WHERE {by} IN ({wanted}) ORDER BY id DESC LIMIT ?2 OFFSET ?3");
        all(self.conn, &sql, (page.file_id, page.limit, page.offset), read)
    }

    /// How many jobs there are of each status that has any.
    pub fn job_counts(&self) -> Result<Vec<(JobStatus, u64)>, StoreError> {
        all(self.conn, "SELECT status, count(*) AS n FROM jobs GROUP BY status", [], |row| {
            Ok((named(row, "status", JobStatus::parse)?, unsigned(row, "n")?))
        })
    }

    /// The queued job whose turn it is: of those that wait for neither an instant nor a folder.
    pub fn job_next(&self) -> Result<Option<Job>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM {READY} ORDER BY priority DESC, rank, id LIMIT 1");
        first(self.conn, &sql, [], read)
    }

    /// Queued jobs in the order of their turns, of those that wait for neither an instant nor a folder.
    pub fn jobs_next(&self, limit: u32) -> Result<Vec<Job>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM {READY} ORDER BY priority DESC, rank, id LIMIT ?1");
        all(self.conn, &sql, [limit], read)
    }

    /// Whether a job could be begun now.
    pub fn job_is_ready(&self, id: i64) -> Result<bool, StoreError> {
        Ok(first(self.conn, &format!("SELECT id FROM {READY} AND id = ?1"), [id], |row| get::<i64>(row, "id"))?
            .is_some())
    }

    /// The newest job of a file that was meant to be carried out.
    pub fn job_latest_of_file(&self, file_id: i64) -> Result<Option<Job>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM jobs WHERE file_id = ?1 AND is_dry_run = 0 ORDER BY id DESC LIMIT 1");
        first(self.conn, &sql, [file_id], read)
    }

    /// The unfinished job that holds a file.
    pub fn job_holding(&self, file_id: i64) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT j.id FROM jobs j JOIN files f ON f.storage_id = j.storage_id AND f.path_key = j.path_key
                   WHERE f.id = ?1 AND j.status NOT IN ('completed', 'failed', 'cancelled')";
        first(self.conn, sql, [file_id], |row| get(row, "id"))
    }

    /// What the user wants of a job that runs.
    pub fn job_wishes(&self, id: i64) -> Result<JobWishes, StoreError> {
        let sql = "SELECT cancel_requested_at IS NOT NULL AS cancel, pause_requested_at IS NOT NULL AS pause
                   FROM jobs WHERE id = ?1";
        first(self.conn, sql, [id], |row| Ok(JobWishes { cancel: get(row, "cancel")?, pause: get(row, "pause")? }))?
            .ok_or(StoreError::NotFound { what: "job", id })
    }

    /// Whether the user wants a running job to stop.
    pub fn job_cancel_requested(&self, id: i64) -> Result<bool, StoreError> {
        let sql = "SELECT cancel_requested_at IS NOT NULL AS requested FROM jobs WHERE id = ?1";
        first(self.conn, sql, [id], |row| get(row, "requested"))?.ok_or(StoreError::NotFound { what: "job", id })
    }
}
