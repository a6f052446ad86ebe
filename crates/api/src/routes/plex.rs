//! Libraries as the servers that earlier clients expect: a folder is a server of kind `folder` with one library.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use mediaflow_core::catalog::Catalog;

use crate::error::ApiError;
use crate::extract::{InPath, ServerId};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::int;
use crate::wire::libraries::{PlexLibraryResponse, PlexServerResponse};

const TAG: &str = "plex";

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/plex/servers", get_with(servers, op("list_servers", TAG, "Every folder, as a server")))
        .api_route(
            "/api/plex/servers/{server_id}/libraries",
            get_with(libraries, op("list_server_libraries", TAG, "The libraries of a server")),
        )
}

async fn servers(State(api): State<Api>) -> Result<Json<Vec<PlexServerResponse>>, ApiError> {
    api.blocking(|api| {
        let overviews = api.service.store().read(|r| r.library_overviews())?;
        let shown = overviews.into_iter().map(|overview| PlexServerResponse {
            is_active: overview.is_available(),
            id: overview.library.source_id,
            name: overview.source_name,
            url: overview.root.as_ref().map_or_else(String::new, |root| {
                let host = overview.host.as_ref().map_or("", |host| &host.name);
                format!("file://{host}{}", root.to_string_lossy())
            }),
            machine_id: None,
            version: None,
            last_synced_at: overview.library.last_scanned_at.map(Into::into),
            created_at: Some(overview.created_at.into()),
            library_count: 1,
            ssh_hostname: None,
            ssh_port: 22,
            ssh_username: None,
            ssh_key_path: None,
            ssh_password: None,
            benchmark_path: None,
            kind: "folder".to_owned(),
        });
        Ok(Json(shown.collect()))
    })
    .await
}

async fn libraries(
    State(api): State<Api>,
    InPath(ServerId { server_id }): InPath<ServerId>,
) -> Result<Json<Vec<PlexLibraryResponse>>, ApiError> {
    api.blocking(move |api| {
        let totals = api.catalog.read(Catalog::library_totals)?;
        let libraries = api.service.store().read(|r| r.libraries())?;
        let shown: Vec<_> = libraries
            .into_iter()
            .filter(|library| library.source_id == server_id)
            .map(|library| {
                let held = totals.get(&library.id).copied().unwrap_or_default();
                PlexLibraryResponse {
                    id: library.id,
                    plex_server_id: server_id,
                    plex_key: library.id.to_string(),
                    title: library.title,
                    kind: library.library_type,
                    total_items: int(held.items),
                    total_size: int(held.size_bytes),
                }
            })
            .collect();
        if shown.is_empty() {
            return Err(ApiError::NotFound("Plex server not found".to_owned()));
        }
        Ok(Json(shown))
    })
    .await
}
