//! Several processes and threads on one file: they wait for each other and nobody hears of a lock.

use std::process::Child;
use std::thread;

use mediaflow_store::Store;

use crate::crash::{child, database_of_child};
use crate::fixture::{Fixture, clock, create_job, put_file, put_storage};

const WRITES: u64 = 150;

fn write_hard(store: &Store) {
    for n in 0..WRITES {
        store.write(|tx| tx.setting_put("count", &(tx.setting::<u64>("count")?.unwrap_or(0) + 1))).unwrap();
        if n % 10 == 0 {
            store
                .read(|r| r.jobs(&mediaflow_store::JobPage { statuses: &[], file_id: None, limit: 10, offset: 0 }))
                .unwrap();
        }
    }
}

#[test]
#[ignore = "runs as the child of the test below"]
fn child_writes_hard() {
    let Some(path) = database_of_child() else { return };
    write_hard(&Store::open(&path, clock()).unwrap());
}

#[test]
fn processes_and_threads_that_write_at_once_all_get_through() {
    let fixture = Fixture::new();
    let children: Vec<Child> = (0..3).map(|_| child("contention::child_writes_hard", &fixture)).collect();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| write_hard(&fixture.store));
        }
    });
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let count: Option<u64> = fixture.store.read(|r| r.setting("count")).unwrap();
    assert_eq!(count, Some(6 * WRITES), "a write was lost, or built on a stale read");
}

#[test]
fn a_new_file_may_be_opened_by_many_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.db");
    thread::scope(|scope| {
        for n in 0..8 {
            let path = &path;
            scope.spawn(move || {
                let store = Store::open(path, clock()).unwrap();
                store.write(|tx| tx.setting_put(&n.to_string(), &n)).unwrap();
            });
        }
    });
    let store = Store::open(&path, clock()).unwrap();
    for n in 0..8 {
        assert_eq!(store.read(|r| r.setting::<i32>(&n.to_string())).unwrap(), Some(n));
    }
}

#[test]
fn of_many_who_queue_one_file_one_succeeds() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    let (store, file) = (&fixture.store, &file);
    let queued: usize = thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|n| scope.spawn(move || store.write(|tx| create_job(tx, file, &n.to_string(), 0)).is_ok()))
            .collect();
        tries.into_iter().map(|t| usize::from(t.join().unwrap())).sum()
    });
    assert_eq!(queued, 1);
}

#[test]
fn a_reader_sees_one_moment_however_long_it_looks() {
    let fixture = Fixture::new();
    fixture.file("a.mkv");
    let count = |r: &mediaflow_store::Reader<'_>| {
        let mut files = 0;
        r.files_known(fixture.storage.id, |_| {
            files += 1;
            std::ops::ControlFlow::Continue(())
        })?;
        Ok::<_, mediaflow_store::StoreError>(files)
    };
    let (before, after) = fixture
        .store
        .read(|r| {
            let before = count(r)?;
            fixture.store.write(|tx| {
                let storage = put_storage(tx)?;
                put_file(tx, &storage, "b.mkv")
            })?;
            Ok((before, count(r)?))
        })
        .unwrap();
    assert_eq!((before, after), (1, 1));
    assert_eq!(fixture.store.read(count).unwrap(), 2);
}
