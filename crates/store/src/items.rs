//! The catalog above the files: items, their versions and parts, and the media files behind them.

use std::collections::HashSet;
use std::ops::ControlFlow;

use mediaflow_core::media::MediaInfo;
use rusqlite::Row;

use crate::error::StoreError;
use crate::files::{File, read_file};
use crate::row::{all, each, first, get, json, run, to_json};
use crate::store::{Reader, Tx};

/// Where a file belongs in the catalog. The keys are the source's own names: a file seen again under the same keys is
/// the same part.
#[derive(Debug, Clone, Copy)]
pub struct CatalogEntry<'a> {
    /// The film or episode.
    pub item_key: &'a str,
    /// `movie` or `episode`.
    pub item_type: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The year it came out.
    pub year: Option<i32>,
    /// Which of its versions (4K, director's cut); empty where there is one.
    pub version_key: &'a str,
    /// Which part of that version, from 0.
    pub position: u32,
}

/// An item, as seen from one of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemOfFile {
    /// The part; the wire's item id.
    pub part_id: i64,
    /// The item.
    pub item_id: i64,
    /// Its title.
    pub title: String,
    /// Its year.
    pub year: Option<i32>,
    /// `movie` or `episode`.
    pub item_type: String,
}

/// A media file with all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct MediaFile {
    /// The file.
    pub file: File,
    /// What was found in it.
    pub info: MediaInfo,
    /// The first item that it belongs to.
    pub item: Option<ItemOfFile>,
}

/// Joins a file `f` with its first item, for [`ITEM_COLUMNS`].
pub(crate) const ITEM_JOINS: &str = "
    LEFT JOIN parts ON parts.id = (SELECT min(part_id) FROM part_files WHERE file_id = f.id)
    LEFT JOIN versions ON versions.id = parts.version_id
    LEFT JOIN items ON items.id = versions.item_id";

/// The columns that `read_item` needs.
pub(crate) const ITEM_COLUMNS: &str =
    "parts.id AS part_id, items.id AS item_id, items.title AS item_title, items.year, items.type AS item_type";

pub(crate) fn read_item(row: &Row<'_>) -> Result<Option<ItemOfFile>, StoreError> {
    let Some(part_id) = get(row, "part_id")? else { return Ok(None) };
    Ok(Some(ItemOfFile {
        part_id,
        item_id: get(row, "item_id")?,
        title: get(row, "item_title")?,
        year: get(row, "year")?,
        item_type: get(row, "item_type")?,
    }))
}

impl Reader<'_> {
    /// The first item that a file belongs to.
    pub fn item_of_file(&self, file_id: i64) -> Result<Option<ItemOfFile>, StoreError> {
        let sql = format!("SELECT {ITEM_COLUMNS} FROM files f {ITEM_JOINS} WHERE f.id = ?1");
        Ok(first(self.conn, &sql, [file_id], read_item)?.flatten())
    }

    /// The ids of all files that lie in a library's catalog.
    pub fn files_of_library(&self, library_id: i64) -> Result<HashSet<i64>, StoreError> {
        let sql = "SELECT DISTINCT pf.file_id FROM items i JOIN versions v ON v.item_id = i.id
                   JOIN parts t ON t.version_id = v.id JOIN part_files pf ON pf.part_id = t.id WHERE i.library_id = ?1";
        Ok(all(self.conn, sql, [library_id], |row| get(row, "file_id"))?.into_iter().collect())
    }

    /// Whether a media file other than `file_id` lies under an entry, and is there.
    pub fn entry_is_taken(&self, library_id: i64, entry: &CatalogEntry<'_>, file_id: i64) -> Result<bool, StoreError> {
        let sql = "SELECT 1 AS taken FROM items i JOIN versions v ON v.item_id = i.id AND v.key = ?3
                   JOIN parts t ON t.version_id = v.id AND t.position = ?4 JOIN part_files pf ON pf.part_id = t.id
                   JOIN files f ON f.id = pf.file_id
                   WHERE i.library_id = ?1 AND i.key = ?2 AND f.id <> ?5 AND f.kind = 'media'
                   AND f.missing_since_at IS NULL";
        let values = (library_id, entry.item_key, entry.version_key, entry.position, file_id);
        Ok(first(self.conn, sql, values, |row| get::<i64>(row, "taken"))?.is_some())
    }

    /// Every probed media file that is not missing, one after the other; `library_id` narrows it to one library.
    pub fn media_files(
        &self,
        library_id: Option<i64>,
        mut visit: impl FnMut(MediaFile) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT f.*, p.info, {ITEM_COLUMNS} FROM files f {ITEM_JOINS}
             JOIN probes p ON p.file_id = f.id AND p.generation = f.generation
             WHERE f.kind = 'media' AND f.missing_since_at IS NULL AND (?1 IS NULL OR EXISTS (
                 SELECT 1 FROM part_files pf JOIN parts t ON t.id = pf.part_id JOIN versions v ON v.id = t.version_id
                 JOIN items i ON i.id = v.item_id WHERE pf.file_id = f.id AND i.library_id = ?1))
             ORDER BY f.id"
        );
        each(self.conn, &sql, [library_id], |row| {
            Ok(visit(MediaFile { file: read_file(row)?, info: json(row, "info")?, item: read_item(row)? }))
        })
    }
}

