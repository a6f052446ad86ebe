//! Why a command was not carried out.

use mediaflow_store::StoreError;
use mediaflow_transport::walk::WalkError;

use crate::originals::OriginalsError;
use crate::queue::QueueError;
use crate::replace::{Refusal, ReplaceError};
use crate::scan::ScanError;
use crate::target::TargetError;

/// Why a command was not carried out. Each kind is one answer of an API.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no such thing.
    #[error("there is no {what} {id}")]
    NotFound {
        /// The noun.
        what: &'static str,
        /// Its id or path, as it was asked for.
        id: String,
    },
    /// The thing does not stand where the command could be carried out.
    #[error("{0}")]
    WrongState(String),
    /// Something else has the place.
    #[error("{0}")]
    Conflict(String),
    /// The file or the preset does not allow it.
    #[error("{0}")]
    Refused(String),
    /// It comes with the program.
    #[error("{0}")]
    BuiltIn(String),
    /// What was given cannot be meant.
    #[error("{message}")]
    Invalid {
        /// Which part of it.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// ffmpeg is not there, or not found yet.
    #[error("{0}")]
    NoTools(String),
    /// The disk has no room for it.
    #[error("{0}")]
    NoSpace(String),
    /// The service stops.
    #[error("MediaFlow is stopping; try again when it is up")]
    Stopping,
    /// What it is about lies where nothing can be reached now.
    #[error("{0}")]
    Away(String),
    /// The machine did not do it.
    #[error("{0}")]
    Failed(String),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { what, id } => Self::NotFound { what, id: id.to_string() },
            StoreError::Step { .. } | StoreError::DryRun { .. } | StoreError::NotHeld { .. } => {
                Self::WrongState(error.to_string())
            }
            StoreError::SecretLost { .. } | StoreError::WorkerBusy { .. } | StoreError::WorkerHasFiles { .. } => {
                Self::WrongState(error.to_string())
            }
            StoreError::AlreadyQueued { .. }
            | StoreError::Taken { .. }
            | StoreError::UnderWay { .. }
            | StoreError::Changed { .. } => Self::Conflict(error.to_string()),
            StoreError::BuiltIn { .. } | StoreError::LocalWorker => Self::BuiltIn(error.to_string()),
            other => Self::Store(other),
        }
    }
}

impl From<QueueError> for CommandError {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Store(error) => error.into(),
            QueueError::Target(TargetError::Storage(error)) if error.is_unreachable() => Self::Away(error.cause),
            QueueError::Target(error) => Self::Failed(error.to_string()),
        }
    }
}

impl From<ScanError> for CommandError {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Store(error) => error.into(),
            ScanError::NotMedia { .. } => Self::Refused(error.to_string()),
            ScanError::Tool(_) => Self::NoTools(error.to_string()),
            ScanError::Cancelled => Self::Stopping,
            ScanError::Walk(WalkError::Unreachable { .. }) => Self::Away(error.to_string()),
            ScanError::Storage(error) if error.is_unreachable() => Self::Away(error.cause),
            ScanError::Walk(_) | ScanError::Path(_) => Self::Invalid { field: "path", message: error.to_string() },
            ScanError::LooksUnmounted { .. } | ScanError::Storage(_) => Self::Failed(error.to_string()),
        }
    }
}

impl From<OriginalsError> for CommandError {
    fn from(error: OriginalsError) -> Self {
        match error {
            OriginalsError::Store(error) => error.into(),
            OriginalsError::Unknown(id) => Self::NotFound { what: "replacement", id: id.to_string() },
            OriginalsError::NothingToUndo { .. } | OriginalsError::NotHeld { .. } => {
                Self::WrongState(error.to_string())
            }
            OriginalsError::Replace(ReplaceError::Refused(Refusal::NotHeld(_)) | ReplaceError::Busy(_)) => {
                Self::WrongState(error.to_string())
            }
            OriginalsError::Replace(ReplaceError::Refused(_)) => Self::Refused(error.to_string()),
            OriginalsError::Away { .. } | OriginalsError::LostInTheMiddle { .. } => Self::Away(error.to_string()),
            OriginalsError::Storage(error) if error.is_unreachable() => Self::Away(error.cause),
            OriginalsError::Replace(_) | OriginalsError::Journal(_) | OriginalsError::Storage(_) => {
                Self::Failed(error.to_string())
            }
        }
    }
}
