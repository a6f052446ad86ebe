//! `undo JOB`: the original comes back byte for byte, and stays.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::clips::Clip;
use crate::support::disk::{assert_holds, files_below};
use crate::support::home::{Home, name_of};

/// The library's files without the marks of the quarantine folder.
fn visible(home: &Home) -> Vec<PathBuf> {
    let is_mark = |path: &Path| path.ends_with(".ignore") || path.ends_with(".plexignore");
    files_below(&home.library()).into_iter().filter(|path| !is_mark(path)).collect()
}

/// Replaces the clip, takes it back, and lets everything that queues by itself look at it again.
fn comes_back_and_stays(name: &str, output: &str, clip: Clip) {
    let home = Home::with(&[(name, clip)]);
    assert_eq!(home.run()[0]["ending"], "replaced");
    assert!(home.film(output).is_file());
    assert_ne!(fs::read(home.film(output)).unwrap(), clip.bytes());

    let shown = home.json(["undo", "1"]);
    assert_eq!(Path::new(shown["restored"].as_str().unwrap()), home.film(name), "{shown}");
    assert_eq!(visible(&home), [home.film(name)], "the original and nothing else");
    assert_holds(home.film(name), &clip.bytes(), "byte for byte");
    home.assert_tidy();

    home.scan();
    assert_eq!(home.run(), Vec::<Value>::new(), "what was taken back is not done again");
    assert_eq!(visible(&home), [home.film(name)]);
    home.call(["undo", "1"]).expect(2).expect_line(&["taken back already"]);
}

#[test]
fn under_the_same_name() {
    comes_back_and_stays("Film.mkv", "Film.mkv", Clip::Film);
}

#[test]
fn with_a_new_extension() {
    comes_back_and_stays("Old.avi", "Old.mkv", Clip::Divx);
}

#[test]
fn an_output_that_was_edited_is_not_removed() {
    let home = Home::with(&[("Film.mkv", Clip::Film), ("Old.avi", Clip::Divx)]);
    for job in home.run() {
        assert_eq!(job["ending"], "replaced", "{job}");
        let job_id = job["job_id"].to_string();
        let (original, clip) =
            if name_of(&job) == "Film.mkv" { ("Film.mkv", Clip::Film) } else { ("Old.avi", Clip::Divx) };
        let output = home.film(Path::new(original).with_extension("mkv"));
        let mut edited = fs::read(&output).unwrap();
        edited.extend_from_slice(b"edited");
        fs::write(&output, &edited).unwrap();

        let refused = home.call(["undo", &job_id]).expect(4);
        refused.expect_line(&[&format!("mediaflow undo {job_id} --beside")]);
        assert_holds(&output, &edited, "the edited file stays");

        let shown = home.json(["undo", &job_id, "--beside"]);
        let restored = PathBuf::from(shown["restored"].as_str().unwrap());
        assert!(restored != output && restored.extension() == Path::new(original).extension(), "{shown}");
        assert_holds(&restored, &clip.bytes(), "the original, under a free name");
        assert_holds(&output, &edited, "and the edited file stays");
    }
    assert!(home.quarantined().is_empty());
    home.assert_tidy();
}

#[test]
fn an_original_whose_name_is_taken_is_restored_beside() {
    let home = Home::with(&[("Old.avi", Clip::Divx)]);
    assert_eq!(home.run()[0]["ending"], "replaced");
    fs::write(home.film("Old.avi"), "somebody else's").unwrap();
    home.call(["undo", "1"]).expect(4).expect_line(&["exists already", "--beside"]);
    let shown = home.json(["undo", "1", "--beside"]);
    assert_holds(shown["restored"].as_str().unwrap(), &Clip::Divx.bytes(), "the original, under a free name");
    assert_holds(home.film("Old.avi"), b"somebody else's", "it is not ours");
}
