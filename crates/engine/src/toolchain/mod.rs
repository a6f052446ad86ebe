//! Which ffmpeg to use, what it can do on this machine, and how to get a better one.

mod cache;
mod devices;
mod discover;
mod encoders;
mod error;
mod managed;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use mediaflow_ffmpeg::build::Build;
use mediaflow_transport::machine::Machine;
use serde::Serialize;

use cache::Cache;
pub use devices::Devices;
pub use encoders::{DecoderReport, EncoderReport, Trials};
pub use error::{InstallError, ToolError};
pub use managed::{Installed, install_managed, offers_managed};

/// Where to look for ffmpeg.
#[derive(Debug, Clone, Default)]
pub struct ToolOptions {
    /// `FFMPEG_PATH`: then only this one counts.
    pub ffmpeg: Option<PathBuf>,
    /// `FFPROBE_PATH`; when only one of the two is given, the other is the one beside it.
    pub ffprobe: Option<PathBuf>,
    /// MediaFlow's data directory, which holds the managed build and remembers what builds can do.
    pub data_dir: PathBuf,
}

/// Who put a pair of programs there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Named in the configuration.
    Given,
    /// Found on `PATH`.
    Path,
    /// Installed by MediaFlow into its data directory.
    Managed,
    /// Found on the worker where it runs.
    Worker,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given => "given by FFMPEG_PATH",
            Self::Path => "found on PATH",
            Self::Managed => "installed by MediaFlow",
            Self::Worker => "found on the worker",
        })
    }
}

/// The chosen pair of ffmpeg and ffprobe, of the same build.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// The encoder.
    pub ffmpeg: PathBuf,
    /// The prober.
    pub ffprobe: PathBuf,
    /// What is compiled into it.
    pub build: Build,
    /// Who put it there.
    pub origin: Origin,
    /// Where both lie and run.
    pub machine: Arc<dyn Machine>,
    cache: Cache,
    stamp: String,
    /// Where trials have their files, on that machine.
    scratch: PathBuf,
}

impl Toolchain {
    /// The version as both print it.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.build.version
    }

    /// Whether it can measure VMAF.
    #[must_use]
    pub fn has_vmaf(&self) -> bool {
        self.build.has_vmaf()
    }
}
