//! The dispatcher: begins queued jobs in their order, so many at a time as the user allows, each on a thread of its own.
//!
//! It decides nothing about what is to be done: only what is queued is begun. What an earlier process left in the middle
//! goes first, and is looked after even while the queue is paused, because it runs anyway.
//!
//! It sleeps until something happens or an instant comes: that of a job, of the active hours, of a look at a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mediaflow_core::job::JobStatus;
use mediaflow_core::schedule::{Gate, TransferMode, Unplaced};
use mediaflow_core::time::Timestamp;
use mediaflow_store::{Job, JobPage, StoreError};

use super::in_hand::{begin, take_up};
use super::inner::Inner;
use super::stall::{Stall, sooner, until};
use super::tasks::Task;
use super::waiting::Waiting;
use crate::fleet::{Busy, Choice, Fleet, Placed, Roster, Worker, Workers};
use crate::replace::Recovered;
use crate::run::measure::Tools;
use crate::run::turns::{MOST_OF_A_LANE, Turns};
use crate::run::{Assigned, Assignment, Runner};
use crate::settings;

/// What runs, and what is to be tried again.
#[derive(Default)]
pub(super) struct Dispatch {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// What an earlier process left was taken up.
    has_resumed: bool,
    /// Jobs, and the workers that have them; none where the worker has done its part.
    running: BTreeMap<i64, Option<i64>>,
    /// Jobs that were left in the middle.
    left: Vec<Left>,
}

/// A job that was left in the middle.
pub(super) struct Left {
    pub job_id: i64,
    /// When it is looked at again.
    pub at: Instant,
    /// The other machine that has what it goes on with, where that was not ready: as soon as it is, so is the job.
    pub awaits: Option<i64>,
}

/// The longest that the dispatcher sleeps: the machine may sleep meanwhile, and its clock may be set.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// How often a queue without ffmpeg is looked at: what happens to it wakes nobody who waits for ffmpeg.
const TOOLS_PATIENCE: Duration = Duration::from_secs(5);

impl Dispatch {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until none of these jobs runs, at most `limit`; whether that came to pass.
    pub fn wait_for(&self, jobs: &BTreeSet<i64>, limit: Duration) -> bool {
        let runs = |state: &State| state.running.keys().any(|id| jobs.contains(id));
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), limit, |state| runs(state))
            .unwrap_or_else(PoisonError::into_inner);
        !runs(&state)
    }

    /// Somebody is at a job, with a worker if that is known.
    pub fn has_in_hand(&self, job_id: i64, worker_id: Option<i64>) {
        self.lock().running.insert(job_id, worker_id);
    }

    /// Nobody is at a job any more.
    pub fn ended(&self, job_id: i64, left: Option<Left>) {
        let mut state = self.lock();
        state.running.remove(&job_id);
        state.left.extend(left);
        drop(state);
        self.changed.notify_all();
    }

    /// What every worker runs.
    pub fn busy(&self, fleet: &Fleet) -> Busy {
        let mut busy = Busy { ahead: fleet.ahead(), ..Busy::default() };
        for worker_id in self.lock().running.values().flatten() {
            *busy.running.entry(*worker_id).or_default() += 1;
        }
        busy
    }

    /// A job's worker has done its part.
    pub fn release(&self, job_id: i64) {
        if let Some(worker) = self.lock().running.get_mut(&job_id) {
            *worker = None;
        }
    }

    pub fn has(&self, job_id: i64) -> bool {
        self.lock().running.contains_key(&job_id)
    }

    /// When a job that was left in the middle is looked at again.
    fn next_left(&self) -> Option<Instant> {
        self.lock().left.iter().map(|left| left.at).min()
    }

    /// Takes a job that was left in the middle and whose time has come.
    fn take_left(&self, is_ready: impl Fn(i64) -> bool) -> Option<i64> {
        let mut state = self.lock();
        let now = Instant::now();
        let due = state.left.iter().position(|left| left.at <= now || left.awaits.is_some_and(&is_ready))?;
        Some(state.left.swap_remove(due).job_id)
    }
}

