//! Names that no other installation and no restored database can make again.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which installation, and which life of its database, a replacement belongs to: 64 random bits drawn when the
/// database is made and drawn anew whenever it is found to have been restored from a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u64);

/// A replacement's id: the installation's epoch and a counter that the store never reuses. It names T and Q, so that
/// two databases over one storage cannot meet in one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReplacementId {
    epoch: Epoch,
    counter: u64,
}

impl ReplacementId {
    /// An id from its two halves.
    #[must_use]
    pub const fn new(epoch: Epoch, counter: u64) -> Self {
        Self { epoch, counter }
    }

    /// The installation that made it.
    #[must_use]
    pub const fn epoch(self) -> Epoch {
        self.epoch
    }

    /// The store's counter.
    #[must_use]
    pub const fn counter(self) -> u64 {
        self.counter
    }

    /// Reads what [`fmt::Display`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, counter) = text.split_once('-')?;
        let id = Self::new(Epoch(u64::from_str_radix(epoch, 16).ok()?), counter.parse().ok()?);
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for ReplacementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.epoch.0, self.counter)
    }
}

impl fmt::Debug for ReplacementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<ReplacementId> for String {
    fn from(id: ReplacementId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for ReplacementId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is not the id of a replacement"))
    }
}
