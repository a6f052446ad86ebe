//! The source comes to the worker, and the output back.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use mediaflow_core::job::{Failure, FailureCause, JobStatus};
use mediaflow_core::schedule::{TransferMode, Work};
use mediaflow_core::text;
use mediaflow_core::worker::mapped;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::machine::{Machine, WorkingFileError};
use mediaflow_transport::ssh::{Ends, Moved, RemoteMachine, SshError, Transfer, TransferError, sha256_of_local};

use super::end::Stop;
use super::line::{Line, Output, make_folder, storage_failed};
use super::place::Place;
use crate::fleet::{TransferDirection, TransferProgress, note_transfer};
use crate::settings;

/// How a worker's folders for sources begin.
pub(crate) const FILM_PREFIX: &str = "film-";

/// The folder of a job's source on a worker that does not see it where it lies.
pub(crate) fn film_folder(job_id: i64) -> String {
    format!("{FILM_PREFIX}{job_id}")
}

/// What the copy of a source is called: by its own extension, which tells some formats apart, and nothing else of its name.
pub(crate) fn film_name(path: &Path) -> String {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension.filter(|extension| extension.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        Some(extension) => format!("film.{}", extension.to_ascii_lowercase()),
        None => "film".to_owned(),
    }
}

/// What a worker sees of a file where the mappings say it is.
enum Seen {
    /// The very file, under this path.
    Same(PathBuf),
    /// Something else, or nothing.
    Not(String),
    /// No mapping covers it.
    NoMapping,
}

/// How often it is told how far a transfer is.
const TELL_EVERY: Duration = Duration::from_millis(500);

