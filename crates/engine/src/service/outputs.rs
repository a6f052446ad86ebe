//! Outputs that lie beside their sources, to be fetched through the browser.

use std::collections::HashMap;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use mediaflow_core::job::Ending;
use mediaflow_store::OutputMode;

use super::Service;
use super::error::CommandError;
use super::stills::Shown;

/// An output that can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its length in bytes.
    pub size_bytes: u64,
}

/// Which parts of outputs were sent: a browser may fetch one in several.
#[derive(Default)]
pub(super) struct Sent {
    parts: Mutex<HashMap<i64, Vec<Range<u64>>>>,
}

impl Sent {
    /// Notes a part of a file of `length` bytes; whether all of it was sent by now.
    fn note(&self, job_id: i64, part: Range<u64>, length: u64) -> bool {
        let mut all = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let parts = all.entry(job_id).or_default();
        parts.push(part);
        parts.sort_by_key(|part| part.start);
        let reached =
            parts.iter().fold(0, |reached, part| if part.start <= reached { reached.max(part.end) } else { reached });
        let is_whole = reached >= length;
        if is_whole {
            all.remove(&job_id);
        }
        is_whole
    }
}

impl Service {
    /// The output of a job that lies beside its source.
    pub fn job_output(&self, id: i64) -> Result<OutputFile, CommandError> {
        let job = self.inner.store.read(|r| r.job(id))?;
        if job.mode == OutputMode::Replace {
            let why = "it works on a file of the library, whose place its output takes; there is nothing to fetch";
            return Err(CommandError::WrongState(format!("job {id}: {why}")));
        }
        if job.ending != Some(Ending::Placed) {
            return Err(CommandError::WrongState(format!("job {id} has no output, or not yet")));
        }
        let found = self.still_source(id, Shown::Output)?;
        if let Some(machine) = found.disk.machine() {
            let (path, name) = (found.path.display(), machine.name());
            return Err(CommandError::WrongState(format!("it lies on {name} as {path}; fetch it there")));
        }
        let path = found.path;
        let size_bytes = job.output_bytes.unwrap_or(0);
        Ok(OutputFile { path, size_bytes })
    }

    /// Notes that a part of a job's output was sent. An upload whose results were sent wholly is removed some time after.
    pub fn output_sent(&self, id: i64, part: Range<u64>, length: u64) -> Result<(), CommandError> {
        if self.inner.sent.note(id, part, length) {
            self.inner.store.write(|tx| tx.upload_fetched(id))?;
        }
        Ok(())
    }
}

/// The name of an output, as a client shows and saves it.
impl OutputFile {
    /// Its file name as text.
    #[must_use]
    pub fn name(&self) -> String {
        String::from_utf8_lossy(self.path.file_name().unwrap_or_default().as_bytes()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_parts_together_are_the_whole() {
        let sent = Sent::default();
        assert!(!sent.note(1, 50..100, 100), "as a player seeks");
        assert!(!sent.note(1, 0..40, 100));
        assert!(!sent.note(2, 40..50, 100), "another job");
        assert!(sent.note(1, 30..50, 100));
        assert!(sent.note(3, 0..100, 100));
    }
}
