//! Jobs: queueing, listing, and one job with all that belongs to it. The contract's group `transcode`, first part.

mod parts;
mod render;
mod report;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, patch_with, post_with};
use axum::Json;
use axum::extract::State;
use mediaflow_core::job::JobStatus;
use mediaflow_core::media::preset::Preset;
use mediaflow_core::time::Timestamp;
use mediaflow_engine::service::{QueueReport, QueueWish, Skip, Skipped as NotQueued};
use mediaflow_store::{JobList, JobOrder as StoreOrder, StoreError};

pub(super) use self::render::{host_of, on_disk, plan as plan_of, shown};
use crate::config::overlaid;
use crate::door::{Action, Caller};
use crate::error::ApiError;
use crate::extract::{Body, InPath, JobId, OptionalBody, Query};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::jobs::{
    JobMove, JobOrder, JobPage, JobQuery, JobUpdated, JobsCreated, Restored, Skipped, TranscodeJobCreate,
    TranscodeJobResponse, TranscodeJobUpdate, UndoRequest,
};
use crate::wire::{Paging, Time, int};

pub(super) const TAG: &str = "transcode";
/// Files that are queued at once; more would hold the database up for too long.
const MOST_AT_ONCE: usize = 100_000;
/// The same where each is planned at once.
const MOST_PLANNED_AT_ONCE: usize = 5000;

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/transcode/jobs", post_with(create, op("create_jobs", TAG, "Queue files")))
        .api_route("/api/transcode/jobs", get_with(list, op("list_jobs", TAG, "A page of jobs")))
        .api_route("/api/transcode/jobs/{job_id}", get_with(one, op("get_job", TAG, "One job")))
        .api_route(
            "/api/transcode/jobs/{job_id}",
            patch_with(update, op("update_job", TAG, "Pause, go on, try again, cancel, or change the priority")),
        )
        .api_route(
            "/api/transcode/jobs/{job_id}/move",
            post_with(reorder, op("move_job", TAG, "Put a waiting job before another one")),
        )
        .api_route(
            "/api/transcode/jobs/{job_id}/undo",
            post_with(undo, op("undo_job", TAG, "Bring the original back, byte for byte")),
        )
        .merge(parts::routes())
        .merge(report::routes())
}

/// A preset by its id, in the contract's words when there is none.
pub(super) fn stored_preset(api: &Api, id: i64) -> Result<Preset, ApiError> {
    match api.service.store().read(|r| r.stored_preset(id)) {
        Ok(stored) => Ok(stored.preset),
        Err(StoreError::NotFound { .. }) => Err(ApiError::NotFound("Preset not found".to_owned())),
        Err(error) => Err(error.into()),
    }
}

/// An instant that a client wrote.
fn instant(text: Option<&str>) -> Result<Option<Timestamp>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    match Time::parse(text) {
        Some(Time(instant)) => Ok(Some(instant)),
        None => {
            let msg = "write an instant such as 2026-11-23T02:00:00Z, or leave it out to begin at once";
            Err(ApiError::field(&["body", "scheduled_after"], "datetime_parsing", msg, text))
        }
    }
}

/// What queueing came to. Where nothing that was named exists, that is a 404.
pub(super) fn created(report: QueueReport) -> Result<JobsCreated, ApiError> {
    refuse_unknown(&report, "media item")?;
    Ok(JobsCreated {
        status: "created",
        jobs_created: int(report.created.len() as u64),
        job_ids: report.created,
        skipped: report
            .skipped
            .into_iter()
            .map(|skipped| Skipped {
                media_item_id: skipped.id,
                job_id: holder(&skipped),
                can_force: skipped.skip == Skip::LeftAlone,
                reason: skipped.reason,
            })
            .collect(),
    })
}

/// The unfinished job that a file has already.
pub(super) const fn holder(skipped: &NotQueued) -> Option<i64> {
    match skipped.skip {
        Skip::Queued(job_id) => Some(job_id),
        _ => None,
    }
}

pub(super) fn refuse_unknown(report: &QueueReport, what: &str) -> Result<(), ApiError> {
    let unknown = |skipped: &NotQueued| skipped.skip == Skip::Unknown;
    match report.skipped.first() {
        Some(first) if report.created.is_empty() && report.skipped.iter().all(unknown) => {
            Err(ApiError::NotFound(format!("there is no {what} {}", first.id)))
        }
        _ => Ok(()),
    }
}

async fn create(State(api): State<Api>, Body(wish): Body<TranscodeJobCreate>) -> Result<Json<JobsCreated>, ApiError> {
    let most = if wish.is_dry_run { MOST_PLANNED_AT_ONCE } else { MOST_AT_ONCE };
    if wish.media_item_ids.len() > most {
        let msg = format!("at most {most} items at once; send the rest in further requests");
        let count = wish.media_item_ids.len();
        return Err(ApiError::field(&["body", "media_item_ids"], "too_long", msg, count));
    }
    let scheduled_after_at = instant(wish.scheduled_after.as_deref())?;
    api.blocking(move |api| {
        let preset = wish.preset_id.map(|id| stored_preset(api, id)).transpose()?;
        let preset = overlaid(preset, wish.config.as_ref(), "config")?;
        let report = api.service.queue_items(&QueueWish {
            part_ids: &wish.media_item_ids,
            preset: &preset,
            priority: wish.priority,
            is_dry_run: wish.is_dry_run,
            is_forced: wish.force,
            scheduled_after_at,
            preferred_worker_id: wish.preferred_worker_id,
        })?;
        created(report).map(Json)
    })
    .await
}

