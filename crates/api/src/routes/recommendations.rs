//! The contract's group `recommendations`.

use std::collections::BTreeMap;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use mediaflow_engine::analyze::AnalysisSummary;
use mediaflow_store::{
    File, Reader, Recommendation, RecommendationList, RecommendationSort as StoreSort,
    RecommendationState as StoreState, Storage, StoreError, StoredPreset,
};

use crate::error::ApiError;
use crate::extract::{Body, InPath, LibraryId, Query, RecommendationId};
use crate::openapi::op;
use crate::routes::jobs::{holder, on_disk, refuse_unknown, stored_preset};
use crate::state::Api;
use crate::wire::recommendations::{
    AnalysisRun, BatchQueueRequest, BatchQueued, Generated, HistoryQuery, LibraryAnalyzed, RecommendationPage,
    RecommendationPageQuery, RecommendationQuery, RecommendationResponse, RecommendationSort, RecommendationState,
    RecommendationSummary, SavingsAchievedResponse, SavingsCodecEntry, SkippedRecommendation, SummaryQuery,
};
use crate::wire::{Done, Paging, int};

const TAG: &str = "recommendations";
/// Recommendations that are queued at once; more would hold the database up for too long.
const MOST_AT_ONCE: usize = 5000;
/// What the contract lists unless it is asked for more.
const NOT_DISMISSED: [StoreState; 3] = [StoreState::Open, StoreState::Accepted, StoreState::Actioned];

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/recommendations/", get_with(list, op("list_recommendations", TAG, "What is worth doing")))
        .api_route(
            "/api/recommendations/page",
            get_with(page, op("page_recommendations", TAG, "What is worth doing, a page at a time")),
        )
        .api_route(
            "/api/recommendations/summary",
            get_with(summary, op("get_recommendation_summary", TAG, "All recommendations in numbers")),
        )
        .api_route(
            "/api/recommendations/history",
            get_with(history, op("list_analysis_runs", TAG, "Past analyses, newest first")),
        )
        .api_route("/api/recommendations/savings", get_with(savings, op("get_savings", TAG, "What was saved so far")))
        .api_route(
            "/api/recommendations/generate",
            post_with(generate, op("generate_recommendations", TAG, "Analyse everything, and wait for it"))
                .delete_with(
                    cancel,
                    op("cancel_analysis", TAG, "Cancel the analysis that runs; what was recommended stays"),
                ),
        )
        .api_route(
            "/api/recommendations/analyze/{library_id}",
            post_with(analyze, op("analyze_library", TAG, "Analyse one library, and wait for it")),
        )
        .api_route(
            "/api/recommendations/{rec_id}/dismiss",
            post_with(dismiss, op("dismiss_recommendation", TAG, "The user does not want it")),
        )
        .api_route(
            "/api/recommendations/{rec_id}/accept",
            post_with(accept, op("accept_recommendation", TAG, "The user wants it; it waits to be queued")),
        )
        .api_route(
            "/api/recommendations/{rec_id}/reopen",
            post_with(reopen, op("reopen_recommendation", TAG, "Take back what was said of it")),
        )
        .api_route(
            "/api/recommendations/batch-queue",
            post_with(batch_queue, op("queue_recommendations", TAG, "Queue recommendations")),
        )
}

/// What the responses need besides the recommendations themselves.
struct Known {
    presets: Vec<StoredPreset>,
    storages: Vec<Storage>,
}

impl Known {
    fn read(reader: &Reader<'_>) -> Result<Self, StoreError> {
        Ok(Self { presets: reader.stored_presets()?, storages: reader.storages()? })
    }

    fn path_of(&self, file: &File) -> String {
        let storage = self.storages.iter().find(|storage| storage.id == file.storage_id);
        storage.map_or_else(|| file.path.to_string(), |storage| on_disk(&storage.root, &file.path))
    }
}

fn shown(found: Recommendation, known: &Known) -> RecommendationResponse {
    let preset = known.presets.iter().find(|stored| stored.preset.name == found.preset);
    let title = found.item.as_ref().map(|item| item.title.clone());
    RecommendationResponse {
        id: found.id,
        media_item_id: found.item.as_ref().map(|item| item.part_id),
        kind: found.kind,
        severity: found.severity,
        title: found.title,
        description: Some(found.reason),
        estimated_savings: Some(int(found.savings_bytes)),
        suggested_preset_id: preset.map(|stored| stored.id),
        is_dismissed: found.state == StoreState::Dismissed,
        is_actioned: found.state == StoreState::Actioned,
        priority_score: Some(found.priority),
        confidence: Some(found.confidence),
        analysis_run_id: Some(found.run_id),
        created_at: Some(found.created_at.into()),
        media_title: title.or_else(|| Some(found.file.path.to_string())),
        media_file_size: Some(int(found.file.size_bytes())),
        is_accepted: found.state == StoreState::Accepted,
        suggested_preset: found.preset,
        media_year: found.item.and_then(|item| item.year).map(i64::from),
        file_path: known.path_of(&found.file),
    }
}

