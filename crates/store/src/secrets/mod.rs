//! Secrets that we must be able to read again: encrypted with a key that is not in the database, so that a copy of
//! it alone gives none of them away.

mod key;

use std::collections::BTreeSet;
use std::io;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};

use crate::error::StoreError;
use crate::row::{all, first, get, named_enum, run};
use crate::store::{Reader, Store, Tx};

pub use key::SecretKey;

named_enum! {
    /// What a worker may be logged in to with.
    WorkerSecret {
        /// A password.
        Password = "password",
        /// A private key as text.
        PrivateKey = "private_key",
        /// What the private key is encrypted with.
        Passphrase = "passphrase",
    }
}

impl WorkerSecret {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Password, Self::PrivateKey, Self::Passphrase];

    /// For a person.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::PrivateKey => "private key",
            Self::Passphrase => "passphrase",
        }
    }

    pub(crate) fn row(self, worker_id: i64) -> String {
        format!("worker/{worker_id}/{}", self.name())
    }
}

const NONCE_BYTES: usize = 12;

/// Seals and opens secrets.
#[derive(Debug, Clone)]
pub struct Vault {
    key: SecretKey,
}

impl Store {
    /// What seals and opens the secrets of this database.
    #[must_use]
    pub fn vault(&self) -> Vault {
        Vault { key: self.secret_key().clone() }
    }
}

impl Vault {
    fn seal(&self, name: &str, text: &str) -> Result<Vec<u8>, StoreError> {
        let cipher = Aes256Gcm::new(&self.key.ensure()?.into());
        let nonce = key::random::<NONCE_BYTES>().map_err(|error| self.key.failed(error))?;
        let payload = Payload { msg: text.as_bytes(), aad: name.as_bytes() };
        let sealed = cipher.encrypt(&nonce.into(), payload);
        let sealed = sealed.map_err(|_| self.key.failed(io::Error::other("it could not be encrypted with")))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// The text; `None` where this key is not the one that it was sealed with.
    fn open(&self, name: &str, sealed: &[u8]) -> Result<Option<String>, StoreError> {
        let (Some(key), Some((nonce, sealed))) = (self.key.read()?, sealed.split_first_chunk::<NONCE_BYTES>()) else {
            return Ok(None);
        };
        let payload = Payload { msg: sealed, aad: name.as_bytes() };
        let opened = Aes256Gcm::new(&key.into()).decrypt(&(*nonce).into(), payload);
        Ok(opened.ok().and_then(|bytes| String::from_utf8(bytes).ok()))
    }
}

impl Reader<'_> {
    /// What a worker is logged in to with; `None` where nothing of that kind is kept.
    ///
    /// # Errors
    /// [`StoreError::SecretLost`] when the key beside the database is not the one that it was sealed with.
    pub fn worker_secret(
        &self,
        vault: &Vault,
        worker_id: i64,
        which: WorkerSecret,
    ) -> Result<Option<String>, StoreError> {
        let name = which.row(worker_id);
        let sql = "SELECT sealed FROM secrets WHERE name = ?1";
        let Some(sealed) = first(self.conn, sql, [&name], |row| get::<Vec<u8>>(row, "sealed"))? else {
            return Ok(None);
        };
        match vault.open(&name, &sealed)? {
            Some(text) => Ok(Some(text)),
            None => Err(StoreError::SecretLost {
                what: which.label(),
                worker: self.worker(worker_id)?.form.name,
                key: vault.key.to_string(),
            }),
        }
    }

    /// The names of all that is kept.
    pub(crate) fn secret_names(&self) -> Result<BTreeSet<String>, StoreError> {
        Ok(all(self.conn, "SELECT name FROM secrets", [], |row| get(row, "name"))?.into_iter().collect())
    }
}

impl Tx<'_> {
    /// Keeps a secret of a worker in place of an earlier one.
    pub fn worker_secret_put(
        &self,
        vault: &Vault,
        worker_id: i64,
        which: WorkerSecret,
        text: &str,
    ) -> Result<(), StoreError> {
        let name = which.row(worker_id);
        let sql = "INSERT INTO secrets (name, sealed, updated_at) VALUES (?1, ?2, ?3) ON CONFLICT (name)
                   DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at";
        run(self.conn, sql, (&name, vault.seal(&name, text)?, self.now().0)).map(drop)
    }

    /// Forgets a secret of a worker, if there is one.
    pub fn worker_secret_forget(&self, worker_id: i64, which: WorkerSecret) -> Result<(), StoreError> {
        run(self.conn, "DELETE FROM secrets WHERE name = ?1", [which.row(worker_id)]).map(drop)
    }
}
