//! One job, from queued to its end: the source is decoded, the encode runs under its own supervisor, the output is
//! proven, and only then takes the original's place.
//!
//! A job's work is straight-line code on a thread of its own; what must survive a crash is written down before each
//! step and after it, so that [`Runner::resume`] knows where every job stood.

mod await_encode;
mod away;
mod burn_in;
mod encode;
mod encode_failure;
mod end;
pub(crate) mod fetch;
mod hand;
mod hardware;
mod late;
mod line;
pub mod measure;
pub mod outcome;
mod place;
pub mod prove;
mod put_in_place;
mod quality;
mod resume;
mod second_look;
mod seen;
mod silence;
#[cfg(test)]
mod simulation;
mod source;
mod space;
mod trials;
mod tune;
pub(crate) mod turns;
mod upkeep;
mod verify;
mod watch;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use mediaflow_core::job::JobStatus;
use mediaflow_core::replace::Epoch;
use mediaflow_core::schedule::TransferMode;
use mediaflow_core::text;
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_store::{Job, Store, StoreError, Tx};
use mediaflow_transport::cancel::Cancel;

pub(crate) use away::look as look_for_folder;
pub use end::Ended;
use resume::{Found, Standing};
pub use resume::{MAX_TRIES, Resumed};
pub(crate) use seen::log_of;
pub use seen::{live_log, reached};
pub(crate) use upkeep::source_folder;
pub use upkeep::{CacheCleared, Upkeep};
pub use watch::{Progress, Stage, Watch};

use end::Stop;
use hand::Hand;
use turns::{MOST_OF_A_LANE, Turns};

use crate::fleet::{NoWorkers, Worker, Workers, note_failure};
use crate::settings;
use crate::storages::Storages;

/// Runs jobs: on this machine, and on others.
#[derive(Clone)]
pub struct Runner {
    /// The database.
    pub store: Store,
    /// This machine, in whose work folder all attempts have a directory; those of other machines also have one there.
    pub here: Arc<Worker>,
    /// Other machines.
    pub workers: Arc<dyn Workers>,
    /// Where files lie.
    pub storages: Storages,
    /// Since when there is this runner.
    pub began_at: Timestamp,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// This installation.
    pub epoch: Epoch,
    /// Stops everything; jobs that ran go back to the queue.
    pub cancel: Cancel,
    /// Leaves everything: encodes go on under their supervisors and outputs stay, for the next start to find; a
    /// replacement that is under way is finished.
    pub detach: Cancel,
    /// While it is set, jobs that run are held, and stand in the queue with what they have.
    pub recess: Arc<AtomicBool>,
    /// Whether a job that failed waits in the queue for another try. A command that works until nothing is left fails it, and
    /// tries again with its next run.
    pub retries_later: bool,
}

/// Whether a job may be begun, looked at in the transaction that does so.
pub type Allowed<'a> = &'a dyn Fn(&Tx<'_>, &Job) -> Result<bool, StoreError>;

/// Gives a job to a worker. One that has something to go on with is bound to its worker.
pub type Choose<'a> = &'a dyn Fn(&Job, Option<&Arc<Worker>>) -> Assignment;

/// What a look for a worker came to.
#[derive(Debug)]
pub enum Assignment {
    /// This one does it.
    To(Assigned),
    /// Nobody takes it now.
    ToNobody,
    /// Nobody takes it now, nor any other job that asks for the same worker.
    ToNobodyOfItsWish,
}

/// Who does a job.
#[derive(Debug, Clone)]
pub struct Assigned {
    /// The worker.
    pub worker: Arc<Worker>,
    /// How the source comes to it.
    pub mode: TransferMode,
    /// Why this one, for a person.
    pub reason: String,
}

impl Assigned {
    fn here(runner: &Runner) -> Self {
        let reason = "the command line works on this machine".to_owned();
        Self { worker: Arc::clone(&runner.here), mode: TransferMode::Local, reason }
    }
}

/// How directories of attempts begin.
pub(crate) const ATTEMPT_PREFIX: &str = "attempt-";

/// What a look for a job that can be begun came to.
enum Claim {
    /// No job, or nobody to do one.
    Nobody,
    /// This one is begun.
    Job(Box<Resumed>),
    /// The queue is another one than it was.
    OrderChanged,
}

/// A job, and who does it.
struct Taken {
    job: Job,
    standing: Standing,
    assigned: Assigned,
}

/// That nobody takes a job now.
enum Passed {
    /// That says nothing of others.
    Alone,
    /// Nobody takes the others that ask for the same worker either.
    WithItsWish,
}

/// How often the queue is looked at again that has just changed.
const ORDERS: u32 = 100;

/// Cancels a token when it goes out of scope.
struct Over<'a>(&'a Cancel);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Runner {
    /// One that has only this machine, is stopped by nobody, and fails what fails.
    #[must_use]
    pub fn new(store: Store, here: Worker, clock: Arc<dyn Clock>, epoch: Epoch) -> Self {
        Self {
            store,
            here: Arc::new(here),
            workers: Arc::new(NoWorkers),
            storages: Storages::here(),
            began_at: clock.now(),
            clock,
            epoch,
            cancel: Cancel::new(),
            detach: Cancel::new(),
            recess: Arc::default(),
            retries_later: false,
        }
    }

