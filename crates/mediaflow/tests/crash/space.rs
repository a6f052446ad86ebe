//! Full disks and read-only folders. The mounts need root; a test that cannot have one says so.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::clips::Clip;
use crate::support::disk::{Mounted, assert_holds};
use crate::support::home::Home;

const FILM: &str = "Long Film.mkv";

/// A file system of its own below `folder`, of this many megabytes.
fn small_disk(folder: &Path, megabytes: u32) -> Option<Mounted> {
    let size = format!("size={megabytes}m");
    Mounted::try_new(&["-t", "tmpfs", "-o", &size, "mediaflow-test"], folder)
}

/// Fails for want of space, with the original untouched and nothing left.
#[track_caller]
fn assert_out_of_space(home: &Home, job: &Value) {
    assert_eq!(job["ending"], "failed", "{job}");
    let reason = job["reason"].as_str().unwrap().to_lowercase();
    assert!(reason.contains("space") || reason.contains("full"), "the reason names the lack of space: {job}");
    assert_eq!(home.jobs()[0]["cause"], "no_space");
    assert_untouched(home);
}

#[track_caller]
fn assert_untouched(home: &Home) {
    assert_holds(home.film(FILM), &Clip::LongFilm.bytes(), "the original is untouched");
    assert!(home.quarantined().is_empty());
    home.assert_tidy();
}

/// What was in the way is gone: the next run, without another word, replaces the film.
#[track_caller]
fn assert_next_run_replaces(home: &Home) {
    home.call(["run"]).expect(0);
    let jobs = home.jobs();
    assert_eq!(jobs[0]["ending"], "replaced", "{jobs:?}");
    home.assert_quarantined(&Clip::LongFilm.bytes());
    home.assert_tidy();
}

/// Runs, and fills the disk while ffmpeg encodes.
fn run_while_it_fills(home: &Home, disk: &Mounted) -> (crate::support::home::Done, std::path::PathBuf) {
    let running = home.start(["run", "--json"]);
    let encode = home.await_encode();
    encode.signal("STOP");
    let ballast = disk.fill();
    encode.signal("CONT");
    (running.finish(), ballast)
}

#[test]
fn a_job_that_will_not_fit_is_not_begun() {
    let home = Home::new();
    // Less than the margin that is kept free for others.
    let Some(disk) = small_disk(&home.library(), 48) else { return };
    home.add(FILM, Clip::LongFilm);
    home.scan();
    let job = home.call(["run", "--json"]).expect(1).json()["jobs"][0].clone();
    assert_out_of_space(&home, &job);
    let attempts = home.json(["jobs", "show", "1"])["attempts"].clone();
    assert_eq!(attempts, serde_json::json!([]), "nothing was started");
    disk.remount("size=200m");
    assert_next_run_replaces(&home);
}

#[test]
fn the_work_directory_fills_up_while_encoding() {
    let mut home = Home::new();
    let Some(disk) = small_disk(&home.data(), 160) else { return };
    let database = home.root().join("mediaflow.db");
    home.environment.push(("DATABASE_URL", format!("sqlite:///{}", database.display()).into()));
    home.add(FILM, Clip::LongFilm);
    home.scan();
    let (done, ballast) = run_while_it_fills(&home, &disk);
    assert_out_of_space(&home, &done.expect(1).json()["jobs"][0]);
    fs::remove_file(ballast).unwrap();
    assert_next_run_replaces(&home);
}

#[test]
fn the_disk_of_the_database_fills_up_too() {
    let home = Home::new();
    let Some(disk) = small_disk(&home.data(), 160) else { return };
    home.add(FILM, Clip::LongFilm);
    home.scan();
    let (done, ballast) = run_while_it_fills(&home, &disk);
    // Where nothing can be written down, the error is all there is.
    assert!(!done.status.success(), "{done:?}");
    assert!(!done.stderr.contains("panicked"), "{}", done.stderr);
    let said = format!("{}{}", done.stdout, done.stderr).to_lowercase();
    assert!(said.contains("full") || said.contains("space"), "the lack of space is named: {said}");
    assert_holds(home.film(FILM), &Clip::LongFilm.bytes(), "the original is untouched");
    fs::remove_file(ballast).unwrap();
    // This run finds the encode that the full disk ended, and writes that down.
    home.call(["run"]);
    assert_untouched(&home);
    assert_next_run_replaces(&home);
}

#[test]
fn the_library_fills_up_before_the_output_is_staged() {
    let home = Home::new();
    let Some(disk) = small_disk(&home.library(), 160) else { return };
    home.add(FILM, Clip::LongFilm);
    home.scan();
    let (done, ballast) = run_while_it_fills(&home, &disk);
    assert_out_of_space(&home, &done.expect(1).json()["jobs"][0]);
    fs::remove_file(ballast).unwrap();
    assert_next_run_replaces(&home);
}

#[test]
fn a_read_only_library_is_refused_with_the_reason() {
    let home = Home::new();
    let Some(disk) = small_disk(&home.library(), 160) else { return };
    home.add(FILM, Clip::LongFilm);
    home.scan();
    disk.remount("ro");
    let job = home.call(["run", "--json"]).json()["jobs"][0].clone();
    assert!(matches!(job["ending"].as_str(), Some("refused" | "failed")), "{job}");
    assert!(job["reason"].as_str().unwrap().to_lowercase().contains("read-only"), "{job}");
    assert_untouched(&home);
    disk.remount("rw");
    assert_next_run_replaces(&home);
}
