//! Who asks.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use aide::OperationInput;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Door;
use super::audit::{Action, Actor};
use super::credentials::Credentials;
use super::guard::look;

/// How often an open socket looks whether its session still counts, for what other processes change.
const RECHECK: Duration = Duration::from_secs(15);

/// As whom somebody came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// On loopback without a password: whoever is at this machine.
    Local,
    /// A browser that logged in.
    Session {
        /// The session.
        id: i64,
    },
    /// A program with a key.
    Key {
        /// The key.
        id: i64,
        /// What its owner calls it.
        name: String,
    },
    /// Nobody: only the routes for logging in, and health, meet one.
    Nobody,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::Session { id } => write!(f, "session {id}"),
            Self::Key { id, name } => write!(f, "key {id} ({name})"),
            Self::Nobody => f.write_str("nobody"),
        }
    }
}

/// Who asks, as a handler sees it. Inside [`Door::wrap`] every request has one.
#[derive(Clone)]
pub struct Caller {
    pub(super) door: Door,
    pub(super) who: Who,
    pub(super) credentials: Credentials,
    pub(super) address: Option<IpAddr>,
    /// Whether the page that sent the request came over https.
    pub(super) is_https: bool,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("who", &self.who).field("address", &self.address).finish_non_exhaustive()
    }
}

impl Caller {
    /// As whom they came in.
    #[must_use]
    pub const fn who(&self) -> &Who {
        &self.who
    }

    /// Their name in the audit log.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::new(self.who.to_string(), self.address)
    }

    /// Writes down what they did that cannot be taken back; `detail` says to what, and is never a secret. Blocks. What was
    /// done is done: if it cannot be written down, the program's own log says so.
    pub fn audit(&self, action: Action, detail: &str) {
        let actor = self.actor();
        if let Err(error) = self.door.inner.store.write(|tx| actor.did(tx, action, detail)) {
            tracing::error!("{} by {} is not in the audit log: {error}", action.name(), self.who);
        }
    }

    /// Waits until they may no longer be here: logged out, the key revoked, the password changed.
    pub async fn ended(&self) {
        let mut changes = self.door.inner.changes.subscribe();
        loop {
            // A database that cannot be read now ends nobody's session.
            if look(&self.door, &self.credentials).await.is_ok_and(|sight| sight.who == Who::Nobody) {
                return;
            }
            tokio::select! {
                _ = changes.changed() => {}
                () = tokio::time::sleep(RECHECK) => {}
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = crate::error::ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let missing = || crate::error::ApiError::Internal("a route lies outside the door".to_owned());
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

/// Nothing of it is in the document: it comes with every request.
impl OperationInput for Caller {}
