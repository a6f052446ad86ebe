//! The files of an attempt: replaced whole and synced, so that a reader sees the old text or the new one.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::identity::ProcessId;
use super::{ExecutorError, Exit};

pub(super) const SPEC: &str = "spec.json";
pub(super) const STATE: &str = "state.json";
pub(super) const EXIT: &str = "exit.json";
pub(super) const SUPERVISOR_LOG: &str = "supervisor.log";
const CLAIM: &str = "claim";
const PAUSED: &str = "paused";
const EXIT_RESERVE: &str = "exit.json.reserved";

/// Room kept for [`Exit`] on disk: its 2 kB of last words, each byte of which takes six at most in JSON.
const RESERVED_BYTES: usize = 16 * 1024;

/// What the supervisor writes down about itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    /// The supervisor, which leads a session of the same number.
    pub(super) supervisor: ProcessId,
    /// The boot in which these process ids mean something.
    pub(super) boot_id: String,
    /// Index of the step that runs or is about to.
    pub(super) step: usize,
    /// The program of that step, once started. It leads a process group of the same number.
    pub(super) child: Option<ProcessId>,
}

pub(super) fn error<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> ExecutorError + 'a {
    move |source| ExecutorError::File { doing, path: path.to_owned(), source }
}

/// Reads a JSON file of the attempt; `None` when it is not there.
pub(super) fn read<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<Option<T>, ExecutorError> {
    let path = dir.join(name);
    match std::fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|source| ExecutorError::Damaged { path, source }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(error("read", &path)(source)),
    }
}

/// Replaces a JSON file of the attempt and syncs it with its folder.
pub(super) fn write<T: Serialize>(dir: &Path, name: &str, value: &T) -> Result<(), ExecutorError> {
    let path = dir.join(name);
    let draft = dir.join(format!("{name}.new"));
    let attempt = || {
        let mut file = File::create(&draft)?;
        file.write_all(&serde_json::to_vec(value)?)?;
        file.sync_all()?;
        publish(&draft, &path, dir)
    };
    attempt().map_err(error("write", &path))
}

fn publish(draft: &Path, path: &Path, dir: &Path) -> io::Result<()> {
    std::fs::rename(draft, path)?;
    File::open(dir)?.sync_all()
}

/// Decides who has the attempt: true for the first caller ever, false for all others.
pub(super) fn claim(dir: &Path) -> Result<bool, ExecutorError> {
    let path = dir.join(CLAIM);
    match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(source) => Err(error("write", &path)(source)),
    }
}

/// Whether nothing of the attempt is to run for now.
pub(super) fn is_paused(dir: &Path) -> bool {
    dir.join(PAUSED).exists()
}

/// Says whether the attempt is to be held. The file comes before the signal: a supervisor that starts a program
/// meanwhile looks here.
pub(super) fn set_paused(dir: &Path, paused: bool) -> Result<(), ExecutorError> {
    let path = dir.join(PAUSED);
    let done = if paused { File::create(&path).map(drop) } else { std::fs::remove_file(&path) };
    match done {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(error("write", &path)(source)),
        _ => Ok(()),
    }
}

/// Disk space for the last word, taken before anything runs, so that a full disk can still be reported.
pub(super) struct ReservedExit {
    file: File,
    dir: PathBuf,
}

impl ReservedExit {
    pub(super) fn new(dir: &Path) -> Result<Self, ExecutorError> {
        let path = dir.join(EXIT_RESERVE);
        let attempt = || {
            let mut file = File::create(&path)?;
            file.write_all(&[b' '; RESERVED_BYTES])?;
            file.sync_all()?;
            Ok(file)
        };
        let file = attempt().map_err(error("reserve space in", &path))?;
        Ok(Self { file, dir: dir.to_owned() })
    }

    /// Writes over the reserved blanks, which may follow a JSON text, and puts the file in place.
    pub(super) fn write(self, exit: &Exit) -> Result<(), ExecutorError> {
        let path = self.dir.join(EXIT);
        let attempt = || {
            self.file.write_all_at(&serde_json::to_vec(exit)?, 0)?;
            self.file.sync_all()?;
            publish(&self.dir.join(EXIT_RESERVE), &path, &self.dir)
        };
        attempt().map_err(error("write", &path))
    }
}
