//! What a decision of the scheduler costs, from a slot that is free to the worker that gets the job, with everything that is
//! read for it: which job is next among many, how all workers stand, what is known of the job, and how fast each of them is.
//! All of it must stay small beside a job, however long the queue and however large the fleet.
//!
//! The workers are this machine's ffmpeg under many names: what it can do was tried for real.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use clap::Parser;
use mediaflow_benches::{SystemClock, median, timed, tools};
use mediaflow_core::media::preset::find_builtin;
use mediaflow_core::plan::plan;
use mediaflow_core::replace::Epoch;
use mediaflow_core::time::Clock as _;
use mediaflow_core::worker::{EncoderSpeed, WorkerStatus};
use mediaflow_engine::fleet::{Busy, Choice, Roster, Speeds, Worker, Workers};
use mediaflow_engine::run::measure::Tools;
use mediaflow_store::{BenchmarkResult, ManyJobs, Store, WorkerForm, WorkerLogin};
use mediaflow_testkit::catalog::{Calendar, generate};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::executor::LocalExecutor;
use rusqlite::Connection;

#[derive(Parser)]
struct Options {
    /// Numbers of workers.
    #[arg(long, value_delimiter = ',', default_value = "2,10,100")]
    workers: Vec<u32>,
    /// Jobs in the queue.
    #[arg(long, default_value_t = 100_000)]
    jobs: usize,
    /// Jobs that each worker has done, in two tiers.
    #[arg(long, default_value_t = 1000)]
    done: u32,
    /// Decisions that are timed for each number.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    samples: u32,
}

const ENCODER: &str = "libx265";

/// Workers that are ready, by their ids.
#[derive(Default)]
struct Ready(HashMap<i64, Arc<Worker>>);

impl Workers for Ready {
    fn worker(&self, id: i64) -> Option<Arc<Worker>> {
        self.0.get(&id).cloned()
    }

    fn free_bytes(&self, _id: i64) -> Option<u64> {
        Some(u64::MAX)
    }
}

fn main() {
    let Options { mut workers, jobs, done, samples } = Options::parse();
    workers.sort_unstable();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("library.db");
    let here = here(dir.path());
    let store = queue(&path, jobs);
    println!("| {jobs} jobs queued | next job, µs | workers, µs | choice, µs | all, µs | 99 of 100, µs |");
    println!("| ---: | ---: | ---: | ---: | ---: | ---: |");
    let (mut ready, speeds) = (Ready::default(), Speeds::default());
    // This machine is there from the start.
    let mut present = 1;
    for count in workers {
        for number in present + 1..=count {
            let id = add_worker(&store, &path, number, done);
            let mut worker = here.as_ref().clone();
            (worker.id, worker.name) = (id, format!("worker {number}"));
            ready.0.insert(id, Arc::new(worker));
        }
        present = count.max(present);
        // Every third one has all that it takes.
        let running = ready.0.keys().filter(|id| *id % 3 == 0).map(|id| (*id, 2)).collect();
        let busy = Busy { running, ..Busy::default() };
        let mut times: [Vec<f64>; 4] = Default::default();
        for sample in 0..samples {
            // A slot is free because a job has ended, of which something is learned.
            note_outcomes(&path, i64::from(sample % present) + 1, 1);
            let (next, job) = timed(|| {
                let job = store.read(|r| r.job_next()).unwrap().unwrap();
                store.read(|r| r.attempts_of_job(job.id)).unwrap();
                job
            });
            let (reading, roster) =
                timed(|| store.read(|r| Roster::new(r, Arc::clone(&here), SystemClock.now())).unwrap());
            let choice = Choice { roster: &roster, workers: &ready, speeds: &speeds, busy: &busy };
            let (choosing, placed) = timed(|| store.read(|r| choice.place(r, &job)).unwrap());
            assert!(placed.is_ok(), "{placed:?}");
            let parts = [next, reading, choosing, next + reading + choosing];
            times.iter_mut().zip(parts).for_each(|(all, one)| all.push(one));
        }
        times.iter_mut().for_each(|all| all.sort_by(f64::total_cmp));
        let late = times[3][times[3].len() * 99 / 100];
        let shown: Vec<String> = times.iter().map(|all| micros(median(all))).collect();
        println!("| {present} workers | {} | {} |", shown.join(" | "), micros(late));
    }
}

