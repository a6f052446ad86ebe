//! How far running jobs are: kept for whoever asks, told at most twice a second, with what ffmpeg says meanwhile.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mediaflow_core::job::JobStatus;
use mediaflow_ffmpeg::log;
use mediaflow_store::{Job, Store, StoreError, TaskKind};

use super::inner::Inner;
use super::live::Live;
use crate::fleet::{FleetNews, TransferDirection, TransferProgress};
use crate::run::{Ended, Progress, Stage, Watch, log_of, reached};

/// How far a running job is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JobProgress {
    /// The job.
    pub job_id: i64,
    /// Which part of it is under way.
    pub stage: Stage,
    /// How much of the whole job is done, 0 to 1; an estimate that never goes back.
    pub share: f64,
    /// How much of that part is done, 0 to 1.
    pub stage_share: f64,
    /// Frames a second, while encoding.
    pub fps: Option<f64>,
    /// Times real time, while encoding.
    pub speed: Option<f64>,
    /// Seconds left of that part, once that can be told.
    pub eta_s: Option<u64>,
    /// Frames done, while encoding.
    pub frame: Option<u64>,
}

/// How often a job is told about at most.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// A part must have run this long before its end is foretold by its share.
const FORETELL_AFTER: Duration = Duration::from_secs(3);

/// What is read of a log at a time; an encode that says more than this in half a second is not worth reading whole.
const LOG_BYTES: u64 = 16 * 1024;

/// How much of a job's time each part takes, by what jobs of the sample library took: source, encode, proof, replacement.
const RE_ENCODE: [f64; 4] = [0.12, 0.62, 0.23, 0.03];
const REMUX: [f64; 4] = [0.40, 0.05, 0.45, 0.10];

/// All running jobs.
#[derive(Default)]
pub(super) struct ProgressBook {
    tracks: Mutex<HashMap<i64, Track>>,
}

struct Track {
    weights: [f64; 4],
    now: JobProgress,
    stage_began: Instant,
    told: Option<Instant>,
    log: Option<LogTail>,
}

impl ProgressBook {
    /// How far a running job is.
    pub fn get(&self, job_id: i64) -> Option<JobProgress> {
        self.lock().get(&job_id).map(|track| track.now)
    }

