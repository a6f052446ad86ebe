//! Scans of libraries: one after another, because they share a disk and its heads more often than not.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mediaflow_core::time::Timestamp;
use mediaflow_transport::cancel::Cancel;

use super::Service;
use super::error::CommandError;
use super::inner::Inner;
use super::live::Live;
use super::tasks::Task;
use crate::scan::{Progress, ScanError, ScanReport, folder_of};
use crate::settings;

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

/// How often a scan is told about at most.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// How long the task sleeps when nobody wakes it.
const LOOK_EVERY: Duration = Duration::from_secs(60);

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
    fn begin(&self, now: Timestamp) -> Option<(i64, Cancel)> {
        let mut scans = self.lock();
        let next = scans.iter_mut().find(|scan| scan.state.status == ScanStatus::Waiting)?;
        next.state.status = ScanStatus::Running;
        next.state.started_at = now;
        Some((next.state.library_id, next.cancel.clone()))
    }

    fn note(&self, library_id: i64, progress: Progress) {
        if let Some(scan) = self.lock().iter_mut().find(|scan| scan.state.library_id == library_id) {
            scan.state.seen = progress.seen;
            scan.state.probed = progress.probed;
            scan.state.to_probe = progress.to_probe;
        }
    }

    fn end(&self, library_id: i64) -> Option<ScanState> {
        let mut scans = self.lock();
        let place = scans.iter().position(|scan| scan.state.library_id == library_id)?;
        let ended = scans.remove(place);
        drop(scans);
        self.changed.notify_all();
        Some(ended.state)
    }
}

/// Carries out scans until the service stops.
pub(super) fn run(inner: &Arc<Inner>) -> Result<(), String> {
    inner.board.end(Task::Scan, None, None);
    while !inner.stop.is_cancelled() {
        match inner.scans.begin(inner.clock.now()) {
            Some((library_id, cancel)) => scan(inner, library_id, &cancel)?,
            None => inner.signals.scan.wait(LOOK_EVERY),
        }
    }
    Ok(())
}

/// One scan, from its turn to the analysis that follows it. Only the database failing is a failure of the task.
fn scan(inner: &Arc<Inner>, library_id: i64, cancel: &Cancel) -> Result<(), String> {
    let result = carry_out(inner, library_id, cancel);
    let last = inner.scans.end(library_id);
    let is_stopped = inner.stop.is_cancelled();
    let noted = match &result {
        Ok(_) => Ok(()),
        Err(_) if is_stopped => Ok(()),
        Err(reason) => inner.store.write(|tx| tx.scan_failed(library_id, &reason.to_string())),
    };
    if let Some(last) = last {
        tell(inner, library_id, last.seen, last.probed, last.to_probe, true);
    }
    inner.board.end(Task::Scan, result.as_ref().err().map(ToString::to_string), None);
    noted.map_err(|error| error.to_string())?;
    let Ok(report) = result else { return Ok(()) };
    let found_something = report.new + report.changed + report.missing > 0;
    if found_something && !is_stopped && inner.store.read(settings::auto_analyze).map_err(|error| error.to_string())? {
        let service = Service { inner: Arc::clone(inner) };
        if let Err(error) = service.analyze(Some(library_id), "auto") {
            tracing::warn!("the analysis after the scan of library {library_id} failed: {error}");
        }
    }
    Ok(())
}

fn carry_out(inner: &Arc<Inner>, library_id: i64, cancel: &Cancel) -> Result<ScanReport, CommandError> {
    let title = inner.store.read(|r| r.library(library_id))?.title;
    inner.board.begin(Task::Scan, format!("scanning {title}"));
    let folder = folder_of(&inner.store, library_id)?;
    let scanner = inner.scanner(inner.tools.get()?);
    let told = Mutex::new(None::<Instant>);
    let progress = |progress: Progress| {
        {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            if told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
                return;
            }
            *told = Some(Instant::now());
        }
        inner.scans.note(library_id, progress);
        tell(inner, library_id, progress.seen, progress.probed, progress.to_probe, false);
    };
    let report = scanner.scan(&folder, cancel, &progress).map_err(|error| match error {
        ScanError::Store(error) => error.into(),
        other => CommandError::Failed(other.to_string()),
    })?;
    let progress = Progress { seen: report.seen, probed: report.probed, to_probe: report.probed, walked: true };
    inner.scans.note(library_id, progress);
    Ok(report)
}

fn tell(inner: &Inner, library_id: i64, seen: u64, probed: u64, to_probe: u64, done: bool) {
    inner.hub.tell(&Live::Scan(ScanProgress { library_id, seen, probed, to_probe, done }));
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
