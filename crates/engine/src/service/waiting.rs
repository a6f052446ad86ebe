//! Queued jobs whose folder is not there: passed over, and looked at again by themselves.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use mediaflow_core::job::JobStatus;
use mediaflow_store::{Store, StoreError};

use crate::run::look_for_folder;

/// How often their folders are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Queued jobs whose folder is not there.
pub(super) struct Waiting {
    pub jobs: BTreeSet<i64>,
    look_at: Instant,
}

impl Waiting {
    /// Those that waited when an earlier process ended; they are looked at at once.
    pub fn load(store: &Store) -> Result<Self, StoreError> {
        Ok(Self { jobs: store.read(|r| r.jobs_waiting())?, look_at: Instant::now() })
    }

    /// Gives back to the queue whose folder is there again.
    pub fn look(&mut self, store: &Store) -> Result<(), StoreError> {
        if self.jobs.is_empty() || Instant::now() < self.look_at {
            return Ok(());
        }
        for id in std::mem::take(&mut self.jobs) {
            let job = match store.read(|r| r.job(id)) {
                Ok(job) if job.status == JobStatus::Queued => job,
                Ok(_) | Err(StoreError::NotFound { .. }) => continue,
                Err(error) => return Err(error),
            };
            if look_for_folder(store, &job)?.is_some() {
                self.jobs.insert(id);
                continue;
            }
            tracing::info!("job {id} has its folder again");
            store.write(|tx| match tx.job(id)?.status {
                JobStatus::Queued => tx.job_wait_over(id),
                _ => Ok(()),
            })?;
        }
        self.look_at = Instant::now() + LOOK_EVERY;
        Ok(())
    }
}