impl Tx<'_> {
    /// Puts a file into a library's catalog: one entry for a film, one for each episode for a file that holds several.
    /// Entries under which it stood before and no longer does are removed; gives the ids of its parts.
    pub fn catalog_put(
        &self,
        library_id: i64,
        file_id: i64,
        entries: &[CatalogEntry<'_>],
    ) -> Result<Vec<i64>, StoreError> {
        let parts = entries.iter().map(|entry| self.part_put(library_id, entry)).collect::<Result<Vec<_>, _>>()?;
        for part in &parts {
            let sql = "INSERT INTO part_files (part_id, file_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            run(self.conn, sql, (part, file_id))?;
        }
        let stale = all(
            self.conn,
            "SELECT pf.part_id, v.id AS version_id, i.id AS item_id FROM part_files pf
             JOIN parts t ON t.id = pf.part_id JOIN versions v ON v.id = t.version_id JOIN items i ON i.id = v.item_id
             WHERE pf.file_id = ?1 AND i.library_id = ?2 AND pf.part_id NOT IN (SELECT value FROM json_each(?3))",
            (file_id, library_id, to_json("part list", &parts)?),
            |row| Ok((get::<i64>(row, "part_id")?, get::<i64>(row, "version_id")?, get::<i64>(row, "item_id")?)),
        )?;
        for (part, version, item) in stale {
            run(self.conn, "DELETE FROM part_files WHERE part_id = ?1 AND file_id = ?2", (part, file_id))?;
            for (id, empty) in [
                (part, "DELETE FROM parts WHERE id = ?1 AND id NOT IN (SELECT part_id FROM part_files)"),
                (version, "DELETE FROM versions WHERE id = ?1 AND id NOT IN (SELECT version_id FROM parts)"),
                (item, "DELETE FROM items WHERE id = ?1 AND id NOT IN (SELECT item_id FROM versions)"),
            ] {
                run(self.conn, empty, [id])?;
            }
        }
        Ok(parts)
    }

    fn part_put(&self, library_id: i64, entry: &CatalogEntry<'_>) -> Result<i64, StoreError> {
        let id = |row: &Row<'_>| get::<i64>(row, "id");
        let lost = || StoreError::NotFound { what: "library", id: library_id };
        let item_id = first(
            self.conn,
            "INSERT INTO items (library_id, key, type, title, year, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
             ON CONFLICT (library_id, key) DO UPDATE SET type = excluded.type, title = excluded.title,
             year = excluded.year, updated_at = excluded.updated_at RETURNING id",
            (library_id, entry.item_key, entry.item_type, entry.title, entry.year, self.now().0),
            id,
        )?
        .ok_or_else(lost)?;
        let version_id = first(
            self.conn,
            "INSERT INTO versions (item_id, key) VALUES (?1, ?2)
             ON CONFLICT (item_id, key) DO UPDATE SET key = excluded.key RETURNING id",
            (item_id, entry.version_key),
            id,
        )?
        .ok_or_else(lost)?;
        first(
            self.conn,
            "INSERT INTO parts (version_id, position) VALUES (?1, ?2)
             ON CONFLICT (version_id, position) DO UPDATE SET position = excluded.position RETURNING id",
            (version_id, entry.position),
            id,
        )?
        .ok_or_else(lost)
    }
}
