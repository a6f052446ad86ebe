//! A running encode is watched to its end: from its progress file, and by what its executor says of it.

use std::path::Path;
use std::time::{Duration, Instant};

use mediaflow_core::job::{Failure, FailureCause};
use mediaflow_core::media::hardware::EncodedBy;
use mediaflow_core::plan::Intent;
use mediaflow_core::text;
use mediaflow_ffmpeg::progress::{Estimator, Pace};
use mediaflow_store::{Attempt, AttemptState, OutputMode};
use mediaflow_transport::executor::{End, ExecutorError, Exit, Observation};
use mediaflow_transport::machine::WorkingFileError;

use super::encode::{output_of, superseded};
use super::encode_failure::{disk_full, explain};
use super::end::Stop;
use super::hand::Wish;
use super::hardware;
use super::line::{Line, Output};
use super::measure::MeasureError;
use super::outcome::{DeviceFailure, EncodeOutcome};
use super::seen::{self, Seen};
use super::silence::Heard;
use super::{Progress, Stage};

const RENEW_EVERY: Duration = Duration::from_secs(5);
/// Twice as often as ffmpeg writes; another machine is asked over the network.
const LOOK_EVERY: Duration = Duration::from_millis(250);
const CALL_EVERY: Duration = Duration::from_secs(1);

/// An attempt that was submitted, and of which nothing lies there for so long, will not come back.
const VANISHED: Duration = Duration::from_secs(10);

/// What a look at an attempt shows.
struct Looked {
    observation: Observation,
    /// By what files have grown that are not talk.
    made_bytes: u64,
}

impl Line<'_> {
    /// Watches a running encode to its end; also one that an earlier process started. `None` when its hardware failed, and
    /// another attempt is to be made.
    pub(super) fn await_encode(&self, intent: &Intent, attempt: &Attempt) -> Result<Option<Output>, Stop> {
        let runner = self.runner;
        let length_us = self.length_us();
        // What lies beside its original may be larger than it.
        let replaces = self.job.mode == OutputMode::Replace;
        let mut estimator = Estimator::default();
        let (mut pace, watched) = (Pace::default(), Instant::now());
        let mut renewed = Instant::now();
        let dir = self.worker.dir_of(&attempt.dir);
        let mut vanished = None;
        let mut heard = Heard::now();
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
                        Err(MeasureError::NoRoom { .. }) => disk_full(&self.worker.name),
                        _ => explain(&exit, &log, &self.worker.name),
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
