//! Who gets a job: the workers beside each other, of what was measured and what runs now.

use std::path::{Path, PathBuf};

use mediaflow_core::media::{MediaInfo, ResolutionTier};
use mediaflow_core::plan::Intent;
use mediaflow_core::schedule::{Candidate, Route, SourcePlace, TransferMode, Unplaced, Work, chain, choose};
use mediaflow_core::worker::{WorkerStatus, mapped};
use mediaflow_ffmpeg::abilities::encoder_of;
use mediaflow_store::{Job, Reader, RosterEntry, StoreError};

use super::roster::{Busy, Member, Roster};
use super::speeds::Speeds;
use super::worker::{Worker, Workers};

/// A worker that gets a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The worker.
    pub worker_id: i64,
    /// How the source comes to it.
    pub mode: TransferMode,
    /// Why this one, for a person.
    pub reason: String,
}

/// What the workers of a roster are chosen by.
#[derive(Clone, Copy)]
pub struct Choice<'a> {
    /// As they stand.
    pub roster: &'a Roster,
    /// Those that can be worked with.
    pub workers: &'a dyn Workers,
    /// How fast they are.
    pub speeds: &'a Speeds,
    /// What they have to do.
    pub busy: &'a Busy,
}

impl Choice<'_> {
    /// Who gets a job now; the inner error says why nobody does.
    pub fn place(&self, reader: &Reader<'_>, job: &Job) -> Result<Result<Placed, Unplaced>, StoreError> {
        self.place_as(reader, job, |_| {})
    }

    /// Who would get a job if each of the workers had a slot free.
    pub(crate) fn place_next(&self, reader: &Reader<'_>, job: &Job) -> Result<Result<Placed, Unplaced>, StoreError> {
        self.place_as(reader, job, |candidate| {
            candidate.running = candidate.running.min(candidate.slots.saturating_sub(1));
        })
    }

    fn place_as(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        change: impl Fn(&mut Candidate),
    ) -> Result<Result<Placed, Unplaced>, StoreError> {
        self.speeds.keep_up(reader)?;
        let of_job = OfJob::read(reader, job)?;
        let mut candidates = self.candidates(reader, job, &of_job)?;
        candidates.iter_mut().for_each(change);
        let mode = |id| candidates.iter().find(|one| one.worker_id == id).map_or(TransferMode::Local, |one| one.mode);
        let chosen = choose(&candidates, &of_job.work, job.preferred_worker_id);
        Ok(chosen.map(|chosen| Placed {
            worker_id: chosen.worker_id,
            mode: mode(chosen.worker_id),
            reason: chosen.reason,
        }))
    }

    /// All workers beside each other for one job.
    fn candidates(&self, reader: &Reader<'_>, job: &Job, of_job: &OfJob) -> Result<Vec<Candidate>, StoreError> {
        self.roster.members.iter().map(|member| self.candidate(reader, job, of_job, member)).collect()
    }

    fn candidate(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        of_job: &OfJob,
        Member { entry, slots }: &Member,
    ) -> Result<Candidate, StoreError> {
        let worker = self.roster.worker(self.workers, entry.id);
        let encoder = of_job.encoder(worker.as_deref());
        Ok(Candidate {
            worker_id: entry.id,
            name: entry.name.clone(),
            is_local: entry.is_local,
            // What it can do is still being looked at: it is waited for as if it were full.
            slots: if worker.is_some() { *slots } else { 0 },
            running: self.busy.running.get(&entry.id).copied().unwrap_or(0),
            queued: self.meant_for(entry.id, job),
            obstacle: self.obstacle(entry, worker.as_deref(), job, of_job),
            mode: self.mode(entry, of_job),
            pace: self.speeds.pace(reader, entry, encoder.as_deref(), of_job.tier)?,
            benchmark_score: entry.performance_score,
            upload_bps: entry.upload_bps,
            download_bps: entry.download_bps,
            // This machine's is reserved when the job begins.
            free_bytes: self.workers.free_bytes(entry.id).filter(|_| !entry.is_local),
        })
    }

    /// How many other jobs a worker is kept free for. None where it is asked for: such a job would wait for one behind it, which
    /// has no turn before it.
    fn meant_for(&self, worker_id: i64, job: &Job) -> u32 {
        if job.preferred_worker_id == Some(worker_id) {
            return 0;
        }
        self.busy.ahead.get(&worker_id).copied().unwrap_or(0)
    }

    /// The most direct way of a source to a worker.
    fn mode(&self, entry: &RosterEntry, of_job: &OfJob) -> TransferMode {
        let lies_there = of_job.host.as_ref().is_some_and(|(id, _)| *id == entry.id);
        let seen = match lies_there {
            true => Some(of_job.path.clone()),
            false if entry.is_local => None,
            false => mapped(&of_job.path, &entry.path_mappings, &self.roster.mappings).map(|(path, _)| path),
        };
        let route = Route {
            source: of_job.host.as_ref().map_or(SourcePlace::Here, |(_, name)| SourcePlace::Host(name)),
            worker_is_local: entry.is_local,
            mapped: seen.as_deref(),
            may_pull: self.roster.may_pull,
        };
        chain(&route).first().map_or(TransferMode::Push, |way| way.mode)
    }

    /// Why a worker gets no job of this kind.
    fn obstacle(&self, entry: &RosterEntry, worker: Option<&Worker>, job: &Job, of_job: &OfJob) -> Option<String> {
        let availability = entry.availability;
        if !availability.is_enabled {
            return Some("it is switched off".to_owned());
        }
        if !availability.encodes {
            return Some("it only has libraries".to_owned());
        }
        if !availability.may_work(self.roster.now) {
            if availability.set_aside_until_at.is_some_and(|until| until > self.roster.now) {
                let because = entry.status_reason.iter().map(|reason| format!(": {reason}"));
                return Some(format!("it is set aside for a while{}", because.collect::<String>()));
            }
            return Some(match availability.status {
                WorkerStatus::SetupFailed => "its setup failed".to_owned(),
                WorkerStatus::Provisioning => "it is being set up".to_owned(),
                status => format!("it is {}", status.name()),
            });
        }
        let Some(worker) = worker else {
            // While that is being looked at, it is only full.
            return entry.status_reason.clone();
        };
        if entry.is_local {
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
struct OfJob {
    /// Where its source lies, on its machine.
    path: PathBuf,
    /// That machine, by its id and name, where it is another one.
    host: Option<(i64, String)>,
    intent: Option<Intent>,
    tier: Option<ResolutionTier>,
    /// As the scheduler takes it.
    work: Work,
}

impl OfJob {
    fn read(reader: &Reader<'_>, job: &Job) -> Result<Self, StoreError> {
        use std::os::unix::ffi::OsStrExt;
        let storage = reader.storage(job.storage_id)?;
        // One that was removed is said by the job itself when it begins.
        let host = match storage.worker_id {
            Some(id) => reader.worker_name(id)?.map(|name| (id, name)),
            None => None,
        };
        let info = match job.file_id {
            Some(file_id) => reader.probe(file_id)?.map(|probe| probe.info),
            None => None,
        };
        Ok(Self {
            path: storage.root.join(Path::new(std::ffi::OsStr::from_bytes(job.path.as_bytes()))),
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

    /// Who would encode its pictures on a worker.
    fn encoder(&self, worker: Option<&Worker>) -> Option<String> {
        let abilities = worker.map(|worker| worker.tools.devices.abilities()).unwrap_or_default();
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
