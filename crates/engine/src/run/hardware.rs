//! Hardware under a job: what may be used for it, and the two steps back when it fails. First the CPU decodes, then it
//! encodes too. Each step is an attempt of its own, told with the reason.

use mediaflow_core::job::{Failure, FailureCause};
use mediaflow_core::media::hardware::{EncodedBy, Hardware, InsteadOf};
use mediaflow_core::plan::Intent;
use mediaflow_ffmpeg::abilities::{Abilities, encoder_of};
use mediaflow_ffmpeg::binding::Binding;
use mediaflow_ffmpeg::failure::{self, Device};
use mediaflow_ffmpeg::log;
use mediaflow_store::{Attempt, AttemptState, TaskKind};
use mediaflow_transport::executor::{End, Exit};
use mediaflow_transport::machine::{Machine, ThisMachine};
use mediaflow_transport::process::{Output, ProcessError};
use serde::{Deserialize, Serialize};

use super::end::Stop;
use super::line::Line;
use super::outcome::EncodeOutcome;

/// What of an attempt's hardware failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceFailure {
    /// Which part.
    pub part: Device,
    /// In ffmpeg's or the driver's words.
    pub reason: String,
}

/// What an attempt may use.
pub(super) struct Means {
    abilities: Abilities,
    /// Set once something has failed, or is left out for a reason that the plan does not know.
    instead_of: Option<InsteadOf>,
}

impl Means {
    pub fn bind(&self, bind: impl FnOnce(&Abilities) -> Binding) -> Binding {
        let mut binding = bind(&self.abilities);
        if let (Some(by), Some(instead_of)) = (&mut binding.encoded_by, &self.instead_of) {
            by.instead_of = Some(instead_of.clone());
        }
        binding
    }

    /// Who would encode a plan's pictures.
    pub fn encoder(&self, intent: &Intent) -> Option<EncodedBy> {
        encoder_of(intent, &self.abilities)
    }
}

impl Line<'_> {
    /// What the next attempt may use: what works here, less what failed this job since it was begun.
    pub(super) fn means(&self, intent: &Intent) -> Result<Means, Stop> {
        let settings = &self.job.settings;
        if !intent.encodes_video() || (settings.hardware == Hardware::Off && !settings.takes_two_passes()) {
            return Ok(Means { abilities: Abilities::default(), instead_of: None });
        }
        let abilities = match self.worker.tools.devices.trials(&self.hand.cancel) {
            Ok(trials) => match trials.obstacle(settings) {
                Some(obstacle) => return Err(Stop::RefusedHere(obstacle)),
                None => trials.abilities(),
            },
            Err(error) if error.is_cancelled() => return Err(Stop::Cancelled),
            Err(error) => {
                tracing::warn!("what the hardware of {} can do is not known: {error}", self.worker.name);
                Abilities::default()
            }
        };
        let failed = self.failed_devices()?;
        Ok(match failed.last() {
            None => Means { abilities, instead_of: None },
            Some((by, failure)) => Means {
                abilities: match failed.iter().any(|(_, failure)| failure.part == Device::Encoder) {
                    true => abilities.on_cpu(),
                    false => abilities.decoding_on_cpu(),
                },
                instead_of: Some(InsteadOf { what: what_failed(by, failure.part), reason: failure.reason.clone() }),
            },
        })
    }

    /// Means without hardware, for a job whose output was rejected; `None` where it was the CPU that made it.
    pub(super) fn without_hardware(&self, rejected: &str) -> Result<Option<Means>, Stop> {
        let attempts = self.runner.store.read(|r| r.attempts_of_job(self.job.id))?;
        let last = attempts.into_iter().rev().find(|attempt| attempt.kind == TaskKind::Encode);
        let Some(gpu) = last.and_then(|attempt| attempt.encoded_by?.gpu) else { return Ok(None) };
        let reason = format!("its output was rejected: {rejected}");
        let instead_of = Some(InsteadOf { what: gpu.to_string(), reason });
        Ok(Some(Means { abilities: Abilities::default(), instead_of }))
    }

    /// What of its attempts' hardware has failed this job, since it was begun or begun again, oldest first.
    fn failed_devices(&self) -> Result<Vec<(EncodedBy, DeviceFailure)>, Stop> {
        let since = self.job.started_at;
        Ok(self.runner.store.read(|r| {
            let mut failed = Vec::new();
            for attempt in r.attempts_of_job(self.job.id)? {
                if attempt.kind != TaskKind::Encode || since.is_some_and(|since| attempt.started_at < since) {
                    continue;
                }
                let outcome = r.attempt_outcome::<EncodeOutcome>(attempt.id)?;
                if let (Some(by), Some(failure)) = (attempt.encoded_by, outcome.and_then(|outcome| outcome.device)) {
                    failed.push((by, failure));
                }
            }
            Ok(failed)
        })?)
    }

    /// Writes down that hardware failed on a sample, as an attempt of its own: the next one has less of it, and says why.
    pub(super) fn trial_failed(&self, argv: &[String], by: &EncodedBy, device: DeviceFailure) -> Result<(), Stop> {
        let attempt = self.begin_attempt()?;
        let outcome = EncodeOutcome { end: device.reason.clone(), frames: 0, work_us: 0, device: Some(device.clone()) };
        self.runner.store.write(|tx| {
            tx.attempt_running(attempt.id, attempt.token, argv, Some(by))?;
            tx.attempt_finish(attempt.id, attempt.token, AttemptState::Failed, &outcome, Some(&device.reason))
        })?;
        self.step_back(&attempt, by, &device);
        Ok(())
    }

    /// Makes room for the next attempt, and has a look at whether what failed still works at all.
    pub(super) fn step_back(&self, attempt: &Attempt, by: &EncodedBy, failure: &DeviceFailure) {
        self.worker.tools.devices.look_again(failure.part, by, &self.hand.cancel);
        // Its log is kept; what it wrote would stand in the way of the room that is reserved.
        for (machine, dir) in [
            (&ThisMachine as &dyn Machine, attempt.dir.clone()),
            (self.worker.machine(), self.worker.dir_of(&attempt.dir)),
        ] {
            if let Err(error) = machine.remove(&dir) {
                tracing::debug!("{error}");
            }
        }
    }
}

