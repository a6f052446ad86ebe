//! The folders of a server, for somebody who picks one.

use std::path::Path;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use mediaflow_engine::service::ServerFolders;

use super::{TAG, found};
use crate::error::ApiError;
use crate::extract::{InPath, Query, ServerId};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::libraries::{FolderEntry, Folders};
use crate::wire::servers::ServerFolderQuery;

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new().api_route(
        "/api/servers/{server_id}/folders",
        get_with(folders, op("list_worker_folders", TAG, "The folders in a folder of a server")),
    )
}

async fn folders(
    State(api): State<Api>,
    InPath(ServerId { server_id }): InPath<ServerId>,
    Query(query): Query<ServerFolderQuery>,
) -> Result<Json<Folders>, ApiError> {
    api.blocking(move |api| {
        let path = query.path.as_deref().filter(|path| !path.is_empty()).unwrap_or("/");
        Ok(Json(shown(found(api.service.server_folders(server_id, Path::new(path)))?)))
    })
    .await
}

fn shown(found: ServerFolders) -> Folders {
    let text = |path: &Path| path.to_str().map(str::to_owned);
    let entry = |name: String| Some(FolderEntry { path: text(&found.path.join(&name))?, name });
    Folders {
        parent: found.path.parent().and_then(text),
        path: text(&found.path),
        folders: found.names.into_iter().filter_map(entry).collect(),
        files: Vec::new(),
    }
}
