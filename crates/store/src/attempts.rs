//! Tasks and the attempts at them. An attempt is spoken for by whoever holds its fencing token; a late answer with an
//! older token changes nothing.

use std::path::PathBuf;

use mediaflow_core::event::Event;
use mediaflow_core::media::hardware::EncodedBy;
use mediaflow_core::time::Timestamp;
use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bytes::{path_bytes, path_from_bytes};
use crate::error::StoreError;
use crate::row::{all, first, get, insert, json_opt, named, named_enum, run, time, time_opt, to_json, unsigned};
use crate::store::{Reader, Tx};
use crate::workers::THIS_MACHINE;

named_enum! {
    /// One step of a job's work.
    TaskKind {
        /// Bring the source to the worker.
        Fetch = "fetch",
        /// Decode and encode.
        Encode = "encode",
        /// Measure the output.
        Prove = "prove",
        /// Put the output in place.
        Replace = "replace",
    }
}

named_enum! {
    /// Where an attempt stands.
    AttemptState {
        /// Handed to its executor.
        Submitted = "submitted",
        /// Known to run.
        Running = "running",
        /// Ended well.
        Done = "done",
        /// Ended badly.
        Failed = "failed",
        /// Stopped by the user.
        Cancelled = "cancelled",
        /// Another attempt at the same task was begun.
        Superseded = "superseded",
    }
}

/// An attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: i64,
    /// The token of whoever may speak for it.
    pub token: u64,
    /// The job.
    pub job_id: i64,
    /// Which of its tasks.
    pub kind: TaskKind,
    /// Which of the tasks of that kind, from 0.
    pub position: u32,
    /// The worker that carries it out; `None` for one that is none any more.
    pub worker_id: Option<i64>,
    /// What that worker was called then.
    pub worker_name: Option<String>,
    /// The directory that is its alone.
    pub dir: PathBuf,
    /// Where it stands.
    pub state: AttemptState,
    /// Until when its holder counts as alive.
    pub lease_until_at: Timestamp,
    /// What was run, as text to be shown.
    pub argv: Option<Vec<String>>,
    /// Who encodes the pictures; `None` before it runs, and where none are encoded.
    pub encoded_by: Option<EncodedBy>,
    /// The last lines of its log.
    pub log_tail: Option<String>,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How long it was held before it last went on, in microseconds.
    pub paused_us: i64,
    /// Since when it is held.
    pub paused_at: Option<Timestamp>,
}

/// What unfinished jobs have on a worker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkerNeeds {
    /// Directories of attempts, as they are called on this machine.
    pub attempts: Vec<PathBuf>,
    /// Jobs that are given to it.
    pub jobs: Vec<i64>,
}

impl Attempt {
    /// Whether this machine carries it out.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.worker_id == Some(THIS_MACHINE)
    }
}

/// An attempt to be begun.
#[derive(Debug, Clone, Copy)]
pub struct NewAttempt {
    /// The job.
    pub job_id: i64,
    /// Which of its tasks.
    pub kind: TaskKind,
    /// Which of the tasks of that kind, from 0.
    pub position: u32,
    /// The worker that will carry it out.
    pub worker_id: i64,
    /// Until when its holder counts as alive without renewing.
    pub lease_until_at: Timestamp,
}

const SELECT: &str = "SELECT a.*, t.job_id, t.kind, t.position FROM attempts a JOIN tasks t ON t.id = a.task_id";

fn read(row: &Row<'_>) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        id: get(row, "id")?,
        token: unsigned(row, "token")?,
        job_id: get(row, "job_id")?,
        kind: named(row, "kind", TaskKind::parse)?,
        position: get(row, "position")?,
        worker_id: get(row, "worker_id")?,
        worker_name: get(row, "worker_name")?,
        dir: path_from_bytes(get(row, "dir")?)?,
        state: named(row, "state", AttemptState::parse)?,
        lease_until_at: time(row, "lease_until_at")?,
        argv: json_opt(row, "argv")?,
        encoded_by: json_opt(row, "encoded_by")?,
        log_tail: get(row, "log_tail")?,
        started_at: time(row, "started_at")?,
        ended_at: time_opt(row, "ended_at")?,
        paused_us: get(row, "paused_us")?,
        paused_at: time_opt(row, "paused_at")?,
    })
}

