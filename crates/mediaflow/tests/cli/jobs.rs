//! `jobs`, cancelling, stopping, and two MediaFlows at once.

use serde_json::Value;

use crate::support::clips::Clip;
use crate::support::disk::assert_holds;
use crate::support::home::{Home, name_of};

/// The film as it was, no output and no process of ours.
#[track_caller]
fn assert_untouched(home: &Home, name: &str, clip: Clip) {
    assert_holds(home.film(name), &clip.bytes(), "the original is untouched");
    assert!(home.quarantined().is_empty());
    home.assert_tidy();
}

#[test]
fn they_are_listed_and_shown() {
    let home = Home::with(&[("Film.mkv", Clip::Tiny)]);
    let told = home.call(["jobs"]).expect(0).stdout;
    assert!(told.contains("There are no jobs."), "{told}");
    home.run();
    let job = home.jobs()[0].clone();
    assert_eq!((&job["status"], &job["preset"]), (&"completed".into(), &"Balanced".into()), "{job}");
    assert_eq!(job["before_bytes"], Clip::Tiny.bytes().len());
    let shown = home.json(["jobs", "show", "1"]);
    assert_eq!(shown["job"], job);
    let kinds: Vec<&Value> = shown["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["kind"]).collect();
    assert_eq!(kinds, ["encode", "prove"], "{shown}");
    let told = home.call(["jobs", "show", "1"]).expect(0).stdout;
    assert!(told.contains("libx265") && told.contains("Job 1: Film.mkv: replaced"), "{told}");
    home.call(["jobs", "cancel", "1"]).expect(2).expect_line(&["completed"]);
}

#[test]
fn a_cancelled_job_is_gone_with_everything_it_made() {
    let home = Home::with(&[("Slow.mkv", Clip::Slow)]);
    let running = home.start(["run", "--json"]);
    let encode = home.await_encode();
    home.call(["jobs", "cancel", "1"]).expect(0);
    let done = running.finish().expect(0).json();
    assert_eq!(done["jobs"][0]["ending"], "cancelled", "{done}");
    assert!(!encode.is_alive(), "its ffmpeg is gone");
    assert_eq!(home.jobs()[0]["status"], "cancelled");
    assert_eq!(home.jobs().len(), 1, "and no other job took its place");
    assert_untouched(&home, "Slow.mkv", Clip::Slow);
}

#[test]
fn a_cancelled_job_takes_no_other_along() {
    let home = Home::with(&[("Slow.mkv", Clip::Slow), ("Film.mkv", Clip::Tiny)]);
    let running = home.start(["run", "--json", "--jobs", "1"]);
    // The larger one saves more, and goes first.
    home.await_encode();
    let slow = home.jobs().into_iter().find(|job| name_of(job) == "Slow.mkv").unwrap();
    home.call(["jobs", "cancel", &slow["job_id"].to_string()]).expect(0);
    running.finish().expect(0);
    let ending = |path: &str| home.jobs().into_iter().find(|job| name_of(job) == path).unwrap()["ending"].clone();
    assert_eq!((ending("Slow.mkv"), ending("Film.mkv")), ("cancelled".into(), "replaced".into()));
}

#[test]
fn an_interrupted_run_goes_on_with_the_next_one() {
    let home = Home::with(&[("Film.mkv", Clip::LongFilm)]);
    let running = home.start(["run"]);
    home.await_encode();
    running.process().signal("INT");
    running.finish().expect(130);
    let jobs = home.jobs();
    assert_eq!((jobs.len(), &jobs[0]["status"]), (1, &"queued".into()), "{jobs:?}");
    assert_untouched(&home, "Film.mkv", Clip::LongFilm);
    assert_eq!(home.run()[0]["ending"], "replaced");
    assert_eq!(home.jobs().len(), 1, "it is the same job");
    home.assert_quarantined(&Clip::LongFilm.bytes());
}

#[test]
fn a_second_mediaflow_says_that_there_is_a_first() {
    let home = Home::with(&[("Slow.mkv", Clip::Slow)]);
    let running = home.start(["run"]);
    home.await_encode();
    let first = format!("process {}", running.process().pid);
    for words in [vec!["run"], vec!["undo", "1"], vec!["quarantine", "purge"]] {
        home.call(words).expect(1).expect_line(&["another MediaFlow", &first]);
    }
    // Looking is always allowed.
    assert_eq!(home.jobs()[0]["status"], "transcoding");
    running.process().signal("INT");
    running.finish().expect(130);
    assert_untouched(&home, "Slow.mkv", Clip::Slow);
}
