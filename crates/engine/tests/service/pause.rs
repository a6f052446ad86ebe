//! Holding one job: it really stops, gives its place to others, and goes on where it was.

use std::fs;

use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_engine::service::CommandError;
use mediaflow_store::TaskKind;

use super::house::{House, SLOW, TINY};
use super::processes::{below, encodes};

#[test]
fn a_held_encode_stands_still_others_run_and_it_goes_on_where_it_was() {
    let Some(house) = House::with(&[("slow.mkv", SLOW), ("tiny.mkv", TINY)]) else { return };
    let (running, _) = house.start_scanned();
    running.service.setting_set("transcode.concurrent_jobs", &1.into()).unwrap();
    let slow = running.queue(&["slow.mkv"])[0];
    running.wait_for_frames(slow);
    running.service.job_pause(slow).unwrap();
    running.wait_for_status(slow, JobStatus::Paused);
    let held = encodes(house.root());
    assert_eq!(held.len(), 1, "the encode is there: {held:?}");
    held[0].wait_until_held();
    let reached = running.service.progress(&running.job(slow)).expect("it is known how far it came");
    assert!(reached.share > 0.0 && reached.share < 1.0 && reached.fps.is_none(), "{reached:?}");

    let tiny = running.queue(&["tiny.mkv"])[0];
    assert_eq!(running.wait_for_end(tiny).0, Ending::Replaced, "the only place is free for another job");
    assert_eq!(running.job(slow).status, JobStatus::Paused);

    // A restart changes nothing about it.
    running.stop();
    assert!(encodes(house.root())[0].is_held(), "it stands still without the service too");
    let running = house.start();
    assert_eq!(running.service.job_resume(slow).unwrap(), JobStatus::Queued);
    let (ending, reason) = running.wait_for_end(slow);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    let attempts = running.service.store().read(|r| r.attempts_of_job(slow)).unwrap();
    let encodes: Vec<_> = attempts.iter().filter(|attempt| attempt.kind == TaskKind::Encode).collect();
    assert_eq!(encodes.len(), 1, "the same attempt went on: {attempts:?}");
    assert!(encodes[0].paused_us > 0, "what it stood still does not count as work");
    running.stop();
}

#[test]
fn cancelling_a_held_job_leaves_nothing_behind() {
    let Some(house) = House::with(&[("slow.mkv", SLOW)]) else { return };
    let before = fs::read(house.film("slow.mkv")).unwrap();
    let (running, _) = house.start_scanned();
    let job = running.queue(&["slow.mkv"])[0];
    running.wait_for_frames(job);
    running.service.job_pause(job).unwrap();
    running.wait_for_status(job, JobStatus::Paused);
    assert_eq!(running.service.job_cancel(job).unwrap(), JobStatus::Cancelled);
    assert!(below(house.root()).is_empty(), "{:?}", below(house.root()));
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
    assert!(fs::read(house.film("slow.mkv")).unwrap() == before, "the film is as it was");
    assert!(matches!(running.service.job_pause(job), Err(CommandError::WrongState(_))));
    running.stop();
}

#[test]
fn cancelling_a_running_job_leaves_nothing_behind() {
    let Some(house) = House::with(&[("slow.mkv", SLOW)]) else { return };
    let (running, _) = house.start_scanned();
    let job = running.queue(&["slow.mkv"])[0];
    running.wait_for_frames(job);
    running.service.job_cancel(job).unwrap();
    assert_eq!(running.wait_for_end(job).0, Ending::Cancelled);
    running.stop();
    assert!(below(house.root()).is_empty(), "{:?}", below(house.root()));
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}

#[test]
fn an_output_that_was_made_is_kept_while_its_proof_is_held() {
    let Some(house) = House::with(&[("slow.mkv", SLOW)]) else { return };
    let (running, _) = house.start_scanned();
    let job = running.queue(&["slow.mkv"])[0];
    running.wait_for_status(job, JobStatus::Verifying);
    running.service.job_pause(job).unwrap();
    running.wait_for_status(job, JobStatus::Paused);
    assert_eq!(house.scratch().len(), 1, "the encode's folder, and nothing of the proof: {:?}", house.scratch());
    assert!(below(house.root()).is_empty(), "nothing measures any more");
    running.service.cache_clear().unwrap();
    running.service.job_resume(job).unwrap();
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    let attempts = running.service.store().read(|r| r.attempts_of_job(job)).unwrap();
    assert_eq!(attempts.iter().filter(|attempt| attempt.kind == TaskKind::Encode).count(), 1);
    running.stop();
}
