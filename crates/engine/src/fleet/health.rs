//! How workers are: each is asked by itself, so that one that hangs delays no other.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mediaflow_core::time::Timestamp;
use mediaflow_core::worker::{Capabilities, Signs, WorkerStatus};
use mediaflow_store::{StoreError, Tx, Worker};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::SshError;
use mediaflow_transport::vitals::{Facts, Here, Metrics};

use super::{Doubt, Fleet, FleetError, FleetNews, capabilities, lock};

/// How often workers are asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Those that answer; `facts` §8.
    pub usual: Duration,
    /// Those that are lost, so that they are soon back at work.
    pub when_lost: Duration,
    /// Those that do not let us in: a login that is refused again and again gets its account or address locked out.
    pub when_refused: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            usual: Duration::from_secs(30),
            when_lost: Duration::from_secs(10),
            when_refused: Duration::from_secs(600),
        }
    }
}

/// Looks after all workers that the user lets have jobs.
pub(crate) struct Health {
    fleet: Fleet,
    pace: Pace,
    /// Where this machine works.
    work: PathBuf,
    watches: HashMap<i64, Watch>,
    answers: Arc<Mutex<Vec<Answer>>>,
    /// Called when an answer is there.
    wake: Arc<dyn Fn() + Send + Sync>,
}

/// What is known of one worker.
struct Watch {
    signs: Signs,
    asked: Asked,
    /// Which question it is that it was asked last.
    question: u64,
    /// When it is asked again.
    next: Instant,
    /// Whether it told what it is since it was last found.
    is_known: bool,
    /// What it was when it did not let us in: only the user can mend that, here or there.
    refused: Option<Form>,
}

impl Watch {
    fn new(now: Instant) -> Self {
        Self { signs: Signs::default(), asked: Asked::No, question: 0, next: now, is_known: false, refused: None }
    }
}

/// What the user last said of a worker: when, and the host key that it has to show.
type Form = (Timestamp, Option<String>);

fn form_of(row: &Worker) -> Form {
    (row.updated_at, row.host_key.clone())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Nobody waits for it.
    No,
    /// It has not answered yet.
    Yes,
    /// It did not answer by its next turn, which was counted.
    Overdue,
}

struct Answer {
    worker_id: i64,
    question: u64,
    result: Result<(Metrics, Option<Facts>), FleetError>,
}

impl Health {
    /// Nobody has been asked yet. `work` is this machine's folder; `wake` is called from other threads when there is
    /// something to do before the next round is due.
    pub fn new(fleet: Fleet, work: PathBuf, pace: Pace, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { fleet, pace, work, watches: HashMap::new(), answers: Arc::default(), wake }
    }

