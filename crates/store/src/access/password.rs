//! The one password of the server.

use mediaflow_core::time::Timestamp;

use crate::error::StoreError;
use crate::row::{first, get, run, time};
use crate::store::{Reader, Tx};

/// The password, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPassword {
    /// Its hash with salt and parameters, as a PHC string.
    pub hash: String,
    /// When it was set.
    pub updated_at: Timestamp,
}

impl Reader<'_> {
    /// The password; `None` while none is set.
    pub fn password(&self) -> Result<Option<StoredPassword>, StoreError> {
        first(self.conn, "SELECT hash, updated_at FROM password", [], |row| {
            Ok(StoredPassword { hash: get(row, "hash")?, updated_at: time(row, "updated_at")? })
        })
    }
}

impl Tx<'_> {
    /// Sets the password and ends every session that began under another one; gives how many.
    pub fn password_set(&self, hash: &str) -> Result<usize, StoreError> {
        run(
            self.conn,
            "INSERT INTO password (id, hash, updated_at) VALUES (1, ?1, ?2)
             ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, updated_at = excluded.updated_at",
            (hash, self.now().0),
        )?;
        self.sessions_end_all()
    }

    /// Takes the password away, and every session with it. Whether there was one.
    pub fn password_remove(&self) -> Result<bool, StoreError> {
        self.sessions_end_all()?;
        Ok(run(self.conn, "DELETE FROM password", [])? > 0)
    }
}
