//! Scans of libraries that run or wait, and what a user does with them.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mediaflow_core::time::Timestamp;
use mediaflow_transport::cancel::Cancel;

use super::Service;
use super::error::CommandError;
use crate::scan::Progress;

/// Whether a scan's turn has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanStatus {
    /// Others are before it.
    Waiting,
    /// It runs.
    Running,
}

impl ScanStatus {
    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
        }
    }
}

/// A scan that is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanState {
    /// The library.
    pub library_id: i64,
    /// Whether its turn has come.
    pub status: ScanStatus,
    /// Files met so far.
    pub seen: u64,
    /// Files that were probed.
    pub probed: u64,
    /// Files that are to be probed, as far as is known.
    pub to_probe: u64,
    /// When it was asked for, or began.
    pub started_at: Timestamp,
}

/// How far a scan is, told at most twice a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanProgress {
    /// The library.
    pub library_id: i64,
    /// Files met so far.
    pub seen: u64,
    /// Files that were probed.
    pub probed: u64,
    /// Files that are to be probed, as far as is known.
    pub to_probe: u64,
    /// Whether it is over, in whatever way; an event of record says how.
    pub done: bool,
}

/// Scans that are not over.
#[derive(Default)]
pub(super) struct Scans {
    scans: Mutex<Vec<Scan>>,
    changed: Condvar,
}

struct Scan {
    state: ScanState,
    cancel: Cancel,
}

impl Scans {
    fn lock(&self) -> MutexGuard<'_, Vec<Scan>> {
        self.scans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn list(&self) -> Vec<ScanState> {
        self.lock().iter().map(|scan| scan.state).collect()
    }

    pub fn cancel_all(&self) {
        self.lock().iter().for_each(|scan| scan.cancel.cancel());
    }

    /// Asks a library's scan to stop; whether there is one. One that waits is gone at once.
    pub fn cancel(&self, library_id: i64) -> bool {
        let mut scans = self.lock();
        let Some(place) = scans.iter().position(|scan| scan.state.library_id == library_id) else { return false };
        scans[place].cancel.cancel();
        if scans[place].state.status == ScanStatus::Waiting {
            scans.remove(place);
            self.changed.notify_all();
        }
        true
    }

    /// Waits until a library has no scan, at most `limit`; whether that came to pass.
    pub fn wait_until_over(&self, library_id: i64, limit: Duration) -> bool {
        let busy = |scans: &mut Vec<Scan>| scans.iter().any(|scan| scan.state.library_id == library_id);
        let (mut scans, _) =
            self.changed.wait_timeout_while(self.lock(), limit, busy).unwrap_or_else(PoisonError::into_inner);
        !busy(&mut scans)
    }

    fn add(&self, library_id: i64, now: Timestamp) -> Option<ScanState> {
        let mut scans = self.lock();
        if scans.iter().any(|scan| scan.state.library_id == library_id) {
            return None;
        }
        let status = ScanStatus::Waiting;
        let state = ScanState { library_id, status, seen: 0, probed: 0, to_probe: 0, started_at: now };
        scans.push(Scan { state, cancel: Cancel::new() });
        Some(state)
    }

    /// The scan whose turn it is.
    pub fn begin(&self, now: Timestamp) -> Option<(i64, Cancel)> {
        let mut scans = self.lock();
        let next = scans.iter_mut().find(|scan| scan.state.status == ScanStatus::Waiting)?;
        next.state.status = ScanStatus::Running;
        next.state.started_at = now;
        Some((next.state.library_id, next.cancel.clone()))
    }

    pub fn note(&self, library_id: i64, progress: Progress) {
        if let Some(scan) = self.lock().iter_mut().find(|scan| scan.state.library_id == library_id) {
            scan.state.seen = progress.seen;
            scan.state.probed = progress.probed;
            scan.state.to_probe = progress.to_probe;
        }
    }

    pub fn end(&self, library_id: i64) -> Option<ScanState> {
        let mut scans = self.lock();
        let place = scans.iter().position(|scan| scan.state.library_id == library_id)?;
        let ended = scans.remove(place);
        drop(scans);
        self.changed.notify_all();
        Some(ended.state)
    }
}

impl Service {
    /// Asks for a scan of a library and gives how it stands. It begins at once, or after those before it.
    pub fn scan_start(&self, library_id: i64) -> Result<ScanState, CommandError> {
        let inner = &self.inner;
        if inner.stop.is_cancelled() {
            return Err(CommandError::Stopping);
        }
        let library = inner.store.read(|r| r.library(library_id))?;
        let state = inner
            .scans
            .add(library_id, inner.clock.now())
            .ok_or_else(|| CommandError::WrongState(format!("{} is being scanned already", library.title)))?;
        inner.signals.scan.raise();
        Ok(state)
    }

    /// Stops the scan of a library. What it found so far stays.
    pub fn scan_cancel(&self, library_id: i64) -> Result<(), CommandError> {
        let library = self.inner.store.read(|r| r.library(library_id))?;
        if self.inner.scans.cancel(library_id) {
            return Ok(());
        }
        Err(CommandError::WrongState(format!("{} is not being scanned", library.title)))
    }

    /// Scans that run or wait.
    #[must_use]
    pub fn scans(&self) -> Vec<ScanState> {
        self.inner.scans.list()
    }
}
