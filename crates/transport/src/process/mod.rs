//! Attached programs: started from an argument vector, read while they run, and never outliving their caller.
//!
//! Each program leads its own process group, and the whole group is killed when the call ends for whatever
//! reason, so that what the program started does not stay behind.

mod child;
mod lines;
mod priority;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use crate::cancel::Cancel;
use crate::machine::{Machine, ThisMachine};
use crate::ssh::SshError;
use child::Running;
pub(crate) use lines::{LineSplitter, Tail};
pub use priority::renounce_real_time;

/// What [`run`] holds of standard output at most; a program that says more is stopped with an error.
pub const MAX_STDOUT_BYTES: usize = 64 * 1024 * 1024;

/// How much of the end of standard error is kept. ab-av1 keeps the same and finds it enough for any diagnosis.
pub const STDERR_TAIL_BYTES: usize = 32 * 1024;

/// One program with its arguments. There is no shell: each argument arrives byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// A path, or a bare name to be looked up on `PATH`.
    pub program: PathBuf,
    /// The arguments after the program's name.
    pub args: Vec<OsString>,
    /// The folder to start in; ours when `None`.
    pub cwd: Option<PathBuf>,
}

impl Invocation {
    /// A program started in the current folder.
    pub fn new<A: Into<OsString>>(program: impl Into<PathBuf>, args: impl IntoIterator<Item = A>) -> Self {
        Self { program: program.into(), args: args.into_iter().map(Into::into).collect(), cwd: None }
    }

    /// The same, started in `cwd`.
    #[must_use]
    pub fn in_dir(mut self, cwd: impl Into<PathBuf>) -> Self {
        self.cwd = Some(cwd.into());
        self
    }
}

/// How a program ended whose standard output was streamed. A non-zero exit is an answer, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The exit code.
    pub exit_code: i32,
    /// The last lines of standard error, as lossy text, without empty ones; at most [`STDERR_TAIL_BYTES`].
    pub stderr_lines: Vec<String>,
    /// How many non-empty lines standard error had in all.
    pub stderr_line_count: u64,
}

impl Finished {
    /// Whether the exit code is zero.
    #[must_use]
    pub fn success(&self) -> bool {
        self.exit_code == 0
    }
}

/// How a program ended, with all of its standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Exit code and standard error.
    pub finished: Finished,
    /// All of standard output, at most [`MAX_STDOUT_BYTES`].
    pub stdout: Vec<u8>,
}

impl Output {
    /// Whether the exit code is zero.
    #[must_use]
    pub fn success(&self) -> bool {
        self.finished.success()
    }

    /// Standard output as lossy text.
    #[must_use]
    pub fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// Why a program gave no exit code.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// No such program.
    #[error("cannot start {program}: there is no such program. Install it, or give the path where it lies")]
    NotFound {
        /// As it was asked for.
        program: PathBuf,
    },
    /// The folder to start in is missing.
    #[error("cannot start {program}: its working folder {cwd} does not exist")]
    NoFolder {
        /// As it was asked for.
        program: PathBuf,
        /// The missing folder.
        cwd: PathBuf,
    },
    /// It lies there but may not be run.
    #[error(
        "cannot start {program}: permission denied. Make it executable for this user (chmod +x), or check the mount for noexec"
    )]
    Permission {
        /// As it was asked for.
        program: PathBuf,
    },
    /// Any other failure to start or to read from it.
    #[error("cannot run {program}")]
    Io {
        /// As it was asked for.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The machine on which it was to run, or ran, cannot be reached.
    #[error("cannot run {program}: {source}")]
    Remote {
        /// As it was asked for.
        program: PathBuf,
        /// Why.
        source: Box<SshError>,
    },
    /// Something killed it. Signal 9 is often the kernel, out of memory.
    #[error("{program} was killed by signal {signal}{}", killed_hint(*signal))]
    Killed {
        /// As it was asked for.
        program: PathBuf,
        /// The signal's number.
        signal: i32,
        /// As in [`Finished::stderr_lines`].
        stderr_lines: Vec<String>,
    },
    /// It was stopped because its caller's [`Cancel`] was asked.
    #[error("{program} was stopped as asked")]
    Cancelled {
        /// As it was asked for.
        program: PathBuf,
    },
    /// It was stopped because the caller's time limit passed.
    #[error("{program} gave no end within its time limit and was stopped")]
    OutOfTime {
        /// As it was asked for.
        program: PathBuf,
    },
    /// It was stopped because it wrote more to standard output than is ever expected.
    #[error("{program} wrote more than {MAX_STDOUT_BYTES} bytes to its standard output and was stopped")]
    TooMuchOutput {
        /// As it was asked for.
        program: PathBuf,
    },
}

impl ProcessError {
    /// Whether the machine where it was to run could not be asked at all.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Remote { source, .. } if source.keeps_out())
    }
}

fn killed_hint(signal: i32) -> &'static str {
    match signal {
        9 => " (by hand, or by the system because memory ran out)",
        _ => "",
    }
}

/// Runs a program on this machine to its end and returns what it said.
pub fn run(invocation: &Invocation, cancel: &Cancel) -> Result<Output, ProcessError> {
    ThisMachine.run(invocation, cancel)
}

/// Runs a program to its end. `on_stdout` returns false to stop one that says too much.
pub(crate) fn pump(
    invocation: &Invocation,
    cancel: &Cancel,
    on_stdout: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<Finished, ProcessError> {
    let program = || invocation.program.clone();
    let mut stderr = Tail::new(STDERR_TAIL_BYTES);
    let mut running = Running::start(invocation)?;
    let status = running.read_to_end(cancel, on_stdout, &mut |chunk| stderr.push(chunk))?;
    let (stderr_lines, stderr_line_count) = stderr.finish();
    match (status.code(), std::os::unix::process::ExitStatusExt::signal(&status)) {
        (Some(exit_code), _) => Ok(Finished { exit_code, stderr_lines, stderr_line_count }),
        (None, signal) => Err(ProcessError::Killed { program: program(), signal: signal.unwrap_or(0), stderr_lines }),
    }
}
