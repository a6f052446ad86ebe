//! Keys by which programs use the server.

use mediaflow_core::identity::Hash;
use mediaflow_core::time::Timestamp;
use rusqlite::{ErrorCode, Row};

use crate::error::StoreError;
use crate::row::{all, first, get, insert, run, time, time_opt};
use crate::store::{Reader, Tx};

/// A key, without what it opens with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// How it begins.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last known to be used.
    pub used_at: Option<Timestamp>,
}

fn read(row: &Row<'_>) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: get(row, "id")?,
        name: get(row, "name")?,
        prefix: get(row, "prefix")?,
        created_at: time(row, "created_at")?,
        used_at: time_opt(row, "used_at")?,
    })
}

impl Reader<'_> {
    /// All keys, the oldest first.
    pub fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        all(self.conn, "SELECT * FROM api_keys ORDER BY id", [], read)
    }

    /// The key with this hash.
    pub fn api_key(&self, key: &Hash) -> Result<Option<ApiKey>, StoreError> {
        first(self.conn, "SELECT * FROM api_keys WHERE key_hash = ?1", [key.to_string()], read)
    }
}

impl Tx<'_> {
    /// Keeps a new key.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another key has the name.
    pub fn api_key_put(&self, name: &str, prefix: &str, key: &Hash) -> Result<ApiKey, StoreError> {
        let id = insert(
            self.conn,
            "INSERT INTO api_keys (name, prefix, key_hash, created_at) VALUES (?1, ?2, ?3, ?4)",
            (name, prefix, key.to_string(), self.now().0),
        )
        .map_err(|error| match error {
            StoreError::Sql(sql) if sql.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                StoreError::Taken { what: "the key name", name: name.to_owned() }
            }
            other => other,
        })?;
        let (name, prefix) = (name.to_owned(), prefix.to_owned());
        Ok(ApiKey { id, name, prefix, created_at: self.now(), used_at: None })
    }

    /// Notes that a key is used.
    pub fn api_key_used(&self, id: i64) -> Result<(), StoreError> {
        run(self.conn, "UPDATE api_keys SET used_at = ?2 WHERE id = ?1", (id, self.now().0))?;
        Ok(())
    }

    /// Takes a key back and gives what it was.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such key.
    pub fn api_key_revoke(&self, id: i64) -> Result<ApiKey, StoreError> {
        let key = first(self.conn, "DELETE FROM api_keys WHERE id = ?1 RETURNING *", [id], read)?;
        key.ok_or(StoreError::NotFound { what: "key", id })
    }
}
