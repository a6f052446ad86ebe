//! The line that one job walks.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mediaflow_core::identity::FileIdentity;
use mediaflow_core::job::{Ending, Failure, FailureCause, JobStatus};
use mediaflow_core::media::MediaInfo;
use mediaflow_core::path::RelPath;
use mediaflow_core::plan::Intent;
use mediaflow_core::proof::{Conclusion, Proof, WORTH_IT};
use mediaflow_ffmpeg::measure::SourceState;
use mediaflow_ffmpeg::proof;
use mediaflow_store::{AttemptState, Job, NewAttempt, OutputMode, ReadPurpose, Storage as StorageRow, TaskKind};
use mediaflow_transport::machine::{Machine, ThisMachine, WorkingFileError};
use mediaflow_transport::storage::{ErrorClass, StorageError, content};

use super::end::Stop;
use super::hand::{Hand, Wish};
use super::measure::{MeasureError, Measurer};
use super::outcome::ProvenProbe;
use super::prove::{Examined, Judged, MeasuredSource, Subject, judge_output, measure_source, prove};
use super::resume::Standing;
use super::upkeep::source_folder;
use super::{ATTEMPT_PREFIX, Progress, Runner, Stage, Watch, away, space, trials};
use crate::fleet::Worker;
use crate::journal::SqlJournal;
use crate::replace::{Refusal, ReplaceError, Replacer, Request, Settings};
use crate::settings;
use crate::storages::OpenStorage;
use crate::target::{self, TargetError};

/// One job on its way.
pub(super) struct Line<'a> {
    pub runner: &'a Runner,
    /// Who does it.
    pub worker: &'a Worker,
    pub job: &'a Job,
    pub hand: &'a Hand,
    pub watch: &'a dyn Watch,
}

/// Where a job's file lies.
pub(super) struct Place {
    row: StorageRow,
    pub disk: OpenStorage,
    /// As the machine of its storage takes it.
    pub path: PathBuf,
    /// Where the worker finds it.
    pub there: PathBuf,
    /// Whether that is by a mapping: the same file, as far as its length and both of its ends tell.
    pub is_mapped: bool,
    /// As it is now; its content is what the job was queued for.
    pub identity: FileIdentity,
}

impl Place {
    /// Whether it lies on the disk of that worker.
    pub(super) fn lies_on(&self, worker_id: i64) -> bool {
        self.row.worker_id == Some(worker_id)
    }
}

/// What an encode made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    /// Where its worker has it.
    pub there: PathBuf,
    /// Where it lies on this machine, once it has come back.
    pub here: PathBuf,
}

