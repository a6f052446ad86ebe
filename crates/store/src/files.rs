//! Files as they are looked at by scans.

use std::ops::ControlFlow;

use mediaflow_core::identity::{ContentId, Stat};
use mediaflow_core::path::RelPath;
use mediaflow_core::time::Timestamp;
use rusqlite::Row;

use crate::error::StoreError;
use crate::row::{all, each, first, get, hash, named, named_enum, path, time, time_opt, unsigned, unsigned_opt};
use crate::storages::Storage;
use crate::store::Reader;

named_enum! {
    /// What a scan takes a file for.
    FileKind {
        /// A film, an episode: something with pictures or sound that a probe can read.
        Media = "media",
        /// Belongs to a media file: subtitles, metadata, posters. Never touched.
        Sidecar = "sidecar",
        /// Nothing to do with media.
        Other = "other",
        /// Could not be read or probed.
        Unreadable = "unreadable",
    }
}

/// A known file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id.
    pub id: i64,
    /// The storage it lies on.
    pub storage_id: i64,
    /// Its path there.
    pub path: RelPath,
    /// What it was taken for.
    pub kind: FileKind,
    /// Why, where that needs a reason.
    pub reason: Option<String>,
    /// What the last look showed.
    pub stat: Option<Stat>,
    /// Its content, for media.
    pub content: Option<ContentId>,
    /// Rises when its content changes.
    pub generation: i64,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
    /// Since when a scan did not find it.
    pub missing_since_at: Option<Timestamp>,
}

impl File {
    /// Its length when it was last looked at, in bytes; 0 before that.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.stat.map_or(0, |stat| stat.size_bytes)
    }
}

/// What a rescan needs to know of a file, to tell whether it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    /// Its id.
    pub id: i64,
    /// Its path.
    pub path: RelPath,
    /// What it was taken for.
    pub kind: FileKind,
    /// What the last look showed.
    pub stat: Option<Stat>,
    /// Whether there is a probe of the content that it has now.
    pub probed: bool,
}

pub(crate) fn read_file(row: &Row<'_>) -> Result<File, StoreError> {
    let content_size = unsigned_opt(row, "content_size")?;
    Ok(File {
        id: get(row, "id")?,
        storage_id: get(row, "storage_id")?,
        path: path(row, "path")?,
        kind: named(row, "kind", FileKind::parse)?,
        reason: get(row, "reason")?,
        stat: stat(row)?,
        content: match content_size {
            Some(size_bytes) => Some(ContentId { size_bytes, edges: hash(row, "content_edges")? }),
            None => None,
        },
        generation: get(row, "generation")?,
        first_seen_at: time(row, "first_seen_at")?,
        last_seen_at: time(row, "last_seen_at")?,
        missing_since_at: time_opt(row, "missing_since_at")?,
    })
}

fn stat(row: &Row<'_>) -> Result<Option<Stat>, StoreError> {
    let Some(size_bytes) = unsigned_opt(row, "size_bytes")? else { return Ok(None) };
    Ok(Some(Stat {
        size_bytes,
        mtime_ns: get(row, "mtime_ns")?,
        device: unsigned(row, "device")?,
        inode: unsigned(row, "inode")?,
        links: unsigned(row, "links")?,
    }))
}

impl Reader<'_> {
    /// Files that are there and could not be read, by path.
    pub fn unreadable_files(&self) -> Result<Vec<File>, StoreError> {
        let sql =
            "SELECT * FROM files WHERE kind = 'unreadable' AND missing_since_at IS NULL ORDER BY storage_id, path";
        all(self.conn, sql, [], read_file)
    }

    /// A file.
    pub fn file(&self, id: i64) -> Result<File, StoreError> {
        first(self.conn, "SELECT * FROM files WHERE id = ?1", [id], read_file)?
            .ok_or(StoreError::NotFound { what: "file", id })
    }

    /// The file at a path, compared as its storage compares names.
    pub fn file_at(&self, storage: &Storage, path: &RelPath) -> Result<Option<File>, StoreError> {
        let key = path.comparison_key(storage.fold_case);
        let sql = "SELECT * FROM files WHERE storage_id = ?1 AND path_key = ?2";
        first(self.conn, sql, (storage.id, key), read_file)
    }

    /// Every file of a storage that is not missing, one after the other.
    pub fn files_known(
        &self,
        storage_id: i64,
        mut visit: impl FnMut(KnownFile) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let sql = "SELECT f.id, f.path, f.kind, f.size_bytes, f.mtime_ns, f.device, f.inode, f.links,
                   EXISTS (SELECT 1 FROM probes p WHERE p.file_id = f.id AND p.generation = f.generation) AS probed
                   FROM files f WHERE f.storage_id = ?1 AND f.missing_since_at IS NULL";
        each(self.conn, sql, [storage_id], |row| {
            Ok(visit(KnownFile {
                id: get(row, "id")?,
                path: path(row, "path")?,
                kind: named(row, "kind", FileKind::parse)?,
                stat: stat(row)?,
                probed: get(row, "probed")?,
            }))
        })
    }

    /// Files of a kind in a storage, such as those that could not be read, by path.
    pub fn files_of_kind(&self, storage_id: i64, kind: FileKind) -> Result<Vec<File>, StoreError> {
        let sql = "SELECT * FROM files WHERE storage_id = ?1 AND kind = ?2 AND missing_since_at IS NULL ORDER BY path";
        all(self.conn, sql, (storage_id, kind.name()), read_file)
    }
}
