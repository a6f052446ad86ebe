//! What keeps us from a worker.

use std::io;

use mediaflow_store::StoreError;
use mediaflow_transport::ssh::SshError;

use crate::service::CommandError;

/// Why a worker cannot be reached, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// It is this machine, which is not called.
    #[error("this machine is not reached over SSH: it works by itself")]
    Local,
    /// What the user said of it cannot be meant.
    #[error("{0}")]
    Unusable(String),
    /// The machine, or the way there.
    #[error(transparent)]
    Ssh(#[from] SshError),
    /// The threads that carry connections could not be started.
    #[error("connections to other machines cannot be made: {0}")]
    Threads(#[source] io::Error),
    /// The database, or a secret in it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FleetError {
    /// Whether it may go away without anybody doing anything.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Ssh(error) if error.may_pass())
    }

    /// Whether the machine answers, or could, and does not let us in until somebody changes something.
    #[must_use]
    pub fn shuts_out(&self) -> bool {
        matches!(self.kind(), "host_key_changed" | "login_refused" | "key_unusable" | "secret_lost")
    }
}

impl FleetError {
    /// The kind of trouble, by a stable name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Ssh(error) => kind_of(error),
            Self::Store(StoreError::SecretLost { .. }) => "secret_lost",
            Self::Local | Self::Unusable(_) | Self::Threads(_) | Self::Store(_) => "other",
        }
    }
}

const fn kind_of(error: &SshError) -> &'static str {
    match error {
        SshError::HostKeyChanged { .. } => "host_key_changed",
        SshError::LoginRefused { .. } => "login_refused",
        SshError::Key { .. } | SshError::Agent { .. } => "key_unusable",
        SshError::Jump { source, .. } => kind_of(source),
        SshError::NoAddress { .. }
        | SshError::Unreachable { .. }
        | SshError::Silent { .. }
        | SshError::Lost { .. }
        | SshError::Resting { .. } => "unreachable",
        _ => "other",
    }
}

impl From<FleetError> for CommandError {
    fn from(error: FleetError) -> Self {
        match error {
            FleetError::Store(error) => error.into(),
            FleetError::Local | FleetError::Unusable(_) => Self::Refused(error.to_string()),
            FleetError::Ssh(ref ssh) if ssh.may_pass() => Self::Away(error.to_string()),
            FleetError::Ssh(_) => Self::WrongState(error.to_string()),
            FleetError::Threads(_) => Self::Failed(error.to_string()),
        }
    }
}