impl Line<'_> {
    /// Sees to it that the worker has the source, and notes where.
    pub(super) fn bring(&self, place: &mut Place) -> Result<(), Stop> {
        match (&self.worker.remote, place.disk.machine()) {
            (None, None) => self.step_to(JobStatus::Transcoding),
            (None, Some(nas)) => {
                place.there = self.fetch(nas, place)?;
                self.step_to(JobStatus::Transcoding)
            }
            (Some(machine), _) => self.bring_to(machine, place),
        }
    }

    /// Fetches the source from the machine that it lies on, into the work folder of this one.
    fn fetch(&self, nas: &RemoteMachine, place: &Place) -> Result<PathBuf, Stop> {
        let folder = self.worker.work.join(film_folder(self.job.id));
        let film = folder.join(film_name(&place.path));
        make_folder(&folder)?;
        let cancel = &self.hand.cancel;
        let bytes = place.identity.content.size_bytes;
        // What is here already, whole or in part, is looked at piece by piece.
        let go = |transfer: &Transfer<'_>| transfer.download(&place.path, &film).map(|moved| (moved, ()));
        self.carry(nas, TransferDirection::Upload, bytes, cancel, go).map_err(|stop| match stop {
            // It is no worker that was lost.
            Stop::WorkerLost(reason) => Stop::Failed(Failure::new(FailureCause::Storage, reason)),
            stop => stop,
        })?;
        Ok(film)
    }

    fn bring_to(&self, machine: &RemoteMachine, place: &mut Place) -> Result<(), Stop> {
        self.runner.workers.await_film(self.job.id, &self.hand.cancel);
        if self.hand.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        self.worker.await_tidying();
        let job = self.runner.store.read(|r| r.job(self.job.id))?;
        let film = self.worker.work.join(film_folder(self.job.id)).join(film_name(&place.path));
        if job.source_arrived && self.is_whole(machine, &film, place)? {
            place.there = film;
            return self.step_to(JobStatus::Transcoding);
        }
        let reason = job.worker_reason.unwrap_or_default();
        let note =
            |mode, reason: &str| self.runner.store.write(|tx| tx.job_assign(self.job.id, self.worker.id, mode, reason));
        let mut why_not = String::new();
        match self.seen_there(machine, place)? {
            Seen::Same(there) => {
                note(TransferMode::Mapped, &reason)?;
                place.is_mapped = there != place.path || !place.lies_on(self.worker.id);
                place.there = there;
                return self.step_to(JobStatus::Transcoding);
            }
            Seen::Not(why) => {
                why_not = format!(". By its path mapping it would see the file, but {why}, so it is sent")
            }
            Seen::NoMapping => {}
        }
        let may_fetch = self.runner.store.read(settings::direct_transfers)?;
        let mode = match place.disk.machine() {
            None => TransferMode::Push,
            Some(_) if may_fetch => TransferMode::Pull,
            Some(_) => TransferMode::Relay,
        };
        let reason = reason + &why_not;
        note(mode, &reason)?;
        self.check_room(machine, &film)?;
        tracing::info!("job {}: its source goes to {}{why_not}", self.job.id, self.worker.name);
        let cancel = &self.hand.cancel;
        let passed_on =
            self.carry(machine, TransferDirection::Upload, place.identity.content.size_bytes, cancel, |transfer| {
                place.disk.send(transfer, &place.path, &film, may_fetch)
            });
        let passed_on = passed_on.map_err(|stop| match stop {
            // Is it the worker that is away, or the machine that has the film?
            Stop::WorkerLost(reason) => match place.disk.machine().and_then(|_| place.disk.away()) {
                Some(away) => Stop::Failed(Failure::new(FailureCause::Storage, away)),
                None => Stop::WorkerLost(reason),
            },
            stop => stop,
        })?;
        if let Some(error) = passed_on {
            tracing::info!("job {}: its source was passed on by this machine: {error}", self.job.id);
            let nas = place.row.worker_id.map_or(Ok(None), |id| self.runner.store.read(|r| r.worker_name(id)))?;
            let (name, nas) = (&self.worker.name, nas.as_deref().unwrap_or("where it lies"));
            let why = why_not_fetched(&error);
            let told =
                format!("{reason}. {name} could not fetch the file itself from {nas}, so it was passed on: {why}");
            note(TransferMode::Relay, &told)?;
        }
        self.runner.store.write(|tx| tx.job_source_arrived(self.job.id, self.worker.id))?;
        place.there = film;
        self.step_to(JobStatus::Transcoding)
    }

    /// Whether a copy that has arrived, each piece of it hashed on both sides, still lies there.
    fn is_whole(&self, machine: &RemoteMachine, film: &Path, place: &Place) -> Result<bool, Stop> {
        let here = self.ends(place)?;
        match machine.ends(film, &self.hand.cancel) {
            Ok(found) => Ok(found == Some(here)),
            Err(SshError::Cancelled) => Err(Stop::Cancelled),
            Err(error) if error.keeps_out() => Err(Stop::WorkerLost(error.to_string())),
            Err(_) => Ok(false),
        }
    }

    /// Whether the worker sees the file itself: by a mapping, and by its length and both of its ends.
    fn seen_there(&self, machine: &RemoteMachine, place: &Place) -> Result<Seen, Stop> {
        if place.lies_on(self.worker.id) {
            return Ok(Seen::Same(place.path.clone()));
        }
        let path = &place.path;
        let found = self.runner.store.read(|r| {
            let row = r.worker(self.worker.id)?;
            Ok(mapped(path, &row.form.path_mappings, &settings::path_mappings(r)?).map(|(there, _)| there))
        })?;
        let Some(there) = found else { return Ok(Seen::NoMapping) };
        let here = self.ends(place)?;
        let shown = there.display();
        match machine.ends(&there, &self.hand.cancel) {
            Ok(Some(found)) if found == here => Ok(Seen::Same(there)),
            Ok(Some(_)) => Ok(Seen::Not(format!("{} has another file as {shown}", self.worker.name))),
            Ok(None) => Ok(Seen::Not(format!("{} does not see {shown}", self.worker.name))),
            Err(SshError::Cancelled) => Err(Stop::Cancelled),
            Err(error) if error.keeps_out() => Err(Stop::WorkerLost(error.to_string())),
            Err(error) => Ok(Seen::Not(error.to_string())),
        }
    }

    /// Makes sure that what the worker saw is the original, all of it: a proof against another file proves nothing.
    pub(super) fn check_mapped(&self, machine: &RemoteMachine, place: &Place) -> Result<(), Stop> {
        let cancel = &self.hand.cancel;
        let lost = |error: SshError| match error {
            _ if cancel.is_cancelled() => Stop::Cancelled,
            error if error.keeps_out() => Stop::WorkerLost(error.to_string()),
            error => Stop::Failed(Failure::new(FailureCause::Storage, error.to_string())),
        };
        let theirs = machine.sha256(&place.there, cancel).map_err(lost)?;
        let ours = match place.disk.machine() {
            Some(nas) => nas
                .sha256(&place.path, cancel)
                .map_err(|error| Stop::Failed(Failure::new(FailureCause::Storage, error.to_string())))?,
            None => Some(sha256_of_local(&place.path, cancel).map_err(|error| match cancel.is_cancelled() {
                true => Stop::Cancelled,
                false => storage_failed(&place.path, &error),
            })?),
        };
        if theirs.is_some() && theirs == ours {
            return Ok(());
        }
        let message = format!(
            "what {} sees as {} is not the original, though as long and with the same ends; correct the path mapping",
            self.worker.name,
            place.there.display()
        );
        Err(Stop::Failed(Failure::new(FailureCause::SourceChanged, message)))
    }

    /// What tells the source from other files, read where it lies.
    fn ends(&self, place: &Place) -> Result<Ends, Stop> {
        place.disk.ends(&place.path, &self.hand.cancel).map_err(|error| storage_failed(&place.path, &error))
    }

    /// Brings an output here, into its attempt's directory on this machine. What is there already stays.
    pub(super) fn bring_back(
        &self,
        machine: &RemoteMachine,
        output: &Output,
        bytes: u64,
        cancel: &Cancel,
    ) -> Result<(), Stop> {
        let Output { there, here } = output;
        // It is gone where the job was given back in between.
        if let Some(dir) = here.parent() {
            make_folder(dir)?;
        }
        let go = |transfer: &Transfer<'_>| transfer.download(there, here).map(|moved| (moved, ()));
        self.carry(machine, TransferDirection::Download, bytes, cancel, go)
    }

    /// A disk that cannot hold source and output is not filled first.
    fn check_room(&self, machine: &RemoteMachine, film: &Path) -> Result<(), Stop> {
        let there = |error: WorkingFileError| self.not_kept(&error);
        let arrived = machine.size_bytes(film).map_err(there)?.unwrap_or(0);
        let free = machine.free_bytes(&self.worker.work).map_err(there)?;
        let needed = Work::room_bytes(self.job.source_bytes, true).saturating_sub(arrived);
        if free < needed {
            let (free, needed, name) = (text::bytes(free), text::bytes(needed), &self.worker.name);
            // There was room when it was chosen, a moment ago: another one may have it.
            return Err(Stop::WorkerLost(format!("the disk of {name} has {free} free, and {needed} are needed")));
        }
        Ok(())
    }

    fn carry<T>(
        &self,
        machine: &RemoteMachine,
        direction: TransferDirection,
        total_bytes: u64,
        cancel: &Cancel,
        go: impl FnOnce(&Transfer<'_>) -> Result<(Moved, T), TransferError>,
    ) -> Result<T, Stop> {
        let (streams, limit) =
            self.runner.store.read(|r| Ok((settings::transfer_streams(r)?, settings::transfer_limit(r)?)))?;
        let rate = Rate::new();
        let on_progress = |bytes: u64| {
            // What is given up counts as gone over, which is no news.
            if cancel.is_cancelled() {
                return;
            }
            self.hand.note(super::Stage::Source, [bytes, 0, 1]);
            if let Some(per_second) = rate.note(bytes, bytes >= total_bytes) {
                let progress = told(label(direction, &self.worker.name), bytes, total_bytes, per_second);
                self.watch.transferred(self.job, direction, &progress);
            }
        };
        let transfer = Transfer { machine, streams, limit_bytes_per_second: limit, cancel, on_progress: &on_progress };
        let since = Instant::now();
        match go(&transfer) {
            Ok((moved, done)) => {
                note_transfer(&self.runner.store, self.worker.id, direction, moved, since);
                Ok(done)
            }
            Err(_) if cancel.is_cancelled() => Err(Stop::Cancelled),
            Err(TransferError::Remote(SshError::Cancelled)) => Err(Stop::Cancelled),
            Err(TransferError::Remote(error)) if error.keeps_out() => Err(Stop::WorkerLost(error.to_string())),
            Err(error @ TransferError::Full { .. }) => {
                Err(Stop::Failed(Failure::new(FailureCause::NoSpace, error.to_string())))
            }
            Err(error) => Err(Stop::Failed(Failure::new(FailureCause::Storage, error.to_string()))),
        }
    }
}

