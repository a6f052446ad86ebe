//! What is recommended, in lists and in figures.

use mediaflow_core::identity::Hash;
use mediaflow_core::job::Verdict;
use mediaflow_core::time::Timestamp;
use rusqlite::Row;

use crate::error::StoreError;
use crate::files::{File, read_file};
use crate::items::{ITEM_COLUMNS, ITEM_JOINS, ItemOfFile, read_item};
use crate::row::{all, first, get, hash, json_opt, named, named_enum, time, time_opt, unsigned};
use crate::store::Reader;

named_enum! {
    /// What became of a recommendation.
    RecommendationState {
        /// It waits for an answer.
        Open = "open",
        /// The user wants it; no job was queued for it yet.
        Accepted = "accepted",
        /// The user does not want it.
        Dismissed = "dismissed",
        /// A job was queued for it.
        Actioned = "actioned",
    }
}

/// A recommendation.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// Its id.
    pub id: i64,
    /// The analysis that made or renewed it last.
    pub run_id: i64,
    /// The library of the file's first item.
    pub library_id: Option<i64>,
    /// The analyzer's name for it.
    pub kind: String,
    /// How much it matters, by name.
    pub severity: String,
    /// What comes first; higher is sooner.
    pub priority: f64,
    /// How sure the estimate is, 0 to 1.
    pub confidence: f64,
    /// Estimated savings in bytes.
    pub savings_bytes: u64,
    /// One line.
    pub title: String,
    /// Why, for a person.
    pub reason: String,
    /// The preset to use.
    pub preset: String,
    /// The policy of that preset's settings.
    pub policy: Hash,
    /// What became of it.
    pub state: RecommendationState,
    /// When it was first made.
    pub created_at: Timestamp,
    /// When the user accepted it.
    pub accepted_at: Option<Timestamp>,
    /// When the user dismissed it.
    pub dismissed_at: Option<Timestamp>,
    /// When a job was queued for it.
    pub actioned_at: Option<Timestamp>,
    /// The generation of the file that it was made for.
    pub generation: i64,
    /// The file.
    pub file: File,
    /// The first item that the file belongs to.
    pub item: Option<ItemOfFile>,
    /// What is remembered of the file's content under this policy.
    pub verdict: Option<Verdict>,
}

/// The order of a list of recommendations; always the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecommendationSort {
    /// By priority, then savings.
    Priority,
    /// By estimated savings.
    Savings,
    /// By how sure the estimate is.
    Confidence,
    /// By when it was first made.
    Newest,
    /// By title, from A to Z.
    Title,
}

/// Which recommendations to list. Those for files that are gone or have changed since are left out, unless they were
/// answered.
#[derive(Debug, Clone, Copy)]
pub struct RecommendationList<'a> {
    /// Only these states; empty for all.
    pub states: &'a [RecommendationState],
    /// Only what this analyzer found.
    pub kind: Option<&'a str>,
    /// Only for files of this library.
    pub library_id: Option<i64>,
    /// In which order.
    pub sort: RecommendationSort,
    /// At most so many.
    pub limit: u32,
    /// Leave out so many at the start.
    pub offset: u32,
}

/// What a whole list comes to, whatever page of it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecommendationTotals {
    /// Recommendations.
    pub count: u64,
    /// What they would save in bytes, each file counted once, by its largest.
    pub savings_bytes: u64,
}

/// How many recommendations of one kind are in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecommendationCount {
    /// The analyzer's name for it.
    pub kind: String,
    /// The state.
    pub state: RecommendationState,
    /// How many.
    pub count: u64,
}

/// A finished or broken-off analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalysisRun {
    /// Its id.
    pub id: i64,
    /// The library, where only one was looked at.
    pub library_id: Option<i64>,
    /// Its title, while it is there.
    pub library_title: Option<String>,
    /// Who asked.
    pub cause: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Files that were looked at.
    pub files: u64,
    /// Recommendations that were open at its end.
    pub recommendations: u64,
    /// What they would save in bytes.
    pub savings_bytes: u64,
}

/// The state of a row of `recommendations` called `r`.
const STATE: &str = "CASE WHEN r.actioned_at IS NOT NULL THEN 'actioned' WHEN r.dismissed_at IS NOT NULL
    THEN 'dismissed' WHEN r.accepted_at IS NOT NULL THEN 'accepted' ELSE 'open' END";

