//! The encode: handed to an executor, watched from its progress file, found again after a restart.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mediaflow_core::job::{Failure, FailureCause};
use mediaflow_core::media::hardware::EncodedBy;
use mediaflow_core::media::tag::Mark;
use mediaflow_core::plan::Intent;
use mediaflow_core::text;
use mediaflow_ffmpeg::binding::{Places, Program, Through, bind};
use mediaflow_ffmpeg::failure;
use mediaflow_ffmpeg::progress::{Estimator, Pace};
use mediaflow_store::{Attempt, AttemptState, NewAttempt, OutputMode, TaskKind};
use mediaflow_transport::executor::{End, ExecutorError, Exit, Observation, Spec, Step};
use mediaflow_transport::machine::WorkingFileError;

use super::end::Stop;
use super::hand::Wish;
use super::hardware::{self, Means};
use super::line::{Line, Output, make_folder};
use super::measure::MeasureError;
use super::outcome::{DeviceFailure, EncodeOutcome};
use super::prove::MeasuredSource;
use super::seen::{self, LOG_FILE, Seen};
use super::{Progress, Stage};
use crate::fleet::Worker;

const RENEW_EVERY: Duration = Duration::from_secs(5);
/// Twice as often as ffmpeg writes; another machine is asked over the network.
const LOOK_EVERY: Duration = Duration::from_millis(250);
const CALL_EVERY: Duration = Duration::from_secs(1);

/// An attempt that was submitted, and of which nothing lies there for so long, will not come back.
const VANISHED: Duration = Duration::from_secs(10);

/// A worker that does not answer for so long is said to be silent.
const SILENCE: Duration = Duration::from_secs(15);

/// The output of an attempt, in its directory.
pub(super) fn output_of(attempt: &Attempt, worker: &Worker) -> Output {
    Output { there: worker.dir_of(&attempt.dir).join("output"), here: attempt.dir.join("output") }
}