/// Runs jobs until the service stops.
pub(super) fn run(inner: &Arc<Inner>) -> Result<(), String> {
    if !inner.recovered.wait(Duration::ZERO) {
        recover(inner)?;
    }
    let mut stall = Stall::new();
    let Some(tools) = wait_for_tools(inner, &mut stall).map_err(|error| error.to_string())? else { return Ok(()) };
    let runner = Arc::new(inner.runner(tools));
    let is_first_try = !std::mem::replace(&mut inner.dispatch.lock().has_resumed, true);
    if is_first_try {
        inner.board.begin(Task::Queue, "looking for what an earlier start left");
        let resumed = runner.resume().map_err(|error| {
            inner.dispatch.lock().has_resumed = false;
            error.to_string()
        })?;
        resumed.into_iter().for_each(|resumed| begin(inner, &runner, resumed));
    }
    look_for_left(inner).map_err(|error| error.to_string())?;
    let mut waiting = Waiting::new();
    while !inner.stop.is_cancelled() {
        let next = turn(inner, &runner, &mut waiting, &mut stall).map_err(|error| error.to_string())?;
        inner.signals.queue.wait(until(next, LONGEST_SLEEP));
    }
    Ok(())
}

/// Without ffmpeg no job is begun, which jobs that wait are told of like of any other reason.
fn wait_for_tools(inner: &Inner, stall: &mut Stall) -> Result<Option<Tools>, StoreError> {
    inner.board.wait(Task::Queue, "ffmpeg is looked for");
    loop {
        let next = stall.look(inner, may_begin(inner)?.is_open())?;
        let found = inner.tools.wait(&inner.stop, until(next, TOOLS_PATIENCE));
        if found.is_some() || inner.stop.is_cancelled() {
            return Ok(found);
        }
    }
}

/// What the user and the hours say to beginning jobs: a pause has no end that could be waited for.
enum Door {
    Paused,
    Hours(Gate),
}

impl Door {
    const fn is_open(&self) -> bool {
        matches!(self, Self::Hours(gate) if gate.is_open())
    }
}

fn may_begin(inner: &Inner) -> Result<Door, StoreError> {
    let (is_paused, schedule) = inner.store.read(|r| Ok((settings::queue_paused(r)?, settings::schedule(r)?)))?;
    Ok(if is_paused { Door::Paused } else { Door::Hours(schedule.gate(inner.clock.now())) })
}

/// Replacements that an earlier process left in the middle come before everything else.
fn recover(inner: &Inner) -> Result<(), String> {
    inner.board.begin(Task::Queue, "recovering replacements");
    for Recovered { replacement, ending } in inner.originals().recover().map_err(|error| error.to_string())? {
        match ending {
            Ok(ending) => tracing::info!("recovered: {}: {ending:?}", replacement.original),
            Err(error) => tracing::warn!("not recovered: {}: {error}", replacement.original),
        }
    }
    inner.recovered.open();
    Ok(())
}

/// Jobs in the middle that nobody has in hand: their storage was not there at the start, or the dispatcher itself failed
/// when one was just being begun.
fn look_for_left(inner: &Inner) -> Result<(), StoreError> {
    let statuses: Vec<JobStatus> = JobStatus::ALL.into_iter().filter(|status| status.is_active()).collect();
    let page = JobPage { statuses: &statuses, file_id: None, limit: u32::MAX, offset: 0 };
    let active = inner.store.read(|r| r.jobs(&page))?;
    let mut state = inner.dispatch.lock();
    let in_hand = &state.running;
    let left = active.iter().filter(|job| !in_hand.contains_key(&job.id));
    state.left = left.map(|job| Left { job_id: job.id, at: Instant::now(), awaits: None }).collect();
    Ok(())
}