/// Whether it still is about what the file `f` holds, or was answered.
const STANDS: &str = "(r.actioned_at IS NOT NULL OR r.dismissed_at IS NOT NULL
    OR (f.generation = r.generation AND f.missing_since_at IS NULL))";

/// From the rows `r`, with everything that `read` needs.
fn select(rows: &str, order: &str) -> String {
    format!(
        "SELECT f.*, {ITEM_COLUMNS}, r.id AS recommendation_id, r.run_id, r.library_id AS of_library,
         r.kind AS recommendation_kind, r.severity, r.priority, r.confidence, r.savings_bytes, r.title,
         r.reason AS recommendation_reason, r.preset, r.policy, {STATE} AS state, r.created_at, r.accepted_at,
         r.dismissed_at, r.actioned_at, r.generation AS for_generation, d.verdict
         FROM ({rows}) r JOIN files f ON f.id = r.file_id {ITEM_JOINS}
         LEFT JOIN verdicts d ON d.content_size = f.content_size AND d.content_edges = f.content_edges
             AND d.policy = r.policy
         ORDER BY {order}"
    )
}

fn read(row: &Row<'_>) -> Result<Recommendation, StoreError> {
    Ok(Recommendation {
        id: get(row, "recommendation_id")?,
        run_id: get(row, "run_id")?,
        library_id: get(row, "of_library")?,
        kind: get(row, "recommendation_kind")?,
        severity: get(row, "severity")?,
        priority: get(row, "priority")?,
        confidence: get(row, "confidence")?,
        savings_bytes: unsigned(row, "savings_bytes")?,
        title: get(row, "title")?,
        reason: get(row, "recommendation_reason")?,
        preset: get(row, "preset")?,
        policy: hash(row, "policy")?,
        state: named(row, "state", RecommendationState::parse)?,
        created_at: time(row, "created_at")?,
        accepted_at: time_opt(row, "accepted_at")?,
        dismissed_at: time_opt(row, "dismissed_at")?,
        actioned_at: time_opt(row, "actioned_at")?,
        generation: get(row, "for_generation")?,
        file: read_file(row)?,
        item: read_item(row)?,
        verdict: json_opt(row, "verdict")?,
    })
}

impl RecommendationList<'_> {
    /// The conditions over `r` and `f`; `?1` is the kind, `?2` the library.
    fn conditions(&self) -> String {
        // Written so that the partial index of what is open can be used.
        let state = |state: &RecommendationState| match state {
            RecommendationState::Open => "(r.dismissed_at IS NULL AND r.actioned_at IS NULL AND r.accepted_at IS NULL)",
            RecommendationState::Accepted => {
                "(r.dismissed_at IS NULL AND r.actioned_at IS NULL AND r.accepted_at IS NOT NULL)"
            }
            RecommendationState::Dismissed => "(r.dismissed_at IS NOT NULL AND r.actioned_at IS NULL)",
            RecommendationState::Actioned => "r.actioned_at IS NOT NULL",
        };
        let states = match self.states {
            [] => "1".to_owned(),
            states => states.iter().map(state).collect::<Vec<_>>().join(" OR "),
        };
        format!("({states}) AND {STANDS} AND (?1 IS NULL OR r.kind = ?1) AND (?2 IS NULL OR r.library_id = ?2)")
    }

    /// The first pages by priority come off an index. For everything else a walk over the table is faster than looking
    /// up its rows in the index's order: 50 ms against 400 ms for 80,000 recommendations.
    const fn index_hint(&self) -> &'static str {
        const FIRST_PAGES: u32 = 2000;
        match self.sort {
            RecommendationSort::Priority if self.offset < FIRST_PAGES => "",
            _ => "NOT INDEXED",
        }
    }

    const fn order(&self) -> &'static str {
        match self.sort {
            RecommendationSort::Priority => "r.priority DESC, r.savings_bytes DESC, r.id",
            RecommendationSort::Savings => "r.savings_bytes DESC, r.id",
            RecommendationSort::Confidence => "r.confidence DESC, r.savings_bytes DESC, r.id",
            RecommendationSort::Newest => "r.created_at DESC, r.id DESC",
            RecommendationSort::Title => "r.title COLLATE NOCASE, r.id",
        }
    }
}

