//! Servers that a user switches off, removes, or mends.

use std::time::{Duration, Instant};

use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_engine::service::ServerWish;
use mediaflow_store::{THIS_MACHINE, TaskKind};

use super::fleet::{Yard, queue_for};
use super::house::{Running, SLOW, TINY};

fn switch(running: &Running, id: i64, is_enabled: bool) {
    let wish = ServerWish { is_enabled: Some(is_enabled), ..ServerWish::default() };
    running.service.server_update(id, &wish).unwrap();
}

#[test]
fn a_server_that_is_switched_off_ends_what_it_has_in_hand_and_gets_no_more() {
    let Some(yard) = Yard::with(&[("film.mkv", SLOW), ("next.mkv", TINY)]) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    let job = queue_for(&running, &["film.mkv"], attic)[0];
    running.wait_for_frames(job);
    running.service.job_pause(job).unwrap();
    running.wait_for_status(job, JobStatus::Paused);
    switch(&running, attic, false);
    let next = queue_for(&running, &["next.mkv"], attic)[0];
    let (ending, reason) = running.wait_for_end(next);
    assert_eq!((ending, running.job(next).worker_id), (Ending::Replaced, Some(THIS_MACHINE)), "{reason}");
    // Its encode lies there.
    running.service.job_resume(job).unwrap();
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!((ending, running.job(job).worker_id), (Ending::Replaced, Some(attic)), "{reason}");
    let attempts = running.service.store().read(|r| r.attempts_of_job(job)).unwrap();
    assert_eq!(attempts.iter().filter(|attempt| attempt.kind == TaskKind::Encode).count(), 1, "it went on with it");
    yard.wait_until_tidy();
    running.stop();
}

#[test]
#[ignore = "long: ./test.sh --full"]
fn a_job_whose_server_was_switched_off_before_a_restart_goes_elsewhere_at_once() {
    let Some(yard) = Yard::with(&[("film.mkv", SLOW)]) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    let job = queue_for(&running, &["film.mkv"], attic)[0];
    running.wait_for_frames(job);
    switch(&running, attic, false);
    running.stop();
    let running = yard.house.start();
    let (ending, reason) = running.wait_for_end(job);
    let job = running.job(job);
    assert_eq!((ending, job.worker_id), (Ending::Replaced, Some(THIS_MACHINE)), "{reason}");
    let reason = job.worker_reason.unwrap();
    assert!(reason.contains("attic") && reason.contains("switched off"), "{reason}");
    switch(&running, attic, true);
    yard.wait_until_tidy();
    running.stop();
}

#[test]
fn a_server_that_is_removed_while_its_encoders_are_tried_keeps_nothing_of_ours() {
    let Some(yard) = Yard::with(&[]) else { return };
    let running = yard.house.start();
    let id = running.service.server_create(&yard.form()).unwrap().worker.id;
    let names = || std::fs::read_dir(yard.work_there()).map_or(0, Iterator::count);
    let until = |what: &str, is_so: &dyn Fn() -> bool| {
        let deadline = Instant::now() + Duration::from_secs(120);
        while !is_so() {
            assert!(Instant::now() < deadline, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    until("our folder", &|| names() > 0);
    running.service.server_remove(id).unwrap();
    until("it to be gone", &|| names() == 0);
    running.stop();
    assert_eq!(names(), 0);
}

#[test]
fn a_server_that_was_set_aside_is_not_when_its_host_key_is_forgotten() {
    let Some(yard) = Yard::with(&[]) else { return };
    let running = yard.house.start();
    let id = running.service.server_create(&yard.form()).unwrap().worker.id;
    let store = running.service.store();
    let is_aside = || store.read(|r| r.worker(id)).unwrap().set_aside_until_at.is_some();
    store.write(|tx| tx.worker_set_aside(id, tx.now().plus_seconds(300), "it shows another key")).unwrap();
    assert!(is_aside());
    running.service.server_forget_host_key(id).unwrap();
    assert!(!is_aside());
    running.stop();
}