    /// Notes the answers that came, and asks those whose turn it is. Gives the workers that are back, and when to look
    /// again at the latest.
    pub fn round(&mut self, now: Instant) -> Result<(Vec<i64>, Instant), StoreError> {
        let mut back = Vec::new();
        let answers = std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner));
        for answer in answers {
            let Some(watch) = self.watches.get_mut(&answer.worker_id) else { continue };
            if answer.question != watch.question {
                continue;
            }
            let was_counted = watch.asked == Asked::Overdue;
            watch.asked = Asked::No;
            match answer.result {
                Ok((metrics, facts)) => {
                    watch.signs.heard();
                    watch.refused = None;
                    watch.is_known |= facts.is_some();
                    if unless_removed(self.heard(answer.worker_id, metrics, facts))?.unwrap_or(false) {
                        back.push(answer.worker_id);
                    }
                }
                Err(_) if was_counted => {}
                Err(error) => {
                    unless_removed(self.missed(answer.worker_id, &error, now))?;
                }
            }
        }
        for (id, doubt) in std::mem::take(&mut *lock(&self.fleet.0.doubted)) {
            let Some(watch) = self.watches.get_mut(&id) else { continue };
            if doubt == Doubt::Answered {
                watch.signs.heard();
                watch.refused = None;
                watch.asked = Asked::No;
                watch.question += 1;
            }
            // One that was asked a moment ago is not late yet.
            if watch.asked == Asked::No {
                watch.next = now;
            }
        }
        let rows = self.fleet.store().read(|r| r.workers())?;
        let is_watched = |row: &Worker| row.is_enabled && row.status != WorkerStatus::Provisioning;
        self.watches.retain(|id, _| rows.iter().any(|row| row.id == *id && is_watched(row)));
        for row in rows.iter().filter(|row| is_watched(row)) {
            let watch = self.watches.entry(row.id).or_insert_with(|| Watch::new(now));
            // It was changed since it did not let us in.
            if watch.refused.as_ref().is_some_and(|then| *then != form_of(row)) {
                (watch.refused, watch.next) = (None, now);
            }
            if watch.next > now {
                continue;
            }
            let turn = if watch.signs.is_lost() { self.pace.when_lost } else { self.pace.usual };
            watch.next = now + turn;
            match watch.asked {
                Asked::No => {
                    watch.asked = Asked::Yes;
                    watch.question += 1;
                    let (question, is_known) = (watch.question, watch.is_known);
                    self.ask(row, question, is_known);
                }
                // It works, or nobody would ask.
                Asked::Yes | Asked::Overdue if row.is_local => {}
                // A host that accepts and never answers: every turn that passes is a missed sign of life.
                Asked::Yes | Asked::Overdue => {
                    watch.asked = Asked::Overdue;
                    let (host, seconds) = (row.form.name.clone(), turn.as_secs());
                    let silent = SshError::Silent { host, doing: "reporting its load", seconds };
                    self.missed(row.id, &silent.into(), now)?;
                }
            }
        }
        let next = self.watches.values().map(|watch| watch.next).min();
        Ok((back, next.unwrap_or(now + self.pace.usual)))
    }

    /// Asks on a thread of its own, which nobody waits for at the end: it only reads.
    fn ask(&self, row: &Worker, question: u64, is_known: bool) {
        let (fleet, answers, wake) = (self.fleet.clone(), Arc::clone(&self.answers), Arc::clone(&self.wake));
        let (worker_id, is_local) = (row.id, row.is_local);
        let work = if is_local { self.work.clone() } else { PathBuf::from(&row.form.work_dir) };
        let asking = std::thread::Builder::new().name(format!("ask-{worker_id}")).spawn(move || {
            let result = if is_local {
                Ok(ask_here(&work, is_known, fleet.stop()))
            } else {
                ask(&fleet, worker_id, &work, is_known)
            };
            answers.lock().unwrap_or_else(PoisonError::into_inner).push(Answer { worker_id, question, result });
            wake();
        });
        if let Err(error) = asking {
            tracing::warn!("{} is not asked how it is: {error}", row.name());
        }
    }

    /// Notes a sign of life. Whether the worker was away before, or new.
    fn heard(&self, worker_id: i64, metrics: Metrics, facts: Option<Facts>) -> Result<bool, StoreError> {
        let (is_back, status) = self.fleet.store().write(|tx| {
            tx.worker_seen(worker_id)?;
            if let Some(facts) = &facts {
                note_facts(tx, worker_id, facts)?;
            }
            let before = tx.worker(worker_id)?;
            let is_back = matches!(before.status, WorkerStatus::Pending | WorkerStatus::Offline);
            if is_back || before.status == WorkerStatus::Online && before.problem.is_some() {
                tx.worker_stands(worker_id, WorkerStatus::Online, None)?;
            }
            Ok((is_back, tx.worker(worker_id)?.status))
        })?;
        self.fleet.tell(FleetNews::Metrics { worker_id, status, metrics });
        Ok(is_back)
    }

    /// Notes that no sign of life came; after too many of them the worker is offline.
    fn missed(&mut self, worker_id: i64, error: &FleetError, now: Instant) -> Result<(), StoreError> {
        let Some(watch) = self.watches.get_mut(&worker_id) else { return Ok(()) };
        let is_lost = watch.signs.missed() || error.shuts_out();
        if is_lost {
            watch.is_known = false;
            watch.next = watch.next.min(now + self.pace.when_lost);
        }
        if error.shuts_out() {
            watch.refused = Some(form_of(&self.fleet.store().read(|r| r.worker(worker_id))?));
            watch.next = now + self.pace.when_refused;
        }
        self.fleet.note_trouble(worker_id, error, is_lost)
    }
}

fn ask(fleet: &Fleet, id: i64, work: &Path, is_known: bool) -> Result<(Metrics, Option<Facts>), FleetError> {
    let machine = fleet.machine(id)?;
    let metrics = machine.metrics(work, fleet.stop())?;
    // It answers; what it is can be told the next time.
    let facts = if is_known { None } else { machine.facts(fleet.stop()).ok() };
    Ok((metrics, facts))
}

fn ask_here(work: &Path, is_known: bool, stop: &Cancel) -> (Metrics, Option<Facts>) {
    (Here.metrics(work, stop), (!is_known).then(|| Here.facts(stop)))
}

/// `None` where the worker was removed before it answered.
fn unless_removed<T>(noted: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match noted {
        Err(StoreError::NotFound { .. }) => Ok(None),
        noted => noted.map(Some),
    }
}

/// Keeps what was found out by trying, which no machine tells by itself.
fn note_facts(tx: &Tx<'_>, worker_id: i64, facts: &Facts) -> Result<(), StoreError> {
    let before = tx.worker(worker_id)?.capabilities;
    let (hardware, ffmpeg_version) = (before.hardware.clone(), before.ffmpeg_version.clone());
    let now = Capabilities { hardware, ffmpeg_version, ..capabilities(facts) };
    if now == before { Ok(()) } else { tx.worker_capabilities_put(worker_id, &now) }
}
