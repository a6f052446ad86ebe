//! The line that one job walks.

use std::path::{Path, PathBuf};

use mediaflow_core::job::{Failure, FailureCause, JobStatus};
use mediaflow_store::Job;
use mediaflow_transport::machine::WorkingFileError;

use super::end::Stop;
use super::hand::Hand;
use super::measure::Measurer;
use super::prove::MeasuredSource;
use super::resume::Standing;
use super::{ATTEMPT_PREFIX, Progress, Runner, Stage, Watch, away, space};
use crate::fleet::Worker;

/// One job on its way.
pub(super) struct Line<'a> {
    pub runner: &'a Runner,
    /// Who does it.
    pub worker: &'a Worker,
    pub job: &'a Job,
    pub hand: &'a Hand,
    pub watch: &'a dyn Watch,
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

    /// The line goes forward only; a resumed job may stand further than the step that is done again.
    pub(super) fn step_to(&self, status: JobStatus) -> Result<(), Stop> {
        self.runner.store.write(|tx| {
            let now = tx.job(self.job.id)?.status;
            if now < status { tx.job_step(self.job.id, status) } else { Ok(()) }
        })?;
        Ok(())
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

    /// The directory on this machine of an attempt that is begun under `token`.
    pub(super) fn attempt_dir(&self, token: u64) -> PathBuf {
        self.runner.here.work.join(format!("{ATTEMPT_PREFIX}{token}"))
    }

    pub(super) fn make_folder_there(&self, folder: &Path) -> Result<(), Stop> {
        self.worker.machine().make_folder(folder).map_err(|error| self.not_kept(&error))
    }

    /// What a working file that cannot be made, read or removed means for the job.
    pub(super) fn not_kept(&self, error: &WorkingFileError) -> Stop {
        match error.is_unreachable() {
            true => Stop::WorkerLost(error.to_string()),
            false => Stop::Failed(Failure::new(FailureCause::Storage, error.to_string())),
        }
    }
}

/// Makes a folder of ours, and those above it.
pub(super) fn make_folder(path: &Path) -> Result<(), Stop> {
    std::fs::create_dir_all(path).map_err(|error| storage_failed(path, &error))
}

pub(super) fn storage_failed(path: &Path, error: &std::io::Error) -> Stop {
    Stop::Failed(Failure::new(FailureCause::Storage, format!("{}: {error}", path.display())))
}
