//! Filters of the library that were kept under a name.

use mediaflow_core::time::Timestamp;
use rusqlite::Row;
use serde_json::Value;

use crate::error::StoreError;
use crate::row::{all, first, get, insert, json, refuse_taken, run, time, to_json};
use crate::store::{Reader, Tx};
use crate::tags::name_key;

/// A filter under a name.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterPreset {
    /// Its id.
    pub id: i64,
    /// Its name, unique whatever the case of its letters.
    pub name: String,
    /// What a client keeps in it: an object, whose fields are the client's own.
    pub filter: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

fn read(row: &Row<'_>) -> Result<FilterPreset, StoreError> {
    Ok(FilterPreset {
        id: get(row, "id")?,
        name: get(row, "name")?,
        filter: json(row, "filter")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

impl Reader<'_> {
    /// All kept filters by name.
    pub fn filter_presets(&self) -> Result<Vec<FilterPreset>, StoreError> {
        all(self.conn, "SELECT * FROM filter_presets ORDER BY name_key", [], read)
    }

    /// One of them.
    pub fn filter_preset(&self, id: i64) -> Result<FilterPreset, StoreError> {
        first(self.conn, "SELECT * FROM filter_presets WHERE id = ?1", [id], read)?
            .ok_or(StoreError::NotFound { what: "filter preset", id })
    }
}

impl Tx<'_> {
    /// Keeps a filter and gives its id.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when there is one of that name.
    pub fn filter_preset_create(&self, name: &str, filter: &Value) -> Result<i64, StoreError> {
        self.filter_name_is_free(name, None)?;
        let sql =
            "INSERT INTO filter_presets (name, name_key, filter, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)";
        insert(self.conn, sql, (name, name_key(name), to_json("filter", filter)?, self.now().0))
    }

    /// Changes a kept filter.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another one has the name.
    pub fn filter_preset_update(&self, id: i64, name: &str, filter: &Value) -> Result<(), StoreError> {
        self.filter_preset(id)?;
        self.filter_name_is_free(name, Some(id))?;
        let sql = "UPDATE filter_presets SET name = ?2, name_key = ?3, filter = ?4, updated_at = ?5 WHERE id = ?1";
        run(self.conn, sql, (id, name, name_key(name), to_json("filter", filter)?, self.now().0)).map(drop)
    }

    /// Deletes a kept filter.
    pub fn filter_preset_delete(&self, id: i64) -> Result<(), StoreError> {
        self.filter_preset(id)?;
        run(self.conn, "DELETE FROM filter_presets WHERE id = ?1", [id]).map(drop)
    }

    fn filter_name_is_free(&self, name: &str, except: Option<i64>) -> Result<(), StoreError> {
        let place = ("filter_presets", "name_key");
        refuse_taken(self.conn, place, "the name of the filter", (name, &name_key(name)), except)
    }
}
