//! Making a worker ready: the programs on it are found and tried, and it has a folder of ours.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use mediaflow_core::replace::Epoch;
use mediaflow_core::worker::Capabilities;
use mediaflow_store::{StoreError, Worker as WorkerRow};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::machine::{Machine, WorkingFileError};
use mediaflow_transport::ssh::{RemoteExecutor, RemoteMachine};

use super::tidy::{Folder, tidy_folder};
use super::worker::{Worker, Workers};
use super::{Fleet, FleetError, lock};
use crate::run::measure::Tools;
use crate::toolchain::{ToolError, Toolchain};

/// Where a worker keeps programs that were sent to it, in its working directory.
pub(crate) const TOOLS_FOLDER: &str = "tools";

/// Workers that are ready, by their ids, with the row's version that they were made of.
pub(super) type Ready = Mutex<HashMap<i64, Arc<Worker>>>;

/// Why a worker cannot be worked with.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// It cannot be reached.
    #[error(transparent)]
    Unreachable(#[from] FleetError),
    /// Nothing on it encodes.
    #[error(transparent)]
    Tools(#[from] ToolError),
    /// Its working directory cannot be used.
    #[error(transparent)]
    Folder(#[from] WorkingFileError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The folder in a worker's working directory that is this installation's and this worker's alone: the same machine may be
/// there twice.
pub(crate) fn own_folder(work_dir: &Path, epoch: Epoch, worker_id: i64) -> PathBuf {
    work_dir.join(format!("{:016x}-{worker_id}", epoch.0))
}

impl Fleet {
    /// Finds and tries what encodes on a worker, and makes our folder there. Takes a minute where it was never tried.
    pub(crate) fn prepare(&self, worker_id: i64) -> Result<Arc<Worker>, NotReady> {
        let store = self.store();
        let (row, installation) = store.read(|r| Ok((r.worker(worker_id)?, r.installation()?)))?;
        let epoch = installation.ok_or(StoreError::NotFound { what: "installation", id: 1 })?.epoch;
        let remote = self.machine(worker_id)?;
        let machine: Arc<dyn Machine> = Arc::new(remote.clone());
        let machine_name = remote.name().to_owned();
        let work = own_folder(Path::new(&row.form.work_dir), epoch, worker_id);
        let (name, executor) = (row.form.name.clone(), RemoteExecutor::new(remote.clone()));
        let made = self.prepare_there(row, remote, &machine, &work);
        if matches!(&made, Err(NotReady::Tools(error)) if !error.is_unreachable()) {
            // What jobs left there that have gone elsewhere.
            let (machine, tidying) = (machine.as_ref(), Mutex::default());
            let folder =
                Folder { worker_id, name: &name, work: &work, machine, executor: &executor, tidying: &tidying };
            if let Err(error) = tidy_folder(store, &folder) {
                tracing::warn!("{name}: {error}");
            }
        }
        let is_removed = || matches!(store.read(|r| r.worker(worker_id)), Err(StoreError::NotFound { .. }));
        // Whoever removed it meanwhile knew of nothing there.
        if made.is_err()
            && is_removed()
            && let Err(error) = machine.remove(&work)
        {
            tracing::warn!("{} stays on {}: {error}", work.display(), machine_name);
        }
        made
    }

    fn prepare_there(
        &self,
        row: WorkerRow,
        remote: RemoteMachine,
        machine: &Arc<dyn Machine>,
        work: &Path,
    ) -> Result<Arc<Worker>, NotReady> {
        let (store, worker_id) = (self.store(), row.id);
        machine.make_folder(work)?;
        let data_dir = store.path().parent().unwrap_or(Path::new("."));
        let toolchain = Toolchain::on_worker(machine, &pairs(&row), work, data_dir, self.stop())?;
        let tools = Tools::of(&toolchain, machine.threads()?);
        let trials = tools.devices.trials(self.stop())?;
        let hardware = trials.gpus();
        let ffmpeg_version = Some(tools.version.clone());
        store.write(|tx| {
            let before = tx.worker(worker_id)?.capabilities;
            tx.worker_capabilities_put(worker_id, &Capabilities { hardware, ffmpeg_version, ..before })
        })?;
        let executor = Arc::new(RemoteExecutor::new(remote.clone()));
        let (name, remote, work) = (row.form.name, Some(remote), work.to_owned());
        let worker = Arc::new(Worker { id: row.id, name, tools, executor, work, remote, tidying: Arc::default() });
        self.ready_ones().insert(worker_id, Arc::clone(&worker));
        Ok(worker)
    }

    /// Whether a worker was made ready.
    pub(crate) fn is_ready(&self, worker_id: i64) -> bool {
        self.ready_ones().contains_key(&worker_id)
    }

    pub(super) fn ready_ones(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Arc<Worker>>> {
        self.0.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workers for Fleet {
    fn worker(&self, id: i64) -> Option<Arc<Worker>> {
        self.ready_ones().get(&id).cloned()
    }

    fn free_bytes(&self, id: i64) -> Option<u64> {
        lock(&self.0.metrics).get(&id).and_then(|metrics| metrics.disk_free_bytes)
    }

    fn lost(&self, id: i64) {
        self.ready_ones().remove(&id);
        self.doubt(id);
    }

    fn await_film(&self, job_id: i64, cancel: &Cancel) {
        self.await_ahead(job_id, cancel);
    }
}

/// Pairs of ffmpeg and ffprobe that may lie on a worker, the one to be taken first.
fn pairs(row: &WorkerRow) -> Vec<(PathBuf, PathBuf)> {
    let chosen = row.tools.iter().map(|tools| (PathBuf::from(&tools.ffmpeg), PathBuf::from(&tools.ffprobe)));
    let sent = Path::new(&row.form.work_dir).join(TOOLS_FOLDER);
    chosen.chain([(sent.join("ffmpeg"), sent.join("ffprobe")), ("ffmpeg".into(), "ffprobe".into())]).collect()
}
