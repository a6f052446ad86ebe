//! Who is called, as whom, and how it is known to be the same machine as last time.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use russh::keys::{HashAlg, PublicKey};

/// A text that is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text` out of logs and messages.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// One way to prove who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// A private key as text (OpenSSH, PEM or PKCS#8).
    Key {
        /// The text.
        text: Secret,
        /// What it is encrypted with.
        passphrase: Option<Secret>,
    },
    /// A file with a private key.
    KeyFile {
        /// Where it lies on this machine.
        path: PathBuf,
        /// What it is encrypted with; without it, an agent that knows the key is asked.
        passphrase: Option<Secret>,
    },
    /// A password, also where the server asks for it as a question.
    Password(Secret),
    /// All keys of the agent that `SSH_AUTH_SOCK` names.
    Agent,
}

/// A machine with an SSH server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Name or address.
    pub address: String,
    /// TCP port.
    pub port: u16,
    /// The account there.
    pub user: String,
    /// Tried in this order.
    pub logins: Vec<Login>,
    /// The key that it showed first; `None` takes whatever it shows.
    pub pinned: Option<HostKey>,
    /// The machine to go through.
    pub via: Option<Box<Host>>,
}

/// As people name it: `user@address:port`.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user, address) = (&self.user, &self.address);
        if address.contains(':') {
            write!(f, "{user}@[{address}]:{}", self.port)
        } else {
            write!(f, "{user}@{address}:{}", self.port)
        }
    }
}

/// The public key by which a machine is recognised, such as `ssh-ed25519 AAAA…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey(PublicKey);

impl HostKey {
    pub(super) fn new(key: &PublicKey) -> Self {
        // A comment is no part of it.
        Self(PublicKey::from(key.key_data().clone()))
    }

    pub(super) const fn public(&self) -> &PublicKey {
        &self.0
    }

    /// As `ssh-keygen -l` shows it, such as `SHA256:…`.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint(HashAlg::Sha256).to_string()
    }
}

/// As a line of `authorized_keys`, without a comment.
impl fmt::Display for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.to_openssh() {
            Ok(text) => f.write_str(text.trim_end()),
            Err(_) => Err(fmt::Error),
        }
    }
}

impl FromStr for HostKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        PublicKey::from_openssh(text).map(|key| Self::new(&key)).map_err(|error| format!("no host key: {error}"))
    }
}
