//! Many jobs queued in one go, and cleared away again.

use std::collections::BTreeSet;

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, JobStatus, Verdict};
use mediaflow_core::replace::Epoch;
use mediaflow_core::time::Timestamp;
use mediaflow_store::{CatalogEntry, File, ManyJobs, NoJob, QueuedMany};

use crate::fixture::{Fixture, balanced, info};

/// A probed film of the library, by its part.
fn film(fixture: &Fixture, library: i64, name: &str) -> (i64, File) {
    let file = fixture.file(name);
    let entry =
        CatalogEntry { item_key: name, item_type: "movie", title: name, year: None, version_key: "", position: 0 };
    let parts = fixture.store.write(|tx| {
        tx.probe_put(file.id, file.generation, &info(1000), b"{}", "test")?;
        tx.catalog_put(library, file.id, &[entry])
    });
    (parts.unwrap()[0], file)
}

fn library(fixture: &Fixture) -> i64 {
    fixture.store.write(|tx| tx.folder_put(&fixture.storage, None, "Films", "movie")).unwrap().id
}

fn queue(fixture: &Fixture, part_ids: &[i64], insisted: bool, scheduled_after_at: Option<Timestamp>) -> QueuedMany {
    let many = ManyJobs { part_ids, epoch: Epoch(7), preset: &balanced(), insisted, priority: 2, scheduled_after_at };
    fixture.store.write(|tx| tx.jobs_create(&many, |verdict| !verdict.allows_queueing(3))).unwrap()
}

#[test]
fn they_are_queued_in_the_order_asked_for_and_those_that_are_not_are_named_with_the_reason() {
    let fixture = Fixture::new();
    let library = library(&fixture);
    let films: Vec<(i64, File)> = ["a.mkv", "b.mkv", "c.mkv", "made.mkv", "gone.mkv", "held.mkv"]
        .map(|name| film(&fixture, library, name))
        .into();
    let [a, b, c, made, gone, held] = [0, 1, 2, 3, 4, 5].map(|place: usize| films[place].0);
    let holder = fixture.queue(&films[5].1, "held").unwrap();
    let policy = balanced().settings.policy();
    fixture
        .store
        .write(|tx| {
            tx.verdict_put(&films[3].1.content.unwrap(), &policy, &Verdict::Made)?;
            tx.verdict_failed(&films[0].1.content.unwrap(), &policy, "killed")?;
            tx.files_mark_missing(tx.scan_begin(library)?, &[films[4].1.id]).map(drop)
        })
        .unwrap();

    let queued = queue(&fixture, &[c, made, a, gone, 999, b, held, a], false, None);
    let first = queued.created[0];
    assert_eq!(queued.created, [first, first + 1, first + 2]);
    let why = [
        (made, NoJob::Remembered(Verdict::Made)),
        (gone, NoJob::Missing),
        (999, NoJob::Unknown),
        (held, NoJob::Held(holder)),
        (a, NoJob::Held(first + 1)),
    ];
    assert_eq!(queued.left_out, why);
    assert!(matches!(
        fixture.events().last(),
        Some(Event::JobsCreated { first_job_id, count: 3 }) if *first_job_id == first
    ));
    let mut names = Vec::new();
    let mut public_ids = BTreeSet::new();
    while let Some(job) = fixture.store.write(|tx| tx.job_claim(JobStatus::Transcoding)).unwrap() {
        assert_eq!((job.source_bytes, job.preset.as_str(), &job.settings), (1000, "Balanced", &balanced().settings));
        public_ids.insert(job.public_id);
        names.push(job.title);
    }
    assert_eq!(names[..3], ["c.mkv", "a.mkv", "b.mkv"], "before what has a lower priority");
    assert_eq!(public_ids.len(), 4);
    assert!(public_ids.contains("0000000000000007-1"), "{public_ids:?}");

    assert_eq!(queue(&fixture, &[made], true, None).created.len(), 1, "who insists is not held back");
    assert_eq!(queue(&fixture, &[], false, None), QueuedMany::default());
}

#[test]
fn they_wait_for_the_instant_that_was_asked_for() {
    let fixture = Fixture::new();
    let library = library(&fixture);
    let (part, _) = film(&fixture, library, "a.mkv");
    queue(&fixture, &[part], false, Some(Timestamp(99_000_000)));
    assert_eq!(fixture.store.write(|tx| tx.job_claim(JobStatus::Transcoding)).unwrap(), None);
    fixture.clock.set(99_000_000);
    fixture.store.write(|tx| tx.jobs_due()).unwrap();
    assert!(fixture.store.write(|tx| tx.job_claim(JobStatus::Transcoding)).unwrap().is_some());
}

#[test]
fn what_was_not_begun_is_cleared_without_a_trace_and_what_was_begun_is_left() {
    let fixture = Fixture::new();
    let library = library(&fixture);
    let parts: Vec<i64> = (0..1200).map(|number| film(&fixture, library, &format!("{number}.mkv")).0).collect();
    let jobs = queue(&fixture, &parts, false, None).created;
    fixture.step(jobs[0], JobStatus::Transcoding).unwrap();
    fixture.end(jobs[0], Ending::Failed).unwrap();
    let mut removed = Vec::new();
    loop {
        match fixture.store.write(|tx| tx.jobs_clear_unbegun()).unwrap() {
            0 => break,
            some => removed.push(some),
        }
    }
    assert_eq!(removed, [500, 500, 199], "some at a time");
    assert_eq!(fixture.count("jobs"), 1);
    assert_eq!(fixture.store.write(|tx| tx.jobs_clear_finished()).unwrap(), 1);
    assert_eq!(fixture.count("intents") + fixture.count("jobs"), 0);
}
