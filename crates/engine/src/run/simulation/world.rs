//! What the simulated jobs have in common: their files, their fates, a clock that only goes when it is told to, and who
//! is at work.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use mediaflow_core::identity::{ContentId, Hash, Stat};
use mediaflow_core::job::{Ending, Failure, FailureCause, JobStatus};
use mediaflow_core::media::preset::{Preset, find_builtin};
use mediaflow_core::path::RelPath;
use mediaflow_core::replace::Epoch;
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_ffmpeg::measure::Metric;
use mediaflow_store::{FileKind, Job, JobEnd, NewJob, OutputMode, SeenFile, Storage, Store, StoreError};
use mediaflow_transport::executor::LocalExecutor;
use mediaflow_transport::machine::ThisMachine;
use tempfile::TempDir;

use super::dice::Dice;
use crate::run::hand::{Hand, Wish};
use crate::run::measure::Tools;
use crate::run::{Progress, Runner, Stage, Stop, Watch};
use crate::service::{Service, ServiceOptions};
use crate::settings;

/// Only ends a simulation that would hang.
const LIMIT: Duration = Duration::from_secs(300);

/// A Thursday.
const BEGINNING_US: i64 = 1_767_225_600_000_000;

/// What becomes of a job's tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It works.
    Works,
    /// So many tries are killed before one works.
    Killed(u32),
    /// The proof rejects it.
    Rejected,
    /// Its output is not smaller by enough.
    NotWorthIt,
    /// Its source cannot be done.
    Refused,
    /// The first try panics.
    Panics,
    /// The database fails in the first try, which leaves the job in the middle.
    IsLeft,
    /// The first try stands still.
    Hangs,
}

struct Time(AtomicI64);

impl Clock for Time {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[derive(Default)]
struct State {
    jobs: Vec<i64>,
    fates: BTreeMap<i64, Fate>,
    /// Tries that came to the end that their fate has for them.
    tries: BTreeMap<i64, u32>,
    working: BTreeSet<i64>,
    cancelled: BTreeSet<i64>,
    wrong: Vec<String>,
}

/// How long a job stays that was left in the middle: the product's time would be all that a run waits for.
const LEFT_FOR: Duration = Duration::from_millis(50);

pub struct World {
    dir: TempDir,
    clock: Arc<Time>,
    store: Store,
    storage: Storage,
    preset: Preset,
    state: Mutex<State>,
    changed: Condvar,
}

static CURRENT: OnceLock<Arc<World>> = OnceLock::new();

impl World {
    pub fn current() -> Option<&'static Arc<Self>> {
        CURRENT.get()
    }

