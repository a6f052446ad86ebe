//! Wrong usage: one clear line and an exit code, never a panic.

use std::ffi::OsStr;

use crate::support::clips::Clip;
use crate::support::home::Home;

#[test]
fn unknown_jobs_are_named() {
    let home = Home::new();
    for words in [
        vec!["jobs", "show", "99"],
        vec!["jobs", "cancel", "99"],
        vec!["jobs", "retry", "99"],
        vec!["proof", "99"],
        vec!["undo", "99"],
    ] {
        home.call(&words).expect(2).expect_line(&["job 99"]);
    }
}

#[test]
fn unknown_folders_files_and_presets_are_named() {
    let home = Home::new();
    home.add("Film.mkv", Clip::Tiny);
    let film = home.film("Film.mkv");
    let nowhere = home.film("nowhere");
    let said = |words: &[&OsStr], expected: &[&str]| {
        let done = home.call(words);
        assert!(matches!(done.status.code(), Some(1 | 2)), "{words:?}: {done:?}");
        done.expect_line(expected);
        assert_eq!(done.stdout, "", "{words:?}");
    };
    said(&["scan".as_ref(), nowhere.as_ref()], &["nowhere", "does not exist"]);
    said(&["scan".as_ref(), film.as_ref()], &["Film.mkv", "not a folder"]);
    said(&["transcode".as_ref(), nowhere.as_ref()], &["nowhere"]);
    said(
        &["transcode".as_ref(), film.as_ref(), "--preset".as_ref(), "Tiny".as_ref()],
        &["\"Tiny\"", "Balanced, Storage Saver, Mobile Optimized, Ultra Fidelity, Remux"],
    );
    assert!(home.jobs().is_empty());
}

#[test]
fn a_job_that_replaced_nothing_has_no_undo() {
    let home = Home::new();
    home.add("Meagre.mkv", Clip::Meagre);
    home.call([OsStr::new("transcode"), home.film("Meagre.mkv").as_os_str()]).expect(3);
    home.call(["undo", "1"]).expect(2).expect_line(&["job 1", "replaced nothing"]);
}

#[test]
fn words_that_mean_nothing_are_usage() {
    let home = Home::new();
    for words in [vec!["jobs", "show", "abc"], vec!["frobnicate"], vec!["run", "--jobs", "0"], vec![]] {
        let done = home.call(&words).expect(2);
        assert!(!done.stderr.is_empty() && !done.stderr.contains("panicked"), "{words:?}: {done:?}");
    }
}
