//! Originals in quarantine: brought back on demand, removed when their time has come.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Kind, ReplacementId};
use mediaflow_store::Storage;

use super::Service;
use super::error::CommandError;
use super::inner::Inner;
use super::tasks::Task;
use crate::originals::Kept;
use crate::replace::{Outcome, PurgeReport};
use crate::scan::on_disk;

/// An original that was brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where it lies now.
    pub path: PathBuf,
    /// The replacement that brought it there.
    pub replacement: ReplacementId,
}

/// How often originals whose time has come are removed.
const PURGE_EVERY: Duration = Duration::from_secs(3600);

/// How often what was begun to bring originals back is looked at, where it was left in the middle.
const SETTLE_EVERY: Duration = Duration::from_secs(10);

/// How long a command waits at the start until what was left in the middle is recovered.
const RECOVERY_PATIENCE: Duration = Duration::from_secs(30);

/// How often the task looks whether the service stops, before the first purge.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Purges at the start and every hour, until the service stops.
pub(super) fn run(inner: &Arc<Inner>) -> Result<(), String> {
    while !inner.recovered.wait(LOOK_EVERY) {
        if inner.stop.is_cancelled() {
            return Ok(());
        }
    }
    loop {
        inner.board.begin(Task::Quarantine, "looking for what is due");
        let report = inner.originals().purge(inner.clock.now()).map_err(|error| error.to_string())?;
        let next = inner.clock.now().plus_seconds(i64::try_from(PURGE_EVERY.as_secs()).unwrap_or(i64::MAX));
        inner.board.end(Task::Quarantine, Some(report.to_string()), Some(next));
        let began = Instant::now();
        while began.elapsed() < PURGE_EVERY {
            inner.originals().settle_returns().map_err(|error| error.to_string())?;
            if inner.stop.wait_timeout(SETTLE_EVERY) {
                return Ok(());
            }
        }
    }
}

impl Service {
    /// All originals in quarantine.
    pub fn quarantine(&self) -> Result<Vec<Kept>, CommandError> {
        Ok(self.inner.originals().list()?)
    }

    /// Brings the original of a job back, also when the job was cleared; with `beside`, under a free name next to
    /// whatever has its place now.
    pub fn undo(&self, job_id: i64, beside: bool) -> Result<Restored, CommandError> {
        self.wait_for_recovery()?;
        let outcome = self.inner.originals().undo(job_id, beside)?;
        self.restored(outcome)
    }

    /// Brings the original back that a replacement put away.
    pub fn restore(&self, id: ReplacementId, beside: bool) -> Result<Restored, CommandError> {
        self.wait_for_recovery()?;
        let outcome = self.inner.originals().restore(id, beside)?;
        self.restored(outcome)
    }

    /// Removes what is due now.
    pub fn purge(&self) -> Result<PurgeReport, CommandError> {
        self.wait_for_recovery()?;
        Ok(self.inner.originals().purge(self.inner.clock.now())?)
    }

    fn wait_for_recovery(&self) -> Result<(), CommandError> {
        if self.inner.recovered.wait(RECOVERY_PATIENCE) {
            return Ok(());
        }
        Err(CommandError::WrongState("what an earlier start left in the middle is still being recovered".to_owned()))
    }

    fn restored(&self, outcome: Outcome) -> Result<Restored, CommandError> {
        let record = outcome.replacement;
        let storage = self.inner.store.read(|r| r.storage(record.storage_id))?;
        let path = match record.kind {
            Kind::Undo => &record.original,
            Kind::Replace | Kind::Beside | Kind::RestoreBeside => &record.target,
        };
        if let Err(error) = self.read_again(&storage, path) {
            tracing::warn!("{path} is back, and will be read by the next scan of its folder: {error}");
        }
        Ok(Restored { path: on_disk(&storage, path), replacement: record.id })
    }

    /// The catalog knows the file by its new content; what is in it is read at once, or it would be missing from the
    /// library until the next scan.
    fn read_again(&self, storage: &Storage, path: &RelPath) -> Result<(), CommandError> {
        let libraries = self.inner.store.read(|r| r.libraries())?;
        let library = libraries.iter().find(|library| library.contains(storage.id, path));
        let scanner = self.inner.scanner(self.inner.tools.get()?);
        scanner.scan_file(storage, library.map(|library| library.id), path, &self.inner.stop)?;
        Ok(())
    }
}
