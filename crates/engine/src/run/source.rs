//! The source is measured first: decoded wholly, before anything is made from it.

use mediaflow_core::job::{Failure, FailureCause};
use mediaflow_core::plan::Intent;
use mediaflow_ffmpeg::measure::SourceState;
use mediaflow_ffmpeg::proof;
use mediaflow_store::ReadPurpose;

use super::end::Stop;
use super::line::Line;
use super::measure::MeasureError;
use super::place::Place;
use super::prove::{MeasuredSource, measure_source};
use super::upkeep::source_folder;
use super::{Progress, Stage};

impl Line<'_> {
    /// The source first: decoded wholly before anything is made from it.
    pub(super) fn source(&self, place: &Place, intent: &Intent) -> Result<MeasuredSource, Stop> {
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
    pub(super) fn check_believable(&self) -> Result<(), Stop> {
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
}
