//! What the user set, as JSON values under names.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::row::{first, json, run, to_json};
use crate::store::{Reader, Tx};

impl Reader<'_> {
    /// A setting; `None` where the user left it alone.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        first(self.conn, "SELECT value FROM settings WHERE key = ?1", [key], |row| json(row, "value"))
    }
}

impl Tx<'_> {
    /// Sets a setting.
    pub fn setting_put(&self, key: &str, value: &impl Serialize) -> Result<(), StoreError> {
        run(
            self.conn,
            "INSERT INTO settings (key, value, updated_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
            (key, to_json("setting", value)?, self.now().0),
        )?;
        Ok(())
    }

    /// Forgets a setting, so that its default holds again.
    pub fn setting_clear(&self, key: &str) -> Result<(), StoreError> {
        run(self.conn, "DELETE FROM settings WHERE key = ?1", [key])?;
        Ok(())
    }
}
