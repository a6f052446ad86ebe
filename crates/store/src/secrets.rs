//! Secrets that we must be able to read again: encrypted with a key that lies beside the database, so that a copy of the
//! database alone gives none of them away.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};

use crate::error::StoreError;
use crate::row::{all, first, get, named_enum, run};
use crate::store::{Reader, Store, Tx};

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

/// Name of the key's file.
const KEY_FILE: &str = "secrets.key";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// Seals and opens secrets. Its key is made when something is sealed for the first time.
#[derive(Debug, Clone)]
pub struct Vault {
    key_file: PathBuf,
}

impl Store {
    /// What seals and opens the secrets of this database.
    #[must_use]
    pub fn vault(&self) -> Vault {
        Vault { key_file: self.path().with_file_name(KEY_FILE) }
    }
}

impl Vault {
    fn failed(&self, source: io::Error) -> StoreError {
        StoreError::SecretKey { path: self.key_file.clone(), source }
    }

    /// The key; `None` where there is none.
    fn key(&self) -> Result<Option<[u8; KEY_BYTES]>, StoreError> {
        match fs::read(&self.key_file) {
            Ok(bytes) => match bytes.try_into() {
                Ok(key) => Ok(Some(key)),
                Err(_) => Err(self.failed(io::Error::other(format!("it is not {KEY_BYTES} bytes long")))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// The key, made if there is none. It appears whole or not at all, and of two that make it at once, one has it.
    fn key_made(&self) -> Result<[u8; KEY_BYTES], StoreError> {
        if let Some(key) = self.key()? {
            return Ok(key);
        }
        let key = random::<KEY_BYTES>(self)?;
        let draft = self.key_file.with_extension(format!("key.{}", hex(&random::<8>(self)?)));
        let made = write_new(&draft, &key).and_then(|()| fs::hard_link(&draft, &self.key_file));
        // What was not made is not there to be removed.
        let _ = fs::remove_file(&draft);
        let made = match made {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            // Some disks know no links; there a power cut at this very moment leaves half a key, which is said.
            Err(_) => write_new(&self.key_file, &key),
            Ok(()) => self.key_file.parent().map_or(Ok(()), sync_folder),
        };
        made.map_err(|error| self.failed(error))?;
        self.key()?.ok_or_else(|| self.failed(io::ErrorKind::NotFound.into()))
    }

    fn seal(&self, name: &str, text: &str) -> Result<Vec<u8>, StoreError> {
        let cipher = Aes256Gcm::new(&self.key_made()?.into());
        let nonce = random::<NONCE_BYTES>(self)?;
        let payload = Payload { msg: text.as_bytes(), aad: name.as_bytes() };
        let sealed = cipher.encrypt(&nonce.into(), payload);
        let sealed = sealed.map_err(|_| self.failed(io::Error::other("it could not be encrypted with")))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// The text; `None` where this key is not the one that it was sealed with.
    fn open(&self, name: &str, sealed: &[u8]) -> Result<Option<String>, StoreError> {
        let (Some(key), Some((nonce, sealed))) = (self.key()?, sealed.split_first_chunk::<NONCE_BYTES>()) else {
            return Ok(None);
        };
        let payload = Payload { msg: sealed, aad: name.as_bytes() };
        let opened = Aes256Gcm::new(&key.into()).decrypt(&(*nonce).into(), payload);
        Ok(opened.ok().and_then(|bytes| String::from_utf8(bytes).ok()))
    }
}

fn random<const N: usize>(vault: &Vault) -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| vault.failed(io::Error::other(format!("no randomness: {error}"))))?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
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
                key_file: vault.key_file.clone(),
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
