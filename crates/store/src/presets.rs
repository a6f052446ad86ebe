//! Presets: those that come with the program, and the user's own.

use mediaflow_core::event::{Change, Event};
use mediaflow_core::media::preset::Preset;
use mediaflow_core::time::Timestamp;
use rusqlite::Row;

use crate::error::StoreError;
use crate::row::{all, first, get, json, refuse_taken, run, time, to_json};
use crate::store::{Reader, Tx};

/// A preset with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPreset {
    /// Its id.
    pub id: i64,
    /// The preset.
    pub preset: Preset,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

fn read_stored(row: &Row<'_>) -> Result<StoredPreset, StoreError> {
    Ok(StoredPreset {
        id: get(row, "id")?,
        preset: read(row)?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

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

impl Reader<'_> {
    /// All presets with their places: those that come with the program first, then by name.
    pub fn stored_presets(&self) -> Result<Vec<StoredPreset>, StoreError> {
        let sql = "SELECT * FROM presets
                   ORDER BY is_builtin DESC, CASE WHEN is_builtin THEN id END, name";
        all(self.conn, sql, [], read_stored)
    }

    /// A preset by its id.
    pub fn stored_preset(&self, id: i64) -> Result<StoredPreset, StoreError> {
        first(self.conn, "SELECT * FROM presets WHERE id = ?1", [id], read_stored)?
            .ok_or(StoreError::NotFound { what: "preset", id })
    }
}

impl Tx<'_> {
    /// Makes a preset of the user's own and gives its id.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when there is one of that name.
    pub fn preset_create(&self, preset: &Preset) -> Result<i64, StoreError> {
        self.name_is_free(&preset.name, None)?;
        let id = self.preset_put(&Preset { is_builtin: false, ..preset.clone() })?;
        self.preset_changed(id, &preset.name, Change::Created)?;
        Ok(id)
    }

    /// Changes a preset of the user's own, its name included.
    ///
    /// # Errors
    /// [`StoreError::BuiltIn`] for one that came with the program, [`StoreError::Taken`] when another one has the name.
    pub fn preset_update(&self, id: i64, preset: &Preset) -> Result<(), StoreError> {
        self.own_preset(id)?;
        self.name_is_free(&preset.name, Some(id))?;
        let sql = "UPDATE presets SET name = ?2, description = ?3, settings = ?4, updated_at = ?5,
                   row_version = row_version + 1 WHERE id = ?1";
        let settings = to_json("preset", &preset.settings)?;
        run(self.conn, sql, (id, &preset.name, &preset.description, settings, self.now().0))?;
        self.preset_changed(id, &preset.name, Change::Updated)
    }

    /// Deletes a preset of the user's own. Jobs keep the settings that they were queued with.
    ///
    /// # Errors
    /// [`StoreError::BuiltIn`] for one that came with the program.
    pub fn preset_delete(&self, id: i64) -> Result<(), StoreError> {
        let name = self.own_preset(id)?.name;
        run(self.conn, "DELETE FROM presets WHERE id = ?1", [id])?;
        self.preset_changed(id, &name, Change::Deleted)
    }

    fn preset_changed(&self, id: i64, name: &str, change: Change) -> Result<(), StoreError> {
        self.event(&Event::Changed { preset_id: id, name: name.to_owned(), change }).map(drop)
    }

    fn own_preset(&self, id: i64) -> Result<Preset, StoreError> {
        let preset = self.stored_preset(id)?.preset;
        if preset.is_builtin { Err(StoreError::BuiltIn { name: preset.name }) } else { Ok(preset) }
    }

    fn name_is_free(&self, name: &str, except: Option<i64>) -> Result<(), StoreError> {
        refuse_taken(self.conn, ("presets", "name"), "the preset name", (name, name), except)
    }

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