/// One look at the queue. Gives when to look again if nothing happens.
fn turn(
    inner: &Arc<Inner>,
    runner: &Arc<Runner>,
    waiting: &mut Waiting,
    stall: &mut Stall,
) -> Result<Option<Instant>, StoreError> {
    inner.upkeep().wind_up_ended()?;
    while let Some(job_id) = inner.dispatch.take_left(|worker_id| inner.fleet.is_ready(worker_id)) {
        take_up(inner, runner, job_id);
    }
    let look_at = waiting.look(inner)?;
    let due_at = release_due(inner)?;
    let schedule = inner.store.read(settings::schedule)?;
    let gate = schedule.gate(inner.clock.now());
    runner.recess.store(!gate.is_open() && schedule.pauses_at_end, Ordering::Relaxed);
    let roster = inner.store.read(|r| Roster::new(r, Arc::clone(&runner.here), inner.clock.now()))?;
    while gate.is_open() && !inner.stop.is_cancelled() {
        let busy = inner.dispatch.busy(&inner.fleet);
        if !roster.has_room(&inner.fleet, &busy) {
            break;
        }
        let choice = Choice { roster: &roster, workers: &inner.fleet, speeds: inner.fleet.speeds(), busy: &busy };
        let assign = |job: &Job, bound: Option<&Arc<Worker>>| assign(inner, &choice, job, bound);
        // Looked at again with the claim: what is queued after a pause must not slip through.
        let Some(next) = runner.claim(&|tx, _| Ok(!settings::queue_paused(tx)?), &assign)? else { break };
        begin(inner, runner, next);
    }
    let door = may_begin(inner)?;
    if inner.fleet.drop_idle_ahead(|id| door.is_open() && roster.is_worth_waiting_for(&inner.fleet, id))? {
        inner.look_for_leavings();
    }
    if door.is_open() && !inner.stop.is_cancelled() {
        send_ahead(inner, &roster)?;
    }
    show(inner, roster.slots(), &door)?;
    let stalls_at = stall.look(inner, door.is_open())?;
    let changes_at = gate.changes_at().map(|at| instant_of(inner, at));
    let timed = sooner(due_at.map(|at| instant_of(inner, at)), changes_at);
    Ok(sooner(sooner(timed, look_at), sooner(stalls_at, inner.dispatch.next_left())))
}

/// Gives a job to a worker that has room for it.
fn assign(inner: &Inner, choice: &Choice<'_>, job: &Job, bound: Option<&Arc<Worker>>) -> Assignment {
    // One that stands in the queue again has its turn when the thread that had it is gone, which wakes this one: it would be
    // taken for left, else.
    if inner.dispatch.has(job.id) {
        return Assignment::ToNobody;
    }
    let Choice { roster, busy, .. } = *choice;
    let given = |worker: Option<Arc<Worker>>, mode: TransferMode, reason: String| match worker {
        Some(worker) => Assignment::To(Assigned { worker, mode, reason }),
        None => Assignment::ToNobody,
    };
    if let Some(worker) = bound {
        let reason = job.worker_reason.clone().unwrap_or_else(|| "it has what the job goes on with".to_owned());
        let mode = job.transfer_mode.unwrap_or(TransferMode::Local);
        return given(roster.takes(worker.id, busy).then(|| Arc::clone(worker)), mode, reason);
    }
    if let Some(worker_id) = inner.fleet.ahead_of(job.id) {
        let worker = roster.takes(worker_id, busy).then(|| roster.worker(&inner.fleet, worker_id)).flatten();
        let reason = job.worker_reason.clone().unwrap_or_default();
        return given(worker, job.transfer_mode.unwrap_or(TransferMode::Push), reason);
    }
    let unplaced = match inner.store.read(|r| choice.place(r, job)) {
        Ok(Ok(Placed { worker_id, mode, reason })) => {
            return given(roster.worker(&inner.fleet, worker_id), mode, reason);
        }
        Ok(Err(unplaced)) => unplaced,
        Err(error) => {
            tracing::error!("who could do job {}: {error}", job.id);
            return Assignment::ToNobody;
        }
    };
    // That everybody is busy goes without saying, where nobody was asked for.
    if !matches!(unplaced, Unplaced::Busy(_)) || job.preferred_worker_id.is_some() {
        let reason = unplaced.to_string();
        if job.reason.as_ref() != Some(&reason)
            && let Err(error) = inner.store.write(|tx| tx.job_waits_for_worker(job.id, &reason))
        {
            tracing::error!("why job {} waits: {error}", job.id);
        }
    }
    match unplaced {
        Unplaced::WishBusy(_) => Assignment::ToNobodyOfItsWish,
        Unplaced::Busy(_) | Unplaced::Unable(_) => Assignment::ToNobody,
    }
}

/// So many jobs that a worker could have are looked at for one that may go ahead.
const LOOK_AHEAD: usize = 20;

