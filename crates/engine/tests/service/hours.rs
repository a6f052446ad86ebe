//! Jobs that are not begun before their time, and the hours in which jobs are begun at all.

use std::time::{SystemTime, UNIX_EPOCH};

use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_core::time::Timestamp;
use mediaflow_engine::service::QueueWish;
use mediaflow_engine::settings;
use mediaflow_store::TaskKind;

use super::house::{House, Running, SLOW, TINY, balanced};
use super::processes::encodes;

fn now() -> Timestamp {
    Timestamp(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap())
}

/// Lets the active hours be over, or not yet begun: they are those of another day of the week, in any zone.
fn close(running: &Running, running_jobs: &str) {
    let days_since = now().0 / 86_400_000_000;
    // 1 January 1970 was a Thursday, 3 where Monday is 0.
    let in_three_days = (days_since + 3 + 3) % 7;
    for (key, value) in [
        (settings::ACTIVE_DAYS, in_three_days.to_string()),
        (settings::ACTIVE_FROM, "00:00".to_owned()),
        (settings::ACTIVE_UNTIL, "00:00".to_owned()),
        (settings::AT_THEIR_END, running_jobs.to_owned()),
        (settings::ACTIVE_HOURS, "true".to_owned()),
    ] {
        running.service.setting_set(key, &value.into()).unwrap();
    }
}

fn open(running: &Running) {
    running.service.setting_set(settings::ACTIVE_HOURS, &false.into()).unwrap();
}

/// Waits until the queue's task says something.
fn wait_until_shown(running: &Running, wanted: &str) {
    loop {
        let tasks = running.service.tasks();
        let queue = tasks.iter().find(|task| task.name == "queue").unwrap();
        if queue.detail.as_deref().is_some_and(|detail| detail.contains(wanted)) {
            return;
        }
        std::thread::yield_now();
    }
}

fn encodes_of(running: &Running, job: i64) -> usize {
    let attempts = running.service.store().read(|r| r.attempts_of_job(job)).unwrap();
    attempts.iter().filter(|attempt| attempt.kind == TaskKind::Encode).count()
}

#[test]
fn a_scheduled_job_is_begun_at_its_instant_and_lets_others_go_before_it() {
    let Some(house) = House::with(&[("later.mkv", TINY), ("now.mkv", TINY)]) else { return };
    let (running, _) = house.start_scanned();
    running.service.queue_pause().unwrap();
    let at = now().plus_seconds(4);
    let wish = QueueWish {
        part_ids: &[running.part("later.mkv")],
        preset: &balanced(),
        priority: 5,
        is_dry_run: false,
        is_forced: false,
        scheduled_after_at: Some(at),
        preferred_worker_id: None,
    };
    let later = running.service.queue_items(&wish).unwrap().created[0];
    let other = running.queue(&["now.mkv"])[0];
    running.service.queue_resume().unwrap();
    assert_eq!(running.wait_for_end(other).0, Ending::Replaced);
    let (ending, reason) = running.wait_for_end(later);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    let started_at = running.job(later).started_at.unwrap();
    assert!(started_at >= at, "begun at {started_at:?}, asked for {at:?}");
    running.stop();
}

#[test]
fn outside_of_the_active_hours_nothing_is_begun_and_what_runs_is_finished() {
    let Some(house) = House::with(&[("slow.mkv", SLOW), ("next.mkv", TINY)]) else { return };
    let (running, _) = house.start_scanned();
    running.service.setting_set("transcode.concurrent_jobs", &1.into()).unwrap();
    let jobs = running.queue(&["slow.mkv", "next.mkv"]);
    running.wait_for_frames(jobs[0]);
    close(&running, settings::FINISH);
    let (ending, reason) = running.wait_for_end(jobs[0]);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    wait_until_shown(&running, "outside of the active hours; 1 waiting");
    let stats = running.service.queue_stats().unwrap();
    assert!(!stats.gate.is_open() && stats.gate.changes_at().is_some_and(|at| at > now()), "{:?}", stats.gate);
    assert_eq!(running.job(jobs[1]).status, JobStatus::Queued);
    open(&running);
    assert_eq!(running.wait_for_end(jobs[1]).0, Ending::Replaced);
    running.stop();
}

#[test]
fn an_encode_is_held_at_the_end_of_the_hours_and_goes_on_by_itself_also_after_a_restart() {
    let Some(house) = House::with(&[("slow.mkv", SLOW)]) else { return };
    let (running, _) = house.start_scanned();
    let job = running.queue(&["slow.mkv"])[0];
    running.wait_for_frames(job);
    close(&running, settings::PAUSE);
    running.wait_for_status(job, JobStatus::Queued);
    let held = encodes(house.root());
    assert_eq!(held.len(), 1, "the encode is kept: {held:?}");
    held[0].wait_until_held();
    running.stop();

    let running = house.start();
    wait_until_shown(&running, "outside of the active hours; 1 waiting");
    assert!(encodes(house.root())[0].is_held());
    open(&running);
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    assert_eq!(encodes_of(&running, job), 1, "the same encode went on");
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}