fn micros(seconds: f64) -> String {
    format!("{:.0}", seconds * 1e6)
}

/// This machine, with what was seen to work on it.
fn here(scratch: &Path) -> Arc<Worker> {
    let tools = Tools::of(&tools(scratch), 1);
    tools.devices.trials(&Cancel::new()).unwrap();
    Arc::new(Worker::here(tools, Arc::new(LocalExecutor::new("unused")), scratch))
}

/// A worker that was measured, and has done jobs.
fn add_worker(store: &Store, path: &Path, number: u32, done: u32) -> i64 {
    let form = WorkerForm {
        name: format!("worker {number}"),
        login: WorkerLogin { address: format!("worker-{number}"), ..WorkerLogin::default() },
        work_dir: "/tmp/mediaflow".to_owned(),
        slots: Some(2),
        ..WorkerForm::default()
    };
    let result = BenchmarkResult {
        upload_bps: Some(1_000_000 * u64::from(number)),
        download_bps: Some(2_000_000 * u64::from(number)),
        latency_us: Some(500),
        test_bytes: 200_000_000,
        encoders: vec![EncoderSpeed { encoder: ENCODER.to_owned(), frames_per_second: f64::from(number) }],
        performance_score: f64::from(number % 100),
    };
    let id = store
        .write(|tx| {
            let id = tx.worker_create(&form)?;
            tx.worker_stands(id, WorkerStatus::Online, None)?;
            tx.benchmark_complete(tx.benchmark_start(id, 200_000_000)?, &result)?;
            Ok(id)
        })
        .unwrap();
    note_outcomes(path, id, done);
    id
}

/// A worker has done so many jobs.
fn note_outcomes(path: &Path, worker_id: i64, done: u32) {
    let outcomes = "
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
        INSERT INTO outcomes (job_id, title, preset, ending, reason, source_resolution, source_bytes, encoder, average_fps,
                              created_at, worker_id)
        SELECT 0, 'Film', 'Balanced', 'replaced', '', iif(i % 2, '1080p', '4K'), 1, 'libx265', 10 + i % 7, 0, ?1 FROM n";
    Connection::open(path).unwrap().execute(outcomes, (worker_id, done)).unwrap();
}

/// A store with so many jobs in its queue.
fn queue(path: &Path, jobs: usize) -> Store {
    let calendar = Arc::new(Calendar::default());
    let store = Store::open(path, calendar.clone()).unwrap();
    // Some of a generated library's files are missing, and some films lie in several files.
    generate(&store, &calendar, jobs as u64 * 11 / 10, 1, |_| {}).unwrap();
    let mut parts = Vec::new();
    let visit = |media: mediaflow_store::MediaFile| {
        parts.extend(media.item.map(|item| item.part_id));
        std::ops::ControlFlow::Continue(())
    };
    store.read(|r| r.media_files(None, visit)).unwrap();
    let preset = find_builtin("Balanced").unwrap();
    let many = ManyJobs {
        part_ids: &parts[..jobs],
        epoch: Epoch(7),
        preset: &preset,
        insisted: false,
        priority: 0,
        scheduled_after_at: None,
    };
    assert_eq!(store.write(|tx| tx.jobs_create(&many, |_| true)).unwrap().created.len(), jobs);
    // What is tried again has a plan already.
    let job = store.read(|r| r.job_next()).unwrap().unwrap();
    let info = store.read(|r| r.probe(job.file_id.unwrap())).unwrap().unwrap().info;
    let intent = plan(&info, &job.settings).unwrap();
    store.write(|tx| tx.job_planned(job.id, &intent, Some(job.source_bytes / 2))).unwrap();
    store
}
