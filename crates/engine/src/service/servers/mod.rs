//! Workers as a user deals with them: listed, added, changed, tried, removed. The API calls them servers.

mod change;
mod estimate;
mod folders;
mod form;
mod look;
mod setup;
mod trial;
mod work_dir;

use mediaflow_core::worker::{Capabilities, WorkerStatus};
use mediaflow_store::{Benchmark, Reader, StoreError, Worker, WorkerLoad};
use mediaflow_transport::vitals::Metrics;

use super::error::CommandError;
use super::{Service, ToolsState};
use crate::fleet::Fleet;
use crate::settings;

pub use estimate::Estimate;
pub use folders::ServerFolders;
pub use form::ServerWish;
pub use look::PathCheck;
pub(super) use setup::abandon;
pub use trial::ServerTrial;

/// A worker with everything around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// The worker.
    pub worker: Worker,
    /// How much it has to do.
    pub load: WorkerLoad,
    /// How many jobs it takes at a time.
    pub slots: u32,
    /// The folder in which it works.
    pub work_dir: String,
    /// How fast it was when that was last measured.
    pub benchmark: Option<Benchmark>,
    /// For how much of the last seven days it could be reached, 0 to 1; `None` before it ever was.
    pub uptime: Option<f64>,
}

impl Service {
    /// The machines that encode.
    #[must_use]
    pub fn fleet(&self) -> &Fleet {
        &self.inner.fleet
    }

    /// All workers, by name.
    pub fn servers(&self) -> Result<Vec<Server>, CommandError> {
        Ok(self.inner.store.read(|r| {
            let loads = r.worker_loads()?;
            r.workers()?.into_iter().map(|worker| self.around(r, &loads, worker)).collect()
        })?)
    }

    /// A worker.
    pub fn server(&self, id: i64) -> Result<Server, CommandError> {
        Ok(self.inner.store.read(|r| self.around(r, &r.worker_loads()?, r.worker(id)?))?)
    }

    /// Workers that may be given jobs now, by name.
    pub fn servers_available(&self) -> Result<Vec<Server>, CommandError> {
        let now = self.inner.clock.now();
        let mut servers = self.servers()?;
        servers.retain(|server| server.worker.may_work(now));
        Ok(servers)
    }

    /// How busy a worker was when it was last asked; `None` for one that is not asked, or does not answer.
    #[must_use]
    pub fn server_metrics(&self, worker: &Worker) -> Option<Metrics> {
        let answers = worker.is_enabled && worker.status == WorkerStatus::Online;
        self.inner.fleet.metrics(worker.id).filter(|_| answers)
    }

    fn around(&self, reader: &Reader<'_>, loads: &[WorkerLoad], mut worker: Worker) -> Result<Server, StoreError> {
        if worker.is_local {
            self.add_tools(&mut worker.capabilities);
        }
        let none = WorkerLoad { worker_id: worker.id, ..WorkerLoad::default() };
        Ok(Server {
            load: loads.iter().find(|load| load.worker_id == worker.id).copied().unwrap_or(none),
            slots: settings::slots_of(reader, &worker)?,
            work_dir: if worker.is_local {
                self.inner.work.to_string_lossy().into_owned()
            } else {
                worker.form.work_dir.clone()
            },
            benchmark: reader.benchmark_latest(worker.id)?,
            uptime: reader.worker_uptime(&worker, self.inner.clock.now())?,
            worker,
        })
    }

    /// What is found on this machine at each start, and written down nowhere.
    fn add_tools(&self, is: &mut Capabilities) {
        if let ToolsState::Found(tools) = self.inner.tools.state() {
            is.hardware = tools.devices.known().map(|trials| trials.gpus()).unwrap_or_default();
            is.ffmpeg_version = Some(tools.version);
        }
    }
}
