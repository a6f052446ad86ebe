//! Which installation a database belongs to.

use mediaflow_core::replace::Epoch;
use mediaflow_core::time::Timestamp;

use crate::error::StoreError;
use crate::row::{first, run, time, unsigned};
use crate::store::{Reader, Tx};

/// The one row about the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Drawn once; stands beside every quarantined original too.
    pub epoch: Epoch,
    /// When the database was made.
    pub created_at: Timestamp,
}

impl Reader<'_> {
    /// The installation, once [`Tx::installation_ensure`] has named it.
    pub fn installation(&self) -> Result<Option<Installation>, StoreError> {
        first(self.conn, "SELECT epoch, created_at FROM installation", [], |row| {
            Ok(Installation { epoch: Epoch(unsigned(row, "epoch")?), created_at: time(row, "created_at")? })
        })
    }
}

impl Tx<'_> {
    /// The installation, with `candidate` (64 fresh random bits) as its epoch if it has none yet.
    pub fn installation_ensure(&self, candidate: Epoch) -> Result<Installation, StoreError> {
        run(
            self.conn,
            "INSERT INTO installation (id, epoch, created_at) VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING",
            (candidate.0.cast_signed(), self.now().0),
        )?;
        self.installation()?.ok_or(StoreError::NotFound { what: "installation", id: 1 })
    }

    /// Gives the installation another epoch, because its database turned out to be a restored copy.
    pub fn installation_renew(&self, epoch: Epoch) -> Result<(), StoreError> {
        run(self.conn, "UPDATE installation SET epoch = ?1", [epoch.0.cast_signed()])?;
        Ok(())
    }

    /// A fencing token higher than every one before it.
    pub fn fencing_token(&self) -> Result<u64, StoreError> {
        self.count("fencing token", 1)
    }

    /// The first of so many fencing tokens that follow one another.
    pub(crate) fn fencing_tokens(&self, count: u64) -> Result<u64, StoreError> {
        Ok(self.count("fencing token", count)? + 1 - count)
    }

    /// A counter for a replacement's id that no replacement of this database ever had.
    pub fn replacement_counter(&self) -> Result<u64, StoreError> {
        self.count("replacement", 1)
    }

    fn count(&self, name: &'static str, by: u64) -> Result<u64, StoreError> {
        first(
            self.conn,
            "INSERT INTO counters (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = value + ?2 RETURNING value",
            (name, by.cast_signed()),
            |row| unsigned(row, "value"),
        )?
        .ok_or(StoreError::NotFound { what: name, id: 0 })
    }
}
