//! The order of waiting jobs, and what holding one changes.

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_store::{JobEnd, JobList, JobOrder, NewJob, Space, StoreError};

use crate::fixture::{Fixture, create_job, new_job};

/// Waiting jobs of these priorities, named by their letters.
fn waiting(fixture: &Fixture, jobs: &[(&str, i64)]) -> Vec<i64> {
    let create = |(name, priority): &(&str, i64)| {
        let file = fixture.file(&format!("{name}.mkv"));
        fixture.store.write(|tx| create_job(tx, &file, name, *priority)).unwrap()
    };
    jobs.iter().map(create).collect()
}

/// The jobs as they get their turn, by the letters of their files.
fn order(fixture: &Fixture) -> String {
    let statuses = &[JobStatus::Queued, JobStatus::Paused];
    let list = JobList { statuses, order: JobOrder::Queue, limit: 100, offset: 0 };
    let views = fixture.store.read(|r| r.job_views(&list)).unwrap();
    views.iter().map(|view| view.job.path.to_string().chars().next().unwrap()).collect()
}

#[test]
fn a_job_is_moved_before_another_and_takes_its_priority() {
    let fixture = Fixture::new();
    let jobs = waiting(&fixture, &[("a", 0), ("b", 0), ("c", 0), ("u", 5)]);
    assert_eq!(order(&fixture), "uabc");
    let [a, b, c, u] = jobs[..] else { panic!("four jobs") };
    for (job, before, expected) in [
        (c, Some(a), "ucab"),
        (c, Some(b), "uacb"),
        (a, Some(u), "aucb"),
        (u, None, "acbu"),
        (a, Some(b), "cabu"),
        (c, Some(c), "cabu"),
        (a, None, "cbua"),
    ] {
        fixture.store.write(|tx| tx.job_move(job, before)).unwrap();
        assert_eq!(order(&fixture), expected, "job {job} before {before:?}");
    }
    assert!(matches!(fixture.events().last(), Some(Event::JobMoved { job_id }) if *job_id == a));
    waiting(&fixture, &[("n", 0)]);
    assert_eq!(order(&fixture), "cbuan", "a new one comes after those that were moved");
    fixture.store.write(|tx| tx.job_set_priority(b, 9)).unwrap();
    assert_eq!(order(&fixture), "bcuan");
}

#[test]
fn what_does_not_wait_has_no_place_in_the_order() {
    let fixture = Fixture::new();
    let jobs = waiting(&fixture, &[("a", 0), ("b", 0)]);
    fixture.step(jobs[0], JobStatus::Transcoding).unwrap();
    for (job, before) in [(jobs[0], None), (jobs[1], Some(jobs[0]))] {
        let moved = fixture.store.write(|tx| tx.job_move(job, before));
        assert!(matches!(moved, Err(StoreError::Step { .. })), "{moved:?}");
    }
    fixture.end(jobs[0], Ending::Failed).unwrap();
    assert!(fixture.store.write(|tx| tx.job_set_priority(jobs[0], 1)).is_err());
    assert!(matches!(
        fixture.store.write(|tx| tx.job_move(jobs[1], Some(99))),
        Err(StoreError::NotFound { what: "job", id: 99 })
    ));
    fixture.step(jobs[0], JobStatus::Queued).unwrap();
    assert_eq!(order(&fixture), "ba", "one that is tried anew comes last");
}

#[test]
fn a_held_job_keeps_its_space_and_what_it_began_and_is_not_begun() {
    let fixture = Fixture::new();
    let job = waiting(&fixture, &[("a", 0)])[0];
    fixture.step(job, JobStatus::Transcoding).unwrap();
    let reserve = |tx: &mediaflow_store::Tx<'_>| tx.space_reserve(job, "disk", 10, 100);
    assert_eq!(fixture.store.write(reserve).unwrap(), Space::Reserved);
    assert!(!fixture.store.write(|tx| tx.job_pause(job)).unwrap(), "it runs: it is only asked");
    assert!(fixture.store.read(|r| r.job_wishes(job)).unwrap().pause);
    fixture.step(job, JobStatus::Paused).unwrap();
    assert!(!fixture.store.read(|r| r.job_wishes(job)).unwrap().pause, "the wish is fulfilled");
    assert!(fixture.store.write(|tx| tx.job_pause(job)).unwrap(), "asking again changes nothing");
    assert_eq!(fixture.store.write(|tx| tx.job_claim(JobStatus::Transcoding)).unwrap(), None);

    fixture.store.write(|tx| tx.job_resume(job)).unwrap();
    assert_eq!(fixture.store.read(|r| r.space_reserved("disk", -1)).unwrap(), 10);
    let claimed = fixture.store.write(|tx| tx.job_claim(JobStatus::Transcoding)).unwrap().unwrap();
    assert_eq!((claimed.id, claimed.started_at.is_some()), (job, true));
    fixture.step(job, JobStatus::Verifying).unwrap();
    fixture.step(job, JobStatus::Replacing).unwrap();
    assert!(matches!(fixture.store.write(|tx| tx.job_pause(job)), Err(StoreError::Step { .. })));
}

#[test]
fn a_dry_run_holds_no_file_and_can_never_be_begun() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    let real = fixture.queue(&file, "real").unwrap();
    let new = NewJob { intent: None, priority: 99, estimated_bytes: Some(300), ..new_job(&file, "dry") };
    let end = JobEnd { ending: Ending::Refused, reason: "no video", cause: None, output_bytes: None };
    let dry = fixture.store.write(|tx| tx.job_plan(&new, &end)).unwrap();
    let claimed = fixture.store.write(|tx| tx.job_claim(JobStatus::Transcoding)).unwrap().unwrap();
    assert_eq!(claimed.id, real);
    assert_eq!(fixture.store.write(|tx| tx.job_claim(JobStatus::Transcoding)).unwrap(), None);
    fixture.end(real, Ending::Failed).unwrap();
    let retried = fixture.step(dry, JobStatus::Queued);
    assert!(matches!(retried, Err(StoreError::DryRun { job_id }) if job_id == dry), "{retried:?}");
    assert_eq!(fixture.store.read(|r| r.job_latest_of_file(file.id)).unwrap().unwrap().id, real);
}
