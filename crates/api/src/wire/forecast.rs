//! What queueing many files would come to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::jobs::JobConfig;

/// Files that might be queued.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ForecastRequest {
    /// The items, at most 10,000 at once.
    #[schemars(length(max = 10_000))]
    pub media_item_ids: Vec<i64>,
    /// The preset; without one, the defaults of a config.
    #[serde(default)]
    pub preset_id: Option<i64>,
    /// Laid over the preset.
    #[serde(default, deserialize_with = "super::json::maybe_object")]
    pub config: Option<JobConfig>,
}

/// What queueing them would come to. The files' disk is not visited: what only that shows, such as a second name of a
/// file, is told when they are queued.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ForecastResponse {
    /// Files that would get a job.
    pub jobs: i64,
    /// Those of them of which the size of the output can be foretold.
    pub foretold_jobs: i64,
    /// Size of those in bytes.
    pub source_size: i64,
    /// Estimated size of their outputs in bytes.
    pub estimated_output_size: i64,
    /// What would get no job, the most frequent reason first.
    pub left_out: Vec<LeftOutFiles>,
    /// The first 200 files, in the order asked for.
    pub files: Vec<ForecastFile>,
}

/// Files that would get no job for the same reason.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LeftOutFiles {
    /// Why, for a person.
    pub reason: String,
    /// How many.
    pub files: i64,
}

/// One of the files.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ForecastFile {
    /// The item.
    pub media_item_id: i64,
    /// What it is called.
    pub title: String,
    /// Where it lies in its library.
    pub path: String,
    /// Why it would get no job; null for a file that would.
    pub left_out_because: Option<String>,
}
