//! Workers, which the contract calls servers: what is asked for, and how they stand.

mod around;

use mediaflow_core::worker::{Capabilities, PathMapping};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FOLDER_PATH, ONE_LINE, Time, gibibytes};

pub use around::{
    BenchmarkResponse, BenchmarkTriggerResponse, CheckedPath, EncoderSpeed, EstimateQuery, PathToCheck, ProvisionLog,
    ProvisionRequest, ProvisionTriggerResponse, ServerEstimateResponse, ServerFolderQuery, ServerNotReached,
    ServerReached, ServerTest,
};

/// A host name, an address, or a name of the SSH configuration.
const HOST: &str = r"^[^\s\-\u0000-\u001f\u007f-\u009f][^\s\u0000-\u001f\u007f-\u009f]*$";
/// The same, or nothing, to take it away.
const ACCOUNT: &str = r"^([^\s\-\u0000-\u001f\u007f-\u009f][^\s\u0000-\u001f\u007f-\u009f]*)?$";
/// What a server is for.
const ROLE: &str = "^(transcode|storage)$";
/// `user@host:port`, or nothing.
const JUMP: &str = r"^(([^\s\-@:\[\]][^\s@:\[\]]*@)?[^\s\-@:\[\]][^\s@:\[\]]*(:[1-9]\d{0,3})?)?$";

/// What lies under one path here lies under another one there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PathMappingEntry {
    /// A folder, as this machine names it.
    #[schemars(regex(pattern = FOLDER_PATH))]
    pub source_prefix: String,
    /// The same folder, as the server names it.
    #[schemars(regex(pattern = FOLDER_PATH))]
    pub target_prefix: String,
}

impl From<PathMappingEntry> for PathMapping {
    fn from(entry: PathMappingEntry) -> Self {
        Self { source_prefix: entry.source_prefix, target_prefix: entry.target_prefix }
    }
}

impl From<PathMapping> for PathMappingEntry {
    fn from(mapping: PathMapping) -> Self {
        Self { source_prefix: mapping.source_prefix, target_prefix: mapping.target_prefix }
    }
}

/// How to log in to a server. Secrets are only ever sent to us: they are kept encrypted and never answered. An empty text
/// forgets what was kept.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct ServerLogin {
    /// TCP port; 22 is what the SSH configuration says, else 22.
    #[schemars(range(min = 1, max = 65_535))]
    #[serde(default)]
    pub port: Option<u16>,
    /// The account; empty for what the SSH configuration says, else our own name.
    #[schemars(regex(pattern = ACCOUNT))]
    #[serde(default)]
    pub ssh_username: Option<String>,
    /// A file with a private key on this machine; empty for none.
    #[serde(default)]
    pub ssh_key_path: Option<String>,
    /// A password.
    #[schemars(length(max = 1024))]
    pub ssh_password: Option<Hidden>,
    /// A private key as text, as `ssh-keygen` writes it.
    #[schemars(length(max = 65_536))]
    pub ssh_private_key: Option<Hidden>,
    /// What the private key is encrypted with.
    #[schemars(length(max = 1024))]
    pub ssh_passphrase: Option<Hidden>,
    /// Whether the keys of the SSH agent are tried.
    pub use_agent: Option<bool>,
    /// The machine to go through, as `user@host:port`; it is logged in to in the same way.
    #[schemars(regex(pattern = JUMP))]
    pub jump_host: Option<String>,
    /// What an hour of it costs, in USD.
    #[schemars(range(min = 0))]
    pub hourly_cost: Option<f64>,
}

/// A text that no log shows.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Hidden(pub String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden")
    }
}

/// A server to be added.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct WorkerServerCreate {
    /// Its name, which no other one has.
    #[schemars(length(min = 1, max = 100), regex(pattern = ONE_LINE))]
    pub name: String,
    /// Host name, address, or a name of the SSH configuration of this machine.
    #[schemars(regex(pattern = HOST))]
    pub hostname: String,
    /// What it is for: `transcode`, or `storage` for one that only has libraries and gets no jobs.
    #[schemars(regex(pattern = ROLE))]
    #[serde(default)]
    pub role: Option<String>,
    /// Jobs at a time, 1 otherwise.
    #[schemars(range(min = 1, max = 64))]
    #[serde(default)]
    pub max_concurrent_jobs: Option<u32>,
    /// Whether it is this machine, which is in the list already: then that one is changed.
    #[serde(default)]
    pub is_local: bool,
    /// A folder of its own there, `/tmp/mediaflow` otherwise. It is made when it is needed.
    #[schemars(regex(pattern = FOLDER_PATH))]
    #[serde(default)]
    pub working_directory: Option<String>,
    /// Under which paths it sees what lies here.
    #[serde(default)]
    pub path_mappings: Option<Vec<PathMappingEntry>>,
    /// How to log in.
    #[serde(flatten)]
    pub login: ServerLogin,
}

