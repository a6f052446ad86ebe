//! Who does it: the machines that encode, and how those are reached that are not this one.

mod ahead;
pub(crate) mod benchmark;
mod choose;
mod error;
#[cfg(test)]
mod fixture;
pub(crate) mod health;
mod host;
mod learn;
mod news;
pub(crate) mod provision;
mod ready;
mod roster;
mod set_aside;
mod speeds;
pub(crate) mod tidy;
mod worker;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use mediaflow_core::time::Clock;
use mediaflow_core::worker::{Capabilities, WorkerStatus};
use mediaflow_store::{Store, StoreError, Worker as WorkerRow};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::{Host, HostKey, RemoteMachine, Ssh, SshError};
use mediaflow_transport::vitals::{Facts, Metrics};

pub use choose::{Choice, Placed};
pub use error::FleetError;
pub(crate) use host::Login;
pub(crate) use learn::note_transfer;
pub use news::{FleetNews, TransferDirection, TransferProgress};
pub(crate) use ready::TOOLS_FOLDER;
pub use roster::{Busy, Roster};
pub(crate) use set_aside::note_failure;
pub use speeds::Speeds;
pub use worker::{NoWorkers, Worker, Workers};

use crate::service::{Hub, Live, Threads};

/// The machines that encode. Cheap to clone; every clone is the same one.
#[derive(Clone)]
pub struct Fleet(Arc<Parts>);

struct Parts {
    store: Store,
    clock: Arc<dyn Clock>,
    hub: Hub,
    threads: Arc<Threads>,
    stop: Cancel,
    /// Started when the first machine is called: without one there are no threads for it.
    ssh: OnceLock<Ssh>,
    machines: Mutex<HashMap<i64, Known>>,
    ready: ready::Ready,
    ahead: ahead::Ahead,
    /// Counts what may have left something on a worker that nothing needs any more.
    changes: AtomicU64,
    speeds: Speeds,
    metrics: Mutex<HashMap<i64, Metrics>>,
    /// Workers that are asked at once how they are, whatever their turn.
    doubted: Mutex<BTreeMap<i64, Doubt>>,
}

/// Why a worker is asked out of its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// It may be away: an answer that is waited for says so too.
    MayBeAway,
    /// It answered somebody else: what it was asked before, and how often it did not answer, says nothing any more.
    Answered,
}

/// A machine with what it was made of: when that changes, it is another one.
struct Known {
    login: Login,
    machine: RemoteMachine,
}

/// By which keys a machine, and the one to go through, showed themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub host_key: HostKey,
    pub via_host_key: Option<HostKey>,
}

/// A machine that let us in.
#[derive(Debug, Clone)]
pub(crate) struct Reached {
    /// `user@address:port`.
    pub name: String,
    /// By which keys it is known.
    pub shown: Shown,
    /// What it is.
    pub capabilities: Capabilities,
    /// What it lacks to work.
    pub missing: Vec<String>,
}

