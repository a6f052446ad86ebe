//! The server itself: health, background tasks, logs, diagnostics.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Time;

/// The server answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
    /// `healthy`.
    pub status: &'static str,
    /// `MediaFlow API`, by which clients know the server.
    pub service: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// A background task.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// `idle`, `running`, `waiting`, `failed` or `stopped`.
    pub state: String,
    /// What it does just now.
    pub detail: Option<String>,
    /// When it last began something.
    pub last_started_at: Option<Time>,
    /// When that ended.
    pub last_ended_at: Option<Time>,
    /// Why it last failed.
    pub last_error: Option<String>,
    /// When it runs next.
    pub next_run_at: Option<Time>,
}

/// Which lines of the log.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct LogQuery {
    /// Exactly this level: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
    pub level: Option<String>,
    /// Part of the name of what wrote it.
    pub logger_name: Option<String>,
    /// At most 2000; 500 otherwise.
    #[schemars(range(min = 1, max = 2000))]
    pub limit: Option<i64>,
    /// Leave out so many.
    #[schemars(range(min = 0))]
    pub offset: Option<i64>,
}

/// Lines of the log, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LogPage {
    /// The lines.
    pub items: Vec<LogEntry>,
    /// Lines on all pages.
    pub total: i64,
}

/// One line of the log.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LogEntry {
    /// When.
    pub timestamp: Time,
    /// How bad.
    pub level: String,
    /// What wrote it.
    pub logger: String,
    /// What it says.
    pub message: String,
}

/// What one is asked for when something is wrong.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Diagnostics {
    /// The machine.
    pub system: DiagSystem,
    /// The program.
    pub app: DiagApp,
    /// The ffmpeg in use.
    pub ffmpeg: DiagTools,
}

/// The machine.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DiagSystem {
    /// Operating system.
    pub platform: String,
    /// Empty: there is no Python here. The contract has the field.
    pub python_version: String,
    /// Processor.
    pub architecture: String,
    /// Its name.
    pub hostname: String,
}

/// The program.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DiagApp {
    /// Its version.
    pub version: String,
    /// Its process.
    pub pid: i64,
    /// Seconds since it started.
    pub uptime_seconds: Option<f64>,
    /// Size of the database in bytes.
    pub db_size_bytes: i64,
    /// The work folder.
    pub cache_dir: String,
    /// What lies in it, in bytes.
    pub cache_size_bytes: i64,
    /// Files in it.
    pub cache_files: i64,
    /// Lines of the log that are kept.
    pub log_buffer_size: i64,
    /// Lines of the log that are kept at most.
    pub log_buffer_capacity: i64,
    /// Where everything of ours lies.
    pub data_dir: String,
}

/// The ffmpeg in use.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DiagTools {
    /// Where it lies.
    pub path: String,
    /// How it names itself.
    pub version: String,
    /// Whether quality is measured by VMAF; by SSIM otherwise.
    pub has_vmaf: bool,
}
