//! Attempts: whoever holds the present token may speak, a late answer changes nothing.

use std::path::PathBuf;

use mediaflow_core::identity::Hash;
use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_core::time::Timestamp;
use mediaflow_store::{Attempt, AttemptState, NewAttempt, Space, TaskKind};

use crate::fixture::Fixture;

fn begin(fixture: &Fixture, job_id: i64) -> Attempt {
    let new = NewAttempt {
        job_id,
        kind: TaskKind::Encode,
        position: 0,
        worker_id: mediaflow_store::THIS_MACHINE,
        lease_until_at: Timestamp(2_000_000),
    };
    fixture.store.write(|tx| tx.attempt_begin(&new, |token| PathBuf::from(format!("/attempts/{token}")))).unwrap()
}

fn finish(fixture: &Fixture, attempt: &Attempt, state: AttemptState) -> bool {
    fixture
        .store
        .write(|tx| tx.attempt_finish(attempt.id, attempt.token, state, &("exit", 0), Some("last line")))
        .unwrap()
}

fn running_job(fixture: &Fixture, name: &str) -> i64 {
    let job = fixture.queue(&fixture.file(name), name).unwrap();
    fixture.step(job, JobStatus::Transcoding).unwrap();
    job
}

#[test]
fn the_answer_of_a_superseded_attempt_changes_nothing() {
    let fixture = Fixture::new();
    let job = running_job(&fixture, "a.mkv");
    let first = begin(&fixture, job);
    let second = begin(&fixture, job);
    assert!(second.token > first.token);
    assert_ne!(second.dir, first.dir, "an attempt has its directory to itself");

    assert!(!finish(&fixture, &first, AttemptState::Done));
    let first = fixture.store.read(|r| r.attempt(first.id)).unwrap();
    assert_eq!((first.state, first.log_tail), (AttemptState::Superseded, None));
    assert_eq!(fixture.store.read(|r| r.attempts_unfinished()).unwrap(), std::slice::from_ref(&second));

    assert!(finish(&fixture, &second, AttemptState::Done));
    assert!(!finish(&fixture, &second, AttemptState::Failed), "it ended already");
    let outcome: Option<(String, i32)> = fixture.store.read(|r| r.attempt_outcome(second.id)).unwrap();
    assert_eq!(outcome, Some(("exit".to_owned(), 0)));
    assert_eq!(fixture.store.read(|r| r.attempt(second.id)).unwrap().log_tail.as_deref(), Some("last line"));
}

#[test]
fn an_adopted_attempt_goes_on_in_its_directory_and_its_old_holder_is_deaf() {
    let fixture = Fixture::new();
    let old = begin(&fixture, running_job(&fixture, "a.mkv"));
    let later = Timestamp(9_000_000);
    let adopt = |token| fixture.store.write(|tx| tx.attempt_adopt(old.id, token, later)).unwrap();
    let new = adopt(old.token).unwrap();
    assert_eq!((new.id, &new.dir, new.lease_until_at), (old.id, &old.dir, later));
    assert!(new.token > old.token);
    assert_eq!(adopt(old.token), None, "two cannot adopt the same attempt");

    fixture
        .store
        .write(|tx| {
            assert!(!tx.attempt_renew(old.id, old.token, Timestamp(i64::MAX))?);
            assert!(!tx.attempt_running(old.id, old.token, &["old".to_owned()], None)?);
            assert!(tx.attempt_running(new.id, new.token, &["ffmpeg".to_owned(), "-i".to_owned()], None)?);
            Ok(())
        })
        .unwrap();
    assert!(!finish(&fixture, &old, AttemptState::Failed));
    let now = fixture.store.read(|r| r.attempt(new.id)).unwrap();
    assert_eq!((now.state, now.lease_until_at), (AttemptState::Running, later));
    assert_eq!(now.argv.as_deref(), Some(&["ffmpeg".to_owned(), "-i".to_owned()][..]));
    assert!(finish(&fixture, &new, AttemptState::Done));
}

#[test]
fn a_directory_need_not_be_text() {
    use std::os::unix::ffi::OsStringExt;
    let fixture = Fixture::new();
    let job_id = running_job(&fixture, "a.mkv");
    let dir = PathBuf::from(std::ffi::OsString::from_vec(b"/w/\xff'\n".to_vec()));
    let new = NewAttempt {
        job_id,
        kind: TaskKind::Prove,
        position: 0,
        worker_id: mediaflow_store::THIS_MACHINE,
        lease_until_at: Timestamp(0),
    };
    let attempt = fixture.store.write(|tx| tx.attempt_begin(&new, |_| dir.clone())).unwrap();
    assert_eq!(fixture.store.read(|r| r.attempt(attempt.id)).unwrap().dir, dir);
}

#[test]
fn clearing_spares_a_job_whose_attempt_is_not_wound_up() {
    let fixture = Fixture::new();
    let job = running_job(&fixture, "a.mkv");
    let attempt = begin(&fixture, job);
    fixture.end(job, Ending::Cancelled).unwrap();
    assert_eq!(fixture.store.write(|tx| tx.jobs_clear_finished()).unwrap(), 0);
    assert!(finish(&fixture, &attempt, AttemptState::Cancelled));
    assert_eq!(fixture.store.write(|tx| tx.jobs_clear_finished()).unwrap(), 1);
    assert_eq!((fixture.count("tasks"), fixture.count("attempts")), (0, 0));
    // A token that was given once is not given again, though its row is gone.
    assert!(begin(&fixture, running_job(&fixture, "b.mkv")).token > attempt.token);
}

#[test]
fn artifacts_are_listed_until_they_are_removed() {
    let fixture = Fixture::new();
    let job = running_job(&fixture, "a.mkv");
    let attempt = begin(&fixture, job);
    let hash = Hash::of_bytes(b"output");
    let put = |kind, hash| {
        fixture.store.write(|tx| tx.artifact_put(attempt.id, kind, hash, 12, "/attempts/1/out.mkv".as_ref())).unwrap()
    };
    put("log", None);
    let output = put("output", Some(&hash));
    let found = fixture.store.read(|r| r.artifacts_of_job(job)).unwrap();
    assert_eq!((found.len(), found[0].id, found[0].hash, found[0].size_bytes), (2, output, Some(hash), 12));
    fixture.store.write(|tx| tx.artifacts_removed(attempt.id)).unwrap();
    assert_eq!(fixture.store.read(|r| r.artifacts_of_job(job)).unwrap(), []);
}

#[test]
fn space_is_promised_once_and_given_up_with_the_job() {
    let fixture = Fixture::new();
    let [a, b] = ["a.mkv", "b.mkv"].map(|name| running_job(&fixture, name));
    let reserve = |job, bytes| fixture.store.write(|tx| tx.space_reserve(job, "disk", bytes, 100)).unwrap();
    assert_eq!(reserve(a, 60), Space::Reserved);
    assert_eq!(reserve(b, 60), Space::Short { missing_bytes: 20 });
    assert_eq!(reserve(a, 30), Space::Reserved, "what a job had before is replaced, not added to");
    assert_eq!(reserve(b, 60), Space::Reserved);
    fixture.end(b, Ending::Failed).unwrap();
    assert_eq!(reserve(a, 100), Space::Reserved);
    fixture.step(a, JobStatus::Queued).unwrap();
    assert_eq!(fixture.count("disk_reservations"), 0);
}
