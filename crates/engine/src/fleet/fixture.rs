//! A fleet with a database of its own, and workers behind real SSH servers.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mediaflow_core::event::Event;
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_store::{Store, Worker, WorkerForm, WorkerLogin};
use mediaflow_testkit::sshd::Sshd;
use mediaflow_transport::cancel::Cancel;
use tempfile::TempDir;

use super::{Fleet, FleetNews};
use crate::service::{Hub, Live};

/// A clock that is set by hand.
pub(crate) struct ByHand(AtomicI64);

impl Clock for ByHand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Yard {
    pub dir: TempDir,
    pub fleet: Fleet,
    clock: Arc<ByHand>,
    news: Arc<Mutex<Vec<FleetNews>>>,
}

impl Yard {
    pub fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("mediaflow-fleet-").tempdir().unwrap();
        let clock = Arc::new(ByHand(AtomicI64::new(1_700_000_000_000_000)));
        let store = Store::open(&dir.path().join("test.db"), clock.clone()).unwrap();
        let (hub, news) = (Hub::default(), Arc::<Mutex<Vec<FleetNews>>>::default());
        let heard = Arc::clone(&news);
        hub.add(Arc::new(move |live| {
            if let Live::Fleet(one) = live {
                heard.lock().unwrap().push(one.clone());
            }
        }));
        let fleet = Fleet::new(store, clock.clone(), hub, Arc::default(), Cancel::new());
        Self { dir, fleet, clock, news }
    }

    pub fn store(&self) -> &Store {
        self.fleet.store()
    }

    /// A server for a worker; `None`, said aloud, where there is no `sshd`.
    pub fn sshd(&self, name: &str) -> Option<Sshd> {
        let sshd = Sshd::start(&self.dir.path().join(name)).unwrap();
        if sshd.is_none() {
            println!("skipped: there is no sshd here");
        }
        sshd
    }

    /// A worker behind such a server, which nobody has called yet.
    pub fn worker(&self, name: &str, sshd: &Sshd) -> i64 {
        let form = WorkerForm {
            name: name.to_owned(),
            login: WorkerLogin {
                address: "127.0.0.1".to_owned(),
                port: Some(sshd.port()),
                username: Some(user()),
                key_path: Some(sshd.key().display().to_string()),
                ..WorkerLogin::default()
            },
            work_dir: self.work_dir(name).display().to_string(),
            ..WorkerForm::default()
        };
        self.store().write(|tx| tx.worker_create(&form)).unwrap()
    }

    /// Where a worker works.
    pub fn work_dir(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.dir.path()).join(format!("{name}-work"))
    }

    pub fn row(&self, id: i64) -> Worker {
        self.store().read(|r| r.worker(id)).unwrap()
    }

    pub fn events(&self) -> Vec<Event> {
        let all = self.store().read(|r| r.events_after(0, 1000)).unwrap();
        all.into_iter().map(|logged| logged.event).collect()
    }

    pub fn news(&self) -> Vec<FleetNews> {
        self.news.lock().unwrap().clone()
    }

    pub fn pass_minutes(&self, minutes: i64) {
        self.clock.0.fetch_add(minutes * 60_000_000, Ordering::SeqCst);
    }
}

fn user() -> String {
    let said = std::process::Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

/// Waits until something is so. The limit only ends a test that would hang.
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
