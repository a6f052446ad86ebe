//! The queue as a look for a job goes through it that somebody can begin.
//!
//! What keeps a worker from one job mostly keeps it from thousands: they ask for the same server, or were queued with the same
//! settings. So the queue is gone through in its order, but by lanes of jobs that are alike, and a lane that leads to
//! nothing is left: however many jobs wait for one server, those behind them are found.

use std::cmp::Reverse;
use std::collections::VecDeque;

use mediaflow_store::{Job, JobsAlike, Reader, Store, StoreError};

/// So many jobs of a lane are looked at; what keeps a worker from that many is their settings.
pub(crate) const MOST_OF_A_LANE: u32 = 1000;

/// The jobs whose turn it may be, in their order.
pub(crate) struct Turns {
    lanes: Vec<Lane>,
    most_of_a_lane: u32,
}

/// Jobs that are alike.
struct Lane {
    kind: JobsAlike,
    /// Read, and not looked at.
    next: VecDeque<Job>,
    /// How many were read.
    read: u32,
    is_over: bool,
}

impl Turns {
    /// All of them, at most so many of each lane.
    pub fn all(store: &Store, most_of_a_lane: u32) -> Result<Self, StoreError> {
        store.read(|r| Self::of(r, most_of_a_lane, |_| true))
    }

    /// Those that ask for one of certain workers, or for none.
    pub fn of(
        reader: &Reader<'_>,
        most_of_a_lane: u32,
        is_wanted: impl Fn(Option<i64>) -> bool,
    ) -> Result<Self, StoreError> {
        let mut kinds = reader.jobs_alike()?;
        kinds.retain(|kind| is_wanted(kind.preferred_worker_id));
        let lane = |kind| Lane { kind, next: VecDeque::new(), read: 0, is_over: false };
        Ok(Self { lanes: kinds.into_iter().map(lane).collect(), most_of_a_lane })
    }

    /// The next one.
    pub fn next(&mut self, reader: &Reader<'_>) -> Result<Option<Job>, StoreError> {
        for lane in &mut self.lanes {
            lane.fill(reader, self.most_of_a_lane)?;
        }
        let in_order = |lane: &&mut Lane| lane.next.front().map(|job| (Reverse(job.priority), job.rank, job.id));
        let first = self.lanes.iter_mut().filter(|lane| !lane.next.is_empty()).min_by_key(in_order);
        Ok(first.and_then(|lane| lane.next.pop_front()))
    }

    /// Leaves out all jobs that ask for this worker.
    pub fn leave_out(&mut self, preferred_worker_id: Option<i64>) {
        self.lanes.retain(|lane| lane.kind.preferred_worker_id != preferred_worker_id);
    }
}

impl Lane {
    /// Reads on where all was looked at that was read: twice as much each time, since mostly the first one is taken.
    fn fill(&mut self, reader: &Reader<'_>, most: u32) -> Result<(), StoreError> {
        if self.is_over || !self.next.is_empty() {
            return Ok(());
        }
        let wanted = self.read.max(1).min(most - self.read);
        self.next = reader.jobs_of_kind(self.kind, wanted, self.read)?.into();
        let found = u32::try_from(self.next.len()).unwrap_or(u32::MAX);
        self.read = self.read.saturating_add(found);
        self.is_over = found < wanted || self.read >= most;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use mediaflow_core::media::preset::find_builtin;
    use mediaflow_core::replace::Epoch;
    use mediaflow_store::{ManyJobs, WorkerForm};
    use mediaflow_testkit::catalog::{Calendar, generate};

    use super::*;

    /// Jobs of a lane that are looked at here: the product's number would take long to queue.
    const MOST: u32 = 50;
    /// More than are looked at of one lane.
    const MANY: usize = MOST as usize + 1;

    /// A queue of so many jobs of one preset, and one of another at its end.
    fn queue(dir: &Path) -> (Store, Vec<i64>) {
        let calendar = Arc::new(Calendar::default());
        let store = Store::open(&dir.join("library.db"), calendar.clone()).unwrap();
        generate(&store, &calendar, MANY as u64 * 2, 1, |_| {}).unwrap();
        let mut parts = Vec::new();
        let visit = |media: mediaflow_store::MediaFile| {
            parts.extend(media.item.map(|item| item.part_id));
            std::ops::ControlFlow::Continue(())
        };
        store.read(|r| r.media_files(None, visit)).unwrap();
        let mut jobs = Vec::new();
        for (part_ids, preset) in [(&parts[..MANY], "Balanced"), (&parts[MANY..=MANY], "Storage Saver")] {
            let many = ManyJobs {
                part_ids,
                epoch: Epoch(7),
                preset: &find_builtin(preset).unwrap(),
                insisted: false,
                priority: 0,
                scheduled_after_at: None,
            };
            jobs.extend(store.write(|tx| tx.jobs_create(&many, |_| true)).unwrap().created);
        }
        assert_eq!(jobs.len(), MANY + 1);
        (store, jobs)
    }

    #[test]
    fn however_many_jobs_wait_for_one_server_those_behind_them_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let (store, jobs) = queue(dir.path());
        let form = WorkerForm { name: "attic".to_owned(), ..WorkerForm::default() };
        let attic = store.write(|tx| tx.worker_create(&form)).unwrap();
        let last = *jobs.last().unwrap();
        // What nobody asked for is anybody's: the last one, and one in the middle.
        let asked: Vec<i64> = jobs.iter().copied().filter(|id| *id != jobs[20] && *id != last).collect();
        store.write(|tx| tx.jobs_prefer(&asked, attic)).unwrap();
        let mut turns = Turns::all(&store, MOST).unwrap();
        let mut next = || store.read(|r| turns.next(r)).unwrap().map(|job| job.id);
        let in_order: Vec<i64> = std::iter::from_fn(&mut next).take(30).collect();
        assert_eq!(in_order, jobs[..30], "the lanes are gone through as one queue");
        let mut turns = Turns::all(&store, MOST).unwrap();
        assert_eq!(store.read(|r| turns.next(r)).unwrap().unwrap().id, jobs[0]);
        turns.leave_out(Some(attic));
        let mut next = || store.read(|r| turns.next(r)).unwrap().map(|job| job.id);
        assert_eq!([next(), next(), next()], [Some(jobs[20]), Some(last), None]);
        let own = store.read(|r| Turns::of(r, MOST, |preferred| preferred == Some(attic))).unwrap();
        assert_eq!(own.lanes.len(), 1, "what is sent ahead to a server is looked for among its own");
    }

    #[test]
    fn many_jobs_that_nobody_can_do_do_not_hide_one_of_other_settings() {
        let dir = tempfile::tempdir().unwrap();
        let (store, jobs) = queue(dir.path());
        let mut turns = Turns::all(&store, MOST).unwrap();
        let looked_at: Vec<i64> =
            std::iter::from_fn(|| store.read(|r| turns.next(r)).unwrap()).map(|job| job.id).collect();
        assert_eq!(looked_at.len(), MANY, "the most of the first kind, and the other one");
        assert_eq!(looked_at.last(), jobs.last());
    }
}
