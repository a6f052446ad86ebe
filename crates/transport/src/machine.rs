//! A machine on which programs run and their working files lie: this one, or another one over SSH.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cancel::Cancel;
use crate::process::{self, Finished, Invocation, LineSplitter, MAX_STDOUT_BYTES, Output, ProcessError};
use crate::ssh::SshError;
use crate::tools::{boot_id, graphics_stamp};

/// What every method about files returns.
pub type Result<T> = std::result::Result<T, WorkingFileError>;

/// Why a working file could not be made, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum WorkingFileError {
    /// On this machine.
    #[error("cannot {doing} {path}: {source}")]
    Here {
        /// Such as `remove`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// On another machine.
    #[error("cannot {doing} {path}: {source}")]
    There {
        /// Such as `remove`.
        doing: &'static str,
        /// The file or folder there.
        path: PathBuf,
        /// Why.
        source: Box<SshError>,
    },
}

impl WorkingFileError {
    /// Whether the machine could not be asked at all.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::There { source, .. } if source.keeps_out())
    }
}

/// What nobody touched for so long is left over from a process that was killed.
const ABANDONED_AFTER: Duration = Duration::from_secs(3600);

/// Where programs run. Paths are those of that machine.
pub trait Machine: fmt::Debug + Send + Sync {
    /// For people.
    fn name(&self) -> &str;

    /// Whether it is this one: then its files are ours, and our own program lies on it.
    fn is_here(&self) -> bool;

    /// What changes when the machine is started again or has another graphics device.
    fn condition(&self) -> Result<String>;

    /// How many threads run at the same time.
    fn threads(&self) -> Result<usize>;

    /// Runs a program to its end, or until it is cancelled. `on_stdout` returns false to stop one that says too much.
    fn pump(
        &self,
        invocation: &Invocation,
        cancel: &Cancel,
        on_stdout: &mut dyn FnMut(&[u8]) -> bool,
    ) -> std::result::Result<Finished, ProcessError>;

    /// Runs a program to its end and returns what it said.
    fn run(&self, invocation: &Invocation, cancel: &Cancel) -> std::result::Result<Output, ProcessError> {
        let mut stdout = Vec::new();
        let finished = self.pump(invocation, cancel, &mut |chunk| {
            stdout.extend_from_slice(chunk);
            stdout.len() <= MAX_STDOUT_BYTES
        })?;
        Ok(Output { finished, stdout })
    }

    /// Runs a program and hands over each line of its standard output, without its end, while it runs.
    fn run_lines(
        &self,
        invocation: &Invocation,
        cancel: &Cancel,
        on_line: &mut dyn FnMut(&[u8]),
    ) -> std::result::Result<Finished, ProcessError> {
        let mut lines = LineSplitter::default();
        let finished = self.pump(invocation, cancel, &mut |chunk| {
            lines.push(chunk, on_line);
            true
        })?;
        lines.finish(on_line);
        Ok(finished)
    }

    /// Runs a program and hands over its standard output in chunks of any size, while it runs.
    fn run_chunks(
        &self,
        invocation: &Invocation,
        cancel: &Cancel,
        on_chunk: &mut dyn FnMut(&[u8]),
    ) -> std::result::Result<Finished, ProcessError> {
        self.pump(invocation, cancel, &mut |chunk| {
            on_chunk(chunk);
            true
        })
    }

    /// Makes a folder, and those above it.
    fn make_folder(&self, folder: &Path) -> Result<()>;

    /// Removes a file, or a folder with all that is in it. What is not there is fine.
    fn remove(&self, path: &Path) -> Result<()>;

    /// Length of a regular file; `None` where there is none.
    fn size_bytes(&self, file: &Path) -> Result<Option<u64>>;

    /// The text of a small file, which is gone afterwards; empty where there is none.
    fn take_text(&self, file: &Path) -> Result<String>;

    /// Bytes that may still be written where `folder` is, or would be made.
    fn free_bytes(&self, folder: &Path) -> Result<u64>;

