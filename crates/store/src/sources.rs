//! Sources and their libraries, and the scans of these.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use mediaflow_core::event::Event;
use mediaflow_core::path::RelPath;
use mediaflow_core::time::Timestamp;
use rusqlite::Row;

use crate::bytes::path_from_bytes;
use crate::error::StoreError;
use crate::files::File;
use crate::row::{all, first, get, insert, run, time_opt, unsigned};
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
        self.contains(file.storage_id, &file.path)
    }

    /// Whether a path of a storage lies in it.
    #[must_use]
    pub fn contains(&self, storage_id: i64, path: &RelPath) -> bool {
        let below = |folder: &RelPath| {
            path.as_bytes().strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.starts_with(b"/"))
        };
        self.storage_id == Some(storage_id) && self.folder.as_ref().is_none_or(below)
    }
}

/// What a scan found, and what its library holds since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScanCounts {
    /// The library's [`LibrarySize::parts`]. Counted by a reader before the write: with a million it takes seconds, in
    /// which no job could note its step.
    pub items: u64,
    /// Files seen.
    pub seen: u64,
    /// Files probed, because they were new or had changed.
    pub probed: u64,
    /// Files that are no longer there.
    pub missing: u64,
}

/// A library with where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryOverview {
    /// The library.
    pub library: Library,
    /// Name of its source.
    pub source_name: String,
    /// Where it lies on its machine; `None` for one that is known only through a media server.
    pub root: Option<PathBuf>,
    /// The other machine that it lies on; `None` for this one.
    pub host: Option<LibraryHost>,
    /// When it was added.
    pub created_at: Timestamp,
}

impl LibraryOverview {
    /// Whether its folder is there now, as far as is known of another machine.
    #[must_use]
    pub fn is_available(&self) -> bool {
        match &self.host {
            Some(host) => host.is_online,
            None => self.root.as_ref().is_some_and(|root| root.is_dir()),
        }
    }
}

/// Another machine that has a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryHost {
    /// Its id as a worker.
    pub worker_id: i64,
    /// Its name.
    pub name: String,
    /// Whether it answered when it was last asked.
    pub is_online: bool,
}

/// How much a library holds. Counted anew each time: the catalog in memory has the same at hand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LibrarySize {
    /// Parts of its items whose file is there: the wire's media items.
    pub parts: u64,
    /// Size of their files in bytes, each counted once.
    pub size_bytes: u64,
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

fn host(row: &Row<'_>) -> Result<Option<LibraryHost>, StoreError> {
    let Some(worker_id) = get(row, "worker_id")? else { return Ok(None) };
    let (name, is_online) = (get::<Option<String>>(row, "worker_name")?, get::<Option<bool>>(row, "is_online")?);
    Ok(Some(LibraryHost {
        worker_id,
        name: name.unwrap_or_else(|| format!("server {worker_id}")),
        is_online: is_online.unwrap_or(false),
    }))
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

    /// All libraries with where they lie, by title.
    pub fn library_overviews(&self) -> Result<Vec<LibraryOverview>, StoreError> {
        self.overviews(None)
    }

    /// A library with where it lies.
    pub fn library_overview(&self, id: i64) -> Result<LibraryOverview, StoreError> {
        self.overviews(Some(id))?.pop().ok_or(StoreError::NotFound { what: "library", id })
    }

    fn overviews(&self, id: Option<i64>) -> Result<Vec<LibraryOverview>, StoreError> {
        let sql = "SELECT l.*, s.name AS source_name, g.root, g.worker_id, w.name AS worker_name,
                w.status = 'online' AS is_online
            FROM libraries l JOIN sources s ON s.id = l.source_id LEFT JOIN storages g ON g.id = l.storage_id
            LEFT JOIN workers w ON w.id = g.worker_id
            WHERE ?1 IS NULL OR l.id = ?1 ORDER BY l.title COLLATE NOCASE, l.id";
        all(self.conn, sql, [id], |row| {
            let library = read(row)?;
            let root = get::<Option<Vec<u8>>>(row, "root")?.map(path_from_bytes).transpose()?;
            let folder = library.folder.as_ref().map(|folder| OsStr::from_bytes(folder.as_bytes()));
            Ok(LibraryOverview {
                root: root.map(|root| folder.map_or_else(|| root.clone(), |folder| root.join(folder))),
                source_name: get(row, "source_name")?,
                host: host(row)?,
                created_at: Timestamp(get(row, "created_at")?),
                library,
            })
        })
    }

    /// How much a library holds.
    pub fn library_size(&self, id: i64) -> Result<LibrarySize, StoreError> {
        // A file with two episodes is two parts and lies on the disk once.
        let sql = "
            SELECT coalesce(sum(parts), 0) AS parts, coalesce(sum(size_bytes), 0) AS size_bytes FROM (
                SELECT f.size_bytes, count(*) AS parts
                FROM items i JOIN versions v ON v.item_id = i.id JOIN parts t ON t.version_id = v.id
                JOIN part_files pf ON pf.part_id = t.id JOIN files f ON f.id = pf.file_id
                WHERE f.kind = 'media' AND f.missing_since_at IS NULL AND i.library_id = ?1
                GROUP BY f.id)";
        let size = first(self.conn, sql, [id], |row| {
            Ok(LibrarySize { parts: unsigned(row, "parts")?, size_bytes: unsigned(row, "size_bytes")? })
        })?;
        Ok(size.unwrap_or_default())
    }

    /// How many jobs for files of a library are not finished.
    pub fn library_unfinished_jobs(&self, id: i64) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) AS n FROM jobs j WHERE j.status NOT IN ('completed', 'failed', 'cancelled')
                   AND EXISTS (
                       SELECT 1 FROM part_files pf JOIN parts t ON t.id = pf.part_id
                       JOIN versions v ON v.id = t.version_id JOIN items i ON i.id = v.item_id
                       WHERE pf.file_id = j.file_id AND i.library_id = ?1)";
        Ok(first(self.conn, sql, [id], |row| unsigned(row, "n"))?.unwrap_or(0))
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
        self.event(&Event::LibraryAdded { library_id: id, title: title.to_owned() })?;
        self.library(id)
    }

    /// Removes a library that is a folder, with its source, items and recommendations, and its event. Its files stay
    /// known, with verdicts and history, and are not touched.
    pub fn library_delete(&self, id: i64) -> Result<(), StoreError> {
        let library = self.library(id)?;
        self.source_delete(library.source_id)?;
        self.event(&Event::LibraryRemoved { library_id: id, title: library.title }).map(drop)
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
        let library = self.library_overview(library_id)?;
        self.event(&Event::SyncCompleted {
            source_id: library.library.source_id,
            library_id,
            server_name: library.source_name,
            items: counts.items,
            seen: counts.seen,
            probed: counts.probed,
        })?;
        Ok(())
    }

    /// Notes that a scan of a library could not be carried through.
    pub fn scan_failed(&self, library_id: i64, reason: &str) -> Result<(), StoreError> {
        // It may have been removed meanwhile.
        let sql = "SELECT title FROM libraries WHERE id = ?1";
        let title = first(self.conn, sql, [library_id], |row| get(row, "title"))?.unwrap_or_default();
        self.event(&Event::ScanFailed { library_id, title, reason: reason.to_owned() }).map(drop)
    }
}
