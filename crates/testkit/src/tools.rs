//! The ffmpeg that tests run with.

use std::path::PathBuf;

/// ffmpeg and ffprobe of the same build.
#[derive(Debug, Clone)]
pub struct Tools {
    /// The encoder.
    pub ffmpeg: PathBuf,
    /// The prober.
    pub ffprobe: PathBuf,
}

impl Tools {
    /// The full build that `MEDIAFLOW_TEST_FFMPEG` and `MEDIAFLOW_TEST_FFPROBE` name, else the one on `PATH`.
    #[must_use]
    pub fn find() -> Self {
        match (std::env::var_os("MEDIAFLOW_TEST_FFMPEG"), std::env::var_os("MEDIAFLOW_TEST_FFPROBE")) {
            (Some(ffmpeg), Some(ffprobe)) => Self { ffmpeg: ffmpeg.into(), ffprobe: ffprobe.into() },
            _ => Self { ffmpeg: "ffmpeg".into(), ffprobe: "ffprobe".into() },
        }
    }
}