impl Fleet {
    /// All machines of a store; nothing is called yet.
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, hub: Hub, threads: Arc<Threads>, stop: Cancel) -> Self {
        Self(Arc::new(Parts {
            store,
            clock,
            hub,
            threads,
            stop,
            ssh: OnceLock::new(),
            machines: Mutex::default(),
            ready: Mutex::default(),
            ahead: ahead::Ahead::default(),
            changes: AtomicU64::new(0),
            speeds: Speeds::default(),
            metrics: Mutex::default(),
            doubted: Mutex::default(),
        }))
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Something may lie on a worker that nothing needs any more.
    pub(crate) fn note_change(&self) {
        self.0.changes.fetch_add(1, Ordering::SeqCst);
    }

    /// How often that was so.
    pub(crate) fn changes(&self) -> u64 {
        self.0.changes.load(Ordering::SeqCst)
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    /// The service is to end: nothing new is begun.
    #[must_use]
    pub fn stop(&self) -> &Cancel {
        &self.0.stop
    }

    /// Threads that the service waits for at its end.
    pub(crate) fn threads(&self) -> &Arc<Threads> {
        &self.0.threads
    }

    /// Tells whoever listens what is told and not kept.
    pub fn tell(&self, news: FleetNews) {
        if let FleetNews::Metrics { worker_id, metrics, .. } = &news {
            lock(&self.0.metrics).insert(*worker_id, metrics.clone());
        }
        self.0.hub.tell(&Live::Fleet(news));
    }

    /// Has a worker asked at once how it is, by the next look at all of them.
    pub(crate) fn doubt(&self, worker_id: i64) {
        lock(&self.0.doubted).entry(worker_id).or_insert(Doubt::MayBeAway);
    }

    /// Notes that a worker has just answered a person's call: whoever left it alone because it did not calls it at once.
    pub(crate) fn answered(&self, worker_id: i64) {
        if let Some(known) = lock(&self.0.machines).get(&worker_id) {
            known.machine.call_again();
        }
        lock(&self.0.doubted).insert(worker_id, Doubt::Answered);
    }

    /// Notes what keeps us from a worker. One that answers no more is offline when `is_lost` says so, or when it does not
    /// let us in, which only somebody can change.
    pub(crate) fn note_trouble(&self, id: i64, error: &FleetError, is_lost: bool) -> Result<(), StoreError> {
        let (reason, problem) = (error.to_string(), error.kind());
        self.0.store.write(|tx| match tx.worker(id)?.status {
            WorkerStatus::Online if is_lost || error.shuts_out() => {
                tx.worker_in_trouble(id, WorkerStatus::Offline, &reason, problem)?;
                note_failure(tx, id, &reason)
            }
            status @ (WorkerStatus::Online | WorkerStatus::Pending | WorkerStatus::Offline) => {
                tx.worker_in_trouble(id, status, &reason, problem)
            }
            WorkerStatus::Provisioning | WorkerStatus::SetupFailed => Ok(()),
        })
    }

    /// How fast workers are.
    pub(crate) fn speeds(&self) -> &Speeds {
        &self.0.speeds
    }

    /// How a worker felt when it was last asked.
    #[must_use]
    pub fn metrics(&self, worker_id: i64) -> Option<Metrics> {
        lock(&self.0.metrics).get(&worker_id).cloned()
    }

    /// A worker's machine. The one that answers when it is called for the first time is the one that it has to be from
    /// then on.
    ///
    /// # Errors
    /// [`FleetError::Local`] for this machine, and whatever keeps us from the other one.
    pub fn machine(&self, worker_id: i64) -> Result<RemoteMachine, FleetError> {
        let row = self.0.store.read(|r| r.worker(worker_id))?;
        let mut login = self.login(&row)?;
        if let Some(known) = lock(&self.0.machines).get(&worker_id)
            && known.login == login
        {
            return Ok(known.machine.clone());
        }
        if login.host_key.is_none() {
            self.pin(worker_id, &self.greet(&login.host()?)?)?;
            // As it is written down now: somebody else may have been quicker.
            login = self.login(&self.0.store.read(|r| r.worker(worker_id))?)?;
        }
        let machine = self.ssh()?.machine(login.host()?);
        lock(&self.0.machines).insert(worker_id, Known { login, machine: machine.clone() });
        Ok(machine)
    }

    /// Everything that it takes to reach a worker.
    pub(crate) fn login(&self, row: &WorkerRow) -> Result<Login, FleetError> {
        if row.is_local { Err(FleetError::Local) } else { Ok(Login::of(&self.0.store, row)?) }
    }

    /// Lets a worker's connections go as soon as nobody uses them any more.
    pub fn forget(&self, worker_id: i64) {
        lock(&self.0.machines).remove(&worker_id);
        self.ready_ones().remove(&worker_id);
        lock(&self.0.metrics).remove(&worker_id);
    }

    /// Calls a machine over connections of its own, so that no earlier failure stands in the way, and asks what it is.
    pub(crate) fn reach(&self, login: &Login, cancel: &Cancel) -> Result<Reached, FleetError> {
        let mut host = login.host()?;
        let shown = self.greet(&host)?;
        host.pinned = Some(shown.host_key.clone());
        if let Some(via) = &mut host.via {
            via.pinned.clone_from(&shown.via_host_key);
        }
        let machine = self.ssh()?.machine(host);
        let facts = machine.facts(cancel)?;
        let name = machine.name().to_owned();
        Ok(Reached { name, shown, capabilities: capabilities(&facts), missing: facts.missing() })
    }

    /// The keys that a machine and the one to go through show. Those that are pinned must be shown.
    fn greet(&self, host: &Host) -> Result<Shown, FleetError> {
        let ssh = self.ssh()?;
        let mut host = host.clone();
        let (name, mut via_host_key) = (host.to_string(), None);
        if let Some(via) = &mut host.via {
            let of_jump_host = |source| SshError::Jump { host: name.clone(), source: Box::new(source) };
            via_host_key = Some(ssh.machine((**via).clone()).host_key().map_err(of_jump_host)?);
            via.pinned.clone_from(&via_host_key);
        }
        Ok(Shown { host_key: ssh.machine(host).host_key()?, via_host_key })
    }

    /// Notes by which keys a worker is known, unless it is known by some.
    pub(crate) fn pin(&self, worker_id: i64, shown: &Shown) -> Result<(), StoreError> {
        self.0.store.write(|tx| {
            if tx.worker(worker_id)?.host_key.is_some() {
                return Ok(());
            }
            let via = shown.via_host_key.as_ref().map(ToString::to_string);
            tx.worker_host_key_put(worker_id, &shown.host_key.to_string(), via.as_deref())
        })
    }

    fn ssh(&self) -> Result<Ssh, FleetError> {
        if let Some(ssh) = self.0.ssh.get() {
            return Ok(ssh.clone());
        }
        let started = Ssh::start().map_err(FleetError::Threads)?;
        // Of two that start it at once, one is dropped again.
        Ok(self.0.ssh.get_or_init(|| started).clone())
    }
}

/// What a worker is, of what its machine tells. What works there is found out by trying, which this is not.
pub(crate) fn capabilities(facts: &Facts) -> Capabilities {
    Capabilities {
        cpu_model: facts.cpu_model.clone(),
        cpu_cores: facts.cpu_cores,
        ram_bytes: facts.ram_bytes,
        gpu_model: facts.main_gpu().map(mediaflow_transport::vitals::GpuFacts::name),
        os: Some(facts.os.name.clone()).filter(|name| !name.is_empty()),
        arch: Some(facts.arch.clone()).filter(|arch| !arch.is_empty()),
        hardware: Vec::new(),
        ffmpeg_version: None,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
