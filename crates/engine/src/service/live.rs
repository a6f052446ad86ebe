//! What is told while it happens: events of record, in their order and each once, and what is only shown.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use mediaflow_core::event::Event;
use mediaflow_store::LoggedEvent;

use super::inner::Inner;
use super::progress::JobProgress;
use super::scans::ScanProgress;
use super::tasks::Task;
use crate::fleet::FleetNews;

/// Something that just happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Live {
    /// An event of record, right after its commit; whoever missed it finds it in the log by its number.
    Recorded(LoggedEvent),
    /// A running job has come further.
    Progress(JobProgress),
    /// A running job has something to say.
    Log {
        /// The job.
        job_id: i64,
        /// One line.
        message: String,
    },
    /// A scan has come further.
    Scan(ScanProgress),
    /// Something about workers and what goes to them and back.
    Fleet(FleetNews),
}

/// Told of everything, on the thread on which it happens: it must be quick.
pub type Listener = Arc<dyn Fn(&Live) + Send + Sync>;

/// Who is told. Cheap to clone; every clone is the same one.
#[derive(Clone, Default)]
pub struct Hub {
    listeners: Arc<RwLock<Vec<Listener>>>,
}

impl Hub {
    pub fn add(&self, listener: Listener) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    pub fn tell(&self, live: &Live) {
        for listener in self.listeners.read().unwrap_or_else(PoisonError::into_inner).iter() {
            listener(live);
        }
    }
}

/// Events that are read at a time.
const BATCH: u32 = 500;

/// How often commits of other processes are looked for; those of this one wake the thread.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Follows the event log. One thread does all of it, so that the order is that of the log.
pub(super) fn follow(inner: &Arc<Inner>) -> Result<(), String> {
    inner.board.end(Task::Events, None, None);
    while !inner.stop.is_cancelled() {
        tell_new(inner)?;
        inner.signals.events.wait(LOOK_EVERY);
    }
    // What the last jobs wrote while the service stopped.
    tell_new(inner)
}

fn tell_new(inner: &Inner) -> Result<(), String> {
    loop {
        let after = inner.told_until();
        let events = inner.store.read(|r| r.events_after(after, BATCH)).map_err(|error| error.to_string())?;
        for logged in &events {
            // First of all: what fails to be told is not told twice.
            inner.set_told_until(logged.seq);
            if concerns_queue(&logged.event) {
                inner.signals.queue.raise();
            }
            inner.hub.tell(&Live::Recorded(logged.clone()));
        }
        if events.len() < BATCH as usize {
            return Ok(());
        }
    }
}

/// Whether an event may mean that a job can be begun or has to be put away.
const fn concerns_queue(event: &Event) -> bool {
    matches!(
        event,
        Event::JobCreated { .. }
            | Event::JobsCreated { .. }
            | Event::JobStatusChanged { .. }
            | Event::JobEnded { .. }
            | Event::JobMoved { .. }
            | Event::QueueFolderAway { .. }
            | Event::QueuePaused
            | Event::QueueResumed
            | Event::SettingChanged { .. }
            | Event::WorkerChanged { .. }
            | Event::WorkerStatusChanged { .. }
            | Event::WorkerSetAside { .. }
    )
}