    /// The names in a folder; none where there is no folder.
    fn list(&self, folder: &Path) -> Result<Vec<OsString>>;

    /// Removes what lies in a folder under names that begin like this, if nobody has touched it for an hour.
    fn sweep(&self, folder: &Path, prefix: &str) -> Result<()>;

    /// Brings what growing files have more than their copies here: `names` in the folder `there` are copied to `here`.
    /// Gives how many bytes all other files in the folder have.
    fn follow(&self, there: &Path, here: &Path, names: &[&str]) -> Result<u64>;
}

/// This machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThisMachine;

fn here<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> WorkingFileError + 'a {
    move |source| WorkingFileError::Here { doing, path: path.to_owned(), source }
}

/// What is not there is no error.
fn unless_missing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Machine for ThisMachine {
    fn name(&self) -> &str {
        "this machine"
    }

    fn is_here(&self) -> bool {
        true
    }

    fn condition(&self) -> Result<String> {
        Ok(format!("{} {}", boot_id(), graphics_stamp()))
    }

    fn threads(&self) -> Result<usize> {
        Ok(std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }

    fn pump(
        &self,
        invocation: &Invocation,
        cancel: &Cancel,
        on_stdout: &mut dyn FnMut(&[u8]) -> bool,
    ) -> std::result::Result<Finished, ProcessError> {
        process::pump(invocation, cancel, on_stdout)
    }

    fn make_folder(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).map_err(here("make", folder))
    }

    fn remove(&self, path: &Path) -> Result<()> {
        let look = unless_missing(fs::symlink_metadata(path)).map_err(here("look at", path))?;
        let removed = match look {
            None => return Ok(()),
            Some(found) if found.is_dir() => fs::remove_dir_all(path),
            Some(_) => fs::remove_file(path),
        };
        unless_missing(removed).map(drop).map_err(here("remove", path))
    }

    fn size_bytes(&self, file: &Path) -> Result<Option<u64>> {
        let found = unless_missing(fs::metadata(file)).map_err(here("look at", file))?;
        Ok(found.filter(fs::Metadata::is_file).map(|found| found.len()))
    }

    fn take_text(&self, file: &Path) -> Result<String> {
        let read = fs::read_to_string(file).and_then(|text| fs::remove_file(file).map(|()| text));
        Ok(unless_missing(read).map_err(here("read", file))?.unwrap_or_default())
    }

    fn free_bytes(&self, folder: &Path) -> Result<u64> {
        let there = folder.ancestors().find(|above| above.exists()).unwrap_or(folder);
        rustix::fs::statvfs(there)
            .map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
            .map_err(|error| here("look at the disk of", folder)(error.into()))
    }

    fn list(&self, folder: &Path) -> Result<Vec<OsString>> {
        let Some(entries) = unless_missing(fs::read_dir(folder)).map_err(here("list", folder))? else {
            return Ok(Vec::new());
        };
        entries
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<io::Result<_>>()
            .map_err(here("list", folder))
    }

    fn sweep(&self, folder: &Path, prefix: &str) -> Result<()> {
        let entries = unless_missing(fs::read_dir(folder)).map_err(here("list", folder))?;
        let age = |entry: &fs::DirEntry| entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        for entry in entries.into_iter().flatten().flatten() {
            let is_one = entry.file_name().to_string_lossy().starts_with(prefix);
            if is_one && age(&entry).is_some_and(|age| age > ABANDONED_AFTER) {
                self.remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// The copies are the files themselves.
    fn follow(&self, there: &Path, _here: &Path, names: &[&str]) -> Result<u64> {
        let files = unless_missing(fs::read_dir(there)).map_err(here("list", there))?.into_iter().flatten().flatten();
        let others = files.filter(|file| names.iter().all(|name| file.file_name() != *name));
        Ok(others.filter_map(|file| Some(file.metadata().ok()?.len())).sum())
    }
}
