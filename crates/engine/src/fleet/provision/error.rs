//! Why a worker could not be set up, and what to do.

use std::path::PathBuf;

use mediaflow_core::text::bytes;
use mediaflow_transport::machine::WorkingFileError;
use mediaflow_transport::process::ProcessError;
use mediaflow_transport::ssh::{SshError, TransferError};
use mediaflow_transport::vitals::NoPackages;

use crate::fleet::FleetError;
use crate::toolchain::ToolError;

/// Why a worker could not be set up, and what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum SetupError {
    /// It cannot be reached.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// It was lost, or could not do something.
    #[error(transparent)]
    Ssh(#[from] SshError),
    /// A program could not be brought.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// A program there could not be run.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A working file there.
    #[error(transparent)]
    File(#[from] WorkingFileError),
    /// A pair of programs could not be tried.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// Nothing can be installed there.
    #[error(transparent)]
    Packages(#[from] NoPackages),
    /// A package manager failed.
    #[error("`{command}` failed with code {code}: {last}")]
    Install {
        /// What was run.
        command: String,
        /// How it ended.
        code: i32,
        /// The last thing that it said.
        last: String,
    },
    /// Even the basics are missing.
    #[error("it lacks {what}: install that there, and set it up again")]
    Lacks {
        /// The programs.
        what: String,
    },
    /// There is no room.
    #[error("only {} are free in {}: make room there, or choose another working directory", bytes(*free_bytes), folder.display())]
    NoSpace {
        /// The working folder.
        folder: PathBuf,
        /// What is free.
        free_bytes: u64,
    },
    /// None of the ways to an ffmpeg worked.
    #[error("no usable ffmpeg: {}. Install a full build of ffmpeg there (with x264, x265, SVT-AV1 and Opus), and set it up again", tried.join("; "))]
    NoFfmpeg {
        /// What was tried, and what was wrong with each.
        tried: Vec<String>,
    },
}

impl SetupError {
    /// Whether nothing else needs to be tried: the machine is gone, or nobody wants it any more.
    pub(super) fn is_unreachable(&self) -> bool {
        match self {
            Self::Fleet(_) => true,
            Self::Ssh(error) | Self::Transfer(TransferError::Remote(error)) => is_gone(error),
            Self::Process(error) => error.is_unreachable() || matches!(error, ProcessError::Cancelled { .. }),
            Self::Tool(error) => error.is_unreachable() || error.is_cancelled(),
            Self::File(error) => error.is_unreachable(),
            Self::Transfer(_)
            | Self::Packages(_)
            | Self::Install { .. }
            | Self::Lacks { .. }
            | Self::NoSpace { .. }
            | Self::NoFfmpeg { .. } => false,
        }
    }
}

const fn is_gone(error: &SshError) -> bool {
    error.may_pass() || matches!(error, SshError::Cancelled)
}
