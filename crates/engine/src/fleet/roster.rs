//! The workers of one look at the queue, and what each of them has to do.

use std::collections::BTreeMap;
use std::sync::Arc;

use mediaflow_core::time::Timestamp;
use mediaflow_core::worker::PathMapping;
use mediaflow_store::{Reader, RosterEntry, StoreError};

use super::worker::{Worker, Workers};
use crate::settings;

/// What every worker has to do now, by their ids.
#[derive(Debug, Clone, Default)]
pub struct Busy {
    /// Jobs that it runs.
    pub running: BTreeMap<i64, u32>,
    /// Jobs whose source is sent ahead to it.
    pub ahead: BTreeMap<i64, u32>,
}

impl Busy {
    /// Whether a worker takes one more.
    #[must_use]
    pub fn has_room(&self, worker_id: i64, slots: u32) -> bool {
        self.running.get(&worker_id).copied().unwrap_or(0) < slots
    }
}

/// The workers as they stand at one look at the queue.
pub struct Roster {
    here: Arc<Worker>,
    pub(super) members: Vec<Member>,
    /// Mappings that hold for all of them.
    pub(super) mappings: Vec<PathMapping>,
    /// Whether other machines may fetch from each other.
    pub(super) may_pull: bool,
    pub(super) now: Timestamp,
}

/// A worker, and how many jobs it takes at a time.
pub(super) struct Member {
    pub entry: RosterEntry,
    pub slots: u32,
}

impl Roster {
    /// All workers as they stand.
    pub fn new(reader: &Reader<'_>, here: Arc<Worker>, now: Timestamp) -> Result<Self, StoreError> {
        let slots_here = u32::try_from(settings::concurrent_jobs(reader)?).unwrap_or(u32::MAX);
        let member = |entry: RosterEntry| {
            let slots = entry.slots.filter(|_| !entry.is_local).unwrap_or(slots_here);
            Member { entry, slots }
        };
        let members = reader.roster()?.into_iter().map(member).collect();
        let (mappings, may_pull) = (settings::path_mappings(reader)?, settings::direct_transfers(reader)?);
        Ok(Self { here, members, mappings, may_pull, now })
    }

    /// Those that may be given jobs.
    fn working(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.entry.availability.may_work(self.now))
    }

    /// Whether anybody could begin a job, or go on with one: what a worker has in hand that was switched off comes to its end
    /// there.
    pub fn has_room(&self, workers: &dyn Workers, busy: &Busy) -> bool {
        let switched_off = self.members.iter().filter(|member| !member.entry.availability.is_enabled);
        self.working()
            .chain(switched_off)
            .any(|Member { entry, slots }| busy.has_room(entry.id, *slots) && self.worker(workers, entry.id).is_some())
    }

    /// How many jobs all of them take at a time.
    #[must_use]
    pub fn slots(&self) -> u32 {
        self.working().map(|member| member.slots).sum()
    }

    /// Whether a job may wait for a worker: it may be given jobs, and works or is being made ready.
    pub fn is_worth_waiting_for(&self, workers: &dyn Workers, worker_id: i64) -> bool {
        self.working().find(|member| member.entry.id == worker_id).is_some_and(|member| {
            // What could not be made ready says why.
            self.worker(workers, worker_id).is_some() || member.entry.status_reason.is_none()
        })
    }

    /// Whether a worker takes one more job that is bound to it, also when it was switched off meanwhile.
    #[must_use]
    pub fn takes(&self, worker_id: i64, busy: &Busy) -> bool {
        let member = self.members.iter().find(|member| member.entry.id == worker_id);
        member.is_some_and(|member| busy.has_room(worker_id, member.slots))
    }

    /// A worker that can be worked with.
    pub fn worker(&self, workers: &dyn Workers, id: i64) -> Option<Arc<Worker>> {
        if id == self.here.id { Some(Arc::clone(&self.here)) } else { workers.worker(id) }
    }

    /// Other machines that may be given jobs, with how many each takes.
    pub fn others(&self) -> impl Iterator<Item = (&RosterEntry, u32)> {
        self.working().filter(|member| !member.entry.is_local).map(|member| (&member.entry, member.slots))
    }
}
