//! The contract's group `servers`: the machines that encode.

mod folders;
mod render;
mod setup;
mod trial;

use std::time::Duration;

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with, put_with};
use axum::Json;
use axum::extract::State;
use mediaflow_engine::service::{Server, ServerWish};

use self::render::{benchmark, picked, shown, status_of};
use crate::door::{Action, Caller};
use crate::error::ApiError;
use crate::extract::{Body, InPath, Query, ServerId};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::servers::{
    BenchmarkResponse, EstimateQuery, ProvisionLog, ServerEstimateResponse, ServerLogin, ServerPickerItem,
    ServerStatusResponse, WorkerServerCreate, WorkerServerResponse, WorkerServerUpdate,
};
use crate::wire::{Done, int};

const TAG: &str = "servers";

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/servers/", get_with(list, op("list_workers", TAG, "All servers that encode, by name")))
        .api_route("/api/servers/", post_with(create, op("create_worker", TAG, "Add a server; it is not called yet")))
        .api_route(
            "/api/servers/available",
            get_with(available, op("list_available_workers", TAG, "Servers that may be given jobs now")),
        )
        .api_route("/api/servers/{server_id}", get_with(one, op("get_worker", TAG, "One server")))
        .api_route(
            "/api/servers/{server_id}",
            put_with(update, op("update_worker", TAG, "Change a server, or switch it on or off")),
        )
        .api_route(
            "/api/servers/{server_id}",
            delete_with(remove, op("delete_worker", TAG, "Remove a server that has no job in hand")),
        )
        .api_route(
            "/api/servers/{server_id}/status",
            get_with(status, op("get_worker_status", TAG, "How a server stands, and how it feels")),
        )
        .api_route(
            "/api/servers/{server_id}/benchmarks",
            get_with(
                benchmarks,
                op("list_worker_benchmarks", TAG, "How fast a server was, the last measurement first"),
            ),
        )
        .api_route(
            "/api/servers/{server_id}/estimate",
            get_with(estimate, op("estimate_worker", TAG, "How long a server would take, by what it did before")),
        )
        .api_route(
            "/api/servers/{server_id}/provision-log",
            get_with(provision_log, op("get_provision_log", TAG, "What was said when a server was last set up")),
        )
        .merge(folders::routes())
        .merge(setup::routes())
        .merge(trial::routes())
}

/// The contract's words for a server that is not there.
fn found<T>(result: Result<T, impl Into<ApiError>>) -> Result<T, ApiError> {
    result.map_err(|error| match error.into() {
        ApiError::NotFound(_) => ApiError::NotFound("Server not found".to_owned()),
        other => other,
    })
}

fn server(api: &Api, id: i64) -> Result<Server, ApiError> {
    found(api.service.server(id))
}

impl From<ServerLogin> for ServerWish {
    fn from(login: ServerLogin) -> Self {
        Self {
            port: login.port,
            username: login.ssh_username,
            key_path: login.ssh_key_path,
            password: login.ssh_password.map(|hidden| hidden.0),
            private_key: login.ssh_private_key.map(|hidden| hidden.0),
            passphrase: login.ssh_passphrase.map(|hidden| hidden.0),
            uses_agent: login.use_agent,
            via: login.jump_host,
            hourly_cost: login.hourly_cost,
            ..Self::default()
        }
    }
}

async fn list(State(api): State<Api>) -> Result<Json<Vec<WorkerServerResponse>>, ApiError> {
    api.blocking(|api| Ok(Json(api.service.servers()?.into_iter().map(shown).collect()))).await
}

async fn available(State(api): State<Api>) -> Result<Json<Vec<ServerPickerItem>>, ApiError> {
    api.blocking(|api| Ok(Json(api.service.servers_available()?.into_iter().map(picked).collect()))).await
}

async fn one(
    State(api): State<Api>,
    InPath(ServerId { server_id }): InPath<ServerId>,
) -> Result<Json<WorkerServerResponse>, ApiError> {
    api.blocking(move |api| Ok(Json(shown(server(api, server_id)?)))).await
}