/// The contract's list: all of them at once, the most important first.
async fn list(
    State(api): State<Api>,
    Query(asked): Query<RecommendationQuery>,
) -> Result<Json<Vec<RecommendationResponse>>, ApiError> {
    api.blocking(move |api| {
        let wanted = RecommendationList {
            states: if asked.include_dismissed { &[] } else { &NOT_DISMISSED },
            kind: asked.kind.as_deref(),
            library_id: asked.library_id.filter(|id| *id != 0),
            sort: StoreSort::Priority,
            limit: u32::MAX,
            offset: 0,
        };
        let (found, known) = api.service.store().read(|r| Ok((r.recommendations(&wanted)?, Known::read(r)?)))?;
        Ok(Json(found.into_iter().map(|one| shown(one, &known)).collect()))
    })
    .await
}

async fn page(
    State(api): State<Api>,
    Query(asked): Query<RecommendationPageQuery>,
) -> Result<Json<RecommendationPage>, ApiError> {
    let paging = Paging::of(asked.page, asked.page_size, 50, 200)?;
    api.blocking(move |api| {
        let state = asked.state.map(|state| match state {
            RecommendationState::Open => StoreState::Open,
            RecommendationState::Accepted => StoreState::Accepted,
            RecommendationState::Dismissed => StoreState::Dismissed,
            RecommendationState::Actioned => StoreState::Actioned,
        });
        let wanted = RecommendationList {
            states: state.as_slice(),
            kind: asked.kind.as_deref(),
            library_id: asked.library_id.filter(|id| *id != 0),
            sort: match asked.sort.unwrap_or(RecommendationSort::Priority) {
                RecommendationSort::Priority => StoreSort::Priority,
                RecommendationSort::Savings => StoreSort::Savings,
                RecommendationSort::Confidence => StoreSort::Confidence,
            },
            limit: u32::try_from(paging.page_size).unwrap_or(u32::MAX),
            offset: u32::try_from(paging.offset()).unwrap_or(u32::MAX),
        };
        let (found, totals, known) = api
            .service
            .store()
            .read(|r| Ok((r.recommendations(&wanted)?, r.recommendation_totals(&wanted)?, Known::read(r)?)))?;
        let total = int(totals.count);
        Ok(Json(RecommendationPage {
            items: found.into_iter().map(|one| shown(one, &known)).collect(),
            total,
            total_savings: int(totals.savings_bytes),
            page: paging.page,
            page_size: paging.page_size,
            total_pages: paging.pages_of(total),
        }))
    })
    .await
}

async fn summary(
    State(api): State<Api>,
    Query(asked): Query<SummaryQuery>,
) -> Result<Json<RecommendationSummary>, ApiError> {
    api.blocking(move |api| {
        let library = asked.library_id.filter(|id| *id != 0);
        let wanted = |states: &'static [StoreState]| RecommendationList {
            states,
            kind: None,
            library_id: library,
            sort: StoreSort::Priority,
            limit: 0,
            offset: 0,
        };
        let (counts, hoped_for, accepted) = api.service.store().read(|r| {
            Ok((
                r.recommendation_counts(library)?,
                r.recommendation_totals(&wanted(&[StoreState::Open, StoreState::Accepted]))?,
                r.recommendation_totals(&wanted(&[StoreState::Accepted]))?,
            ))
        })?;
        let of = |state: StoreState| -> i64 {
            counts.iter().filter(|count| count.state == state).map(|count| int(count.count)).sum()
        };
        let mut by_type = BTreeMap::new();
        let mut open_by_type = BTreeMap::new();
        for count in &counts {
            *by_type.entry(count.kind.clone()).or_insert(0) += int(count.count);
            if count.state == StoreState::Open {
                *open_by_type.entry(count.kind.clone()).or_insert(0) += int(count.count);
            }
        }
        Ok(Json(RecommendationSummary {
            total: counts.iter().map(|count| int(count.count)).sum(),
            by_type,
            total_estimated_savings: int(hoped_for.savings_bytes),
            dismissed_count: of(StoreState::Dismissed),
            actioned_count: of(StoreState::Actioned),
            accepted_count: of(StoreState::Accepted),
            accepted_savings: int(accepted.savings_bytes),
            open_by_type,
        }))
    })
    .await
}

async fn history(
    State(api): State<Api>,
    Query(asked): Query<HistoryQuery>,
) -> Result<Json<Vec<AnalysisRun>>, ApiError> {
    let limit = asked.limit.unwrap_or(20);
    let Some(limit) = u32::try_from(limit).ok().filter(|limit| (1..=500).contains(limit)) else {
        return Err(ApiError::field(&["query", "limit"], "value_error", "it is a number from 1 to 500", limit));
    };
    api.blocking(move |api| {
        let runs = api.service.store().read(|r| r.analysis_runs(limit))?;
        let shown = runs.into_iter().map(|run| AnalysisRun {
            id: run.id,
            started_at: Some(run.started_at.into()),
            completed_at: run.ended_at.map(Into::into),
            total_items_analyzed: int(run.files),
            recommendations_generated: int(run.recommendations),
            total_estimated_savings: int(run.savings_bytes),
            trigger: if run.cause == "auto" { "auto" } else { "manual" }.to_owned(),
            library_id: run.library_id,
            library_title: run.library_title,
        });
        Ok(Json(shown.collect()))
    })
    .await
}

