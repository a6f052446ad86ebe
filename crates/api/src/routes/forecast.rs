//! What queueing many files would come to, before it is done.

use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use axum::Json;
use axum::extract::State;
use mediaflow_engine::service::{Forecast, ForecastFile as NamedFile, LeftOut};

use super::jobs::{TAG, stored_preset};
use crate::config::overlaid;
use crate::error::ApiError;
use crate::extract::Body;
use crate::openapi::op;
use crate::state::Api;
use crate::wire::forecast::{ForecastFile, ForecastRequest, ForecastResponse, LeftOutFiles};
use crate::wire::int;

/// Files that are looked at in one request, in about a second.
const MOST_AT_ONCE: usize = 10_000;

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new().api_route(
        "/api/transcode/forecast",
        post_with(forecast, op("forecast_jobs", TAG, "What queueing files would come to, all together")),
    )
}

async fn forecast(
    State(api): State<Api>,
    Body(wish): Body<ForecastRequest>,
) -> Result<Json<ForecastResponse>, ApiError> {
    if wish.media_item_ids.len() > MOST_AT_ONCE {
        let msg = format!("at most {MOST_AT_ONCE} items at once; send the rest in further requests");
        let count = wish.media_item_ids.len();
        return Err(ApiError::field(&["body", "media_item_ids"], "too_long", msg, count));
    }
    api.blocking(move |api| {
        let preset = wish.preset_id.map(|id| stored_preset(api, id)).transpose()?;
        let preset = overlaid(preset, wish.config.as_ref(), "config")?;
        Ok(Json(shown(api.service.forecast(&wish.media_item_ids, &preset)?)))
    })
    .await
}

fn shown(forecast: Forecast) -> ForecastResponse {
    let left_out = |LeftOut { reason, files }| LeftOutFiles { reason, files: int(files) };
    let file = |NamedFile { part_id, title, path, left_out }| ForecastFile {
        media_item_id: part_id,
        title,
        path,
        left_out_because: left_out,
    };
    ForecastResponse {
        jobs: int(forecast.jobs),
        foretold_jobs: int(forecast.foretold),
        source_size: int(forecast.source_bytes),
        estimated_output_size: int(forecast.output_bytes),
        left_out: forecast.left_out.into_iter().map(left_out).collect(),
        files: forecast.files.into_iter().map(file).collect(),
    }
}
