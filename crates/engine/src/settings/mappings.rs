//! Under which paths other machines see what lies here, whichever machine it is.

use mediaflow_core::worker::PathMapping;
use mediaflow_store::{Reader, StoreError, Worker};

use super::{PATH_MAPPINGS, concurrent_jobs, value};

/// Mappings that hold for every worker that has no fitting one of its own.
pub fn path_mappings(reader: &Reader<'_>) -> Result<Vec<PathMapping>, StoreError> {
    Ok(serde_json::from_value(value(reader, PATH_MAPPINGS)?).unwrap_or_default())
}

/// How many jobs a worker takes at a time; those of this machine are a setting.
pub fn slots_of(reader: &Reader<'_>, worker: &Worker) -> Result<u32, StoreError> {
    match worker.form.slots {
        Some(slots) if !worker.is_local => Ok(slots),
        _ => Ok(u32::try_from(concurrent_jobs(reader)?).unwrap_or(u32::MAX)),
    }
}