impl Reader<'_> {
    /// An attempt.
    pub fn attempt(&self, id: i64) -> Result<Attempt, StoreError> {
        first(self.conn, &format!("{SELECT} WHERE a.id = ?1"), [id], read)?
            .ok_or(StoreError::NotFound { what: "attempt", id })
    }

    /// Attempts that have not ended, of all processes, oldest first.
    pub fn attempts_unfinished(&self) -> Result<Vec<Attempt>, StoreError> {
        let sql = format!("{SELECT} WHERE a.state IN ('submitted', 'running') ORDER BY a.started_at, a.id");
        all(self.conn, &sql, [], read)
    }

    /// All attempts of a job, oldest first.
    pub fn attempts_of_job(&self, job_id: i64) -> Result<Vec<Attempt>, StoreError> {
        all(self.conn, &format!("{SELECT} WHERE t.job_id = ?1 ORDER BY a.id"), [job_id], read)
    }

    /// Directories of attempts whose job is not finished; what lies there may still be needed.
    pub fn attempt_dirs_needed(&self) -> Result<Vec<PathBuf>, StoreError> {
        let sql = "SELECT a.dir FROM attempts a JOIN tasks t ON t.id = a.task_id JOIN jobs j ON j.id = t.job_id
                   WHERE j.status NOT IN ('completed', 'failed', 'cancelled')";
        all(self.conn, sql, [], |row| path_from_bytes(get(row, "dir")?))
    }

    /// What unfinished jobs have on a worker.
    pub fn worker_needs(&self, worker_id: i64) -> Result<WorkerNeeds, StoreError> {
        let attempts = "SELECT a.dir FROM attempts a JOIN tasks t ON t.id = a.task_id JOIN jobs j ON j.id = t.job_id
                        WHERE a.worker_id = ?1 AND a.state IN ('submitted', 'running', 'done')
                        AND j.status NOT IN ('completed', 'failed', 'cancelled')";
        let jobs = "SELECT id FROM jobs WHERE worker_id = ?1 AND status NOT IN ('completed', 'failed', 'cancelled')";
        Ok(WorkerNeeds {
            attempts: all(self.conn, attempts, [worker_id], |row| path_from_bytes(get(row, "dir")?))?,
            jobs: all(self.conn, jobs, [worker_id], |row| get(row, "id"))?,
        })
    }

    /// Unfinished attempts whose job has ended: nobody waits for them any more.
    pub fn attempts_left_over(&self) -> Result<Vec<Attempt>, StoreError> {
        let sql = format!(
            "{SELECT} JOIN jobs j ON j.id = t.job_id WHERE a.state IN ('submitted', 'running')
             AND j.status IN ('completed', 'failed', 'cancelled') ORDER BY a.id"
        );
        all(self.conn, &sql, [], read)
    }

    /// What an attempt ended with, as [`Tx::attempt_finish`] was given it.
    pub fn attempt_outcome<T: DeserializeOwned>(&self, id: i64) -> Result<Option<T>, StoreError> {
        first(self.conn, "SELECT outcome FROM attempts WHERE id = ?1", [id], |row| json_opt(row, "outcome"))?
            .ok_or(StoreError::NotFound { what: "attempt", id })
    }
}

