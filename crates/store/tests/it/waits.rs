//! Jobs that wait for an instant or a folder, and jobs that are tried again.

use std::path::Path;

use mediaflow_core::event::Event;
use mediaflow_core::job::JobStatus;
use mediaflow_core::time::Timestamp;
use mediaflow_store::{AwayFolder, JobRetry, NewJob, QueueWaits, StoreError};

use crate::fixture::{Fixture, new_job, path};

const MINUTE_US: i64 = 60_000_000;

/// The jobs that can be begun now, in their order, by the names of their files.
fn ready(fixture: &Fixture) -> Vec<String> {
    let claim = || fixture.store.write(|tx| tx.job_claim(JobStatus::Transcoding)).unwrap();
    let mut names = Vec::new();
    let mut claimed = Vec::new();
    while let Some(job) = claim() {
        names.push(job.path.to_string());
        claimed.push(job.id);
    }
    for id in claimed {
        fixture.step(id, JobStatus::Queued).unwrap();
    }
    names
}

fn schedule(fixture: &Fixture, name: &str, at: i64) -> i64 {
    let file = fixture.file(name);
    let scheduled_after_at = Some(Timestamp(at));
    fixture.store.write(|tx| tx.job_create(&NewJob { scheduled_after_at, ..new_job(&file, name) })).unwrap()
}

#[test]
fn a_scheduled_job_has_its_turn_at_its_instant_and_one_of_the_past_at_once() {
    let fixture = Fixture::new();
    fixture.clock.set(10 * MINUTE_US);
    let later = schedule(&fixture, "later.mkv", 20 * MINUTE_US);
    schedule(&fixture, "past.mkv", MINUTE_US);
    fixture.queue(&fixture.file("now.mkv"), "now").unwrap();
    assert_eq!(ready(&fixture), ["past.mkv", "now.mkv"]);
    assert_eq!(fixture.store.read(|r| r.next_due()).unwrap(), Some(Timestamp(20 * MINUTE_US)));
    assert_eq!(fixture.store.read(|r| r.queue_waits()).unwrap(), QueueWaits { timed: 1, away: 0 });

    fixture.clock.set(20 * MINUTE_US);
    assert!(fixture.store.write(|tx| tx.jobs_due()).unwrap(), "that were all");
    assert_eq!(ready(&fixture), ["later.mkv", "past.mkv", "now.mkv"], "with the place that it was queued at");
    let job = fixture.store.read(|r| r.job(later)).unwrap();
    assert_eq!((job.scheduled_after_at, job.not_before_at), (Some(Timestamp(20 * MINUTE_US)), None));
}

#[test]
fn a_scheduled_job_keeps_its_instant_while_it_is_held_and_loses_it_when_the_user_wants_it_now() {
    let fixture = Fixture::new();
    let job = schedule(&fixture, "later.mkv", 20 * MINUTE_US);
    fixture.store.write(|tx| tx.job_pause(job)).unwrap();
    assert_eq!(fixture.store.read(|r| r.next_due()).unwrap(), None, "what is held is not waited for");
    fixture.store.write(|tx| tx.job_resume(job)).unwrap();
    assert_eq!(ready(&fixture), [] as [&str; 0], "letting it go on does not begin it early");
    fixture.store.write(|tx| tx.job_resume(job)).unwrap();
    assert_eq!(ready(&fixture), ["later.mkv"]);
}

#[test]
fn a_retry_waits_for_its_pause_keeps_its_place_and_is_counted() {
    let fixture = Fixture::new();
    let jobs = ["a.mkv", "b.mkv"].map(|name| fixture.queue(&fixture.file(name), name).unwrap());
    fixture.clock.set(10 * MINUTE_US);
    fixture.step(jobs[0], JobStatus::Transcoding).unwrap();
    fixture.store.write(|tx| tx.space_reserve(jobs[0], "disk", 10, 100)).unwrap();
    let retry = JobRetry { reason: "killed", backoff_minutes: 5, max_retries: 3 };
    assert_eq!(fixture.store.write(|tx| tx.job_retry(jobs[0], &retry)).unwrap(), 1);
    let job = fixture.store.read(|r| r.job(jobs[0])).unwrap();
    assert_eq!((job.status, job.retries, job.reason.as_deref()), (JobStatus::Queued, 1, Some("killed")));
    assert_eq!(job.not_before_at, Some(Timestamp(15 * MINUTE_US)));
    assert_eq!(fixture.store.read(|r| r.space_reserved("disk", -1)).unwrap(), 0);
    assert!(matches!(
        fixture.events().last(),
        Some(Event::JobRetryScheduled { retry_count: 1, max_retries: 3, backoff_minutes: 5, .. })
    ));
    assert_eq!(ready(&fixture), ["b.mkv"]);
    fixture.clock.set(15 * MINUTE_US);
    fixture.store.write(|tx| tx.jobs_due()).unwrap();
    assert_eq!(ready(&fixture), ["a.mkv", "b.mkv"]);

    // A user who wants it anew gives it all its tries again.
    fixture.step(jobs[0], JobStatus::Transcoding).unwrap();
    fixture.end(jobs[0], mediaflow_core::job::Ending::Failed).unwrap();
    fixture.store.write(|tx| tx.job_resume(jobs[0])).unwrap();
    assert_eq!(fixture.store.read(|r| r.job(jobs[0])).unwrap().retries, 0);
}

