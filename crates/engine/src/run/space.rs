//! Disk space: reserved before a job starts, so that jobs side by side do not fill a disk together.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use mediaflow_core::job::{Failure, FailureCause};
use mediaflow_core::text;
use mediaflow_store::{Job, Space, Store};
use mediaflow_transport::storage::{LocalStorage, Storage};

use super::end::Stop;

/// Beyond the output: logs, the database, and whatever else writes on that disk meanwhile.
const MARGIN_BYTES: u64 = 64 * 1024 * 1024;

/// Reserves room for a job's output in the work directory and, for its staged copy, beside the original. An output that
/// grows past its source is stopped, so the source's size is the most either can need.
pub(super) fn reserve(store: &Store, job: &Job, work: &Path, beside: &Path) -> Result<(), Stop> {
    let (work_volume, beside_volume) = (volume(work)?, volume(beside)?);
    let needs = if work_volume == beside_volume {
        vec![(work, work_volume, job.source_bytes * 2)]
    } else {
        vec![(work, work_volume, job.source_bytes), (beside, beside_volume, job.source_bytes)]
    };
    for (place, volume, bytes) in needs {
        let free = free_bytes(place)?;
        let space = store.write(|tx| tx.space_reserve(job.id, &volume, bytes + MARGIN_BYTES, free))?;
        if let Space::Short { missing_bytes } = space {
            let short = format!(
                "the disk of {} has {} free, and {} more are needed; free some space and run again",
                place.display(),
                text::bytes(free),
                text::bytes(missing_bytes)
            );
            return Err(Stop::Failed(Failure::new(FailureCause::NoSpace, short)));
        }
    }
    Ok(())
}

fn volume(place: &Path) -> Result<String, Stop> {
    let metadata = std::fs::metadata(place).map_err(|error| unreadable(place, &error))?;
    Ok(format!("device {}", metadata.dev()))
}

fn free_bytes(place: &Path) -> Result<u64, Stop> {
    LocalStorage::new(place).free_bytes(None).map_err(|error| unreadable(place, &error))
}

fn unreadable(place: &Path, error: &dyn std::fmt::Display) -> Stop {
    Stop::Failed(Failure::new(FailureCause::Storage, format!("looking at {}: {error}", place.display())))
}
