//! What is to be told of one job beyond its row: steps, streams before and after, and pictures.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use mediaflow_engine::service::{JobReport as Report, JobStep as Step, Shown};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{TAG, on_disk, view_of};
use crate::error::ApiError;
use crate::extract::{InPath, JobId, Query};
use crate::openapi::op;
use crate::respond::Picture;
use crate::routes::single::facts;
use crate::state::Api;
use crate::wire::single::{JobReport, JobStep, JobStills, StillQuery};

/// Where stills are offered, in parts of the film: away from titles and credits.
const OFFERED: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];

/// `/{job_id}/stills/{side}`
#[derive(Debug, Deserialize, JsonSchema)]
struct StillOf {
    /// The job.
    job_id: i64,
    /// `before` or `after`.
    #[schemars(regex(pattern = "^(before|after)$"))]
    side: String,
}

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route(
            "/api/transcode/jobs/{job_id}/report",
            get_with(
                report,
                op("get_job_report", TAG, "How long each step took, and what was in the file before and after"),
            ),
        )
        .api_route(
            "/api/transcode/jobs/{job_id}/stills/{side}",
            get_with(still, op("get_job_still", TAG, "One picture of the film, before or after")),
        )
}

async fn report(State(api): State<Api>, InPath(JobId { job_id }): InPath<JobId>) -> Result<Json<JobReport>, ApiError> {
    api.blocking(move |api| {
        let view = view_of(api, job_id)?;
        let Report { steps, source, output, stills } = api.service.job_report(job_id)?;
        let source_path = on_disk(&view.root, &view.job.path);
        let output_path = view.replacement.map(|replacement| on_disk(&view.root, &replacement.target));
        #[allow(clippy::cast_precision_loss)]
        let length_s = stills.length_us.unwrap_or(0) as f64 / 1e6;
        Ok(Json(JobReport {
            job_id,
            steps: steps.into_iter().map(step).collect(),
            output: output.map(|info| facts(&info, output_path.unwrap_or_default())),
            source: source.map(|info| facts(&info, source_path)),
            tuning: api.service.store().read(|r| r.tuning(job_id))?.map(Into::into),
            stills: JobStills {
                at_seconds: OFFERED.map(|share| (share * length_s * 1000.0).round() / 1000.0).to_vec(),
                no_before: stills.before,
                no_after: stills.after,
            },
        }))
    })
    .await
}

fn step(step: Step) -> JobStep {
    #[allow(clippy::cast_precision_loss)]
    let seconds = |us: i64| (us.max(0) as f64 / 1e3).round() / 1e3;
    JobStep {
        stage: step.stage.name().to_owned(),
        started_at: step.started_at.into(),
        ended_at: step.ended_at.map(Into::into),
        seconds: step.ended_at.map(|ended_at| seconds(ended_at.0 - step.started_at.0 - step.held_us)),
        held_seconds: seconds(step.held_us),
        trouble: step.trouble,
    }
}

async fn still(
    State(api): State<Api>,
    InPath(StillOf { job_id, side }): InPath<StillOf>,
    Query(asked): Query<StillQuery>,
) -> Result<Picture, ApiError> {
    let shown = match side.as_str() {
        "before" => Shown::Source,
        "after" => Shown::Output,
        _ => return Err(ApiError::NotFound(format!("a job has a picture before and one after, not {side:?}"))),
    };
    if !(asked.at_seconds.is_finite() && asked.at_seconds >= 0.0) {
        let msg = "it is a number of seconds from the film's beginning";
        return Err(ApiError::field(&["query", "at_seconds"], "value_error", msg, asked.at_seconds));
    }
    api.blocking(move |api| {
        #[allow(clippy::cast_possible_truncation)] // saturates at the end of any film
        let at_us = (asked.at_seconds * 1e6).round() as i64;
        Ok(Picture(api.service.job_still(job_id, shown, at_us)?))
    })
    .await
}