impl Line<'_> {
    /// Walks the line from where the job stands.
    pub(super) fn walk(&self, standing: Standing) -> Stop {
        let stop = self.go(standing).unwrap_or_else(|stop| stop);
        if !stop.may_be_the_folder() {
            return stop;
        }
        // One look for all the ways in which a step may meet a disk that is gone.
        match away::look(&self.runner.store, &self.runner.storages, self.job) {
            Ok(Some(away)) => Stop::Away(away),
            Ok(None) => stop,
            Err(error) => error.into(),
        }
    }

    fn go(&self, standing: Standing) -> Result<Stop, Stop> {
        let store = &self.runner.store;
        let intent = match store.read(|r| r.job_intent(self.job.id))? {
            Some(intent) => intent,
            None => self.planned_late()?,
        };
        let mut place = self.place()?;
        let lit = |source: &MeasuredSource| intent.with_peaks(&source.measured.peaks);
        let (source, output) = match standing {
            Standing::Fresh => {
                if let Some(obstacle) = self.worker.obstacle(&intent) {
                    return Ok(Stop::RefusedHere(obstacle));
                }
                self.check_replaceable(&place, &intent)?;
                let work = &self.runner.here.work;
                make_folder(work)?;
                let fetches = self.worker.remote.is_none() && place.disk.machine().is_some();
                space::reserve(store, self.job, &intent, work, &place.disk, fetches)?;
                self.bring(&mut place)?;
                let source = self.source(&place, &intent)?;
                let output = self.encode(&lit(&source), &place.there, &source)?;
                (source, output)
            }
            // The source was sound when the encode began; what was measured then went with the process that did.
            Standing::Encoding(attempt) => {
                let output = self.go_on(&intent, &attempt)?;
                self.bring(&mut place)?;
                let source = self.source(&place, &intent)?;
                let output = match output {
                    Some(output) => output,
                    None => self.encode(&lit(&source), &place.there, &source)?,
                };
                (source, output)
            }
            Standing::Encoded(output) => {
                self.bring(&mut place)?;
                (self.source(&place, &intent)?, output)
            }
        };
        self.proven_or_again(&place, &lit(&source), &source, output)
    }

    /// Proves an output; one that only falls short of its quality floor is encoded again with a lower CRF, as often as the
    /// plan allows.
    fn proven_or_again(
        &self,
        place: &Place,
        intent: &Intent,
        source: &MeasuredSource,
        mut output: Output,
    ) -> Result<Stop, Stop> {
        loop {
            self.step_to(JobStatus::Verifying)?;
            let examined = self.prove(place, intent, source, &output)?;
            let proof = &examined.proof;
            match proof.conclusion() {
                Conclusion::Proven => return self.put_in_place(place, intent, proof, &output.here, NAMES_TRIED),
                Conclusion::NotWorthIt => {
                    let check = proof.checks.iter().find(|check| check.check == WORTH_IT);
                    let measured = check.map_or_else(String::new, |check| check.measured.clone());
                    let reason = self.with_lowered_crf()? + &measured;
                    return Ok(Stop::NotWorthIt { reason, output_bytes: Some(proof.output_bytes) });
                }
                Conclusion::Rejected => {}
            }
            let Some(better) = self.another_try(intent, &examined)? else {
                // What hardware made is no word about what the CPU would make.
                let Some(means) = self.without_hardware(&reasons(proof))? else {
                    return Ok(rejected(proof, &self.with_lowered_crf()?));
                };
                self.discard(&output)?;
                self.runner.store.write(|tx| tx.job_step(self.job.id, JobStatus::Transcoding))?;
                self.forget_tries(intent)?;
                output = self.encode_by(intent, &place.there, source, means)?;
                continue;
            };
            tracing::info!("job {} is encoded again, with CRF {}: {}", self.job.id, better.crf, reasons(proof));
            // Gone before the next one needs its room.
            self.discard(&output)?;
            self.runner.store.write(|tx| {
                tx.tuning_put(self.job.id, &better)?;
                tx.job_step(self.job.id, JobStatus::Transcoding)
            })?;
            output = self.encode(intent, &place.there, source)?;
        }
    }

    /// Removes an output that is of no use, on both sides.
    fn discard(&self, output: &Output) -> Result<(), Stop> {
        ThisMachine.remove(&output.here).map_err(|error| self.not_kept(&error))?;
        self.worker.machine().remove(&output.there).map_err(|error| self.not_kept(&error))
    }

    /// What a working file that cannot be made, read or removed means for the job.
    pub(super) fn not_kept(&self, error: &WorkingFileError) -> Stop {
        match error.is_unreachable() {
            true => Stop::WorkerLost(error.to_string()),
            false => Stop::Failed(Failure::new(FailureCause::Storage, error.to_string())),
        }
    }

    /// The line goes forward only; a resumed job may stand further than the step that is done again.
    pub(super) fn step_to(&self, status: JobStatus) -> Result<(), Stop> {
        self.runner.store.write(|tx| {
            let now = tx.job(self.job.id)?.status;
            if now < status { tx.job_step(self.job.id, status) } else { Ok(()) }
        })?;
        Ok(())
    }

    /// What is being replaced can no longer be held: a wish to do so counts up to here.
    fn begin_replacing(&self) -> Result<(), Stop> {
        if !self.hand.begin_replacing() {
            return Err(Stop::Cancelled);
        }
        let held = self.runner.store.write(|tx| {
            let wishes = tx.job_wishes(self.job.id)?;
            if wishes.pause {
                return Ok(true);
            }
            let now = tx.job(self.job.id)?.status;
            if now < JobStatus::Replacing {
                tx.job_step(self.job.id, JobStatus::Replacing).map(|()| false)
            } else {
                Ok(false)
            }
        })?;
        if held {
            self.hand.hold_instead();
            return Err(Stop::Cancelled);
        }
        Ok(())
    }

    fn place(&self) -> Result<Place, Stop> {
        let job = self.job;
        let row = self.runner.store.read(|r| r.storage(job.storage_id))?;
        let disk = self.runner.storages.open(&row).map_err(|error| not_looked_at(&error))?;
        let path = disk.path(&job.path);
        let changed = |what: &str| {
            Stop::Failed(Failure::new(
                FailureCause::SourceChanged,
                format!("{} {what}; scan its folder again", job.path),
            ))
        };
        match disk.identity(&job.path) {
            Ok(Some(identity)) if identity.content == job.content => {
                Ok(Place { row, disk, there: path.clone(), is_mapped: false, path, identity })
            }
            Ok(Some(_)) => Err(changed("has changed since it was queued")),
            Ok(None) => Err(changed("is gone")),
            Err(error) => Err(not_looked_at(&error)),
        }
    }

    /// What would be refused at the end is refused before hours are spent on it.
    fn check_replaceable(&self, place: &Place, intent: &Intent) -> Result<(), Stop> {
        if self.job.mode == OutputMode::Beside {
            return Ok(());
        }
        self.drop_trial_links(place)?;
        match target::obstacle(&*place.disk, &self.job.path, intent.container) {
            Ok(None) => self.check_writable(place),
            Ok(Some(refusal)) => Err(Stop::RefusedHere(refusal.to_string())),
            Err(error) => Err(Stop::Failed(Failure::new(FailureCause::Storage, error.to_string()))),
        }
    }

    /// A trial whose storage went away may have left a second name of the original, for which it would be refused.
    fn drop_trial_links(&self, place: &Place) -> Result<(), Stop> {
        let failed = |error: StorageError| Stop::Failed(Failure::new(FailureCause::Storage, error.to_string()));
        match place.disk.look(&self.job.path).map_err(failed)? {
            Some(entry) if entry.stat.links > 1 => {
                trials::sweep_of_job(&*place.disk, self.job, self.runner.epoch).map_err(failed)
            }
            _ => Ok(()),
        }
    }

    /// A trial in the original's folder: hours of work for a folder that cannot be written to would be lost.
    fn check_writable(&self, place: &Place) -> Result<(), Stop> {
        let folder = self.job.path.parent();
        let tag = format!("job-{}", self.job.id);
        match place.disk.probe(folder.as_ref(), folder.as_ref(), &tag) {
            Ok(_) => Ok(()),
            Err(error) if error.class == ErrorClass::NoSpace => {
                Err(Stop::Failed(Failure::new(FailureCause::NoSpace, error.to_string())))
            }
            Err(error) if error.is_unreachable() => Err(not_looked_at(&error)),
            Err(error) => {
                let refusal = Refusal::FolderNotWritable { path: self.job.path.clone(), cause: error.cause };
                Err(Stop::RefusedHere(refusal.to_string()))
            }
        }
    }

    pub(super) fn measurer(&self) -> Measurer<'_> {
        Measurer { tools: &self.worker.tools, cancel: &self.hand.cancel }
    }

    pub(super) fn tell(&self, progress: &Progress) {
        if progress.stage != Stage::Encode {
            self.hand.note(progress.stage, [progress.share.to_bits(), 0, 0]);
        }
        self.watch.progress(self.job, progress);
    }

    /// Length of the source in microseconds, at least one; for showing how far things are, and nothing else.
    pub(super) fn length_us(&self) -> i64 {
        let length = self.runner.store.read(|r| match self.job.file_id {
            Some(file_id) => Ok(r.probe(file_id)?.and_then(|probe| probe.info.duration_us)),
            None => Ok(None),
        });
        length.ok().flatten().unwrap_or(1).max(1)
    }

    /// The source first: decoded wholly before anything is made from it.
    fn source(&self, place: &Place, intent: &Intent) -> Result<MeasuredSource, Stop> {
        let length_us = self.length_us();
        let mut on_time = |us: i64| {
            #[allow(clippy::cast_precision_loss)]
            let share = (us as f64 / length_us as f64).clamp(0.0, 1.0);
            self.tell(&Progress::of(Stage::Source, share));
            // The share stands at its end where the length is not known.
            self.hand.note(Stage::Source, [us.unsigned_abs(), 0, 0]);
        };
        let work = self.worker.work.join(source_folder(self.job.id));
        self.make_folder_there(&work)?;
        let content = place.identity.content;
        let read = self.runner.store.write(|tx| tx.source_read_begin(self.job.id, ReadPurpose::Decode))?;
        let source =
            self.patiently(|| measure_source(self.measurer(), intent, &place.there, content, &work, &mut on_time));
        let info = source.as_ref().ok().and_then(|source| source.measured.info.as_ref());
        self.runner.store.write(|tx| tx.source_read_end(read, info))?;
        // Whatever it holds was only of use while the source was measured.
        let swept = self.worker.machine().remove(&work);
        let source = source.map_err(|error| self.not_measured(&error))?;
        swept.map_err(|error| self.not_kept(&error))?;
        let obstacle = match &source.state {
            SourceState::Damaged { reason } if intent.encodes_video() && !intent.accept_damage => {
                let advice = "a re-encode would make the damage permanent; remux it, or accept the damage";
                Some(format!("the source is damaged: {reason}; {advice}"))
            }
            _ => proof::dynamic_obstacle(intent, &source.measured),
        };
        match obstacle {
            Some(reason) => self.check_believable().and(Err(Stop::Refused(reason))),
            None => Ok(source),
        }
    }

    /// Makes sure that what was measured can be believed, before it is held against the file.
    fn check_believable(&self) -> Result<(), Stop> {
        self.measurer().check_room(&self.worker.work).map_err(|error| self.not_measured(&error))
    }

    pub(super) fn not_measured(&self, error: &MeasureError) -> Stop {
        match error {
            _ if error.is_cancelled() || self.hand.cancel.is_cancelled() => Stop::Cancelled,
            _ if error.is_unreachable() => Stop::WorkerLost(error.to_string()),
            MeasureError::Probe { reason, .. } => Stop::Refused(format!("the source cannot be read: {reason}")),
            MeasureError::NoRoom { .. } => {
                let message = format!("on {}: {error}", self.worker.machine().name());
                Stop::Failed(Failure::new(FailureCause::NoSpace, message))
            }
            other => Stop::Failed(Failure::new(FailureCause::Tool, other.to_string())),
        }
    }

    fn prove(
        &self,
        place: &Place,
        intent: &Intent,
        source: &MeasuredSource,
        output: &Output,
    ) -> Result<Examined, Stop> {
        let runner = self.runner;
        // Proving has no holder but this thread: its lease is not what tells that it is gone.
        let new = NewAttempt {
            job_id: self.job.id,
            kind: TaskKind::Prove,
            position: 0,
            worker_id: self.worker.id,
            lease_until_at: runner.clock.now(),
        };
        let attempt = runner.store.write(|tx| tx.attempt_begin(&new, |token| self.attempt_dir(token)))?;
        let work = self.worker.dir_of(&attempt.dir);
        self.make_folder_there(&work)?;
        let replaces = self.job.mode == OutputMode::Replace;
        let subject =
            Subject { intent, source_path: &place.there, source, output_path: &output.there, work: &work, replaces };
        let examined = self.examine(place, subject, output).and_then(|examined| {
            // What is rejected is remembered.
            if examined.proof.conclusion() == Conclusion::Rejected {
                self.check_believable()?;
            }
            Ok(examined)
        });
        // What it holds was only of use while the output was measured; what stays is swept away at the job's end.
        if let Err(error) = self.worker.machine().remove(&work) {
            tracing::debug!("{error}");
        }
        let (state, kept) = match &examined {
            Ok(examined) => (AttemptState::Done, examined.probe.as_ref().map(|probe| self.kept_probe(probe))),
            Err(_) => (AttemptState::Failed, None),
        };
        let current = runner.store.write(|tx| {
            if let Ok(examined) = &examined {
                tx.proof_put(self.job.id, &examined.proof)?;
            }
            tx.attempt_finish(attempt.id, attempt.token, state, &kept, None)
        })?;
        if !current {
            return Err(Stop::Left("another attempt has taken it over".to_owned()));
        }
        examined
    }

    /// Measures an output where it was made. One that was made elsewhere comes back meanwhile, each piece of it hashed on
    /// both sides; what is replaced later is the file that has come, and its hash stands in the proof.
    fn examine(&self, place: &Place, subject: Subject<'_>, output: &Output) -> Result<Examined, Stop> {
        let mut on_share = |share| self.tell(&Progress::of(Stage::Verify, share));
        let Some(machine) = &self.worker.remote else {
            return prove(self.measurer(), subject, &mut on_share).map_err(|error| self.not_measured(&error));
        };
        let bytes = machine.size_bytes(&output.there).map_err(|error| self.not_kept(&error))?.unwrap_or(0);
        std::thread::scope(|scope| {
            let over = self.hand.cancel.below();
            let coming = scope.spawn({
                let over = over.clone();
                move || self.bring_back(machine, output, bytes, &over)
            });
            let same = place.is_mapped.then(|| scope.spawn(|| self.check_mapped(machine, place)));
            let judged = self.patiently(|| judge_output(self.measurer(), subject, bytes, &mut on_share));
            if judged.is_err() {
                // Nobody waits for it any more.
                over.cancel();
            }
            if let Some(same) = same {
                same.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            }
            if judged.as_ref().is_ok_and(Judged::is_good) {
                // What is left is only to bring it here and put it in place.
                self.watch.worker_is_free(self.job);
            }
            let come = coming.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let judged = judged.map_err(|error| self.not_measured(&error))?;
            come?;
            let here = |error| storage_failed(&output.here, &error);
            let mut file = std::fs::File::open(&output.here).map_err(here)?;
            let (hash, length) = content::hash_all(&mut file).map_err(here)?;
            if length != bytes {
                return Err(Stop::Left("the output is another one than was proven".to_owned()));
            }
            Ok(judged.into_examined(self.measurer(), subject, (hash, bytes)))
        })
    }

    /// The directory on this machine of an attempt that is begun under `token`.
    pub(super) fn attempt_dir(&self, token: u64) -> PathBuf {
        self.runner.here.work.join(format!("{ATTEMPT_PREFIX}{token}"))
    }

    pub(super) fn make_folder_there(&self, folder: &Path) -> Result<(), Stop> {
        self.worker.machine().make_folder(folder).map_err(|error| self.not_kept(&error))
    }

    /// Does again what a lost connection has broken off, as soon as the worker answers. One that stays away for longer than
    /// the user allows is lost, and the last error tells why.
    pub(super) fn patiently<T>(&self, mut work: impl FnMut() -> Result<T, MeasureError>) -> Result<T, MeasureError> {
        for _ in 0..TRIES_OF_A_MEASUREMENT {
            let error = match work() {
                Err(error) if error.is_unreachable() && !self.hand.cancel.is_cancelled() => error,
                done => return done,
            };
            if !self.is_back() {
                return Err(error);
            }
        }
        work()
    }

    /// Waits until the worker answers again; `false` when it does not for longer than the user allows.
    pub(super) fn is_back(&self) -> bool {
        let lease = self.runner.store.read(settings::lease_seconds).unwrap_or(0);
        let lost_at = Instant::now() + Duration::from_secs(u64::try_from(lease).unwrap_or(0));
        while !self.hand.cancel.wait_timeout(CALL_AGAIN_AFTER) {
            match self.worker.machine().threads() {
                Err(error) if error.is_unreachable() && Instant::now() < lost_at => {}
                Err(error) if error.is_unreachable() => return false,
                _ => return true,
            }
        }
        false
    }

    fn kept_probe(&self, (info, text): &(MediaInfo, Vec<u8>)) -> ProvenProbe {
        ProvenProbe {
            info: info.clone(),
            text: String::from_utf8_lossy(text).into_owned(),
            tool: self.worker.tools.version.clone(),
        }
    }

    /// Puts a proven output where it belongs; beside its original it takes at most so many more names if they go to others.
    fn put_in_place(
        &self,
        place: &Place,
        intent: &Intent,
        proof: &Proof,
        output: &Path,
        names_left: u32,
    ) -> Result<Stop, Stop> {
        let runner = self.runner;
        let Some(proven) = proof.proven() else {
            return Ok(Stop::Left("the proof does not hold".to_owned()));
        };
        if self.hand.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        let beside = self.job.mode == OutputMode::Beside;
        let named = if beside {
            target::beside(&*place.disk, &self.job.path, intent.container)
        } else {
            target::replacing(&self.job.path, intent.container)
        };
        let target: RelPath = named.map_err(|error| match error {
            TargetError::Storage(error) => not_looked_at(&error),
            TargetError::Path(error) => Stop::RefusedHere(error.to_string()),
        })?;
        self.drop_trial_links(place)?;
        self.begin_replacing()?;
        let (id, token) = runner.store.write(|tx| {
            Ok((
                mediaflow_core::replace::ReplacementId::new(runner.epoch, tx.replacement_counter()?),
                tx.fencing_token()?,
            ))
        })?;
        let journal = SqlJournal { store: &runner.store, row: &place.row, disk: &*place.disk };
        let retention_seconds = runner.store.read(settings::retention_seconds)?;
        let settings = Settings { retention_seconds, ..Settings::new(runner.epoch, place.row.id) };
        let replacer = Replacer::new(&*place.disk, &journal, runner.clock.as_ref(), settings);
        let progress = |staged: u64| {
            #[allow(clippy::cast_precision_loss)]
            self.tell(&Progress::of(Stage::Replace, staged as f64 / proof.output_bytes.max(1) as f64));
            // Whoever only leaves waits for this: it takes a copy's time, and what is half done would be done again.
            if self.hand.cancel.is_cancelled() && self.hand.wish() != Some(Wish::Detach) {
                std::ops::ControlFlow::Break(())
            } else {
                std::ops::ControlFlow::Continue(())
            }
        };
        let request = Request {
            id,
            job_id: Some(self.job.id),
            fencing_token: token,
            original: self.job.path.clone(),
            target,
            source: place.identity,
            output,
            progress: &progress,
        };
        let outcome =
            if beside { replacer.place_beside(&request, &proven) } else { replacer.replace(&request, &proven) };
        match outcome {
            Ok(outcome) => {
                let ending = if beside { Ending::Placed } else { Ending::Replaced };
                let reason = runner.store.read(|r| r.job(self.job.id))?.reason.unwrap_or_default();
                let losses: Vec<String> = outcome.losses.iter().map(ToString::to_string).collect();
                let warning = if losses.is_empty() { String::new() } else { format!(" ({})", losses.join("; ")) };
                Ok(Stop::Done(ending, format!("{reason}{warning}")))
            }
            // Somebody took the name while the copy was made: another one is free.
            Err(error) if beside && names_left > 0 && is_name_taken(&error) => {
                self.put_in_place(place, intent, proof, output, names_left - 1)
            }
            Err(error) => Err(translate(&error)),
        }
    }
}

