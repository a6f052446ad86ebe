//! Analysis runs, what they recommend, and what the user answers.

use mediaflow_core::event::Event;
use mediaflow_core::identity::Hash;

use crate::error::StoreError;
use crate::recommended::RecommendationState;
use crate::row::{first, get, insert, run, unsigned};
use crate::store::Tx;

/// What an analyzer found worth doing to a file.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRecommendation<'a> {
    /// The file.
    pub file_id: i64,
    /// The generation of it that was looked at.
    pub generation: i64,
    /// The analyzer's name for it.
    pub kind: &'a str,
    /// How much it matters, by name.
    pub severity: &'a str,
    /// What comes first; higher is sooner.
    pub priority: f64,
    /// How sure the estimate is, 0 to 1.
    pub confidence: f64,
    /// Estimated savings in bytes.
    pub savings_bytes: u64,
    /// One line.
    pub title: &'a str,
    /// Why, for a person.
    pub reason: &'a str,
    /// The preset to use.
    pub preset: &'a str,
    /// The policy of that preset's settings, by which verdicts are looked up.
    pub policy: Hash,
}

/// What an analysis came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnalysisTotals {
    /// Open recommendations of the run.
    pub recommendations: u64,
    /// What they would save in bytes, each file counted once, by its largest.
    pub savings_bytes: u64,
}

impl Tx<'_> {
    /// Begins an analysis of one library, or of all, and gives the run's id. `cause` says who asked.
    pub fn analysis_begin(&self, library_id: Option<i64>, cause: &str) -> Result<i64, StoreError> {
        insert(
            self.conn,
            "INSERT INTO analysis_runs (library_id, cause, started_at) VALUES (?1, ?2, ?3)",
            (library_id, cause, self.now().0),
        )
    }

    /// Makes or renews a recommendation. One that was dismissed stays so until the file changes; one that was acted on
    /// opens again once its job is over and the file is still as it was.
    pub fn recommend(&self, run_id: i64, new: &NewRecommendation<'_>) -> Result<(), StoreError> {
        run(
            self.conn,
            "INSERT INTO recommendations (run_id, file_id, generation, kind, severity, priority, confidence,
             savings_bytes, title, reason, preset, policy, created_at, library_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, (
                 SELECT i.library_id FROM part_files pf JOIN parts t ON t.id = pf.part_id
                 JOIN versions v ON v.id = t.version_id JOIN items i ON i.id = v.item_id
                 WHERE pf.file_id = ?2 ORDER BY pf.part_id LIMIT 1))
             ON CONFLICT (file_id, kind, generation) DO UPDATE SET run_id = excluded.run_id,
             severity = excluded.severity, priority = excluded.priority, confidence = excluded.confidence,
             savings_bytes = excluded.savings_bytes, title = excluded.title, reason = excluded.reason,
             preset = excluded.preset, policy = excluded.policy, library_id = excluded.library_id,
             actioned_at = CASE WHEN EXISTS (
                 SELECT 1 FROM jobs j WHERE j.file_id = excluded.file_id
                 AND j.status NOT IN ('completed', 'failed', 'cancelled')) THEN actioned_at END",
            (
                run_id,
                new.file_id,
                new.generation,
                new.kind,
                new.severity,
                new.priority,
                new.confidence,
                new.savings_bytes.cast_signed(),
                new.title,
                new.reason,
                new.preset,
                new.policy.to_string(),
                self.now().0,
            ),
        )?;
        Ok(())
    }

    /// Ends an analysis of `files` files, with its event: open recommendations in its reach that it did not renew are
    /// removed.
    pub fn analysis_end(&self, run_id: i64, files: u64) -> Result<AnalysisTotals, StoreError> {
        run(
            self.conn,
            "DELETE FROM recommendations
             WHERE run_id <> ?1 AND dismissed_at IS NULL AND actioned_at IS NULL
             AND ((SELECT library_id FROM analysis_runs WHERE id = ?1) IS NULL OR EXISTS (
                 SELECT 1 FROM part_files pf JOIN parts t ON t.id = pf.part_id JOIN versions v ON v.id = t.version_id
                 JOIN items i ON i.id = v.item_id WHERE pf.file_id = recommendations.file_id
                 AND i.library_id = (SELECT library_id FROM analysis_runs WHERE id = ?1)))",
            [run_id],
        )?;
        let totals = first(
            self.conn,
            "SELECT coalesce(sum(n), 0) AS recommendations, coalesce(sum(best), 0) AS savings FROM (
                 SELECT count(*) AS n, max(savings_bytes) AS best FROM recommendations
                 WHERE run_id = ?1 AND dismissed_at IS NULL AND actioned_at IS NULL GROUP BY file_id)",
            [run_id],
            |row| {
                Ok(AnalysisTotals {
                    recommendations: unsigned(row, "recommendations")?,
                    savings_bytes: unsigned(row, "savings")?,
                })
            },
        )?
        .ok_or(StoreError::NotFound { what: "analysis", id: run_id })?;
        run(
            self.conn,
            "UPDATE analysis_runs SET ended_at = ?2, files = ?3, recommendations = ?4, savings_bytes = ?5 WHERE id = ?1",
            (
                run_id,
                self.now().0,
                files.cast_signed(),
                totals.recommendations.cast_signed(),
                totals.savings_bytes.cast_signed(),
            ),
        )?;
        let sql = "SELECT library_id FROM analysis_runs WHERE id = ?1";
        self.event(&Event::AnalysisCompleted {
            run_id,
            library_id: first(self.conn, sql, [run_id], |row| get(row, "library_id"))?.flatten(),
            recommendations: totals.recommendations,
            savings_bytes: totals.savings_bytes,
        })?;
        Ok(totals)
    }

    /// The user does not want it.
    pub fn recommendation_dismiss(&self, id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE recommendations SET dismissed_at = ?2, accepted_at = NULL WHERE id = ?1";
        self.answered(run(self.conn, sql, (id, self.now().0))?, id, RecommendationState::Dismissed)
    }

    /// The user wants it, when its time comes.
    pub fn recommendation_accept(&self, id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE recommendations SET accepted_at = ?2, dismissed_at = NULL WHERE id = ?1";
        self.answered(run(self.conn, sql, (id, self.now().0))?, id, RecommendationState::Accepted)
    }

    /// The user takes an answer back.
    pub fn recommendation_reopen(&self, id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE recommendations SET accepted_at = NULL, dismissed_at = NULL WHERE id = ?1";
        self.answered(run(self.conn, sql, [id])?, id, RecommendationState::Open)
    }

    /// A job was queued for it.
    pub fn recommendation_action(&self, id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE recommendations SET actioned_at = ?2 WHERE id = ?1";
        self.answered(run(self.conn, sql, (id, self.now().0))?, id, RecommendationState::Actioned)
    }

    fn answered(&self, changed: usize, id: i64, state: RecommendationState) -> Result<(), StoreError> {
        if changed == 0 {
            return Err(StoreError::NotFound { what: "recommendation", id });
        }
        let title = self.recommendation(id)?.title;
        let state = state.name().to_owned();
        self.event(&Event::RecommendationChanged { recommendation_id: id, title, state }).map(drop)
    }
}