async fn create(
    State(api): State<Api>,
    caller: Caller,
    Body(wish): Body<WorkerServerCreate>,
) -> Result<Json<WorkerServerResponse>, ApiError> {
    let is_local = wish.is_local;
    let mappings = wish.path_mappings.map(|entries| entries.into_iter().map(Into::into).collect());
    let wish = ServerWish {
        name: Some(wish.name),
        address: Some(wish.hostname),
        role: wish.role,
        slots: wish.max_concurrent_jobs,
        work_dir: wish.working_directory,
        path_mappings: mappings,
        ..wish.login.into()
    };
    api.blocking(move |api| {
        let server = if is_local {
            // What clients send along about the way to it says nothing.
            let said = ServerWish {
                name: wish.name,
                slots: wish.slots,
                path_mappings: wish.path_mappings,
                ..ServerWish::default()
            };
            let here = api.service.store().read(|r| r.local_worker())?;
            api.service.server_update(here.id, &said)?
        } else {
            api.service.server_create(&wish)?
        };
        caller.audit(Action::ServerAdded, server.worker.name());
        Ok(Json(shown(server)))
    })
    .await
}

async fn update(
    State(api): State<Api>,
    caller: Caller,
    InPath(ServerId { server_id }): InPath<ServerId>,
    Body(change): Body<WorkerServerUpdate>,
) -> Result<Json<WorkerServerResponse>, ApiError> {
    let mappings = change.path_mappings.map(|entries| entries.into_iter().map(Into::into).collect());
    let wish = ServerWish {
        name: change.name,
        address: change.hostname,
        role: change.role,
        slots: change.max_concurrent_jobs,
        is_enabled: change.is_enabled,
        work_dir: change.working_directory,
        path_mappings: mappings,
        ..change.login.into()
    };
    api.blocking(move |api| {
        let server = found(api.service.server_update(server_id, &wish))?;
        caller.audit(Action::ServerChanged, server.worker.name());
        Ok(Json(shown(server)))
    })
    .await
}

async fn remove(
    State(api): State<Api>,
    caller: Caller,
    InPath(ServerId { server_id }): InPath<ServerId>,
) -> Result<Json<Done>, ApiError> {
    api.blocking(move |api| {
        let removed = found(api.service.server_remove(server_id))?;
        caller.audit(Action::ServerRemoved, removed.name());
        Ok(Json(Done { status: "deleted" }))
    })
    .await
}

async fn status(
    State(api): State<Api>,
    InPath(ServerId { server_id }): InPath<ServerId>,
) -> Result<Json<ServerStatusResponse>, ApiError> {
    api.blocking(move |api| {
        let server = server(api, server_id)?;
        let metrics = api.service.server_metrics(&server.worker).unwrap_or_default();
        Ok(Json(status_of(server, metrics)))
    })
    .await
}

async fn benchmarks(
    State(api): State<Api>,
    InPath(ServerId { server_id }): InPath<ServerId>,
) -> Result<Json<Vec<BenchmarkResponse>>, ApiError> {
    api.blocking(move |api| {
        let kept = api.service.store().read(|r| {
            r.worker(server_id)?;
            r.benchmarks(server_id)
        });
        Ok(Json(found(kept)?.into_iter().map(benchmark).collect()))
    })
    .await
}

async fn estimate(
    State(api): State<Api>,
    InPath(ServerId { server_id }): InPath<ServerId>,
    Query(file): Query<EstimateQuery>,
) -> Result<Json<ServerEstimateResponse>, ApiError> {
    api.blocking(move |api| {
        let duration = Duration::from_millis(file.duration_ms);
        let estimate = found(api.service.server_estimate(server_id, file.file_size_bytes, duration))?;
        Ok(Json(ServerEstimateResponse {
            server_id,
            estimated_display: estimate.display(),
            estimated_seconds: estimate.seconds.map(int),
            based_on_jobs: i64::from(estimate.jobs),
            server_name: estimate.name,
        }))
    })
    .await
}

async fn provision_log(
    State(api): State<Api>,
    InPath(ServerId { server_id }): InPath<ServerId>,
) -> Result<Json<ProvisionLog>, ApiError> {
    api.blocking(move |api| {
        let log = found(api.service.store().read(|r| r.worker_provision_log(server_id)))?;
        Ok(Json(ProvisionLog { server_id, log }))
    })
    .await
}
