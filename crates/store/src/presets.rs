//! Presets: those that come with the program, and the user's own.

use mediaflow_core::media::preset::Preset;
use rusqlite::Row;

use crate::error::StoreError;
use crate::row::{all, first, get, json, run, to_json};
use crate::store::{Reader, Tx};

fn read(row: &Row<'_>) -> Result<Preset, StoreError> {
    Ok(Preset {
        name: get(row, "name")?,
        description: get(row, "description")?,
        is_builtin: get(row, "is_builtin")?,
        settings: json(row, "settings")?,
    })
}

impl Reader<'_> {
    /// All presets with their ids, in the order in which they were made.
    pub fn presets(&self) -> Result<Vec<(i64, Preset)>, StoreError> {
        all(self.conn, "SELECT * FROM presets ORDER BY id", [], |row| Ok((get(row, "id")?, read(row)?)))
    }

    /// A preset by its name, whatever the case of its letters.
    pub fn preset(&self, name: &str) -> Result<Option<Preset>, StoreError> {
        first(self.conn, "SELECT * FROM presets WHERE name = ?1", [name], read)
    }
}

impl Tx<'_> {
    /// Makes or changes a preset and gives its id.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the name belongs to a built-in one and this is not, or the other way round.
    pub fn preset_put(&self, preset: &Preset) -> Result<i64, StoreError> {
        run(
            self.conn,
            "INSERT INTO presets (name, description, is_builtin, settings, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5)
             ON CONFLICT (name) DO UPDATE SET description = excluded.description, settings = excluded.settings,
             updated_at = excluded.updated_at, row_version = row_version + 1
             WHERE is_builtin = excluded.is_builtin
             AND (description, settings) IS NOT (excluded.description, excluded.settings)",
            (&preset.name, &preset.description, preset.is_builtin, to_json("preset", &preset.settings)?, self.now().0),
        )?;
        let sql = "SELECT id FROM presets WHERE name = ?1 AND is_builtin = ?2";
        first(self.conn, sql, (&preset.name, preset.is_builtin), |row| get(row, "id"))?
            .ok_or_else(|| StoreError::Taken { what: "the preset name", name: preset.name.clone() })
    }
}
