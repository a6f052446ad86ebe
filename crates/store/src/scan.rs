//! What a scan writes about files.

use mediaflow_core::identity::{ContentId, FileIdentity, Stat};
use mediaflow_core::path::RelPath;

use crate::error::StoreError;
use crate::files::{File, FileKind, read_file};
use crate::row::{all, first, get, insert, path, run};
use crate::storages::Storage;
use crate::store::{Reader, Tx};

/// A file as a scan found it.
#[derive(Debug, Clone)]
pub struct SeenFile {
    /// Its path.
    pub path: RelPath,
    /// What it is taken for.
    pub kind: FileKind,
    /// Why, where that needs a reason.
    pub reason: Option<String>,
    /// What a look showed; `None` where even that failed.
    pub stat: Option<Stat>,
    /// Its content, for media.
    pub content: Option<ContentId>,
}

/// What became of a [`SeenFile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutFile {
    /// The file's id.
    pub id: i64,
    /// Its generation now.
    pub generation: i64,
    /// What was new about it.
    pub change: FileChange,
}

/// What is new about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileChange {
    /// It was not known.
    New,
    /// Its content changed.
    Changed,
    /// Its content is what it was.
    Same,
    /// This scan saw another file whose name differs only in how it is written (composed or not, or in case on a
    /// storage that folds it). Nothing was written; the id is that of the other.
    Twin,
}

impl Reader<'_> {
    /// Files that are not known to be missing and that the scan did not see in `folder` (`None`: the storage's root). Below
    /// the `unread` folders, which could not be listed, nothing counts. It goes through all files of the storage, so that
    /// it belongs before a write and not into one.
    pub fn files_unseen(
        &self,
        scan_id: i64,
        storage_id: i64,
        folder: Option<&RelPath>,
        unread: &[RelPath],
    ) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT id, path FROM files
                   WHERE storage_id = ?1 AND last_scan_id IS NOT ?2 AND missing_since_at IS NULL";
        let mut unseen =
            all(self.conn, sql, (storage_id, scan_id), |row| Ok((get::<i64>(row, "id")?, path(row, "path")?)))?;
        unseen.retain(|(_, path)| {
            folder.is_none_or(|folder| is_below(path, folder)) && !unread.iter().any(|folder| is_below(path, folder))
        });
        Ok(unseen.into_iter().map(|(id, _)| id).collect())
    }
}

