//! What the user can set: one table of all keys, with what each may be, and how its value is read.

use std::num::NonZero;

use mediaflow_core::analyze::Thresholds;
use mediaflow_store::{Reader, StoreError};
use serde_json::{Value, json};

/// How many jobs run at the same time.
pub const CONCURRENT_JOBS: &str = "transcode.concurrent_jobs";
/// Whether no job is begun.
pub const QUEUE_PAUSED: &str = "transcode.queue_paused";
/// From which size on an old codec is a warning.
pub const LARGE_FILE_GB: &str = "intel.large_file_gb";
/// Which savings are too small to be proposed.
pub const MIN_SAVINGS_PERCENT: &str = "intel.min_savings_percent";
/// Whether a scan is followed by an analysis.
pub const AUTO_ANALYZE: &str = "intel.auto_analyze_on_sync";
/// How long originals wait in quarantine.
pub const RETENTION_DAYS: &str = "quarantine.retention_days";

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A whole number within bounds, both included.
    Integer {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A number within bounds, both included.
    Number {
        /// The least.
        min: f64,
        /// The most.
        max: f64,
    },
    /// Yes or no.
    Boolean,
}

/// A setting that this program knows.
#[derive(Debug)]
pub struct Known {
    /// Its name.
    pub key: &'static str,
    /// What it is called for a person.
    pub label: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What holds until the user sets it.
    pub default: fn() -> Value,
    /// One line for the user, with its unit and when a change takes effect.
    pub description: &'static str,
}

/// Every setting that this program knows.
pub const KNOWN: &[Known] = &[
    Known {
        key: CONCURRENT_JOBS,
        label: "Jobs at a time",
        kind: Kind::Integer { min: 1, max: 64 },
        default: || json!(default_concurrent_jobs()),
        description: "Jobs that run at the same time; a job keeps about four cores busy. Takes effect at once.",
    },
    Known {
        key: QUEUE_PAUSED,
        label: "Queue held",
        kind: Kind::Boolean,
        default: || json!(false),
        description: "No job is begun while this is on; those that run go on. Takes effect at once.",
    },
    Known {
        key: LARGE_FILE_GB,
        label: "Large file",
        kind: Kind::Number { min: 0.1, max: 1000.0 },
        default: || json!(10),
        description: "Files above this many GB in an old codec are a warning. Takes effect with the next analysis.",
    },
    Known {
        key: MIN_SAVINGS_PERCENT,
        label: "Least savings worth proposing",
        kind: Kind::Integer { min: 1, max: 90 },
        default: || json!(Thresholds::default().min_savings_percent),
        description: "Re-encodes that promise less than this percentage are not proposed. Takes effect with the next \
                      analysis.",
    },
    Known {
        key: AUTO_ANALYZE,
        label: "Analysis after a scan",
        kind: Kind::Boolean,
        default: || json!(true),
        description: "A library is analysed after each scan that found something new.",
    },
    Known {
        key: RETENTION_DAYS,
        label: "Days in quarantine",
        kind: Kind::Integer { min: 1, max: 365 },
        default: || json!(crate::replace::RETENTION_SECONDS / SECONDS_PER_DAY),
        description: "Days for which a replaced original can be taken back. Holds for replacements from now on.",
    },
];

const SECONDS_PER_DAY: i64 = 24 * 3600;

/// What a value of a key that is not known may take; clients keep lists of paths in them.
const MAX_UNKNOWN_BYTES: usize = 64 * 1024;

/// Why a value cannot be kept under a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It is not what the setting is.
    #[error("\u{201c}{label}\u{201d} must be {wanted}, not {found} ({key})")]
    Wrong {
        /// What the setting is called.
        label: &'static str,
        /// The key.
        key: &'static str,
        /// What it must be.
        wanted: String,
        /// What was given.
        found: String,
    },
    /// It is too long for a setting.
    #[error("a setting may take {MAX_UNKNOWN_BYTES} bytes at most, and the value of {key} takes {bytes}")]
    TooLong {
        /// The key.
        key: String,
        /// Its length as JSON.
        bytes: usize,
    },
}

/// A known setting.
#[must_use]
pub fn find(key: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.key == key)
}

/// The value as it is kept. Numbers and booleans may come as text, as the earlier clients send them. Keys that this
/// program does not know belong to its clients, and are kept as they come.
pub fn checked(key: &str, value: &Value) -> Result<Value, SettingError> {
    let Some(known) = find(key) else {
        let bytes = value.to_string().len();
        let fits = bytes <= MAX_UNKNOWN_BYTES;
        return if fits { Ok(value.clone()) } else { Err(SettingError::TooLong { key: key.to_owned(), bytes }) };
    };
    known.read(value).ok_or_else(|| SettingError::Wrong {
        label: known.label,
        key: known.key,
        wanted: known.kind.describe(),
        found: value.to_string().chars().take(100).collect(),
    })
}

