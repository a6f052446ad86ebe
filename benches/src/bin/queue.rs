//! What the queue costs by the number of jobs in it: queueing that many in one go, the dispatcher's choice, pages, order,
//! a folder that goes away, and clearing. The choice and the pages must not get slower with the number.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser;
use mediaflow_benches::{median, timed};
use mediaflow_core::job::JobStatus;
use mediaflow_core::media::preset::find_builtin;
use mediaflow_core::replace::Epoch;
use mediaflow_store::{AwayFolder, JobList, JobOrder, ManyJobs, Store};
use mediaflow_testkit::catalog::{Calendar, generate};

#[derive(Parser)]
struct Options {
    /// Numbers of jobs.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000")]
    jobs: Vec<usize>,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

/// Something that is measured: its name, and its seconds for each number of jobs.
struct Row {
    what: &'static str,
    seconds: Vec<f64>,
}

const WAITING: &[JobStatus] = &[JobStatus::Queued, JobStatus::Paused];

fn main() {
    let Options { jobs, rounds } = Options::parse();
    let dir = tempfile::tempdir().unwrap();
    let calendar = Arc::new(Calendar::default());
    let store = Store::open(&dir.path().join("library.db"), calendar.clone()).unwrap();
    let most = jobs.iter().copied().max().unwrap_or(0);
    // Some of a generated library's files are missing, and some films lie in several files.
    generate(&store, &calendar, most as u64 * 11 / 10, 1, |_| {}).unwrap();
    let parts = parts(&store);
    let mut rows: Vec<Row> = Vec::new();
    for count in &jobs {
        for (place, (what, seconds)) in measure(&store, &parts[..*count], rounds).into_iter().enumerate() {
            match rows.get_mut(place) {
                Some(row) => row.seconds.push(seconds),
                None => rows.push(Row { what, seconds: vec![seconds] }),
            }
        }
    }
    let numbers: Vec<String> = jobs.iter().map(|count| format!("{count} jobs, ms")).collect();
    println!("| what | {} |", numbers.join(" | "));
    println!("| --- |{}", " ---: |".repeat(jobs.len()));
    for Row { what, seconds } in rows {
        let shown: Vec<String> = seconds.iter().map(|seconds| format!("{:.2}", seconds * 1000.0)).collect();
        println!("| {what} | {} |", shown.join(" | "));
    }
}

/// Parts whose files can be queued, each file once.
fn parts(store: &Store) -> Vec<i64> {
    let mut parts = Vec::new();
    let visit = |media: mediaflow_store::MediaFile| {
        parts.extend(media.item.map(|item| item.part_id));
        std::ops::ControlFlow::Continue(())
    };
    store.read(|r| r.media_files(None, visit)).unwrap();
    parts
}

/// The median of each, for a queue of these parts.
fn measure(store: &Store, parts: &[i64], rounds: u32) -> Vec<(&'static str, f64)> {
    let mut all: Vec<(&'static str, Vec<f64>)> = Vec::new();
    for _ in 0..rounds {
        for (place, (what, seconds)) in round(store, parts).into_iter().enumerate() {
            match all.get_mut(place) {
                Some((_, times)) => times.push(seconds),
                None => all.push((what, vec![seconds])),
            }
        }
    }
    all.into_iter().map(|(what, times)| (what, median(&times))).collect()
}

fn round(store: &Store, parts: &[i64]) -> Vec<(&'static str, f64)> {
    let preset = find_builtin("Balanced").unwrap();
    let many = ManyJobs {
        part_ids: parts,
        epoch: Epoch(7),
        preset: &preset,
        insisted: false,
        priority: 0,
        scheduled_after_at: None,
    };
    let queue = || store.write(|tx| tx.jobs_create(&many, |_| true)).unwrap();
    let (queueing, queued) = timed(queue);
    assert_eq!(queued.created.len(), parts.len());
    let (again, left_out) = timed(queue);
    assert_eq!(left_out.left_out.len(), parts.len());
    let page = |offset: usize, statuses, order| {
        let list = JobList { statuses, order, limit: 50, offset: u32::try_from(offset).unwrap() };
        let (seconds, views) = timed(|| store.read(|r| r.job_views(&list)).unwrap());
        assert_eq!(views.len(), 50);
        seconds
    };
    let first = page(0, WAITING, JobOrder::Queue);
    let last = page(parts.len() - 50, WAITING, JobOrder::Queue);
    let newest = page(0, &[], JobOrder::Newest);
    let (counts, _) = timed(|| store.read(|r| Ok((r.job_counts()?, r.queued_bytes()?, r.queue_waits()?))).unwrap());
    let (choice, next) = timed(|| store.read(|r| r.job_next()).unwrap());
    assert_eq!(next.map(|job| job.id), queued.created.first().copied());
    let (claim, job) = timed(|| store.write(|tx| tx.job_claim(JobStatus::Transcoding)).unwrap().unwrap());
    store.write(|tx| tx.job_step(job.id, JobStatus::Queued)).unwrap();
    let (front, back) = (queued.created[0], queued.created[parts.len() - 1]);
    let (moving, ()) = timed(|| store.write(|tx| tx.job_move(back, Some(front))).unwrap());
    let (away, returned) = folder(store, job.storage_id);
    let (clearing, removed) = timed(|| {
        let mut removed = 0;
        loop {
            match store.write(|tx| tx.jobs_clear_unbegun()).unwrap() {
                0 => break removed,
                some => removed += some,
            }
        }
    });
    assert_eq!(removed, parts.len());
    vec![
        ("queueing them in one go", queueing),
        ("the same again: all are in the queue", again),
        ("the dispatcher's choice", choice),
        ("the claim, with its commit", claim),
        ("first page of fifty", first),
        ("last page of fifty", last),
        ("fifty newest", newest),
        ("all counts", counts),
        ("moving the last to the front", moving),
        ("the disk of a library goes away", away),
        ("it is back", returned),
        ("clearing them away", clearing),
    ]
}

/// How long it takes to let all jobs of a storage wait for its folder, and back.
fn folder(store: &Store, storage_id: i64) -> (f64, f64) {
    let root: PathBuf = store.read(|r| r.storage(storage_id)).unwrap().root;
    let away = AwayFolder { folder: &root, storage_id, below: None, reason: "it is not there" };
    let (went, waiting) = timed(|| store.write(|tx| tx.jobs_wait_for(&away)).unwrap());
    let (came, back) = timed(|| store.write(|tx| tx.folder_is_back(storage_id, &root)).unwrap());
    assert_eq!(waiting, back);
    (went, came)
}
