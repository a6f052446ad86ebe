//! A process that is killed in the middle of writing loses nothing that it was told was committed, and leaves nothing
//! half done.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use mediaflow_core::event::Event;
use mediaflow_core::job::JobStatus;
use mediaflow_store::Store;

use crate::fixture::{Fixture, clock, create_job, put_file, put_storage};

const DATABASE: &str = "STORE_TEST_DATABASE";

pub fn child(test: &str, fixture: &Fixture) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(DATABASE, fixture.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

pub fn database_of_child() -> Option<PathBuf> {
    env::var_os(DATABASE).map(PathBuf::from)
}

#[test]
#[ignore = "runs as the child of the test below"]
fn child_writes() {
    let Some(path) = database_of_child() else { return };
    let store = Store::open(&path, clock()).unwrap();
    for n in 0.. {
        let job = store
            .write(|tx| {
                let storage = put_storage(tx)?;
                let file = put_file(tx, &storage, &format!("{}-{n}.mkv", std::process::id()))?;
                let job = create_job(tx, &file, &format!("{}-{n}", std::process::id()), 0)?;
                tx.job_step(job, JobStatus::Transcoding)?;
                Ok(job)
            })
            .unwrap();
        println!("committed {job}");
    }
}

#[test]
fn what_was_committed_survives_a_kill_and_nothing_is_half_done() {
    let fixture = Fixture::new();
    let mut told = Vec::new();
    for commits in [1, 7, 40] {
        let mut child = child("crash::child_writes", &fixture);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ids =
            lines.filter_map(|line| line.unwrap().strip_prefix("committed ").map(|id| id.parse::<i64>().unwrap()));
        let mut ids = ids.take(commits);
        told.extend(ids.by_ref());
        // SIGKILL, while it goes on writing.
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_eq!(told.len(), 48);

    let store = Store::open(&fixture.path(), clock()).unwrap();
    for job in &told {
        assert_eq!(store.read(|r| r.job(*job)).unwrap().status, JobStatus::Transcoding, "job {job}");
    }
    let jobs = fixture.count("jobs");
    assert_eq!(fixture.count("files"), jobs, "a file without its job");
    let events = fixture.events();
    let created = events.iter().filter(|event| matches!(event, Event::JobCreated { .. })).count();
    let moved = events.iter().filter(|event| matches!(event, Event::JobStatusChanged { .. })).count();
    assert_eq!((created as i64, moved as i64), (jobs, jobs), "events without their state, or the other way round");
    let conn = rusqlite::Connection::open(fixture.path()).unwrap();
    let check: String = conn.pragma_query_value(None, "integrity_check", |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}
