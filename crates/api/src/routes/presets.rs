//! The contract's group `presets`.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with, put_with};
use axum::Json;
use axum::extract::State;
use mediaflow_core::media::preset::Preset;
use mediaflow_store::{StoreError, StoredPreset};

use super::checked_name;
use crate::config::{apply, export, settings_of};
use crate::door::{Action, Caller};
use crate::error::ApiError;
use crate::extract::{Body, InPath, PresetId};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::Done;
use crate::wire::jobs::JobConfig;
use crate::wire::presets::{
    ExportedPreset, PRESET_FORMAT, TranscodePresetCreate, TranscodePresetResponse, TranscodePresetUpdate,
};

const TAG: &str = "presets";

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/presets/", get_with(list, op("list_presets", TAG, "All presets, built-in ones first")))
        .api_route("/api/presets/", post_with(create, op("create_preset", TAG, "Make a preset")))
        .api_route("/api/presets/{preset_id}", get_with(one, op("get_preset", TAG, "One preset")))
        .api_route("/api/presets/{preset_id}", put_with(update, op("update_preset", TAG, "Change a preset")))
        .api_route("/api/presets/{preset_id}", delete_with(remove, op("delete_preset", TAG, "Delete a preset")))
        .api_route(
            "/api/presets/{preset_id}/export",
            get_with(export_one, op("export_preset", TAG, "A preset to be kept or passed on")),
        )
        .api_route("/api/presets/import", post_with(create, op("import_preset", TAG, "Make a preset from an export")))
}

fn shown(stored: &StoredPreset) -> TranscodePresetResponse {
    TranscodePresetResponse {
        id: stored.id,
        is_builtin: stored.preset.is_builtin,
        preset: export(&stored.preset),
        created_at: Some(stored.created_at.into()),
        updated_at: Some(stored.updated_at.into()),
    }
}

fn stored(api: &Api, id: i64) -> Result<StoredPreset, ApiError> {
    api.service.store().read(|r| r.stored_preset(id)).map_err(|error| match error {
        StoreError::NotFound { .. } => ApiError::NotFound("Preset not found".to_owned()),
        other => other.into(),
    })
}

async fn list(State(api): State<Api>) -> Result<Json<Vec<TranscodePresetResponse>>, ApiError> {
    api.blocking(|api| {
        let presets = api.service.store().read(|r| r.stored_presets())?;
        Ok(Json(presets.iter().map(shown).collect()))
    })
    .await
}

async fn one(
    State(api): State<Api>,
    InPath(PresetId { preset_id }): InPath<PresetId>,
) -> Result<Json<TranscodePresetResponse>, ApiError> {
    api.blocking(move |api| Ok(Json(shown(&stored(api, preset_id)?)))).await
}

async fn create(
    State(api): State<Api>,
    Body(wish): Body<TranscodePresetCreate>,
) -> Result<Json<TranscodePresetResponse>, ApiError> {
    if let Some(version) = wish.format_version.filter(|version| *version != PRESET_FORMAT) {
        let msg = format!("this MediaFlow reads presets of format {PRESET_FORMAT}; update it to import a later one");
        return Err(ApiError::field(&["body", "format_version"], "value_error", msg, version));
    }
    api.blocking(move |api| {
        let config = JobConfig {
            video_codec: Some(wish.video_codec),
            target_resolution: wish.target_resolution,
            crf_value: wish.crf_value,
            bitrate_mode: Some(wish.bitrate_mode),
            target_bitrate: wish.target_bitrate,
            hw_accel: wish.hw_accel,
            audio_mode: Some(wish.audio_mode),
            audio_codec: wish.audio_codec,
            container: Some(wish.container),
            subtitle_mode: Some(wish.subtitle_mode),
            custom_flags: wish.custom_flags,
            hdr_mode: Some(wish.hdr_mode),
            two_pass: Some(wish.two_pass),
            encoder_tune: wish.encoder_tune,
            more: wish.more,
        };
        let preset = Preset {
            name: checked_name(&wish.name)?,
            description: wish.description.unwrap_or_default(),
            is_builtin: false,
            settings: settings_of(&config)?,
        };
        Ok(Json(shown(&api.service.preset_create(&preset)?)))
    })
    .await
}

async fn update(
    State(api): State<Api>,
    InPath(PresetId { preset_id }): InPath<PresetId>,
    Body(change): Body<TranscodePresetUpdate>,
) -> Result<Json<TranscodePresetResponse>, ApiError> {
    api.blocking(move |api| {
        let before = stored(api, preset_id)?.preset;
        if before.is_builtin {
            return Err(ApiError::BadRequest("Cannot modify built-in presets".to_owned()));
        }
        let config = JobConfig {
            video_codec: change.video_codec,
            target_resolution: change.target_resolution,
            bitrate_mode: change.bitrate_mode,
            crf_value: change.crf_value,
            target_bitrate: change.target_bitrate,
            hw_accel: change.hw_accel,
            audio_mode: change.audio_mode,
            audio_codec: change.audio_codec,
            container: change.container,
            subtitle_mode: change.subtitle_mode,
            custom_flags: change.custom_flags,
            hdr_mode: change.hdr_mode,
            two_pass: change.two_pass,
            encoder_tune: change.encoder_tune,
            more: change.more,
        };
        let preset = Preset {
            name: change.name.as_deref().map_or_else(|| Ok(before.name.clone()), checked_name)?,
            description: change.description.unwrap_or(before.description),
            is_builtin: false,
            settings: apply(&before.settings, &config, "")?,
        };
        Ok(Json(shown(&api.service.preset_update(preset_id, &preset)?)))
    })
    .await
}

async fn remove(
    State(api): State<Api>,
    caller: Caller,
    InPath(PresetId { preset_id }): InPath<PresetId>,
) -> Result<Json<Done>, ApiError> {
    api.blocking(move |api| {
        let preset = stored(api, preset_id)?.preset;
        if preset.is_builtin {
            return Err(ApiError::BadRequest("Cannot delete built-in presets".to_owned()));
        }
        api.service.preset_delete(preset_id)?;
        caller.audit(Action::PresetRemoved, &preset.name);
        Ok(Json(Done { status: "deleted" }))
    })
    .await
}

async fn export_one(
    State(api): State<Api>,
    InPath(PresetId { preset_id }): InPath<PresetId>,
) -> Result<Json<ExportedPreset>, ApiError> {
    api.blocking(move |api| {
        Ok(Json(ExportedPreset { format_version: PRESET_FORMAT, preset: export(&stored(api, preset_id)?.preset) }))
    })
    .await
}
