//! What is tried again, what has stood still for too long, and a queue in which nothing gets on.

use std::fs;

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, FailureCause, JobStatus};
use mediaflow_engine::service::Live;
use mediaflow_engine::settings;
use mediaflow_store::LoggedEvent;

use super::house::{House, Running, SLOW, TINY};
use super::processes::{below, encodes};

/// Three seconds, in the setting's unit.
const SHORTLY: f64 = 0.05;

/// Waits for the first event that `wanted` knows.
#[track_caller]
fn wait_for<T>(running: &Running, what: &str, wanted: impl Fn(&Event) -> Option<T>) -> T {
    running.heard.wait(what, |live| match live {
        Live::Recorded(LoggedEvent { event, .. }) => wanted(event),
        _ => None,
    })
}

#[track_caller]
fn wait_for_retry(running: &Running, job: i64) -> (u32, u32, u32) {
    wait_for(running, "a retry", |event| match event {
        Event::JobRetryScheduled { job_id, retry_count, max_retries, backoff_minutes, .. } => {
            (*job_id == job).then_some((*retry_count, *max_retries, *backoff_minutes))
        }
        _ => None,
    })
}

#[test]
fn a_killed_encode_is_tried_again_after_a_pause_that_a_restart_keeps() {
    let Some(house) = House::with(&[("slow.mkv", SLOW)]) else { return };
    let (running, _) = house.start_scanned();
    let job = running.queue(&["slow.mkv"])[0];
    running.wait_for_frames(job);
    encodes(house.root())[0].kill();
    assert_eq!(wait_for_retry(&running, job), (1, 3, 1));
    let waiting = running.job(job);
    assert_eq!((waiting.status, waiting.retries), (JobStatus::Queued, 1));
    let reason = waiting.reason.unwrap();
    assert!(reason.contains("killed by signal 9") && reason.contains("again after 1 minute"), "{reason}");
    assert!(house.scratch().is_empty(), "nothing of the try is kept: {:?}", house.scratch());
    running.stop();

    let running = house.start();
    let again = running.job(job);
    assert_eq!((again.status, again.not_before_at), (JobStatus::Queued, waiting.not_before_at));
    // Nobody has to sit the pause out.
    running.service.job_resume(job).unwrap();
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    running.stop();
}

#[test]
fn without_retries_a_killed_encode_has_failed_and_says_why() {
    let Some(house) = House::with(&[("slow.mkv", SLOW)]) else { return };
    let (running, _) = house.start_scanned();
    running.service.setting_set(settings::MAX_RETRIES, &0.into()).unwrap();
    let job = running.queue(&["slow.mkv"])[0];
    running.wait_for_frames(job);
    encodes(house.root())[0].kill();
    assert_eq!(running.wait_for_end(job).0, Ending::Failed);
    assert_eq!(running.job(job).failure_cause, Some(FailureCause::Killed));
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}

#[test]
fn an_encode_that_stands_still_is_stopped_and_tried_again() {
    let Some(house) = House::with(&[("slow.mkv", SLOW)]) else { return };
    let (running, _) = house.start_scanned();
    let job = running.queue(&["slow.mkv"])[0];
    running.wait_for_frames(job);
    encodes(house.root())[0].stop();
    running.service.setting_set(settings::STUCK_MINUTES, &SHORTLY.into()).unwrap();
    let (action, retry) = wait_for(&running, "the job to be stuck", |event| match event {
        Event::JobStuck { job_id, action, retry_count } if *job_id == job => Some((action.clone(), *retry_count)),
        _ => None,
    });
    assert_eq!((action.as_str(), retry), ("requeued", Some(1)));
    let waiting = running.job(job);
    assert_eq!((waiting.status, waiting.retries), (JobStatus::Queued, 1));
    assert!(waiting.reason.as_ref().unwrap().contains("did not get on for"), "{:?}", waiting.reason);
    assert!(below(house.root()).is_empty(), "what stood still is gone: {:?}", below(house.root()));

    // Its last try.
    running.service.setting_set(settings::MAX_RETRIES, &1.into()).unwrap();
    running.service.setting_set(settings::STUCK_MINUTES, &30.into()).unwrap();
    running.service.job_resume(job).unwrap();
    let encode = loop {
        match encodes(house.root()).pop() {
            Some(encode) => break encode,
            None => std::thread::yield_now(),
        }
    };
    encode.stop();
    running.service.setting_set(settings::STUCK_MINUTES, &SHORTLY.into()).unwrap();
    assert_eq!(running.wait_for_end(job).0, Ending::Failed);
    assert_eq!(running.job(job).failure_cause, Some(FailureCause::Stuck));
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}

#[test]
fn a_queue_in_which_nothing_gets_on_is_told_of_once_with_what_keeps_it() {
    let Some(house) = House::with(&[("a.mkv", TINY)]) else { return };
    let (running, _) = house.start_scanned();
    running.service.queue_pause().unwrap();
    let job = running.queue(&["a.mkv"])[0];
    running.service.setting_set(settings::STUCK_MINUTES, &SHORTLY.into()).unwrap();
    let away = house.root().join("unmounted");
    fs::rename(house.library(), &away).unwrap();
    running.service.queue_resume().unwrap();
    let (jobs, reason) = wait_for(&running, "the queue to stall", |event| match event {
        Event::QueueStalled { jobs, reason, .. } => Some((*jobs, reason.clone())),
        _ => None,
    });
    assert_eq!(jobs, 1);
    assert!(reason.contains("1 job waiting for a folder that is not there") && reason.contains("library"), "{reason}");
    fs::rename(&away, house.library()).unwrap();
    assert_eq!(running.wait_for_end(job).0, Ending::Replaced);
    let stalls = running.heard.events().into_iter().filter(|logged| matches!(logged.event, Event::QueueStalled { .. }));
    assert_eq!(stalls.count(), 1);
    running.stop();
}

#[test]
fn a_queue_without_ffmpeg_says_so() {
    let Some(house) = House::with(&[("a.mkv", TINY)]) else { return };
    let (running, _) = house.start_scanned();
    running.service.queue_pause().unwrap();
    running.queue(&["a.mkv"]);
    running.service.setting_set(settings::STUCK_MINUTES, &SHORTLY.into()).unwrap();
    running.stop();
    let running = house.start_without_tools();
    running.service.queue_resume().unwrap();
    let reason = wait_for(&running, "the queue to stall", |event| match event {
        Event::QueueStalled { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    assert!(reason.contains("ffmpeg is missing: no ffmpeg here"), "{reason}");
    running.stop();
}
