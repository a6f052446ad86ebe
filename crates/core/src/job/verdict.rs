//! What is remembered of a content under a policy, so that nothing loops.

use serde::{Deserialize, Serialize};

use crate::text;

/// What is known of one (content, policy).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// This content was made by MediaFlow under this policy.
    Made,
    /// A result was not smaller by enough.
    NotWorthIt {
        /// What was measured.
        reason: String,
    },
    /// The content cannot be done under this policy.
    Refused {
        /// Why.
        reason: String,
    },
    /// Tries failed.
    Failed {
        /// How often.
        count: u32,
        /// The last reason.
        reason: String,
    },
    /// The user took the result back: the original is to stay.
    Undone,
}

impl Verdict {
    /// Whether a job may be queued for it without the user insisting: while it failed no more often than one job, with its
    /// retries, is tried.
    #[must_use]
    pub const fn allows_queueing(&self, max_retries: u32) -> bool {
        matches!(self, Self::Failed { count, .. } if *count <= max_retries)
    }

    /// Why it is left alone, for a person.
    #[must_use]
    pub fn explain(&self) -> String {
        match self {
            Self::Made => "MediaFlow made this file".to_owned(),
            Self::NotWorthIt { reason } => format!("not worth it: {reason}"),
            Self::Refused { reason } => format!("refused: {reason}"),
            Self::Failed { count, reason } => format!("failed {}, last: {reason}", text::count(*count, "time")),
            Self::Undone => "you took the result back".to_owned(),
        }
    }
}
