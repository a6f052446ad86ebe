//! What can go wrong with the database, in words a user can act on.

use std::path::{Path, PathBuf};

use mediaflow_core::job::StatusError;
use mediaflow_core::path::PathError;
use mediaflow_core::replace::ReplacementId;
use rusqlite::ErrorCode;

/// A failed use of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or the file could not be made.
    #[error("cannot create the database {}: {source}; check that the folder is there and writable", path.display())]
    Create {
        /// The database, or its folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{} is not a MediaFlow database ({found}); it was left untouched: point DATABASE_URL at another file", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What it holds instead.
        found: &'static str,
    },
    /// A newer program wrote it.
    #[error(
        "the database {} was written by a newer MediaFlow (schema {found}, this program knows {known}): update MediaFlow, \
         or use another data directory", path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema's number.
        found: u32,
        /// The highest that this program knows.
        known: u32,
    },
    /// The caller gave it up before its end.
    #[error("it was given up before its end, and nothing of it was written")]
    GivenUp,
    /// Another process held the write lock for longer than any of ours does.
    #[error(
        "another program has kept the database {} to itself for {} seconds: close it and try again", path.display(),
        crate::open::BUSY_TIMEOUT.as_secs()
    )]
    Busy {
        /// The database.
        path: PathBuf,
    },
    /// No space for the database.
    #[error("the disk that holds the database {} is full: free some space and try again", path.display())]
    DiskFull {
        /// The database.
        path: PathBuf,
    },
    /// Any other failure of the database.
    #[error("the database {} failed: {source}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A statement failed; becomes one of the above on its way out of [`crate::Store`].
    #[error("{0}")]
    Sql(#[from] rusqlite::Error),
    /// A row holds what this program cannot read.
    #[error("the database holds a {column} that cannot be read ({problem}); it is damaged or was edited by hand")]
    Unreadable {
        /// The column.
        column: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A value could not be written as JSON.
    #[error("a {what} cannot be stored: {source}")]
    Unstorable {
        /// The value.
        what: &'static str,
        /// Why not.
        source: serde_json::Error,
    },
    /// There is no such row.
    #[error("there is no {what} {id}")]
    NotFound {
        /// The noun.
        what: &'static str,
        /// Its id.
        id: i64,
    },
    /// A job was to take a step that it may not take.
    #[error("job {job_id}: {source}")]
    Step {
        /// The job.
        job_id: i64,
        /// Which step.
        source: StatusError,
    },
    /// A dry run was to be worked on.
    #[error("job {job_id} was a dry run and is never carried out; queue its file instead")]
    DryRun {
        /// The job.
        job_id: i64,
    },
    /// What comes with the program cannot be changed.
    #[error("the preset {name:?} comes with MediaFlow and cannot be changed or deleted; make one of your own from it")]
    BuiltIn {
        /// The preset.
        name: String,
    },
    /// The file already has a job that is not finished.
    #[error("this file is already in the queue as job {job_id}")]
    AlreadyQueued {
        /// The unfinished job.
        job_id: i64,
    },
    /// A row is no longer as the caller saw it.
    #[error("{what} {id} was changed meanwhile; look again")]
    Changed {
        /// The noun.
        what: &'static str,
        /// Its id.
        id: i64,
    },
    /// A file is being replaced, or its replacement taken back, by somebody else.
    #[error("another replacement of {path} is under way: wait until it is over")]
    UnderWay {
        /// The path, as lossy text.
        path: String,
    },
    /// An original cannot be brought back any more, or somebody else is at it.
    #[error("the original of replacement {id} is not waiting in quarantine")]
    NotHeld {
        /// The replacement.
        id: ReplacementId,
    },
    /// The key of our secrets cannot be read or made.
    #[error("cannot use {key}: {source}; it holds the key that passwords are sealed with")]
    SecretKey {
        /// Where the key comes from.
        key: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A secret was sealed with another key.
    #[error(
        "the {what} of {worker} cannot be read any more: it was sealed with another key than the one in {key}. Enter \
         the {what} of {worker} again, or bring that key back from a backup"
    )]
    SecretLost {
        /// What it is.
        what: &'static str,
        /// The worker's name.
        worker: String,
        /// Where the key comes from.
        key: String,
    },
    /// A worker has jobs in hand.
    #[error(
        "{worker} works on {jobs} now: cancel {them}, or disable {worker} and wait until nothing runs there, then remove it",
        jobs = mediaflow_core::text::count(*jobs, "job"), them = if *jobs == 1 { "it" } else { "them" }
    )]
    WorkerBusy {
        /// The worker's name.
        worker: String,
        /// How many jobs it has in hand.
        jobs: u64,
    },
    /// Files of the user on a worker would be out of reach without it.
    #[error(
        "{worker} has {of_libraries} on it{and_originals}: remove the libraries first, and bring the originals back or wait \
         until their time in quarantine has ended",
        of_libraries = if *libraries == 1 { "1 library".to_owned() } else { format!("{libraries} libraries") },
        and_originals = match originals {
            0 => String::new(),
            originals => format!(" and {} in quarantine", mediaflow_core::text::count(*originals, "replaced original")),
        }
    )]
    WorkerHasFiles {
        /// The worker's name.
        worker: String,
        /// How many libraries lie on it.
        libraries: u64,
        /// How many originals its quarantine holds.
        originals: u64,
    },
    /// This machine cannot be taken out of its own list.
    #[error("this machine cannot be removed; disable it to have other machines do all jobs")]
    LocalWorker,
    /// A name or path belongs to another row.
    #[error("{what} {name:?} is taken")]
    Taken {
        /// The noun.
        what: &'static str,
        /// The name, as lossy text.
        name: String,
    },
}

impl StoreError {
    /// Names the database and what can be done where only SQLite's own words were known.
    pub(crate) fn at(self, path: &Path) -> Self {
        let Self::Sql(source) = self else { return self };
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            Some(ErrorCode::NotADatabase) => Self::NotOurs { path, found: "it is not an SQLite file" },
            _ => Self::Database { path, source },
        }
    }
}

impl From<PathError> for StoreError {
    fn from(error: PathError) -> Self {
        Self::Unreadable { column: "path".to_owned(), problem: error.to_string() }
    }
}
