//! Originals that were replaced and wait.

use std::collections::HashMap;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use mediaflow_core::replace::ReplacementId;
use mediaflow_core::text;
use mediaflow_core::time::Timestamp;
use mediaflow_store::{Reader, StoreError};
use schemars::JsonSchema;
use serde::Deserialize;

use super::jobs::{host_of, on_disk};
use crate::door::{Action, Caller};
use crate::error::ApiError;
use crate::extract::{InPath, OptionalBody};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::int;
use crate::wire::jobs::{Restored, UndoRequest};
use crate::wire::quarantine::{KeptOriginal, Purged, Quarantine, QuarantinedOriginal};

const TAG: &str = "quarantine";

/// `/{replacement_id}`
#[derive(Debug, Deserialize, JsonSchema)]
struct InQuarantine {
    /// The replacement's id.
    replacement_id: String,
}

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/quarantine", get_with(list, op("list_quarantine", TAG, "All originals in quarantine")))
        .api_route(
            "/api/quarantine/{replacement_id}/restore",
            post_with(restore, op("restore_original", TAG, "Bring an original back, byte for byte")),
        )
        .api_route(
            "/api/quarantine/purge",
            post_with(purge, op("purge_quarantine", TAG, "Remove originals whose time has come")),
        )
}

async fn list(State(api): State<Api>) -> Result<Json<Quarantine>, ApiError> {
    api.blocking(|api| {
        let now = Timestamp(jiff::Timestamp::now().as_microsecond());
        let kept = api.service.quarantine()?;
        let servers = api.service.store().read(servers_of)?;
        let items: Vec<QuarantinedOriginal> = kept
            .into_iter()
            .map(|kept| QuarantinedOriginal {
                id: kept.entry.id.to_string(),
                job_id: kept.job_id,
                title: String::from_utf8_lossy(kept.entry.original.stem()).into_owned(),
                original_path: on_disk(&kept.root, &kept.entry.original),
                replaced_by: on_disk(&kept.root, &kept.entry.in_place),
                size: kept.entry.size_bytes.map(int),
                held_until: kept.entry.keep_until.into(),
                is_due: kept.entry.keep_until <= now,
                kept_because: kept.entry.kept_because,
                server_name: servers.get(&kept.entry.id).cloned(),
            })
            .collect();
        Ok(Json(Quarantine {
            total: int(items.len() as u64),
            total_size: items.iter().filter_map(|original| original.size).sum(),
            items,
        }))
    })
    .await
}

/// The names of the servers that have originals, by the replacements of these.
fn servers_of(r: &Reader<'_>) -> Result<HashMap<ReplacementId, String>, StoreError> {
    let mut servers = HashMap::new();
    for storage in r.storages()? {
        let Some(name) = host_of(r, storage.id)? else { continue };
        servers.extend(r.quarantine(storage.id)?.into_iter().map(|stored| (stored.record.id, name.clone())));
    }
    Ok(servers)
}

async fn restore(
    State(api): State<Api>,
    caller: Caller,
    InPath(InQuarantine { replacement_id }): InPath<InQuarantine>,
    OptionalBody(wish): OptionalBody<UndoRequest>,
) -> Result<Json<Restored>, ApiError> {
    let Some(id) = ReplacementId::parse(&replacement_id) else {
        return Err(ApiError::NotFound(format!("there is no original {replacement_id} in quarantine")));
    };
    api.blocking(move |api| {
        let job_id = api.service.store().read(|r| r.replacement(id))?.and_then(|stored| stored.record.job_id);
        let restored = api.service.restore(id, wish.beside)?;
        let path = restored.path.to_string_lossy().into_owned();
        caller.audit(Action::OriginalRestored, &path);
        Ok(Json(Restored { status: "restored", job_id, path }))
    })
    .await
}

async fn purge(State(api): State<Api>, caller: Caller) -> Result<Json<Purged>, ApiError> {
    api.blocking(move |api| {
        let report = api.service.purge()?;
        caller.audit(Action::QuarantinePurged, &text::count(report.purged.len(), "original"));
        Ok(Json(Purged {
            status: "purged",
            purged: int(report.purged.len() as u64),
            freed_bytes: int(report.freed_bytes),
            kept: report
                .kept
                .into_iter()
                .map(|kept| KeptOriginal { id: kept.id.to_string(), reason: kept.reason })
                .collect(),
            left_for_later: int(report.left_for_later as u64),
        }))
    })
    .await
}