    pub fn all(&self) -> Vec<JobProgress> {
        let mut all: Vec<_> = self.lock().values().map(|track| track.now).collect();
        all.sort_by_key(|progress| progress.job_id);
        all
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Track>> {
        self.tracks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Track {
    fn new(job: &Job) -> Self {
        let is_remux = job.settings.video.codec().is_none();
        let now = JobProgress {
            job_id: job.id,
            stage: Stage::Source,
            share: 0.0,
            stage_share: 0.0,
            fps: None,
            speed: None,
            eta_s: None,
            frame: None,
        };
        Self {
            weights: if is_remux { REMUX } else { RE_ENCODE },
            now,
            stage_began: Instant::now(),
            told: None,
            log: None,
        }
    }

    /// Notes progress; whether it is to be told, and whether a new part began.
    fn note(&mut self, progress: &Progress) -> (bool, bool) {
        let is_new_stage = self.told.is_none() || self.now.stage != progress.stage;
        if is_new_stage {
            self.stage_began = Instant::now();
        }
        let stage_share = if progress.share.is_nan() { 0.0 } else { progress.share.clamp(0.0, 1.0) };
        let position = match progress.stage {
            Stage::Source => 0,
            Stage::Search | Stage::Encode => 1,
            Stage::Verify => 2,
            Stage::Replace => 3,
        };
        let before: f64 = self.weights[..position].iter().sum();
        // A search is not foreseen in the weights: it shows how far it is by its own share only.
        let of_part = if progress.stage == Stage::Search { 0.0 } else { stage_share };
        // Never backwards, but for what is encoded again after it was verified.
        let again = self.now.stage == Stage::Verify && progress.stage == Stage::Encode;
        let least = if again { 0.0 } else { self.now.share };
        let share = (before + self.weights[position] * of_part).clamp(least, 1.0);
        self.now = JobProgress {
            job_id: self.now.job_id,
            stage: progress.stage,
            share,
            stage_share,
            fps: progress.fps,
            speed: progress.speed,
            eta_s: progress.eta_s.or_else(|| foretell(self.stage_began.elapsed(), stage_share)),
            frame: progress.frame,
        };
        let is_due = is_new_stage || self.told.is_none_or(|told| told.elapsed() >= TELL_EVERY);
        if is_due {
            self.told = Some(Instant::now());
        }
        (is_due, is_new_stage)
    }
}

/// Seconds left of a part of which `share` took `elapsed`.
fn foretell(elapsed: Duration, share: f64) -> Option<u64> {
    if elapsed < FORETELL_AFTER || share <= 0.0 {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive, and a saturating cast
    let left_s = (elapsed.as_secs_f64() * (1.0 - share) / share).round() as u64;
    Some(left_s)
}

/// How far a job came that nobody is at: its encode is held, or waits to go on, or to be found again.
pub(super) fn of_left(store: &Store, job: &Job) -> Result<Option<JobProgress>, StoreError> {
    let came_to = match job.status {
        JobStatus::Verifying => Some(Progress::of(Stage::Verify, 0.0)),
        JobStatus::Replacing => Some(Progress::of(Stage::Replace, 0.0)),
        status if status.is_final() => None,
        _ => encoded(store, job)?,
    };
    Ok(came_to.map(|came_to| {
        let mut track = Track::new(job);
        track.note(&came_to);
        track.now
    }))
}

/// How far an encode came that has not ended.
fn encoded(store: &Store, job: &Job) -> Result<Option<Progress>, StoreError> {
    let attempts = store.read(|r| r.attempts_of_job(job.id))?;
    let encode = attempts.iter().rev().find(|attempt| attempt.kind == TaskKind::Encode && attempt.ended_at.is_none());
    let (Some(attempt), Some(file_id)) = (encode, job.file_id) else { return Ok(None) };
    let length_us = store.read(|r| r.probe(file_id))?.and_then(|probe| probe.info.duration_us);
    let reached = length_us.and_then(|length_us| reached(attempt, length_us));
    // It stands still, as far as is known, whatever its pace was.
    Ok(reached.map(|reached| Progress { fps: None, speed: None, eta_s: None, ..reached }))
}

/// Tells the service's listeners about jobs.
pub(super) struct Told(pub Arc<Inner>);

impl Watch for Told {
    fn started(&self, job: &Job) {
        let mut track = Track::new(job);
        // One that is found again stands where it stood.
        if let Ok(Some(before)) = of_left(&self.0.store, job) {
            track.now = before;
        }
        self.0.progress.lock().insert(job.id, track);
    }

    fn progress(&self, job: &Job, progress: &Progress) {
        let told = {
            let mut tracks = self.0.progress.lock();
            let Some(track) = tracks.get_mut(&job.id) else { return };
            let (is_due, is_new_stage) = track.note(progress);
            if is_new_stage {
                track.log = (progress.stage == Stage::Encode).then(|| LogTail::of(&self.0, job.id)).flatten();
            }
            let lines = if is_due { track.log.as_mut().map(LogTail::new_lines) } else { None };
            is_due.then(|| (track.now, is_new_stage, lines.unwrap_or_default()))
        };
        // Outside of the lock: a listener may ask how far jobs are.
        let Some((now, is_new_stage, lines)) = told else { return };
        let say = |message: String| self.0.hub.tell(&Live::Log { job_id: job.id, message });
        if is_new_stage {
            say(format!("{} {}", progress.stage.name(), job.title));
        }
        lines.into_iter().for_each(say);
        self.0.hub.tell(&Live::Progress(now));
    }

    fn transferred(&self, job: &Job, direction: TransferDirection, progress: &TransferProgress) {
        self.0.fleet.tell(FleetNews::Transfer { job_id: job.id, direction, progress: progress.clone() });
    }

    fn worker_is_free(&self, job: &Job) {
        self.0.dispatch.release(job.id);
        self.0.signals.queue.raise();
    }

    fn ended(&self, job: &Job, ended: Option<&Ended>) {
        self.0.progress.lock().remove(&job.id);
        if let Some(ended) = ended {
            let message = format!("{}: {}", ended.ending.name(), ended.reason);
            self.0.hub.tell(&Live::Log { job_id: job.id, message });
        }
    }
}

/// What of a log was told already.
struct LogTail {
    path: PathBuf,
    told_bytes: u64,
}

impl LogTail {
    fn of(inner: &Inner, job_id: i64) -> Option<Self> {
        let attempts = inner.store.read(|r| r.attempts_of_job(job_id)).ok()?;
        let encode = attempts.iter().rev().find(|attempt| attempt.kind == TaskKind::Encode)?;
        Some(Self { path: log_of(encode), told_bytes: 0 })
    }

    /// Whole lines that were not told yet. A log that cannot be read has none.
    fn new_lines(&mut self) -> Vec<String> {
        let mut read = || -> std::io::Result<Vec<u8>> {
            let mut file = File::open(&self.path)?;
            self.told_bytes = self.told_bytes.max(file.metadata()?.len().saturating_sub(LOG_BYTES));
            file.seek(SeekFrom::Start(self.told_bytes))?;
            let mut bytes = Vec::new();
            file.take(LOG_BYTES).read_to_end(&mut bytes)?;
            bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
            Ok(bytes)
        };
        let bytes = read().unwrap_or_default();
        self.told_bytes += bytes.len() as u64;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.lines().filter(|line| !line.trim().is_empty()).map(log::readable).collect()
    }
}
