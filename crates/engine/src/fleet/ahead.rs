//! While a worker encodes, the source of the job that it will have next goes up already.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mediaflow_core::job::JobStatus;
use mediaflow_core::schedule::{TransferMode, Work};
use mediaflow_core::text;
use mediaflow_store::{Job, StoreError};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::machine::Machine;
use mediaflow_transport::ssh::Transfer;

use super::learn::note_transfer;
use super::news::{FleetNews, TransferDirection};
use super::{Fleet, Worker};
use crate::run::fetch::{Rate, film_folder, film_name, label, told};
use crate::settings;
use crate::storages::Storages;

/// Sources on their way, by their jobs.
#[derive(Default)]
pub(super) struct Ahead {
    sent: Mutex<BTreeMap<i64, Sent>>,
    changed: Condvar,
}

struct Sent {
    worker_id: i64,
    passed: BTreeSet<i64>,
    cancel: Cancel,
    /// Its job has begun and waits for it.
    is_awaited: Arc<AtomicBool>,
    is_over: bool,
}

/// A job whose source goes, or went, to a worker ahead of it.
pub(crate) struct Next {
    pub job_id: i64,
    /// Jobs before it in the queue that were not for that worker. Another one before it has come there since.
    pub passed: BTreeSet<i64>,
}

/// How often one that waits looks whether it is still wanted to.
const LOOK_EVERY: Duration = Duration::from_millis(200);

impl Ahead {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<i64, Sent>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn over(&self, job_id: i64, is_there: bool) {
        let mut sent = self.lock();
        match sent.get_mut(&job_id) {
            Some(sent) if is_there => sent.is_over = true,
            _ => drop(sent.remove(&job_id)),
        }
        self.changed.notify_all();
    }
}

impl Fleet {
    /// How many sources each worker has, or gets, ahead of their jobs.
    pub(crate) fn ahead(&self) -> BTreeMap<i64, u32> {
        let mut counts = BTreeMap::new();
        for sent in self.0.ahead.lock().values().filter(|sent| !sent.is_awaited.load(Ordering::Relaxed)) {
            *counts.entry(sent.worker_id).or_default() += 1;
        }
        counts
    }

    /// The job whose source a worker has, or gets, ahead.
    pub(crate) fn next_of(&self, worker_id: i64) -> Option<Next> {
        let sent = self.0.ahead.lock();
        let mut waiting = sent.iter().filter(|(_, sent)| !sent.is_awaited.load(Ordering::Relaxed));
        let (job_id, sent) = waiting.find(|(_, sent)| sent.worker_id == worker_id)?;
        Some(Next { job_id: *job_id, passed: sent.passed.clone() })
    }

    /// The worker that has, or gets, a job's source ahead.
    pub(crate) fn ahead_of(&self, job_id: i64) -> Option<i64> {
        self.0.ahead.lock().get(&job_id).map(|sent| sent.worker_id)
    }

    /// Gives up on a source; what of it lies there is tidied away.
    pub(crate) fn drop_ahead(&self, job_id: i64) -> Result<(), StoreError> {
        let Some(sent) = self.0.ahead.lock().remove(&job_id) else { return Ok(()) };
        sent.cancel.cancel();
        self.note_change();
        self.store().write(|tx| match tx.job(job_id) {
            Ok(job) if job.status == JobStatus::Queued && job.worker_id == Some(sent.worker_id) => {
                tx.job_unassign(job_id)
            }
            Ok(_) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        })
    }

    /// Gives up on sources whose jobs no longer wait for that worker; whether there were any.
    pub(crate) fn drop_idle_ahead(&self, may_work: impl Fn(i64) -> bool) -> Result<bool, StoreError> {
        let mut dropped = false;
        let all: Vec<(i64, i64)> = self.0.ahead.lock().iter().map(|(job, sent)| (*job, sent.worker_id)).collect();
        for (job_id, worker_id) in all {
            let job = match self.store().read(|r| Ok((r.job(job_id)?, r.job_is_ready(job_id)?))) {
                Ok(job) => Some(job),
                Err(StoreError::NotFound { .. }) => None,
                Err(error) => return Err(error),
            };
            // One that waits for something else would keep others from the worker.
            let is_wanted = job.is_some_and(|(job, is_ready)| {
                let may_begin = || is_ready && job.preferred_worker_id.is_none_or(|wish| wish == worker_id);
                job.worker_id == Some(worker_id) && (job.status.is_active() || may_begin() && may_work(worker_id))
            });
            if !is_wanted {
                self.drop_ahead(job_id)?;
                dropped = true;
            }
        }
        Ok(dropped)
    }