    pub fn make(seed: u64, jobs: u64) -> Arc<Self> {
        let dir = tempfile::Builder::new().prefix("mediaflow-queue-").tempdir().unwrap();
        let films = dir.path().join("films");
        std::fs::create_dir(&films).unwrap();
        // The folder is there, and not empty.
        std::fs::write(films.join("film"), "a film").unwrap();
        let clock = Arc::new(Time(AtomicI64::new(BEGINNING_US)));
        let store = Store::open(&dir.path().join("mediaflow.db"), clock.clone()).unwrap();
        let storage = store.write(|tx| tx.storage_put(&films, false, &"none", None)).unwrap();
        let mut dice = Dice::new(seed ^ jobs);
        let preset = find_builtin("Balanced").unwrap();
        let world = Self { dir, clock, store, storage, preset, state: Mutex::default(), changed: Condvar::new() };
        let mut fates = BTreeMap::new();
        for id in 1..=i64::try_from(jobs).unwrap() {
            let fate = match dice.below(100) {
                0..60 => Fate::Works,
                60..75 => Fate::Killed(1 + u32::try_from(dice.below(5)).unwrap()),
                75..80 => Fate::Rejected,
                80..84 => Fate::NotWorthIt,
                84..88 => Fate::Refused,
                88..93 => Fate::Panics,
                93..99 => Fate::IsLeft,
                _ => Fate::Hangs,
            };
            fates.insert(id, fate);
        }
        world.lock().fates = fates;
        let world = Arc::new(world);
        assert!(CURRENT.set(Arc::clone(&world)).is_ok(), "one simulation to a process");
        world
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn start(self: &Arc<Self>) -> Service {
        let tools = Tools {
            ffmpeg: "ffmpeg".into(),
            ffprobe: "ffprobe".into(),
            version: "simulated".to_owned(),
            metric: Metric::Ssim,
            threads: 1,
            devices: Default::default(),
            machine: Arc::new(ThisMachine),
        };
        let options = ServiceOptions {
            store: self.store.clone(),
            clock: self.clock.clone(),
            epoch: Epoch(7),
            executor: Arc::new(LocalExecutor::new(std::env::current_exe().unwrap())),
            work: self.dir.path().join("work"),
            uploads: self.dir.path().join("uploads"),
            find_tools: Arc::new(move |_| Ok(tools.clone())),
            scan_threads: 1,
            more_tasks: Vec::new(),
        };
        let service = Service::start_with(options, LEFT_FOR).unwrap();
        service.setting_set(settings::CONCURRENT_JOBS, &super::SLOTS.into()).unwrap();
        service.setting_set(settings::STUCK_MINUTES, &0.05.into()).unwrap();
        let world = Arc::clone(self);
        service.subscribe(Arc::new(move |_| world.changed.notify_all()));
        service
    }

    /// As the program does it: jobs that run are left.
    pub fn restart(self: &Arc<Self>, service: &Service) -> Service {
        assert!(service.stop_soft(Duration::from_secs(30)), "it did not stop: {:?}", service.tasks());
        assert_eq!(self.lock().working, BTreeSet::new(), "nothing works without a service");
        self.start()
    }

    pub fn queue(&self, count: u64, dice: &mut Dice) {
        for _ in 0..count {
            let number = self.queued() + 1;
            let path = RelPath::new(format!("{number}.mkv").as_str()).unwrap();
            let content = ContentId { size_bytes: 1000, edges: Hash::of_bytes(path.as_bytes()) };
            let stat = Stat { size_bytes: 1000, mtime_ns: 1, device: 1, inode: number, links: 1 };
            let seen = SeenFile { path, kind: FileKind::Media, reason: None, stat: Some(stat), content: Some(content) };
            let wait = i64::try_from(dice.below(8)).unwrap() * 60;
            let id = self.store.write(|tx| {
                let file_id = tx.file_put(&self.storage, None, &seen)?.id;
                tx.job_create(&NewJob {
                    public_id: &number.to_string(),
                    file_id,
                    content,
                    title: "a film",
                    preset: &self.preset.name,
                    settings: &self.preset.settings,
                    intent: None,
                    mode: OutputMode::Replace,
                    forced: true,
                    insisted: false,
                    scheduled_after_at: (wait > 240).then(|| tx.now().plus_seconds(wait)),
                    priority: 0,
                    estimated_bytes: None,
                })
            });
            self.lock().jobs.push(id.unwrap());
        }
    }

    pub fn queued(&self) -> u64 {
        self.lock().jobs.len() as u64
    }

    pub fn job(&self, number: u64) -> i64 {
        self.lock().jobs[usize::try_from(number).unwrap()]
    }

    pub fn cancel(&self, service: &Service, id: i64) {
        self.lock().cancelled.insert(id);
        drop(service.job_cancel(id));
    }

    /// Lets a job go on; what has ended is left so.
    pub fn resume(&self, service: &Service, id: i64) {
        if !self.store.read(|r| r.job(id)).unwrap().status.is_final() {
            drop(service.job_resume(id));
        }
    }

    /// The active hours are those of a day that does not come.
    pub fn close(&self, service: &Service, pauses: bool) {
        let running = if pauses { settings::PAUSE } else { settings::FINISH };
        // Not before Monday in any zone; then a minute counts for little.
        for (key, value) in [
            (settings::AT_THEIR_END, running),
            (settings::ACTIVE_DAYS, "0"),
            (settings::ACTIVE_FROM, "00:00"),
            (settings::ACTIVE_UNTIL, "00:01"),
            (settings::ACTIVE_HOURS, "true"),
        ] {
            service.setting_set(key, &value.into()).unwrap();
        }
    }

    pub fn open(&self, service: &Service) {
        service.setting_set(settings::ACTIVE_HOURS, &false.into()).unwrap();
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time go by, and says so.
    pub fn advance(&self, service: &Service, minutes: u64) {
        let us = i64::try_from(minutes).unwrap() * 60_000_000;
        let now = self.clock.0.fetch_add(us, Ordering::SeqCst) + us;
        service.setting_set("of.the.simulation", &now.into()).unwrap();
    }

    /// Until something has happened, or will not at once.
    pub fn wait_a_little(&self) {
        drop(self.changed.wait_timeout(self.lock(), Duration::from_millis(3)).unwrap());
    }

    pub fn wait_until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < LIMIT, "waited in vain until {what}: {:?}", self.lock().wrong);
            drop(self.changed.wait_timeout(self.lock(), Duration::from_millis(20)).unwrap());
        }
    }

    /// What the line would do: some time passes, in which the job may be asked to stop, and then its fate has its way.
    pub fn walk(&self, runner: &Runner, job: &Job, hand: &Hand, watch: &dyn Watch) -> Stop {
        let (fate, tries) = {
            let mut state = self.lock();
            if !state.working.insert(job.id) {
                state.wrong.push(format!("job {} runs twice at once", job.id));
            }
            (state.fates[&job.id], state.tries.get(&job.id).copied().unwrap_or(0))
        };
        self.changed.notify_all();
        watch.progress(job, &Progress::of(Stage::Encode, 0.5));
        let stop = self.turn(runner, job, hand, fate, tries);
        self.lock().working.remove(&job.id);
        self.changed.notify_all();
        stop.unwrap_or_else(|| panic!("the fate of job {}", job.id))
    }

    /// `None` for one that panics.
    fn turn(&self, runner: &Runner, job: &Job, hand: &Hand, fate: Fate, tries: u32) -> Option<Stop> {
        let pause = Duration::from_millis(Dice::new(job.id.unsigned_abs() + u64::from(tries)).below(6));
        if hand.cancel.wait_timeout(pause) {
            return Some(Stop::Cancelled);
        }
        if fate == Fate::Hangs && tries == 0 {
            while !hand.cancel.wait_timeout(LIMIT) {}
            if hand.wish() == Some(Wish::Stuck) {
                self.had_its_try(job.id);
            }
            return Some(Stop::Cancelled);
        }
        self.had_its_try(job.id);
        let failed = |cause| Stop::Failed(Failure::new(cause, "it had to be"));
        Some(match fate {
            Fate::Panics if tries == 0 => return None,
            Fate::IsLeft if tries == 0 => Stop::Store(StoreError::NotFound { what: "database", id: 0 }),
            Fate::Killed(times) if tries < times => failed(FailureCause::Killed),
            Fate::Rejected => failed(FailureCause::Proof),
            Fate::NotWorthIt => Stop::NotWorthIt { reason: "as large".to_owned(), output_bytes: Some(1000) },
            Fate::Refused => Stop::Refused("damaged".to_owned()),
            _ => self.replaced(runner, job, hand),
        })
    }

    fn had_its_try(&self, id: i64) {
        *self.lock().tries.entry(id).or_default() += 1;
    }

    /// The last steps, as the line and its journal take them.
    fn replaced(&self, runner: &Runner, job: &Job, hand: &Hand) -> Stop {
        if !hand.begin_replacing() {
            return Stop::Cancelled;
        }
        let reason = "smaller".to_owned();
        let end = JobEnd { ending: Ending::Replaced, reason: &reason, cause: None, output_bytes: Some(400) };
        let ended = runner.store.write(|tx| {
            tx.job_step(job.id, JobStatus::Verifying)?;
            if tx.job_wishes(job.id)?.pause {
                return Ok(false);
            }
            tx.job_step(job.id, JobStatus::Replacing)?;
            tx.job_end(job.id, &end).map(|()| true)
        });
        match ended {
            Ok(true) => Stop::Done(Ending::Replaced, reason),
            Ok(false) => {
                hand.hold_instead();
                Stop::Cancelled
            }
            Err(error) => Stop::Store(error),
        }
    }

    pub fn check_ends(&self) {
        let state = self.lock();
        assert_eq!(state.wrong, [] as [String; 0]);
        let mut wrong = Vec::new();
        for (id, fate) in &state.fates {
            let job = self.store.read(|r| r.job(*id)).unwrap();
            let was_cancelled = job.ending == Some(Ending::Cancelled) && state.cancelled.contains(id);
            if !was_cancelled && job.ending != Some(fate.ending()) {
                wrong.push(format!("job {id}, {fate:?}: {:?}, {:?}", job.ending, job.reason));
            }
            let killed = match fate {
                Fate::Killed(times) => (*times).min(3),
                Fate::Hangs => 1,
                _ => 0,
            };
            if !was_cancelled && job.retries != killed {
                wrong.push(format!("job {id}, {fate:?}: {} retries", job.retries));
            }
        }
        assert_eq!(wrong, [] as [String; 0]);
        let left = self.store.read(|r| r.space_reserved("", 0)).unwrap();
        assert_eq!(left, 0);
    }
}
