//! A library of generated clips, a data directory, and a service over both that can be stopped and started again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_core::media::preset::{self, Preset, Settings, find_builtin};
use mediaflow_core::replace::Epoch;
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_engine::run::measure::Tools;
use mediaflow_engine::service::{FindTools, Live, QueueReport, QueueWish, Service, ServiceOptions};
use mediaflow_store::{Job, LoggedEvent, Store};
use mediaflow_transport::executor::LocalExecutor;
use tempfile::TempDir;

use super::tools::tools_or_skip;

/// Only ends a test that would hang.
const LIMIT: Duration = Duration::from_secs(300);

/// A second of H.264, far more bits than it needs.
pub const TINY: &str = "-f lavfi -i testsrc2=s=160x90:r=25:d=1 -c:v libx264 -preset ultrafast -qp 4 -pix_fmt yuv420p";

/// An encode that takes long enough to be held in its middle.
pub const SLOW: &str =
    "-f lavfi -i testsrc2=s=640x360:r=25:d=12 -c:v libx264 -preset ultrafast -qp 14 -pix_fmt yuv420p";

/// The system's clock, or one that is ahead of it.
#[derive(Clone, Copy, Default)]
struct SystemClock {
    ahead: Duration,
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + self.ahead;
        Timestamp(i64::try_from(since.as_micros()).unwrap())
    }
}

/// Everything that was told, in its order.
#[derive(Default)]
pub struct Heard {
    all: Mutex<Vec<Live>>,
    more: Condvar,
}

impl Heard {
    fn add(&self, live: &Live) {
        self.all.lock().unwrap().push(live.clone());
        self.more.notify_all();
    }

    /// Waits until something was told, from now on or before.
    #[track_caller]
    pub fn wait<T>(&self, what: &str, mut wanted: impl FnMut(&Live) -> Option<T>) -> T {
        let mut all = self.all.lock().unwrap();
        let mut looked = 0;
        loop {
            if let Some(found) = all[looked..].iter().find_map(&mut wanted) {
                return found;
            }
            looked = all.len();
            let (guard, timeout) = self.more.wait_timeout(all, LIMIT).unwrap();
            all = guard;
            assert!(
                !timeout.timed_out(),
                "waited in vain for {what}; heard {:?}",
                all.iter().rev().take(5).collect::<Vec<_>>()
            );
        }
    }

    pub fn events(&self) -> Vec<LoggedEvent> {
        let all = self.all.lock().unwrap();
        all.iter()
            .filter_map(|live| if let Live::Recorded(logged) = live { Some(logged.clone()) } else { None })
            .collect()
    }
}

pub struct House {
    dir: TempDir,
    pub tools: Tools,
}

/// A running service with what it told.
pub struct Running {
    pub service: Service,
    pub heard: Arc<Heard>,
}

