//! One of the three processes of an encode is killed: the program, its supervisor, ffmpeg.

use std::fs;
use std::os::unix::process::ExitStatusExt;

use serde_json::Value;

use crate::support::clips::Clip;
use crate::support::disk::assert_holds;
use crate::support::home::{Home, list};
use crate::support::processes::{self, Process, until};

const FILM: &str = "Long Film.mkv";

/// A home with one film whose encode takes a moment.
fn home() -> Home {
    Home::with(&[(FILM, Clip::LongFilm)])
}

/// The encode attempts of a job, oldest first.
fn encodes(home: &Home, job_id: i64) -> Vec<Value> {
    let attempts = list(&home.json(["jobs", "show", &job_id.to_string()])["attempts"]);
    attempts.into_iter().filter(|attempt| attempt["kind"] == "encode").collect()
}

fn supervisor(home: &Home) -> Process {
    let found = processes::below(home.root()).into_iter().find(Process::is_supervisor);
    found.expect("the encode has a supervisor")
}

/// The only job, which is to have replaced the film, with the original in quarantine and nothing left.
#[track_caller]
fn assert_replaced(home: &Home) {
    let jobs = home.jobs();
    assert_eq!(jobs.len(), 1, "one job: {jobs:?}");
    assert_eq!(jobs[0]["ending"], "replaced", "{}", jobs[0]);
    let source = Clip::LongFilm.bytes();
    home.assert_quarantined(&source);
    assert!(fs::metadata(home.film(FILM)).unwrap().len() < source.len() as u64, "the output is in place");
    let proof = home.json(["proof", &jobs[0]["job_id"].to_string()]);
    assert!(list(&proof["checks"]).iter().all(|check| check["passed"] == true), "{proof}");
    home.assert_tidy();
}

/// The film as it was, and nothing left.
#[track_caller]
fn assert_untouched(home: &Home) {
    assert_holds(home.film(FILM), &Clip::LongFilm.bytes(), "the original is untouched");
    home.assert_tidy();
}

#[test]
fn a_killed_mediaflow_finds_its_running_encode_again() {
    let home = home();
    let first = home.start(["run"]);
    let encode = home.await_encode();
    let attempt_dir = fs::read_link(format!("/proc/{}/cwd", encode.pid)).unwrap();
    let progress = attempt_dir.join("progress.txt");
    until("ffmpeg tells how far it is", || (fs::metadata(&progress).ok()?.len() > 0).then_some(()));
    // Held, so that it surely runs still when the second MediaFlow looks for it.
    encode.signal("STOP");
    assert!(encode.is_alive(), "the encode ended before it could be held: the clip is too short for this machine");
    first.process().signal("KILL");
    assert_eq!(first.finish().status.signal(), Some(9));
    assert!(encode.is_alive() && supervisor(&home).is_alive(), "the encode survives MediaFlow");
    assert_eq!(home.jobs()[0]["status"], "transcoding");
    let before = encodes(&home, 1);

    let mut second = home.start(["run"]);
    until("the second MediaFlow shows the encode's progress", || {
        assert!(!second.has_ended(), "it ended: {}", second.said());
        second.said().contains("encoding").then_some(())
    });
    let encoding: Vec<Process> = processes::below(home.root()).into_iter().filter(Process::is_encode).collect();
    assert_eq!(encoding, std::slice::from_ref(&encode), "the same ffmpeg, and no other beside it");
    encode.signal("CONT");
    second.finish().expect(0);

    let after = encodes(&home, 1);
    assert_eq!(after.len(), 1, "one encode was ever made: {after:?}");
    assert_eq!((&after[0]["id"], &after[0]["command"]), (&before[0]["id"], &before[0]["command"]));
    assert_eq!(after[0]["state"], "done");
    assert_replaced(&home);
}

#[test]
fn an_encode_that_ended_while_nobody_looked_is_taken_over() {
    let home = home();
    let first = home.start(["run"]);
    home.await_encode();
    first.process().signal("KILL");
    first.finish();
    home.await_silence();
    home.call(["run"]).expect(0);
    assert_eq!(encodes(&home, 1).len(), 1, "the finished encode is not made again");
    assert_replaced(&home);
}

#[test]
fn a_killed_ffmpeg_is_a_clear_failure_and_the_next_run_mends_it() {
    let home = home();
    let running = home.start(["run", "--json"]);
    home.await_encode().signal("KILL");
    let job = running.finish().expect(1).json()["jobs"][0].clone();
    assert_eq!(job["ending"], "failed", "{job}");
    assert!(job["reason"].as_str().unwrap().contains("killed by signal 9"), "{job}");
    assert_eq!(home.jobs()[0]["cause"], "killed");
    assert_untouched(&home);
    home.call(["run"]).expect(0);
    assert_replaced(&home);
}

#[test]
fn a_killed_supervisor_takes_its_ffmpeg_along_and_the_next_run_mends_it() {
    let home = home();
    let running = home.start(["run", "--json"]);
    let encode = home.await_encode();
    // Held: it must not reach its end by itself.
    encode.signal("STOP");
    supervisor(&home).signal("KILL");
    let job = running.finish().expect(1).json()["jobs"][0].clone();
    assert_eq!(job["ending"], "failed", "{job}");
    assert!(job["reason"].as_str().unwrap().contains("the encode was lost"), "{job}");
    assert!(!encode.is_alive(), "no ffmpeg without a supervisor");
    assert_untouched(&home);
    home.call(["run"]).expect(0);
    assert_replaced(&home);
}

#[test]
fn when_all_three_are_killed_the_next_run_starts_over() {
    let home = home();
    let running = home.start(["run"]);
    let encode = home.await_encode();
    encode.signal("STOP");
    let supervisor = supervisor(&home);
    running.process().signal("KILL");
    supervisor.signal("KILL");
    encode.signal("KILL");
    running.finish();
    home.await_silence();
    assert_holds(home.film(FILM), &Clip::LongFilm.bytes(), "the original is untouched");
    home.call(["run"]).expect(0);
    assert_eq!(encodes(&home, 1).len(), 2, "the lost encode and the second one");
    assert_replaced(&home);
}
