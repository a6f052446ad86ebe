//! How fast a worker is: the line to it, and what its encoders do with the same pictures as everywhere.

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mediaflow_core::media::preset::TargetVideo;
use mediaflow_core::worker::{EncoderSpeed, NO_LINE_SCORE, WorkerStatus, line_score};
use mediaflow_ffmpeg::binding::speed::{FRAMES, parse_speed, speed_args};
use mediaflow_ffmpeg::encoder::VideoEncoder;
use mediaflow_store::{BenchmarkResult, BenchmarkStatus, StoreError, Worker as WorkerRow};
use mediaflow_transport::process::{Invocation, ProcessError};
use mediaflow_transport::ssh::{SpeedTest, SshError};

use super::ready::NotReady;
use super::{Fleet, FleetError, FleetNews, Worker, Workers};
use crate::service::CommandError;
use crate::settings;
use crate::toolchain::ToolError;

/// How much is done to find out.
#[derive(Debug, Clone, Copy)]
struct Effort {
    /// Bytes each way (`facts` §8).
    bytes: u64,
    /// The most that each way takes: on a slow line fewer bytes go.
    limit: Duration,
    /// Frames for each encoder.
    frames: u32,
}

const EFFORT: Effort = Effort { bytes: 200_000_000, limit: Duration::from_secs(10), frames: FRAMES };

/// An encoder that takes longer than this for five seconds of film is of no use.
const ENCODE_LIMIT: Duration = Duration::from_secs(180);

/// Begins to measure a worker, and gives the measurement's id at once. `here` is this machine, for when it is the one.
///
/// # Errors
/// The worker has to be online, and not being measured already.
pub(crate) fn start(fleet: &Fleet, here: Option<Arc<Worker>>, worker_id: i64) -> Result<i64, CommandError> {
    begin(fleet, here, worker_id, EFFORT)
}

fn begin(fleet: &Fleet, here: Option<Arc<Worker>>, worker_id: i64, effort: Effort) -> Result<i64, CommandError> {
    if fleet.stop().is_cancelled() {
        return Err(CommandError::Stopping);
    }
    let (row, begun) = fleet.store().write(|tx| {
        let row = tx.worker(worker_id)?;
        let is_running = tx.benchmarks(worker_id)?.iter().any(|one| one.status == BenchmarkStatus::Running);
        let test_bytes = if row.is_local { 0 } else { effort.bytes };
        let may_begin = row.status == WorkerStatus::Online && !is_running;
        let begun = may_begin.then(|| tx.benchmark_start(worker_id, test_bytes)).transpose()?;
        Ok((row, begun))
    })?;
    let Some(id) = begun else {
        let name = row.name();
        return Err(match row.status {
            WorkerStatus::Online => CommandError::Conflict(format!("{name} is being measured already")),
            _ => CommandError::WrongState("Server must be online to benchmark".to_owned()),
        });
    };
    let running = {
        let fleet = fleet.clone();
        move || run(&Measurement { fleet: &fleet, row, id, effort }, here)
    };
    if fleet.threads().spawn(&format!("benchmark-{worker_id}"), running) {
        return Ok(id);
    }
    let reason = "this machine has no thread left to measure it; try again";
    fleet.store().write(|tx| tx.benchmark_fail(id, reason))?;
    Err(CommandError::Failed(reason.to_owned()))
}

