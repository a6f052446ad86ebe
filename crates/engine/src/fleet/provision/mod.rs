//! Setting a worker up: from a machine with an SSH server to one that encodes, every step told as it happens.
//!
//! It changes as little as it can: what is there and good stays; what MediaFlow brings lies in the worker's own folder and
//! needs no root. Every step looks first whether it is done, so that it can be repeated after any failure.

mod candidate;
mod drivers;
mod error;
mod ffmpeg;
#[cfg(test)]
mod fresh_debian;
mod log;
mod setup;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use mediaflow_core::event::Event;
use mediaflow_core::worker::WorkerStatus;
use mediaflow_store::{StoreError, Worker};

use super::Fleet;
use crate::service::CommandError;
use log::Log;
use setup::Setup;

/// The pair that this machine encodes with, which may be sent.
#[derive(Debug, Clone)]
pub(crate) struct OurBuild {
    /// ffmpeg.
    pub ffmpeg: PathBuf,
    /// ffprobe of the same build.
    pub ffprobe: PathBuf,
    /// Whether its proofs measure by VMAF.
    pub has_vmaf: bool,
}

/// Begins to set a worker up, and returns at once.
///
/// # Errors
/// A conflict while it is being set up already; this machine needs no setting up.
pub(crate) fn start(
    fleet: &Fleet,
    ours: Option<OurBuild>,
    worker_id: i64,
    install_gpu: bool,
) -> Result<(), CommandError> {
    if fleet.stop().is_cancelled() {
        return Err(CommandError::Stopping);
    }
    let began = fleet.store().write(|tx| {
        let worker = tx.worker(worker_id)?;
        if worker.is_local || worker.status == WorkerStatus::Provisioning {
            return Ok(Err(worker));
        }
        tx.worker_stands(worker_id, WorkerStatus::Provisioning, None)?;
        Ok(Ok(worker))
    })?;
    let worker = match began {
        Ok(worker) => worker,
        Err(worker) if worker.is_local => {
            return Err(CommandError::BuiltIn("Cannot provision the local server".to_owned()));
        }
        Err(_) => return Err(CommandError::Conflict("Server is already being provisioned".to_owned())),
    };
    let running = {
        let fleet = fleet.clone();
        move || run(&fleet, ours, worker, install_gpu)
    };
    if fleet.threads().spawn(&format!("provision-{worker_id}"), running) {
        return Ok(());
    }
    let reason = "this machine has no thread left to set it up; try again";
    fleet.store().write(|tx| tx.worker_stands(worker_id, WorkerStatus::SetupFailed, Some(reason)))?;
    Err(CommandError::Failed(reason.to_owned()))
}

/// Ends what an earlier process was setting up when it ended.
pub(crate) fn abandon(fleet: &Fleet) -> Result<(), StoreError> {
    fleet.store().write(|tx| {
        for worker in tx.workers()?.into_iter().filter(|worker| worker.status == WorkerStatus::Provisioning) {
            let error = "MediaFlow was stopped while it was set up; set it up again".to_owned();
            tx.worker_stands(worker.id, WorkerStatus::SetupFailed, Some(&error))?;
            tx.event(&Event::ProvisionFailed { worker_id: worker.id, error })?;
        }
        Ok(())
    })
}

fn run(fleet: &Fleet, ours: Option<OurBuild>, worker: Worker, install_gpu: bool) {
    let worker_id = worker.id;
    let mut setup = Setup { fleet, worker, ours, install_gpu, log: Log::new(fleet, worker_id) };
    let result = setup.go();
    let log = setup.log.finish(result.as_ref().err());
    // It is made ready anew, with the programs that were chosen.
    fleet.ready_ones().remove(&worker_id);
    let noted = fleet.store().write(|tx| {
        tx.worker_provision_log_put(worker_id, &log)?;
        match &result {
            Ok(done) => {
                tx.worker_capabilities_put(worker_id, &done.capabilities)?;
                tx.worker_tools_put(worker_id, Some(&done.tools))?;
                tx.worker_seen(worker_id)?;
                tx.worker_stands(worker_id, WorkerStatus::Online, None)?;
                let capabilities = done.capabilities.clone();
                tx.event(&Event::ProvisionCompleted { worker_id, capabilities }).map(drop)
            }
            Err(error) => {
                let error = error.to_string();
                tx.worker_stands(worker_id, WorkerStatus::SetupFailed, Some(&error))?;
                tx.event(&Event::ProvisionFailed { worker_id, error }).map(drop)
            }
        }
    });
    match noted {
        // It was removed meanwhile.
        Ok(()) | Err(StoreError::NotFound { .. }) => {}
        Err(error) => tracing::error!("how worker {worker_id} was set up is not noted: {error}"),
    }
}
