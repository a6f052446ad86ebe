//! The contract's group `settings`. What belongs to later work is kept from being set: a setting that does nothing is a
//! lie.

use std::collections::BTreeMap;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, put_with};
use axum::Json;
use axum::extract::State;
use mediaflow_engine::settings::{KNOWN, Kind, find};
use serde_json::Value;

use crate::door::{Action, Caller};
use crate::error::ApiError;
use crate::extract::{Body, InPath};
use crate::openapi::{op, op_so_far};
use crate::state::Api;
use crate::wire::settings::{KnownSetting, Setting, SettingKey, SettingValue};

const TAG: &str = "settings";

/// Settings that existing clients know, by how they begin, and whose work is not there yet (`facts` §2).
const LATER: [&str; 7] = ["intel.", "schedule.", "sync.", "transcode.", "vultr_", "cloud_", "notifications."];

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/settings/", get_with(all, op("list_settings", TAG, "All settings with their values")))
        .api_route(
            "/api/settings/known",
            get_with(known, op("list_known_settings", TAG, "What can be set, and within which bounds")),
        )
        .api_route("/api/settings/{key}", get_with(one, op("get_setting", TAG, "One setting; null for an unknown one")))
        .api_route("/api/settings/{key}", put_with(set, op_so_far("set_setting", TAG, "Change a setting")))
}

fn values(api: &Api) -> Result<BTreeMap<String, Value>, ApiError> {
    let kept: BTreeMap<String, Value> = api.service.store().read(|r| r.settings())?.into_iter().collect();
    let value = |key: &str, default: fn() -> Value| kept.get(key).cloned().unwrap_or_else(default);
    Ok(KNOWN.iter().map(|known| (known.key.to_owned(), value(known.key, known.default))).collect())
}

async fn all(State(api): State<Api>) -> Result<Json<BTreeMap<String, Value>>, ApiError> {
    api.blocking(|api| Ok(Json(values(api)?))).await
}

async fn known(State(api): State<Api>) -> Result<Json<Vec<KnownSetting>>, ApiError> {
    api.blocking(|api| {
        let values = values(api)?;
        let shown = KNOWN.iter().map(|known| {
            let (kind, bounds) = match known.kind {
                #[allow(clippy::cast_precision_loss)]
                Kind::Integer { min, max } => ("integer", Some((min as f64, max as f64))),
                Kind::Number { min, max } => ("number", Some((min, max))),
                Kind::Boolean => ("boolean", None),
                Kind::TimeOfDay => ("time", None),
                Kind::Days => ("days", None),
                Kind::Choice(_) => ("choice", None),
                Kind::PathMappings => ("path_mappings", None),
            };
            let choices = match known.kind {
                Kind::Choice(words) => words.iter().map(|word| (*word).to_owned()).collect(),
                _ => Vec::new(),
            };
            KnownSetting {
                key: known.key.to_owned(),
                label: known.label.to_owned(),
                description: known.description.to_owned(),
                kind: kind.to_owned(),
                value: values.get(known.key).cloned().unwrap_or_default(),
                default: (known.default)(),
                minimum: bounds.map(|(min, _)| min),
                maximum: bounds.map(|(_, max)| max),
                choices,
            }
        });
        Ok(Json(shown.collect()))
    })
    .await
}

async fn one(
    State(api): State<Api>,
    InPath(SettingKey { key }): InPath<SettingKey>,
) -> Result<Json<Setting>, ApiError> {
    api.blocking(move |api| {
        let value = values(api)?.remove(&key).unwrap_or_default();
        Ok(Json(Setting { key, value }))
    })
    .await
}

async fn set(
    State(api): State<Api>,
    caller: Caller,
    InPath(SettingKey { key }): InPath<SettingKey>,
    Body(wish): Body<SettingValue>,
) -> Result<Json<Setting>, ApiError> {
    if find(&key).is_none() {
        if LATER.iter().any(|begin| key.starts_with(begin)) {
            return Err(ApiError::NotYet(format!("what {key} is for belongs to a later version of MediaFlow")));
        }
        let names: Vec<&str> = KNOWN.iter().map(|known| known.key).collect();
        return Err(ApiError::NotFound(format!("there is no setting {key}; there are {}", names.join(", "))));
    }
    api.blocking(move |api| {
        let value = api.service.setting_set(&key, &wish.value)?;
        caller.audit(Action::SettingChanged, &key);
        Ok(Json(Setting { key, value }))
    })
    .await
}
