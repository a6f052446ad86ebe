//! Looks after the other machines: how they are, what they can do, and that nothing of ours stays on them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mediaflow_core::worker::WorkerStatus;
use mediaflow_store::{STORAGE_ROLE, StoreError, Worker as WorkerRow};

use super::inner::Inner;
use super::stall::{sooner, until};
use super::tasks::Task;
use crate::fleet::health::{Health, Pace};
use crate::fleet::{Workers, tidy};

/// How long a worker is left alone that could not be made ready.
const AGAIN_AFTER: Duration = Duration::from_secs(20);

/// The longest that this task sleeps.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// What is done for workers, each on a thread of its own: one that hangs delays no other.
#[derive(Default)]
struct Care {
    state: Mutex<BTreeMap<i64, Cared>>,
}

#[derive(Default)]
struct Cared {
    /// A thread is at it.
    is_busy: bool,
    /// Up to which change of what is needed it is in order.
    in_order: Option<u64>,
    /// When it may be tried again.
    not_before: Option<Instant>,
}

impl Care {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<i64, Cared>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks after workers until the service stops.
pub(super) fn run(inner: &Arc<Inner>) -> Result<(), String> {
    let weak = Arc::downgrade(inner);
    let wake = Arc::new(move || {
        if let Some(inner) = weak.upgrade() {
            inner.signals.fleet.raise();
        }
    });
    let mut health = Health::new(inner.fleet.clone(), inner.work.clone(), Pace::default(), wake);
    let care = Arc::new(Care::default());
    while !inner.stop.is_cancelled() {
        let (back, next) = health.round(Instant::now()).map_err(|error| error.to_string())?;
        for id in back {
            // Whatever was known of it was before it went away.
            care.lock().insert(id, Cared::default());
        }
        let again = look(inner, &care).map_err(|error| error.to_string())?;
        inner.signals.fleet.wait(until(sooner(Some(next), again), LONGEST_SLEEP));
    }
    Ok(())
}

/// Sees to every worker that has something to be done. Gives when one may be tried again.
fn look(inner: &Arc<Inner>, care: &Arc<Care>) -> Result<Option<Instant>, StoreError> {
    let rows = inner.store.read(|r| r.workers())?;
    let others: Vec<&WorkerRow> = rows.iter().filter(|row| !row.is_local).collect();
    let online = |row: &&&WorkerRow| row.form.role != STORAGE_ROLE && row.status == WorkerStatus::Online;
    // One that was switched off still ends what it has in hand, and is put in order after that.
    let cared_for = |row: &&&WorkerRow| online(row) && (row.is_enabled || inner.fleet.is_ready(row.id));
    let mut again = None;
    for row in others.iter().filter(cared_for) {
        let mut all = care.lock();
        let cared = all.entry(row.id).or_default();
        if cared.is_busy {
            continue;
        }
        if inner.fleet.is_ready(row.id) && cared.in_order == Some(inner.fleet.changes()) {
            continue;
        }
        if let Some(at) = cared.not_before.filter(|at| *at > Instant::now()) {
            again = sooner(again, Some(at));
            continue;
        }
        cared.is_busy = true;
        drop(all);
        see_to(inner, care, row.id);
    }
    let ready = others.iter().filter(online).filter(|row| row.is_enabled && inner.fleet.is_ready(row.id)).count();
    match others.len() {
        0 => inner.board.end(Task::Servers, None, None),
        all => inner.board.end(Task::Servers, Some(format!("{ready} of {all} other servers are ready")), None),
    }
    Ok(again)
}

/// Makes a worker ready, and puts it in order.
fn see_to(inner: &Arc<Inner>, care: &Arc<Care>, id: i64) {
    let (own, kept) = (Arc::clone(inner), Arc::clone(care));
    let started = inner.threads.spawn(&format!("care-{id}"), move || {
        // What changes while it is looked at is looked at again.
        let changes = own.fleet.changes();
        let done = ready_and_tidy(&own, id);
        let mut all = kept.lock();
        let cared = all.entry(id).or_default();
        cared.is_busy = false;
        match done {
            Ok(()) => {
                cared.in_order = Some(changes);
                cared.not_before = None;
            }
            Err(error) => {
                match own.store.read(|r| r.worker(id)) {
                    // It was removed meanwhile.
                    Err(StoreError::NotFound { .. }) => {}
                    row => {
                        tracing::warn!("{}: {error}", row.map_or_else(|_| format!("worker {id}"), |row| row.form.name))
                    }
                }
                cared.not_before = Some(Instant::now() + AGAIN_AFTER);
                // One that is switched off, and away, is not called again and again.
                if own.store.read(|r| r.worker(id)).is_ok_and(|row| !row.is_enabled) {
                    own.fleet.forget(id);
                }
            }
        }
        drop(all);
        own.signals.fleet.raise();
        own.signals.queue.raise();
    });
    if !started {
        care.lock().entry(id).or_default().is_busy = false;
    }
}

fn ready_and_tidy(inner: &Inner, id: i64) -> Result<(), String> {
    let worker = match inner.fleet.worker(id) {
        Some(worker) => worker,
        None => match inner.fleet.prepare(id) {
            Ok(worker) => {
                tracing::info!("{} is ready, with ffmpeg {}", worker.name, worker.tools.version);
                say(inner, id, None)?;
                worker
            }
            Err(error) => {
                say(inner, id, Some(&error.to_string()))?;
                // Whether it can be reached at all is told at once.
                inner.fleet.doubt(id);
                return Err(error.to_string());
            }
        },
    };
    tidy::tidy(&inner.store, &worker)
}

/// Says why a worker that answers gets no jobs.
fn say(inner: &Inner, id: i64, reason: Option<&str>) -> Result<(), String> {
    let said = inner.store.write(|tx| {
        let worker = tx.worker(id)?;
        // Why it is set aside holds until it is tried again.
        let is_aside = worker.set_aside_until_at.is_some_and(|until| until > tx.now());
        match worker.status {
            WorkerStatus::Online if reason.is_some() || !is_aside => tx.worker_stands(id, WorkerStatus::Online, reason),
            _ => Ok(()),
        }
    });
    said.map_err(|error| error.to_string())
}
