//! What the user can set: one table of all keys, with what each may be, and how its value is read.

mod fleet;
mod kind;
mod mappings;
mod schedule;

use std::num::NonZero;
use std::time::Duration;

use mediaflow_core::analyze::Thresholds;
use mediaflow_store::{Reader, StoreError};
use serde_json::{Value, json};

pub use fleet::{
    DIRECT_TRANSFERS, LEASE_SECONDS, TRANSFER_LIMIT, TRANSFER_STREAMS, direct_transfers, lease_seconds, transfer_limit,
    transfer_streams,
};
pub use kind::Kind;
pub use mappings::{path_mappings, slots_of};
pub use schedule::{FINISH, PAUSE, Schedule, schedule};

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
/// How long an upload is kept for a result that nobody fetches.
pub const UPLOAD_DAYS: &str = "uploads.retention_days";

/// How often a job is tried again that failed in a way that another try may mend.
pub const MAX_RETRIES: &str = "transcode.max_retries";
/// After how long without getting on a job is stopped.
pub const STUCK_MINUTES: &str = "transcode.stuck_timeout_minutes";
/// How much of each disk jobs leave free.
pub const MIN_FREE_GB: &str = "transcode.min_free_gb";
/// Whether jobs are begun in some hours only.
pub const ACTIVE_HOURS: &str = "schedule.enabled";
/// When these hours begin.
pub const ACTIVE_FROM: &str = "schedule.active_hours_start";
/// When they end.
pub const ACTIVE_UNTIL: &str = "schedule.active_hours_end";
/// The days on which they begin.
pub const ACTIVE_DAYS: &str = "schedule.active_days";
/// What becomes of running jobs at their end.
pub const AT_THEIR_END: &str = "schedule.running_jobs";

/// Under which paths other machines see what lies here.
pub const PATH_MAPPINGS: &str = "path_mappings";

/// The most jobs at a time on one machine.
pub const MOST_SLOTS: u32 = 64;

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
        kind: Kind::Integer { min: 1, max: MOST_SLOTS as i64 },
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
        key: MAX_RETRIES,
        label: "Retries",
        kind: Kind::Integer { min: 0, max: 10 },
        default: || json!(USUAL_RETRIES),
        description: "How often a job is tried again, after 1, 5 and 15 minutes, when another try may mend what went wrong; \
                      0 is never. Takes effect at once.",
    },
    Known {
        key: STUCK_MINUTES,
        label: "Stuck after",
        kind: Kind::Number { min: 0.05, max: 1440.0 },
        default: || json!(USUAL_STUCK_MINUTES),
        description: "Minutes without any progress after which a job is stopped and tried again. Time in which it is held \
                      does not count. Takes effect at once.",
    },
    Known {
        key: MIN_FREE_GB,
        label: "Left free on each disk",
        kind: Kind::Number { min: 0.0, max: 100_000.0 },
        default: || json!(USUAL_FREE_GB),
        description: "GB that no job takes of a disk: one for which there would not be room beyond them is not begun. \
                      Until it is set, no more than a twentieth of the disk. Takes effect with the next jobs.",
    },
    Known {
        key: TRANSFER_STREAMS,
        label: "Connections for one file",
        kind: Kind::Integer { min: 1, max: 16 },
        default: || json!(4),
        description: "A file of more than 100 MB goes to a server, or comes back, over so many connections. Takes effect \
                      with the next file.",
    },
    Known {
        key: TRANSFER_LIMIT,
        label: "Transfer limit",
        kind: Kind::Number { min: 0.0, max: 100_000.0 },
        default: || json!(0),
        description: "Mbit/s that one file takes at most on its way to a server or back; 0 is no limit. Takes effect with \
                      the next file.",
    },
    Known {
        key: DIRECT_TRANSFERS,
        label: "Servers fetch from each other",
        kind: Kind::Boolean,
        default: || json!(false),
        description: "A server fetches a source from the server that it lies on by its own ssh, where that needs no \
                      password; otherwise, and where it fails, this machine passes it on. Takes effect with the next file.",
    },
    Known {
        key: LEASE_SECONDS,
        label: "Lost after",
        kind: Kind::Integer { min: 20, max: 86_400 },
        default: || json!(120),
        description: "Seconds for which a server may be silent in the middle of a job, until the job goes elsewhere. Takes \
                      effect at once.",
    },
    Known {
        key: ACTIVE_HOURS,
        label: "Active hours",
        kind: Kind::Boolean,
        default: || json!(false),
        description: "Jobs are begun within the active hours only. Takes effect at once.",
    },
    Known {
        key: ACTIVE_FROM,
        label: "Active from",
        kind: Kind::TimeOfDay,
        default: || json!("22:00"),
        description: "When the active hours begin, by the server's clock.",
    },
    Known {
        key: ACTIVE_UNTIL,
        label: "Active until",
        kind: Kind::TimeOfDay,
        default: || json!("06:00"),
        description: "When they end. Not later than they begin: then that is on the next day.",
    },
    Known {
        key: ACTIVE_DAYS,
        label: "Active days",
        kind: Kind::Days,
        default: || json!("0,1,2,3,4,5,6"),
        description: "The days on which they begin.",
    },
    Known {
        key: AT_THEIR_END,
        label: "Running jobs at their end",
        kind: Kind::Choice(&[FINISH, PAUSE]),
        default: || json!(FINISH),
        description: "Whether jobs that run at the end of the active hours are finished, or held until they begin again.",
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
    Known {
        key: UPLOAD_DAYS,
        label: "Days that uploads are kept",
        kind: Kind::Integer { min: 1, max: 365 },
        default: || json!(USUAL_UPLOAD_DAYS),
        description: "Days after which an upload is removed with what was made of it, fetched or not. Takes effect within the \
                      hour.",
    },
    Known {
        key: PATH_MAPPINGS,
        label: "Path mappings",
        kind: Kind::PathMappings,
        default: || json!([]),
        description: "Under which paths other servers see folders of this machine, where a server has no mapping of its own \
                      for them: what a server sees need not be sent to it. Takes effect with the next jobs.",
    },
];

