//! Whether the server answers.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;

use crate::error::ApiError;
use crate::openapi::op;
use crate::state::Api;
use crate::wire::system::Health;

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new().api_route("/api/health", get_with(health, op("health", "health", "Whether the server answers")))
}

/// The packaged app adopts a running server by the name of its service.
#[allow(clippy::unused_async)]
async fn health() -> Result<Json<Health>, ApiError> {
    Ok(Json(Health { status: "healthy", service: "MediaFlow API", version: env!("CARGO_PKG_VERSION") }))
}
