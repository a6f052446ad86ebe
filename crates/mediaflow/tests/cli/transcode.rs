//! `transcode FILE`: every end it can come to.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use serde_json::json;

use crate::support::clips::Clip;
use crate::support::disk::{assert_holds, files_below};
use crate::support::home::{Done, Home, list};

fn transcode(home: &Home, name: &str, words: &[&str]) -> Done {
    let film = home.film(name);
    let fixed = [OsStr::new("--json"), OsStr::new("transcode"), film.as_os_str()];
    home.call(fixed.into_iter().chain(words.iter().map(OsStr::new)))
}

#[test]
fn in_place() {
    let home = Home::new();
    let source = home.add("Film.mkv", Clip::Film);
    let shown = transcode(&home, "Film.mkv", &[]).expect(0).json();
    assert_eq!((&shown["status"], &shown["ending"]), (&json!("replaced"), &json!("replaced")), "{shown}");
    assert_eq!(Path::new(shown["path"].as_str().unwrap()), home.film("Film.mkv"));
    assert_eq!(shown["before_bytes"], source.len());
    assert_eq!(shown["after_bytes"], fs::metadata(home.film("Film.mkv")).unwrap().len());
    let checks = list(&shown["proof"]);
    assert!(!checks.is_empty());
    for check in &checks {
        assert!(check["passed"] == true && !check["measured"].as_str().unwrap().is_empty(), "{check}");
    }
    home.assert_quarantined(&source);
    home.assert_tidy();

    let proof = home.json(["proof", &shown["job_id"].to_string()]);
    assert_eq!(proof["checks"], shown["proof"], "`proof` shows the same");
    let told = home.call(["proof", &shown["job_id"].to_string()]).expect(0).stdout;
    assert!(told.contains("Proven."), "{told}");

    let again = transcode(&home, "Film.mkv", &[]).expect(3).json();
    assert_eq!((&again["status"], &again["job_id"]), (&json!("kept"), &json!(null)), "{again}");
    assert!(again["reason"].as_str().unwrap().contains("MediaFlow made"), "{again}");
}

#[test]
fn beside_leaves_the_original_alone() {
    let home = Home::new();
    let source = home.add("Old.avi", Clip::Divx);
    // Taken names are passed over, whatever they hold.
    fs::write(home.film("Old V2.mkv"), "another version").unwrap();
    for expected in ["Old V3.mkv", "Old V4.mkv"] {
        let shown = transcode(&home, "Old.avi", &["--beside", "--force"]).expect(0).json();
        assert_eq!(Path::new(shown["path"].as_str().unwrap()), home.film(expected), "{shown}");
        let size = fs::metadata(home.film(expected)).unwrap().len();
        assert!(size < source.len() as u64, "{expected} is smaller");
    }
    assert_holds(home.film("Old.avi"), &source, "untouched");
    assert_holds(home.film("Old V2.mkv"), b"another version", "it is not ours");
    assert!(home.quarantined().is_empty());
    home.assert_tidy();
}

#[test]
fn a_dry_run_shows_the_plan_and_does_nothing() {
    let home = Home::new();
    let source = home.add("Film.mkv", Clip::Film);
    let shown = transcode(&home, "Film.mkv", &["--dry-run"]).expect(0).json();
    assert_eq!(list(&shown["intent"]["streams"]).len(), 2, "every stream is listed: {shown}");
    assert!(shown["command"].to_string().contains("libx265"), "{shown}");
    let told = home.call([OsStr::new("transcode"), home.film("Film.mkv").as_os_str(), OsStr::new("--dry-run")]);
    assert!(told.expect(0).stdout.contains("ffmpeg -"), "the command is shown");
    assert_holds(home.film("Film.mkv"), &source, "untouched");
    assert!(home.jobs().is_empty(), "no job is made");

    home.add("Sound.flac", Clip::Sound);
    let refused = transcode(&home, "Sound.flac", &["--dry-run"]).expect(4).json();
    assert!(refused["refused"].as_str().unwrap().contains("no video"), "{refused}");
}

#[test]
fn what_cannot_be_done_is_refused_with_exit_4() {
    let home = Home::new();
    home.add("Sound.flac", Clip::Sound);
    home.add("One.mkv", Clip::Tiny);
    fs::hard_link(home.film("One.mkv"), home.film("Two.mkv")).unwrap();
    home.add("Film.mkv", Clip::Tiny);
    std::os::unix::fs::symlink("Film.mkv", home.film("Link.mkv")).unwrap();
    home.add("Taken.avi", Clip::Divx);
    fs::write(home.film("Taken.mkv"), "another version").unwrap();
    fs::write(home.film("Text.mkv"), "no film").unwrap();
    let before = files_below(&home.library());
    for (name, words) in [
        ("Sound.flac", "no video stream"),
        ("One.mkv", "hard links"),
        ("Link.mkv", "link"),
        ("Taken.avi", "exists already"),
        ("Text.mkv", "cannot be read"),
    ] {
        let shown = transcode(&home, name, &[]).expect(4).json();
        assert_eq!((&shown["status"], &shown["ending"]), (&json!("kept"), &json!("refused")), "{shown}");
        assert!(shown["reason"].as_str().unwrap().contains(words), "{name}: {words:?} in {shown}");
    }
    assert_eq!(files_below(&home.library()), before);
    home.assert_tidy();
}

#[test]
fn what_is_not_worth_it_is_kept_with_exit_3_and_not_tried_again() {
    let home = Home::new();
    let source = home.add("Meagre.mkv", Clip::Meagre);
    let first = transcode(&home, "Meagre.mkv", &[]).expect(3).json();
    assert_eq!((&first["status"], &first["ending"]), (&json!("kept"), &json!("not_worth_it")), "{first}");
    let again = transcode(&home, "Meagre.mkv", &[]).expect(3).json();
    assert_eq!(again["job_id"], json!(null), "it is known by now: {again}");
    home.scan();
    assert!(home.run().is_empty(), "and `run` leaves it alone too");
    assert_holds(home.film("Meagre.mkv"), &source, "untouched");
    home.assert_tidy();
}
