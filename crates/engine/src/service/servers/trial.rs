//! Trying whether a worker can be reached, and what it is.

use mediaflow_core::text;
use mediaflow_core::worker::{Capabilities, WorkerStatus};
use mediaflow_transport::vitals::Here;

use super::ServerWish;
use super::form::check_place;
use crate::fleet::{FleetError, Reached, capabilities};
use crate::service::{CommandError, Service};

/// What came of calling a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerTrial {
    /// It let us in.
    Reached {
        /// What it is, in a sentence.
        message: String,
        /// What it is.
        capabilities: Capabilities,
        /// Fingerprint of the key that it showed; `None` for this machine.
        fingerprint: Option<String>,
    },
    /// It did not.
    Failed {
        /// Why, and what to do.
        message: String,
        /// The kind of trouble.
        problem: &'static str,
    },
}

impl From<FleetError> for ServerTrial {
    fn from(error: FleetError) -> Self {
        Self::Failed { problem: error.kind(), message: error.to_string() }
    }
}

impl Service {
    /// Calls a worker, and notes what it is and by which key it is known from now on.
    pub fn server_test(&self, id: i64) -> Result<ServerTrial, CommandError> {
        let inner = &self.inner;
        let worker = inner.store.read(|r| r.worker(id))?;
        if worker.is_local {
            let mut capabilities = capabilities(&Here.facts(&inner.stop));
            inner.store.write(|tx| tx.worker_capabilities_put(id, &capabilities))?;
            self.add_tools(&mut capabilities);
            let message = sentence("This machine needs no connection".to_owned(), &capabilities, &[]);
            return Ok(ServerTrial::Reached { message, capabilities, fingerprint: None });
        }
        let tried = inner.fleet.login(&worker).and_then(|login| inner.fleet.reach(&login, &inner.stop));
        let mut reached = match tried {
            Ok(reached) => reached,
            Err(error) => {
                tracing::info!("server {} was tried: {error}", worker.name());
                inner.fleet.note_trouble(id, &error, false)?;
                // One that does not let us in has answered: what kept us from it before is old.
                if error.shuts_out() {
                    inner.fleet.answered(id)
                } else {
                    inner.fleet.doubt(id)
                }
                inner.signals.fleet.raise();
                return Ok(error.into());
            }
        };
        // What is found out by trying is not told by looking.
        reached.capabilities.hardware.clone_from(&worker.capabilities.hardware);
        reached.capabilities.ffmpeg_version.clone_from(&worker.capabilities.ffmpeg_version);
        inner.fleet.pin(id, &reached.shown)?;
        inner.store.write(|tx| {
            tx.worker_capabilities_put(id, &reached.capabilities)?;
            tx.worker_seen(id)?;
            if worker.status == WorkerStatus::Offline || worker.problem.is_some() {
                // Whatever it was set aside for, this was the last of it.
                tx.worker_pardon(id)?;
            }
            match worker.status {
                WorkerStatus::Pending | WorkerStatus::Offline => tx.worker_stands(id, WorkerStatus::Online, None),
                WorkerStatus::Online if worker.problem.is_some() => tx.worker_stands(id, WorkerStatus::Online, None),
                _ => Ok(()),
            }
        })?;
        if worker.status != WorkerStatus::Online {
            // Connections that failed before would rest for a while.
            inner.fleet.forget(id);
        }
        inner.fleet.answered(id);
        inner.signals.fleet.raise();
        Ok(told(&reached))
    }

    /// Calls a worker as it would be; nothing is written down. What is not said is as it is for the worker `like`.
    pub fn server_try(&self, wish: &ServerWish, like: Option<i64>) -> Result<ServerTrial, CommandError> {
        let inner = &self.inner;
        wish.work_dir.as_deref().map_or(Ok(()), check_place)?;
        let login = match like {
            Some(id) => {
                let worker = inner.store.read(|r| r.worker(id))?;
                match inner.fleet.login(&worker) {
                    Ok(kept) => wish.login(Some((&worker, kept)))?,
                    Err(error) => return Ok(error.into()),
                }
            }
            None => wish.login(None)?,
        };
        Ok(match inner.fleet.reach(&login, &inner.stop) {
            Ok(reached) => told(&reached),
            Err(error) => error.into(),
        })
    }

    /// Forgets by which key a worker is known: the one that answers next is believed.
    pub fn server_forget_host_key(&self, id: i64) -> Result<(), CommandError> {
        let name = self.inner.store.write(|tx| {
            let worker = tx.worker(id)?;
            tx.worker_host_key_forget(id)?;
            tx.worker_pardon(id)?;
            Ok(worker.form.name)
        })?;
        tracing::info!("the host key of server {name} was forgotten");
        self.inner.signals.fleet.raise();
        self.inner.signals.queue.raise();
        Ok(())
    }
}

fn told(reached: &Reached) -> ServerTrial {
    let is = reached.capabilities.clone();
    let message = sentence(format!("Connected to {}", reached.name), &is, &reached.missing);
    let fingerprint = Some(reached.shown.host_key.fingerprint());
    ServerTrial::Reached { message, capabilities: is, fingerprint }
}

fn sentence(mut begin: String, is: &Capabilities, missing: &[String]) -> String {
    let cores = is.cpu_cores.map(|cores| text::count(cores, "core"));
    // As memory is sold and shown elsewhere: in whole GiB.
    let memory = is.ram_bytes.map(|bytes| format!("{} GiB of memory", (bytes + (1 << 29)) >> 30));
    let facts: Vec<&str> =
        [&is.os, &is.arch, &cores, &memory, &is.gpu_model].into_iter().flatten().map(String::as_str).collect();
    if !facts.is_empty() {
        begin.push_str(&format!(": {}", facts.join(", ")));
    }
    if !missing.is_empty() {
        begin.push_str(&format!(". To work on it, it still needs {}", missing.join(" and ")));
    }
    begin
}
