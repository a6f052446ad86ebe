//! A store in a folder of its own, with a clock that stands still until told otherwise.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

use mediaflow_core::event::Event;
use mediaflow_core::identity::{ContentId, Hash, Stat};
use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_core::media::preset::{self, Preset, Settings};
use mediaflow_core::media::{Container, MediaInfo};
use mediaflow_core::path::RelPath;
use mediaflow_core::plan::Intent;
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_store::{File, FileKind, JobEnd, NewJob, OutputMode, SeenFile, Storage, Store, StoreError, Tx};
use tempfile::TempDir;

pub struct StoppedClock(AtomicI64);

impl StoppedClock {
    pub fn set(&self, at: i64) {
        self.0.store(at, Ordering::SeqCst);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

pub fn clock() -> Arc<StoppedClock> {
    Arc::new(StoppedClock(AtomicI64::new(1_000_000)))
}

pub struct Fixture {
    pub store: Store,
    pub clock: Arc<StoppedClock>,
    pub storage: Storage,
    folder: TempDir,
}

impl Fixture {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = clock();
        let store = Store::open(&folder.path().join("mediaflow.db"), clock.clone()).unwrap();
        let storage = store.write(put_storage).unwrap();
        Self { store, clock, storage, folder }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("mediaflow.db")
    }

    /// A media file that is known.
    pub fn file(&self, name: &str) -> File {
        self.store.write(|tx| put_file(tx, &self.storage, name)).unwrap()
    }

    pub fn queue(&self, file: &File, public_id: &str) -> Result<i64, StoreError> {
        self.store.write(|tx| create_job(tx, file, public_id, 0))
    }

    pub fn step(&self, job: i64, to: JobStatus) -> Result<(), StoreError> {
        self.store.write(|tx| tx.job_step(job, to))
    }

    pub fn end(&self, job: i64, ending: Ending) -> Result<(), StoreError> {
        self.store.write(|tx| tx.job_end(job, &end(ending)))
    }

    pub fn events(&self) -> Vec<Event> {
        let logged = self.store.read(|r| r.events_after(0, 10_000)).unwrap();
        logged.into_iter().map(|logged| logged.event).collect()
    }

    /// A look past the store, at the tables themselves.
    pub fn count(&self, table: &str) -> i64 {
        let conn = rusqlite::Connection::open(self.path()).unwrap();
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }
}

pub fn put_storage(tx: &Tx<'_>) -> Result<Storage, StoreError> {
    tx.storage_put("/films".as_ref(), false, &"none", Some(u64::MAX))
}

pub fn put_file(tx: &Tx<'_>, storage: &Storage, name: &str) -> Result<File, StoreError> {
    let put = tx.file_put(storage, None, &seen(name, 1000, name))?;
    tx.file(put.id)
}

pub fn path(name: &str) -> RelPath {
    RelPath::new(name).unwrap()
}

pub fn stat(size_bytes: u64, mtime_ns: i64) -> Stat {
    // Inodes of 64 bits occur on network storages.
    Stat { size_bytes, mtime_ns, device: 7, inode: u64::MAX - 1, links: 1 }
}

pub fn content(size_bytes: u64, bytes: &str) -> ContentId {
    ContentId { size_bytes, edges: Hash::of_bytes(bytes.as_bytes()) }
}

/// A media file whose content is told by `bytes`.
pub fn seen(name: &str, size_bytes: u64, bytes: &str) -> SeenFile {
    SeenFile {
        path: path(name),
        kind: FileKind::Media,
        reason: None,
        stat: Some(stat(size_bytes, 5)),
        content: Some(content(size_bytes, bytes)),
    }
}

pub fn info(size_bytes: u64) -> MediaInfo {
    MediaInfo {
        container: Container::Matroska,
        format_name: "matroska,webm".to_owned(),
        size_bytes,
        duration_us: Some(10_000_000),
        bitrate_bps: Some(8_000_000),
        tags: [("title".to_owned(), "Amélie".to_owned())].into(),
        streams: Vec::new(),
        chapters: Vec::new(),
    }
}

pub fn balanced() -> Preset {
    preset::find_builtin(preset::DEFAULT_PRESET).unwrap()
}

pub fn intent() -> Intent {
    Intent {
        policy: balanced().settings.policy(),
        container: Container::Matroska,
        source_container: Container::Avi,
        streams: Vec::new(),
        dropped: Vec::new(),
        chapters: 3,
        notes: vec!["a note".to_owned()],
        floor: balanced().settings.floor,
        quality: balanced().settings.quality,
        min_savings_percent: 5,
        accept_damage: false,
    }
}

pub fn create_job(tx: &Tx<'_>, file: &File, public_id: &str, priority: i64) -> Result<i64, StoreError> {
    tx.job_create(&NewJob { priority, ..new_job(file, public_id) })
}

/// A job for a file, with everything as usual.
pub fn new_job<'a>(file: &File, public_id: &'a str) -> NewJob<'a> {
    static SETTINGS: LazyLock<Settings> = LazyLock::new(|| balanced().settings);
    static INTENT: LazyLock<Intent> = LazyLock::new(intent);
    NewJob {
        public_id,
        file_id: file.id,
        content: file.content.unwrap(),
        title: "A film",
        preset: "Balanced",
        settings: &SETTINGS,
        intent: Some(&INTENT),
        mode: OutputMode::Replace,
        forced: false,
        insisted: false,
        scheduled_after_at: None,
        priority: 0,
        estimated_bytes: None,
    }
}

pub fn end(ending: Ending) -> JobEnd<'static> {
    JobEnd { ending, reason: "because", cause: None, output_bytes: Some(400) }
}
