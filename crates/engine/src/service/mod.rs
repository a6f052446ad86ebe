//! The line as a service: background tasks that scan, begin jobs, purge and tell, and the commands that a user gives.
//!
//! Everything is a thread or a call on the caller's own; nothing here is asynchronous. A task looks at what the store
//! says, so that it does not matter who changed it: an event wakes it, and its loop is safe to run twice.

mod analysis;
mod choices;
mod dispatch;
mod error;
mod fleet;
mod in_hand;
mod inner;
mod jobs;
mod libraries;
mod live;
mod manual;
mod marks;
mod outputs;
mod plans;
mod progress;
mod quarantine;
mod queueing;
mod report;
mod scanning;
mod scans;
mod servers;
mod stall;
mod stills;
mod tasks;
mod threads;
mod tools;
mod uploads;
mod waiting;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mediaflow_core::replace::Epoch;
use mediaflow_core::time::Clock;
use mediaflow_store::{Store, StoreError};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::executor::Executor;

pub use error::CommandError;
pub use jobs::QueueStats;
pub(crate) use live::Hub;
pub use live::{Listener, Live};
pub use manual::{SingleDryRun, SingleFile, SingleJob};
pub use outputs::OutputFile;
pub use plans::{DryRun, JobPlan};
pub use progress::JobProgress;
pub use quarantine::Restored;
pub use queueing::{Forecast, ForecastFile, LeftOut, QueueReport, QueueWish, Skip, Skipped};
pub use report::{JobReport, JobStep};
pub use scans::{ScanProgress, ScanState, ScanStatus};
pub use servers::{Estimate, PathCheck, Server, ServerFolders, ServerTrial, ServerWish};
pub use stills::{Shown, Stills};
pub use tasks::{TaskState, TaskStatus};
pub(crate) use threads::Threads;
pub use tools::ToolsState;

use crate::run::measure::Tools;
use inner::Inner;
use tasks::Task;

/// Finds ffmpeg, or says why there is none. Called on a thread of the service, again after a while as long as it fails.
pub type FindTools = Arc<dyn Fn(&Cancel) -> Result<Tools, String> + Send + Sync>;

/// A task that somebody else runs, asked how it stands.
pub type TaskSource = Arc<dyn Fn() -> TaskState + Send + Sync>;

/// What a service works with.
pub struct ServiceOptions {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// This installation.
    pub epoch: Epoch,
    /// Who carries encodes out.
    pub executor: Arc<dyn Executor>,
    /// Where attempts have their directories.
    pub work: PathBuf,
    /// Where files lie that came through the browser; nothing else may lie there.
    pub uploads: PathBuf,
    /// Finds ffmpeg.
    pub find_tools: FindTools,
    /// Probes at the same time during a scan.
    pub scan_threads: usize,
    /// Further tasks to be listed.
    pub more_tasks: Vec<TaskSource>,
}

/// The line as a service. Clones are the same one.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

impl Service {
    /// Starts everything and returns at once: what an earlier process left in the middle is recovered first, then found
    /// again, then queued jobs are begun. No other process may be working on this data directory.
    pub fn start(options: ServiceOptions) -> Result<Self, StoreError> {
        Self::start_with(options, in_hand::AGAIN_AFTER)
    }

    /// The same, where a job that was left in the middle waits so long before it is looked at again.
    pub(crate) fn start_with(options: ServiceOptions, again_after: Duration) -> Result<Self, StoreError> {
        let told_until = options.store.read(|r| r.last_event())?;
        let inner = Arc::new(Inner::new(options, again_after, told_until));
        servers::abandon(&inner)?;
        let weak = Arc::downgrade(&inner);
        inner.store.on_commit(Arc::new(move || {
            if let Some(inner) = weak.upgrade() {
                inner.signals.events.raise();
            }
        }));
        for (task, work) in [
            (Task::Events, live::follow as fn(&Arc<Inner>) -> Result<(), String>),
            (Task::Tools, tools::find),
            (Task::Queue, dispatch::run),
            (Task::Servers, fleet::run),
            (Task::Scan, scanning::run),
            (Task::Quarantine, quarantine::run),
            (Task::Uploads, uploads::run),
        ] {
            tasks::spawn(&inner, task, work);
        }
        Ok(Self { inner })
    }

    /// Stops softly: nothing new is begun, scans end, encodes go on under their supervisors for the next start to find,
    /// and a replacement that is under way is finished. Waits for all that at most `limit`; whether it came to an end.
    #[must_use]
    pub fn stop_soft(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        self.stop_hard();
        self.inner.threads.wait_for_all(deadline)
    }

    /// Asks everything to stop and waits for nothing. What is in the middle is recovered at the next start.
    pub fn stop_hard(&self) {
        self.inner.stop.cancel();
        self.inner.scans.cancel_all();
        self.inner.analyses.cancel_all();
        self.inner.signals.queue.raise();
        self.inner.signals.scan.raise();
        self.inner.signals.fleet.raise();
        self.inner.signals.events.raise();
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Has `listener` told of everything from now on. It is called on the thread on which a thing happens, so it must be
    /// quick; it stays for good.
    pub fn subscribe(&self, listener: Listener) {
        self.inner.hub.add(listener);
    }

    /// How every background task stands.
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskState> {
        let mut all = self.inner.board.list();
        all.extend(self.inner.more_tasks.iter().map(|task| task()));
        all
    }

    /// Whether ffmpeg was found.
    #[must_use]
    pub fn tools(&self) -> ToolsState {
        self.inner.tools.state()
    }
}