#[test]
fn all_jobs_of_a_folder_wait_for_it_together_and_no_others() {
    let fixture = Fixture::new();
    for name in ["films/a.mkv", "films/b.mkv", "films/4k/c.mkv", "films2/d.mkv", "e.mkv"] {
        fixture.queue(&fixture.file(name), name).unwrap();
    }
    // A library further down is a folder of its own.
    fixture.store.write(|tx| tx.folder_put(&fixture.storage, Some(&path("films")), "Films", "movie")).unwrap();
    fixture.store.write(|tx| tx.folder_put(&fixture.storage, Some(&path("films/4k")), "4K", "movie")).unwrap();
    let (folder, below) = (Path::new("/films/films"), path("films"));
    let away =
        AwayFolder { folder, storage_id: fixture.storage.id, below: Some(&below), reason: "the disk is not mounted" };
    let events = fixture.events().len();
    assert_eq!(fixture.store.write(|tx| tx.jobs_wait_for(&away)).unwrap(), 2);
    assert_eq!(fixture.store.write(|tx| tx.jobs_wait_for(&away)).unwrap(), 0, "they are known to");
    assert_eq!(ready(&fixture), ["films/4k/c.mkv", "films2/d.mkv", "e.mkv"]);
    let folders = fixture.store.read(|r| r.folders_away()).unwrap();
    assert_eq!(folders.len(), 1);
    assert_eq!((folders[0].storage_id, &*folders[0].folder), (fixture.storage.id, folder));
    let job = fixture.store.read(|r| r.job(folders[0].job_id)).unwrap();
    assert_eq!(job.reason.as_deref(), Some("the disk is not mounted"));

    let other_storage = fixture.storage.id + 1;
    assert_eq!(fixture.store.write(|tx| tx.folder_is_back(other_storage, folder)).unwrap(), 0, "another machine's");
    assert_eq!(fixture.store.write(|tx| tx.folder_is_back(fixture.storage.id, folder)).unwrap(), 2);
    assert_eq!(fixture.store.read(|r| r.folders_away()).unwrap(), []);
    let told: Vec<Event> =
        fixture.events().split_off(events).into_iter().filter(|e| matches!(e, Event::QueueFolderAway { .. })).collect();
    let event = |reason: Option<&str>| Event::QueueFolderAway {
        folder: "/films/films".to_owned(),
        jobs: 2,
        reason: reason.map(str::to_owned),
    };
    assert_eq!(told, [event(Some("the disk is not mounted")), event(None)], "once for all of them");
    let job = fixture.store.read(|r| r.job(job.id)).unwrap();
    assert_eq!(job.reason, None);
}

#[test]
fn the_root_of_a_storage_stands_for_what_no_library_has() {
    let fixture = Fixture::new();
    for name in ["films/a.mkv", "e.mkv"] {
        fixture.queue(&fixture.file(name), name).unwrap();
    }
    fixture.store.write(|tx| tx.folder_put(&fixture.storage, Some(&path("films")), "Films", "movie")).unwrap();
    let away = AwayFolder { folder: Path::new("/films"), storage_id: fixture.storage.id, below: None, reason: "gone" };
    assert_eq!(fixture.store.write(|tx| tx.jobs_wait_for(&away)).unwrap(), 1);
    assert_eq!(ready(&fixture), ["films/a.mkv"]);
    let unknown = fixture.store.write(|tx| tx.job_wait(99, Path::new("/films"), "gone"));
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })), "{unknown:?}");
}
