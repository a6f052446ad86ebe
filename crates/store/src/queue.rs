//! Changes of jobs. Every one goes through the state machine of `core` and takes its event along.

use mediaflow_core::event::Event;
use mediaflow_core::identity::ContentId;
use mediaflow_core::job::{Ending, FailureCause, JobStatus, StatusError};
use mediaflow_core::media::preset::Settings;
use mediaflow_core::plan::Intent;
use mediaflow_core::time::Timestamp;

use crate::error::StoreError;
use crate::jobs::{Job, OutputMode};
use crate::row::{all, first, get, insert, run, to_json};
use crate::store::Tx;

/// A job to be queued. Path, size and generation are taken from the file's row.
#[derive(Debug, Clone, Copy)]
pub struct NewJob<'a> {
    /// Random id for the outside.
    pub public_id: &'a str,
    /// The file.
    pub file_id: i64,
    /// The content that the intent was made for.
    pub content: ContentId,
    /// What to call it.
    pub title: &'a str,
    /// Name of the preset.
    pub preset: &'a str,
    /// The settings.
    pub settings: &'a Settings,
    /// What is to happen; frozen from here on. `None` for a job that is refused at once, or planned at its turn.
    pub intent: Option<&'a Intent>,
    /// Where the output goes.
    pub mode: OutputMode,
    /// Whether the user asked for this very file.
    pub forced: bool,
    /// Whether nothing that is remembered of its content holds it back.
    pub insisted: bool,
    /// Its turn comes then at the earliest; one that has passed is no reason to wait.
    pub scheduled_after_at: Option<Timestamp>,
    /// Higher goes first; among its like it comes last.
    pub priority: i64,
    /// Size that the output is expected to have, in bytes.
    pub estimated_bytes: Option<u64>,
}

/// How a job ended.
#[derive(Debug, Clone, Copy)]
pub struct JobEnd<'a> {
    /// The ending.
    pub ending: Ending,
    /// Why, for a person.
    pub reason: &'a str,
    /// The kind of failure, for one that failed.
    pub cause: Option<FailureCause>,
    /// Size of the output in bytes, if there was one.
    pub output_bytes: Option<u64>,
}

/// Another try at a job, after a pause.
#[derive(Debug, Clone, Copy)]
pub struct JobRetry<'a> {
    /// Why this try failed, for a person.
    pub reason: &'a str,
    /// The pause before the next one, in minutes.
    pub backoff_minutes: u32,
    /// How many retries a job gets, to be told.
    pub max_retries: u32,
}

/// Jobs that are removed in one transaction, so that no writer waits long for it.
const CLEARED_AT_ONCE: u32 = 500;