    /// Runs queued jobs, `limit` at a time, until none is left or the runner is stopped. `standing` are jobs that an
    /// earlier process left in the middle: they go first. What waits for its folder waits for another run.
    pub fn run_queue(&self, limit: usize, standing: Vec<Resumed>, watch: &dyn Watch) -> Result<Vec<Ended>, StoreError> {
        let standing = Mutex::new(standing);
        // One that is bound to another machine waits for the server, which knows that machine.
        let here = |_: &Job, bound: Option<&Arc<Worker>>| {
            let is_ours = bound.is_none_or(|worker| worker.remote.is_none());
            if is_ours { Assignment::To(Assigned::here(self)) } else { Assignment::ToNobody }
        };
        thread::scope(|scope| {
            let worker = || -> Result<Vec<Ended>, StoreError> {
                let mut ended = Vec::new();
                while !self.cancel.is_cancelled() {
                    let stands = standing.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let claim = || self.claim(&|_, _| Ok(true), &here);
                    let Some(next) = stands.map_or_else(claim, |resumed| Ok(Some(resumed)))? else { break };
                    ended.extend(self.run(next, watch)?);
                }
                Ok(ended)
            };
            let workers: Vec<_> = (0..limit.max(1)).map(|_| scope.spawn(worker)).collect();
            let mut all = Vec::new();
            for worker in workers {
                all.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok(all)
        })
    }

    /// Runs one job, out of its turn. Others in `standing` stay as they are: the next start finds them again.
    pub fn run_one(&self, job_id: i64, standing: Vec<Resumed>, watch: &dyn Watch) -> Result<Option<Ended>, StoreError> {
        if let Some(resumed) = standing.into_iter().find(|resumed| resumed.job.id == job_id) {
            return self.run(resumed, watch);
        }
        let Found::Stands(standing, worker) = self.standing_of(job_id)? else { return Ok(None) };
        let job = self.store.write(|tx| {
            tx.job_step(job_id, JobStatus::Transcoding)?;
            tx.job(job_id)
        })?;
        self.run(Resumed { standing, job, worker }, watch)
    }

    /// What puts away what jobs leave behind.
    #[must_use]
    pub fn upkeep(&self) -> Upkeep<'_> {
        Upkeep { store: &self.store, executor: self.here.executor.as_ref(), work: &self.here.work }
    }

    /// Takes the first queued job for which `choose` gives a worker, if `allowed` says so in the same transaction; one that
    /// was held goes on where it was, and is bound to the worker that has what it goes on with. Where its folder is not
    /// there, all jobs of that folder wait for it, and another one's turn has come.
    pub fn claim(&self, allowed: Allowed<'_>, choose: Choose<'_>) -> Result<Option<Resumed>, StoreError> {
        for _ in 0..ORDERS {
            match self.claim_in_order(allowed, choose)? {
                Claim::Nobody => return Ok(None),
                Claim::Job(resumed) => return Ok(Some(*resumed)),
                Claim::OrderChanged => {}
            }
        }
        Ok(None)
    }

    fn claim_in_order(&self, allowed: Allowed<'_>, choose: Choose<'_>) -> Result<Claim, StoreError> {
        let Some(first) = self.store.read(|r| r.job_next())? else { return Ok(Claim::Nobody) };
        // Mostly the first one can be begun.
        if let Ok(taken) = self.offer(&first, choose)? {
            return self.take(taken, first.id, allowed);
        }
        let mut turns = Turns::all(&self.store, MOST_OF_A_LANE)?;
        while let Some(job) = self.store.read(|r| turns.next(r))? {
            match self.offer(&job, choose)? {
                Ok(taken) => return self.take(taken, first.id, allowed),
                Err(Passed::Alone) => {}
                Err(Passed::WithItsWish) => turns.leave_out(job.preferred_worker_id),
            }
            if self.cancel.is_cancelled() {
                break;
            }
        }
        Ok(Claim::Nobody)
    }