/// Why a worker could not fetch a file by itself: what its own `ssh` said last, without the paths that are ours.
fn why_not_fetched(error: &TransferError) -> String {
    match error {
        TransferError::Remote(SshError::Failed { reason, .. }) => {
            let last = reason.lines().rev().map(str::trim).find(|line| !line.is_empty());
            format!("its own ssh said {:?}", last.unwrap_or_default())
        }
        other => other.to_string(),
    }
}

/// From where to where, for a person.
pub(crate) fn label(direction: TransferDirection, worker: &str) -> String {
    match direction {
        TransferDirection::Upload => format!("Source to {worker}"),
        TransferDirection::Download => format!("Result from {worker}"),
    }
}

/// How far a file is, for people.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // positive, and saturating
pub(crate) fn told(label: String, moved_bytes: u64, total_bytes: u64, per_second: f64) -> TransferProgress {
    let left = total_bytes.saturating_sub(moved_bytes) as f64;
    let eta_s = if left == 0.0 { Some(0) } else { (per_second > 0.0).then(|| (left / per_second).ceil() as u64) };
    TransferProgress { label, moved_bytes, total_bytes, bytes_per_second: per_second as u64, eta_s }
}

/// How fast it goes since it was last told.
pub(crate) struct Rate(Mutex<Option<Told>>);

#[derive(Clone, Copy)]
struct Told {
    at: Instant,
    bytes: u64,
    per_second: f64,
}

impl Rate {
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Bytes a second; `None` while it is too early to tell again.
    #[allow(clippy::cast_precision_loss)] // for people to read
    pub fn note(&self, bytes: u64, is_last: bool) -> Option<f64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let per_second = match *told {
            // What an earlier transfer brought has no rate, and without one nothing can be said of what is left.
            None if !is_last => {
                *told = Some(Told { at: now, bytes, per_second: 0.0 });
                return None;
            }
            None => 0.0,
            Some(before) if now - before.at < TELL_EVERY && !is_last => return None,
            Some(before) => {
                let seconds = (now - before.at).as_secs_f64().max(0.001);
                let latest = bytes.saturating_sub(before.bytes) as f64 / seconds;
                if before.per_second > 0.0 { before.per_second * 0.7 + latest * 0.3 } else { latest }
            }
        };
        *told = Some(Told { at: now, bytes, per_second });
        Some(per_second)
    }
}