fn run(measurement: &Measurement<'_>, here: Option<Arc<Worker>>) {
    let result = measurement.go(here);
    let (fleet, id) = (measurement.fleet, measurement.id);
    let noted = fleet.store().write(|tx| match &result {
        Ok(result) => tx.benchmark_complete(id, result),
        Err(error) => tx.benchmark_fail(id, &error.to_string()),
    });
    match noted {
        // The worker was removed meanwhile.
        Ok(()) | Err(StoreError::NotFound { .. }) => {}
        Err(error) => tracing::error!("what benchmark {id} came to is not noted: {error}"),
    }
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
enum BenchmarkError {
    #[error(transparent)]
    Fleet(#[from] FleetError),
    #[error(transparent)]
    Ssh(#[from] SshError),
    #[error(transparent)]
    NotReady(#[from] NotReady),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("ffmpeg was not found on this machine yet; the task list says why")]
    NoTools,
}

/// The line to a worker.
#[derive(Clone, Copy)]
struct Line {
    upload_bps: u64,
    download_bps: u64,
    latency_us: u64,
    bytes: u64,
}

/// One measurement on its way.
struct Measurement<'a> {
    fleet: &'a Fleet,
    row: WorkerRow,
    id: i64,
    effort: Effort,
}

impl Measurement<'_> {
    fn go(&self, here: Option<Arc<Worker>>) -> Result<BenchmarkResult, BenchmarkError> {
        self.tell("started", 0);
        let (worker, line) = if self.row.is_local {
            (here.ok_or(BenchmarkError::NoTools)?, None)
        } else {
            let line = self.line()?;
            let known = self.fleet.worker(self.row.id);
            (known.map_or_else(|| self.fleet.prepare(self.row.id), Ok)?, Some(line))
        };
        self.tell("encoding", 85);
        let encoders = self.encoders(&worker)?;
        let score = line.map_or(NO_LINE_SCORE, |line| line_score(line.upload_bps, line.download_bps, line.latency_us));
        Ok(BenchmarkResult {
            upload_bps: line.map(|line| line.upload_bps),
            download_bps: line.map(|line| line.download_bps),
            latency_us: line.map(|line| line.latency_us),
            test_bytes: line.map_or(0, |line| line.bytes),
            encoders,
            performance_score: score,
        })
    }

    /// The line, as a transfer uses it.
    fn line(&self) -> Result<Line, BenchmarkError> {
        let (machine, cancel) = (self.fleet.machine(self.row.id)?, self.fleet.stop());
        let streams = self.fleet.store().read(settings::transfer_streams)?;
        self.tell("latency", 10);
        let latency = machine.latency(cancel)?;
        self.tell("generating", 20);
        let dir = PathBuf::from(&self.row.form.work_dir);
        let Effort { bytes, limit, .. } = self.effort;
        let test = SpeedTest { machine: &machine, dir: &dir, streams, bytes, limit, cancel };
        self.tell("uploading", 40);
        let speed = test.run(&|| self.tell("downloading", 70))?;
        Ok(Line {
            upload_bps: speed.upload_bps,
            download_bps: speed.download_bps,
            latency_us: u64::try_from(latency.as_micros()).unwrap_or(u64::MAX),
            bytes: speed.bytes,
        })
    }

    /// Every video encoder that works there, one after the other.
    fn encoders(&self, worker: &Worker) -> Result<Vec<EncoderSpeed>, BenchmarkError> {
        let trials = worker.tools.devices.trials(self.fleet.stop())?;
        let mut speeds = Vec::new();
        for report in trials.encoders.iter().filter(|report| report.works) {
            let Some(encoder) = VideoEncoder::parse(&report.name).filter(|one| one.codec != TargetVideo::Copy) else {
                continue;
            };
            let frames = self.effort.frames;
            let invocation = Invocation::new(&worker.tools.ffmpeg, speed_args(encoder, frames));
            let ended = match worker.machine().run(&invocation, &self.fleet.stop().with_time_limit(ENCODE_LIMIT)) {
                Ok(output) => output.finished,
                // It worked for a second, and is too slow or breaks off in five: it has no speed.
                Err(ProcessError::OutOfTime { .. } | ProcessError::Killed { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            if let Some(frames_per_second) = parse_speed(&ended.stderr_lines, frames).filter(|_| ended.success()) {
                speeds.push(EncoderSpeed { encoder: report.name.clone(), frames_per_second });
            }
        }
        Ok(speeds)
    }

    fn tell(&self, step: &'static str, percent: u8) {
        self.fleet.tell(FleetNews::Benchmark { worker_id: self.row.id, benchmark_id: self.id, step, percent });
    }
}
