//! How fast workers were, each time that it was measured.

use mediaflow_core::event::Event;
use mediaflow_core::time::Timestamp;
use mediaflow_core::worker::EncoderSpeed;
use rusqlite::Row;

use crate::error::StoreError;
use crate::row::{
    all, first, get, insert, json, named, named_enum, run, time, time_opt, to_json, unsigned, unsigned_opt,
};
use crate::store::{Reader, Tx};

named_enum! {
    /// How a measurement stands.
    BenchmarkStatus {
        /// It is under way.
        Running = "running",
        /// It came to its end.
        Completed = "completed",
        /// It did not.
        Failed = "failed",
    }
}

/// What was measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BenchmarkResult {
    /// To the worker, in bits a second; `None` for this machine, to which nothing is sent.
    pub upload_bps: Option<u64>,
    /// From the worker, in bits a second.
    pub download_bps: Option<u64>,
    /// There and back, in microseconds.
    pub latency_us: Option<u64>,
    /// Bytes that were sent each way.
    pub test_bytes: u64,
    /// What its encoders gave.
    pub encoders: Vec<EncoderSpeed>,
    /// All in all, from 0 to 100.
    pub performance_score: f64,
}

/// One measurement of a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct Benchmark {
    /// Its id.
    pub id: i64,
    /// The worker.
    pub worker_id: i64,
    /// How it stands.
    pub status: BenchmarkStatus,
    /// To the worker, in bits a second.
    pub upload_bps: Option<u64>,
    /// From the worker, in bits a second.
    pub download_bps: Option<u64>,
    /// There and back, in microseconds.
    pub latency_us: Option<u64>,
    /// Bytes to be sent each way, or that were.
    pub test_bytes: u64,
    /// What its encoders gave.
    pub encoders: Vec<EncoderSpeed>,
    /// All in all, from 0 to 100.
    pub performance_score: Option<f64>,
    /// Why it failed.
    pub error: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Measurements of a worker that are kept.
const KEPT: u32 = 20;

fn read(row: &Row<'_>) -> Result<Benchmark, StoreError> {
    Ok(Benchmark {
        id: get(row, "id")?,
        worker_id: get(row, "worker_id")?,
        status: named(row, "status", BenchmarkStatus::parse)?,
        upload_bps: unsigned_opt(row, "upload_bps")?,
        download_bps: unsigned_opt(row, "download_bps")?,
        latency_us: unsigned_opt(row, "latency_us")?,
        test_bytes: unsigned(row, "test_bytes")?,
        encoders: json(row, "encoders")?,
        performance_score: get(row, "performance_score")?,
        error: get(row, "error")?,
        started_at: time(row, "started_at")?,
        ended_at: time_opt(row, "ended_at")?,
    })
}

impl Reader<'_> {
    /// The measurements of a worker that are kept, newest first.
    pub fn benchmarks(&self, worker_id: i64) -> Result<Vec<Benchmark>, StoreError> {
        let sql = "SELECT * FROM worker_benchmarks WHERE worker_id = ?1 ORDER BY id DESC LIMIT ?2";
        all(self.conn, sql, (worker_id, KEPT), read)
    }

    /// The last measurement of each worker that came to its end.
    pub fn benchmarks_latest(&self) -> Result<Vec<Benchmark>, StoreError> {
        let sql = "SELECT * FROM worker_benchmarks WHERE id IN
                   (SELECT max(id) FROM worker_benchmarks WHERE status = 'completed' GROUP BY worker_id)";
        all(self.conn, sql, [], read)
    }

    /// The last measurement of a worker that came to its end.
    pub fn benchmark_latest(&self, worker_id: i64) -> Result<Option<Benchmark>, StoreError> {
        let sql =
            "SELECT * FROM worker_benchmarks WHERE worker_id = ?1 AND status = 'completed' ORDER BY id DESC LIMIT 1";
        first(self.conn, sql, [worker_id], read)
    }
}

