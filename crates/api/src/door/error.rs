//! Why the door does not open.

use mediaflow_core::text;
use mediaflow_store::StoreError;

/// Why the server cannot be let go on, or a password or key not be made.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// Everybody on the network could use it.
    #[error(
        "{address} can be reached from other machines, so MediaFlow needs a password there: set one with `mediaflow passwd`, \
         or in MEDIAFLOW_PASSWORD, or listen on 127.0.0.1"
    )]
    NoPassword {
        /// Where it was to listen.
        address: std::net::SocketAddr,
    },
    /// It would be guessed, or nobody meant it.
    #[error(
        "the password has {}; it needs {} to {}",
        text::count(*found, "character"),
        super::secret::LEAST_CHARS,
        super::secret::MOST_CHARS
    )]
    PasswordLength {
        /// Its length.
        found: usize,
    },
    /// A name that says nothing.
    #[error(
        "a key needs a name of 1 to {} characters without line breaks, such as \"backup script\"",
        super::changes::MOST_NAME_CHARS
    )]
    KeyName,
    /// A setting that means no origin.
    #[error("{origin:?} in CORS_ORIGINS is no origin: one is like http://localhost:5173, without a path")]
    Origin {
        /// What was set.
        origin: String,
    },
    /// The system gives none.
    #[error("this system gives no randomness ({0}), and nothing secret can be made without")]
    NoRandomness(getrandom::Error),
    /// The hash could not be computed, or what is stored is no hash.
    #[error("the password cannot be hashed or compared ({0}); if it stays so, set it anew with `mediaflow passwd`")]
    Hash(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DoorError> for crate::error::ApiError {
    fn from(error: DoorError) -> Self {
        match error {
            DoorError::Store(error) => error.into(),
            DoorError::KeyName => {
                Self::field(&["body", "name"], "value_error", error.to_string(), serde_json::Value::Null)
            }
            other => Self::Internal(other.to_string()),
        }
    }
}