impl House {
    /// A library of these clips; `None`, with a line that says so, where there is no ffmpeg.
    pub fn with(clips: &[(&str, &str)]) -> Option<Self> {
        let dir = tempfile::Builder::new().prefix("mediaflow-service-").tempdir().unwrap();
        let tools = tools_or_skip(dir.path())?;
        let house = Self { dir, tools };
        fs::create_dir(house.library()).unwrap();
        for (name, words) in clips {
            house.make(name, words);
        }
        Some(house)
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn library(&self) -> PathBuf {
        self.root().join("library")
    }

    pub fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    pub fn film(&self, name: &str) -> PathBuf {
        self.library().join(name)
    }

    /// Makes a clip whose bytes no other clip has.
    pub fn make(&self, name: &str, words: &str) {
        self.make_at(&self.film(name), words);
    }

    /// The same in any folder.
    pub fn make_at(&self, path: &Path, words: &str) {
        let made = Command::new(&self.tools.ffmpeg)
            .args(["-v", "error", "-nostdin", "-y"])
            .args(words.split_whitespace())
            .args(["-metadata", &format!("title={}", path.display())])
            .arg(path)
            .status()
            .unwrap();
        assert!(made.success(), "ffmpeg could not make {}", path.display());
    }

    pub fn store(&self) -> Store {
        self.store_by(SystemClock::default())
    }

    fn store_by(&self, clock: SystemClock) -> Store {
        let store = Store::open(&self.root().join("mediaflow.db"), Arc::new(clock)).unwrap();
        store
            .write(|tx| {
                for builtin in preset::builtins() {
                    tx.preset_put(&builtin)?;
                }
                tx.installation_ensure(Epoch(7)).map(drop)
            })
            .unwrap();
        store
    }

    pub fn start(&self) -> Running {
        self.start_later(Duration::ZERO)
    }

    /// A service that is started when so much time has passed.
    pub fn start_later(&self, ahead: Duration) -> Running {
        let tools = self.tools.clone();
        self.start_with(Arc::new(move |_| Ok(tools.clone())), SystemClock { ahead })
    }

    /// A service that finds no ffmpeg.
    pub fn start_without_tools(&self) -> Running {
        self.start_with(Arc::new(|_| Err("no ffmpeg here".to_owned())), SystemClock::default())
    }

    /// A service that finds ffmpeg when it is told where.
    pub fn start_with_tools_from(&self, told: Receiver<Tools>) -> Running {
        let told = Mutex::new(told);
        let find = move |_: &_| told.lock().unwrap().recv().map_err(|error| error.to_string());
        self.start_with(Arc::new(find), SystemClock::default())
    }

    fn start_with(&self, find_tools: FindTools, clock: SystemClock) -> Running {
        let service = Service::start(ServiceOptions {
            store: self.store_by(clock),
            clock: Arc::new(clock),
            epoch: Epoch(7),
            executor: Arc::new(LocalExecutor::new(std::env::current_exe().unwrap())),
            work: self.work(),
            uploads: self.work().with_file_name("uploads"),
            find_tools,
            scan_threads: 2,
            more_tasks: Vec::new(),
        })
        .unwrap();
        let heard = Arc::<Heard>::default();
        let told = Arc::clone(&heard);
        service.subscribe(Arc::new(move |live| told.add(live)));
        Running { service, heard }
    }

    /// A started service that knows the library; nothing is begun until the queue is resumed.
    pub fn start_scanned(&self) -> (Running, i64) {
        let running = self.start();
        running.service.setting_set("intel.auto_analyze_on_sync", &false.into()).unwrap();
        let library = running.service.library_add(&self.library(), None, "movie").unwrap().library.id;
        running.scan(library);
        (running, library)
    }

    /// Names below the work folder.
    pub fn scratch(&self) -> Vec<PathBuf> {
        fs::read_dir(self.work()).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for House {
    /// A test that fails must not leave an encode behind.
    fn drop(&mut self) {
        for process in super::processes::below(self.root()) {
            process.kill();
        }
    }
}

impl Running {
    pub fn scan(&self, library: i64) {
        self.service.scan_start(library).unwrap();
        self.wait_for_scan(library);
    }

    /// Waits until a scan is over, in whatever way.
    #[track_caller]
    pub fn wait_for_scan(&self, library: i64) {
        self.heard.wait("the end of the scan", |live| match live {
            Live::Scan(progress) => (progress.library_id == library && progress.done).then_some(()),
            _ => None,
        });
    }

    /// The part of a file that the catalog has.
    pub fn part(&self, name: &str) -> i64 {
        self.find_part(name).unwrap_or_else(|| panic!("{name} is not in the catalog"))
    }

    /// The part of a file.
    pub fn find_part(&self, name: &str) -> Option<i64> {
        let store = self.service.store();
        let mut found = None;
        store
            .read(|r| {
                r.media_files(None, |media| {
                    if media.file.path.to_string().ends_with(name) {
                        found = media.item.map(|item| item.part_id);
                    }
                    std::ops::ControlFlow::Continue(())
                })
            })
            .unwrap();
        found
    }

    pub fn try_queue(&self, names: &[&str], priority: i64, is_dry_run: bool) -> QueueReport {
        let part_ids: Vec<i64> = names.iter().map(|name| self.part(name)).collect();
        let preset = balanced();
        self.service.queue_items(&QueueWish { priority, is_dry_run, ..wish(&part_ids, &preset) }).unwrap()
    }

    /// Queues one film by a preset of the test's own.
    #[track_caller]
    pub fn queue_by(&self, name: &str, settings: Settings) -> i64 {
        let preset = Preset { name: "Own".to_owned(), settings, ..balanced() };
        let report = self.service.queue_items(&wish(&[self.part(name)], &preset)).unwrap();
        assert_eq!(report.skipped, []);
        report.created[0]
    }

    pub fn queue(&self, names: &[&str]) -> Vec<i64> {
        let report = self.try_queue(names, 0, false);
        assert_eq!(report.skipped, [], "{names:?}");
        report.created
    }

    pub fn job(&self, id: i64) -> Job {
        self.service.store().read(|r| r.job(id)).unwrap()
    }

    #[track_caller]
    pub fn wait_for_end(&self, id: i64) -> (Ending, String) {
        self.heard.wait(&format!("the end of job {id}"), |live| match live {
            Live::Recorded(LoggedEvent { event: Event::JobEnded { job_id, ending, reason, .. }, .. }) => {
                (*job_id == id).then(|| (*ending, reason.clone()))
            }
            _ => None,
        })
    }

    #[track_caller]
    pub fn wait_for_status(&self, id: i64, wanted: JobStatus) {
        self.heard.wait(&format!("job {id} to be {wanted}"), |live| match live {
            Live::Recorded(LoggedEvent { event: Event::JobStatusChanged { job_id, status, .. }, .. }) => {
                (*job_id == id && *status == wanted).then_some(())
            }
            _ => None,
        });
    }

    /// Waits until a job waits for something else than its turn, and gives what that is.
    #[track_caller]
    pub fn wait_until_it_waits(&self, id: i64) -> String {
        self.heard.wait(&format!("job {id} to wait"), |live| match live {
            Live::Recorded(LoggedEvent { event: Event::JobStatusChanged { job_id, status, reason }, .. }) => {
                reason.clone().filter(|_| *job_id == id && *status == JobStatus::Queued)
            }
            // All jobs of a folder are told of together.
            Live::Recorded(LoggedEvent { event: Event::QueueFolderAway { reason: Some(reason), .. }, .. }) => {
                (self.job(id).reason.as_ref() == Some(reason)).then(|| reason.clone())
            }
            _ => None,
        })
    }

    /// Waits until the encode of a job has made frames.
    #[track_caller]
    pub fn wait_for_frames(&self, id: i64) {
        self.heard.wait(&format!("frames of job {id}"), |live| match live {
            Live::Progress(progress) => {
                (progress.job_id == id && progress.frame.is_some_and(|frame| frame > 0)).then_some(())
            }
            _ => None,
        });
    }

    /// Stops the service as the program does.
    #[track_caller]
    pub fn stop(self) {
        assert!(self.service.stop_soft(Duration::from_secs(30)), "it did not stop: {:?}", self.service.tasks());
    }
}

/// The usual wish.
pub fn wish<'a>(part_ids: &'a [i64], preset: &'a Preset) -> QueueWish<'a> {
    QueueWish {
        part_ids,
        preset,
        priority: 0,
        is_dry_run: false,
        is_forced: false,
        scheduled_after_at: None,
        preferred_worker_id: None,
    }
}

pub fn balanced() -> Preset {
    find_builtin("Balanced").unwrap()
}