    /// Looks how far a job had come, and who does it.
    fn offer(&self, job: &Job, choose: Choose<'_>) -> Result<Result<Taken, Passed>, StoreError> {
        let Found::Stands(standing, worker) = self.standing_of(job.id)? else { return Ok(Err(Passed::Alone)) };
        let bound = (!matches!(standing, Standing::Fresh)).then_some(&worker);
        Ok(match choose(job, bound) {
            Assignment::To(assigned) => Ok(Taken { job: job.clone(), standing, assigned }),
            Assignment::ToNobody => Err(Passed::Alone),
            Assignment::ToNobodyOfItsWish => Err(Passed::WithItsWish),
        })
    }

    /// Begins a job, if the queue still begins with the job that it began with when this one was chosen.
    fn take(&self, taken: Taken, first_id: i64, allowed: Allowed<'_>) -> Result<Claim, StoreError> {
        let Taken { job, standing, assigned } = taken;
        if self.put_aside_if_away(&job)? {
            return Ok(Claim::OrderChanged);
        }
        let is_sent = assigned.worker.remote.is_some() || assigned.mode.copies_source();
        let status = if is_sent { JobStatus::Transferring } else { JobStatus::Transcoding };
        self.store.write(|tx| {
            if !allowed(tx, &job)? {
                return Ok(Claim::Nobody);
            }
            // Another one may have been moved before it meanwhile.
            if tx.job_next()?.is_none_or(|now| now.id != first_id) {
                return Ok(Claim::OrderChanged);
            }
            let Some(job) = tx.job_claim_this(job.id, status)? else { return Ok(Claim::OrderChanged) };
            tx.job_assign(job.id, assigned.worker.id, assigned.mode, &assigned.reason)?;
            Ok(Claim::Job(Box::new(Resumed { standing, job, worker: assigned.worker })))
        })
    }

    /// Has a job, and all others of its folder, wait for that folder where it is not there. A folder of another machine is
    /// looked at by the job itself: that machine may take its time to answer, and others are waiting for their turn.
    fn put_aside_if_away(&self, job: &Job) -> Result<bool, StoreError> {
        if self.store.read(|r| r.storage(job.storage_id))?.worker_id.is_some() {
            return Ok(false);
        }
        let Some(away) = look_for_folder(&self.store, &self.storages, job)? else { return Ok(false) };
        let reason = away.to_string();
        let waiting = self.store.write(|tx| match tx.jobs_wait_for(&away.named(&reason))? {
            // Its library is another one since a moment ago.
            0 if tx.job(job.id)?.status == JobStatus::Queued => tx.job_wait(job.id, &away.folder, &reason).map(|()| 1),
            waiting => Ok(waiting),
        })?;
        tracing::warn!("{}: {reason}", text::count(waiting, "job"));
        Ok(true)
    }

    /// Counts what a job's end says about the machine that did it.
    fn note_of_worker(&self, worker: &Worker, stop: &Stop) -> Result<(), StoreError> {
        if matches!(stop, Stop::WorkerLost(_)) {
            self.workers.lost(worker.id);
        }
        match (stop.fault_of_worker(), stop.is_done()) {
            (Some(reason), _) => self.store.write(|tx| note_failure(tx, worker.id, reason)),
            (None, true) => self.store.write(|tx| tx.worker_did_well(worker.id)),
            (None, false) => Ok(()),
        }
    }

    /// For how long a worker may be silent.
    pub(crate) fn lease(&self) -> Result<Duration, StoreError> {
        Ok(Duration::from_secs(self.store.read(settings::lease_seconds)?.unsigned_abs()))
    }

    /// Until when a worker that gives no sign of life from now on keeps its job.
    pub(crate) fn lease_from_now(&self) -> Result<Timestamp, StoreError> {
        Ok(self.clock.now().plus_seconds(self.store.read(settings::lease_seconds)?))
    }

    /// Runs one job that is in an active status, to its end. `None` when it did not end here: it went back to the queue,
    /// is held, waits for its folder, or was left to another start.
    pub fn run(&self, resumed: Resumed, watch: &dyn Watch) -> Result<Option<Ended>, StoreError> {
        let Resumed { job, standing, worker } = resumed;
        tracing::info!("job {} {} on {}: {} ({})", job.id, standing.begins(), worker.name, job.title, job.preset);
        watch.started(&job);
        let hand = Hand::new();
        let over = Cancel::new();
        let stop = thread::scope(|scope| {
            scope.spawn(|| self.listen(job.id, &hand, &over));
            // However the line ends, the listener ends with it.
            let _over = Over(&over);
            #[cfg(test)]
            if let Some(stop) = simulation::stand_in(self, &job, &hand, watch) {
                return stop;
            }
            line::Line { runner: self, worker: &worker, job: &job, hand: &hand, watch }.walk(standing)
        });
        let stop = self.second_look(&worker, &job, stop, &self.cancel)?;
        self.note_of_worker(&worker, &stop)?;
        let ended = self.end(&job, stop, hand.wish());
        watch.ended(&job, ended.as_ref().ok().and_then(Option::as_ref));
        ended
    }
}
