//! Carrying out replacements: the state machine of `core` over a storage and a journal.
//!
//! [`Replacer`] looks, acts and commits; what to do next, and how an interrupted replacement ends, is decided in
//! [`mediaflow_core::replace`]. After any error the driver does not reason about what may have happened: it looks at
//! the names again and follows the same decision as after a crash.

mod act;
mod checks;
mod drive;
mod error;
mod journal;
mod look;
mod note;
mod purge;
mod quarantine;
mod recover;
mod replacer;
mod stage;
mod undo;

pub(crate) use checks::trial_of_job;
pub use error::{ConflictReport, Place, Refusal, ReplaceError};
pub use journal::{Held, HeldStatus, Journal, JournalError};
pub use note::Note;
pub use purge::{Kept, PurgeReport, QuarantineEntry};
pub use quarantine::QUARANTINE_FOLDER;
pub use recover::{Ending, Recovered};
pub use replacer::{Outcome, OwnerPolicy, RETENTION_SECONDS, Replacer, Request, Settings};
