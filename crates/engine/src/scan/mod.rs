//! Scanning a folder: what lies there is compared with what the store knows, what is new or has changed is probed, and
//! what is gone is marked as missing.
//!
//! One thread walks, a few probe, one writes; between them are short queues, so that memory does not grow with the
//! library. Everything that was written stays written when a scan is broken off: the next one goes on from there.

mod catalog;
mod folder;
mod known;
mod read;
mod record;
mod report;
mod visit;

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use mediaflow_core::identity::Stat;
use mediaflow_core::media::MediaInfo;
use mediaflow_core::path::RelPath;
use mediaflow_store::{File, ScanCounts, Storage, Store};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::storage::EntryKind;

pub use folder::{Folder, add_folder, folder_of, on_disk, open_folder, open_storage};
pub(crate) use folder::{add_folder_there, library_around, own_storage};
pub use read::{Reading, read_file};
pub use report::{Progress, ScanError, ScanReport};

use crate::storages::{OpenStorage, Storages};
use known::Known;
use record::{Found, Place, Recorder};
use report::Counters;
use visit::{Ground, Visited, visit};

/// Found files that may wait between two threads.
const QUEUE: usize = 256;

/// Scans folders.
#[derive(Clone)]
pub struct Scanner {
    /// Where everything is written.
    pub store: Store,
    /// Where files lie.
    pub storages: Storages,
    /// The ffprobe to use.
    pub ffprobe: PathBuf,
    /// How that build names itself; kept with each probe.
    pub tool: String,
    /// Probes at the same time, at least 1; see [`default_threads`].
    pub threads: usize,
}

/// Twice the cores, because a probe waits for the disk half of its time, and at most 8, because more make one spinning
/// disk slower and not faster.
#[must_use]
pub fn default_threads() -> usize {
    thread::available_parallelism().map_or(2, |cores| (cores.get() * 2).min(8))
}

impl Scanner {
    /// Scans a folder to its end and tells what was found. `progress` is called from several threads.
    pub fn scan(
        &self,
        folder: &Folder,
        cancel: &Cancel,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<ScanReport, ScanError> {
        let known = Known::load(&self.store, folder)?;
        let disk = self.storages.open(&folder.storage)?;
        let scan_id = self.store.write(|tx| tx.scan_begin(folder.library.id))?;
        let counters = Counters::default();
        let tell = || progress(counters.now());

        let (to_probe, waiting) = sync_channel(QUEUE);
        let (found, arriving) = sync_channel(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        let (visited, recorded) = thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                let (waiting, found) = (Arc::clone(&waiting), found.clone());
                let (counters, tell) = (&counters, &tell);
                scope.spawn(move || self.probe_all(folder, &waiting, &found, cancel, counters, tell));
            }
            // The probing threads own the queue's end now: should they all stop, the walk is told so.
            drop(waiting);
            let place = self.place(&folder.storage, Some(folder.library.id), Some(scan_id));
            let recorder = Recorder { store: &self.store, place, scan_id };
            let recorder = scope.spawn(move || recorder.run(arriving));
            let ground = Ground { disk: &disk, folder, known: &known };
            let visited = visit(ground, &to_probe, &found, cancel, &counters, &tell);
            drop((to_probe, found));
            (visited, recorder.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        let recorded = recorded?;
        let mut visited = visited?;
        if let Some(fatal) = recorded.fatal {
            return Err(fatal);
        }
        if cancel.is_cancelled() {
            return Err(ScanError::Cancelled);
        }
        let mut report = ScanReport { seen: visited.seen, ..recorded.report };
        report.skipped = std::mem::take(&mut visited.skipped);
        report.unread_folders = std::mem::take(&mut visited.unread_folders);
        self.finish(folder, scan_id, &known, &visited, &mut report)?;
        Ok(report)
    }

    /// Marks what was not seen and ends the scan, unless the folder looks as if its disk were not mounted.
    fn finish(
        &self,
        folder: &Folder,
        scan_id: i64,
        known: &Known,
        visited: &Visited,
        report: &mut ScanReport,
    ) -> Result<(), ScanError> {
        if visited.seen == 0 && !known.is_empty() {
            return Err(ScanError::LooksUnmounted { root: folder.root(), known: known.len() });
        }
        if !visited.root_unread {
            let (storage, below) = (folder.storage.id, folder.library.folder.as_ref());
            let unseen = self.store.read(|r| r.files_unseen(scan_id, storage, below, &visited.unread))?;
            report.missing = self.store.write(|tx| tx.files_mark_missing(scan_id, &unseen))?;
        }
        let items = self.store.read(|r| r.library_size(folder.library.id))?.parts;
        let counts = ScanCounts { items, seen: report.seen, probed: report.probed, missing: report.missing };
        self.store.write(|tx| tx.scan_end(scan_id, counts))?;
        Ok(())
    }

    /// Reads one file and writes it down, outside of any scan and whatever was known of it.
    ///
    /// # Errors
    /// [`ScanError::NotMedia`] with the reason when it has no streams that can be read.
    pub fn scan_file(
        &self,
        storage: &Storage,
        library_id: Option<i64>,
        path: &RelPath,
        cancel: &Cancel,
    ) -> Result<(File, MediaInfo), ScanError> {
        let not_media = |reason: &str| ScanError::NotMedia { path: on_disk(storage, path), reason: reason.to_owned() };
        let disk = self.storages.open(storage).map_err(|error| not_media(&error.to_string()))?;
        let entry = disk.look(path).map_err(|error| not_media(&error.to_string()))?;
        let entry = entry.ok_or_else(|| not_media("there is no such file"))?;
        if entry.kind != EntryKind::File {
            return Err(not_media("it is a folder, a link or a device"));
        }
        let reading = read_file(&self.ffprobe, &disk, path, entry.stat, cancel);
        let place = self.place(storage, library_id, None);
        let put = self.store.write(|tx| place.put(tx, path.clone(), entry.stat, &reading))?;
        match (reading, put) {
            (Reading::Media { info, .. }, Some((_, put))) => {
                Ok((self.store.read(|reader| reader.file(put.id))?, *info))
            }
            (Reading::Damaged { reason, .. } | Reading::NotNow { reason }, _) => Err(not_media(&reason)),
            (Reading::NoTool(error), _) => Err(ScanError::Tool(error)),
            (Reading::Cancelled, _) => Err(ScanError::Cancelled),
            (Reading::Media { .. } | Reading::Vanished, _) => Err(not_media("it was gone when it was read")),
        }
    }

    fn place<'a>(&'a self, storage: &'a Storage, library_id: Option<i64>, scan_id: Option<i64>) -> Place<'a> {
        Place { storage, library_id, scan_id, tool: &self.tool }
    }

    fn probe_all(
        &self,
        folder: &Folder,
        waiting: &Mutex<Receiver<(RelPath, Stat)>>,
        found: &SyncSender<Found>,
        cancel: &Cancel,
        counters: &Counters,
        tell: &(dyn Fn() + Sync),
    ) {
        // One for each thread: what is read through it waits for nobody.
        let disk = self.storages.open(&folder.storage);
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok((path, stat)) = next else { return };
            if cancel.is_cancelled() {
                return;
            }
            let reading = match &disk {
                Ok(disk) => read_file(&self.ffprobe, disk, &path, stat, cancel),
                Err(error) => Reading::NotNow { reason: error.to_string() },
            };
            counters.probed.fetch_add(1, Ordering::Relaxed);
            tell();
            if found.send(Found::Read { path, stat, reading: Box::new(reading) }).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