/// What to change of a server. What is absent or null stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct WorkerServerUpdate {
    /// Its name, which no other one has.
    #[schemars(length(min = 1, max = 100), regex(pattern = ONE_LINE))]
    #[serde(default)]
    pub name: Option<String>,
    /// Host name, address, or a name of the SSH configuration of this machine. Another one is another machine: its host key is
    /// forgotten.
    #[schemars(regex(pattern = HOST))]
    #[serde(default)]
    pub hostname: Option<String>,
    /// What it is for: `transcode`, or `storage` for one that only has libraries and gets no jobs.
    #[schemars(regex(pattern = ROLE))]
    #[serde(default)]
    pub role: Option<String>,
    /// Jobs at a time; of this machine, the setting `transcode.concurrent_jobs`.
    #[schemars(range(min = 1, max = 64))]
    #[serde(default)]
    pub max_concurrent_jobs: Option<u32>,
    /// Whether it may have jobs. Switched on again, one that was set aside has another chance.
    #[serde(default)]
    pub is_enabled: Option<bool>,
    /// A folder of its own there.
    #[schemars(regex(pattern = FOLDER_PATH))]
    #[serde(default)]
    pub working_directory: Option<String>,
    /// Under which paths it sees what lies here.
    #[serde(default)]
    pub path_mappings: Option<Vec<PathMappingEntry>>,
    /// How to log in.
    #[serde(flatten)]
    pub login: ServerLogin,
}

/// A server to be tried without keeping it.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ServerTry {
    /// Host name, address, or a name of the SSH configuration of this machine.
    #[schemars(regex(pattern = HOST))]
    pub hostname: String,
    /// A folder of its own there; whether it can be one.
    #[schemars(regex(pattern = FOLDER_PATH))]
    #[serde(default)]
    pub working_directory: Option<String>,
    /// The server whose secrets and host key are used where none are given: that which is being changed.
    #[serde(default)]
    pub server_id: Option<i64>,
    /// How to log in.
    #[serde(flatten)]
    pub login: ServerLogin,
}

/// A server that encodes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WorkerServerResponse {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Host name, address, or a name of the SSH configuration.
    pub hostname: String,
    /// TCP port; 22 where the SSH configuration may say another one.
    pub port: i64,
    /// The account.
    pub ssh_username: Option<String>,
    /// What it is for.
    pub role: String,
    /// Its graphics card.
    pub gpu_model: Option<String>,
    /// Its processor.
    pub cpu_model: Option<String>,
    /// Threads that it runs at once.
    pub cpu_cores: Option<i64>,
    /// Its memory in GiB.
    pub ram_gb: Option<f64>,
    /// Families of hardware encoders that work there; null before that was tried.
    pub hw_accel_types: Option<Vec<String>>,
    /// Jobs at a time.
    pub max_concurrent_jobs: i64,
    /// `pending`, `online`, `offline`, `provisioning` or `setup_failed`.
    pub status: String,
    /// Its last sign of life.
    pub last_heartbeat_at: Option<Time>,
    /// What an hour of it costs, in USD.
    pub hourly_cost: Option<f64>,
    /// Whether it is this machine.
    pub is_local: bool,
    /// Whether it may have jobs.
    pub is_enabled: bool,
    /// The folder in which it works.
    pub working_directory: String,
    /// Under which paths it sees what lies here.
    pub path_mappings: Option<Vec<PathMappingEntry>>,
    /// Jobs that it has in hand.
    pub active_jobs: i64,
    /// How fast it is, 0 to 100, once that was measured.
    pub performance_score: Option<f64>,
    /// When that was measured.
    pub last_benchmark_at: Option<Time>,
    /// Who rents it out.
    pub cloud_provider: Option<String>,
    /// Its id there.
    pub cloud_instance_id: Option<String>,
    /// Its size there.
    pub cloud_plan: Option<String>,
    /// Where it stands.
    pub cloud_region: Option<String>,
    /// Since when it costs.
    pub cloud_created_at: Option<Time>,
    /// Whether it is given back by itself when there is nothing to do.
    pub cloud_auto_teardown: bool,
    /// After how many minutes of that.
    pub cloud_idle_minutes: i64,
    /// How it stands with its owner.
    pub cloud_status: Option<String>,
    /// Since when it has nothing to do.
    pub cloud_idle_since: Option<Time>,
    /// Why it stands so, where that says something.
    pub status_reason: Option<String>,
    /// The kind of that trouble: `unreachable`, `host_key_changed`, `login_refused`, `key_unusable`, `secret_lost` or `other`.
    pub problem: Option<String>,
    /// Jobs that wait and are meant for it.
    pub queued_jobs: i64,
    /// How often it failed in a row.
    pub consecutive_failures: i64,
    /// Until when it gets no jobs, because it failed again and again.
    pub set_aside_until: Option<Time>,
    /// A file with a private key on this machine.
    pub ssh_key_path: Option<String>,
    /// Whether the keys of the SSH agent are tried.
    pub use_agent: bool,
    /// The machine to go through.
    pub jump_host: Option<String>,
    /// Whether a password is kept.
    pub has_password: bool,
    /// Whether a private key is kept.
    pub has_private_key: bool,
    /// Whether the passphrase of a private key is kept.
    pub has_passphrase: bool,
    /// The host key by which it is known, as `ssh-keygen -l` shows it; null before it was reached.
    pub host_key_fingerprint: Option<String>,
    /// Its system.
    pub os: Option<String>,
    /// Its architecture.
    pub arch: Option<String>,
    /// The version of ffmpeg that is used there.
    pub ffmpeg_version: Option<String>,
    /// To it, in Mbit/s, once that was seen: a moving average of real transfers and benchmarks.
    pub upload_mbps: Option<f64>,
    /// From it, in Mbit/s, once that was seen.
    pub download_mbps: Option<f64>,
    /// There and back, in milliseconds, once that was measured.
    pub latency_ms: Option<f64>,
    /// When it was added.
    pub created_at: Time,
}

