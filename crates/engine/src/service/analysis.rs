//! Analysing on demand, and the answers to what is recommended.

use std::sync::PoisonError;

use mediaflow_store::RecommendationState;

use super::Service;
use super::error::CommandError;
use super::tasks::Task;
use crate::analyze::{AnalysisSummary, analyze};
use crate::settings;

impl Service {
    /// Analyses one library, or all, and gives what came of it. Waits while another analysis runs. `cause` says who
    /// asked: `manual` or `auto`.
    pub fn analyze(&self, library_id: Option<i64>, cause: &str) -> Result<AnalysisSummary, CommandError> {
        let inner = &self.inner;
        let what = match library_id {
            Some(id) => inner.store.read(|r| r.library(id))?.title,
            None => "all libraries".to_owned(),
        };
        let _turn = inner.analysis.lock().unwrap_or_else(PoisonError::into_inner);
        inner.board.begin(Task::Analysis, format!("analysing {what}"));
        let thresholds = inner.store.read(settings::thresholds)?;
        let result = analyze(&inner.store, library_id, cause, &thresholds);
        let detail = match &result {
            Ok(summary) => format!("{what}: {} recommendations", summary.recommendations),
            Err(error) => error.to_string(),
        };
        inner.board.end(Task::Analysis, Some(detail), None);
        Ok(result?)
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
