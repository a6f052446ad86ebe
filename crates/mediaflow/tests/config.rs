//! Configuration, as a user meets it: where things are kept, and one clear line for each wrong value.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

mod support;

use std::fs;

use support::home::{Home, finish};

/// A call that reads the whole configuration and does nothing else.
const LOOK: [&str; 1] = ["jobs"];

#[test]
fn a_wrong_value_is_one_line_that_names_it_and_exit_2() {
    let cases = [
        ("DATABASE_URL", "postgresql://mediaflow:hunter2@db.example.org/mediaflow", "only SQLite"),
        ("DATABASE_URL", "sqlite:///:memory:", "a file must be named"),
        ("DATABASE_URL", "sqlite:///", "a file must be named"),
        ("DATABASE_URL", "mediaflow.db", "only SQLite"),
        ("SECRET_KEY", "hunter2", "at least 16 characters"),
        ("CORS_ORIGINS", "localhost:9876", "http://localhost:9876"),
        ("CORS_ORIGINS", "http://localhost:9876/app", "without a path"),
        ("CORS_ORIGINS", "[\"http://localhost:9876\"", "not a JSON list"),
        ("CORS_ORIGINS", "*", "an origin is like"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING and ERROR"),
        ("API_PORT", "0", "from 1 to 65535"),
        ("API_PORT", "65536", "from 1 to 65535"),
        ("API_PORT", "http", "from 1 to 65535"),
        ("API_HOST", "db.example.org", "an IP address"),
        ("MEDIAFLOW_PASSWORD", "hunter2", "it needs 8 to 1024"),
        ("ALLOWED_FOLDERS", "/mnt/media,films", "an absolute path"),
        ("FFMPEG_PATH", "no/such/ffmpeg", "there is no such file"),
        ("FFPROBE_PATH", "no/such/ffprobe", "there is no such file"),
    ];
    let home = Home::new();
    for (name, value, reason) in cases {
        let done = finish(home.command(LOOK).env(name, value)).expect(2);
        done.expect_line(&[name, reason]);
        assert_eq!(done.stdout, "", "{name}={value}");
        assert!(!done.stderr.contains("hunter2"), "a secret was printed: {}", done.stderr);
    }
}

#[test]
fn right_values_are_taken() {
    let cases = [
        ("SECRET_KEY", "sixteen-or-more-characters"),
        ("CORS_ORIGINS", "http://localhost:9876,https://media.example.org"),
        ("CORS_ORIGINS", "[\"http://localhost:9876\"]"),
        ("LOG_LEVEL", "warning"),
        ("API_PORT", "9876"),
        ("API_HOST", "::1"),
        ("API_HOST", "localhost"),
        ("MEDIAFLOW_PASSWORD", "correct horse battery"),
        ("ALLOWED_FOLDERS", "/mnt/media, /srv/films"),
        ("ALLOWED_FOLDERS", "[\"/mnt/a, b\"]"),
        ("DATABASE_URL", ""),
    ];
    let home = Home::new();
    for (name, value) in cases {
        finish(home.command(LOOK).env(name, value)).expect(0);
    }
}

#[test]
fn the_database_lies_where_its_url_says() {
    let home = Home::new();
    let outside = home.root().join("elsewhere.db");
    let absolute = format!("sqlite+aiosqlite:///{}", outside.display());
    assert!(absolute.starts_with("sqlite+aiosqlite:////"), "four slashes: {absolute}");
    let cases = [
        (None, home.data().join("mediaflow.db")),
        (Some("sqlite+aiosqlite:///./x.db".to_owned()), home.data().join("x.db")),
        (Some("sqlite:///y.db".to_owned()), home.data().join("y.db")),
        (Some(absolute), outside),
    ];
    for (url, expected) in cases {
        assert!(!expected.exists());
        let mut command = home.command(LOOK);
        if let Some(url) = &url {
            command.env("DATABASE_URL", url);
        }
        finish(&mut command).expect(0);
        let head = fs::read(&expected).unwrap_or_else(|error| panic!("{url:?}: {}: {error}", expected.display()));
        assert!(head.starts_with(b"SQLite format 3\0"), "{url:?}");
    }
}

#[test]
fn the_env_file_is_read_and_the_environment_wins() {
    let home = Home::new();
    fs::write(home.root().join(".env"), "DATABASE_URL=sqlite:///from-file.db\nLOG_LEVEL=LOUD\n").unwrap();
    home.call(LOOK).expect(2).expect_line(&["LOG_LEVEL=LOUD"]);
    finish(home.command(LOOK).env("LOG_LEVEL", "ERROR")).expect(0);
    assert!(home.data().join("from-file.db").is_file(), "DATABASE_URL of .env was taken");

    fs::write(home.root().join(".env"), "this is no assignment\n").unwrap();
    home.call(LOOK).expect(2).expect_line(&[".env"]);
}

#[test]
fn without_a_data_dir_the_platform_says_where() {
    let home = Home::new();
    let share = home.root().join("share");
    let call = |command: &mut std::process::Command| {
        command.env_remove("DATABASE_URL").current_dir(home.root()).arg("jobs");
        finish(command).expect(0);
    };
    call(std::process::Command::new(env!("CARGO_BIN_EXE_mediaflow")).env("XDG_DATA_HOME", &share));
    assert!(share.join("mediaflow/mediaflow.db").is_file(), "XDG_DATA_HOME is honoured");

    let user = home.root().join("user");
    fs::create_dir(&user).unwrap();
    call(std::process::Command::new(env!("CARGO_BIN_EXE_mediaflow")).env_remove("XDG_DATA_HOME").env("HOME", &user));
    let expected = if cfg!(target_os = "macos") {
        user.join("Library/Application Support/MediaFlow/mediaflow.db")
    } else {
        user.join(".local/share/mediaflow/mediaflow.db")
    };
    assert!(expected.is_file(), "{}", expected.display());
}
