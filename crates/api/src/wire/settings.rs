//! Settings, as JSON values under names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A setting.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Setting {
    /// Its name.
    pub key: String,
    /// Its value; null for one that nobody knows.
    pub value: Value,
}

/// A new value.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct SettingValue {
    /// The value; null brings the default back.
    #[serde(default)]
    pub value: Value,
}

/// Name of a setting in a path.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SettingKey {
    /// The name.
    pub key: String,
}

/// What can be set.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KnownSetting {
    /// Its name.
    pub key: String,
    /// What a page calls it.
    pub label: String,
    /// What it is for.
    pub description: String,
    /// `integer`, `number`, `boolean`, `time` (of day), `days` (of the week, 0 for Monday), `choice` or
    /// `path_mappings`.
    pub kind: String,
    /// Its value now.
    pub value: Value,
    /// Its value as long as nobody set it.
    pub default: Value,
    /// The least.
    pub minimum: Option<f64>,
    /// The most.
    pub maximum: Option<f64>,
    /// The words of a choice.
    pub choices: Vec<String>,
}
