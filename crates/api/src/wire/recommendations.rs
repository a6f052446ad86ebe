//! Recommendations: what is worth doing, and why.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Time;

/// One thing worth doing to one file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RecommendationResponse {
    /// Its id.
    pub id: i64,
    /// The item.
    pub media_item_id: Option<i64>,
    /// Which analyzer found it.
    #[serde(rename = "type")]
    pub kind: String,
    /// `info` or `warning`.
    pub severity: String,
    /// One line.
    pub title: String,
    /// Why, with the numbers that led to it.
    pub description: Option<String>,
    /// Estimated savings in bytes.
    pub estimated_savings: Option<i64>,
    /// The preset to use.
    pub suggested_preset_id: Option<i64>,
    /// Whether the user does not want it.
    pub is_dismissed: bool,
    /// Whether a job was queued for it.
    pub is_actioned: bool,
    /// What comes first, 0 to 100.
    pub priority_score: Option<f64>,
    /// How sure the estimate is, 0 to 1.
    pub confidence: Option<f64>,
    /// The analysis that found it.
    pub analysis_run_id: Option<i64>,
    /// When it was first found.
    pub created_at: Option<Time>,
    /// Title of the item.
    pub media_title: Option<String>,
    /// Size of the file in bytes.
    pub media_file_size: Option<i64>,
    /// Whether the user wants it, and it waits to be queued.
    pub is_accepted: bool,
    /// Name of the preset to use.
    pub suggested_preset: String,
    /// Year of the item.
    pub media_year: Option<i64>,
    /// Where the file lies.
    pub file_path: String,
}

/// Which recommendations to list.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RecommendationQuery {
    /// Which analyzer.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Also those that the user does not want.
    #[serde(default, deserialize_with = "super::flag")]
    pub include_dismissed: bool,
    /// One library.
    pub library_id: Option<i64>,
}

/// Which page of them.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RecommendationPageQuery {
    /// Which analyzer.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `open` (as long as nothing is said), `accepted`, `dismissed` or `actioned`.
    pub state: Option<RecommendationState>,
    /// One library.
    pub library_id: Option<i64>,
    /// `priority`, `savings` or `confidence`, the highest first.
    pub sort: Option<RecommendationSort>,
    /// From 1.
    #[schemars(range(min = 1))]
    pub page: Option<i64>,
    /// At most 200.
    #[schemars(range(min = 1, max = 200))]
    pub page_size: Option<i64>,
}

/// How a recommendation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecommendationState {
    /// It waits for an answer.
    Open,
    /// The user wants it.
    Accepted,
    /// The user does not want it.
    Dismissed,
    /// A job was queued for it.
    Actioned,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecommendationSort {
    /// The most important first.
    Priority,
    /// What saves most first.
    Savings,
    /// The surest first.
    Confidence,
}

/// A page of recommendations.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecommendationPage {
    /// The recommendations.
    pub items: Vec<RecommendationResponse>,
    /// On all pages.
    pub total: i64,
    /// What all of them would save in bytes, each file counted once.
    pub total_savings: i64,
    /// From 1.
    pub page: i64,
    /// On a page.
    pub page_size: i64,
    /// Pages there are.
    pub total_pages: i64,
}

/// Narrowed to one library.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SummaryQuery {
    /// One library.
    pub library_id: Option<i64>,
}

/// All recommendations in numbers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecommendationSummary {
    /// All of them, whatever became of them.
    pub total: i64,
    /// By analyzer.
    pub by_type: BTreeMap<String, i64>,
    /// What those that are open or accepted would save in bytes, each file counted once.
    pub total_estimated_savings: i64,
    /// That the user does not want.
    pub dismissed_count: i64,
    /// For which a job was queued.
    pub actioned_count: i64,
    /// That the user wants and that wait to be queued.
    pub accepted_count: i64,
    /// What the accepted ones would save in bytes.
    pub accepted_savings: i64,
    /// That wait for an answer, by analyzer.
    pub open_by_type: BTreeMap<String, i64>,
}

/// How many runs to list.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct HistoryQuery {
    /// At most 500.
    #[schemars(range(min = 1, max = 500))]
    pub limit: Option<i64>,
}

/// One analysis.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AnalysisRun {
    /// Its id.
    pub id: i64,
    /// When it began.
    pub started_at: Option<Time>,
    /// When it ended.
    pub completed_at: Option<Time>,
    /// Files looked at.
    pub total_items_analyzed: i64,
    /// Recommendations made.
    pub recommendations_generated: i64,
    /// What they would save in bytes.
    pub total_estimated_savings: i64,
    /// `manual` or `auto`.
    pub trigger: String,
    /// The library, for an analysis of one.
    pub library_id: Option<i64>,
    /// Its title.
    pub library_title: Option<String>,
}

/// What was saved so far.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SavingsAchievedResponse {
    /// Files replaced and not taken back.
    pub total_jobs: i64,
    /// Their size before, in bytes.
    pub total_original_size: i64,
    /// Their size after, in bytes.
    pub total_final_size: i64,
    /// The difference.
    pub total_saved: i64,
    /// By codec before and after.
    pub by_codec: Vec<SavingsCodecEntry>,
}

/// What one pair of codecs saved.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SavingsCodecEntry {
    /// Codec before.
    pub source_codec: String,
    /// Codec after.
    pub target_codec: String,
    /// Files.
    pub jobs: i64,
    /// Their size before, in bytes.
    pub original_size: i64,
    /// Their size after, in bytes.
    pub final_size: i64,
    /// The difference.
    pub saved: i64,
}

/// A finished analysis of everything.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Generated {
    /// `completed`.
    pub status: &'static str,
    /// Recommendations made.
    pub recommendations_generated: i64,
    /// The run.
    pub run_id: i64,
    /// Files looked at.
    pub total_items_analyzed: i64,
    /// What they would save in bytes.
    pub total_estimated_savings: i64,
}

/// A finished analysis of one library.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LibraryAnalyzed {
    /// The library.
    pub library_id: i64,
    /// What came of it.
    #[serde(flatten)]
    pub run: Generated,
}

/// Recommendations to be queued.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct BatchQueueRequest {
    /// The recommendations, at most 5,000 at once.
    #[schemars(length(max = 5000))]
    pub recommendation_ids: Vec<i64>,
    /// A preset for all of them; each one's own otherwise.
    #[serde(default)]
    pub preset_id: Option<i64>,
}

/// What queueing came to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BatchQueued {
    /// `queued`.
    pub status: &'static str,
    /// Jobs made.
    pub jobs_created: i64,
    /// Their ids.
    pub job_ids: Vec<i64>,
    /// Recommendations that got no job, with the reason.
    pub skipped: Vec<SkippedRecommendation>,
}

/// A recommendation that got no job.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SkippedRecommendation {
    /// The recommendation.
    pub recommendation_id: i64,
    /// The unfinished job that its file has already.
    pub job_id: Option<i64>,
    /// Why, for a person.
    pub reason: String,
}
