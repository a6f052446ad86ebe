//! The encode: handed to an executor, held, and found again after a restart.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use mediaflow_core::job::{Failure, FailureCause};
use mediaflow_core::media::tag::Mark;
use mediaflow_core::plan::Intent;
use mediaflow_ffmpeg::binding::{Places, Program, Through, bind};
use mediaflow_store::{Attempt, NewAttempt, TaskKind};
use mediaflow_transport::executor::{ExecutorError, Spec, Step};

use super::end::Stop;
use super::hardware::Means;
use super::line::{Line, Output, make_folder};
use super::prove::MeasuredSource;
use super::seen::{self, LOG_FILE};
use crate::fleet::Worker;

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
    pub(super) fn hold(&self, attempt: &Attempt) -> Result<(), Stop> {
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
    pub(super) fn not_asked(&self, doing: &str, error: &ExecutorError) -> Stop {
        match error.is_unreachable() {
            true => Stop::WorkerLost(error.to_string()),
            false => Stop::Failed(Failure::new(FailureCause::Tool, format!("{doing}: {error}"))),
        }
    }
}

pub(super) fn superseded() -> Stop {
    Stop::Left("another attempt has taken it over".to_owned())
}
