//! The queue as a whole: the contract's group `transcode`, second part.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use axum::Json;
use axum::extract::State;
use mediaflow_core::job::JobStatus;
use mediaflow_core::text;
use mediaflow_engine::service::CommandError;
use mediaflow_engine::settings;
use mediaflow_store::{Job, JobPage};

use super::jobs::TAG;
use crate::door::{Action, Caller};
use crate::error::ApiError;
use crate::extract::Query;
use crate::openapi::op;
use crate::state::Api;
use crate::wire::jobs::{ActiveHours, CacheCleared, ClearQuery, Cleared, QueueStatsResponse};
use crate::wire::{Done, int};

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/transcode/queue/stats", get_with(stats, op("get_queue_stats", TAG, "The queue in numbers")))
        .api_route(
            "/api/transcode/queue/pause",
            post_with(pause, op("pause_queue", TAG, "Begin no further job, and pause those that run")),
        )
        .api_route(
            "/api/transcode/queue/resume",
            post_with(resume, op("resume_queue", TAG, "Go on with the queue, and with jobs that were begun")),
        )
        .api_route(
            "/api/transcode/jobs/finished",
            delete_with(clear, op("clear_jobs", TAG, "Clear finished jobs away; proofs and originals stay")),
        )
        .api_route(
            "/api/transcode/cache",
            delete_with(clear_cache, op("clear_cache", TAG, "Remove working files that no job needs")),
        )
}

async fn stats(State(api): State<Api>) -> Result<Json<QueueStatsResponse>, ApiError> {
    api.blocking(|api| {
        let stats = api.service.queue_stats()?;
        let totals = api.service.store().read(|r| r.outcome_totals())?;
        Ok(Json(QueueStatsResponse {
            total_queued: int(stats.queued),
            total_active: int(stats.active),
            total_completed: int(stats.completed),
            total_failed: int(stats.failed),
            // A sum of nothing is -0.0 in floating point.
            aggregate_fps: (stats.aggregate_fps * 10.0).round() / 10.0 + 0.0,
            estimated_total_time: stats.estimated_s.map_or(0, int),
            available_workers: int(api.service.servers_available()?.len() as u64),
            total_paused: int(stats.paused),
            paused: stats.is_paused,
            total_saved: int(totals.source_bytes) - int(totals.target_bytes),
            total_scheduled: int(stats.timed),
            total_waiting_for_folder: int(stats.away),
            active_hours: stats.has_hours.then(|| ActiveHours {
                is_open: stats.gate.is_open(),
                changes_at: stats.gate.changes_at().map(Into::into),
                running_jobs: if stats.pauses_at_end { settings::PAUSE } else { settings::FINISH }.to_owned(),
            }),
        }))
    })
    .await
}

/// The statuses of jobs that are in hand.
const ACTIVE: [JobStatus; 3] = [JobStatus::Transferring, JobStatus::Transcoding, JobStatus::Verifying];

fn jobs(api: &Api, statuses: &[JobStatus]) -> Result<Vec<Job>, ApiError> {
    Ok(api.service.store().read(|r| r.jobs(&JobPage { statuses, file_id: None, limit: u32::MAX, offset: 0 }))?)
}

async fn pause(State(api): State<Api>) -> Result<Json<Done>, ApiError> {
    api.blocking(|api| {
        // First the queue, so that no job takes the place of one that is paused.
        api.service.queue_pause()?;
        for job in jobs(api, &ACTIVE)? {
            match api.service.job_pause(job.id) {
                // One that is being replaced, or has just ended, is not worth a refusal of all the others.
                Ok(_) | Err(CommandError::WrongState(_) | CommandError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Json(Done { status: "paused" }))
    })
    .await
}

async fn resume(State(api): State<Api>) -> Result<Json<Done>, ApiError> {
    api.blocking(|api| {
        for job in jobs(api, &[JobStatus::Paused])?.iter().filter(|job| job.started_at.is_some()) {
            match api.service.job_resume(job.id) {
                Ok(_) | Err(CommandError::WrongState(_) | CommandError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        api.service.queue_resume()?;
        Ok(Json(Done { status: "running" }))
    })
    .await
}

async fn clear(
    State(api): State<Api>,
    caller: Caller,
    Query(asked): Query<ClearQuery>,
) -> Result<Json<Cleared>, ApiError> {
    api.blocking(move |api| {
        let deleted = api.service.jobs_clear(asked.include_active)?;
        caller.audit(Action::JobsCleared, &text::count(deleted, "job"));
        Ok(Json(Cleared { status: "cleared", deleted: int(deleted as u64) }))
    })
    .await
}

async fn clear_cache(State(api): State<Api>) -> Result<Json<CacheCleared>, ApiError> {
    api.blocking(|api| {
        let cleared = api.service.cache_clear()?;
        Ok(Json(CacheCleared { status: "cleared", files_deleted: int(cleared.files), bytes_freed: int(cleared.bytes) }))
    })
    .await
}
