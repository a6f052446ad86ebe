//! What the audit log calls things.

use std::net::IpAddr;

use mediaflow_store::{NewAuditEntry, StoreError, Tx};

/// Details are words for a person; a stranger's are cut here.
const MOST_DETAIL_CHARS: usize = 300;

/// Something that is written down for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Somebody logged in.
    LoggedIn,
    /// A wrong password.
    LoginFailed,
    /// Too many wrong ones.
    LoginLimited,
    /// Somebody logged out.
    LoggedOut,
    /// The password was set or changed.
    PasswordSet,
    /// The password was taken away.
    PasswordRemoved,
    /// A key was made.
    KeyMade,
    /// A key was taken back.
    KeyRevoked,
    /// A request under a foreign name.
    HostRefused,
    /// A request from another site's page.
    OriginRefused,
    /// An original was brought back by undoing its job.
    JobUndone,
    /// Finished jobs were cleared.
    JobsCleared,
    /// An original was brought back out of the quarantine.
    OriginalRestored,
    /// Originals whose time had come were removed.
    QuarantinePurged,
    /// A library was added.
    LibraryAdded,
    /// A library was removed.
    LibraryRemoved,
    /// A setting was changed.
    SettingChanged,
    /// A preset was removed.
    PresetRemoved,
    /// A server was added.
    ServerAdded,
    /// A server was changed.
    ServerChanged,
    /// A server was removed.
    ServerRemoved,
    /// A server was begun to be set up.
    ServerProvisioned,
    /// The key by which a server is known was forgotten.
    HostKeyForgotten,
}

impl Action {
    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LoggedIn => "login.ok",
            Self::LoginFailed => "login.failed",
            Self::LoginLimited => "login.limited",
            Self::LoggedOut => "logout",
            Self::PasswordSet => "password.set",
            Self::PasswordRemoved => "password.removed",
            Self::KeyMade => "key.made",
            Self::KeyRevoked => "key.revoked",
            Self::HostRefused => "host.refused",
            Self::OriginRefused => "origin.refused",
            Self::JobUndone => "job.undone",
            Self::JobsCleared => "jobs.cleared",
            Self::OriginalRestored => "original.restored",
            Self::QuarantinePurged => "quarantine.purged",
            Self::LibraryAdded => "library.added",
            Self::LibraryRemoved => "library.removed",
            Self::SettingChanged => "setting.changed",
            Self::PresetRemoved => "preset.removed",
            Self::ServerAdded => "server.added",
            Self::ServerChanged => "server.changed",
            Self::ServerRemoved => "server.removed",
            Self::ServerProvisioned => "server.provisioned",
            Self::HostKeyForgotten => "server.host_key_forgotten",
        }
    }

    /// Whether it is something that was turned away, which strangers can cause.
    const fn is_refusal(self) -> bool {
        matches!(self, Self::LoginFailed | Self::LoginLimited | Self::HostRefused | Self::OriginRefused)
    }
}

/// Who does something, as the log names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    name: String,
    address: Option<IpAddr>,
}

impl Actor {
    /// Somebody who came over the network.
    pub(super) const fn new(name: String, address: Option<IpAddr>) -> Self {
        Self { name, address }
    }

    /// Somebody who is not logged in.
    pub(super) fn nobody(address: Option<IpAddr>) -> Self {
        Self::new("nobody".to_owned(), address)
    }

    /// Whoever sits at the machine.
    #[must_use]
    pub fn command_line() -> Self {
        Self::new("command line".to_owned(), None)
    }

    /// Writes down what they did.
    pub(super) fn did(&self, tx: &Tx<'_>, action: Action, detail: &str) -> Result<(), StoreError> {
        let address = self.address.map(|address| address.to_string());
        let detail: String = detail.chars().filter(|c| !c.is_control()).take(MOST_DETAIL_CHARS).collect();
        tx.audit(&NewAuditEntry {
            action: action.name(),
            refused: action.is_refusal(),
            actor: &self.name,
            address: address.as_deref(),
            detail: (!detail.is_empty()).then_some(&detail),
        })
    }
}
