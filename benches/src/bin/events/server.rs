//! The server's process: everything of the product from the hub to the socket, and a source that is told when to talk.

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mediaflow_api::door::{Door, DoorConfig};
use mediaflow_api::logs::LogBuffer;
use mediaflow_api::{About, Api};
use mediaflow_benches::SystemClock;
use mediaflow_core::replace::Epoch;
use mediaflow_engine::catalog::LiveCatalog;
use mediaflow_engine::run::Stage;
use mediaflow_engine::service::{JobProgress, Live, Service, ServiceOptions};
use mediaflow_store::Store;
use mediaflow_transport::executor::LocalExecutor;

/// Jobs that are said to run.
const JOBS: i64 = 10;
/// How often each tells its progress, as the service lets a running one.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);
/// Lines of log and their size: 2 MB a second.
const LOG_EVERY: Duration = Duration::from_millis(5);
const LOG_BYTES: usize = 10_000;

/// Says its port on standard output, then does what standard input says: `Progress SECONDS` or `Log SECONDS`, each
/// answered by the number of events that were told.
pub fn run() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (api, door) = parts(dir.path(), port);
    let router = mediaflow_api::router(api.clone(), &door);
    runtime.spawn(mediaflow_api::server::serve(listener, router, api.clone(), std::future::pending()));
    println!("{port}");
    for order in std::io::stdin().lock().lines() {
        let order = order.unwrap();
        let (what, seconds) = order.split_once(' ').unwrap();
        let seconds = Duration::from_secs(seconds.parse().unwrap());
        println!("{}", if what == "Log" { log(&api, seconds) } else { progress(&api, seconds) });
    }
}

fn parts(dir: &Path, port: u16) -> (Api, Door) {
    let (database, clock) = (dir.join("mediaflow.db"), Arc::new(SystemClock));
    let store = Store::open(&database, clock.clone()).unwrap();
    let service = Service::start(ServiceOptions {
        store: store.clone(),
        clock: clock.clone(),
        epoch: Epoch(1),
        executor: Arc::new(LocalExecutor::new(std::env::current_exe().unwrap())),
        work: dir.join("work"),
        uploads: dir.join("uploads"),
        find_tools: Arc::new(|_| Err("nothing is encoded here".to_owned())),
        scan_threads: 1,
        more_tasks: Vec::new(),
    })
    .unwrap();
    let door = DoorConfig {
        host: [127, 0, 0, 1].into(),
        port,
        cors_origins: Vec::new(),
        password_from_env: None,
        allowed_folders: None,
        home: None,
    };
    let door = Door::open(store.clone(), clock, door).unwrap();
    let about = About { data_dir: dir.to_owned(), database, work: dir.join("work"), started: Instant::now() };
    let api = Api::new(service, LiveCatalog::start(store).unwrap(), door.paths(), LogBuffer::default(), about);
    (api, door)
}

/// Jobs do not report at the same instant: their turns are spread evenly.
fn progress(api: &Api, length: Duration) -> usize {
    let every = PROGRESS_EVERY / u32::try_from(JOBS).unwrap();
    regularly(length, every, |number| {
        let share = f64::from(u32::try_from(number % 1000).unwrap()) / 1000.0;
        api.hub.tell(&Live::Progress(JobProgress {
            job_id: 1 + i64::try_from(number).unwrap() % JOBS,
            stage: Stage::Encode,
            share,
            stage_share: share,
            fps: Some(47.3),
            speed: Some(1.97),
            eta_s: Some(3600),
            frame: Some(number as u64),
        }));
    })
}

fn log(api: &Api, length: Duration) -> usize {
    let message = "x".repeat(LOG_BYTES);
    regularly(length, LOG_EVERY, |_| api.hub.tell(&Live::Log { job_id: 1, message: message.clone() }))
}

/// Does something again and again; gives how often.
fn regularly(length: Duration, every: Duration, mut tell: impl FnMut(usize)) -> usize {
    let (begun, mut number) = (Instant::now(), 0);
    while begun.elapsed() < length {
        tell(number);
        number += 1;
        let next = begun + every * u32::try_from(number).unwrap();
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    number
}