impl Tx<'_> {
    /// Queues a job and gives its id.
    ///
    /// # Errors
    /// [`StoreError::AlreadyQueued`] when the file has a job that is not finished; the transaction goes on.
    pub fn job_create(&self, new: &NewJob<'_>) -> Result<i64, StoreError> {
        if let Some(job_id) = self.job_holding(new.file_id)? {
            return Err(StoreError::AlreadyQueued { job_id });
        }
        let id = self.job_insert(new, JobStatus::Queued, false)?;
        self.event(&Event::JobCreated { job_id: id })?;
        Ok(id)
    }

    /// Notes a dry run with its result and gives its id. It is finished from the beginning: it holds no file, and
    /// nothing will ever work on it.
    pub fn job_plan(&self, new: &NewJob<'_>, end: &JobEnd<'_>) -> Result<i64, StoreError> {
        let id = self.job_insert(new, end.ending.status(), true)?;
        self.event(&Event::JobCreated { job_id: id })?;
        self.job_close(id, end)?;
        Ok(id)
    }

    fn job_insert(&self, new: &NewJob<'_>, status: JobStatus, is_dry_run: bool) -> Result<i64, StoreError> {
        let not_before_at = new.scheduled_after_at.filter(|at| *at > self.now());
        let id = insert(
            self.conn,
            "INSERT INTO jobs (public_id, file_id, storage_id, path, path_key, generation, source_bytes, content_size,
             content_edges, title, preset, settings_id, policy, intent_hash, mode, forced, insisted, priority, rank, status,
             scheduled_after_at, not_before_at, is_dry_run, estimated_bytes, created_at)
             SELECT ?2, id, storage_id, path, path_key, generation, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
             ?14, ?15, ?16, ?17, ?18, ?19, ?20 FROM files WHERE id = ?1",
            rusqlite::params![
                new.file_id,
                new.public_id,
                new.content.size_bytes.cast_signed(),
                new.content.edges.to_string(),
                new.title,
                new.preset,
                self.settings_id(new.settings)?,
                new.settings.policy().to_string(),
                new.intent.map(|intent| intent.hash().to_string()),
                new.mode.name(),
                new.forced,
                new.insisted,
                new.priority,
                self.next_rank(new.priority)?,
                status.name(),
                new.scheduled_after_at.map(|at| at.0),
                not_before_at.map(|at| at.0),
                is_dry_run,
                new.estimated_bytes.map(u64::cast_signed),
                self.now().0,
            ],
        )
        .map_err(|error| match error {
            StoreError::Sql(rusqlite::Error::StatementChangedRows(0)) => {
                StoreError::NotFound { what: "file", id: new.file_id }
            }
            other => other,
        })?;
        if let Some(intent) = new.intent {
            self.intent_put(id, intent)?;
        }
        Ok(id)
    }

    fn intent_put(&self, job_id: i64, intent: &Intent) -> Result<(), StoreError> {
        let sql = "INSERT INTO intents (job_id, intent) VALUES (?1, ?2)";
        run(self.conn, sql, (job_id, to_json("plan", intent)?)).map(drop)
    }

    /// The row of settings that jobs share.
    pub(crate) fn settings_id(&self, settings: &Settings) -> Result<i64, StoreError> {
        let text = to_json("settings", settings)?;
        let known = "SELECT id FROM job_settings WHERE settings = ?1";
        match first(self.conn, known, [&text], |row| get(row, "id"))? {
            Some(id) => Ok(id),
            None => insert(self.conn, "INSERT INTO job_settings (settings) VALUES (?1)", [&text]),
        }
    }

    /// Freezes the intent of a job that was queued without one, with the size that its output is expected to have.
    pub fn job_planned(&self, id: i64, intent: &Intent, estimated_bytes: Option<u64>) -> Result<(), StoreError> {
        self.intent_put(id, intent)?;
        let sql = "UPDATE jobs SET intent_hash = ?2, estimated_bytes = ?3, row_version = row_version + 1 WHERE id = ?1";
        run(self.conn, sql, (id, intent.hash().to_string(), estimated_bytes.map(u64::cast_signed))).map(drop)
    }

    /// Takes the queued job whose turn it is, and puts it into its first active status.
    pub fn job_claim(&self, first_status: JobStatus) -> Result<Option<Job>, StoreError> {
        match self.job_next()? {
            Some(job) => {
                self.job_step(job.id, first_status)?;
                self.job(job.id).map(Some)
            }
            None => Ok(None),
        }
    }

    /// Takes a certain job if it still is one that could be begun, and puts it into its first active status.
    pub fn job_claim_this(&self, id: i64, first_status: JobStatus) -> Result<Option<Job>, StoreError> {
        if !self.job_is_ready(id)? {
            return Ok(None);
        }
        self.job_step(id, first_status)?;
        self.job(id).map(Some)
    }

    /// One step of a job that does not end it. Going back to `queued` forgets the earlier ending and gives up reserved
    /// space, except from a pause, where it goes on with what it has.
    ///
    /// # Errors
    /// [`StoreError::Step`] for a step that no job may take, or that ends it (that is [`Tx::job_end`]'s);
    /// [`StoreError::AlreadyQueued`] when a finished job is to run again and its file has another one by now.
    pub fn job_step(&self, id: i64, to: JobStatus) -> Result<(), StoreError> {
        let from = self.checked_step(id, to)?;
        if to.is_final() {
            let source = StatusError { from, to };
            return Err(StoreError::Step { job_id: id, source });
        }
        if from.is_final() {
            self.free_to_run_again(id)?;
            run(self.conn, "DELETE FROM tunings WHERE job_id = ?1", [id])?;
            // The user, or another run, wants it anew: it comes last, and all its tries are before it again.
            let rank = self.next_rank(self.job(id)?.priority)?;
            let sql = "UPDATE jobs SET rank = ?2, retries = 0, not_before_at = NULL WHERE id = ?1";
            run(self.conn, sql, (id, rank))?;
        }
        run(
            self.conn,
            "UPDATE jobs SET status = ?2, reason = NULL, away_folder = NULL, row_version = row_version + 1,
             not_before_at = CASE WHEN ?3 THEN NULL ELSE not_before_at END,
             started_at = CASE WHEN ?3 THEN coalesce(started_at, ?4) ELSE started_at END WHERE id = ?1",
            (id, to.name(), to.is_active(), self.now().0),
        )?;
        if matches!(to, JobStatus::Queued | JobStatus::Paused) {
            run(self.conn, "UPDATE jobs SET pause_requested_at = NULL WHERE id = ?1", [id])?;
        }
        if to == JobStatus::Queued && from != JobStatus::Paused {
            run(
                self.conn,
                "UPDATE jobs SET ending = NULL, failure_cause = NULL, output_bytes = NULL,
                 cancel_requested_at = NULL, started_at = NULL, ended_at = NULL WHERE id = ?1",
                [id],
            )?;
            self.space_release(id)?;
        }
        self.event(&Event::JobStatusChanged { job_id: id, status: to, reason: None })?;
        Ok(())
    }

    /// Ends a job and gives up its reserved space. Its event is `job.ended`, which carries the final status by its
    /// ending.
    pub fn job_end(&self, id: i64, end: &JobEnd<'_>) -> Result<(), StoreError> {
        self.checked_step(id, end.ending.status())?;
        self.job_close(id, end)
    }

    fn job_close(&self, id: i64, end: &JobEnd<'_>) -> Result<(), StoreError> {
        run(
            self.conn,
            "UPDATE jobs SET status = ?2, ending = ?3, reason = ?4, failure_cause = ?5, output_bytes = ?6, ended_at = ?7,
             away_folder = NULL, not_before_at = NULL, row_version = row_version + 1 WHERE id = ?1",
            (
                id,
                end.ending.status().name(),
                end.ending.name(),
                end.reason,
                end.cause.map(FailureCause::name),
                end.output_bytes.map(u64::cast_signed),
                self.now().0,
            ),
        )?;
        self.space_release(id)?;
        let started_at = self.job(id)?.started_at;
        self.event(&Event::JobEnded {
            job_id: id,
            ending: end.ending,
            reason: end.reason.to_owned(),
            output_bytes: end.output_bytes,
            duration_us: started_at.map(|started_at| self.now().0 - started_at.0),
        })?;
        Ok(())
    }

    /// Puts a job that failed back into the queue, where it keeps its place and has its turn again after a pause; with
    /// nothing reserved. Gives which retry that will be, from 1.
    pub fn job_retry(&self, id: i64, retry: &JobRetry<'_>) -> Result<u32, StoreError> {
        self.job_step(id, JobStatus::Queued)?;
        let not_before_at = self.now().plus_seconds(i64::from(retry.backoff_minutes) * 60);
        let sql = "UPDATE jobs SET retries = retries + 1, reason = ?2, not_before_at = ?3 WHERE id = ?1";
        run(self.conn, sql, (id, retry.reason, not_before_at.0))?;
        let retry_count = self.job(id)?.retries;
        self.event(&Event::JobRetryScheduled {
            job_id: id,
            retry_count,
            max_retries: retry.max_retries,
            backoff_minutes: retry.backoff_minutes,
            reason: retry.reason.to_owned(),
        })?;
        Ok(retry_count)
    }

    /// The user wants a job to stop: one that waits ends at once, one that runs is asked to (see
    /// [`Reader::job_cancel_requested`](crate::Reader::job_cancel_requested)). Gives whether it has ended.
    pub fn job_cancel(&self, id: i64, reason: &str) -> Result<bool, StoreError> {
        let status = self.checked_step(id, JobStatus::Cancelled)?;
        if !status.is_active() {
            let end = JobEnd { ending: Ending::Cancelled, reason, cause: None, output_bytes: None };
            return self.job_end(id, &end).map(|()| true);
        }
        run(
            self.conn,
            "UPDATE jobs SET cancel_requested_at = coalesce(cancel_requested_at, ?2), row_version = row_version + 1
             WHERE id = ?1",
            (id, self.now().0),
        )?;
        Ok(false)
    }

    /// The user wants a job to be held: one that waits is at once, one that runs is asked to (see
    /// [`Reader::job_wishes`](crate::Reader::job_wishes)). Gives whether it is held now.
    ///
    /// # Errors
    /// [`StoreError::Step`] for one that has ended or is being replaced.
    pub fn job_pause(&self, id: i64) -> Result<bool, StoreError> {
        if self.job(id)?.status == JobStatus::Paused {
            return Ok(true);
        }
        if !self.checked_step(id, JobStatus::Paused)?.is_active() {
            return self.job_step(id, JobStatus::Paused).map(|()| true);
        }
        let sql = "UPDATE jobs SET pause_requested_at = coalesce(pause_requested_at, ?2), row_version = row_version + 1
                   WHERE id = ?1";
        run(self.conn, sql, (id, self.now().0))?;
        Ok(false)
    }

    /// The user wants a job to go on: a held one returns to the queue, one that waits for an instant waits for its turn
    /// only, a finished one that is not completed is queued anew, and what was asked of a running one is taken back.
    pub fn job_resume(&self, id: i64) -> Result<(), StoreError> {
        let status = self.job(id)?.status;
        if status.is_active() || status == JobStatus::Queued {
            let sql = "UPDATE jobs SET pause_requested_at = NULL, not_before_at = NULL, row_version = row_version + 1
                       WHERE id = ?1 AND (pause_requested_at, not_before_at) IS NOT (NULL, NULL)";
            if run(self.conn, sql, [id])? > 0 && status == JobStatus::Queued {
                self.event(&Event::JobMoved { job_id: id })?;
            }
            return Ok(());
        }
        self.job_step(id, JobStatus::Queued)
    }

    /// Removes some finished jobs with their tasks and attempts and gives how many; none when no more can be removed.
    /// Replacements, proofs, outcomes, verdicts and events stay, and so does a job with an attempt or a replacement that
    /// is not over, or of an upload whose output the user has not fetched yet.
    pub fn jobs_clear_finished(&self) -> Result<usize, StoreError> {
        self.jobs_remove(
            "SELECT id FROM jobs WHERE status IN ('completed', 'failed', 'cancelled') AND NOT EXISTS (
                 SELECT 1 FROM tasks t JOIN attempts a ON a.task_id = t.id
                 WHERE t.job_id = jobs.id AND a.state IN ('submitted', 'running'))
             AND NOT EXISTS (
                 SELECT 1 FROM replacements r
                 WHERE r.job_id = jobs.id AND r.state NOT IN ('done', 'abandoned', 'conflict'))
             AND NOT EXISTS (
                 SELECT 1 FROM upload_jobs u
                 WHERE u.job_id = jobs.id AND u.fetched_at IS NULL AND jobs.ending = 'placed') LIMIT ?1",
        )
    }

    /// The same for jobs that wait and of which nothing was begun: cancelling them one by one would tell nobody more.
    pub fn jobs_clear_unbegun(&self) -> Result<usize, StoreError> {
        self.jobs_remove(
            "SELECT id FROM jobs WHERE status IN ('queued', 'paused') AND NOT EXISTS (
                 SELECT 1 FROM tasks t WHERE t.job_id = jobs.id) LIMIT ?1",
        )
    }

    fn jobs_remove(&self, chosen: &str) -> Result<usize, StoreError> {
        let ids = all(self.conn, chosen, [CLEARED_AT_ONCE], |row| get::<i64>(row, "id"))?;
        if ids.is_empty() {
            return Ok(0);
        }
        let ids = to_json("list of jobs", &ids)?;
        let keep_logs = "UPDATE outcomes SET log_tail = (
                 SELECT a.log_tail FROM tasks t JOIN attempts a ON a.task_id = t.id
                 WHERE t.job_id = outcomes.job_id AND t.kind = 'encode' ORDER BY a.id DESC LIMIT 1)
             WHERE job_id IN (SELECT value FROM json_each(?1))";
        run(self.conn, keep_logs, [&ids])?;
        let removed = run(self.conn, "DELETE FROM jobs WHERE id IN (SELECT value FROM json_each(?1))", [&ids])?;
        if removed > 0 {
            self.event(&Event::JobsCleared { count: removed as u64 })?;
        }
        Ok(removed)
    }

    /// Where a job stands, if it may go to `to` from there.
    pub(crate) fn checked_step(&self, id: i64, to: JobStatus) -> Result<JobStatus, StoreError> {
        let from = self.job(id)?.status;
        from.step(to).map_err(|source| StoreError::Step { job_id: id, source })?;
        // What the journal has under way is not stepped away from: it ends first, one way or the other.
        let steps_back = from == JobStatus::Replacing && matches!(to, JobStatus::Queued | JobStatus::Cancelled);
        if steps_back && self.replacements_of_job(id)?.iter().any(|stored| !stored.record.state.is_final()) {
            return Err(StoreError::Step { job_id: id, source: StatusError { from, to } });
        }
        Ok(from)
    }

    fn free_to_run_again(&self, id: i64) -> Result<(), StoreError> {
        if self.job(id)?.is_dry_run {
            return Err(StoreError::DryRun { job_id: id });
        }
        let sql = "SELECT o.id FROM jobs o JOIN jobs j ON j.storage_id = o.storage_id AND j.path_key = o.path_key
                   WHERE j.id = ?1 AND o.id <> ?1 AND o.status NOT IN ('completed', 'failed', 'cancelled')";
        match first(self.conn, sql, [id], |row| get(row, "id"))? {
            Some(job_id) => Err(StoreError::AlreadyQueued { job_id }),
            None => Ok(()),
        }
    }
}