impl Tx<'_> {
    /// Writes down a file as it was seen; `scan_id` is `None` for a single file outside a scan.
    pub fn file_put(&self, storage: &Storage, scan_id: Option<i64>, seen: &SeenFile) -> Result<PutFile, StoreError> {
        let key = seen.path.comparison_key(storage.fold_case);
        let known = first(
            self.conn,
            "SELECT * FROM files WHERE storage_id = ?1 AND path_key = ?2",
            (storage.id, &key),
            |row| Ok((read_file(row)?, get::<Option<i64>>(row, "last_scan_id")?)),
        )?;
        let Some((known, last_scan_id)) = known else {
            let id = self.file_insert(storage, scan_id, seen, &key)?;
            return Ok(PutFile { id, generation: 1, change: FileChange::New });
        };
        if known.path != seen.path && scan_id.is_some() && last_scan_id == scan_id {
            return Ok(PutFile { id: known.id, generation: known.generation, change: FileChange::Twin });
        }
        let changed = content_changed(&known, seen);
        let generation = known.generation + i64::from(changed);
        // A file that cannot be read just now keeps what was known of its content.
        let stat = seen.stat.or(known.stat);
        let content = seen.content.or(if changed { None } else { known.content });
        run(
            self.conn,
            "UPDATE files SET path = ?2, kind = ?3, reason = ?4, size_bytes = ?5, mtime_ns = ?6, device = ?7,
             inode = ?8, links = ?9, content_size = ?10, content_edges = ?11, generation = ?12,
             last_scan_id = coalesce(?13, last_scan_id), last_seen_at = ?14, missing_since_at = NULL WHERE id = ?1",
            (
                known.id,
                seen.path.as_bytes(),
                seen.kind.name(),
                &seen.reason,
                stat.map(|s| s.size_bytes.cast_signed()),
                stat.map(|s| s.mtime_ns),
                stat.map(|s| s.device.cast_signed()),
                stat.map(|s| s.inode.cast_signed()),
                stat.map(|s| s.links.cast_signed()),
                content.map(|c| c.size_bytes.cast_signed()),
                content.map(|c| c.edges.to_string()),
                generation,
                scan_id,
                self.now().0,
            ),
        )?;
        let change = if changed { FileChange::Changed } else { FileChange::Same };
        Ok(PutFile { id: known.id, generation, change })
    }

    fn file_insert(
        &self,
        storage: &Storage,
        scan_id: Option<i64>,
        seen: &SeenFile,
        key: &[u8],
    ) -> Result<i64, StoreError> {
        insert(
            self.conn,
            "INSERT INTO files (storage_id, path, path_key, kind, reason, size_bytes, mtime_ns, device, inode, links,
             content_size, content_edges, last_scan_id, first_seen_at, last_seen_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)",
            (
                storage.id,
                seen.path.as_bytes(),
                key,
                seen.kind.name(),
                &seen.reason,
                seen.stat.map(|s| s.size_bytes.cast_signed()),
                seen.stat.map(|s| s.mtime_ns),
                seen.stat.map(|s| s.device.cast_signed()),
                seen.stat.map(|s| s.inode.cast_signed()),
                seen.stat.map(|s| s.links.cast_signed()),
                seen.content.map(|c| c.size_bytes.cast_signed()),
                seen.content.map(|c| c.edges.to_string()),
                scan_id,
                self.now().0,
            ),
        )
    }

    /// Notes that a scan saw these files and that a look at them showed nothing new.
    pub fn files_unchanged(&self, scan_id: i64, ids: &[i64]) -> Result<(), StoreError> {
        for id in ids {
            run(
                self.conn,
                "UPDATE files SET last_scan_id = ?2, last_seen_at = ?3, missing_since_at = NULL WHERE id = ?1",
                (id, scan_id, self.now().0),
            )?;
        }
        Ok(())
    }

    /// Marks files as missing that a scan did not see, and gives how many; one that was seen since is left alone.
    pub fn files_mark_missing(&self, scan_id: i64, unseen: &[i64]) -> Result<u64, StoreError> {
        let mut missing = 0;
        for id in unseen {
            missing += run(
                self.conn,
                "UPDATE files SET missing_since_at = ?3
                 WHERE id = ?1 AND last_scan_id IS NOT ?2 AND missing_since_at IS NULL",
                (id, scan_id, self.now().0),
            )?;
        }
        Ok(missing as u64)
    }

    /// A file's content was exchanged by us, and with it perhaps its name: the row follows, so that nothing stale is
    /// recommended again. Its probe is to be renewed with [`Tx::probe_put`] in the same transaction. Another row at
    /// `path` goes: it is of a file that is gone, or of a scan that met ours there first.
    pub fn file_replaced(
        &self,
        id: i64,
        storage: &Storage,
        path: &RelPath,
        identity: &FileIdentity,
    ) -> Result<File, StoreError> {
        if let Some(other) = self.file_at(storage, path)?.filter(|other| other.id != id) {
            run(self.conn, "DELETE FROM files WHERE id = ?1", [other.id])?;
        }
        let FileIdentity { stat, content } = identity;
        let changed = run(
            self.conn,
            "UPDATE files SET path = ?2, path_key = ?3, size_bytes = ?4, mtime_ns = ?5, device = ?6, inode = ?7,
             links = ?8, content_size = ?9, content_edges = ?10, generation = generation + 1, last_seen_at = ?11,
             missing_since_at = NULL WHERE id = ?1",
            (
                id,
                path.as_bytes(),
                path.comparison_key(storage.fold_case),
                stat.size_bytes.cast_signed(),
                stat.mtime_ns,
                stat.device.cast_signed(),
                stat.inode.cast_signed(),
                stat.links.cast_signed(),
                content.size_bytes.cast_signed(),
                content.edges.to_string(),
                self.now().0,
            ),
        )?;
        if changed == 0 { Err(StoreError::NotFound { what: "file", id }) } else { self.file(id) }
    }
}

fn content_changed(known: &File, seen: &SeenFile) -> bool {
    match (known.content, seen.content) {
        (Some(before), Some(after)) => before != after,
        _ => match (known.stat, seen.stat) {
            (Some(before), Some(after)) => (before.size_bytes, before.mtime_ns) != (after.size_bytes, after.mtime_ns),
            _ => false,
        },
    }
}

fn is_below(path: &RelPath, folder: &RelPath) -> bool {
    path.as_bytes().strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.starts_with(b"/"))
}
