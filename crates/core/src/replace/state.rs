//! The durable states.

use serde::{Deserialize, Serialize};

/// Where a replacement stands. Each one is a commit that survives power loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Written down; at most an unfinished T exists.
    Intent,
    /// T is complete, durable and read back from the disk.
    Staged,
    /// The note is durable and the names were looked at again: the swap may begin.
    Ready,
    /// What must not be lost has a second name or has been set aside; its place is not yet taken.
    Preserved,
    /// The new file is at a name of its own; the old one is still in place.
    Placed,
    /// The swap is complete and durable.
    Swapped,
    /// Over: the catalog, the verdict and the events say so too.
    Done,
    /// Over: nothing was changed, or everything was taken back.
    Abandoned,
    /// Over until a person decides: something else than expected lies at the names, and nothing was deleted.
    Conflict,
}

impl State {
    /// Whether recovery leaves it alone.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Abandoned | Self::Conflict)
    }
}
