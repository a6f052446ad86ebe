//! Setting servers up, and measuring how fast they are: begun here, told over `/ws`.

use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use axum::Json;
use axum::extract::State;

use super::{TAG, found, server};
use crate::door::{Action, Caller};
use crate::error::ApiError;
use crate::extract::{InPath, OptionalBody, ServerId};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::servers::{ProvisionRequest, ProvisionTriggerResponse};

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new().api_route(
        "/api/servers/{server_id}/provision",
        post_with(
            provision,
            op("provision_worker", TAG, "Begin to set a server up; what comes of it is told over `/ws`"),
        ),
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