    /// Begins to send a queued job's source to the worker that will have it, which `passed` before it will not.
    pub(crate) fn send_ahead(
        &self,
        job: &Job,
        passed: BTreeSet<i64>,
        worker: &Arc<Worker>,
        reason: &str,
    ) -> Result<(), StoreError> {
        let worker_id = worker.id;
        let is_ours = self.store().write(|tx| {
            let now = tx.job(job.id)?;
            if now.status != JobStatus::Queued || now.worker_id.is_some() {
                return Ok(false);
            }
            let mode = match tx.storage(job.storage_id)?.worker_id {
                None => TransferMode::Push,
                Some(_) => TransferMode::Relay,
            };
            tx.job_assign(job.id, worker_id, mode, reason).map(|()| true)
        })?;
        if !is_ours {
            return Ok(());
        }
        let (cancel, is_awaited) = (self.stop().below(), Arc::<AtomicBool>::default());
        let sent =
            Sent { worker_id, passed, cancel: cancel.clone(), is_awaited: Arc::clone(&is_awaited), is_over: false };
        self.0.ahead.lock().insert(job.id, sent);
        let job_id = job.id;
        let started = self.threads().spawn(&format!("ahead-{job_id}"), {
            let (fleet, worker, job) = (self.clone(), Arc::clone(worker), job.clone());
            move || {
                let done = fleet.upload(&job, &worker, &cancel, &is_awaited);
                if let Err(reason) = &done
                    && !cancel.is_cancelled()
                {
                    tracing::warn!("the source of job {job_id} was not sent ahead: {reason}");
                }
                if done.is_err() && fleet.ahead_of(job_id) == Some(worker.id) && !is_awaited.load(Ordering::SeqCst) {
                    let _ = fleet.drop_ahead(job_id);
                }
                fleet.0.ahead.over(job_id, done.is_ok());
                fleet.note_change();
            }
        });
        if !started {
            self.drop_ahead(job_id)?;
        }
        Ok(())
    }

    fn upload(&self, job: &Job, worker: &Worker, cancel: &Cancel, is_awaited: &AtomicBool) -> Result<(), String> {
        let Some(machine) = &worker.remote else { return Err("it lies here already".to_owned()) };
        let row = self.store().read(|r| r.storage(job.storage_id)).map_err(|error| error.to_string())?;
        let disk = Storages::of(self.clone()).open(&row).map_err(|error| error.to_string())?;
        let source = disk.path(&job.path);
        let film = worker.work.join(film_folder(job.id)).join(film_name(&source));
        worker.await_tidying();
        // The job that runs there needs room too, and is of no other size as far as anybody knows.
        let free = machine.free_bytes(&worker.work).map_err(|error| error.to_string())?;
        let needed = Work::room_bytes(job.source_bytes, true).saturating_add(job.source_bytes);
        if free < needed {
            return Err(format!(
                "{} has {} free, and {} would be taken",
                worker.name,
                text::bytes(free),
                text::bytes(needed)
            ));
        }
        let (streams, limit) = self
            .store()
            .read(|r| Ok((settings::transfer_streams(r)?, settings::transfer_limit(r)?)))
            .map_err(|error| error.to_string())?;
        self.tell(FleetNews::PreuploadStarted { job_id: job.id });
        let rate = Rate::new();
        let on_progress = |bytes: u64| {
            let Some(per_second) = rate.note(bytes, bytes >= job.source_bytes) else { return };
            let direction = TransferDirection::Upload;
            let progress = told(label(direction, &worker.name), bytes, job.source_bytes, per_second);
            self.tell(match is_awaited.load(Ordering::Relaxed) {
                true => FleetNews::Transfer { job_id: job.id, direction, progress },
                false => FleetNews::Preupload { job_id: job.id, progress },
            });
        };
        let transfer = Transfer { machine, streams, limit_bytes_per_second: limit, cancel, on_progress: &on_progress };
        let since = Instant::now();
        let (moved, _) = disk.send(&transfer, &source, &film, false).map_err(|error| error.to_string())?;
        note_transfer(self.store(), worker.id, TransferDirection::Upload, moved, since);
        let now = disk.content_id(&job.path);
        if now.map_err(|error| error.to_string())? != job.content {
            return Err("it was changed while it was sent".to_owned());
        }
        self.store().write(|tx| tx.job_source_arrived(job.id, worker.id)).map_err(|error| error.to_string())?;
        self.tell(FleetNews::PreuploadCompleted { job_id: job.id });
        Ok(())
    }

    /// Waits for a source that is being sent ahead of its job, which has begun. Its transfer is the job's from now on.
    pub(super) fn await_ahead(&self, job_id: i64, cancel: &Cancel) {
        let mut sent = self.0.ahead.lock();
        if let Some(sent) = sent.get(&job_id) {
            sent.is_awaited.store(true, Ordering::SeqCst);
        }
        while sent.get(&job_id).is_some_and(|sent| !sent.is_over) {
            if cancel.is_cancelled()
                && let Some(sent) = sent.get(&job_id)
            {
                sent.cancel.cancel();
            }
            (sent, _) = self.0.ahead.changed.wait_timeout(sent, LOOK_EVERY).unwrap_or_else(PoisonError::into_inner);
        }
        sent.remove(&job_id);
    }
}
