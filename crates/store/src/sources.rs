//! Sources and their libraries, and the scans of these.

use mediaflow_core::event::Event;
use mediaflow_core::path::RelPath;
use mediaflow_core::time::Timestamp;
use rusqlite::Row;

use crate::error::StoreError;
use crate::files::File;
use crate::row::{all, first, get, insert, run, time_opt};
use crate::storages::Storage;
use crate::store::{Reader, Tx};

/// The kind of a source that is a folder.
const FOLDER: &str = "folder";

/// A library of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// Its id.
    pub id: i64,
    /// The source it belongs to.
    pub source_id: i64,
    /// The storage it lies on; `None` for one that is known only through a media server.
    pub storage_id: Option<i64>,
    /// The folder within that storage; `None` for its root.
    pub folder: Option<RelPath>,
    /// Its title.
    pub title: String,
    /// `movie` or `show`.
    pub library_type: String,
    /// When a scan of it last ended.
    pub last_scanned_at: Option<Timestamp>,
}

impl Library {
    /// Whether a file lies in it.
    #[must_use]
    pub fn holds(&self, file: &File) -> bool {
        let below = |folder: &RelPath| {
            file.path.as_bytes().strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.starts_with(b"/"))
        };
        self.storage_id == Some(file.storage_id) && self.folder.as_ref().is_none_or(below)
    }
}

/// What a scan found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScanCounts {
    /// Files seen.
    pub seen: u64,
    /// Files probed, because they were new or had changed.
    pub probed: u64,
    /// Files that are no longer there.
    pub missing: u64,
}

fn read(row: &Row<'_>) -> Result<Library, StoreError> {
    let folder: Vec<u8> = get(row, "folder")?;
    Ok(Library {
        id: get(row, "id")?,
        source_id: get(row, "source_id")?,
        storage_id: get(row, "storage_id")?,
        folder: if folder.is_empty() { None } else { Some(RelPath::new(folder)?) },
        title: get(row, "title")?,
        library_type: get(row, "type")?,
        last_scanned_at: time_opt(row, "last_scanned_at")?,
    })
}

impl Reader<'_> {
    /// A library.
    pub fn library(&self, id: i64) -> Result<Library, StoreError> {
        first(self.conn, "SELECT * FROM libraries WHERE id = ?1", [id], read)?
            .ok_or(StoreError::NotFound { what: "library", id })
    }

    /// All libraries.
    pub fn libraries(&self) -> Result<Vec<Library>, StoreError> {
        all(self.conn, "SELECT * FROM libraries ORDER BY id", [], read)
    }
}

impl Tx<'_> {
    /// The library of a folder: a source of its own with one library, made if it is new.
    pub fn folder_put(
        &self,
        storage: &Storage,
        folder: Option<&RelPath>,
        title: &str,
        library_type: &str,
    ) -> Result<Library, StoreError> {
        let folder = folder.map_or(&b""[..], RelPath::as_bytes);
        let known = first(
            self.conn,
            "SELECT * FROM libraries WHERE storage_id = ?1 AND folder = ?2",
            (storage.id, folder),
            read,
        )?;
        if let Some(library) = known {
            return Ok(library);
        }
        let source_id = insert(
            self.conn,
            "INSERT INTO sources (kind, name, created_at) VALUES (?1, ?2, ?3)",
            (FOLDER, title, self.now().0),
        )?;
        let id = insert(
            self.conn,
            "INSERT INTO libraries (source_id, storage_id, folder, title, type, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (source_id, storage.id, folder, title, library_type, self.now().0),
        )?;
        self.library(id)
    }

    /// Removes a source with its libraries and their items. Its files stay known, with verdicts and history.
    pub fn source_delete(&self, id: i64) -> Result<(), StoreError> {
        match run(self.conn, "DELETE FROM sources WHERE id = ?1", [id])? {
            0 => Err(StoreError::NotFound { what: "source", id }),
            _ => Ok(()),
        }
    }

    /// Begins a scan of a library and gives its id, by which files are marked as seen.
    pub fn scan_begin(&self, library_id: i64) -> Result<i64, StoreError> {
        insert(self.conn, "INSERT INTO scans (library_id, started_at) VALUES (?1, ?2)", (library_id, self.now().0))
    }

    /// Ends a scan, with its event.
    pub fn scan_end(&self, scan_id: i64, counts: ScanCounts) -> Result<(), StoreError> {
        let library_id = first(
            self.conn,
            "UPDATE scans SET ended_at = ?2, seen = ?3, probed = ?4, missing = ?5 WHERE id = ?1 RETURNING library_id",
            (
                scan_id,
                self.now().0,
                counts.seen.cast_signed(),
                counts.probed.cast_signed(),
                counts.missing.cast_signed(),
            ),
            |row| get(row, "library_id"),
        )?
        .ok_or(StoreError::NotFound { what: "scan", id: scan_id })?;
        run(self.conn, "UPDATE libraries SET last_scanned_at = ?2 WHERE id = ?1", (library_id, self.now().0))?;
        let source_id = self.library(library_id)?.source_id;
        self.event(&Event::SyncCompleted { source_id, seen: counts.seen, probed: counts.probed })?;
        Ok(())
    }
}
