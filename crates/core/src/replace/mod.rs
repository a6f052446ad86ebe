//! Replacing an original, as a state machine over values.
//!
//! A replacement has four names: **O** the original, **N** the final path (O unless the extension changes), **T** the
//! staged copy `.mf-<id>.part` in O's folder, **Q** the place in quarantine, with a note beside it. What happens to
//! them is data: [`script`] lists the actions from one durable state to the next, and [`recover`] decides from what
//! is *found* at the four names, never from the row alone, how an interrupted replacement ends. A driver carries
//! both out over a storage.

mod capability;
mod id;
mod record;
mod recover;
mod recover_undo;
mod script;
mod state;
#[cfg(test)]
mod tests;

pub use capability::{Capabilities, Mechanism};
pub use id::{Epoch, ReplacementId};
pub use record::{BeginError, Draft, Kind, Output, Replacement};
pub use recover::{Found, Observed, Recovery, recover};
pub use script::{Action, Content, Name, Step, script};
pub use state::State;