fn what_failed(by: &EncodedBy, part: Device) -> String {
    match (part, &by.decoder, by.gpu) {
        (Device::Decoder, Some(decoder), _) => format!("decoding with {decoder}"),
        (_, _, Some(gpu)) => gpu.to_string(),
        _ => by.encoder.clone(),
    }
}

/// Whether it was the hardware that an encode died of. A full disk is none of its doing, and neither is being killed.
pub(super) fn device_failure(exit: &Exit, failure: &Failure, log: &str, by: &EncodedBy) -> Option<DeviceFailure> {
    if by.gpu.is_none() || matches!(failure.cause, FailureCause::NoSpace | FailureCause::Storage) {
        return None;
    }
    match exit.end {
        End::Code(_) => said_to_fail(log, by),
        End::Signal(signal) => crashed(signal),
        _ => None,
    }
}

/// The same of the encode of a sample.
pub(super) fn trial_failure(ended: &Result<Output, ProcessError>, by: &EncodedBy) -> Option<DeviceFailure> {
    by.gpu?;
    match ended {
        Ok(output) if output.success() => None,
        Ok(output) => said_to_fail(&log::complaints(&output.finished.stderr_lines.join("\n")), by),
        Err(ProcessError::Killed { signal, .. }) => crashed(*signal),
        Err(_) => None,
    }
}

fn said_to_fail(log: &str, by: &EncodedBy) -> Option<DeviceFailure> {
    let (part, reason) = failure::of_device(log, by)?;
    Some(DeviceFailure { part, reason })
}

/// Its own doing (a bad access, an assertion), not a kill from outside.
fn crashed(signal: i32) -> Option<DeviceFailure> {
    let reason = format!("ffmpeg crashed, as drivers make it do (signal {signal})");
    CRASHES.contains(&signal).then_some(DeviceFailure { part: Device::Encoder, reason })
}

/// SIGILL, SIGABRT, SIGBUS (on Linux and elsewhere), SIGFPE and SIGSEGV.
const CRASHES: [i32; 6] = [4, 6, 7, 8, 10, 11];

/// An encode that ended well although its hardware decoder lost pictures.
pub(super) fn lost_pictures(log: &str, by: &EncodedBy) -> Option<DeviceFailure> {
    let reason = failure::lost_pictures(log, by)?;
    Some(DeviceFailure { part: Device::Decoder, reason })
}
