//! Carrying out scans: one after another, because libraries share a disk and its heads more often than not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mediaflow_core::text;
use mediaflow_transport::cancel::Cancel;

use super::Service;
use super::error::CommandError;
use super::inner::Inner;
use super::live::Live;
use super::scans::ScanProgress;
use super::tasks::Task;
use crate::scan::{Progress, ScanError, ScanReport, folder_of};
use crate::settings;

/// How often a scan is told about at most.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// How long the task sleeps when nobody wakes it.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Files and folders that the log names after one scan; the library's page has all of them.
const NAMED_IN_LOG: usize = 20;

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
        Err(reason) => {
            tracing::warn!("the scan of library {library_id} failed: {reason}");
            inner.store.write(|tx| tx.scan_failed(library_id, &reason.to_string()))
        }
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
        // Its end is said where it ends, whoever asked for it.
        drop(service.analyze(Some(library_id), "auto"));
    }
    Ok(())
}

fn carry_out(inner: &Arc<Inner>, library_id: i64, cancel: &Cancel) -> Result<ScanReport, CommandError> {
    let title = inner.store.read(|r| r.library(library_id))?.title;
    inner.board.begin(Task::Scan, format!("scanning {title}"));
    let folder = folder_of(&inner.store, library_id)?;
    tracing::info!("scanning {title} in {}", folder.root().display());
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
    log_report(&title, &report);
    Ok(report)
}

fn log_report(title: &str, report: &ScanReport) {
    let ScanReport { probed, new, changed, missing, .. } = report;
    let seen = text::count(report.seen, "file");
    tracing::info!("{title} was scanned: {seen} seen, {probed} read, {new} new, {changed} changed, {missing} gone");
    let files = report.unreadable.iter().map(|(path, reason)| (path.to_string(), reason));
    let folders = report.unread_folders.iter().map(|(path, reason)| (path.display().to_string(), reason));
    for (path, reason) in files.chain(folders).take(NAMED_IN_LOG) {
        tracing::warn!("{title}: {path} cannot be read: {reason}");
    }
    let unread = report.unreadable.len() + report.unread_folders.len();
    if let Some(more @ 1..) = unread.checked_sub(NAMED_IN_LOG) {
        tracing::warn!("{title}: {more} more could not be read");
    }
}

fn tell(inner: &Inner, library_id: i64, seen: u64, probed: u64, to_probe: u64, done: bool) {
    inner.hub.tell(&Live::Scan(ScanProgress { library_id, seen, probed, to_probe, done }));
}
