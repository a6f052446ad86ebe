//! Programs put in place so that a reader sees the checked whole or nothing.

use std::fs::{File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use mediaflow_core::identity::Hash;

/// A program that must have exactly these bytes.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    /// Where it lies now.
    pub from: PathBuf,
    /// Its name in the target folder.
    pub name: &'a str,
    /// BLAKE3 of its content, 64 hex digits.
    pub blake3: &'a str,
}

/// Why programs could not be put in place.
#[derive(Debug, thiserror::Error)]
pub enum ToolFileError {
    /// A file could not be read, written or moved.
    #[error("cannot {doing} {path}")]
    File {
        /// Such as `read`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The bytes are not the ones we know.
    #[error("{path} is not the expected program: its hash is {found}, not {expected}. Nothing was installed")]
    WrongHash {
        /// The file.
        path: PathBuf,
        /// What was expected.
        expected: String,
        /// What it has.
        found: String,
    },
}

fn fail<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> ToolFileError + 'a {
    move |source| ToolFileError::File { doing, path: path.to_owned(), source }
}

/// Held by the one who installs; waits for another one to be done. Ends with this value or the process.
#[derive(Debug)]
pub struct InstallLock {
    _file: File,
}

impl InstallLock {
    /// Makes the folder if needed and waits for its lock.
    pub fn acquire(dir: &Path) -> Result<Self, ToolFileError> {
        std::fs::create_dir_all(dir).map_err(fail("make", dir))?;
        let path = dir.join("install.lock");
        let file = File::create(&path).map_err(fail("write", &path))?;
        file.lock().map_err(fail("lock", &path))?;
        Ok(Self { _file: file })
    }
}

/// Checks the programs, makes them executable and durable, and moves them as one folder to `target`, which must not
/// exist. `draft` is an empty or missing folder on the same file system.
pub fn place(programs: &[Expected<'_>], draft: &Path, target: &Path) -> Result<(), ToolFileError> {
    std::fs::create_dir_all(draft).map_err(fail("make", draft))?;
    for program in programs {
        let path = draft.join(program.name);
        std::fs::rename(&program.from, &path).map_err(fail("move", &program.from))?;
        check(&path, program.blake3)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).map_err(fail("make executable", &path))?;
        sync(&path)?;
    }
    sync(draft)?;
    std::fs::rename(draft, target).map_err(fail("move", draft))?;
    target.parent().map_or(Ok(()), sync)
}

fn check(path: &Path, expected: &str) -> Result<(), ToolFileError> {
    let mut hasher = blake3::Hasher::new();
    let file = File::open(path).map_err(fail("read", path))?;
    hasher.update_reader(file).map_err(fail("read", path))?;
    let found = Hash::new(*hasher.finalize().as_bytes()).to_string();
    if found == expected {
        return Ok(());
    }
    Err(ToolFileError::WrongHash { path: path.to_owned(), expected: expected.to_owned(), found })
}

fn sync(path: &Path) -> Result<(), ToolFileError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(fail("sync", path))
}

/// Writes a small text file, and its folder if needed.
pub fn write(path: &Path, text: &str) -> Result<(), ToolFileError> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(fail("make", dir))?;
    }
    std::fs::write(path, text).map_err(fail("write", path))
}

/// Removes a folder with all in it; one that is not there is fine.
pub fn remove_dir(dir: &Path) -> Result<(), ToolFileError> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(fail("remove", dir)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected<'a>(from: PathBuf, name: &'a str, blake3: &'a str) -> Expected<'a> {
        Expected { from, name, blake3 }
    }

    #[test]
    fn a_wrong_byte_installs_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (good, bad) = (dir.path().join("good"), dir.path().join("bad"));
        std::fs::write(&good, "#!/bin/sh\n").unwrap();
        std::fs::write(&bad, "#!/bin/sh\nrm -rf ~\n").unwrap();
        let hash = Hash::of_bytes(b"#!/bin/sh\n").to_string();
        let target = dir.path().join("target");
        let both = [expected(good, "one", &hash), expected(bad, "two", &hash)];
        let error = place(&both, &dir.path().join("draft"), &target).unwrap_err();
        assert!(matches!(error, ToolFileError::WrongHash { .. }), "{error}");
        assert!(!target.exists());
    }

    #[test]
    fn what_is_placed_runs() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("script");
        std::fs::write(&script, "#!/bin/sh\nexit 5\n").unwrap();
        let hash = Hash::of_bytes(b"#!/bin/sh\nexit 5\n").to_string();
        let target = dir.path().join("target");
        place(&[expected(script, "tool", &hash)], &dir.path().join("draft"), &target).unwrap();
        assert_eq!(std::process::Command::new(target.join("tool")).status().unwrap().code(), Some(5));
    }
}
