//! What the user set, as JSON values under names.

use mediaflow_core::event::Event;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::row::{all, first, get, json, run, to_json};
use crate::store::{Reader, Tx};

impl Reader<'_> {
    /// A setting; `None` where the user left it alone.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        first(self.conn, "SELECT value FROM settings WHERE key = ?1", [key], |row| json(row, "value"))
    }

    /// Everything that was set, by name.
    pub fn settings(&self) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
        all(self.conn, "SELECT key, value FROM settings ORDER BY key", [], |row| {
            Ok((get(row, "key")?, json(row, "value")?))
        })
    }
}

impl Tx<'_> {
    /// Sets a setting, with its event where it was another.
    pub fn setting_put(&self, key: &str, value: &impl Serialize) -> Result<(), StoreError> {
        let changed = run(
            self.conn,
            "INSERT INTO settings (key, value, updated_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
             WHERE value <> excluded.value",
            (key, to_json("setting", value)?, self.now().0),
        )?;
        self.setting_changed(key, changed)
    }

    /// Forgets a setting, so that its default holds again.
    pub fn setting_clear(&self, key: &str) -> Result<(), StoreError> {
        let changed = run(self.conn, "DELETE FROM settings WHERE key = ?1", [key])?;
        self.setting_changed(key, changed)
    }

    fn setting_changed(&self, key: &str, changed: usize) -> Result<(), StoreError> {
        if changed > 0 {
            self.event(&Event::SettingChanged { key: key.to_owned() })?;
        }
        Ok(())
    }
}