impl Tx<'_> {
    /// Begins an attempt at a task of a job, under a new fencing token; `dir` names its directory by that token. An
    /// unfinished attempt at the same task is superseded.
    pub fn attempt_begin(&self, new: &NewAttempt, dir: impl FnOnce(u64) -> PathBuf) -> Result<Attempt, StoreError> {
        let task_id: i64 = first(
            self.conn,
            "INSERT INTO tasks (job_id, kind, position, state, started_at) VALUES (?1, ?2, ?3, 'running', ?4)
             ON CONFLICT (job_id, kind, position) DO UPDATE SET state = 'running', ended_at = NULL RETURNING id",
            (new.job_id, new.kind.name(), new.position, self.now().0),
            |row| get(row, "id"),
        )?
        .ok_or(StoreError::NotFound { what: "job", id: new.job_id })?;
        run(
            self.conn,
            "UPDATE attempts SET state = 'superseded', ended_at = ?2
             WHERE task_id = ?1 AND state IN ('submitted', 'running')",
            (task_id, self.now().0),
        )?;
        let token = self.fencing_token()?;
        let id = insert(
            self.conn,
            "INSERT INTO attempts (task_id, token, executor, worker_id, worker_name, dir, state, lease_until_at, started_at)
             VALUES (?1, ?2, iif(?3 = 1, 'local', 'ssh'), ?3, (SELECT name FROM workers WHERE id = ?3), ?4, 'submitted',
                     ?5, ?6)",
            (task_id, token.cast_signed(), new.worker_id, path_bytes(&dir(token)), new.lease_until_at.0, self.now().0),
        )?;
        self.attempt(id)
    }

    /// Notes that an attempt runs, with the arguments it was given, as text, and who encodes its pictures. That the CPU does
    /// it instead of hardware is told. `false` when `token` is no longer current.
    pub fn attempt_running(
        &self,
        id: i64,
        token: u64,
        argv: &[String],
        encoded_by: Option<&EncodedBy>,
    ) -> Result<bool, StoreError> {
        let is_current = self.attempt_update(
            "UPDATE attempts SET state = 'running', argv = ?3, encoded_by = ?4
             WHERE id = ?1 AND token = ?2 AND state IN ('submitted', 'running')",
            (
                id,
                token.cast_signed(),
                to_json("command", &argv)?,
                encoded_by.map(|by| to_json("encoder", by)).transpose()?,
            ),
        )?;
        if let (true, Some((by, instead_of))) =
            (is_current, encoded_by.and_then(|by| Some((by, by.instead_of.as_ref()?))))
        {
            self.event(&Event::JobFellBack {
                job_id: self.attempt(id)?.job_id,
                encoder: by.encoder.clone(),
                instead_of: instead_of.what.clone(),
                reason: instead_of.reason.clone(),
            })?;
        }
        Ok(is_current)
    }

    /// Notes that an attempt is held from now on. `false` when `token` is no longer current.
    pub fn attempt_pause(&self, id: i64, token: u64) -> Result<bool, StoreError> {
        self.attempt_update(
            "UPDATE attempts SET paused_at = coalesce(paused_at, ?3)
             WHERE id = ?1 AND token = ?2 AND state IN ('submitted', 'running')",
            (id, token.cast_signed(), self.now().0),
        )
    }

    /// Notes that an attempt goes on, and gives how long it was held in all, in microseconds.
    pub fn attempt_resume(&self, id: i64) -> Result<i64, StoreError> {
        run(
            self.conn,
            "UPDATE attempts SET paused_us = paused_us + ?2 - paused_at, paused_at = NULL
             WHERE id = ?1 AND paused_at IS NOT NULL",
            (id, self.now().0),
        )?;
        Ok(self.attempt(id)?.paused_us)
    }

    /// Prolongs an attempt's lease. `false` when `token` is no longer current.
    pub fn attempt_renew(&self, id: i64, token: u64, lease_until_at: Timestamp) -> Result<bool, StoreError> {
        self.attempt_update(
            "UPDATE attempts SET lease_until_at = ?3
             WHERE id = ?1 AND token = ?2 AND state IN ('submitted', 'running')",
            (id, token.cast_signed(), lease_until_at.0),
        )
    }

    /// Takes over an unfinished attempt whose holder, with `token`, is gone (its lease ran out, or it is known to be
    /// dead): the attempt gets a new token and lease, and goes on in its directory. `None` when somebody else took it
    /// or it ended.
    pub fn attempt_adopt(&self, id: i64, token: u64, lease_until_at: Timestamp) -> Result<Option<Attempt>, StoreError> {
        let new = self.fencing_token()?;
        let adopted = self.attempt_update(
            "UPDATE attempts SET token = ?3, lease_until_at = ?4
             WHERE id = ?1 AND token = ?2 AND state IN ('submitted', 'running')",
            (id, token.cast_signed(), new.cast_signed(), lease_until_at.0),
        )?;
        if adopted { self.attempt(id).map(Some) } else { Ok(None) }
    }

    /// Ends an attempt, and its task with it. `false`, with nothing changed, when `token` is no longer current or the
    /// attempt ended before: the answer came too late.
    pub fn attempt_finish(
        &self,
        id: i64,
        token: u64,
        state: AttemptState,
        outcome: &impl Serialize,
        log_tail: Option<&str>,
    ) -> Result<bool, StoreError> {
        let current = self.attempt_update(
            "UPDATE attempts SET state = ?3, outcome = ?4, log_tail = ?5, ended_at = ?6
             WHERE id = ?1 AND token = ?2 AND state IN ('submitted', 'running')",
            (id, token.cast_signed(), state.name(), to_json("outcome", outcome)?, log_tail, self.now().0),
        )?;
        if current {
            run(
                self.conn,
                "UPDATE tasks SET state = ?2, ended_at = ?3 WHERE id = (SELECT task_id FROM attempts WHERE id = ?1)",
                (id, task_state(state), self.now().0),
            )?;
        }
        Ok(current)
    }

    fn attempt_update(&self, sql: &str, params: impl rusqlite::Params) -> Result<bool, StoreError> {
        Ok(run(self.conn, sql, params)? == 1)
    }
}

const fn task_state(state: AttemptState) -> &'static str {
    match state {
        AttemptState::Submitted | AttemptState::Running => "running",
        AttemptState::Done => "done",
        AttemptState::Cancelled => "cancelled",
        AttemptState::Failed | AttemptState::Superseded => "failed",
    }
}
