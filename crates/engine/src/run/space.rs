//! Disk space: reserved before a job starts, so that jobs side by side do not fill a disk together.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use mediaflow_core::job::{Failure, FailureCause};
use mediaflow_core::plan::Intent;
use mediaflow_core::text;
use mediaflow_store::{Job, OutputMode, Space, Store};
use mediaflow_transport::storage::StorageError;

use super::end::Stop;
use crate::settings;
use crate::storages::OpenStorage;

/// Beyond the output: logs, the database, and whatever else writes on that disk meanwhile.
const MARGIN_BYTES: u64 = 64 * 1024 * 1024;

/// Reserves room for a job's output in the work directory and, for its staged copy, beside the original. An output that
/// grows past its source is stopped, so the source's size is the most either can need; one that only lies beside its source
/// may grow, and is taken to need what was foretold. Pictures that are encoded apart lie in the work directory twice, and
/// `fetches` says that the source is copied there first.
pub(super) fn reserve(
    store: &Store,
    job: &Job,
    intent: &Intent,
    work: &Path,
    disk: &OpenStorage,
    fetches: bool,
) -> Result<(), Stop> {
    let folder = disk.path(&job.path);
    let beside = folder.parent().unwrap_or(Path::new("/"));
    let beside_volume = match disk.machine() {
        None => volume(beside)?,
        Some(machine) => format!("{} storage {}", machine.name(), job.storage_id),
    };
    let work_volume = volume(work)?;
    let most_bytes = match job.mode {
        OutputMode::Replace => job.source_bytes,
        OutputMode::Beside => job.source_bytes.max(job.estimated_bytes.unwrap_or(0)),
    };
    let work_bytes = most_bytes.saturating_mul(if intent.encodes_apart() { 2 } else { 1 });
    let work_bytes = work_bytes.saturating_add(if fetches { job.source_bytes } else { 0 });
    let here = OpenStorage::here(work);
    let parent = job.path.parent();
    let of_work = || Ok((here.free_bytes(None)?, here.disk_bytes()?));
    let of_disk = || Ok((disk.free_bytes(parent.as_ref())?, disk.disk_bytes()?));
    let needs: Vec<(&Path, String, u64, Room<'_>)> = if work_volume == beside_volume {
        vec![(work, work_volume, work_bytes.saturating_add(most_bytes), &of_work)]
    } else {
        vec![(work, work_volume, work_bytes, &of_work), (beside, beside_volume, most_bytes, &of_disk)]
    };
    for (place, volume, bytes, room) in needs {
        let (free, size) = room().map_err(|error| unreadable(place, &error))?;
        let floor_bytes = store.read(|r| settings::min_free_bytes(r, size))?;
        let usable = free.saturating_sub(floor_bytes);
        let space = store.write(|tx| tx.space_reserve(job.id, &volume, bytes + MARGIN_BYTES, usable))?;
        if let Space::Short { missing_bytes } = space {
            let held = store.read(|r| r.quarantine_on(job.storage_id))?;
            let message = short(place, free, floor_bytes, missing_bytes, held.size_bytes);
            return Err(Stop::Failed(Failure::new(FailureCause::NoSpace, message)));
        }
    }
    Ok(())
}

/// Asks a disk how much of it is free, and how large it is.
type Room<'a> = &'a dyn Fn() -> Result<(u64, u64), StorageError>;

/// What is free, what of it stays so, what is missing, and what could be given back.
fn short(place: &Path, free: u64, floor_bytes: u64, missing_bytes: u64, held_bytes: u64) -> String {
    let stays =
        if floor_bytes > 0 { format!(", of which {} stay free", text::bytes(floor_bytes)) } else { String::new() };
    let held = match held_bytes {
        0 => String::new(),
        bytes => format!("; replaced originals of this library take {} in quarantine", text::bytes(bytes)),
    };
    let (place, free, missing) = (place.display(), text::bytes(free), text::bytes(missing_bytes));
    format!("the disk of {place} has {free} free{stays}, and {missing} more are needed{held}; free some space")
}

fn volume(place: &Path) -> Result<String, Stop> {
    let metadata = std::fs::metadata(place).map_err(|error| unreadable(place, &error))?;
    Ok(format!("device {}", metadata.dev()))
}

fn unreadable(place: &Path, error: &dyn std::fmt::Display) -> Stop {
    Stop::Failed(Failure::new(FailureCause::Storage, format!("looking at {}: {error}", place.display())))
}