impl Line<'_> {
    /// Encodes on what works there, and steps back to the CPU where hardware fails. `path` is where the worker has the source.
    pub(super) fn encode(&self, intent: &Intent, path: &Path, source: &MeasuredSource) -> Result<Output, Stop> {
        self.encode_by(intent, path, source, self.means(intent)?)
    }

    /// The same, beginning with these means.
    pub(super) fn encode_by(
        &self,
        intent: &Intent,
        path: &Path,
        source: &MeasuredSource,
        mut means: Means,
    ) -> Result<Output, Stop> {
        loop {
            // Each failure leaves the next attempt less hardware to fail with.
            if let Some(tuned) = self.tuned(intent, &means, path, source)? {
                let attempt = self.begin_encode(&tuned, path, &means)?;
                if let Some(output) = self.await_encode(&tuned, &attempt)? {
                    return Ok(output);
                }
            }
            means = self.means(intent)?;
        }
    }

    /// An attempt to encode, of which nothing runs yet.
    pub(super) fn begin_attempt(&self) -> Result<Attempt, Stop> {
        let runner = self.runner;
        let new = NewAttempt {
            job_id: self.job.id,
            kind: TaskKind::Encode,
            position: 0,
            worker_id: self.worker.id,
            lease_until_at: runner.lease_from_now()?,
        };
        Ok(runner.store.write(|tx| tx.attempt_begin(&new, |token| self.attempt_dir(token)))?)
    }

    fn begin_encode(&self, intent: &Intent, source: &Path, means: &Means) -> Result<Attempt, Stop> {
        let runner = self.runner;
        let attempt = self.begin_attempt()?;
        // What is followed of another machine's attempt lies here.
        make_folder(&attempt.dir)?;
        let dir = self.worker.dir_of(&attempt.dir);
        self.make_folder_there(&dir)?;
        let output = output_of(&attempt, self.worker).there;
        let places = Places { input: source.as_os_str(), output: output.as_os_str(), work: &dir };
        let mark = Mark::new(&self.job.public_id, &intent.policy);
        let binding = means.bind(|abilities| bind(intent, &mark, abilities));
        // What follows the last run through the film only puts streams together.
        let last = binding.runs.iter().rposition(|run| run.through == Some(Through::Encoding)).unwrap_or_default();
        let mut steps = Vec::new();
        for (number, run) in binding.runs.iter().enumerate() {
            steps.push(Step {
                program: match run.program {
                    Program::Ffmpeg => self.worker.tools.ffmpeg.clone().into_os_string(),
                    Program::Own => self.own_program()?,
                },
                args: run.resolve(places),
                needs: run.needs.clone(),
                stdout_file: run.through.map(|through| seen::progress_file(through, number == last).to_owned()),
                stderr_file: LOG_FILE.to_owned(),
            });
        }
        let shown: Vec<String> = steps
            .get(last)
            .map(|step| &step.args)
            .into_iter()
            .flatten()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        self.worker
            .executor
            .submit(&dir, &Spec { steps })
            .map_err(|error| self.not_asked("starting the encode", &error))?;
        let by = binding.encoded_by;
        if let Some(instead_of) = by.as_ref().and_then(|by| by.instead_of.as_ref()) {
            tracing::warn!("job {}: {instead_of}", self.job.id);
        }
        if !runner.store.write(|tx| tx.attempt_running(attempt.id, attempt.token, &shown, by.as_ref()))? {
            return Err(superseded());
        }
        Ok(Attempt { encoded_by: by, ..attempt })
    }

    /// Lets an encode go on that was held, or that went on by itself, and watches it to its end. `None` when its hardware
    /// failed.
    pub(super) fn go_on(&self, intent: &Intent, attempt: &Attempt) -> Result<Option<Output>, Stop> {
        let dir = self.worker.dir_of(&attempt.dir);
        loop {
            match self.worker.executor.resume(&dir) {
                Ok(()) => break,
                Err(error) if error.is_unreachable() && self.is_back() => {}
                Err(error) => return Err(self.not_asked("letting the encode go on", &error)),
            }
        }
        let paused_us = self.runner.store.write(|tx| tx.attempt_resume(attempt.id))?;
        self.await_encode(intent, &Attempt { paused_us, paused_at: None, ..attempt.clone() })
    }

    /// Holds the encode where it is. Written down first: a process that ends in between leaves an encode that runs, and
    /// the next one sees what was wanted.
    fn hold(&self, attempt: &Attempt) -> Result<(), Stop> {
        if !self.runner.store.write(|tx| tx.attempt_pause(attempt.id, attempt.token))? {
            return Err(superseded());
        }
        self.worker
            .executor
            .pause(&self.worker.dir_of(&attempt.dir))
            .map_err(|error| self.not_asked("holding the encode", &error))
    }

    fn own_program(&self) -> Result<OsString, Stop> {
        self.worker.executor.own_program().map(PathBuf::into_os_string).map_err(|error| {
            Stop::Failed(Failure::new(FailureCause::Tool, format!("where this program lies: {error}")))
        })
    }

    /// What it means for the job that its executor could not do something.
    fn not_asked(&self, doing: &str, error: &ExecutorError) -> Stop {
        match error.is_unreachable() {
            true => Stop::WorkerLost(error.to_string()),
            false => Stop::Failed(Failure::new(FailureCause::Tool, format!("{doing}: {error}"))),
        }
    }

    /// Watches a running encode to its end; also one that an earlier process started. `None` when its hardware failed, and
    /// another attempt is to be made.
    fn await_encode(&self, intent: &Intent, attempt: &Attempt) -> Result<Option<Output>, Stop> {
        let runner = self.runner;
        let length_us = self.length_us();
        // What lies beside its original may be larger than it.
        let replaces = self.job.mode == OutputMode::Replace;
        let mut estimator = Estimator::default();
        let (mut pace, watched) = (Pace::default(), Instant::now());
        let mut renewed = Instant::now();
        let dir = self.worker.dir_of(&attempt.dir);
        let mut vanished = None;
        let mut heard = Heard { at: Instant::now(), is_said: false };
        loop {
            let looked = self.look_after(attempt, &dir);
            let elapsed_us = runner.clock.now().0 - attempt.started_at.0 - attempt.paused_us;
            let seen = Seen::of(&attempt.dir);
            let (frame, time_us) =
                seen.as_ref().map_or((0, 0), |seen| (seen.last.frame, seen.last.out_time_us.unsigned_abs()));
            self.hand.note(Stage::Encode, [frame, time_us, looked.as_ref().map_or(0, |looked| looked.made_bytes)]);
            // Nothing is told of a worker that is not heard: it would be invented.
            if let (Some(seen), Ok(_)) = (&seen, &looked) {
                let share = seen.share(length_us);
                #[allow(clippy::cast_precision_loss)]
                let elapsed_s = elapsed_us as f64 / 1_000_000.0;
                let seen = seen.last;
                let means = (attempt.paused_us == 0).then_some((seen.fps, seen.speed));
                let rates = pace.note(watched.elapsed().as_secs_f64(), &seen).or(means);
                self.tell(&Progress {
                    stage: Stage::Encode,
                    share,
                    fps: rates.map(|(fps, _)| fps),
                    speed: rates.map(|(_, speed)| speed),
                    eta_s: estimator.note(share, elapsed_s),
                    frame: Some(seen.frame),
                });
            }
            let finish_by = |state, end: &str, device: Option<DeviceFailure>| -> Result<(), Stop> {
                let frames = seen.as_ref().map_or(0, |seen| seen.last.frame);
                let outcome = EncodeOutcome { end: end.to_owned(), frames, work_us: elapsed_us, device };
                let log = seen::for_people(&seen::said(&attempt.dir));
                let current = runner
                    .store
                    .write(|tx| tx.attempt_finish(attempt.id, attempt.token, state, &outcome, Some(&log)))?;
                if current { Ok(()) } else { Err(superseded()) }
            };
            let finish = |state, end: &str| finish_by(state, end, None);
            let step_back = |by: &EncodedBy, device: DeviceFailure| -> Result<Option<Output>, Stop> {
                finish_by(AttemptState::Failed, &device.reason, Some(device.clone()))?;
                self.step_back(attempt, by, &device);
                Ok(None)
            };
            let observation = match looked {
                Ok(looked) => {
                    // Only a sign of life keeps it.
                    self.heard_again(&mut heard)?;
                    Some(looked.observation)
                }
                Err(error) if error.is_unreachable() && heard.at.elapsed() < runner.lease()? => {
                    self.say_silence(&mut heard)?;
                    None
                }
                Err(error) if error.is_unreachable() => {
                    tracing::warn!("job {}: {} is lost: {error}", self.job.id, self.worker.name);
                    let (name, silence) = (&self.worker.name, text::span(heard.at.elapsed().as_secs()));
                    let end = format!("lost: {name} gave no answer for {silence}; the job went elsewhere. {error}");
                    let outcome = EncodeOutcome { end, frames: frame, work_us: elapsed_us, device: None };
                    let superseded = AttemptState::Superseded;
                    runner
                        .store
                        .write(|tx| tx.attempt_finish(attempt.id, attempt.token, superseded, &outcome, None))?;
                    return Err(Stop::WorkerLost(error.to_string()));
                }
                Err(error) => return Err(self.not_asked("looking after the encode", &error)),
            };
            let is_heard = observation.is_some();
            match observation.unwrap_or(Observation::NotStarted) {
                Observation::Exited(Exit { end: End::Code(0), .. }) => {
                    let lost = |by: &EncodedBy| hardware::lost_pictures(&seen::complaints(&attempt.dir), by);
                    if let Some((by, device)) = attempt.encoded_by.as_ref().and_then(|by| Some((by, lost(by)?))) {
                        return step_back(by, device);
                    }
                    finish(AttemptState::Done, "finished")?;
                    let output = output_of(attempt, self.worker);
                    self.note_artifact(attempt, &output)?;
                    return Ok(Some(output));
                }
                Observation::Exited(Exit { end: End::Cancelled, .. }) => {
                    finish(AttemptState::Cancelled, "cancelled")?;
                    return Err(Stop::Cancelled);
                }
                Observation::Exited(exit) => {
                    let log = seen::complaints(&attempt.dir);
                    // Where nothing can be written, its words are lost too.
                    let failure = match self.measurer().check_room(&dir) {
                        Err(MeasureError::NoRoom { .. }) => disk_full(),
                        _ => explain(&exit, &log),
                    };
                    let of_device = |by: &EncodedBy| hardware::device_failure(&exit, &failure, &log, by);
                    if let Some((by, device)) = attempt.encoded_by.as_ref().and_then(|by| Some((by, of_device(by)?))) {
                        return step_back(by, device);
                    }
                    finish(AttemptState::Failed, &failure.message)?;
                    return Err(Stop::Failed(failure));
                }
                Observation::Lost { reason } => {
                    finish(AttemptState::Failed, &reason)?;
                    return Err(Stop::Failed(Failure::new(
                        FailureCause::Killed,
                        format!("the encode was lost: {reason}"),
                    )));
                }
                Observation::NotStarted if is_heard => {
                    let since = *vanished.get_or_insert_with(Instant::now);
                    if since.elapsed() >= VANISHED {
                        let reason =
                            format!("its files are gone from {}; did somebody clear its folder?", dir.display());
                        finish(AttemptState::Failed, &reason)?;
                        return Err(Stop::Failed(Failure::new(
                            FailureCause::Killed,
                            format!("the encode is lost: {reason}"),
                        )));
                    }
                }
                Observation::NotStarted | Observation::Running { .. } => {}
            }
            let outgrown = seen
                .as_ref()
                .map(|seen| seen.last)
                .filter(|p| replaces && intent.encodes_video() && p.size_bytes > self.job.source_bytes);
            match self.hand.wish() {
                Some(Wish::Pause) => return self.hold(attempt).and(Err(Stop::Cancelled)),
                Some(Wish::Detach) => return Err(Stop::Cancelled),
                Some(Wish::Cancel | Wish::Requeue | Wish::Stuck) | None => {}
            }
            if self.hand.cancel.is_cancelled() || outgrown.is_some() {
                match self.worker.executor.cancel(&dir) {
                    Ok(()) => {}
                    // It is ended as soon as its machine is back: nothing knows of it any more.
                    Err(error) if error.is_unreachable() => {
                        tracing::warn!("{} still encodes: {error}", self.worker.name)
                    }
                    Err(error) => return Err(self.not_asked("stopping the encode", &error)),
                }
                if let Some(seen) = outgrown {
                    finish(AttemptState::Cancelled, "larger than its source")?;
                    #[allow(clippy::cast_precision_loss)]
                    let percent = seen.out_time_us as f64 * 100.0 / length_us as f64;
                    let source = text::bytes(self.job.source_bytes);
                    let reason = format!("already larger than the source ({source}) after {percent:.0} % of it");
                    return Err(Stop::NotWorthIt { reason, output_bytes: Some(seen.size_bytes) });
                }
                finish(AttemptState::Cancelled, "cancelled")?;
                return Err(Stop::Cancelled);
            }
            if is_heard && renewed.elapsed() >= RENEW_EVERY {
                renewed = Instant::now();
                let until = runner.lease_from_now()?;
                if !runner.store.write(|tx| tx.attempt_renew(attempt.id, attempt.token, until))? {
                    return Err(superseded());
                }
            }
            self.hand.cancel.wait_timeout(if self.worker.remote.is_some() { CALL_EVERY } else { LOOK_EVERY });
        }
    }

    /// Says that nothing is heard of the worker, once that is no passing thing.
    fn say_silence(&self, heard: &mut Heard) -> Result<(), Stop> {
        if heard.is_said || heard.at.elapsed() < SILENCE {
            return Ok(());
        }
        heard.is_said = true;
        let (name, lease) = (&self.worker.name, self.runner.lease()?.as_secs());
        let reason =
            format!("{name} does not answer; what it does is not known. After {lease} s the job goes elsewhere");
        tracing::warn!("job {}: {reason}", self.job.id);
        self.runner.store.write(|tx| tx.job_stays(self.job.id, Some(&reason)))?;
        Ok(())
    }

    fn heard_again(&self, heard: &mut Heard) -> Result<(), Stop> {
        if heard.is_said {
            tracing::info!("job {}: {} answers again", self.job.id, self.worker.name);
            self.runner.store.write(|tx| tx.job_stays(self.job.id, None))?;
        }
        *heard = Heard { at: Instant::now(), is_said: false };
        Ok(())
    }

    /// How an attempt stands, with what its programs have said since the last look.
    fn look_after(&self, attempt: &Attempt, dir: &Path) -> Result<Looked, ExecutorError> {
        // Asked first: what an attempt that has ended said is all there then.
        let observation = self.worker.executor.observe(dir)?;
        let made_bytes = self.worker.machine().follow(dir, &attempt.dir, &seen::TALK);
        match made_bytes {
            Ok(made_bytes) => Ok(Looked { observation, made_bytes }),
            Err(WorkingFileError::There { source, .. }) => Err(ExecutorError::Remote(source)),
            Err(error) => {
                tracing::debug!("{error}");
                Ok(Looked { observation, made_bytes: 0 })
            }
        }
    }

    fn note_artifact(&self, attempt: &Attempt, output: &Output) -> Result<(), Stop> {
        let size = self.worker.machine().size_bytes(&output.there).map_err(|error| self.not_kept(&error))?;
        self.runner.store.write(|tx| tx.artifact_put(attempt.id, "output", None, size.unwrap_or(0), &output.here))?;
        Ok(())
    }
}

