//! The shapes of the door's own operations.

use mediaflow_store::{ApiKey, AuditEntry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::{ONE_LINE, Time};

/// Whether one is logged in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SessionInfo {
    /// Whether there is a password at all.
    pub password_set: bool,
    /// Whether this client may use the API.
    pub authenticated: bool,
    /// What a browser sends as `X-CSRF-Token` with everything that changes something; null where no cookie is used.
    pub csrf_token: Option<String>,
}

/// The password. Never shown for debugging.
#[derive(Deserialize, JsonSchema)]
pub struct LoginRequest {
    /// The password of this server.
    pub password: String,
}

/// A key to be made.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct KeyCreate {
    /// What to call it, such as `backup script`.
    #[schemars(length(min = 1, max = 100), regex(pattern = ONE_LINE))]
    pub name: String,
}

/// A key by which a program uses the API.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeyInfo {
    /// Its id.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// How it begins.
    pub prefix: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used, to within five minutes.
    pub last_used_at: Option<Time>,
}

impl From<ApiKey> for KeyInfo {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            created_at: key.created_at.into(),
            last_used_at: key.used_at.map(Into::into),
        }
    }
}

/// A key that was just made. Not derived for debugging: it is a secret.
#[derive(Serialize, JsonSchema)]
pub struct NewKey {
    /// What is kept of it.
    #[serde(flatten)]
    pub info: KeyInfo,
    /// The key itself, shown this once.
    pub key: String,
}

/// Which entries of the audit log.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct AuditQuery {
    /// Older than the one with this id; the newest otherwise.
    #[schemars(range(min = 1))]
    pub before: Option<i64>,
    /// At most 500; 100 otherwise.
    #[schemars(range(min = 1, max = 500))]
    pub limit: Option<i64>,
}

/// Entries of the audit log, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditRow>,
    /// What to ask for as `before` for older ones; null where there are none.
    pub next_before: Option<i64>,
}

/// One entry of the audit log.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditRow {
    /// Its id.
    pub id: i64,
    /// When.
    pub timestamp: Time,
    /// What was done, such as `login.failed`.
    pub action: String,
    /// Whether it was refused.
    pub refused: bool,
    /// Who did it: `local`, `command line`, a session or a key.
    pub actor: String,
    /// From where.
    pub address: Option<String>,
    /// To what.
    pub detail: Option<String>,
}

impl From<AuditEntry> for AuditRow {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            timestamp: entry.at.into(),
            action: entry.action,
            refused: entry.refused,
            actor: entry.actor,
            address: entry.address,
            detail: entry.detail,
        }
    }
}
