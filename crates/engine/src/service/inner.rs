//! What all parts of the service share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use mediaflow_core::replace::Epoch;
use mediaflow_core::time::Clock;
use mediaflow_store::Store;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::executor::Executor;

use super::analysis::Analyses;
use super::dispatch::Dispatch;
use super::live::Hub;
use super::outputs::Sent;
use super::progress::ProgressBook;
use super::scans::Scans;
use super::stills::Turn;
use super::tasks::Board;
use super::threads::{Gate, Signal, Threads};
use super::tools::ToolsSlot;
use super::{FindTools, TaskSource};
use crate::fleet::{Fleet, Worker};
use crate::originals::{Originals, Returning};
use crate::run::measure::Tools;
use crate::run::{Runner, Upkeep};
use crate::scan::Scanner;
use crate::storages::Storages;
use crate::uploads::Uploads;

/// Wakes the tasks.
#[derive(Default)]
pub(super) struct Signals {
    pub queue: Signal,
    pub scan: Signal,
    pub events: Signal,
    pub fleet: Signal,
}

/// What all parts of the service share.
pub(super) struct Inner {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub epoch: Epoch,
    pub executor: Arc<dyn Executor>,
    pub work: PathBuf,
    pub find_tools: FindTools,
    pub scan_threads: usize,
    pub more_tasks: Vec<TaskSource>,
    /// The service is to end: nothing new is begun.
    pub stop: Cancel,
    pub threads: Arc<Threads>,
    pub signals: Signals,
    pub board: Board,
    pub hub: Hub,
    pub tools: ToolsSlot,
    pub progress: ProgressBook,
    pub dispatch: Dispatch,
    pub fleet: Fleet,
    pub scans: Scans,
    pub analyses: Analyses,
    pub uploads: Uploads,
    pub sent: Sent,
    pub still_turn: Turn,
    pub returning: Returning,
    /// Open once what an earlier process left in the middle is recovered: no original is touched before.
    pub recovered: Gate,
    /// How long a job that was left in the middle waits.
    pub again_after: Duration,
    told_until: AtomicI64,
}

impl Inner {
    pub fn new(options: super::ServiceOptions, again_after: Duration, told_until: i64) -> Self {
        let (hub, threads, stop) = (Hub::default(), Arc::<Threads>::default(), Cancel::new());
        Self {
            fleet: Fleet::new(
                options.store.clone(),
                Arc::clone(&options.clock),
                hub.clone(),
                Arc::clone(&threads),
                stop.clone(),
            ),
            board: Board::new(Arc::clone(&options.clock)),
            uploads: Uploads::new(options.store.clone(), options.uploads),
            sent: Sent::default(),
            still_turn: Turn::default(),
            store: options.store,
            clock: options.clock,
            epoch: options.epoch,
            executor: options.executor,
            work: options.work,
            find_tools: options.find_tools,
            scan_threads: options.scan_threads,
            more_tasks: options.more_tasks,
            stop,
            threads,
            signals: Signals::default(),
            hub,
            tools: ToolsSlot::default(),
            progress: ProgressBook::default(),
            dispatch: Dispatch::default(),
            scans: Scans::default(),
            analyses: Analyses::default(),
            returning: Returning::default(),
            recovered: Gate::default(),
            again_after,
            told_until: AtomicI64::new(told_until),
        }
    }

    /// The number of the last event that was told.
    pub fn told_until(&self) -> i64 {
        self.told_until.load(Ordering::SeqCst)
    }

    pub fn set_told_until(&self, seq: i64) {
        self.told_until.store(seq, Ordering::SeqCst);
    }

    /// Has workers looked at for what nothing needs any more.
    pub fn look_for_leavings(&self) {
        self.fleet.note_change();
        self.signals.fleet.raise();
    }

    pub fn runner(&self, tools: Tools) -> Runner {
        let here = Worker::here(tools, Arc::clone(&self.executor), &self.work);
        let runner = Runner::new(self.store.clone(), here, Arc::clone(&self.clock), self.epoch);
        // It is never asked to take its jobs back: a service leaves them.
        let workers = Arc::new(self.fleet.clone());
        Runner { workers, storages: self.storages(), detach: self.stop.clone(), retries_later: true, ..runner }
    }

    pub fn scanner(&self, tools: Tools) -> Scanner {
        Scanner {
            store: self.store.clone(),
            storages: self.storages(),
            ffprobe: tools.ffprobe,
            tool: tools.version,
            threads: self.scan_threads,
        }
    }

    pub fn upkeep(&self) -> Upkeep<'_> {
        Upkeep { store: &self.store, executor: self.executor.as_ref(), work: &self.work }
    }

    pub fn originals(&self) -> Originals {
        let clock = Arc::clone(&self.clock);
        Originals {
            store: self.store.clone(),
            clock,
            epoch: self.epoch,
            storages: self.storages(),
            returning: self.returning.clone(),
        }
    }

    /// Where files lie: here, and on other machines.
    pub fn storages(&self) -> Storages {
        Storages::of(self.fleet.clone())
    }
}
