//! Analysing on demand, and the answers to what is recommended.

use std::sync::{Mutex, MutexGuard, PoisonError};

use mediaflow_core::event::Event;
use mediaflow_core::text;
use mediaflow_store::{RecommendationState, StoreError};
use mediaflow_transport::cancel::Cancel;

use super::Service;
use super::error::CommandError;
use super::tasks::Task;
use crate::analyze::{AnalysisSummary, analyze};
use crate::settings;

/// Analyses that run or wait: one at a time.
#[derive(Default)]
pub(super) struct Analyses {
    turn: Mutex<()>,
    asked: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    count: usize,
    /// The wish to stop, of all that were asked for since the last such wish.
    cancel: Cancel,
}

/// One of them, counted until it ends, however it does.
struct Counted<'a>(&'a Analyses);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.asked().count -= 1;
    }
}

impl Analyses {
    fn ask(&self) -> (Counted<'_>, Cancel) {
        let mut asked = self.asked();
        asked.count += 1;
        (Counted(self), asked.cancel.clone())
    }

    /// Cancels all of them; whether there was any.
    pub fn cancel_all(&self) -> bool {
        let mut asked = self.asked();
        std::mem::take(&mut asked.cancel).cancel();
        asked.count > 0
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// Analyses one library, or all, and gives what came of it. Waits while another analysis runs. `cause` says who
    /// asked: `manual` or `auto`.
    pub fn analyze(&self, library_id: Option<i64>, cause: &str) -> Result<AnalysisSummary, CommandError> {
        let inner = &self.inner;
        let what = match library_id {
            Some(id) => inner.store.read(|r| r.library(id))?.title,
            None => "all libraries".to_owned(),
        };
        let (_counted, cancel) = inner.analyses.ask();
        let _turn = inner.analyses.turn.lock().unwrap_or_else(PoisonError::into_inner);
        inner.board.begin(Task::Analysis, format!("analysing {what}"));
        let result = inner
            .store
            .read(settings::thresholds)
            .and_then(|thresholds| analyze(&inner.store, library_id, cause, &thresholds, &cancel));
        let detail = match &result {
            Ok(AnalysisSummary { files, recommendations, savings_bytes, .. }) => {
                let (files, found) = (text::count(*files, "file"), text::count(*recommendations, "recommendation"));
                let savings = text::bytes(*savings_bytes);
                tracing::info!("{what}: {files} analysed ({cause}), {found}, {savings} to get back");
                format!("{what}: {found}")
            }
            Err(StoreError::GivenUp) => {
                tracing::info!("the analysis of {what} ({cause}) was cancelled");
                format!("{what}: cancelled")
            }
            Err(error) => {
                tracing::warn!("the analysis of {what} ({cause}) failed: {error}");
                error.to_string()
            }
        };
        inner.board.end(Task::Analysis, Some(detail), None);
        match result {
            Ok(summary) => Ok(summary),
            Err(StoreError::GivenUp) if inner.stop.is_cancelled() => Err(CommandError::Stopping),
            Err(StoreError::GivenUp) => {
                inner.store.write(|tx| tx.event(&Event::AnalysisCancelled { library_id }))?;
                let message = "the analysis was cancelled; what was recommended before stays";
                Err(CommandError::WrongState(message.to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Cancels the analysis that runs, and those that wait for their turn. What was recommended before stays.
    pub fn analysis_cancel(&self) -> Result<(), CommandError> {
        if self.inner.analyses.cancel_all() {
            return Ok(());
        }
        Err(CommandError::WrongState("no analysis is running".to_owned()))
    }

    /// Notes the user's answer to a recommendation; `Open` takes one back.
    pub fn recommendation_set(&self, id: i64, to: RecommendationState) -> Result<(), CommandError> {
        let store = &self.inner.store;
        let now = store.read(|r| r.recommendation(id))?.state;
        if now == RecommendationState::Actioned && to != RecommendationState::Dismissed {
            return Err(CommandError::WrongState("a job was queued for it already".to_owned()));
        }
        store.write(|tx| match to {
            RecommendationState::Open => tx.recommendation_reopen(id),
            RecommendationState::Accepted => tx.recommendation_accept(id),
            RecommendationState::Dismissed => tx.recommendation_dismiss(id),
            RecommendationState::Actioned => tx.recommendation_action(id),
        })?;
        Ok(())
    }
}
