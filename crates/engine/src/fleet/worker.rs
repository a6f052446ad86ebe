//! A worker: a machine that encodes, with the programs on it and a folder of ours.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use mediaflow_core::plan::Intent;
use mediaflow_store::THIS_MACHINE;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::executor::Executor;
use mediaflow_transport::machine::Machine;
use mediaflow_transport::ssh::RemoteMachine;

use crate::run::measure::Tools;

/// A machine that encodes. Paths below its work folder are its own; that of an attempt is called the same on both sides.
#[derive(Clone)]
pub struct Worker {
    /// Its id in the store.
    pub id: i64,
    /// What the user calls it.
    pub name: String,
    /// The programs that encode and measure, which know where they run.
    pub tools: Tools,
    /// Who carries encodes out.
    pub executor: Arc<dyn Executor>,
    /// The folder there which is this installation's alone; one directory an attempt, one a source.
    pub work: PathBuf,
    /// How it is reached, where it is another machine.
    pub remote: Option<RemoteMachine>,
    /// Held while it is decided whether something in its folder is needed, and removed.
    pub(crate) tidying: Arc<Mutex<()>>,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Worker({})", self.name)
    }
}

impl Worker {
    /// This machine.
    pub fn here(tools: Tools, executor: Arc<dyn Executor>, work: impl Into<PathBuf>) -> Self {
        Self {
            id: THIS_MACHINE,
            name: "this machine".to_owned(),
            tools,
            executor,
            work: work.into(),
            remote: None,
            tidying: Arc::default(),
        }
    }

    /// Waits until what was found to be needed by nobody is gone: what lies there after that stays for the jobs that the
    /// worker has by now.
    pub(crate) fn await_tidying(&self) {
        drop(self.tidying.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Where its programs run.
    #[must_use]
    pub fn machine(&self) -> &dyn Machine {
        self.tools.machine.as_ref()
    }

    /// The directory there of what has this directory here.
    #[must_use]
    pub fn dir_of(&self, here: &Path) -> PathBuf {
        match (&self.remote, here.file_name()) {
            (Some(_), Some(name)) => self.work.join(name),
            _ => here.to_owned(),
        }
    }

    /// Why it cannot carry out a plan at all, whatever its hardware; `None` when it can.
    #[must_use]
    pub fn obstacle(&self, intent: &Intent) -> Option<String> {
        if self.remote.is_some() && intent.encodes_apart() {
            return Some(
                "its dynamic HDR metadata is carried over by MediaFlow itself, which lies on no worker".to_owned(),
            );
        }
        self.tools.devices.obstacle(intent)
    }
}

/// Where workers are found by their ids.
pub trait Workers: Send + Sync {
    /// A worker that can be worked with now; `None` while it cannot be reached, or is none any more.
    fn worker(&self, id: i64) -> Option<Arc<Worker>>;

    /// Bytes that were free where a worker works when it was last asked.
    fn free_bytes(&self, _id: i64) -> Option<u64> {
        None
    }

    /// Notes that a worker cannot be reached: it is nobody's until it was called again.
    fn lost(&self, _id: i64) {}

    /// Waits for a source that is on its way ahead of its job, which has begun.
    fn await_film(&self, _job_id: i64, _cancel: &Cancel) {}
}

/// Where there is only this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoWorkers;

impl Workers for NoWorkers {
    fn worker(&self, _id: i64) -> Option<Arc<Worker>> {
        None
    }
}
