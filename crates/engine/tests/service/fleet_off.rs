//! Servers that are switched off while they have a job in hand.

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
