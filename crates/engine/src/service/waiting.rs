//! Folders that queued jobs wait for: looked for again by themselves, a folder at a time however many jobs wait for it.

use std::time::{Duration, Instant};

use mediaflow_core::job::JobStatus;
use mediaflow_core::text;
use mediaflow_store::{Store, StoreError};

use crate::run::look_for_folder;
use crate::storages::Storages;

/// How often they are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// When folders that are not there are looked for again.
pub(super) struct Waiting {
    look_at: Instant,
}

impl Waiting {
    /// What was waited for when an earlier process ended is looked for at once.
    pub fn new() -> Self {
        Self { look_at: Instant::now() }
    }

    /// Gives jobs back to their turn whose folder is there again. Gives when to look next, if anything is waited for.
    pub fn look(&mut self, store: &Store, storages: &Storages) -> Result<Option<Instant>, StoreError> {
        if Instant::now() < self.look_at {
            return Ok(Some(self.look_at));
        }
        let mut is_waiting = false;
        for (folder, job_id) in store.read(|r| r.folders_away())? {
            // One of them stands for all.
            let job = match store.read(|r| r.job(job_id)) {
                Ok(job) => Some(job).filter(|job| job.status == JobStatus::Queued),
                Err(StoreError::NotFound { .. }) => None,
                Err(error) => return Err(error),
            };
            if let Some(job) = job
                && look_for_folder(store, storages, &job)?.is_some()
            {
                is_waiting = true;
                continue;
            }
            let jobs = store.write(|tx| tx.folder_is_back(&folder))?;
            tracing::info!("{} is there again; {} go on", folder.display(), text::count(jobs, "job"));
        }
        self.look_at = Instant::now() + LOOK_EVERY;
        Ok(is_waiting.then_some(self.look_at))
    }
}
