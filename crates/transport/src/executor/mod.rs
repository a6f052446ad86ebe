//! Programs that outlive us: started under a small detached supervisor, found again after a restart.
//!
//! One attempt is one folder. All that is known about it lies in files there, so that any later process can tell
//! how it stands without having started it:
//!
//! | file | written by | says |
//! | --- | --- | --- |
//! | `spec.json` | submit | the steps to run |
//! | `claim` | the supervisor, or a cancel that came first | who of the two decides what happens |
//! | `state.json` | the supervisor | who it is, which step runs, which child |
//! | `exit.json` | the supervisor, or a cancel in its place | how it ended |
//! | `supervisor.log` | the supervisor | what kept it from working, normally nothing |
//! | `paused` | pause | that nothing of it is to run for now; gone when it may go on |

mod files;
mod identity;
mod local;
mod log;
mod session;
mod step;
mod supervise;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use mediaflow_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ssh::SshError;

pub(crate) use identity::boot_id;
pub use local::LocalExecutor;
pub use supervise::supervise;

/// What to run, one step after another; the first step that does not exit with zero is the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// At least one.
    pub steps: Vec<Step>,
}

/// One program of a [`Spec`]. It starts in the attempt's folder, with nothing on its standard input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// A path, or a bare name to be looked up on `PATH`.
    pub program: OsString,
    /// The arguments after the program's name, each passed on byte for byte.
    pub args: Vec<OsString>,
    /// Files in the attempt's folder that must have content before it is started: what earlier steps were to write.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The file in the attempt's folder that gets standard output; dropped when `None`.
    pub stdout_file: Option<String>,
    /// The file in the attempt's folder that gets standard error: its beginning and its end, 4 MiB at most.
    pub stderr_file: String,
}

/// How an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// Nothing of it has run yet. Only seen when the submitter died while submitting, or by someone who looks
    /// meanwhile; [`Executor::cancel`] makes sure that nothing of it will run.
    NotStarted,
    /// The supervisor lives.
    Running {
        /// The supervisor's process id.
        pid: i32,
        /// Index of the step that runs.
        step: usize,
    },
    /// It came to an end that was written down.
    Exited(Exit),
    /// The supervisor is gone and left no word. Nothing of it runs any more.
    Lost {
        /// What is known about why, for people.
        reason: String,
    },
}

/// The written end of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Index of the last step that ran.
    pub step: usize,
    /// How that step ended.
    pub end: End,
    /// The last 2 kB of its standard error as lossy text, kept even where a full disk left no room for its log.
    pub last_words: String,
    /// When.
    pub ended_at: Timestamp,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Its exit code.
    Code(i32),
    /// The number of the signal that killed it.
    Signal(i32),
    /// It was cancelled.
    Cancelled,
    /// The program could not be started, and why.
    NotStarted(String),
    /// It was not started, because the step before left this file empty or away.
    Lacks(String),
}

/// Where programs run that outlive us.
pub trait Executor: Send + Sync {
    /// Starts `spec` in the folder `dir`, which is made if needed and must not have been submitted to before.
    /// On return the attempt runs, or has already ended.
    fn submit(&self, dir: &Path, spec: &Spec) -> Result<(), ExecutorError>;

    /// Tells how the attempt in `dir` stands. Safe to ask at any time and from any process. Kills what a lost
    /// supervisor left behind.
    fn observe(&self, dir: &Path) -> Result<Observation, ExecutorError>;

    /// Ends the attempt in `dir` within two seconds, with all that it started, also while it is paused. An attempt that
    /// has ended stays as it is.
    fn cancel(&self, dir: &Path) -> Result<(), ExecutorError>;

    /// Holds the attempt in `dir` where it is: its program keeps its memory and its files, and uses no processor. It
    /// stays so across restarts of whoever asked. Safe to call again; for an attempt that has ended nothing changes.
    fn pause(&self, dir: &Path) -> Result<(), ExecutorError>;

    /// Lets a paused attempt go on. Safe to call for one that is not paused.
    fn resume(&self, dir: &Path) -> Result<(), ExecutorError>;

    /// This very program as a step can start it.
    fn own_program(&self) -> io::Result<PathBuf> {
        std::env::current_exe()
    }
}

/// Why an attempt could not be started, looked at or cancelled.
#[derive(Debug, thiserror::Error)]
pub enum ExecutorError {
    /// The folder already holds an attempt.
    #[error("{dir} already holds an attempt; each attempt needs a folder of its own")]
    AlreadySubmitted {
        /// The attempt's folder.
        dir: PathBuf,
    },
    /// The supervisor could not be started.
    #[error("cannot start the supervisor {program}")]
    Start {
        /// The supervisor's program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The supervisor ended before it took over.
    #[error("the supervisor of {dir} ended at once ({status}){}{words}", if words.is_empty() { "" } else { ": " })]
    EndedEarly {
        /// The attempt's folder.
        dir: PathBuf,
        /// Its exit status.
        status: String,
        /// What it wrote to its log.
        words: String,
    },
    /// A file of the attempt could not be read or written.
    #[error("cannot {doing} {path}")]
    File {
        /// Such as `read`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The machine where it runs cannot be asked.
    #[error(transparent)]
    Remote(Box<SshError>),
    /// A file of the attempt holds something else than expected.
    #[error("{path} is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl ExecutorError {
    /// Whether the machine could not be asked at all.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Remote(error) if error.keeps_out())
    }
}
