//! More items in one go than can be looked at one by one: they are queued by what the library knows of them, and each is
//! planned when its turn comes, as it would be now, since the settings are kept and the content is compared.

use mediaflow_core::job::Verdict;
use mediaflow_core::text;
use mediaflow_store::{ManyJobs, NoJob};

use super::{QueueReport, QueueWish, Service, Skip, Skipped, refused, unknown};
use crate::service::CommandError;
use crate::settings;

impl Service {
    /// Queues many items in one transaction: all of them or, if that fails, none.
    pub(super) fn queue_many(&self, wish: &QueueWish<'_>) -> Result<QueueReport, CommandError> {
        let many = ManyJobs {
            part_ids: wish.part_ids,
            epoch: self.inner.epoch,
            preset: wish.preset,
            insisted: wish.is_forced,
            priority: wish.priority,
            scheduled_after_at: wish.scheduled_after_at,
        };
        let queued = self.inner.store.write(|tx| {
            let max_retries = settings::max_retries(tx)?;
            let queued = tx.jobs_create(&many, |verdict: &Verdict| !verdict.allows_queueing(max_retries))?;
            if let Some(worker_id) = wish.preferred_worker_id {
                tx.jobs_prefer(&queued.created, worker_id)?;
            }
            Ok(queued)
        })?;
        tracing::info!("{} queued in one go", text::count(queued.created.len(), "job"));
        let skipped = queued.left_out.into_iter().map(|(id, why)| skipped(id, why)).collect();
        Ok(QueueReport { created: queued.created, skipped })
    }
}

fn skipped(id: i64, why: NoJob) -> Skipped {
    match why {
        NoJob::Unknown => unknown(id),
        NoJob::Missing => refused(id, "its file was not there when its folder was last scanned"),
        NoJob::Unread => refused(id, "its file was not read yet; scan its folder"),
        NoJob::Held(job_id) => {
            Skipped { id, skip: Skip::Queued(job_id), reason: format!("its file is in the queue as job {job_id}") }
        }
        NoJob::Remembered(verdict) => Skipped { id, skip: Skip::LeftAlone, reason: verdict.explain() },
    }
}
