//! What a decision of the scheduler costs: which job is next among many, what is known of the workers, and which of them
//! gets it. All of it must stay small beside a job, however long the queue and however large the fleet.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use clap::Parser;
use mediaflow_benches::{median, timed};
use mediaflow_core::media::preset::find_builtin;
use mediaflow_core::replace::Epoch;
use mediaflow_core::schedule::{Candidate, Pace, PaceBasis, TransferMode, Work, choose};
use mediaflow_core::worker::EncoderSpeed;
use mediaflow_store::{BenchmarkResult, LearnedSpeed, ManyJobs, Reader, Store, StoreError, WorkerForm, WorkerLogin};
use mediaflow_testkit::catalog::{Calendar, generate};
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

/// A film of 100 minutes: 4 GB that become 2.
const FILM: Work = Work { source_bytes: 4_000_000_000, output_bytes: 2_000_000_000, frames: 144_000 };

const ENCODER: &str = "libx265";
const TIER: &str = "1080p";

fn main() {
    let Options { mut workers, jobs, done, samples } = Options::parse();
    workers.sort_unstable();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("library.db");
    let store = queue(&path, jobs);
    println!("| {jobs} jobs queued | next job, µs | what is known, µs | choice, µs | all, µs | most, µs |");
    println!("| ---: | ---: | ---: | ---: | ---: | ---: |");
    // This machine is there from the start.
    let mut present = 1;
    for count in workers {
        (present + 1..=count).for_each(|number| add_worker(&store, &path, number, done));
        present = count.max(present);
        // Read once for a kind of job, and again when a job has ended.
        let speeds: Speeds = store.read(speeds_of).unwrap();
        let mut times: [Vec<f64>; 4] = Default::default();
        for _ in 0..samples {
            let (next, job) = timed(|| store.read(|r| r.job_next()).unwrap());
            assert!(job.is_some());
            let (reading, candidates) = timed(|| store.read(|r| candidates(r, &speeds)).unwrap());
            assert_eq!(candidates.len(), present as usize);
            let (choice, chosen) = timed(|| choose(&candidates, &FILM, None));
            assert!(chosen.is_ok(), "{chosen:?}");
            let parts = [next, reading, choice, next + reading + choice];
            times.iter_mut().zip(parts).for_each(|(all, one)| all.push(one));
        }
        let most = times[3].iter().copied().fold(0.0_f64, f64::max);
        let shown: Vec<String> = times.iter().map(|all| micros(median(all))).collect();
        println!("| {present} workers | {} | {} |", shown.join(" | "), micros(most));
    }
}

fn micros(seconds: f64) -> String {
    format!("{:.0}", seconds * 1e6)
}

/// How fast workers were with one kind of job.
type Speeds = BTreeMap<i64, Option<LearnedSpeed>>;

fn speeds_of(reader: &Reader<'_>) -> Result<Speeds, StoreError> {
    let speed = |id| Ok((id, reader.worker_speed(id, Some(ENCODER), Some(TIER))?));
    reader.workers()?.iter().map(|worker| speed(worker.id)).collect()
}

/// The workers as the store knows them, every third one busy.
fn candidates(reader: &Reader<'_>, speeds: &Speeds) -> Result<Vec<Candidate>, StoreError> {
    let mut candidates = Vec::new();
    let benchmarks = reader.benchmarks_latest()?;
    for worker in reader.workers()? {
        let benchmark = benchmarks.iter().find(|benchmark| benchmark.worker_id == worker.id);
        let learned = speeds.get(&worker.id).copied().flatten();
        candidates.push(Candidate {
            worker_id: worker.id,
            is_local: worker.is_local,
            slots: 2,
            running: if worker.id % 3 == 0 { 2 } else { 0 },
            queued: 0,
            obstacle: None,
            mode: if worker.is_local { TransferMode::Local } else { TransferMode::Push },
            pace: learned
                .map(|speed| Pace { frames_per_second: speed.frames_per_second, basis: PaceBasis::Jobs(speed.jobs) }),
            benchmark_score: worker.performance_score,
            upload_bps: benchmark.as_ref().and_then(|benchmark| benchmark.upload_bps),
            download_bps: benchmark.as_ref().and_then(|benchmark| benchmark.download_bps),
            free_bytes: Some(u64::MAX),
            name: worker.form.name,
        });
    }
    Ok(candidates)
}

/// A worker that was measured, and has done jobs.
fn add_worker(store: &Store, path: &Path, number: u32, done: u32) {
    let form = WorkerForm {
        name: format!("worker {number}"),
        role: "transcode".to_owned(),
        login: WorkerLogin { address: format!("worker-{number}"), ..WorkerLogin::default() },
        work_dir: "/tmp/mediaflow".to_owned(),
        slots: Some(2),
        path_mappings: Vec::new(),
        hourly_cost: None,
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
            tx.benchmark_complete(tx.benchmark_start(id, 200_000_000)?, &result)?;
            Ok(id)
        })
        .unwrap();
    let outcomes = "
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
        INSERT INTO outcomes (job_id, title, preset, ending, reason, source_resolution, source_bytes, encoder, average_fps,
                              created_at, worker_id)
        SELECT 0, 'Film', 'Balanced', 'replaced', '', iif(i % 2, '1080p', '4K'), 1, 'libx265', 10 + i % 7, 0, ?1 FROM n";
    Connection::open(path).unwrap().execute(outcomes, (id, done)).unwrap();
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
    store
}
