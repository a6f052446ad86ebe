//! Events: the envelope of `/ws` and of `GET /api/events`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Time;

/// One event.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Envelope {
    /// Its name, such as `job.completed`.
    pub event: String,
    /// When.
    pub timestamp: Time,
    /// Its number in the log of events; null for what is only shown and not kept, such as progress.
    pub seq: Option<i64>,
    /// What the name says it has.
    pub data: Value,
}

/// Which events.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct EventQuery {
    /// Those that came after this number; 0 for all.
    #[schemars(range(min = 0))]
    pub after: Option<i64>,
    /// At most 1000; 200 otherwise.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<i64>,
    /// The newest instead of the oldest, newest first.
    #[serde(default, deserialize_with = "super::flag")]
    pub newest: bool,
}

/// Events in their order.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EventPage {
    /// The events.
    pub events: Vec<Envelope>,
    /// Number of the last event there is.
    pub last_seq: i64,
    /// Whether more follow.
    pub has_more: bool,
}
