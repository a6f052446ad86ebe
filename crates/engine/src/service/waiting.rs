//! Folders that queued jobs wait for: looked for again by themselves, a folder at a time however many jobs wait for it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mediaflow_core::job::JobStatus;
use mediaflow_core::text;
use mediaflow_store::{AwaitedFolder, StoreError};

use super::inner::Inner;
use crate::run::look_for_folder;

/// How often they are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// When folders that are not there are looked for again.
pub(super) struct Waiting {
    look_at: Instant,
    looked_for: Arc<LookedFor>,
}

/// Folders that are being looked for now, by their storages.
#[derive(Default)]
struct LookedFor(Mutex<BTreeSet<(i64, PathBuf)>>);

impl LookedFor {
    fn lock(&self) -> MutexGuard<'_, BTreeSet<(i64, PathBuf)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// What was waited for when an earlier process ended is looked for at once.
    pub fn new() -> Self {
        Self { look_at: Instant::now(), looked_for: Arc::default() }
    }

    /// Has folders looked for whose time it is, each on a thread of its own: a machine that does not answer keeps nobody
    /// waiting. Gives when to look next, if anything is waited for.
    pub fn look(&mut self, inner: &Arc<Inner>) -> Result<Option<Instant>, StoreError> {
        let folders = inner.store.read(|r| r.folders_away())?;
        if folders.is_empty() || Instant::now() < self.look_at {
            return Ok((!folders.is_empty()).then_some(self.look_at));
        }
        for away in folders {
            let key = (away.storage_id, away.folder.clone());
            if !self.looked_for.lock().insert(key.clone()) {
                continue;
            }
            let (own, looked_for) = (Arc::clone(inner), Arc::clone(&self.looked_for));
            let started = inner.threads.spawn(&format!("look-{}", away.job_id), {
                let key = key.clone();
                move || {
                    if let Err(error) = look_for(&own, &away) {
                        tracing::error!("{} is looked for again: {error}", away.folder.display());
                    }
                    looked_for.lock().remove(&key);
                    own.signals.queue.raise();
                }
            });
            if !started {
                self.looked_for.lock().remove(&key);
            }
        }
        self.look_at = Instant::now() + LOOK_EVERY;
        Ok(Some(self.look_at))
    }
}

/// Gives the jobs of a folder back to their turn if it is there again.
fn look_for(inner: &Inner, away: &AwaitedFolder) -> Result<(), StoreError> {
    // One of them stands for all.
    let job = match inner.store.read(|r| r.job(away.job_id)) {
        Ok(job) => Some(job).filter(|job| job.status == JobStatus::Queued),
        Err(StoreError::NotFound { .. }) => None,
        Err(error) => return Err(error),
    };
    if let Some(job) = job
        && look_for_folder(&inner.store, &inner.storages(), &job)?.is_some()
    {
        return Ok(());
    }
    let jobs = inner.store.write(|tx| tx.folder_is_back(away.storage_id, &away.folder))?;
    tracing::info!("{} is there again; {} go on", away.folder.display(), text::count(jobs, "job"));
    Ok(())
}
