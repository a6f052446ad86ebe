//! Trying what would be done to an item of the library.

use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use axum::Json;
use axum::extract::State;
use mediaflow_engine::service::{CommandError, DryRun};

use super::jobs::{TAG, plan_of, stored_preset};
use crate::config::overlaid;
use crate::error::ApiError;
use crate::extract::{OptionalBody, Query};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::int;
use crate::wire::jobs::{DryRunQuery, DryRunResponse, JobConfig};

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new().api_route(
        "/api/transcode/dry-run",
        post_with(dry_run, op("dry_run", TAG, "What would happen to a file, and nothing else")),
    )
}

async fn dry_run(
    State(api): State<Api>,
    Query(asked): Query<DryRunQuery>,
    OptionalBody(config): OptionalBody<JobConfig>,
) -> Result<Json<DryRunResponse>, ApiError> {
    api.blocking(move |api| {
        let preset = asked.preset_id.map(|id| stored_preset(api, id)).transpose()?;
        let preset = overlaid(preset, Some(&config), "")?;
        let found = api.service.dry_run(asked.media_item_id, &preset).map_err(|error| match error {
            CommandError::NotFound { .. } => ApiError::NotFound("Media item not found".to_owned()),
            CommandError::Refused(reason) => ApiError::Unprocessable(reason),
            other => other.into(),
        })?;
        Ok(Json(rendered(&found)))
    })
    .await
}

/// What would happen, in the contract's words.
pub(super) fn rendered(found: &DryRun) -> DryRunResponse {
    #[allow(clippy::cast_precision_loss)]
    let reduction = found.estimate.as_ref().map(|estimate| {
        let share = estimate.output_bytes as f64 / found.source_bytes.max(1) as f64;
        ((1.0 - share) * 1000.0).round() / 10.0
    });
    DryRunResponse {
        ffmpeg_command: found.command.join("\n"),
        estimated_output_size: found.estimate.as_ref().map(|estimate| int(estimate.output_bytes)),
        estimated_duration: found.duration_s.map(int),
        estimated_reduction_percent: reduction,
        confidence: found.estimate.as_ref().map(|estimate| estimate.confidence),
        plan: plan_of(&found.intent),
    }
}
