//! `mediaflow serve`: the line as a service, with the web app.
//!
//! Start: lock, store, door, listener, catalog and service on their own threads, then requests. Stop, on the first signal:
//! no new requests, running encodes are left to their supervisors, a replacement under way is let finish; ten seconds for
//! all of it. A second signal ends the process at once; the next start finds everything again.

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mediaflow_api::door::{Door, DoorConfig};
use mediaflow_api::logs::LogBuffer;
use mediaflow_api::{About, Api};
use mediaflow_core::text;
use mediaflow_core::time::Clock;
use mediaflow_engine::catalog::{CatalogState, LiveCatalog};
use mediaflow_engine::scan::default_threads;
use mediaflow_engine::service::{Service, ServiceOptions, TaskState, TaskStatus};
use mediaflow_transport::cancel::Cancel;

use crate::app::{App, WorkLock, cores, measuring_tools};
use crate::cli::ServeArgs;
use crate::config::Config;
use crate::show::{self, Error};

/// What a soft stop of the service may take: ten seconds, less the three that open requests have.
const SOFT_STOP: Duration = Duration::from_secs(7);
/// Threads for requests: they hand out work and wait for sockets, nothing more.
const MOST_REQUEST_THREADS: usize = 4;

/// Where the server listens, and who may come in. Opened before any work, so that a port that is taken or a password that is
/// missing is said at once.
pub struct Front {
    listener: TcpListener,
    address: SocketAddr,
    door: Door,
}

/// Serves until a signal comes.
pub fn run(config: &Config, args: &ServeArgs, logs: LogBuffer) -> Result<ExitCode, Error> {
    let app = App::open_saying(config, "Stopping: encodes go on by themselves. Once more to leave at once.")?;
    let lock = WorkLock::take(&config.data_dir)?;
    let front = Front::open(config, args, &app)?;
    show::line(&format!("MediaFlow is at {}", front.page("/")));
    serve(config, &app, lock, front, logs)
}

impl Front {
    /// Listens, without answering yet.
    pub fn open(config: &Config, args: &ServeArgs, app: &App) -> Result<Self, Error> {
        let wanted = SocketAddr::new(args.host.unwrap_or(config.server.host), args.port.unwrap_or(config.server.port));
        let listener = listen(wanted)?;
        let address = listener.local_addr().map_err(|error| Error::Other(format!("the address: {error}")))?;
        Ok(Self { door: open_door(config, app, address)?, listener, address })
    }

    /// A page's address, as a browser takes it.
    pub fn page(&self, path: &str) -> String {
        if self.address.ip().is_unspecified() {
            format!("http://localhost:{}{path}", self.address.port())
        } else {
            format!("http://{}{path}", self.address)
        }
    }
}

/// Serves what `app` has opened, until a signal comes.
pub fn serve(config: &Config, app: &App, lock: WorkLock, front: Front, logs: LogBuffer) -> Result<ExitCode, Error> {
    let started = Instant::now();
    let (version, data_dir) = (env!("CARGO_PKG_VERSION"), config.data_dir.display());
    tracing::info!("MediaFlow {version} starts: {}, data directory {data_dir}", front.page("/"));
    let catalog = LiveCatalog::start(app.store.clone())
        .map_err(|error| Error::Other(format!("starting the catalog: {error}")))?;
    let service = start_service(config, app, &catalog)?;
    let about = About {
        data_dir: config.data_dir.clone(),
        database: config.database.clone(),
        work: config.work_dir(),
        started,
    };
    let api = Api::new(service.clone(), catalog.clone(), front.door.paths(), logs, about);
    let served = serve_requests(front, api, app.cancel.clone());
    if !service.stop_soft(SOFT_STOP) {
        show::note("Not everything ended in time; the next start goes on where it stood.");
        service.stop_hard();
    }
    catalog.stop();
    tracing::info!("MediaFlow has stopped");
    drop(lock);
    served.map(|()| ExitCode::SUCCESS)
}

fn open_door(config: &Config, app: &App, address: SocketAddr) -> Result<Door, Error> {
    let server = &config.server;
    let door = DoorConfig {
        host: address.ip(),
        port: address.port(),
        cors_origins: server.cors_origins.clone(),
        password_from_env: server.password.clone(),
        allowed_folders: server.allowed_folders.clone(),
        home: std::env::home_dir(),
    };
    let clock: Arc<dyn Clock> = Arc::clone(&app.clock);
    Ok(Door::open(app.store.clone(), clock, door)?)
}

fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address).and_then(|listener| listener.set_nonblocking(true).map(|()| listener)).map_err(|error| {
        match error.kind() {
            std::io::ErrorKind::AddrInUse => Error::Other(format!(
                "port {} is taken: another program listens there, perhaps another MediaFlow; stop it, or choose a port \
                 with --port or API_PORT",
                address.port()
            )),
            _ => Error::Other(format!("listening on {address}: {error}; choose an address with --host or API_HOST")),
        }
    })
}

fn start_service(config: &Config, app: &App, catalog: &LiveCatalog) -> Result<Service, Error> {
    let (finder, watched) = (config.clone(), catalog.clone());
    Service::start(ServiceOptions {
        store: app.store.clone(),
        clock: Arc::clone(&app.clock),
        epoch: app.epoch,
        executor: Arc::new(app.executor()?),
        work: config.work_dir(),
        uploads: config.uploads_dir(),
        find_tools: Arc::new(move |cancel| measuring_tools(&finder, cancel).map_err(|error| error.to_string())),
        scan_threads: default_threads(),
        more_tasks: vec![Arc::new(move || catalog_task(&watched.state()))],
    })
    .map_err(Error::from)
}

/// The catalog in memory, among the background tasks.
fn catalog_task(state: &CatalogState) -> TaskState {
    let (status, detail, error) = match state {
        CatalogState::Loading { rows } => {
            (TaskStatus::Running, Some(format!("{} loaded", text::count(*rows, "file"))), None)
        }
        CatalogState::Ready { items } => (TaskStatus::Idle, Some(text::count(*items, "file")), None),
        CatalogState::Failed { error } => (TaskStatus::Failed, None, Some(error.clone())),
        CatalogState::Stopped => (TaskStatus::Stopped, None, None),
    };
    TaskState {
        name: "catalog",
        description: "Keeps the library in memory, as the database has it",
        state: status,
        detail,
        last_started_at: None,
        last_ended_at: None,
        last_error: error,
        next_run_at: None,
    }
}

/// Answers requests until the process is told to stop.
fn serve_requests(front: Front, api: Api, cancel: Cancel) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::Other(format!("serving: {error}"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores().min(MOST_REQUEST_THREADS))
        .enable_all()
        .build()
        .map_err(failed)?;
    let router = mediaflow_api::router(api.clone(), &front.door);
    let (told, stop) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        cancel.wait();
        // The server may have failed by itself; then nobody waits for this any more.
        let _ = told.send(());
    });
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(front.listener)?;
        mediaflow_api::server::serve(listener, router, api, async { drop(stop.await) }).await;
        Ok(())
    });
    // What a request still has under way on a thread of its own is not waited for.
    runtime.shutdown_background();
    served.map_err(failed)
}