async fn savings(State(api): State<Api>) -> Result<Json<SavingsAchievedResponse>, ApiError> {
    api.blocking(|api| {
        let pairs = api.service.store().read(|r| r.savings_achieved())?;
        let difference = |before: u64, after: u64| int(before) - int(after);
        let by_codec: Vec<SavingsCodecEntry> = pairs
            .into_iter()
            .map(|pair| SavingsCodecEntry {
                source_codec: pair.source_codec.unwrap_or_else(|| "unknown".to_owned()),
                target_codec: pair.target_codec.unwrap_or_else(|| "unknown".to_owned()),
                jobs: int(pair.jobs),
                original_size: int(pair.source_bytes),
                final_size: int(pair.target_bytes),
                saved: difference(pair.source_bytes, pair.target_bytes),
            })
            .collect();
        Ok(Json(SavingsAchievedResponse {
            total_jobs: by_codec.iter().map(|entry| entry.jobs).sum(),
            total_original_size: by_codec.iter().map(|entry| entry.original_size).sum(),
            total_final_size: by_codec.iter().map(|entry| entry.final_size).sum(),
            total_saved: by_codec.iter().map(|entry| entry.saved).sum(),
            by_codec,
        }))
    })
    .await
}

fn generated(summary: &AnalysisSummary) -> Generated {
    Generated {
        status: "completed",
        recommendations_generated: int(summary.recommendations),
        run_id: summary.run_id,
        total_items_analyzed: int(summary.files),
        total_estimated_savings: int(summary.savings_bytes),
    }
}

async fn generate(State(api): State<Api>) -> Result<Json<Generated>, ApiError> {
    api.blocking(|api| Ok(Json(generated(&api.service.analyze(None, "manual")?)))).await
}

async fn cancel(State(api): State<Api>) -> Result<Json<Done>, ApiError> {
    api.blocking(|api| {
        api.service.analysis_cancel()?;
        Ok(Json(Done { status: "cancelled" }))
    })
    .await
}

async fn analyze(
    State(api): State<Api>,
    InPath(LibraryId { library_id }): InPath<LibraryId>,
) -> Result<Json<LibraryAnalyzed>, ApiError> {
    api.blocking(move |api| {
        api.service.store().read(|r| r.library(library_id))?;
        let summary = api.service.analyze(Some(library_id), "manual")?;
        Ok(Json(LibraryAnalyzed { library_id, run: generated(&summary) }))
    })
    .await
}

async fn dismiss(
    State(api): State<Api>,
    InPath(RecommendationId { rec_id }): InPath<RecommendationId>,
) -> Result<Json<Done>, ApiError> {
    set(api, rec_id, StoreState::Dismissed, "dismissed").await
}

async fn accept(
    State(api): State<Api>,
    InPath(RecommendationId { rec_id }): InPath<RecommendationId>,
) -> Result<Json<Done>, ApiError> {
    set(api, rec_id, StoreState::Accepted, "accepted").await
}

async fn reopen(
    State(api): State<Api>,
    InPath(RecommendationId { rec_id }): InPath<RecommendationId>,
) -> Result<Json<Done>, ApiError> {
    set(api, rec_id, StoreState::Open, "open").await
}

async fn set(api: Api, id: i64, to: StoreState, status: &'static str) -> Result<Json<Done>, ApiError> {
    api.blocking(move |api| {
        api.service.recommendation_set(id, to)?;
        Ok(Json(Done { status }))
    })
    .await
}

async fn batch_queue(
    State(api): State<Api>,
    Body(wish): Body<BatchQueueRequest>,
) -> Result<Json<BatchQueued>, ApiError> {
    if wish.recommendation_ids.len() > MOST_AT_ONCE {
        let msg = format!("at most {MOST_AT_ONCE} recommendations at once; send the rest in further requests");
        let count = wish.recommendation_ids.len();
        return Err(ApiError::field(&["body", "recommendation_ids"], "too_long", msg, count));
    }
    api.blocking(move |api| {
        let preset = wish.preset_id.map(|id| stored_preset(api, id)).transpose()?;
        let report = api.service.recommendations_queue(&wish.recommendation_ids, preset.as_ref())?;
        refuse_unknown(&report, "recommendation")?;
        Ok(Json(BatchQueued {
            status: "queued",
            jobs_created: int(report.created.len() as u64),
            job_ids: report.created,
            skipped: report
                .skipped
                .into_iter()
                .map(|skipped| SkippedRecommendation {
                    recommendation_id: skipped.id,
                    job_id: holder(&skipped),
                    reason: skipped.reason,
                })
                .collect(),
        }))
    })
    .await
}