/// What was wrong with an output, for a person.
fn reasons(proof: &Proof) -> String {
    let failed = proof.failures().filter(|check| check.check != WORTH_IT);
    failed.map(|check| format!("{}: {}", check.check, check.measured)).collect::<Vec<_>>().join("; ")
}

/// Whether a check looks at how good pictures are: more bits may mend what it found.
pub(super) fn is_quality(check: &str) -> bool {
    check.starts_with("quality") || check.starts_with("planes")
}

fn rejected(proof: &Proof, with: &str) -> Stop {
    let only_quality = proof.failures().all(|check| is_quality(&check.check));
    let hint = if only_quality { "; a preset of higher quality may do" } else { "" };
    let message = format!("the proof failed, the original stays: {with}{}{hint}", reasons(proof));
    Stop::Failed(Failure::new(FailureCause::Proof, message))
}

/// How often a measurement is begun again that broke off with its connection.
const TRIES_OF_A_MEASUREMENT: u32 = 10;

/// How long a worker that does not answer is left alone.
const CALL_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Makes a folder of ours, and those above it.
pub(super) fn make_folder(path: &Path) -> Result<(), Stop> {
    std::fs::create_dir_all(path).map_err(|error| storage_failed(path, &error))
}

pub(super) fn storage_failed(path: &Path, error: &std::io::Error) -> Stop {
    Stop::Failed(Failure::new(FailureCause::Storage, format!("{}: {error}", path.display())))
}

