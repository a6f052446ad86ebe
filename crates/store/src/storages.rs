//! Storages: trees of files with probed capabilities.

use std::path::{Path, PathBuf};

use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bytes::{path_bytes, path_from_bytes};
use crate::error::StoreError;
use crate::row::{all, first, get, json, run, to_json, unsigned_opt};
use crate::store::{Reader, Tx};

/// A tree of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// Its id.
    pub id: i64,
    /// The machine that it lies on; `None` for this one.
    pub worker_id: Option<i64>,
    /// Its root on that machine, absolute.
    pub root: PathBuf,
    /// Whether names that differ only in case are the same file there.
    pub fold_case: bool,
    /// Device number of the root; a hint.
    pub device: Option<u64>,
}

fn read(row: &Row<'_>) -> Result<Storage, StoreError> {
    Ok(Storage {
        id: get(row, "id")?,
        worker_id: get(row, "worker_id")?,
        root: path_from_bytes(get(row, "root")?)?,
        fold_case: get(row, "fold_case")?,
        device: unsigned_opt(row, "device")?,
    })
}

impl Reader<'_> {
    /// A storage.
    pub fn storage(&self, id: i64) -> Result<Storage, StoreError> {
        first(self.conn, "SELECT * FROM storages WHERE id = ?1", [id], read)?
            .ok_or(StoreError::NotFound { what: "storage", id })
    }

    /// All storages.
    pub fn storages(&self) -> Result<Vec<Storage>, StoreError> {
        all(self.conn, "SELECT * FROM storages ORDER BY id", [], read)
    }

    /// What a storage was last probed to be able to do.
    pub fn storage_capabilities<C: DeserializeOwned>(&self, id: i64) -> Result<C, StoreError> {
        first(self.conn, "SELECT capabilities FROM storages WHERE id = ?1", [id], |row| json(row, "capabilities"))?
            .ok_or(StoreError::NotFound { what: "storage", id })
    }
}

impl Tx<'_> {
    /// The storage of this machine with this root, made if it is new, its capabilities and device renewed if not.
    /// `fold_case` counts when it is made: the keys of its files are built with it.
    pub fn storage_put(
        &self,
        root: &Path,
        fold_case: bool,
        capabilities: &impl Serialize,
        device: Option<u64>,
    ) -> Result<Storage, StoreError> {
        self.put(None, root, fold_case, capabilities, device)
    }

    /// The same for a storage that lies on another machine.
    pub fn storage_put_there(
        &self,
        worker_id: i64,
        root: &Path,
        fold_case: bool,
        capabilities: &impl Serialize,
    ) -> Result<Storage, StoreError> {
        self.put(Some(worker_id), root, fold_case, capabilities, None)
    }

    fn put(
        &self,
        worker_id: Option<i64>,
        root: &Path,
        fold_case: bool,
        capabilities: &impl Serialize,
        device: Option<u64>,
    ) -> Result<Storage, StoreError> {
        let (root, capabilities) = (path_bytes(root), to_json("capabilities", capabilities)?);
        run(
            self.conn,
            "INSERT INTO storages (worker_id, root, fold_case, capabilities, device, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
             ON CONFLICT (coalesce(worker_id, 0), root) DO UPDATE
             SET capabilities = excluded.capabilities, device = excluded.device, updated_at = excluded.updated_at",
            (worker_id, &root, fold_case, capabilities, device.map(u64::cast_signed), self.now().0),
        )?;
        first(self.conn, "SELECT * FROM storages WHERE worker_id IS ?1 AND root = ?2", (worker_id, &root), read)?
            .ok_or(StoreError::NotFound { what: "storage", id: 0 })
    }
}