/// Sends the source of the job that a busy worker will have next to it. One that was sent is dropped when another job has come
/// before it: one that was moved, or that is ready only now.
fn send_ahead(inner: &Inner, roster: &Roster) -> Result<(), StoreError> {
    for (entry, slots) in roster.others() {
        let mut busy = inner.dispatch.busy(&inner.fleet);
        let Some(worker) = inner.fleet.worker(entry.id) else { continue };
        if busy.has_room(entry.id, slots) {
            continue;
        }
        // Whether that one is still the next is the question.
        busy.ahead.remove(&entry.id);
        let sent = inner.fleet.next_of(entry.id);
        let mut passed = BTreeSet::new();
        let choice = Choice { roster, workers: &inner.fleet, speeds: inner.fleet.speeds(), busy: &busy };
        let next = inner.store.read(|r| {
            let mut turns = Turns::of(r, MOST_OF_A_LANE, |preferred| preferred.is_none_or(|id| id == entry.id))?;
            for _ in 0..LOOK_AHEAD {
                let Some(job) = turns.next(r)? else { break };
                if sent.as_ref().is_some_and(|sent| sent.job_id == job.id) {
                    break;
                }
                let was_passed = sent.as_ref().is_some_and(|sent| sent.passed.contains(&job.id));
                if was_passed || job.worker_id.is_some() || inner.dispatch.has(job.id) {
                    continue;
                }
                if let Ok(placed) = choice.place_next(r, &job)?
                    && placed.worker_id == entry.id
                    && placed.mode.copies_source()
                    && placed.mode != TransferMode::Pull
                {
                    return Ok(Some((job, placed.reason)));
                }
                passed.insert(job.id);
            }
            Ok(None)
        })?;
        if let Some((job, reason)) = next {
            if let Some(sent) = sent {
                inner.fleet.drop_ahead(sent.job_id)?;
                inner.look_for_leavings();
            }
            inner.fleet.send_ahead(&job, passed, &worker, &reason)?;
        }
    }
    Ok(())
}

/// When the clock will show an instant, if nobody sets it.
fn instant_of(inner: &Inner, at: Timestamp) -> Instant {
    let away_us = u64::try_from(at.0 - inner.clock.now().0).unwrap_or(0);
    Instant::now() + Duration::from_micros(away_us)
}

/// Gives jobs whose instant has come back to their turn, and tells when the next one comes.
fn release_due(inner: &Inner) -> Result<Option<Timestamp>, StoreError> {
    let next = inner.store.read(|r| r.next_due())?;
    if next.is_none_or(|at| at > inner.clock.now()) {
        return Ok(next);
    }
    while !inner.store.write(|tx| tx.jobs_due())? {}
    inner.store.read(|r| r.next_due())
}

fn show(inner: &Inner, slots: u32, door: &Door) -> Result<(), StoreError> {
    let running = inner.dispatch.lock().running.len();
    let (queued, waits) = inner.store.read(|r| Ok((r.jobs_total(&[JobStatus::Queued])?, r.queue_waits()?)))?;
    let kept = match door {
        Door::Paused => Some("paused by the user"),
        Door::Hours(gate) if !gate.is_open() => Some("outside of the active hours"),
        Door::Hours(_) => None,
    };
    let mut others = Vec::new();
    if waits.away > 0 {
        others.push(format!("{} of them for a folder that is not there", waits.away));
    }
    if waits.timed > 0 {
        others.push(format!("{} of them for their time", waits.timed));
    }
    let others: String = others.iter().map(|other| format!(", {other}")).collect();
    match (running, kept) {
        (0, Some(kept)) => inner.board.wait(Task::Queue, format!("{kept}; {queued} waiting")),
        (0, None) if !others.is_empty() => inner.board.wait(Task::Queue, format!("{queued} waiting{others}")),
        (0, None) => inner.board.end(Task::Queue, None, None),
        (_, Some(kept)) => {
            inner.board.begin(Task::Queue, format!("{kept}; {running} still running, {queued} waiting"));
        }
        (_, None) => inner.board.begin(Task::Queue, format!("{running} of {slots} running; {queued} waiting{others}")),
    }
    Ok(())
}