impl Kind {
    /// In words, for a message.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Number { min, max } => format!("a number from {min} to {max}"),
            Self::Boolean => "true or false".to_owned(),
        }
    }
}

impl Known {
    fn read(&self, value: &Value) -> Option<Value> {
        let parsed = value.as_str().and_then(|text| serde_json::from_str(text.trim()).ok());
        let value = parsed.as_ref().unwrap_or(value);
        match self.kind {
            Kind::Integer { min, max } => value.as_i64().filter(|n| (min..=max).contains(n)).map(Value::from),
            Kind::Number { min, max } => value.as_f64().filter(|n| (min..=max).contains(n)).map(Value::from),
            Kind::Boolean => value.as_bool().map(Value::from),
        }
    }
}

/// What holds for a known key: what the user set, as far as it can be read, else the default.
fn value(reader: &Reader<'_>, key: &str) -> Result<Value, StoreError> {
    let Some(known) = find(key) else { return Ok(Value::Null) };
    let set = reader.setting::<Value>(key)?;
    Ok(set.and_then(|set| known.read(&set)).unwrap_or_else(known.default))
}

/// A film's encode keeps about four cores busy.
#[must_use]
pub fn default_concurrent_jobs() -> usize {
    (std::thread::available_parallelism().map_or(1, NonZero::get) / 4).max(1)
}

/// How many jobs run at the same time.
pub fn concurrent_jobs(reader: &Reader<'_>) -> Result<usize, StoreError> {
    let jobs = value(reader, CONCURRENT_JOBS)?.as_u64().and_then(|jobs| usize::try_from(jobs).ok());
    Ok(jobs.unwrap_or_else(default_concurrent_jobs))
}

/// Whether no job is to be begun.
pub fn queue_paused(reader: &Reader<'_>) -> Result<bool, StoreError> {
    Ok(value(reader, QUEUE_PAUSED)?.as_bool().unwrap_or(false))
}

/// Whether a scan is followed by an analysis.
pub fn auto_analyze(reader: &Reader<'_>) -> Result<bool, StoreError> {
    Ok(value(reader, AUTO_ANALYZE)?.as_bool().unwrap_or(true))
}

/// The limits of the analyzers.
pub fn thresholds(reader: &Reader<'_>) -> Result<Thresholds, StoreError> {
    let mut thresholds = Thresholds::default();
    if let Some(gigabytes) = value(reader, LARGE_FILE_GB)?.as_f64() {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0.1 and 1000 by its table
        let bytes = (gigabytes * 1e9) as u64;
        thresholds.large_file_bytes = bytes;
    }
    if let Some(percent) = value(reader, MIN_SAVINGS_PERCENT)?.as_u64().and_then(|percent| u8::try_from(percent).ok()) {
        thresholds.min_savings_percent = percent;
    }
    Ok(thresholds)
}

/// How long an original that is replaced now is kept, in seconds.
pub fn retention_seconds(reader: &Reader<'_>) -> Result<i64, StoreError> {
    let days = value(reader, RETENTION_DAYS)?.as_i64();
    Ok(days.map_or(crate::replace::RETENTION_SECONDS, |days| days * SECONDS_PER_DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_that_may_be_set() {
        for known in KNOWN {
            assert_eq!(checked(known.key, &(known.default)()).map(|_| ()), Ok(()), "{}", known.key);
        }
    }

    #[test]
    fn values_are_kept_as_what_they_are_and_nonsense_is_refused() {
        for (key, given, kept) in [
            (CONCURRENT_JOBS, json!(4), Some(json!(4))),
            (CONCURRENT_JOBS, json!("4"), Some(json!(4))),
            (CONCURRENT_JOBS, json!(0), None),
            (CONCURRENT_JOBS, json!(4.5), None),
            (CONCURRENT_JOBS, json!([4]), None),
            (QUEUE_PAUSED, json!("true"), Some(json!(true))),
            (QUEUE_PAUSED, json!("yes"), None),
            (LARGE_FILE_GB, json!("2.5"), Some(json!(2.5))),
            (LARGE_FILE_GB, json!(-1), None),
            (RETENTION_DAYS, json!(366), None),
            ("path_mappings", json!([{"a": "b"}]), Some(json!([{"a": "b"}]))),
            ("path_mappings", json!("x".repeat(70_000)), None),
        ] {
            assert_eq!(checked(key, &given).ok(), kept, "{key} = {given}");
        }
        let wrong = checked(CONCURRENT_JOBS, &json!(0)).unwrap_err().to_string();
        assert_eq!(wrong, "“Jobs at a time” must be a whole number from 1 to 64, not 0 (transcode.concurrent_jobs)");
    }
}