/// When a worker last answered.
struct Heard {
    at: Instant,
    /// Whether it was said that it does not.
    is_said: bool,
}

/// What a look at an attempt shows.
struct Looked {
    observation: Observation,
    /// By what files have grown that are not talk.
    made_bytes: u64,
}

fn superseded() -> Stop {
    Stop::Left("another attempt has taken it over".to_owned())
}

/// How an error of this program begins.
const OWN_WORDS: &str = "mediaflow: ";

fn disk_full() -> Failure {
    Failure::new(FailureCause::NoSpace, "the disk became full while encoding; free some space and run again")
}

/// Why an encode ended badly: by what ffmpeg said, and by how it went.
fn explain(exit: &Exit, log: &str) -> Failure {
    let said = failure::last_words(log);
    let code = match exit.end {
        End::Code(code) => Some(code),
        _ => None,
    };
    if failure::is_disk_full(log) || failure::is_disk_full(&exit.last_words) || code.is_some_and(failure::is_full_code)
    {
        return disk_full();
    }
    if failure::is_passing(log) {
        let message = format!("ffmpeg could not read or write: {said}; look at the disk and the network");
        return Failure::new(FailureCause::Storage, message);
    }
    match &exit.end {
        End::Signal(signal) => {
            Failure::new(FailureCause::Killed, format!("ffmpeg was killed by signal {signal}; run again"))
        }
        End::Lacks(file) if mediaflow_ffmpeg::burn_in::is_file_name(file) => Failure::new(
            FailureCause::Encoder,
            format!(
                "the subtitles that were to be drawn into the picture could not be taken out of the source: {said}"
            ),
        ),
        End::Lacks(_) => Failure::new(
            FailureCause::Encoder,
            "the first of two passes left no statistics: this ffmpeg's encoder cannot do two passes; choose one pass, or a \
             constant quality",
        ),
        End::NotStarted(reason) => Failure::new(FailureCause::Tool, format!("ffmpeg could not be started: {reason}")),
        // What our own program says in a step begins with its name.
        End::Code(_) if said.starts_with(OWN_WORDS) => Failure::new(
            FailureCause::Encoder,
            format!("dynamic HDR metadata could not be put beside the pictures: {}", said.replacen(OWN_WORDS, "", 1)),
        ),
        End::Code(code) => Failure::new(FailureCause::Encoder, format!("ffmpeg ended with code {code}: {said}")),
        End::Cancelled => Failure::new(FailureCause::Killed, "the encode was stopped"),
    }
}
