//! Folder libraries and their scans.

use std::path::Path;

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use axum::Json;
use axum::extract::State;
use mediaflow_core::catalog::{Catalog, LibraryTotals};
use mediaflow_engine::service::ScanState as Scan;
use mediaflow_store::{File, LibraryOverview};

use super::jobs::on_disk;
use crate::door::{Action, Caller};
use crate::error::ApiError;
use crate::extract::{Body, InPath, LibraryId};
use crate::openapi::op;
use crate::respond::{Accepted, Created};
use crate::state::Api;
use crate::wire::libraries::{FolderLibrary, LibraryCreate, LibraryKind, LibraryStatus, ScanState, UnreadableFile};
use crate::wire::{Done, int};

const TAG: &str = "libraries";

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/libraries", get_with(list, op("list_libraries", TAG, "All folder libraries")))
        .api_route("/api/libraries", post_with(add, op("add_library", TAG, "Make a folder a library")))
        .api_route(
            "/api/libraries/{library_id}",
            delete_with(remove, op("remove_library", TAG, "Forget a library; its files stay as they are")),
        )
        .api_route(
            "/api/libraries/{library_id}/unreadable",
            get_with(unreadable, op("list_unreadable_files", TAG, "Files that could not be read, with the reason")),
        )
        .api_route(
            "/api/libraries/{library_id}/scan",
            post_with(scan, op("scan_library", TAG, "Begin to scan a library")),
        )
        .api_route(
            "/api/libraries/{library_id}/scan",
            delete_with(cancel_scan, op("cancel_scan", TAG, "Stop the scan of a library")),
        )
}

async fn list(State(api): State<Api>) -> Result<Json<Vec<FolderLibrary>>, ApiError> {
    api.blocking(|api| {
        let scans = api.service.scans();
        let (libraries, unread) = api.service.store().read(|r| Ok((r.library_overviews()?, r.unreadable_files()?)))?;
        let totals = api.catalog.read(Catalog::library_totals)?;
        let held = |overview: &LibraryOverview| totals.get(&overview.library.id).copied().unwrap_or_default();
        Ok(Json(libraries.into_iter().map(|library| shown(held(&library), library, &scans, &unread)).collect()))
    })
    .await
}

fn shown(held: LibraryTotals, overview: LibraryOverview, scans: &[Scan], unread: &[File]) -> FolderLibrary {
    let unreadable = unread.iter().filter(|file| overview.library.holds(file)).count();
    let scan = scans.iter().find(|scan| scan.library_id == overview.library.id);
    FolderLibrary {
        is_available: overview.is_available(),
        id: overview.library.id,
        server_id: overview.library.source_id,
        title: overview.library.title,
        kind: overview.library.library_type,
        worker_server_id: overview.host.as_ref().map(|host| host.worker_id),
        worker_server_name: overview.host.map(|host| host.name),
        path: overview.root.map(|root| root.to_string_lossy().into_owned()).unwrap_or_default(),
        total_items: int(held.items),
        total_size: int(held.size_bytes),
        unreadable: int(unreadable as u64),
        last_scanned_at: overview.library.last_scanned_at.map(Into::into),
        scan: scan.map(|scan| ScanState {
            state: "running",
            seen: int(scan.seen),
            probed: int(scan.probed),
            started_at: scan.started_at.into(),
        }),
    }
}

async fn add(
    State(api): State<Api>,
    caller: Caller,
    Body(wish): Body<LibraryCreate>,
) -> Result<Created<FolderLibrary>, ApiError> {
    if let Some(title) = wish.title.as_deref()
        && (title.trim().is_empty() || title.chars().count() > 200 || title.contains(char::is_control))
    {
        let what = "it has 1 to 200 characters on one line";
        return Err(ApiError::field(&["body", "title"], "value_error", what, title));
    }
    api.blocking(move |api| {
        let kind = wish.kind.unwrap_or(LibraryKind::Movie).name();
        let overview = match wish.worker_server_id {
            Some(id) => api.service.library_add_there(id, Path::new(&wish.path), wish.title.as_deref(), kind)?,
            None => {
                let folder = api.paths.folder(&wish.path, &["body", "path"])?;
                api.service.library_add(&folder, wish.title.as_deref(), kind)?
            }
        };
        caller.audit(Action::LibraryAdded, &wish.path);
        Ok(Created(shown(LibraryTotals::default(), overview, &[], &[])))
    })
    .await
}

async fn remove(
    State(api): State<Api>,
    caller: Caller,
    InPath(LibraryId { library_id }): InPath<LibraryId>,
) -> Result<Json<Done>, ApiError> {
    api.blocking(move |api| {
        let library = api.service.store().read(|r| r.library(library_id))?;
        api.service.library_remove(library_id)?;
        caller.audit(Action::LibraryRemoved, &format!("library {library_id}: {}", library.title));
        Ok(Json(Done { status: "deleted" }))
    })
    .await
}

async fn unreadable(
    State(api): State<Api>,
    InPath(LibraryId { library_id }): InPath<LibraryId>,
) -> Result<Json<Vec<UnreadableFile>>, ApiError> {
    api.blocking(move |api| {
        let (library, storages, files) =
            api.service.store().read(|r| Ok((r.library(library_id)?, r.storages()?, r.unreadable_files()?)))?;
        let root = storages.into_iter().find(|storage| Some(storage.id) == library.storage_id);
        let root = root.map(|storage| storage.root).unwrap_or_default();
        let shown = files.into_iter().filter(|file| library.holds(file)).map(|file| UnreadableFile {
            path: on_disk(&root, &file.path),
            reason: file.reason.unwrap_or_else(|| "it could not be read".to_owned()),
            last_seen_at: file.last_seen_at.into(),
        });
        Ok(Json(shown.collect()))
    })
    .await
}

async fn scan(
    State(api): State<Api>,
    InPath(LibraryId { library_id }): InPath<LibraryId>,
) -> Result<Accepted<LibraryStatus>, ApiError> {
    api.blocking(move |api| {
        api.service.scan_start(library_id)?;
        Ok(Accepted(LibraryStatus { status: "started", library_id }))
    })
    .await
}

async fn cancel_scan(
    State(api): State<Api>,
    InPath(LibraryId { library_id }): InPath<LibraryId>,
) -> Result<Json<LibraryStatus>, ApiError> {
    api.blocking(move |api| {
        api.service.store().read(|r| r.library(library_id))?;
        api.service.scan_cancel(library_id)?;
        Ok(Json(LibraryStatus { status: "cancelling", library_id }))
    })
    .await
}
