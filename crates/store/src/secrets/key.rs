//! The one key that secrets are sealed with: a file beside the database, or what the user brings.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::StoreError;

/// Bytes of a key of AES-256.
pub(super) const KEY_BYTES: usize = 32;

/// Name of the key's file: 64 hexadecimal digits.
const FILE_NAME: &str = "secret.key";

/// Keeps what is made of the user's words apart from other uses of the same words.
const CONTEXT: &[u8] = b"mediaflow secrets 1\0";

/// Where the key comes from.
#[derive(Clone)]
pub struct SecretKey(Source);

#[derive(Clone)]
enum Source {
    /// Made when something is sealed for the first time.
    File(PathBuf),
    Given([u8; KEY_BYTES]),
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({self})")
    }
}

/// Where it comes from, for a person.
impl fmt::Display for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::File(path) => path.display().fmt(f),
            Source::Given(_) => f.write_str("SECRET_KEY"),
        }
    }
}

impl SecretKey {
    /// A file beside the database, so that a copy of the database alone gives no secret away.
    #[must_use]
    pub fn beside(database: &Path) -> Self {
        Self(Source::File(database.with_file_name(FILE_NAME)))
    }

    /// What the user brings; the whole strength is that of these words.
    #[must_use]
    pub fn given(words: &str) -> Self {
        Self(Source::Given(Sha256::new().chain_update(CONTEXT).chain_update(words).finalize().into()))
    }

    pub(super) fn failed(&self, source: io::Error) -> StoreError {
        StoreError::SecretKey { key: self.to_string(), source }
    }

    /// The key; `None` where none was made yet.
    pub(super) fn read(&self) -> Result<Option<[u8; KEY_BYTES]>, StoreError> {
        match &self.0 {
            Source::Given(key) => Ok(Some(*key)),
            Source::File(path) => read(path).map_err(|error| self.failed(error)),
        }
    }

    /// The key, made if there is none.
    pub(super) fn ensure(&self) -> Result<[u8; KEY_BYTES], StoreError> {
        if let Some(key) = self.read()? {
            return Ok(key);
        }
        if let Source::File(path) = &self.0 {
            make(path).map_err(|error| self.failed(error))?;
        }
        self.read()?.ok_or_else(|| self.failed(io::ErrorKind::NotFound.into()))
    }
}

fn read(path: &Path) -> io::Result<Option<[u8; KEY_BYTES]>> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text?,
    };
    let key = str::from_utf8(&text).ok().and_then(|text| unhex(text.trim()));
    key.map(Some).ok_or_else(|| io::Error::other(format!("it is not {} hexadecimal digits", 2 * KEY_BYTES)))
}

/// It appears whole or not at all, and of two that make it at once, one has it.
fn make(path: &Path) -> io::Result<()> {
    let text = hex(&random::<KEY_BYTES>()?);
    let draft = path.with_extension(format!("key.{}", hex(&random::<8>()?)));
    let made = write_new(&draft, &text).and_then(|()| fs::hard_link(&draft, path));
    // What was not made is not there to be removed.
    let _ = fs::remove_file(&draft);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Some disks know no links; there a power cut at this very moment leaves half a key, which is said.
        Err(_) => write_new(path, &text),
        Ok(()) => path.parent().map_or(Ok(()), sync_folder),
    }
}

pub(super) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(format!("no randomness: {error}")))?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; KEY_BYTES]> {
    let pairs = text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
    let bytes: Vec<u8> = pairs.collect::<Option<_>>()?;
    bytes.try_into().ok().filter(|_| text.len() == 2 * KEY_BYTES)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}
