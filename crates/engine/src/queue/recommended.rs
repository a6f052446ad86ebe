//! Queueing what is recommended, and what failed and may be mended by another try.

use std::collections::{BTreeSet, HashMap};

use mediaflow_core::identity::Hash;
use mediaflow_core::job::{FailureCause, JobStatus};
use mediaflow_core::media::preset::{Preset, find_builtin};
use mediaflow_core::replace::Epoch;
use mediaflow_store::{File, JobPage, OutputMode, Recommendation, Store, StoreError};

use super::{Asked, QueueError, Queued, Wish, queue_file};
use crate::run::MAX_TRIES;
use crate::settings;

/// One recommendation for each file, the one that would save most, in the order given: the one that is queued first.
#[must_use]
pub fn best_per_file(mut open: Vec<Recommendation>) -> Vec<Recommendation> {
    let mut best: HashMap<i64, (u64, i64)> = HashMap::new();
    for recommendation in &open {
        let candidate = (recommendation.savings_bytes, recommendation.id);
        let known = best.entry(recommendation.file.id).or_insert(candidate);
        if candidate.0 > known.0 {
            *known = candidate;
        }
    }
    open.retain(|recommendation| best.get(&recommendation.file.id).is_some_and(|(_, id)| *id == recommendation.id));
    open
}

/// What queueing the open recommendations came to.
#[derive(Debug, Default)]
pub struct Proposed {
    /// Jobs made.
    pub jobs: Vec<i64>,
    /// Files that are not done, with the reason.
    pub refused: Vec<(File, String)>,
}

/// Queues every open recommendation, the most important first. A file gets one job, for what would save most; a second
/// recommendation for it waits until that has ended. With `library_id`, only those for its files. What is in `tried`
/// (file, policy) had its try in this run; a file whose last job failed is left to [`requeue_failed`].
pub fn queue_recommended(
    store: &Store,
    epoch: Epoch,
    library_id: Option<i64>,
    tried: &BTreeSet<(i64, Hash)>,
) -> Result<Proposed, QueueError> {
    let mut proposed = Proposed::default();
    let mut open = store.read(|r| r.recommendations_open(u32::MAX, 0))?;
    if let Some(library) = library_id.map(|id| store.read(|r| r.library(id))).transpose()? {
        open.retain(|recommendation| library.holds(&recommendation.file));
    }
    open.retain(|recommendation| !tried.contains(&(recommendation.file.id, recommendation.policy)));
    for recommendation in best_per_file(open) {
        if was_given_up(store, &recommendation)? {
            continue;
        }
        let Some(preset) = find_preset(store, &recommendation.preset)? else { continue };
        let Some(probe) = store.read(|r| r.probe(recommendation.file.id))? else { continue };
        let wish = Wish {
            file: &recommendation.file,
            info: &probe.info,
            title: &title_of(&recommendation),
            preset: &preset,
            mode: OutputMode::Replace,
            asked: Asked::Recommended,
            priority: 0,
            scheduled_after_at: None,
        };
        match queue_file(store, epoch, &wish)? {
            Queued::Job(job_id) => {
                store.write(|tx| tx.recommendation_action(recommendation.id))?;
                proposed.jobs.push(job_id);
            }
            Queued::Already(_) => {}
            Queued::LeftAlone(reason) | Queued::Refused(reason) => {
                proposed.refused.push((recommendation.file, reason));
            }
        }
    }
    Ok(proposed)
}

/// Whether the newest job of a file was the same one, and failed or was cancelled: only a retry brings that back.
fn was_given_up(store: &Store, recommendation: &Recommendation) -> Result<bool, StoreError> {
    let newest = store.read(|r| r.job_latest_of_file(recommendation.file.id))?;
    Ok(newest.is_some_and(|job| {
        (job.failure_cause.is_some() || job.status == JobStatus::Cancelled)
            && job.policy == recommendation.policy
            && recommendation.file.content == Some(job.content)
    }))
}

fn title_of(recommendation: &Recommendation) -> String {
    let lossy = || String::from_utf8_lossy(recommendation.file.path.stem()).into_owned();
    recommendation.item.as_ref().map_or_else(lossy, |item| item.title.clone())
}

/// A preset by name: the user's own first, then the built-in ones.
pub fn find_preset(store: &Store, name: &str) -> Result<Option<Preset>, StoreError> {
    Ok(store.read(|r| r.preset(name))?.or_else(|| find_builtin(name)))
}

/// Puts failed jobs back into the queue that another try may mend: those that a full disk, a kill or a missing tool
/// ended, and those that failed less often than the limit; none that was begun [`MAX_TRIES`] times.
pub fn requeue_failed(store: &Store) -> Result<usize, StoreError> {
    let page = JobPage { statuses: &[JobStatus::Failed], file_id: None, limit: u32::MAX, offset: 0 };
    let mut requeued = 0;
    for job in store.read(|r| r.jobs(&page))? {
        let Some(file_id) = job.file_id else { continue };
        let file = store.read(|r| r.file(file_id))?;
        let latest = store.read(|r| r.job_latest_of_file(file_id))?;
        let unchanged = file.content == Some(job.content) && latest.is_some_and(|latest| latest.id == job.id);
        let again = match job.failure_cause {
            Some(FailureCause::NoSpace | FailureCause::Killed | FailureCause::Tool) => true,
            Some(FailureCause::Encoder | FailureCause::Storage | FailureCause::Stuck) => store.read(|r| {
                let max_retries = settings::max_retries(r)?;
                let verdict = r.verdict(&job.content, &job.policy)?;
                Ok(verdict.is_none_or(|verdict| verdict.allows_queueing(max_retries)))
            })?,
            // The same encode gives the same proof; a changed source has a new job made for it.
            Some(FailureCause::Proof | FailureCause::SourceChanged) | None => false,
        };
        let tries = store.read(|r| r.job_view(job.id))?.tries;
        if unchanged && again && (tries as usize) < MAX_TRIES {
            store.write(|tx| tx.job_step(job.id, JobStatus::Queued))?;
            requeued += 1;
        }
    }
    Ok(requeued)
}
