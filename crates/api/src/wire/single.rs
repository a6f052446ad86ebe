//! Single files outside of any library: looked into, foretold, transcoded beside their originals, sent and fetched.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::jobs::{DryRunResponse, JobConfig, TranscodeJobResponse};
use super::media::StreamDetail;
use super::tuning::JobTuning;
use super::{FILE_PATH, Time};

/// A file to look into.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ProbeRequest {
    /// Absolute path on the server's machine; this or an upload.
    #[schemars(regex(pattern = FILE_PATH))]
    #[serde(default)]
    pub file_path: Option<String>,
    /// A file that came through the browser.
    #[serde(default)]
    pub upload_id: Option<String>,
}

/// What is in a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProbeResponse {
    /// The file; of an upload, its name.
    pub file_path: String,
    /// Its size in bytes.
    pub file_size: i64,
    /// How long it lasts, in seconds.
    pub duration_seconds: f64,
    /// Video codec.
    pub video_codec: Option<String>,
    /// Resolution tier.
    pub resolution: Option<String>,
    /// Overall bitrate in kbit/s.
    pub bitrate: Option<i64>,
    /// Codec of the first audio track.
    pub audio_codec: Option<String>,
    /// Its channels.
    pub audio_channels: Option<i64>,
    /// Container.
    pub container: String,
    /// Width of the picture as shown.
    pub width: Option<i64>,
    /// Height of the picture as shown.
    pub height: Option<i64>,
    /// HDR format; null for SDR.
    pub hdr_format: Option<String>,
    /// Chapters in it.
    pub chapters: i64,
    /// All streams, in the file's order.
    pub streams: Vec<StreamDetail>,
}

/// A single file to be transcoded beside its original.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ManualTranscodeRequest {
    /// Absolute path on the server's machine; this or an upload.
    #[schemars(regex(pattern = FILE_PATH))]
    #[serde(default)]
    pub file_path: Option<String>,
    /// A file that came through the browser.
    #[serde(default)]
    pub upload_id: Option<String>,
    /// Its size, as the client saw it; a file of another size is refused.
    #[serde(default)]
    pub file_size: Option<i64>,
    /// Laid over the preset.
    #[serde(default, deserialize_with = "super::json::maybe_object")]
    pub config: Option<JobConfig>,
    /// The preset.
    #[serde(default)]
    pub preset_id: Option<i64>,
    /// Higher goes first.
    #[serde(default = "manual_priority")]
    pub priority: i64,
    /// The server that is to have it, if it can; any otherwise.
    #[serde(default)]
    pub preferred_worker_id: Option<i64>,
}

/// The contract's default.
const fn manual_priority() -> i64 {
    10
}

/// A single file to be tried without doing it.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ManualDryRunRequest {
    /// Absolute path on the server's machine; this or an upload.
    #[schemars(regex(pattern = FILE_PATH))]
    #[serde(default)]
    pub file_path: Option<String>,
    /// A file that came through the browser.
    #[serde(default)]
    pub upload_id: Option<String>,
    /// Laid over the preset.
    #[serde(default, deserialize_with = "super::json::maybe_object")]
    pub config: Option<JobConfig>,
    /// The preset.
    #[serde(default)]
    pub preset_id: Option<i64>,
}

/// What would happen to a single file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ManualDryRun {
    /// Name that the output would have now.
    pub output_name: String,
    /// The rest.
    pub run: DryRunResponse,
}

/// A job whose output lies beside its source.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ManualJob {
    /// The job.
    pub job: TranscodeJobResponse,
    /// The upload that it works on, while that is there.
    pub upload_id: Option<String>,
    /// Name of its output, while that can be fetched.
    pub output_name: Option<String>,
}

/// What a file to be sent is called.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct UploadQuery {
    /// Its name with its ending; what stands before the last slash does not count.
    #[schemars(regex(pattern = r"\.[A-Za-z0-9-]+\s*\.*\s*$"))]
    pub name: String,
}

/// A file that came through the browser.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UploadInfo {
    /// Its id.
    pub id: String,
    /// Its name here.
    pub name: String,
    /// Its size in bytes.
    pub size: i64,
    /// Since when it is there.
    pub created_at: Time,
}

/// All files that came through the browser.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UploadList {
    /// Newest first.
    pub items: Vec<UploadInfo>,
    /// How large a further one may be now, in bytes.
    pub room: i64,
}

/// What is to be told of one job beyond its row.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobReport {
    /// The job.
    pub job_id: i64,
    /// Every step that was taken, in the order in which they began.
    pub steps: Vec<JobStep>,
    /// What is in the source.
    pub source: Option<ProbeResponse>,
    /// What is in the output, once it was measured.
    pub output: Option<ProbeResponse>,
    /// The CRF that it found; null where the plan's was taken.
    pub tuning: Option<JobTuning>,
    /// The pictures that can be shown.
    pub stills: JobStills,
}

/// One step of a job.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobStep {
    /// `reading`, `trying CRFs`, `encoding`, `proving` or `replacing`.
    pub stage: String,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// How long it took, in seconds, without the time that it was held.
    pub seconds: Option<f64>,
    /// How long it was held, in seconds.
    pub held_seconds: f64,
    /// How it ended, where that is not well.
    pub trouble: Option<String>,
}

/// The pictures that can be shown of a job's film.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobStills {
    /// Times inside the film, in seconds, that make a good choice.
    pub at_seconds: Vec<f64>,
    /// Why there is none of the source; null where there is one.
    pub no_before: Option<String>,
    /// Why there is none of the output; null where there is one.
    pub no_after: Option<String>,
}

/// Which picture.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct StillQuery {
    /// How far into the film, in seconds.
    #[schemars(range(min = 0))]
    pub at_seconds: f64,
}
