//! Why there is no ffmpeg to work with.

use std::path::PathBuf;

use mediaflow_transport::machine::WorkingFileError;
use mediaflow_transport::process::ProcessError;
use mediaflow_transport::tools::ToolFileError;

/// Why no usable pair was found, or the found one gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// Nothing usable anywhere.
    #[error(
        "no usable ffmpeg was found{}. Install it (apt-get install ffmpeg, dnf install ffmpeg, brew install ffmpeg), \
         run `mediaflow doctor --install-ffmpeg`, or set FFMPEG_PATH and FFPROBE_PATH",
        tried_text(tried)
    )]
    NotFound {
        /// What was looked at, and what is wrong with each.
        tried: Vec<String>,
    },
    /// Nothing usable on a worker.
    #[error("{worker} has no usable ffmpeg{}. Set it up (Servers, Set up), or install ffmpeg there", tried_text(tried))]
    NotOnWorker {
        /// Its name.
        worker: String,
        /// What was looked at, and what is wrong with each.
        tried: Vec<String>,
    },
    /// The given program has no companion.
    #[error("there is no {name} beside {given}. Set {variable} to the {name} of the same build")]
    NoCompanion {
        /// The program that was given.
        given: PathBuf,
        /// The program that is missing.
        name: &'static str,
        /// The setting that names it.
        variable: &'static str,
    },
    /// The two do not belong together.
    #[error("{ffmpeg} is {ffmpeg_version}, but {ffprobe} is {ffprobe_version}. They must be of the same build")]
    Mismatch {
        /// The encoder.
        ffmpeg: PathBuf,
        /// Its version.
        ffmpeg_version: String,
        /// The prober.
        ffprobe: PathBuf,
        /// Its version.
        ffprobe_version: String,
    },
    /// It runs but is something else, or broken.
    #[error("{program} is not a working ffmpeg: {reason}")]
    NotFfmpeg {
        /// The program.
        program: PathBuf,
        /// What it did instead.
        reason: String,
    },
    /// There is no place for the files of a trial.
    #[error("trying what works needs a folder: {0}")]
    Scratch(#[from] WorkingFileError),
    /// It does not run.
    #[error(transparent)]
    Process(#[from] ProcessError),
}

impl ToolError {
    /// Whether this is no failure but the answer to a cancel.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Process(ProcessError::Cancelled { .. }))
    }

    /// Whether the machine could not be asked at all.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Process(error) => error.is_unreachable(),
            Self::Scratch(error) => error.is_unreachable(),
            _ => false,
        }
    }
}

fn tried_text(tried: &[String]) -> String {
    if tried.is_empty() { String::new() } else { format!(" ({})", tried.join("; ")) }
}

/// Why the managed build could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// Nobody packages it for this machine.
    #[error(
        "there is no ready build of ffmpeg for this machine ({platform}); install ffmpeg with libvmaf yourself and set \
         FFMPEG_PATH and FFPROBE_PATH"
    )]
    NoPackage {
        /// Operating system and processor.
        platform: String,
    },
    /// No Python.
    #[error(
        "installing ffmpeg needs python3 with pip, and there is no python3. Install it (apt-get install python3-pip)"
    )]
    NoPython,
    /// A Python without pip.
    #[error("installing ffmpeg needs pip, which this python3 does not have. Install it (apt-get install python3-pip)")]
    NoPip,
    /// Too little room.
    #[error("installing ffmpeg needs {needed_bytes} bytes in {dir}, but only {free_bytes} are free")]
    NoSpace {
        /// MediaFlow's folder for tools.
        dir: PathBuf,
        /// What is needed while installing.
        needed_bytes: u64,
        /// What there is.
        free_bytes: u64,
    },
    /// The download or the unpacking failed.
    #[error("{what} failed: {words}")]
    Failed {
        /// What was being done.
        what: &'static str,
        /// The last that the program said.
        words: String,
    },
    /// A file could not be handled, or is not the expected one.
    #[error(transparent)]
    File(#[from] ToolFileError),
    /// A program did not run.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// What was installed does not work here.
    #[error("the installed ffmpeg does not work on this machine: {0}")]
    Unusable(#[from] ToolError),
}
