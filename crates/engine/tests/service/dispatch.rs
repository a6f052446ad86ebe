//! Jobs are begun in their order, survive a stop and a start, and everything is told in order.

use std::fs;

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_engine::service::{Live, TaskStatus};
use mediaflow_store::{LoggedEvent, TaskKind};

use super::house::{House, SLOW, TINY};
use super::processes::{below, encodes};

#[test]
fn queued_jobs_run_in_their_order_and_everything_is_told_once_in_order() {
    let Some(house) = House::with(&[("a.mkv", TINY), ("b.mkv", TINY), ("c.mkv", TINY)]) else { return };
    let (running, _) = house.start_scanned();
    running.service.setting_set("transcode.concurrent_jobs", &1.into()).unwrap();
    running.service.queue_pause().unwrap();
    let jobs = running.queue(&["a.mkv", "b.mkv", "c.mkv"]);
    running.service.job_move(jobs[2], Some(jobs[0])).unwrap();
    running.service.queue_resume().unwrap();
    for job in &jobs {
        let (ending, reason) = running.wait_for_end(*job);
        assert_eq!(ending, Ending::Replaced, "{reason}");
    }
    let events = running.heard.events();
    let ended: Vec<i64> = events
        .iter()
        .filter_map(|logged| match &logged.event {
            Event::JobEnded { job_id, output_bytes, duration_us, .. } => {
                assert!(output_bytes.is_some() && duration_us.is_some_and(|us| us > 0), "{logged:?}");
                Some(*job_id)
            }
            _ => None,
        })
        .collect();
    assert_eq!(ended, [jobs[2], jobs[0], jobs[1]]);

    // Another process, such as the command line, writes into the same log.
    house.store().write(|tx| tx.setting_put("of.another", &1)).unwrap();
    running.heard.wait("the other's event", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::SettingChanged { key }, .. }) => (key == "of.another").then_some(()),
        _ => None,
    });
    let told: Vec<i64> = running.heard.events().iter().map(|logged| logged.seq).collect();
    let first = told[0];
    let logged = running.service.store().read(|r| r.events_after(first - 1, 10_000)).unwrap();
    let logged: Vec<i64> = logged.iter().map(|logged| logged.seq).collect();
    assert_eq!(told, logged[..told.len()], "every event once, in the order of the log");
    let service = running.service.clone();
    running.stop();
    assert_eq!(service.progress_all(), [], "nothing runs any more");
}

#[test]
fn a_paused_queue_begins_nothing_also_after_a_restart() {
    let Some(house) = House::with(&[("a.mkv", TINY)]) else { return };
    let (running, _) = house.start_scanned();
    running.service.queue_pause().unwrap();
    let job = running.queue(&["a.mkv"])[0];
    running.stop();

    let running = house.start();
    let waiting = |task: &mediaflow_engine::service::TaskState| task.state == TaskStatus::Waiting;
    let detail = loop {
        let tasks = running.service.tasks();
        let queue = tasks.iter().find(|task| task.name == "queue").unwrap();
        match &queue.detail {
            Some(detail) if waiting(queue) && detail.contains("paused") => break detail.clone(),
            _ => std::thread::yield_now(),
        }
    };
    assert_eq!(detail, "paused by the user; 1 waiting");
    assert_eq!(running.job(job).status, JobStatus::Queued);
    assert!(running.service.queue_stats().unwrap().is_paused);
    running.service.queue_resume().unwrap();
    assert_eq!(running.wait_for_end(job).0, Ending::Replaced);
    running.stop();
}

#[test]
fn a_soft_stop_leaves_the_encode_running_and_the_next_start_finds_it() {
    let Some(house) = House::with(&[("slow.mkv", SLOW)]) else { return };
    let (running, _) = house.start_scanned();
    let job = running.queue(&["slow.mkv"])[0];
    running.wait_for_frames(job);
    running.stop();
    let left = encodes(house.root());
    assert_eq!(left.len(), 1, "the encode goes on without the service: {left:?}");

    let running = house.start();
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    let attempts = running.service.store().read(|r| r.attempts_of_job(job)).unwrap();
    let tries = attempts.iter().filter(|attempt| attempt.kind == TaskKind::Encode).count();
    assert_eq!(tries, 1, "it was not begun a second time: {attempts:?}");
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}

#[test]
fn a_soft_stop_in_the_middle_of_a_proof_keeps_the_output() {
    let Some(house) = House::with(&[("slow.mkv", SLOW)]) else { return };
    let (running, _) = house.start_scanned();
    let job = running.queue(&["slow.mkv"])[0];
    running.wait_for_status(job, JobStatus::Verifying);
    running.stop();
    assert!(below(house.root()).is_empty(), "nothing measures without the service");
    let running = house.start();
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    let attempts = running.service.store().read(|r| r.attempts_of_job(job)).unwrap();
    let tries = attempts.iter().filter(|attempt| attempt.kind == TaskKind::Encode).count();
    assert_eq!(tries, 1, "the output was still there: {attempts:?}");
    running.stop();
}

#[test]
fn a_service_without_ffmpeg_is_up_and_says_what_is_missing() {
    let Some(house) = House::with(&[("a.mkv", TINY)]) else { return };
    let before = fs::read(house.film("a.mkv")).unwrap();
    let running = house.start_without_tools();
    let library = running.service.library_add(&house.library(), Some("Films"), "movie").unwrap();
    assert_eq!(library.library.title, "Films");
    running.service.scan_start(library.library.id).unwrap();
    let reason = running.heard.wait("the scan to fail", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::ScanFailed { reason, .. }, .. }) => Some(reason.clone()),
        _ => None,
    });
    assert!(reason.contains("no ffmpeg here"), "{reason}");
    let tools = running.service.tasks().into_iter().find(|task| task.name == "tools").unwrap();
    assert_eq!((tools.state, tools.last_error.as_deref()), (TaskStatus::Failed, Some("no ffmpeg here")));
    running.stop();
    assert!(fs::read(house.film("a.mkv")).unwrap() == before);
}
