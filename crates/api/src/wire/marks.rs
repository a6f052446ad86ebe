//! Tags and kept filters, in the contract's words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::media::ItemFilter;
use super::{ONE_LINE, Time};

/// A colour: `#` and six hexadecimal digits.
pub const COLOR: &str = "^#[0-9a-fA-F]{6}$";

/// A tag.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TagResponse {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its colour.
    pub color: String,
    /// Items that have it.
    pub media_count: i64,
}

/// A tag to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct TagCreate {
    /// Its name, unique whatever the case of its letters.
    #[schemars(length(min = 1, max = 100), regex(pattern = ONE_LINE))]
    pub name: String,
    /// Its colour.
    #[schemars(regex(pattern = COLOR))]
    #[serde(default = "usual_color")]
    pub color: String,
}

/// The contract's.
fn usual_color() -> String {
    "#256af4".to_owned()
}

/// What is to change of a tag.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct TagUpdate {
    /// Its name.
    #[schemars(length(min = 1, max = 100), regex(pattern = ONE_LINE))]
    #[serde(default)]
    pub name: Option<String>,
    /// Its colour.
    #[schemars(regex(pattern = COLOR))]
    #[serde(default)]
    pub color: Option<String>,
}

/// Tags for items: those that are named, and those that a filter finds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct BulkTagRequest {
    /// Items by id.
    pub media_item_ids: Vec<i64>,
    /// Items by a filter of the library, however many it finds; `{}` is all of them.
    #[serde(default)]
    pub filter: Option<ItemFilter>,
    /// Tags by id.
    pub tag_ids: Vec<i64>,
}

/// How many tags were given.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TagsApplied {
    /// `applied`
    pub status: &'static str,
    /// Pairs of an item and a tag that were none before.
    pub added: i64,
}

/// How many tags were taken.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TagsRemoved {
    /// `removed`
    pub status: &'static str,
    /// Pairs of an item and a tag that are none any more.
    pub removed: i64,
}

/// A filter of the library under a name.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FilterPresetResponse {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What the client keeps in it.
    pub filter_json: Option<Map<String, Value>>,
    /// When it was made.
    pub created_at: Option<Time>,
    /// When it last changed.
    pub updated_at: Option<Time>,
}

/// A filter to be kept.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct FilterPresetCreate {
    /// Its name, unique whatever the case of its letters.
    #[schemars(length(min = 1, max = 100), regex(pattern = ONE_LINE))]
    pub name: String,
    /// What is kept: an object of at most 64 KiB, whose fields are the client's own.
    #[serde(default)]
    pub filter_json: Map<String, Value>,
}

/// What is to change of a kept filter.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct FilterPresetUpdate {
    /// Its name.
    #[schemars(length(min = 1, max = 100), regex(pattern = ONE_LINE))]
    #[serde(default)]
    pub name: Option<String>,
    /// What is kept.
    #[serde(default)]
    pub filter_json: Option<Map<String, Value>>,
}