/// A server among which one is chosen for a job.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ServerPickerItem {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// `online`.
    pub status: String,
    /// How fast it is, 0 to 100, once that was measured.
    pub performance_score: Option<f64>,
    /// Jobs that it has in hand.
    pub active_jobs: i64,
    /// Jobs that wait and are meant for it.
    pub queued_jobs: i64,
    /// Jobs at a time.
    pub max_concurrent_jobs: i64,
    /// Its processor.
    pub cpu_model: Option<String>,
    /// Its graphics card.
    pub gpu_model: Option<String>,
    /// To it, in Mbit/s, once that was measured.
    pub upload_mbps: Option<f64>,
    /// From it, in Mbit/s, once that was measured.
    pub download_mbps: Option<f64>,
    /// Whether it is this machine.
    pub is_local: bool,
}

/// What a server is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WorkerCapabilities {
    /// Its processor.
    pub cpu_model: Option<String>,
    /// Threads that it runs at once.
    pub cpu_cores: Option<i64>,
    /// Its memory in GiB.
    pub ram_gb: Option<f64>,
    /// Its graphics card.
    pub gpu_model: Option<String>,
    /// Families of hardware encoders that work there; empty before that was tried.
    pub hw_accel_types: Vec<String>,
    /// The version of ffmpeg that is used there; null before that was looked for.
    pub ffmpeg_version: Option<String>,
    /// Its system.
    pub os: Option<String>,
    /// Its architecture.
    pub arch: Option<String>,
}

impl From<&Capabilities> for WorkerCapabilities {
    fn from(is: &Capabilities) -> Self {
        Self {
            cpu_model: is.cpu_model.clone(),
            cpu_cores: is.cpu_cores.map(i64::from),
            ram_gb: is.ram_bytes.map(gibibytes),
            gpu_model: is.gpu_model.clone(),
            hw_accel_types: is.hardware.iter().map(|gpu| gpu.name().to_owned()).collect(),
            ffmpeg_version: is.ffmpeg_version.clone(),
            os: is.os.clone(),
            arch: is.arch.clone(),
        }
    }
}

/// How a server feels.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ServerStatusResponse {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// `pending`, `online`, `offline`, `provisioning` or `setup_failed`.
    pub status: String,
    /// How busy its processors are.
    pub cpu_percent: Option<f64>,
    /// How busy its graphics card is.
    pub gpu_percent: Option<f64>,
    /// Memory in use in GiB.
    pub ram_used_gb: Option<f64>,
    /// Memory in all in GiB.
    pub ram_total_gb: Option<f64>,
    /// How hot its graphics card is, in degrees Celsius.
    pub gpu_temp: Option<f64>,
    /// How fast the fan of its graphics card turns, in percent.
    pub fan_speed: Option<i64>,
    /// Jobs that it has in hand.
    pub active_jobs: i64,
    /// Jobs that wait and are meant for it.
    pub queued_jobs: i64,
    /// How much of the last seven days, or of the time since it was added, it could be reached, in percent. Time in which
    /// it was switched off does not count against it; null for one that was never reached.
    pub uptime_percent: Option<f64>,
    /// To it, in Mbit/s, once that was measured.
    pub upload_mbps: Option<f64>,
    /// From it, in Mbit/s, once that was measured.
    pub download_mbps: Option<f64>,
    /// How fast it is, 0 to 100, once that was measured.
    pub performance_score: Option<f64>,
    /// Why it stands so, where that says something.
    pub status_reason: Option<String>,
    /// How hot its processor is, in degrees Celsius.
    pub cpu_temp: Option<f64>,
    /// Programs that want to run, on average over a minute.
    pub load_average: Option<f64>,
    /// Free space where it works in GiB.
    pub disk_free_gb: Option<f64>,
    /// Size of the disk where it works in GiB.
    pub disk_total_gb: Option<f64>,
}