async fn list(State(api): State<Api>, Query(asked): Query<JobQuery>) -> Result<Json<JobPage>, ApiError> {
    let paging = Paging::of(asked.page, asked.page_size, 50, 200)?;
    let names = asked.status.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    let statuses = names.map(|name| {
        JobStatus::parse(name).ok_or_else(|| {
            let known: Vec<&str> = JobStatus::ALL.iter().map(|status| status.name()).collect();
            let msg = format!("a status is one of {}", known.join(", "));
            ApiError::field(&["query", "status"], "enum", msg, name)
        })
    });
    let statuses: Vec<JobStatus> = statuses.collect::<Result<_, _>>()?;
    api.blocking(move |api| {
        let wanted = JobList {
            statuses: &statuses,
            order: match asked.order.unwrap_or(JobOrder::Queue) {
                JobOrder::Queue => StoreOrder::Queue,
                JobOrder::Newest => StoreOrder::Newest,
            },
            limit: u32::try_from(paging.page_size).unwrap_or(u32::MAX),
            offset: u32::try_from(paging.offset()).unwrap_or(u32::MAX),
        };
        let (jobs, total) = api.service.store().read(|r| Ok((r.job_views(&wanted)?, r.jobs_total(&statuses)?)))?;
        Ok(Json(JobPage {
            items: jobs.into_iter().map(|view| shown(api, view)).collect(),
            total: int(total),
            page: paging.page,
            page_size: paging.page_size,
        }))
    })
    .await
}

async fn one(
    State(api): State<Api>,
    InPath(JobId { job_id }): InPath<JobId>,
) -> Result<Json<TranscodeJobResponse>, ApiError> {
    api.blocking(move |api| Ok(Json(shown(api, view_of(api, job_id)?)))).await
}

pub(super) fn view_of(api: &Api, job_id: i64) -> Result<mediaflow_store::JobView, ApiError> {
    api.service.store().read(|r| r.job_view(job_id)).map_err(|error| match error {
        StoreError::NotFound { .. } => ApiError::NotFound("Job not found".to_owned()),
        other => other.into(),
    })
}

async fn update(
    State(api): State<Api>,
    InPath(JobId { job_id }): InPath<JobId>,
    Body(change): Body<TranscodeJobUpdate>,
) -> Result<Json<JobUpdated>, ApiError> {
    let wanted = match change.status.as_deref() {
        None => None,
        Some(name) => Some(match JobStatus::parse(name) {
            Some(status @ (JobStatus::Queued | JobStatus::Paused | JobStatus::Cancelled)) => status,
            _ => {
                let msg = "a job can be set to queued, paused or cancelled; everything else it becomes by itself";
                return Err(ApiError::field(&["body", "status"], "enum", msg, name));
            }
        }),
    };
    api.blocking(move |api| {
        let mut status = view_of(api, job_id)?.job.status;
        if let Some(worker_id) = change.worker_server_id {
            api.service.job_prefer(job_id, worker_id)?;
        }
        if let Some(priority) = change.priority {
            api.service.job_set_priority(job_id, priority)?;
        }
        match wanted {
            Some(JobStatus::Queued) => status = api.service.job_resume(job_id)?,
            // One that runs stands still, or is gone, within two seconds; the contract's word for it is this one already.
            Some(JobStatus::Paused) => {
                api.service.job_pause(job_id)?;
                status = JobStatus::Paused;
            }
            Some(JobStatus::Cancelled) => {
                api.service.job_cancel(job_id)?;
                status = JobStatus::Cancelled;
            }
            _ => {}
        }
        Ok(Json(JobUpdated { status: "updated", job_id, new_status: status.name().to_owned() }))
    })
    .await
}

async fn reorder(
    State(api): State<Api>,
    InPath(JobId { job_id }): InPath<JobId>,
    Body(place): Body<JobMove>,
) -> Result<Json<JobUpdated>, ApiError> {
    api.blocking(move |api| {
        api.service.job_move(job_id, place.before)?;
        let status = view_of(api, job_id)?.job.status;
        Ok(Json(JobUpdated { status: "updated", job_id, new_status: status.name().to_owned() }))
    })
    .await
}

async fn undo(
    State(api): State<Api>,
    caller: Caller,
    InPath(JobId { job_id }): InPath<JobId>,
    OptionalBody(wish): OptionalBody<UndoRequest>,
) -> Result<Json<Restored>, ApiError> {
    api.blocking(move |api| {
        let restored = api.service.undo(job_id, wish.beside)?;
        let path = restored.path.to_string_lossy().into_owned();
        caller.audit(Action::JobUndone, &format!("job {job_id}: {path}"));
        Ok(Json(Restored { status: "restored", job_id: Some(job_id), path }))
    })
    .await
}
