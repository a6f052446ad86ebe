//! The password and the keys, set at the machine.

use std::fs::{self, File};

use serde_json::Value;

use crate::support::home::{Done, Home, finish, list};

/// `passwd`, with this text on standard input.
fn passwd(home: &Home, input: &str) -> Done {
    let path = home.root().join("input.txt");
    fs::write(&path, input).unwrap();
    finish(home.command(["passwd"]).stdin(File::open(&path).unwrap()))
}

/// Every file of the data directory, as one text.
fn everything_kept(home: &Home) -> String {
    let files = fs::read_dir(home.data()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files.map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect()
}

#[test]
fn a_password_is_set_from_a_pipe_and_kept_as_a_hash_only() {
    let home = Home::new();
    let done = passwd(&home, "correct horse battery\n").expect(0);
    assert!(done.stdout.contains("The password is set."), "{done:?}");
    let kept = everything_kept(&home);
    assert!(kept.contains("$argon2id$"), "its hash is kept");
    assert!(!kept.contains("correct horse"), "and nothing else of it");
    assert!(!format!("{done:?}").contains("correct horse"), "{done:?}");

    let removed = home.json(["passwd", "--remove"]);
    assert_eq!(removed["password_set"], false);
    let again = home.call(["passwd", "--remove"]).expect(0);
    assert!(again.stdout.contains("No password was set."), "{again:?}");
}

#[test]
fn what_can_be_no_password_changes_nothing() {
    let home = Home::new();
    for (input, words) in [("short\n", "8 to 1024"), ("", "8 to 1024"), ("two lines\nof words\n", "several lines")] {
        passwd(&home, input).expect(2).expect_line(&[words]);
    }
    assert!(!home.data().join("mediaflow.db").exists() || !everything_kept(&home).contains("$argon2id$"));
}

#[test]
fn keys_are_made_listed_and_revoked() {
    let home = Home::new();
    let made = home.json(["keys", "add", "backup script"]);
    let key = made["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("mf_") && key.len() == 67, "three letters and 256 bits in hex: {key}");
    assert!(key.starts_with(made["prefix"].as_str().unwrap()));

    let keys = list(&home.json(["keys"]));
    assert_eq!((keys.len(), &keys[0]["name"], &keys[0]["last_used_at"]), (1, &"backup script".into(), &Value::Null));
    assert!(!home.call(["keys", "list"]).expect(0).stdout.contains(&key), "a list does not show keys");
    assert!(!everything_kept(&home).contains(&key), "only its hash is kept");

    home.call(["keys", "add", "backup script"]).expect(1).expect_line(&["backup script", "taken"]);
    home.call(["keys", "add", " "]).expect(2).expect_line(&["a key needs a name"]);
    home.call(["keys", "revoke", "99"]).expect(2).expect_line(&["key 99"]);
    home.call(["keys", "revoke", "1"]).expect(0);
    assert!(list(&home.json(["keys"])).is_empty());
}

#[test]
fn the_key_alone_is_on_standard_output() {
    let home = Home::new();
    let done = home.call(["keys", "add", "script"]).expect(0);
    assert!(done.stdout.starts_with("mf_") && done.stdout.lines().count() == 1, "{done:?}");
}