impl Tx<'_> {
    /// Notes that a measurement was begun, and gives its id. Those beyond the last twenty are forgotten.
    pub fn benchmark_start(&self, worker_id: i64, test_bytes: u64) -> Result<i64, StoreError> {
        let sql = "INSERT INTO worker_benchmarks (worker_id, status, test_bytes, started_at) VALUES (?1, ?2, ?3, ?4)";
        let running = BenchmarkStatus::Running.name();
        let id = insert(self.conn, sql, (worker_id, running, test_bytes.cast_signed(), self.now().0))?;
        let sql = "DELETE FROM worker_benchmarks WHERE worker_id = ?1 AND id NOT IN (
                       SELECT id FROM worker_benchmarks WHERE worker_id = ?1 ORDER BY id DESC LIMIT ?2)";
        run(self.conn, sql, (worker_id, KEPT))?;
        Ok(id)
    }

    /// Notes what was measured, for the worker too.
    pub fn benchmark_complete(&self, id: i64, result: &BenchmarkResult) -> Result<(), StoreError> {
        let sql =
            "UPDATE worker_benchmarks SET status = 'completed', upload_bps = ?2, download_bps = ?3, latency_us = ?4,
                   test_bytes = ?5, encoders = ?6, performance_score = ?7, ended_at = ?8 WHERE id = ?1";
        let values = rusqlite::params![
            id,
            result.upload_bps.map(u64::cast_signed),
            result.download_bps.map(u64::cast_signed),
            result.latency_us.map(u64::cast_signed),
            result.test_bytes.cast_signed(),
            to_json("list of encoders", &result.encoders)?,
            result.performance_score,
            self.now().0,
        ];
        run(self.conn, sql, values)?;
        let worker_id = self.benchmarked(id)?;
        self.worker_rates_put(worker_id, result.upload_bps, result.download_bps)?;
        let sql = "UPDATE workers SET performance_score = ?2, last_benchmark_at = ?3, row_version = row_version + 1
                   WHERE id = ?1";
        run(self.conn, sql, (worker_id, result.performance_score, self.now().0))?;
        #[allow(clippy::cast_precision_loss)] // for people to read
        let millionths = |value: Option<u64>, unit: f64| value.unwrap_or(0) as f64 / unit;
        self.event(&Event::BenchmarkCompleted {
            worker_id,
            benchmark_id: id,
            performance_score: result.performance_score,
            upload_mbps: millionths(result.upload_bps, 1e6),
            download_mbps: millionths(result.download_bps, 1e6),
            latency_ms: millionths(result.latency_us, 1e3),
        })
        .map(drop)
    }

    /// Notes why a measurement came to nothing.
    pub fn benchmark_fail(&self, id: i64, error: &str) -> Result<(), StoreError> {
        let sql = "UPDATE worker_benchmarks SET status = 'failed', error = ?2, ended_at = ?3 WHERE id = ?1";
        run(self.conn, sql, (id, error, self.now().0))?;
        let worker_id = self.benchmarked(id)?;
        self.event(&Event::BenchmarkFailed { worker_id, benchmark_id: id, error: error.to_owned() }).map(drop)
    }

    /// Ends what an earlier process was measuring when it ended.
    pub fn benchmarks_abandon(&self) -> Result<(), StoreError> {
        let sql = "SELECT id FROM worker_benchmarks WHERE status = 'running'";
        for id in all(self.conn, sql, [], |row| get::<i64>(row, "id"))? {
            self.benchmark_fail(id, "MediaFlow was stopped while it was measuring; start it again")?;
        }
        Ok(())
    }

    fn benchmarked(&self, id: i64) -> Result<i64, StoreError> {
        first(self.conn, "SELECT worker_id FROM worker_benchmarks WHERE id = ?1", [id], |row| get(row, "worker_id"))?
            .ok_or(StoreError::NotFound { what: "benchmark", id })
    }
}