const SECONDS_PER_DAY: i64 = 24 * 3600;

/// `facts` §2.
const USUAL_RETRIES: u32 = 3;
const USUAL_STUCK_MINUTES: f64 = 30.0;

/// Enough for a database, logs and a system to go on with.
const USUAL_FREE_GB: f64 = 1.0;
/// Of a small disk this part stays free until the user says otherwise.
const SMALL_DISK_PART: u64 = 20;

/// Time enough to come back for a result over a weekend.
const USUAL_UPLOAD_DAYS: i64 = 7;

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
    known.kind.read(value).ok_or_else(|| SettingError::Wrong {
        label: known.label,
        key: known.key,
        wanted: known.kind.describe(),
        found: value.to_string().chars().take(100).collect(),
    })
}

/// What holds for a known key: what the user set, as far as it can be read, else the default.
fn value(reader: &Reader<'_>, key: &str) -> Result<Value, StoreError> {
    let Some(known) = find(key) else { return Ok(Value::Null) };
    let set = reader.setting::<Value>(key)?;
    Ok(set.and_then(|set| known.kind.read(&set)).unwrap_or_else(known.default))
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

/// How often a job is tried again.
pub fn max_retries(reader: &Reader<'_>) -> Result<u32, StoreError> {
    let retries = value(reader, MAX_RETRIES)?.as_u64().and_then(|retries| u32::try_from(retries).ok());
    Ok(retries.unwrap_or(USUAL_RETRIES))
}

/// How long a job may stand still before it counts as stuck, and the queue before it counts as stalled.
pub fn stuck_after(reader: &Reader<'_>) -> Result<Duration, StoreError> {
    let minutes = value(reader, STUCK_MINUTES)?.as_f64().unwrap_or(USUAL_STUCK_MINUTES);
    Ok(Duration::from_secs_f64(minutes * 60.0))
}

/// How many bytes no job takes of a disk of this size. Until the user sets it, a small disk keeps a part of itself only.
pub fn min_free_bytes(reader: &Reader<'_>, disk_bytes: u64) -> Result<u64, StoreError> {
    let gigabytes = value(reader, MIN_FREE_GB)?.as_f64().unwrap_or(USUAL_FREE_GB);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and 100,000 by its table
    let bytes = (gigabytes * 1e9) as u64;
    let is_set = reader.setting::<Value>(MIN_FREE_GB)?.is_some();
    Ok(if is_set { bytes } else { bytes.min(disk_bytes / SMALL_DISK_PART) })
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

/// How many days an upload is kept that nobody fetches.
pub fn upload_days(reader: &Reader<'_>) -> Result<i64, StoreError> {
    Ok(value(reader, UPLOAD_DAYS)?.as_i64().unwrap_or(USUAL_UPLOAD_DAYS))
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
        let mapping = json!({"source_prefix": "/media", "target_prefix": "/mnt/nas"});
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
            (MAX_RETRIES, json!("0"), Some(json!(0))),
            (ACTIVE_FROM, json!("6:05"), Some(json!("06:05"))),
            (ACTIVE_FROM, json!("24:00"), None),
            (ACTIVE_FROM, json!(22), None),
            (ACTIVE_DAYS, json!("6,0"), Some(json!("0,6"))),
            (ACTIVE_DAYS, json!("0"), Some(json!("0"))),
            (ACTIVE_DAYS, json!(""), None),
            (AT_THEIR_END, json!("pause"), Some(json!("pause"))),
            (AT_THEIR_END, json!("stop"), None),
            (PATH_MAPPINGS, json!([{"a": "b"}]), None),
            (PATH_MAPPINGS, json!([mapping]), Some(json!([mapping]))),
            (PATH_MAPPINGS, json!(json!([mapping]).to_string()), Some(json!([mapping]))),
            (PATH_MAPPINGS, json!([{"source_prefix": "media", "target_prefix": "/mnt"}]), None),
            ("somebody.elses", json!([{"a": "b"}]), Some(json!([{"a": "b"}]))),
            ("somebody.elses", json!("x".repeat(70_000)), None),
        ] {
            assert_eq!(checked(key, &given).ok(), kept, "{key} = {given}");
        }
        let wrong = checked(CONCURRENT_JOBS, &json!(0)).unwrap_err().to_string();
        assert_eq!(wrong, "“Jobs at a time” must be a whole number from 1 to 64, not 0 (transcode.concurrent_jobs)");
    }
}