/// What it means for a job that its file could not be looked at: a machine that was lost may answer the next time.
fn not_looked_at(error: &StorageError) -> Stop {
    match error.is_unreachable() {
        true => Stop::Failed(Failure::new(FailureCause::Storage, error.to_string())),
        false => Stop::RefusedHere(error.to_string()),
    }
}

/// Names that are tried for an output that lies beside its original; two jobs may come to the same one.
const NAMES_TRIED: u32 = 10;

fn is_name_taken(error: &ReplaceError) -> bool {
    match error {
        ReplaceError::Refused(Refusal::TargetExists(_)) => true,
        ReplaceError::Failed(storage) => storage.class == ErrorClass::Exists,
        _ => false,
    }
}

/// What the end of a replacement means for its job.
fn translate(error: &ReplaceError) -> Stop {
    let failed = |cause| Stop::Failed(Failure::new(cause, error.to_string()));
    match error {
        ReplaceError::Refused(Refusal::Cancelled) => Stop::Cancelled,
        ReplaceError::Refused(
            Refusal::SourceChanged(_) | Refusal::OriginalMissing(_) | Refusal::ChangedMeanwhile(_),
        ) => failed(FailureCause::SourceChanged),
        ReplaceError::Refused(Refusal::NoSpace { .. }) => failed(FailureCause::NoSpace),
        ReplaceError::Refused(refusal) => Stop::RefusedHere(refusal.to_string()),
        ReplaceError::Failed(storage) if storage.class == ErrorClass::NoSpace => failed(FailureCause::NoSpace),
        ReplaceError::Failed(_) => failed(FailureCause::Storage),
        ReplaceError::Conflict(report) => Stop::Conflict(report.to_string()),
        // The files are safe, and what became of them is decided by looking, at the next start.
        _ => Stop::Left(error.to_string()),
    }
}
