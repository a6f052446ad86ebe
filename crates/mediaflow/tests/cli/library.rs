//! `scan`, `analyze` and `run` over a library with everything that a library may hold.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::clips::Clip;
use crate::support::disk::assert_holds;
use crate::support::home::{Home, list, name_of};

/// A quote, a newline, a leading dash, what a shell would expand, and bytes that are not UTF-8.
const HOSTILE: &[u8] = b"-it's \"$(touch owned)\"\ncaf\xe9.mkv";

/// Films worth it and not, a link, two names of one file, a sidecar, a text, and what only claims to be a film.
fn everything() -> Home {
    let home = Home::new();
    home.add("Film.mkv", Clip::Film);
    home.add("Old.avi", Clip::Divx);
    home.add("Small Already.mkv", Clip::Efficient);
    home.add(OsStr::from_bytes(HOSTILE), Clip::Tiny);
    home.add("One Name.mkv", Clip::Film);
    fs::hard_link(home.film("One Name.mkv"), home.film("Another Name.mkv")).unwrap();
    fs::write(home.film("Film.srt"), "1\n00:00:00,000 --> 00:00:01,000\nHello\n").unwrap();
    fs::write(home.film("notes.txt"), "watch these").unwrap();
    fs::write(home.film("Broken.mkv"), "this is no Matroska file").unwrap();
    symlink("Film.mkv", home.film("A Link.mkv")).unwrap();
    home
}

fn paths(rows: &Value) -> Vec<String> {
    let mut paths: Vec<String> = list(rows).iter().map(name_of).collect();
    paths.sort();
    paths
}

#[test]
fn a_library_is_read_analysed_done_and_then_left_alone() {
    let home = everything();
    let hostile = String::from_utf8_lossy(HOSTILE).into_owned();
    let film = fs::read(home.film("Film.mkv")).unwrap();

    let scan = home.scan();
    assert_eq!(scan["media"], 6, "{scan}");
    assert_eq!((&scan["sidecars"], &scan["other"]), (&json!(1), &json!(1)), "{scan}");
    assert_eq!(paths(&scan["unreadable"]), ["Broken.mkv"], "{scan}");
    assert_eq!(scan["hard_linked"], 2, "{scan}");

    let analysis = home.json(["analyze"]);
    let mut recommended = paths(&analysis["recommendations"]);
    recommended.dedup();
    assert_eq!(recommended, [&hostile, "Another Name.mkv", "Film.mkv", "Old.avi", "One Name.mkv"], "{analysis}");

    let run = home.json(["run"]);
    let jobs = list(&run["jobs"]);
    assert_eq!(paths(&run["jobs"]), [&hostile, "Film.mkv", "Old.avi"], "{run}");
    assert!(jobs.iter().all(|job| job["ending"] == "replaced"), "{run}");
    assert_eq!(paths(&run["refused"]), ["Another Name.mkv", "One Name.mkv"], "{run}");
    for refused in list(&run["refused"]) {
        assert!(refused["reason"].as_str().unwrap().contains("hard links"), "{refused}");
    }
    let saved: i64 =
        jobs.iter().map(|job| job["before_bytes"].as_i64().unwrap() - job["after_bytes"].as_i64().unwrap()).sum();
    assert_eq!(run["saved_bytes"], saved);

    assert!(home.film(OsStr::from_bytes(HOSTILE)).is_file(), "the hostile name stays as it is");
    assert!(!home.root().join("owned").exists(), "no shell saw it");
    assert!(home.film("Old.mkv").is_file() && !home.film("Old.avi").exists(), "AVI becomes Matroska");
    assert!(fs::symlink_metadata(home.film("A Link.mkv")).unwrap().is_symlink(), "links are left alone");
    assert_holds(home.film("Small Already.mkv"), &Clip::Efficient.bytes(), "untouched");
    assert_holds(home.film("One Name.mkv"), &Clip::Film.bytes(), "untouched");
    assert_eq!(home.quarantined().len(), 3, "the originals wait in quarantine");
    assert!(home.quarantined().iter().any(|path| fs::read(path).unwrap() == film), "byte for byte");
    home.assert_tidy();

    // Once more: nothing is read again, nothing is queued.
    let scan = home.scan();
    assert_eq!((&scan["probed"], &scan["new"]), (&json!(0), &json!(0)), "{scan}");
    assert_eq!(home.run(), Vec::<Value>::new(), "nothing is queued twice");
    assert_eq!(home.jobs().len(), 3);
    for name in ["Film.mkv", "Old.mkv"] {
        let done = home.call([OsStr::new("transcode"), home.film(name).as_os_str()]).expect(3);
        assert!(done.stdout.contains("MediaFlow made"), "{}", done.stdout);
    }
    assert_eq!(home.jobs().len(), 3, "our own output is not done again when it is asked for either");

    let quarantine = home.json(["quarantine"]);
    let originals = list(&quarantine["originals"]);
    let sizes: u64 = originals.iter().map(|original| original["size_bytes"].as_u64().unwrap()).sum();
    assert_eq!((originals.len(), &quarantine["size_bytes"]), (3, &json!(sizes)), "{quarantine}");
    assert!(originals.iter().any(|original| {
        original["original"] == home.film("Film.mkv").to_str().unwrap() && original["size_bytes"] == film.len()
    }));
    let purged = home.json(["quarantine", "purge"]);
    assert_eq!(purged["purged"], 0, "nothing goes before its time: {purged}");
}

#[test]
fn a_lost_database_starts_no_loop() {
    let home = Home::with(&[("Film.mkv", Clip::Film)]);
    assert_eq!(home.run().len(), 1);
    let output = fs::read(home.film("Film.mkv")).unwrap();
    fs::remove_dir_all(home.data()).unwrap();
    home.scan();
    assert_eq!(home.run(), Vec::<Value>::new(), "the output says itself that MediaFlow made it");
    home.call([OsStr::new("transcode"), home.film("Film.mkv").as_os_str()]).expect(3);
    assert_holds(home.film("Film.mkv"), &output, "untouched");
}

#[test]
fn a_changed_file_is_a_new_one() {
    let home = Home::with(&[("Film.mkv", Clip::Film)]);
    assert_eq!(home.run().len(), 1);
    let upgrade = home.add("Film.mkv", Clip::Tiny);
    let scan = home.scan();
    assert_eq!((&scan["changed"], &scan["probed"]), (&json!(1), &json!(1)), "{scan}");
    let jobs = home.run();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    assert_eq!(jobs[0]["before_bytes"], upgrade.len());
}

#[test]
fn a_folder_below_a_scanned_one_is_no_second_library() {
    let home = Home::new();
    fs::create_dir(home.film("Shows")).unwrap();
    home.add(Path::new("Shows/Film.mkv"), Clip::Tiny);
    home.scan();
    home.json([OsStr::new("scan"), home.film("Shows").as_os_str()]);
    let jobs = home.run();
    assert_eq!(jobs.len(), 1, "one file, one job: {jobs:?}");
}
