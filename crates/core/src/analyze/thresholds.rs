//! What the analyzers compare with.

use serde::{Deserialize, Serialize};

/// Limits of the analyzers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Files above this many bytes are a warning instead of a note: 10 GB (`facts` §5, `codec_upgrade`).
    pub large_file_bytes: u64,
    /// Re-encodes that promise less than this percentage of the file are not proposed. The same 5 % that the built-in
    /// presets require of a result: proposing less would be proposing a job that ends as "not worth it".
    pub min_savings_percent: u8,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { large_file_bytes: 10_000_000_000, min_savings_percent: 5 }
    }
}
