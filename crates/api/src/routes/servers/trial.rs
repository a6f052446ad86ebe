//! Trying servers: whether they let us in, and whether they see our files.

use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use axum::Json;
use axum::extract::State;
use mediaflow_core::worker::PathMapping;
use mediaflow_engine::service::{ServerTrial, ServerWish};

use super::render::shown;
use super::{TAG, found, server};
use crate::door::{Action, Caller};
use crate::error::ApiError;
use crate::extract::{Body, InPath, ServerId};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::int;
use crate::wire::servers::{
    CheckedPath, PathToCheck, ServerNotReached, ServerReached, ServerTest, ServerTry, WorkerServerResponse,
};

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route(
            "/api/servers/test",
            post_with(try_unsaved, op("try_worker", TAG, "Whether a server would let us in; nothing is kept")),
        )
        .api_route(
            "/api/servers/{server_id}/test",
            post_with(test, op("test_worker", TAG, "Call a server, and note what it is and by which key it is known")),
        )
        .api_route(
            "/api/servers/{server_id}/forget-host-key",
            post_with(forget, op("forget_host_key", TAG, "Believe the host key that a server shows next")),
        )
        .api_route(
            "/api/servers/{server_id}/check-path",
            post_with(check_path, op("check_worker_path", TAG, "Whether a file of this machine appears on a server")),
        )
}

fn answer(trial: ServerTrial) -> ServerTest {
    match trial {
        ServerTrial::Reached { message, capabilities: is, fingerprint } => ServerTest::Reached(ServerReached {
            status: "success",
            message,
            capabilities: (&is).into(),
            host_key_fingerprint: fingerprint,
        }),
        ServerTrial::Failed { message, problem } => {
            ServerTest::Failed(ServerNotReached { status: "error", message, problem })
        }
    }
}

async fn test(
    State(api): State<Api>,
    InPath(ServerId { server_id }): InPath<ServerId>,
) -> Result<Json<ServerTest>, ApiError> {
    api.blocking(move |api| Ok(Json(answer(found(api.service.server_test(server_id))?)))).await
}

async fn try_unsaved(State(api): State<Api>, Body(wish): Body<ServerTry>) -> Result<Json<ServerTest>, ApiError> {
    let like = wish.server_id;
    // It needs no name to be called by.
    let name = like.is_none().then(|| wish.hostname.chars().take(100).collect());
    let wish = ServerWish { name, address: Some(wish.hostname), work_dir: wish.working_directory, ..wish.login.into() };
    api.blocking(move |api| Ok(Json(answer(found(api.service.server_try(&wish, like))?)))).await
}

async fn forget(
    State(api): State<Api>,
    caller: Caller,
    InPath(ServerId { server_id }): InPath<ServerId>,
) -> Result<Json<WorkerServerResponse>, ApiError> {
    api.blocking(move |api| {
        found(api.service.server_forget_host_key(server_id))?;
        let server = server(api, server_id)?;
        caller.audit(Action::HostKeyForgotten, server.worker.name());
        Ok(Json(shown(server)))
    })
    .await
}

async fn check_path(
    State(api): State<Api>,
    InPath(ServerId { server_id }): InPath<ServerId>,
    Body(asked): Body<PathToCheck>,
) -> Result<Json<CheckedPath>, ApiError> {
    api.blocking(move |api| {
        server(api, server_id)?;
        let path = api.paths.file(&asked.path, &["body", "path"])?;
        let tried: Option<Vec<PathMapping>> =
            asked.path_mappings.map(|entries| entries.into_iter().map(Into::into).collect());
        let check = api.service.server_check_path(server_id, &path, tried.as_deref())?;
        Ok(Json(CheckedPath {
            path: asked.path,
            mapped_path: check.there.map(|there| there.to_string_lossy().into_owned()),
            source_prefix: check.mapping,
            found: check.size_bytes.is_some(),
            size: check.size_bytes.map(int),
            same: check.is_same,
            message: check.message,
        }))
    })
    .await
}
