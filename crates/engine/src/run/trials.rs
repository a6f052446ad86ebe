//! Trial files that a killed process left: empty ones by which a folder's abilities are found out.

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Epoch, ReplacementId};
use mediaflow_store::Job;
use mediaflow_transport::storage::{Storage, TRIAL_MARK};

use crate::replace::QUARANTINE_FOLDER;

/// Removes our trial files around a job's file. Only at a start, when nothing of ours is trying anything; what other
/// installations try there is left alone. One that cannot be removed is empty, and goes with a later trial.
pub(super) fn sweep(disk: &dyn Storage, job: &Job, epoch: Epoch) {
    let installation = ReplacementId::new(epoch, 0).to_string();
    let ours = [
        format!("{TRIAL_MARK}job-{}-", job.id),
        format!("{TRIAL_MARK}{}", installation.strip_suffix('0').unwrap_or(&installation)),
    ];
    let mut folder = job.path.parent();
    sweep_folder(disk, folder.as_ref(), &ours);
    loop {
        let quarantine = match &folder {
            Some(folder) => folder.join(QUARANTINE_FOLDER.as_bytes()),
            None => RelPath::new(QUARANTINE_FOLDER),
        };
        if let Ok(quarantine) = quarantine {
            sweep_folder(disk, Some(&quarantine), &ours);
        }
        match folder {
            Some(below) => folder = below.parent(),
            None => return,
        }
    }
}

fn sweep_folder(disk: &dyn Storage, folder: Option<&RelPath>, ours: &[String]) {
    for name in disk.list(folder).unwrap_or_default() {
        let is_ours = ours.iter().any(|mark| name.starts_with(mark.as_bytes()));
        let path = match folder {
            Some(folder) => folder.join(&name),
            None => RelPath::new(name.clone()),
        };
        if let (true, Ok(path)) = (is_ours, path)
            && let Err(error) = disk.remove(&path)
        {
            tracing::debug!("a trial file stays: {error}");
        }
    }
}
