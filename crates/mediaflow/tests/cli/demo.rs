//! `demo --json`: the whole job on the sample library.

use std::ffi::OsStr;
use std::fs;

use serde_json::{Value, json};

use crate::support::home::{Home, list};

fn demo(home: &Home) -> Value {
    let library = home.root().join("demo library");
    home.json([OsStr::new("demo"), OsStr::new("--dir"), library.as_os_str(), OsStr::new("--no-serve")])
}

#[test]
#[ignore = "long: ./test.sh --full"]
fn the_demo_ends_with_the_promised_object_and_does_nothing_twice() {
    let home = Home::new();
    let report = demo(&home);
    let files = list(&report["files"]);
    assert!(files.len() >= 12, "twelve clips or more: {}", files.len());
    let mut saved = 0;
    for file in &files {
        let size = fs::metadata(file["path"].as_str().unwrap()).unwrap().len();
        assert_eq!(file["after_bytes"], size, "the size on disk: {file}");
        assert!(matches!(file["status"].as_str(), Some("replaced" | "kept" | "failed")), "{file}");
        assert!(!file["reason"].as_str().unwrap().is_empty(), "{file}");
        let checks = list(&file["proof"]);
        for check in &checks {
            assert!(check["check"].is_string() && check["measured"].is_string(), "{check}");
        }
        if file["status"] == "replaced" {
            assert!(!checks.is_empty() && checks.iter().all(|check| check["passed"] == true), "{file}");
            saved += file["before_bytes"].as_i64().unwrap() - file["after_bytes"].as_i64().unwrap();
        } else {
            assert_eq!(file["before_bytes"], file["after_bytes"], "a file that stays has its size: {file}");
        }
    }
    let count = |status: &str| json!(files.iter().filter(|file| file["status"] == status).count());
    for status in ["replaced", "kept", "failed"] {
        assert_eq!(report[status], count(status), "{status}");
    }
    assert_eq!(report["saved_bytes"], saved);
    assert!(report["replaced"].as_u64().unwrap() > 0 && report["kept"].as_u64().unwrap() > 0, "{report}");
    assert_eq!(report["failed"], 0, "{report}");
    home.assert_tidy();

    let again = demo(&home);
    assert_eq!((&again["replaced"], &again["saved_bytes"]), (&json!(0), &json!(0)), "nothing is done twice: {again}");
    assert_eq!(list(&again["files"]).len(), files.len(), "{again}");
}
