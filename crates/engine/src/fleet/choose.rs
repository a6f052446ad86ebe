//! Who gets a job: the workers as the scheduler sees them, of what was measured and what runs now.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use mediaflow_core::media::{MediaInfo, ResolutionTier};
use mediaflow_core::plan::Intent;
use mediaflow_core::schedule::{Candidate, Pace, PaceBasis, Route, SourcePlace, TransferMode, Work, chain};
use mediaflow_core::time::Timestamp;
use mediaflow_core::worker::{PathMapping, mapped};
use mediaflow_ffmpeg::abilities::encoder_of;
use mediaflow_store::{Benchmark, Job, LearnedSpeed, Reader, Storage, StoreError, Worker as WorkerRow};

use super::Fleet;
use super::worker::{Worker, Workers};
use crate::settings;

/// What every worker has to do now, by their ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Busy {
    /// Jobs that it runs.
    pub running: BTreeMap<i64, u32>,
    /// Jobs whose source is sent ahead to it.
    pub ahead: BTreeMap<i64, u32>,
}

impl Busy {
    /// Whether a worker takes one more.
    pub fn has_room(&self, worker_id: i64, slots: u32) -> bool {
        self.running.get(&worker_id).copied().unwrap_or(0) < slots
    }
}

/// The workers of one look at the queue, with all that was measured of them: a choice for one job more costs next to nothing.
pub(crate) struct Roster {
    here: Arc<Worker>,
    members: Vec<Member>,
    /// Mappings that hold for all of them.
    mappings: Vec<PathMapping>,
    /// Whether other machines may fetch from each other.
    may_pull: bool,
    now: Timestamp,
}

/// How fast workers were, as far as it was asked since the last job ended: by worker, encoder and resolution tier.
pub(super) type Speeds = Mutex<BTreeMap<(i64, Option<String>, Option<String>), Option<LearnedSpeed>>>;

impl Fleet {
    fn speed(
        &self,
        reader: &Reader<'_>,
        worker_id: i64,
        encoder: Option<&str>,
        tier: Option<&str>,
    ) -> Result<Option<LearnedSpeed>, StoreError> {
        let kind = (worker_id, encoder.map(str::to_owned), tier.map(str::to_owned));
        let mut speeds = self.0.speeds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = speeds.get(&kind) {
            return Ok(*known);
        }
        let speed = reader.worker_speed(worker_id, encoder, tier)?;
        speeds.insert(kind, speed);
        Ok(speed)
    }
}

struct Member {
    row: WorkerRow,
    slots: u32,
    benchmark: Option<Benchmark>,
}

impl Roster {
    /// All workers as they stand.
    pub fn new(reader: &Reader<'_>, here: Arc<Worker>, now: Timestamp) -> Result<Self, StoreError> {
        let mut members = Vec::new();
        let mut benchmarks = reader.benchmarks_latest()?;
        for row in reader.workers()? {
            let slots = settings::slots_of(reader, &row)?;
            let at = benchmarks.iter().position(|benchmark| benchmark.worker_id == row.id);
            let benchmark = at.map(|at| benchmarks.swap_remove(at));
            members.push(Member { row, slots, benchmark });
        }
        let (mappings, may_pull) = (settings::path_mappings(reader)?, settings::direct_transfers(reader)?);
        Ok(Self { here, members, mappings, may_pull, now })
    }