impl Reader<'_> {
    /// What waits for an answer or was accepted, most urgent first, for files that are there and unchanged since.
    pub fn recommendations_open(&self, limit: u32, offset: u32) -> Result<Vec<Recommendation>, StoreError> {
        let states = &[RecommendationState::Open, RecommendationState::Accepted];
        let sort = RecommendationSort::Priority;
        self.recommendations(&RecommendationList { states, kind: None, library_id: None, sort, limit, offset })
    }

    /// Recommendations, a page at a time.
    pub fn recommendations(&self, list: &RecommendationList<'_>) -> Result<Vec<Recommendation>, StoreError> {
        let order = list.order();
        // The page first, by ids alone, so that no texts are sorted; then what belongs to its rows.
        let rows = format!(
            "SELECT * FROM recommendations WHERE id IN (
                 SELECT r.id FROM recommendations r {} JOIN files f ON f.id = r.file_id WHERE {} ORDER BY {order}
                 LIMIT ?3 OFFSET ?4)",
            list.index_hint(),
            list.conditions()
        );
        all(self.conn, &select(&rows, order), (list.kind, list.library_id, list.limit, list.offset), read)
    }

    /// A recommendation.
    pub fn recommendation(&self, id: i64) -> Result<Recommendation, StoreError> {
        let sql = select("SELECT * FROM recommendations WHERE id = ?1", "r.id");
        first(self.conn, &sql, [id], read)?.ok_or(StoreError::NotFound { what: "recommendation", id })
    }

    /// What a whole list comes to; its page does not matter.
    pub fn recommendation_totals(&self, list: &RecommendationList<'_>) -> Result<RecommendationTotals, StoreError> {
        let sql = format!(
            "SELECT coalesce(sum(n), 0) AS n, coalesce(sum(best), 0) AS savings FROM (
                 SELECT count(*) AS n, max(r.savings_bytes) AS best
                 FROM recommendations r JOIN files f ON f.id = r.file_id WHERE {} GROUP BY r.file_id)",
            list.conditions()
        );
        let totals = first(self.conn, &sql, (list.kind, list.library_id), |row| {
            Ok(RecommendationTotals { count: unsigned(row, "n")?, savings_bytes: unsigned(row, "savings")? })
        })?;
        Ok(totals.unwrap_or(RecommendationTotals { count: 0, savings_bytes: 0 }))
    }

    /// How many recommendations there are of each kind in each state; of one library, or of all.
    pub fn recommendation_counts(&self, library_id: Option<i64>) -> Result<Vec<RecommendationCount>, StoreError> {
        let sql = format!(
            "SELECT r.kind, {STATE} AS state, count(*) AS n FROM recommendations r JOIN files f ON f.id = r.file_id
             WHERE {STANDS} AND (?1 IS NULL OR r.library_id = ?1) GROUP BY 1, 2 ORDER BY 1, 2"
        );
        all(self.conn, &sql, [library_id], |row| {
            Ok(RecommendationCount {
                kind: get(row, "kind")?,
                state: named(row, "state", RecommendationState::parse)?,
                count: unsigned(row, "n")?,
            })
        })
    }

    /// Analyses, the newest first.
    pub fn analysis_runs(&self, limit: u32) -> Result<Vec<AnalysisRun>, StoreError> {
        let sql = "SELECT a.*, l.title AS library_title FROM analysis_runs a
                   LEFT JOIN libraries l ON l.id = a.library_id ORDER BY a.id DESC LIMIT ?1";
        all(self.conn, sql, [limit], |row| {
            Ok(AnalysisRun {
                id: get(row, "id")?,
                library_id: get(row, "library_id")?,
                library_title: get(row, "library_title")?,
                cause: get(row, "cause")?,
                started_at: time(row, "started_at")?,
                ended_at: time_opt(row, "ended_at")?,
                files: unsigned(row, "files")?,
                recommendations: unsigned(row, "recommendations")?,
                savings_bytes: unsigned(row, "savings_bytes")?,
            })
        })
    }
}
