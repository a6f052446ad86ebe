//! Why a job failed, and whether trying again can help.

use serde::{Deserialize, Serialize};

/// The kind of thing that went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCause {
    /// A disk was full, or too full to begin.
    NoSpace,
    /// The source changed or vanished while the job ran.
    SourceChanged,
    /// The encoder gave up on its own.
    Encoder,
    /// The encoder, or its supervisor, was killed from outside.
    Killed,
    /// It did not get on for too long, and was stopped.
    Stuck,
    /// A check of the proof did not hold.
    Proof,
    /// The storage did not do what was asked of it (permissions, read-only, I/O errors).
    Storage,
    /// A program that is needed is missing or broken.
    Tool,
}

impl FailureCause {
    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoSpace => "no_space",
            Self::SourceChanged => "source_changed",
            Self::Encoder => "encoder",
            Self::Killed => "killed",
            Self::Stuck => "stuck",
            Self::Proof => "proof",
            Self::Storage => "storage",
            Self::Tool => "tool",
        }
    }
}

/// A failed job's reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The kind.
    pub cause: FailureCause,
    /// What happened to which thing, and what the user can do.
    pub message: String,
}

impl Failure {
    /// A failure with its message.
    #[must_use]
    pub fn new(cause: FailureCause, message: impl Into<String>) -> Self {
        Self { cause, message: message.into() }
    }

    /// Whether another try after a while may do, with everything as it is. What the encoder or the proof says of a film,
    /// it says again; for a source that changed, a new job is made.
    #[must_use]
    pub const fn is_worth_a_retry(&self) -> bool {
        match self.cause {
            FailureCause::NoSpace
            | FailureCause::Killed
            | FailureCause::Stuck
            | FailureCause::Storage
            | FailureCause::Tool => true,
            FailureCause::Encoder | FailureCause::Proof | FailureCause::SourceChanged => false,
        }
    }

    /// Whether the same try can succeed later without anything being changed in file or preset. Such failures do not
    /// count towards leaving a file alone.
    #[must_use]
    pub const fn is_circumstance(&self) -> bool {
        matches!(
            self.cause,
            FailureCause::NoSpace | FailureCause::Killed | FailureCause::SourceChanged | FailureCause::Tool
        )
    }
}