    /// Those that may be given jobs.
    fn working(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.row.may_work(self.now))
    }

    /// Whether anybody could begin a job.
    pub fn has_room(&self, fleet: &Fleet, busy: &Busy) -> bool {
        self.working()
            .any(|Member { row, slots, .. }| busy.has_room(row.id, *slots) && self.worker(fleet, row.id).is_some())
    }

    /// How many jobs all of them take at a time.
    pub fn slots(&self) -> u32 {
        self.working().map(|member| member.slots).sum()
    }

    /// Whether a worker may be given jobs.
    pub fn may_work(&self, worker_id: i64) -> bool {
        self.working().any(|member| member.row.id == worker_id)
    }

    /// Whether a worker takes one more job that is bound to it.
    pub fn takes(&self, worker_id: i64, busy: &Busy) -> bool {
        let member = self.members.iter().find(|member| member.row.id == worker_id);
        member.is_some_and(|member| member.row.is_enabled && busy.has_room(worker_id, member.slots))
    }

    /// A worker that can be worked with.
    pub fn worker(&self, fleet: &Fleet, id: i64) -> Option<Arc<Worker>> {
        if id == self.here.id { Some(Arc::clone(&self.here)) } else { fleet.worker(id) }
    }

    /// Other machines that may be given jobs, with how many each takes.
    pub fn others(&self) -> impl Iterator<Item = (&WorkerRow, u32)> {
        self.working().filter(|member| !member.row.is_local).map(|member| (&member.row, member.slots))
    }

    /// All workers beside each other for one job.
    pub fn candidates(
        &self,
        fleet: &Fleet,
        reader: &Reader<'_>,
        job: &Job,
        of_job: &OfJob,
        busy: &Busy,
    ) -> Result<Vec<Candidate>, StoreError> {
        let tier = of_job.tier.map(|tier| tier.to_string());
        let mut candidates = Vec::new();
        for Member { row, slots, benchmark } in &self.members {
            let worker = self.worker(fleet, row.id);
            let lies_there = of_job.host.as_ref().is_some_and(|(id, _)| *id == row.id);
            let seen = match lies_there {
                true => Some(of_job.path.clone()),
                false => mapped(&of_job.path, &row.form.path_mappings, &self.mappings)
                    .filter(|_| !row.is_local)
                    .map(|(path, _)| path),
            };
            let route = Route {
                source: of_job.host.as_ref().map_or(SourcePlace::Here, |(_, name)| SourcePlace::Host(name)),
                worker_is_local: row.is_local,
                mapped: seen.as_deref(),
                may_pull: self.may_pull,
            };
            let encoder = of_job.encoder(worker.as_deref());
            let learned = fleet.speed(reader, row.id, encoder.as_deref(), tier.as_deref())?;
            let measured = benchmark.as_ref().and_then(|benchmark| {
                let of_encoder =
                    |speed: &&mediaflow_core::worker::EncoderSpeed| Some(&speed.encoder) == encoder.as_ref();
                Some((benchmark.encoders.iter().find(of_encoder)?.frames_per_second, of_job.tier?))
            });
            candidates.push(Candidate {
                worker_id: row.id,
                name: row.form.name.clone(),
                is_local: row.is_local,
                // What it can do is still being looked at: it is waited for as if it were full.
                slots: if worker.is_some() { *slots } else { 0 },
                running: busy.running.get(&row.id).copied().unwrap_or(0),
                queued: busy.ahead.get(&row.id).copied().unwrap_or(0),
                obstacle: self.obstacle(row, worker.as_deref(), job, of_job),
                mode: chain(&route).first().map_or(TransferMode::Push, |way| way.mode),
                pace: match (learned, measured) {
                    (Some(speed), _) => {
                        Some(Pace { frames_per_second: speed.frames_per_second, basis: PaceBasis::Jobs(speed.jobs) })
                    }
                    (None, Some((frames_per_second, tier))) => Some(Pace::benchmarked(frames_per_second, tier)),
                    (None, None) => None,
                },
                benchmark_score: row.performance_score,
                upload_bps: benchmark.as_ref().and_then(|benchmark| benchmark.upload_bps),
                download_bps: benchmark.as_ref().and_then(|benchmark| benchmark.download_bps),
                // This machine's is reserved when the job begins.
                free_bytes: fleet.metrics(row.id).and_then(|metrics| metrics.disk_free_bytes).filter(|_| !row.is_local),
            });
        }
        Ok(candidates)
    }

    /// Why a worker gets no job of this kind.
    fn obstacle(&self, row: &WorkerRow, worker: Option<&Worker>, job: &Job, of_job: &OfJob) -> Option<String> {
        if !row.is_enabled {
            return Some("it is switched off".to_owned());
        }
        if !row.may_work(self.now) {
            return Some(match row.set_aside_until_at {
                Some(until) if until > self.now => "it is set aside for a while".to_owned(),
                _ => format!("it is {}", row.status.name().replace('_', " ")),
            });
        }
        let Some(worker) = worker else {
            // While that is being looked at, it is only full.
            return row.status_reason.clone();
        };
        if row.is_local {
            // What stands in the way here is said by the job itself, when it begins.
            return None;
        }
        let of_plan = of_job.intent.as_ref().and_then(|intent| worker.obstacle(intent));
        of_plan.or_else(|| {
            let trials = worker.tools.devices.known()?;
            let of_encoders = of_job.intent.as_ref().and_then(|intent| trials.lacks(intent));
            of_encoders.or_else(|| trials.obstacle(&job.settings))
        })
    }
}

/// What of a job decides who gets it.
pub(crate) struct OfJob {
    /// Where its source lies, on its machine.
    path: std::path::PathBuf,
    /// That machine, by its id and name, where it is another one.
    host: Option<(i64, String)>,
    intent: Option<Intent>,
    tier: Option<ResolutionTier>,
    /// As the scheduler takes it.
    pub work: Work,
}

impl OfJob {
    /// Reads it.
    pub fn read(reader: &Reader<'_>, job: &Job) -> Result<Self, StoreError> {
        use std::os::unix::ffi::OsStrExt;
        let Storage { root, worker_id, .. } = reader.storage(job.storage_id)?;
        let host = match worker_id.map(|id| reader.worker(id)).transpose() {
            // It was removed; the job says so itself when it begins.
            Err(StoreError::NotFound { .. }) => None,
            host => host?.map(|row| (row.id, row.form.name)),
        };
        let info = match job.file_id {
            Some(file_id) => reader.probe(file_id)?.map(|probe| probe.info),
            None => None,
        };
        Ok(Self {
            path: root.join(Path::new(std::ffi::OsStr::from_bytes(job.path.as_bytes()))),
            host,
            intent: reader.job_intent(job.id)?,
            tier: info.as_ref().and_then(|info| info.videos().next().map(|(_, video)| video.tier())),
            work: Work {
                source_bytes: job.source_bytes,
                output_bytes: job.estimated_bytes.unwrap_or(job.source_bytes),
                frames: info.as_ref().map_or(0, frames),
            },
        })
    }

    /// Whether its source goes to a worker by way of this machine.
    pub fn is_sent(&self, mode: TransferMode) -> bool {
        mode.copies_source() && mode != TransferMode::Pull
    }

    /// Who would encode its pictures on a worker.
    fn encoder(&self, worker: Option<&Worker>) -> Option<String> {
        let abilities = worker.and_then(|worker| worker.tools.devices.known()).unwrap_or_default().abilities();
        Some(encoder_of(self.intent.as_ref()?, &abilities)?.encoder)
    }
}

/// About how many pictures a film has.
fn frames(info: &MediaInfo) -> u64 {
    let rate = info.videos().next().and_then(|(_, video)| video.average_frame_rate.or(video.frame_rate));
    let (Some(length_us), Some(rate)) = (info.duration_us, rate) else { return 0 };
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
    let frames = (length_us as f64 / 1_000_000.0 * rate.value()) as u64;
    frames
}
