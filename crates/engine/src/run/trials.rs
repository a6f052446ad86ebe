//! Trial files that a killed process, or a lost storage, left: empty ones by which a folder's abilities are found out, and
//! second names of an original.

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Epoch, ReplacementId};
use mediaflow_store::Job;
use mediaflow_transport::storage::{ErrorClass, Storage, StorageError, TRIAL_MARK};

use crate::replace::{QUARANTINE_FOLDER, trial_of_job};

/// Removes our trial files around a job's file. Only at a start, when nothing of ours is trying anything; what other
/// installations try there is left alone. One that cannot be removed is empty, and goes with a later trial.
pub(super) fn sweep(disk: &dyn Storage, job: &Job, epoch: Epoch) {
    let installation = ReplacementId::new(epoch, 0).to_string();
    let ours = [
        format!("{TRIAL_MARK}job-{}-", job.id),
        format!("{TRIAL_MARK}{}", installation.strip_suffix('0').unwrap_or(&installation)),
    ];
    for folder in folders(job) {
        if let Err(error) = sweep_folder(disk, folder.as_ref(), &ours) {
            tracing::debug!("trial files stay: {error}");
        }
    }
}

/// Removes those of one job, of which nobody else tries anything.
pub(super) fn sweep_of_job(disk: &dyn Storage, job: &Job, epoch: Epoch) -> Result<(), StorageError> {
    let ours = [format!("{TRIAL_MARK}{}-", trial_of_job(epoch, job.id))];
    folders(job).iter().try_for_each(|folder| sweep_folder(disk, folder.as_ref(), &ours))
}

/// Where they may lie: in the folder of the job's file, and in quarantine at whatever height.
fn folders(job: &Job) -> Vec<Option<RelPath>> {
    let mut all = vec![job.path.parent()];
    let above = std::iter::successors(Some(job.path.parent()), |folder| folder.as_ref().map(RelPath::parent));
    for folder in above {
        let quarantine = match folder {
            Some(folder) => folder.join(QUARANTINE_FOLDER.as_bytes()),
            None => RelPath::new(QUARANTINE_FOLDER),
        };
        all.extend(quarantine.ok().map(Some));
    }
    all
}

fn sweep_folder(disk: &dyn Storage, folder: Option<&RelPath>, ours: &[String]) -> Result<(), StorageError> {
    let names = match disk.list(folder) {
        Err(error) if error.class == ErrorClass::NotFound => return Ok(()),
        names => names?,
    };
    for name in names.iter().filter(|name| ours.iter().any(|mark| name.starts_with(mark.as_bytes()))) {
        let path = match folder {
            Some(folder) => folder.join(name),
            None => RelPath::new(name.clone()),
        };
        if let Ok(path) = path {
            disk.remove(&path)?;
        }
    }
    Ok(())
}
