//! Originals that were replaced and wait.

use schemars::JsonSchema;
use serde::Serialize;

use super::Time;

/// All originals in quarantine.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Quarantine {
    /// The originals.
    pub items: Vec<QuarantinedOriginal>,
    /// How many.
    pub total: i64,
    /// Their size in bytes.
    pub total_size: i64,
}

/// One original.
#[derive(Debug, Serialize, JsonSchema)]
pub struct QuarantinedOriginal {
    /// Its replacement's id.
    pub id: String,
    /// The job that replaced it.
    pub job_id: Option<i64>,
    /// What it is.
    pub title: String,
    /// Where it lay.
    pub original_path: String,
    /// What lies in its place.
    pub replaced_by: String,
    /// Its size in bytes; null when it is not there, or its disk is away.
    pub size: Option<i64>,
    /// Until when it is kept at least.
    pub held_until: Time,
    /// Whether its time has come.
    pub is_due: bool,
    /// Why it was kept when its time had come.
    pub kept_because: Option<String>,
    /// Name of the server that it lies on; null for the machine that MediaFlow runs on.
    pub server_name: Option<String>,
}

/// What a purge removed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Purged {
    /// `purged`.
    pub status: &'static str,
    /// Originals removed.
    pub purged: i64,
    /// Their size in bytes.
    pub freed_bytes: i64,
    /// Originals whose time has come and that stay, with the reason.
    pub kept: Vec<KeptOriginal>,
    /// Originals whose time has come and that wait for the next purge.
    pub left_for_later: i64,
}

/// An original that stays.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeptOriginal {
    /// Its replacement's id.
    pub id: String,
    /// Why.
    pub reason: String,
}
