//! A disk that is not mounted is waited for: nothing that was made is thrown away, and nothing fails.

use std::fs;

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_engine::service::Live;
use mediaflow_store::{Attempt, AttemptState, LoggedEvent, TaskKind};

use super::house::{House, Running, SLOW, TINY};

fn encodes_of(running: &Running, job: i64) -> Vec<Attempt> {
    let attempts = running.service.store().read(|r| r.attempts_of_job(job)).unwrap();
    attempts.into_iter().filter(|attempt| attempt.kind == TaskKind::Encode).collect()
}

#[test]
fn an_encode_is_kept_while_its_folder_is_away_and_goes_on_when_it_is_back() {
    let Some(house) = House::with(&[("slow.mkv", SLOW)]) else { return };
    fs::create_dir(house.root().join("other")).unwrap();
    house.make("../other/tiny.mkv", TINY);
    let (running, _) = house.start_scanned();
    let other = running.service.library_add(&house.root().join("other"), None, "movie").unwrap().library.id;
    running.scan(other);
    running.service.setting_set("transcode.concurrent_jobs", &1.into()).unwrap();
    let job = running.queue(&["slow.mkv"])[0];
    running.wait_for_frames(job);
    let away = house.root().join("unmounted");
    fs::rename(house.library(), &away).unwrap();

    let reason = running.wait_until_it_waits(job);
    assert!(reason.contains("waits for its folder") && reason.contains("library does not exist"), "{reason}");
    let waiting = running.job(job);
    assert_eq!((waiting.status, waiting.reason.as_deref()), (JobStatus::Queued, Some(reason.as_str())));
    let kept = encodes_of(&running, job);
    assert_eq!(kept.iter().map(|attempt| attempt.state).collect::<Vec<_>>(), [AttemptState::Done]);
    assert!(kept[0].dir.join("output").is_file(), "what was encoded is kept");
    let tiny = running.queue(&["tiny.mkv"])[0];
    assert_eq!(running.wait_for_end(tiny).0, Ending::Replaced, "the only place is free for a job of another disk");

    // A restart changes nothing about it.
    running.stop();
    let running = house.start();
    assert_eq!(running.job(job).reason.as_deref(), Some(reason.as_str()));
    fs::rename(&away, house.library()).unwrap();
    let (ending, said) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{said}");
    assert_eq!(encodes_of(&running, job).len(), 1, "it was not encoded a second time");
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}

#[test]
fn a_job_whose_turn_comes_while_its_folder_is_away_waits_and_one_whose_file_is_gone_fails() {
    let Some(house) = House::with(&[("a.mkv", TINY), ("gone.mkv", TINY)]) else { return };
    let (running, _) = house.start_scanned();
    running.service.queue_pause().unwrap();
    let jobs = running.queue(&["a.mkv", "gone.mkv"]);
    let away = house.root().join("unmounted");
    fs::rename(house.library(), &away).unwrap();
    // What is left of a disk is its mount point.
    fs::create_dir(house.library()).unwrap();
    running.service.queue_resume().unwrap();
    for job in &jobs {
        let reason = running.wait_until_it_waits(*job);
        assert!(reason.contains("library is empty; is the disk mounted?"), "{reason}");
        assert_eq!(encodes_of(&running, *job), []);
    }

    fs::remove_file(away.join("gone.mkv")).unwrap();
    fs::remove_dir(house.library()).unwrap();
    fs::rename(&away, house.library()).unwrap();
    let (ending, reason) = running.wait_for_end(jobs[0]);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    let (ending, reason) = running.wait_for_end(jobs[1]);
    assert_eq!(ending, Ending::Failed, "{reason}");
    assert!(reason.contains("gone.mkv is gone"), "{reason}");
    running.stop();
}

#[test]
fn a_job_that_waits_for_its_folder_can_be_cancelled_and_leaves_nothing() {
    let Some(house) = House::with(&[("slow.mkv", SLOW)]) else { return };
    let (running, _) = house.start_scanned();
    let job = running.queue(&["slow.mkv"])[0];
    running.wait_for_status(job, JobStatus::Verifying);
    fs::rename(house.library(), house.root().join("unmounted")).unwrap();
    running.wait_until_it_waits(job);
    assert_eq!(running.service.jobs_clear(true).unwrap(), 1);
    running.heard.wait("the job to be cancelled", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::JobEnded { job_id, ending, .. }, .. }) => {
            (*job_id == job && *ending == Ending::Cancelled).then_some(())
        }
        _ => None,
    });
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
    running.stop();
}
