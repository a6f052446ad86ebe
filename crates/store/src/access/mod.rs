//! Who may use the server: the password, sessions, keys for programs, and the log of who did what. Only hashes of
//! secrets come here.

mod api_keys;
mod audit;
mod password;
mod sessions;

pub use api_keys::ApiKey;
pub use audit::{AuditEntry, KEPT_REFUSALS, NewAuditEntry};
pub use password::StoredPassword;
pub use sessions::{NewSession, Session};
