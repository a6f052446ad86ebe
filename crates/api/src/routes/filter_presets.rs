//! The contract's group `filter-presets`: filters of the library under names.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with, put_with};
use axum::Json;
use axum::extract::State;
use mediaflow_store::{FilterPreset, StoreError};
use serde_json::{Map, Value};

use super::checked_name;
use crate::error::ApiError;
use crate::extract::{Body, InPath, PresetId};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::Done;
use crate::wire::marks::{FilterPresetCreate, FilterPresetResponse, FilterPresetUpdate};

const TAG: &str = "filter-presets";

/// More than any filter of the library comes to.
const MOST_BYTES: usize = 64 * 1024;

pub fn routes() -> ApiRouter<Api> {
    let list = get_with(list, op("list_filter_presets", TAG, "All kept filters by name"));
    let create = post_with(create, op("create_filter_preset", TAG, "Keep a filter under a name"));
    let update = put_with(update, op("update_filter_preset", TAG, "Change a kept filter"));
    let remove = delete_with(remove, op("delete_filter_preset", TAG, "Delete a kept filter"));
    ApiRouter::new()
        .api_route("/api/filter-presets/", list.merge(create))
        .api_route("/api/filter-presets/{preset_id}", update.merge(remove))
}

fn shown(kept: FilterPreset) -> FilterPresetResponse {
    let FilterPreset { id, name, filter, created_at, updated_at } = kept;
    let filter_json = match filter {
        Value::Object(fields) => Some(fields),
        _ => None,
    };
    FilterPresetResponse {
        id,
        name,
        filter_json,
        created_at: Some(created_at.into()),
        updated_at: Some(updated_at.into()),
    }
}

fn explained(error: StoreError) -> ApiError {
    match error {
        StoreError::NotFound { .. } => ApiError::NotFound("Filter preset not found".to_owned()),
        StoreError::Taken { .. } => ApiError::Conflict("Filter preset name already exists".to_owned()),
        other => other.into(),
    }
}

fn filter_of(fields: Map<String, Value>) -> Result<Value, ApiError> {
    let filter = Value::Object(fields);
    let bytes = filter.to_string().len();
    match bytes <= MOST_BYTES {
        true => Ok(filter),
        false => {
            let msg = format!("it takes {bytes} bytes as JSON, and {MOST_BYTES} are kept");
            Err(ApiError::field(&["body", "filter_json"], "too_long", msg, Value::Null))
        }
    }
}

async fn list(State(api): State<Api>) -> Result<Json<Vec<FilterPresetResponse>>, ApiError> {
    api.blocking(|api| {
        let kept = api.service.store().read(|r| r.filter_presets())?;
        Ok(Json(kept.into_iter().map(shown).collect()))
    })
    .await
}

async fn create(
    State(api): State<Api>,
    Body(wish): Body<FilterPresetCreate>,
) -> Result<Json<FilterPresetResponse>, ApiError> {
    let (name, filter) = (checked_name(&wish.name)?, filter_of(wish.filter_json)?);
    api.blocking(move |api| {
        let kept = api.service.store().write(|tx| tx.filter_preset(tx.filter_preset_create(&name, &filter)?));
        Ok(Json(shown(kept.map_err(explained)?)))
    })
    .await
}

async fn update(
    State(api): State<Api>,
    InPath(PresetId { preset_id }): InPath<PresetId>,
    Body(change): Body<FilterPresetUpdate>,
) -> Result<Json<FilterPresetResponse>, ApiError> {
    let name = change.name.as_deref().map(checked_name).transpose()?;
    let filter = change.filter_json.map(filter_of).transpose()?;
    api.blocking(move |api| {
        let kept = api.service.store().write(|tx| {
            let before = tx.filter_preset(preset_id)?;
            let (name, filter) = (name.unwrap_or(before.name), filter.unwrap_or(before.filter));
            tx.filter_preset_update(preset_id, &name, &filter)?;
            tx.filter_preset(preset_id)
        });
        Ok(Json(shown(kept.map_err(explained)?)))
    })
    .await
}

async fn remove(
    State(api): State<Api>,
    InPath(PresetId { preset_id }): InPath<PresetId>,
) -> Result<Json<Done>, ApiError> {
    api.blocking(move |api| {
        api.service.store().write(|tx| tx.filter_preset_delete(preset_id)).map_err(explained)?;
        Ok(Json(Done { status: "deleted" }))
    })
    .await
}
