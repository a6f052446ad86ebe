//! Jobs that wait for something else than their turn: for an instant, or for a folder that is not there. The index of the
//! dispatcher's choice holds neither.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use mediaflow_core::event::Event;
use mediaflow_core::job::JobStatus;
use mediaflow_core::path::RelPath;
use mediaflow_core::time::Timestamp;

use crate::error::StoreError;
use crate::jobs::TIMED;
use crate::row::{all, first, get, run, unsigned};
use crate::store::{Reader, Tx};

/// A folder that is not there.
#[derive(Debug, Clone, Copy)]
pub struct AwayFolder<'a> {
    /// The folder, as the operating system takes it.
    pub folder: &'a Path,
    /// Its storage.
    pub storage_id: i64,
    /// Where it lies there; `None` for the storage's root.
    pub below: Option<&'a RelPath>,
    /// Why it cannot be worked in, for a person.
    pub reason: &'a str,
}

/// A folder that queued jobs wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitedFolder {
    /// Its storage: two machines may have folders of the same name.
    pub storage_id: i64,
    /// The folder, as the operating system takes it.
    pub folder: PathBuf,
    /// One of the jobs that wait for it.
    pub job_id: i64,
}

/// Queued jobs that wait for something else than their turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueWaits {
    /// Those that wait for an instant.
    pub timed: u64,
    /// Those that wait for a folder.
    pub away: u64,
}

/// How many jobs get their turn back in one transaction, so that no writer waits long for them.
const DUE_AT_ONCE: u32 = 5_000;

impl Reader<'_> {
    /// Folders that queued jobs wait for.
    pub fn folders_away(&self) -> Result<Vec<AwaitedFolder>, StoreError> {
        let sql = "SELECT storage_id, away_folder, min(id) AS id FROM jobs WHERE away_folder IS NOT NULL
                   GROUP BY away_folder, storage_id";
        all(self.conn, sql, [], |row| {
            let folder: Vec<u8> = get(row, "away_folder")?;
            let folder = PathBuf::from(OsStr::from_bytes(&folder));
            Ok(AwaitedFolder { storage_id: get(row, "storage_id")?, folder, job_id: get(row, "id")? })
        })
    }

    /// The first instant that a queued job waits for.
    pub fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = format!("SELECT min(not_before_at) AS at FROM {TIMED}");
        Ok(first(self.conn, &sql, [], |row| get::<Option<i64>>(row, "at"))?.flatten().map(Timestamp))
    }

    /// What queued jobs wait for besides their turn.
    pub fn queue_waits(&self) -> Result<QueueWaits, StoreError> {
        let sql = format!(
            "SELECT (SELECT count(*) FROM {TIMED}) AS timed,
             (SELECT count(*) FROM jobs WHERE away_folder IS NOT NULL) AS away"
        );
        let waits = first(self.conn, &sql, [], |row| {
            Ok(QueueWaits { timed: unsigned(row, "timed")?, away: unsigned(row, "away")? })
        })?;
        Ok(waits.unwrap_or_default())
    }
}

impl Tx<'_> {
    /// A job that runs, or whose turn it is, stands in the queue and waits for its folder: it keeps its attempts and its reserved space.
    /// Whoever begins it next takes the reason away.
    ///
    /// # Errors
    /// [`StoreError::Step`] for one that has ended, is held, or has a replacement under way.
    pub fn job_wait(&self, id: i64, folder: &Path, reason: &str) -> Result<(), StoreError> {
        if self.job(id)?.status != JobStatus::Queued {
            self.checked_step(id, JobStatus::Queued)?;
        }
        let sql = "UPDATE jobs SET away_folder = ?2 WHERE id = ?1";
        run(self.conn, sql, (id, folder.as_os_str().as_bytes()))?;
        self.job_note(id, JobStatus::Queued, Some(reason)).map(drop)
    }

    /// All queued jobs whose files lie in a folder, and in no library's own folder further down, wait for it; gives how
    /// many were not known to do so.
    pub fn jobs_wait_for(&self, away: &AwayFolder<'_>) -> Result<usize, StoreError> {
        let below = away.below.map(RelPath::as_bytes).unwrap_or_default();
        let news = run(
            self.conn,
            "UPDATE jobs SET away_folder = ?1, reason = ?2, row_version = row_version + 1
             WHERE status = 'queued' AND away_folder IS NULL AND storage_id = ?3
             AND (?4 = x'' OR (path >= CAST(?4 || '/' AS BLOB) AND path < CAST(?4 || '0' AS BLOB)))
             AND NOT EXISTS (
                 SELECT 1 FROM libraries l WHERE l.storage_id = ?3 AND length(l.folder) > length(?4)
                 AND jobs.path >= CAST(l.folder || '/' AS BLOB) AND jobs.path < CAST(l.folder || '0' AS BLOB))",
            (away.folder.as_os_str().as_bytes(), away.reason, away.storage_id, below),
        )?;
        if news > 0 {
            let folder = away.folder.display().to_string();
            let (jobs, reason) = (news as u64, Some(away.reason.to_owned()));
            self.event(&Event::QueueFolderAway { folder, jobs, reason })?;
        }
        Ok(news)
    }

    /// A folder is there again: whatever waited for it only waits for its turn. Gives how many did.
    pub fn folder_is_back(&self, storage_id: i64, folder: &Path) -> Result<usize, StoreError> {
        let sql = "UPDATE jobs SET away_folder = NULL, reason = NULL, row_version = row_version + 1
                   WHERE away_folder = ?1 AND storage_id = ?2";
        let back = run(self.conn, sql, (folder.as_os_str().as_bytes(), storage_id))?;
        if back > 0 {
            let folder = folder.display().to_string();
            self.event(&Event::QueueFolderAway { folder, jobs: back as u64, reason: None })?;
        }
        Ok(back)
    }

    /// Gives jobs whose instant has come back to their turn, those that were due first before others; `false` when there
    /// may be more of them.
    pub fn jobs_due(&self) -> Result<bool, StoreError> {
        let sql = format!(
            "UPDATE jobs SET not_before_at = NULL, row_version = row_version + 1 WHERE id IN (
                 SELECT id FROM {TIMED} AND not_before_at <= ?1 ORDER BY not_before_at LIMIT ?2)"
        );
        Ok(run(self.conn, &sql, (self.now().0, DUE_AT_ONCE))? < DUE_AT_ONCE as usize)
    }

    /// Notes what a job waits for that stays where it stands, or that it waits no more; `false` when that is known already.
    pub fn job_stays(&self, id: i64, reason: Option<&str>) -> Result<bool, StoreError> {
        self.job_note(id, self.job(id)?.status, reason)
    }

    /// Notes why a job that could be begun is not: no worker takes it now.
    pub fn job_waits_for_worker(&self, id: i64, reason: &str) -> Result<bool, StoreError> {
        if self.job_is_ready(id)? { self.job_note(id, JobStatus::Queued, Some(reason)) } else { Ok(false) }
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
