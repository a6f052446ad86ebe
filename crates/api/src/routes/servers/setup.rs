//! Setting servers up, and measuring how fast they are: begun here, told over `/ws`.

use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use axum::Json;
use axum::extract::State;
use mediaflow_core::worker::WorkerStatus;

use super::{TAG, found, server};
use crate::door::{Action, Caller};
use crate::error::ApiError;
use crate::extract::{InPath, OptionalBody, ServerId};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::servers::{BenchmarkTriggerResponse, ProvisionRequest, ProvisionTriggerResponse};

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route(
            "/api/servers/{server_id}/provision",
            post_with(provision, op("provision_worker", TAG, "Begin to set a server up; the rest is told over `/ws`")),
        )
        .api_route(
            "/api/servers/{server_id}/benchmark",
            post_with(benchmark, op("benchmark_worker", TAG, "Begin to measure a server; the rest is told over `/ws`")),
        )
}

async fn provision(
    State(api): State<Api>,
    caller: Caller,
    InPath(ServerId { server_id }): InPath<ServerId>,
    OptionalBody(wish): OptionalBody<ProvisionRequest>,
) -> Result<Json<ProvisionTriggerResponse>, ApiError> {
    api.blocking(move |api| {
        let name = server(api, server_id)?.worker.form.name;
        found(api.service.server_provision(server_id, wish.install_gpu))?;
        caller.audit(Action::ServerProvisioned, &name);
        Ok(Json(ProvisionTriggerResponse { status: "started", message: format!("{name} is being set up") }))
    })
    .await
}

async fn benchmark(
    State(api): State<Api>,
    InPath(ServerId { server_id }): InPath<ServerId>,
) -> Result<Json<BenchmarkTriggerResponse>, ApiError> {
    api.blocking(move |api| {
        let worker = server(api, server_id)?.worker;
        if worker.status != WorkerStatus::Online {
            return Err(ApiError::BadRequest("Server must be online to benchmark".to_owned()));
        }
        let benchmark_id = found(api.service.server_benchmark(server_id))?;
        let message = format!("{} is being measured", worker.name());
        Ok(Json(BenchmarkTriggerResponse { status: "started", benchmark_id: Some(benchmark_id), message }))
    })
    .await
}
