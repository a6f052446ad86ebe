//! What is done with servers: tried, measured, set up, asked for a file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PathMappingEntry, WorkerCapabilities};
use crate::wire::{FILE_PATH, Time};

/// What came of calling a server.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ServerTest {
    /// It let us in.
    Reached(ServerReached),
    /// It did not.
    Failed(ServerNotReached),
}

/// A server that let us in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ServerReached {
    /// `success`.
    #[schemars(extend("enum" = ["success"]))]
    pub status: &'static str,
    /// What it is, in a sentence.
    pub message: String,
    /// What it is.
    pub capabilities: WorkerCapabilities,
    /// The host key that it showed, as `ssh-keygen -l` shows it; null for this machine.
    pub host_key_fingerprint: Option<String>,
}

/// A server that did not let us in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ServerNotReached {
    /// `error`.
    #[schemars(extend("enum" = ["error"]))]
    pub status: &'static str,
    /// Why, and what to do.
    pub message: String,
    /// `host_key_changed`, `login_refused`, `key_unusable`, `unreachable`, `secret_lost` or `other`.
    pub problem: &'static str,
}

/// One measurement of a server.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BenchmarkResponse {
    /// Its id.
    pub id: i64,
    /// The server.
    pub worker_server_id: i64,
    /// To it, in Mbit/s.
    pub upload_mbps: Option<f64>,
    /// From it, in Mbit/s.
    pub download_mbps: Option<f64>,
    /// There and back, in milliseconds.
    pub latency_ms: Option<f64>,
    /// Bytes that were sent each way.
    pub test_file_size_bytes: i64,
    /// `running`, `completed` or `failed`.
    pub status: String,
    /// Why it failed.
    pub error_message: Option<String>,
    /// When it began.
    pub started_at: Option<Time>,
    /// When it ended.
    pub completed_at: Option<Time>,
    /// When it began.
    pub created_at: Option<Time>,
    /// All in all, 0 to 100.
    pub performance_score: Option<f64>,
    /// What its encoders gave.
    pub encoders: Vec<EncoderSpeed>,
}

/// How fast an encoder was with the same pictures as everywhere.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EncoderSpeed {
    /// The encoder, as ffmpeg names it.
    pub encoder: String,
    /// Frames a second.
    pub fps: f64,
}

/// Which folder of a server to look into.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ServerFolderQuery {
    /// Absolute path there; its root otherwise.
    #[schemars(regex(pattern = r"^(/([^/\u0000]+/)*[^/\u0000]*)?$"))]
    pub path: Option<String>,
}

/// A file to estimate for.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct EstimateQuery {
    /// Its size.
    #[schemars(range(min = 0))]
    pub file_size_bytes: u64,
    /// How long it lasts.
    #[schemars(range(min = 0))]
    pub duration_ms: u64,
}

/// How long a server would take.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ServerEstimateResponse {
    /// The server.
    pub server_id: i64,
    /// Its name.
    pub server_name: String,
    /// In seconds; null while it has done nothing yet.
    pub estimated_seconds: Option<i64>,
    /// For a person: `~12 min`, or `--`.
    pub estimated_display: String,
    /// How many jobs that rests on.
    pub based_on_jobs: i64,
}

/// A file to look for.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PathToCheck {
    /// Absolute path on this machine.
    #[schemars(regex(pattern = FILE_PATH))]
    pub path: String,
    /// Mappings to be tried instead of those that are kept for the server; those of all servers hold as well.
    #[serde(default)]
    pub path_mappings: Option<Vec<PathMappingEntry>>,
}

/// Whether a file appears on a server.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckedPath {
    /// The file, as it is named here.
    pub path: String,
    /// Where it would lie there; null where no mapping covers it.
    pub mapped_path: Option<String>,
    /// The folder of the mapping that says so.
    pub source_prefix: Option<String>,
    /// Whether a file lies there.
    pub found: bool,
    /// Its size.
    pub size: Option<i64>,
    /// Whether it is the same file, by its size and both of its ends.
    pub same: bool,
    /// All that in a sentence.
    pub message: String,
}

/// How to set a server up.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct ProvisionRequest {
    /// Whether drivers of its graphics card may be installed, where there is one without them.
    #[serde(default)]
    pub install_gpu: bool,
}

/// That a server is being set up.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProvisionTriggerResponse {
    /// `started`.
    pub status: &'static str,
    /// The same for a person.
    pub message: String,
}

/// That a server is being measured.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BenchmarkTriggerResponse {
    /// `started`.
    pub status: &'static str,
    /// The measurement.
    pub benchmark_id: Option<i64>,
    /// The same for a person.
    pub message: String,
}

/// What was said when a server was last set up.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProvisionLog {
    /// The server.
    pub server_id: i64,
    /// The log; null where it was never set up.
    pub log: Option<String>,
}
