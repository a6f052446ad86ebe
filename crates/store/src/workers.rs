//! Workers: who they are, how they are reached, how they stand.

use std::collections::BTreeSet;

use mediaflow_core::time::Timestamp;
use mediaflow_core::worker::{Capabilities, PathMapping, WorkerStatus};
use rusqlite::Row;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::row::{all, first, get, json, json_opt, named, time, time_opt, unsigned_opt};
use crate::secrets::WorkerSecret;
use crate::store::Reader;

/// The worker that is this machine: the first one, made with the schema.
pub const THIS_MACHINE: i64 = 1;

/// How a worker is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkerLogin {
    /// Name or address, or a name of `~/.ssh/config`.
    pub address: String,
    /// TCP port; `None` for what the configuration says, else 22.
    pub port: Option<u16>,
    /// The account; `None` for what the configuration says, else our own name.
    pub username: Option<String>,
    /// A file with a private key on this machine.
    pub key_path: Option<String>,
    /// Whether the keys of the SSH agent are tried.
    pub uses_agent: bool,
    /// The machine to go through, as `user@host:port`.
    pub via: Option<String>,
}

/// What the user says of a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerForm {
    /// Its name, which no other one has.
    pub name: String,
    /// What it is for: [`ENCODING_ROLE`], or [`STORAGE_ROLE`].
    pub role: String,
    /// How it is reached.
    pub login: WorkerLogin,
    /// Where it works: an absolute path there.
    pub work_dir: String,
    /// Jobs at a time; `None` for this machine, of which the setting says it.
    pub slots: Option<u32>,
    /// Under which paths it sees what lies here.
    pub path_mappings: Vec<PathMapping>,
    /// What an hour of it costs, in USD.
    pub hourly_cost: Option<f64>,
}

impl Default for WorkerForm {
    /// A machine that does one job at a time, of which nothing else is said yet.
    fn default() -> Self {
        Self {
            name: String::new(),
            role: ENCODING_ROLE.to_owned(),
            login: WorkerLogin::default(),
            work_dir: String::new(),
            slots: Some(1),
            path_mappings: Vec::new(),
            hourly_cost: None,
        }
    }
}

/// The programs that were chosen on a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerTools {
    /// Path of ffmpeg there, or a name that is found there.
    pub ffmpeg: String,
    /// The same of ffprobe.
    pub ffprobe: String,
}

/// The role of a machine that gets jobs.
pub const ENCODING_ROLE: &str = "transcode";

/// The role of a machine that only has libraries, and gets no jobs.
pub const STORAGE_ROLE: &str = "storage";

/// A rented machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkerCloud {
    /// Who rents it out.
    pub provider: Option<String>,
    /// Its id there.
    pub instance_id: Option<String>,
    /// Its size there.
    pub plan: Option<String>,
    /// Where it stands.
    pub region: Option<String>,
    /// Since when it costs.
    pub created_at: Option<Timestamp>,
    /// Whether it is given back by itself when there is nothing to do.
    pub auto_teardown: bool,
    /// After how many minutes of that.
    pub idle_minutes: u32,
    /// How it stands with its owner.
    pub status: Option<String>,
    /// Since when it has nothing to do.
    pub idle_since_at: Option<Timestamp>,
}

/// A machine that encodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Worker {
    /// Its id; never reused.
    pub id: i64,
    /// Whether it is this machine.
    pub is_local: bool,
    /// Whether the user lets it have jobs.
    pub is_enabled: bool,
    /// What the user says of it.
    pub form: WorkerForm,
    /// The key that it is known by, as a line of `authorized_keys`; `None` until it was reached for the first time.
    pub host_key: Option<String>,
    /// The same of the machine to go through.
    pub via_host_key: Option<String>,
    /// Which secrets are kept to log in with.
    pub secrets: Vec<WorkerSecret>,
    /// How it stands.
    pub status: WorkerStatus,
    /// Why it stands so, for a person, where that says something.
    pub status_reason: Option<String>,
    /// The kind of that trouble, by a stable name.
    pub problem: Option<String>,
    /// Its last sign of life.
    pub last_seen_at: Option<Timestamp>,
    /// How often it failed in a row.
    pub consecutive_failures: u32,
    /// How often it was set aside since it last did something well.
    pub set_aside_level: u32,
    /// Until when it gets no jobs, because it failed again and again.
    pub set_aside_until_at: Option<Timestamp>,
    /// What it is, as far as it told.
    pub capabilities: Capabilities,
    /// The programs that were chosen there.
    pub tools: Option<WorkerTools>,
    /// How fast it is, from 0 to 100, once that was measured.
    pub performance_score: Option<f64>,
    /// When that was measured.
    pub last_benchmark_at: Option<Timestamp>,
    /// To it, in bits a second, as far as it was learned from what went there.
    pub upload_bps: Option<u64>,
    /// From it, in bits a second, as far as it was learned from what came back.
    pub download_bps: Option<u64>,
    /// What is known of it where it is rented.
    pub cloud: WorkerCloud,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed by the user.
    pub updated_at: Timestamp,
    /// Rises with every change.
    pub row_version: i64,
}

