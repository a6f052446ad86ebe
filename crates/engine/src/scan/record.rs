//! Writing down what a scan finds, many files to a transaction.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use mediaflow_core::identity::Stat;
use mediaflow_core::path::RelPath;
use mediaflow_store::{FileChange, FileKind, PutFile, SeenFile, Storage, Store, StoreError, Tx};

use super::known::links_note;
use super::{Reading, ScanError, ScanReport, catalog};

/// Files to a transaction: each costs an fsync, and a broken-off scan loses at most this many.
const BATCH: usize = 500;

/// How long found files may wait for more to come, so that a slow scan shows too.
const PATIENCE: Duration = Duration::from_millis(500);

/// What the other threads found.
pub(super) enum Found {
    /// A known file that is as it was.
    Unchanged(i64),
    /// The same, and the library's catalog has it not yet.
    Unplaced { id: i64, path: RelPath },
    /// A file that needs no probe.
    Noted(SeenFile),
    /// A file that was read.
    Read { path: RelPath, stat: Stat, reading: Box<Reading> },
}

/// Writes for one scan.
pub(super) struct Recorder<'a> {
    pub store: &'a Store,
    pub place: Place<'a>,
    pub scan_id: i64,
}

/// Where files are written down, and by whom they were read.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub storage: &'a Storage,
    /// The library whose catalog they belong to, if any.
    pub library_id: Option<i64>,
    /// The scan that sees them, if any.
    pub scan_id: Option<i64>,
    /// The build of ffprobe.
    pub tool: &'a str,
}

/// What a recorder leaves behind.
#[derive(Default)]
pub(super) struct Recorded {
    pub report: ScanReport,
    /// Why the scan has to end here.
    pub fatal: Option<ScanError>,
}

impl Recorder<'_> {
    /// Writes until all senders are gone, or until nothing more can be written; then the senders are told by their
    /// closed queue.
    pub(super) fn run(&self, arriving: Receiver<Found>) -> Result<Recorded, StoreError> {
        let mut recorded = Recorded::default();
        let mut batch = Vec::new();
        let mut written = Instant::now();
        loop {
            let arrived = arriving.recv_timeout(PATIENCE);
            let ended = matches!(arrived, Err(RecvTimeoutError::Disconnected));
            batch.extend(arrived.ok());
            let is_due = ended || batch.len() >= BATCH || written.elapsed() >= PATIENCE;
            if is_due && !batch.is_empty() {
                self.write(&mut batch, &mut recorded)?;
                written = Instant::now();
            }
            if ended || recorded.fatal.is_some() {
                return Ok(recorded);
            }
        }
    }

    fn write(&self, batch: &mut Vec<Found>, recorded: &mut Recorded) -> Result<(), StoreError> {
        let unchanged: Vec<i64> = batch
            .iter()
            .filter_map(|found| match found {
                Found::Unchanged(id) | Found::Unplaced { id, .. } => Some(*id),
                Found::Noted(_) | Found::Read { .. } => None,
            })
            .collect();
        let report = &mut recorded.report;
        report.unchanged += unchanged.len() as u64;
        self.store.write(|tx| {
            tx.files_unchanged(self.scan_id, &unchanged)?;
            for found in batch.drain(..) {
                match found {
                    Found::Unchanged(_) => {}
                    Found::Unplaced { id, path } => {
                        if let Some(library_id) = self.place.library_id {
                            catalog::place(tx, library_id, id, &path)?;
                        }
                    }
                    Found::Noted(seen) => {
                        let put = tx.file_put(self.place.storage, self.place.scan_id, &seen)?;
                        report.count(seen, put);
                    }
                    Found::Read { path, stat, reading } => {
                        if let Reading::NoTool(error) = *reading {
                            recorded.fatal = Some(ScanError::Tool(error));
                        } else if let Some((seen, put)) = self.place.put(tx, path, stat, &reading)? {
                            report.probed += 1;
                            report.count(seen, put);
                        }
                    }
                }
            }
            Ok(())
        })
    }
}

impl Place<'_> {
    /// Writes down what reading a file came to. `None` where nothing is to be said of the file: it is gone, or it was
    /// not really tried.
    pub(super) fn put(
        &self,
        tx: &Tx<'_>,
        path: RelPath,
        stat: Stat,
        reading: &Reading,
    ) -> Result<Option<(SeenFile, PutFile)>, StoreError> {
        let seen = match reading {
            Reading::Media { content, .. } => SeenFile {
                path,
                kind: FileKind::Media,
                reason: links_note(stat),
                stat: Some(stat),
                content: Some(*content),
            },
            Reading::Damaged { content, reason } => SeenFile {
                path,
                kind: FileKind::Unreadable,
                reason: Some(reason.clone()),
                stat: Some(stat),
                content: Some(*content),
            },
            // Without a stat the next scan takes it for changed, and tries again.
            Reading::NotNow { reason } => {
                SeenFile { path, kind: FileKind::Unreadable, reason: Some(reason.clone()), stat: None, content: None }
            }
            Reading::Vanished | Reading::Cancelled | Reading::NoTool(_) => return Ok(None),
        };
        let put = tx.file_put(self.storage, self.scan_id, &seen)?;
        if let (Reading::Media { info, text, .. }, false) = (reading, put.change == FileChange::Twin) {
            tx.probe_put(put.id, put.generation, info, text, self.tool)?;
            if let Some(library_id) = self.library_id {
                catalog::place(tx, library_id, put.id, &seen.path)?;
            }
        }
        Ok(Some((seen, put)))
    }
}

impl ScanReport {
    fn count(&mut self, seen: SeenFile, put: PutFile) {
        match put.change {
            FileChange::New => self.new += 1,
            FileChange::Changed => self.changed += 1,
            FileChange::Same => self.unchanged += 1,
            FileChange::Twin => self.twins.push(seen.path.clone()),
        }
        if seen.kind == FileKind::Media && seen.stat.is_some_and(|stat| stat.links > 1) {
            self.hard_linked += 1;
        }
        if seen.kind == FileKind::Unreadable {
            self.unreadable.push((seen.path, seen.reason.unwrap_or_default()));
        }
    }
}
