//! Which encoders work on this machine. A compiled-in encoder proves nothing: only a real encode does.

use std::time::Duration;

use mediaflow_ffmpeg::build::{failure_reason, test_encode_args};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::process::{Invocation, ProcessError, run};
use serde::{Deserialize, Serialize};

use super::{ToolError, Toolchain};

/// All that a plan may ask for, software before hardware.
pub const ENCODERS: [&str; 13] = [
    "libx264",
    "libx265",
    "libsvtav1",
    "h264_nvenc",
    "hevc_nvenc",
    "av1_nvenc",
    "hevc_qsv",
    "hevc_vaapi",
    "hevc_videotoolbox",
    "aac",
    "libopus",
    "ac3",
    "eac3",
];

/// One second takes well under a second; a driver that hangs takes for ever.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What a real encode of one second showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncoderReport {
    /// ffmpeg's name for it.
    pub name: String,
    /// Whether the encode came to its end.
    pub works: bool,
    /// Whether it also works with 10 bits a sample; never for audio.
    pub ten_bit: bool,
    /// Why it does not work, for people.
    pub reason: Option<String>,
}

impl Toolchain {
    /// What is known about all [`ENCODERS`], tried now if it was not since this machine started.
    pub fn encoders(&self, cancel: &Cancel) -> Result<Vec<EncoderReport>, ToolError> {
        match self.cache.encoders(&self.stamp) {
            Some(known) => Ok(known),
            None => self.try_encoders(cancel),
        }
    }

    /// Tries all [`ENCODERS`] now, and remembers how it went.
    pub fn try_encoders(&self, cancel: &Cancel) -> Result<Vec<EncoderReport>, ToolError> {
        let reports: Vec<EncoderReport> =
            ENCODERS.iter().map(|name| self.try_encoder(name, cancel)).collect::<Result<_, _>>()?;
        self.cache.remember(&self.stamp, &self.build, &reports);
        Ok(reports)
    }

    /// Tries one encoder now, by ffmpeg's name for it.
    pub fn try_encoder(&self, name: &str, cancel: &Cancel) -> Result<EncoderReport, ToolError> {
        let reason = self.failure(name, false, cancel)?;
        let is_video = !matches!(name, "aac" | "libopus" | "ac3" | "eac3");
        let ten_bit = is_video && reason.is_none() && self.failure(name, true, cancel)?.is_none();
        Ok(EncoderReport { name: name.to_owned(), works: reason.is_none(), ten_bit, reason })
    }

    /// `None` when the encode worked.
    fn failure(&self, encoder: &str, ten_bit: bool, cancel: &Cancel) -> Result<Option<String>, ToolError> {
        let invocation = Invocation::new(&self.ffmpeg, test_encode_args(encoder, ten_bit));
        match run(&invocation, &cancel.with_time_limit(TIME_LIMIT)) {
            Ok(output) if output.success() => Ok(None),
            Ok(output) => Ok(Some(failure_reason(&output.finished.stderr_lines))),
            // A driver may crash or hang the program; that is an answer about the encoder.
            Err(error @ (ProcessError::Killed { .. } | ProcessError::OutOfTime { .. })) => Ok(Some(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }
}
