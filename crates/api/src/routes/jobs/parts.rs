//! What belongs to a job: its plan, its proof, its attempts and its log.

use std::collections::HashMap;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use mediaflow_core::media::hardware::EncodedBy;
use mediaflow_core::proof::Conclusion;
use mediaflow_store::Attempt;

use super::render::{command, plan};
use super::{TAG, view_of};
use crate::error::ApiError;
use crate::extract::{InPath, JobId};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::int;
use crate::wire::jobs::{JobAttempt, JobLog, JobPlan, JobProof, ProofCheck};

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route(
            "/api/transcode/jobs/{job_id}/plan",
            get_with(show_plan, op("get_job_plan", TAG, "What happens to every stream")),
        )
        .api_route(
            "/api/transcode/jobs/{job_id}/proof",
            get_with(proof, op("get_job_proof", TAG, "What was measured on the output")),
        )
        .api_route(
            "/api/transcode/jobs/{job_id}/attempts",
            get_with(attempts, op("list_job_attempts", TAG, "Every try at every step")),
        )
        .api_route(
            "/api/transcode/jobs/{job_id}/log",
            get_with(log, op("get_job_log", TAG, "The log of the encode, as far as it has come")),
        )
}

async fn show_plan(State(api): State<Api>, InPath(JobId { job_id }): InPath<JobId>) -> Result<Json<JobPlan>, ApiError> {
    api.blocking(move |api| {
        let preset = view_of(api, job_id)?.job.preset;
        let found = api.service.job_plan(job_id)?;
        Ok(Json(JobPlan {
            job_id,
            preset,
            plan: found.intent.as_ref().map(plan),
            command: (!found.command.is_empty()).then(|| found.command.join("\n")),
        }))
    })
    .await
}

/// The proof of a job outlives the job.
async fn proof(State(api): State<Api>, InPath(JobId { job_id }): InPath<JobId>) -> Result<Json<JobProof>, ApiError> {
    api.blocking(move |api| {
        let stored = api.service.store().read(|r| r.proof_of_job(job_id))?;
        let stored = stored.ok_or_else(|| ApiError::NotFound(format!("job {job_id} has no proof, or not yet")))?;
        let conclusion = match stored.proof.conclusion() {
            Conclusion::Proven => "proven",
            Conclusion::NotWorthIt => "not_worth_it",
            Conclusion::Rejected => "rejected",
        };
        let checks = stored.proof.checks.into_iter();
        Ok(Json(JobProof {
            job_id,
            conclusion: conclusion.to_owned(),
            output_size: int(stored.proof.output_bytes),
            checks: checks
                .map(|check| ProofCheck { name: check.check, passed: check.passed, measured: check.measured })
                .collect(),
            created_at: stored.created_at.into(),
        }))
    })
    .await
}

async fn attempts(
    State(api): State<Api>,
    InPath(JobId { job_id }): InPath<JobId>,
) -> Result<Json<Vec<JobAttempt>>, ApiError> {
    let shown = |attempt: Attempt, end| JobAttempt {
        end,
        id: attempt.id,
        task: attempt.kind.name().to_owned(),
        state: attempt.state.name().to_owned(),
        executor: if attempt.is_here() { "local" } else { "ssh" }.to_owned(),
        worker_name: attempt.worker_name,
        started_at: attempt.started_at.into(),
        ended_at: attempt.ended_at.map(Into::into),
        command: attempt.argv.as_deref().map(command),
        log: attempt.log_tail,
        encoder: attempt.encoded_by.as_ref().map(|by| by.encoder.clone()),
        decoder: attempt.encoded_by.as_ref().and_then(|by| by.decoder.clone()),
        pixel_format: attempt.encoded_by.as_ref().map(|by| by.pixel_format.clone()),
        encoder_notes: attempt.encoded_by.as_ref().map(EncodedBy::remarks).unwrap_or_default(),
    };
    api.blocking(move |api| {
        view_of(api, job_id)?;
        let found = api.service.store().read(|r| r.attempts_of_job(job_id))?;
        let mut ends: HashMap<i64, String> = api.service.attempt_ends(job_id)?.into_iter().collect();
        let shown = found.into_iter().map(|attempt| {
            let end = ends.remove(&attempt.id);
            shown(attempt, end)
        });
        Ok(Json(shown.collect()))
    })
    .await
}

/// The log of a job outlives the job.
async fn log(State(api): State<Api>, InPath(JobId { job_id }): InPath<JobId>) -> Result<Json<JobLog>, ApiError> {
    api.blocking(move |api| {
        let log = api.service.job_log(job_id)?;
        let is_live = api.service.store().read(|r| r.job(job_id)).is_ok_and(|job| job.status.is_active());
        Ok(Json(JobLog { job_id, is_live, log }))
    })
    .await
}
