//! Nothing is left behind on a worker: what lies in our folder there, and belongs to no unfinished job, is ended and
//! removed. It is a look at what is there, so that it does not matter why it stayed: a lost connection, a restart, a job
//! that was cancelled while its worker was away.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use mediaflow_store::{Store, StoreError};
use mediaflow_transport::executor::Executor;
use mediaflow_transport::machine::Machine;

use super::Worker;
use crate::run::fetch::film_folder;
use crate::run::{ATTEMPT_PREFIX, source_folder};

/// How trials of encoders are called; they go with whoever makes them, or by their age.
const TRIAL_PREFIX: &str = "try-";

/// Our folder on a worker. For that nothing there has to be able to encode.
pub(super) struct Folder<'a> {
    pub worker_id: i64,
    pub name: &'a str,
    pub work: &'a Path,
    pub machine: &'a dyn Machine,
    pub executor: &'a dyn Executor,
    /// Held for each look.
    pub tidying: &'a Mutex<()>,
}

/// Ends and removes what no unfinished job needs.
pub(crate) fn tidy(store: &Store, worker: &Worker) -> Result<(), String> {
    let Worker { id, name, work, executor, tidying, .. } = worker;
    let folder = Folder { worker_id: *id, name, work, machine: worker.machine(), executor: executor.as_ref(), tidying };
    tidy_folder(store, &folder)
}

/// The same where there is no worker, since it could not be made ready.
pub(super) fn tidy_folder(store: &Store, folder: &Folder<'_>) -> Result<(), String> {
    let Folder { worker_id, name: worker, work, machine, executor, tidying } = folder;
    let found = machine.list(work).map_err(|error| error.to_string())?;
    for name in found.iter().filter(|name| !begins(name, TRIAL_PREFIX)) {
        // A job that failed here may be tried here again, and take up what it left.
        let _turn = tidying.lock().unwrap_or_else(PoisonError::into_inner);
        if needed(store, *worker_id).map_err(|error| error.to_string())?.contains(name) {
            continue;
        }
        let path = work.join(name);
        if begins(name, ATTEMPT_PREFIX) {
            executor.cancel(&path).map_err(|error| error.to_string())?;
        }
        machine.remove(&path).map_err(|error| error.to_string())?;
        tracing::info!("{worker}: removed {}", path.display());
    }
    Ok(())
}

fn begins(name: &OsStr, prefix: &str) -> bool {
    name.to_string_lossy().starts_with(prefix)
}

/// The names of what unfinished jobs have on a worker.
fn needed(store: &Store, worker_id: i64) -> Result<BTreeSet<OsString>, StoreError> {
    let needs = store.read(|r| r.worker_needs(worker_id))?;
    let attempts = needs.attempts.iter().filter_map(|dir| dir.file_name().map(OsStr::to_owned));
    let of_jobs = needs.jobs.iter().flat_map(|id| [film_folder(*id).into(), source_folder(*id).into()]);
    Ok(attempts.chain(of_jobs).collect())
}
