//! The queue under everything that may happen to it: the whole service with its store, dispatcher and rules, and a
//! stand-in for the line that succeeds, fails, hangs, panics or leaves its job in the middle. Meanwhile jobs and the queue
//! are paused, moved, cancelled, put off by the hours, and the service is restarted, all by the dice of a seed.
//!
//! `MEDIAFLOW_CRASH_SEED` gives the seed of a run that failed, `MEDIAFLOW_CRASH_RUNS` the number of jobs.

mod dice;
mod world;

use std::sync::Arc;
use std::time::Duration;

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_store::{JobList, JobOrder, JobPage};

use super::hand::Hand;
use super::{Runner, Stop, Watch};
use crate::service::Service;
use dice::Dice;
use world::{Fate, World};

/// Jobs of a run that nobody asked to be larger.
const JOBS: u64 = 250;
/// Jobs that run side by side while anything may happen.
const SLOTS: u64 = 6;

/// The line's stand-in, where a simulation runs in this process.
pub(super) fn stand_in(runner: &Runner, job: &mediaflow_store::Job, hand: &Hand, watch: &dyn Watch) -> Option<Stop> {
    World::current().map(|world| world.walk(runner, job, hand, watch))
}

fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn whatever_happens_every_job_ends_as_it_must_none_runs_twice_at_once_and_the_order_is_kept() {
    let seed = given("MEDIAFLOW_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    let jobs = given("MEDIAFLOW_CRASH_RUNS").unwrap_or(JOBS);
    println!("MEDIAFLOW_CRASH_SEED={seed} MEDIAFLOW_CRASH_RUNS={jobs}");
    let world = World::make(seed, jobs);
    let mut dice = Dice::new(seed);
    let mut service = world.start();
    while world.queued() < jobs {
        world.queue(20.min(jobs - world.queued()), &mut dice);
        for _ in 0..40 {
            happen(&world, &mut service, &mut dice);
        }
        check_order(&world, &service);
    }
    drain(&world, &service);
    assert!(service.stop_soft(Duration::from_secs(30)), "{:?}", service.tasks());
    world.check_ends();
}

/// Something that a user, the hours or a crash may do.
fn happen(world: &Arc<World>, service: &mut Service, dice: &mut Dice) {
    let some = |dice: &mut Dice| world.job(dice.below(world.queued()));
    // What cannot be done to a job as it stands is refused, which is as it should be.
    match dice.below(100) {
        0..10 => drop(service.job_move(some(dice), Some(some(dice)))),
        10..14 => drop(service.job_move(some(dice), None)),
        14..20 => drop(service.job_set_priority(some(dice), i64::try_from(dice.below(3)).unwrap())),
        20..32 => drop(service.job_pause(some(dice))),
        32..54 => world.resume(service, some(dice)),
        54..56 => world.cancel(service, some(dice)),
        56..60 => service.queue_pause().unwrap(),
        60..70 => service.queue_resume().unwrap(),
        70..76 => world.close(service, dice.below(2) == 0),
        76..86 => world.open(service),
        86..96 => world.advance(service, dice.below(20)),
        _ => *service = world.restart(service),
    }
    world.wait_a_little();
}

/// Lets a while of the queue go by in which nothing happens to it, and looks whether jobs are begun as they stand in it.
fn check_order(world: &Arc<World>, service: &Service) {
    const LOOKED_AT: usize = 8;
    service.queue_pause().unwrap();
    world.open(service);
    world.wait_until("nothing runs, and what is due only waits for its turn", || {
        let next_due = service.store().read(|r| r.next_due()).unwrap();
        active(service) == 0 && next_due.is_none_or(|at| at > world.now())
    });
    let list = JobList { statuses: &[JobStatus::Queued], order: JobOrder::Queue, limit: u32::MAX, offset: 0 };
    let views = service.store().read(|r| r.job_views(&list)).unwrap();
    let expected: Vec<i64> =
        views.iter().filter(|view| view.job.not_before_at.is_none()).map(|view| view.job.id).take(LOOKED_AT).collect();
    let mark = service.store().read(|r| r.last_event()).unwrap();
    service.queue_resume().unwrap();
    // In the order of their commits. One that is left in the middle begins again, perhaps before the next.
    let begun = || {
        let mut begun = Vec::new();
        for logged in service.store().read(|r| r.events_after(mark, u32::MAX)).unwrap() {
            if let Event::JobStatusChanged { job_id, status: JobStatus::Transcoding, .. } = logged.event
                && !begun.contains(&job_id)
            {
                begun.push(job_id);
            }
        }
        begun
    };
    world.wait_until("the first of the queue have begun", || begun().len() >= expected.len());
    assert_eq!(begun()[..expected.len()], expected, "the order of the queue");
}

fn active(service: &Service) -> usize {
    let active: Vec<JobStatus> = JobStatus::ALL.into_iter().filter(|status| status.is_active()).collect();
    let page = JobPage { statuses: &active, file_id: None, limit: u32::MAX, offset: 0 };
    service.store().read(|r| r.jobs(&page)).unwrap().len()
}

/// Lets everything go on until every job has ended.
fn drain(world: &Arc<World>, service: &Service) {
    world.open(service);
    service.queue_resume().unwrap();
    let paused = JobPage { statuses: &[JobStatus::Paused], file_id: None, limit: u32::MAX, offset: 0 };
    world.wait_until("every job has ended", || {
        for job in service.store().read(|r| r.jobs(&paused)).unwrap() {
            drop(service.job_resume(job.id));
        }
        world.advance(service, 20);
        let counts = service.store().read(|r| r.job_counts()).unwrap();
        counts.iter().all(|(status, _)| status.is_final())
    });
}

impl Fate {
    /// How a job of this fate ends when nobody cancels it.
    const fn ending(self) -> Ending {
        match self {
            Self::Works | Self::Panics | Self::IsLeft | Self::Hangs | Self::Killed(..=3) => Ending::Replaced,
            Self::NotWorthIt => Ending::NotWorthIt,
            Self::Refused => Ending::Refused,
            Self::Rejected | Self::Killed(_) => Ending::Failed,
        }
    }
}
