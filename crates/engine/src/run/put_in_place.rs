//! A proven output takes its original's place, or one beside it.

use std::path::Path;

use mediaflow_core::job::{Ending, Failure, FailureCause, JobStatus};
use mediaflow_core::path::RelPath;
use mediaflow_core::plan::Intent;
use mediaflow_core::proof::Proof;
use mediaflow_store::OutputMode;
use mediaflow_transport::storage::ErrorClass;

use super::end::Stop;
use super::hand::Wish;
use super::line::Line;
use super::place::{Place, not_looked_at};
use super::{Progress, Stage};
use crate::journal::SqlJournal;
use crate::replace::{Refusal, ReplaceError, Replacer, Request, Settings};
use crate::settings;
use crate::target::{self, TargetError};

/// Names that are tried for an output that lies beside its original; two jobs may come to the same one.
pub(super) const NAMES_TRIED: u32 = 10;

impl Line<'_> {
    /// Puts a proven output where it belongs; beside its original it takes at most so many more names if they go to others.
    pub(super) fn put_in_place(
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
        let target = self.target(place, intent)?;
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
        let beside = self.job.mode == OutputMode::Beside;
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

    /// Where the output belongs.
    fn target(&self, place: &Place, intent: &Intent) -> Result<RelPath, Stop> {
        let named = match self.job.mode {
            OutputMode::Beside => target::beside(&*place.disk, &self.job.path, intent.container),
            OutputMode::Replace => target::replacing(&self.job.path, intent.container),
        };
        named.map_err(|error| match error {
            TargetError::Storage(error) => not_looked_at(&error),
            TargetError::Path(error) => Stop::RefusedHere(error.to_string()),
        })
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
}

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