impl Worker {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.form.name
    }
}

fn read(row: &Row<'_>) -> Result<Worker, StoreError> {
    Ok(Worker {
        id: get(row, "id")?,
        is_local: get(row, "is_local")?,
        is_enabled: get(row, "is_enabled")?,
        form: WorkerForm {
            name: get(row, "name")?,
            role: get(row, "role")?,
            login: WorkerLogin {
                address: get(row, "address")?,
                port: get(row, "port")?,
                username: get(row, "username")?,
                key_path: get(row, "key_path")?,
                uses_agent: get(row, "uses_agent")?,
                via: get(row, "via")?,
            },
            work_dir: get(row, "work_dir")?,
            slots: get(row, "slots")?,
            path_mappings: json(row, "path_mappings")?,
            hourly_cost: get(row, "hourly_cost")?,
        },
        host_key: get(row, "host_key")?,
        via_host_key: get(row, "via_host_key")?,
        secrets: Vec::new(),
        status: named(row, "status", WorkerStatus::parse)?,
        status_reason: get(row, "status_reason")?,
        problem: get(row, "problem")?,
        last_seen_at: time_opt(row, "last_seen_at")?,
        consecutive_failures: get(row, "consecutive_failures")?,
        set_aside_level: get(row, "set_aside_level")?,
        set_aside_until_at: time_opt(row, "set_aside_until_at")?,
        capabilities: Capabilities {
            cpu_model: get(row, "cpu_model")?,
            cpu_cores: get(row, "cpu_cores")?,
            ram_bytes: unsigned_opt(row, "ram_bytes")?,
            gpu_model: get(row, "gpu_model")?,
            os: get(row, "os")?,
            arch: get(row, "arch")?,
            hardware: json(row, "hardware")?,
            ffmpeg_version: get(row, "ffmpeg_version")?,
        },
        tools: json_opt(row, "tools")?,
        performance_score: get(row, "performance_score")?,
        last_benchmark_at: time_opt(row, "last_benchmark_at")?,
        upload_bps: unsigned_opt(row, "upload_bps")?,
        download_bps: unsigned_opt(row, "download_bps")?,
        cloud: WorkerCloud {
            provider: get(row, "cloud_provider")?,
            instance_id: get(row, "cloud_instance_id")?,
            plan: get(row, "cloud_plan")?,
            region: get(row, "cloud_region")?,
            created_at: time_opt(row, "cloud_created_at")?,
            auto_teardown: get(row, "cloud_auto_teardown")?,
            idle_minutes: get(row, "cloud_idle_minutes")?,
            status: get(row, "cloud_status")?,
            idle_since_at: time_opt(row, "cloud_idle_since_at")?,
        },
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        row_version: get(row, "row_version")?,
    })
}

impl Reader<'_> {
    /// All workers, by name.
    pub fn workers(&self) -> Result<Vec<Worker>, StoreError> {
        let workers = all(self.conn, "SELECT * FROM workers ORDER BY name COLLATE NOCASE", [], read)?;
        let names = self.secret_names()?;
        Ok(workers.into_iter().map(|worker| with_secrets(worker, &names)).collect())
    }

    /// A worker.
    pub fn worker(&self, id: i64) -> Result<Worker, StoreError> {
        let worker = first(self.conn, "SELECT * FROM workers WHERE id = ?1", [id], read)?;
        Ok(with_secrets(worker.ok_or(StoreError::NotFound { what: "server", id })?, &self.secret_names()?))
    }

    /// This machine.
    pub fn local_worker(&self) -> Result<Worker, StoreError> {
        first(self.conn, "SELECT * FROM workers WHERE is_local", [], read)?
            .ok_or(StoreError::NotFound { what: "server for this machine", id: 1 })
    }

    /// What was said when a worker was last set up.
    pub fn worker_provision_log(&self, id: i64) -> Result<Option<String>, StoreError> {
        let sql = "SELECT provision_log FROM workers WHERE id = ?1";
        first(self.conn, sql, [id], |row| get(row, "provision_log"))?.ok_or(StoreError::NotFound { what: "server", id })
    }
}

fn with_secrets(worker: Worker, names: &BTreeSet<String>) -> Worker {
    let kept = WorkerSecret::ALL.into_iter().filter(|which| names.contains(&which.row(worker.id)));
    Worker { secrets: kept.collect(), ..worker }
}
