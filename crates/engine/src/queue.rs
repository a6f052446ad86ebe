//! Queueing: a file and a preset become a job with a frozen intent, or the reason why not.

use std::collections::{BTreeSet, HashMap};

use mediaflow_core::identity::{ContentId, Hash};
use mediaflow_core::job::{FailureCause, JobStatus, Verdict};
use mediaflow_core::media::MediaInfo;
use mediaflow_core::media::preset::{Preset, Settings, find_builtin};
use mediaflow_core::media::tag::Mark;
use mediaflow_core::plan::plan;
use mediaflow_core::replace::{Epoch, ReplacementId};
use mediaflow_store::{File, JobPage, NewJob, OutputMode, Reader, Recommendation, Store, StoreError};
use mediaflow_transport::storage::LocalStorage;

use crate::target::{self, TargetError};

/// What queueing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Queued {
    /// A job was made.
    Job(i64),
    /// The file has this unfinished job already.
    Already(i64),
    /// It is left alone because of what is remembered of it.
    LeftAlone(String),
    /// It cannot be done, or not here.
    Refused(String),
}

/// How much the user wants a file to be done; what is remembered of it may hold it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It was only recommended: everything that is remembered of its content counts.
    Recommended,
    /// The user named it: what is remembered under this policy counts.
    ByName,
    /// The user named it and knows what is remembered of it.
    Insisted,
}

/// A wish to queue one file.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    /// The file, probed.
    pub file: &'a File,
    /// Its probe.
    pub info: &'a MediaInfo,
    /// What to call it.
    pub title: &'a str,
    /// What to do.
    pub preset: &'a Preset,
    /// Where the output goes.
    pub mode: OutputMode,
    /// How much the user wants it.
    pub asked: Asked,
    /// Higher goes first.
    pub priority: i64,
}

/// Why nothing could be queued at all.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file could not be looked at.
    #[error(transparent)]
    Target(#[from] TargetError),
}

/// Queues one file.
pub fn queue_file(store: &Store, epoch: Epoch, wish: &Wish<'_>) -> Result<Queued, QueueError> {
    let Wish { file, info, preset, .. } = wish;
    let settings = &preset.settings;
    let policy = settings.policy();
    let Some(content) = file.content else {
        return Ok(Queued::Refused("it could not be read; scan its folder again".to_owned()));
    };
    if Mark::find(&info.tags).is_some_and(|mark| made_holds_back(&mark, &policy, wish.asked)) {
        return Ok(Queued::LeftAlone("MediaFlow made this file".to_owned()));
    }
    if let Some(verdict) = store.read(|r| remembered(r, &content, &policy, wish.asked))? {
        return Ok(Queued::LeftAlone(verdict.explain()));
    }
    let intent = match plan(info, settings) {
        Ok(intent) => intent,
        Err(refusal) => return Ok(Queued::Refused(refusal.to_string())),
    };
    if wish.mode == OutputMode::Replace {
        let root = store.read(|r| r.storage(file.storage_id))?.root;
        if let Some(refusal) = target::obstacle(&LocalStorage::new(root), &file.path, intent.container)? {
            return Ok(Queued::Refused(refusal.to_string()));
        }
    }
    let created = store.write(|tx| {
        let public_id = ReplacementId::new(epoch, tx.fencing_token()?).to_string();
        let new = NewJob {
            public_id: &public_id,
            file_id: file.id,
            content,
            title: wish.title,
            preset: &preset.name,
            settings,
            intent: Some(&intent),
            mode: wish.mode,
            forced: wish.asked != Asked::Recommended,
            priority: wish.priority,
        };
        tx.job_create(&new)
    });
    match created {
        Ok(job_id) => Ok(Queued::Job(job_id)),
        Err(StoreError::AlreadyQueued { job_id }) => Ok(Queued::Already(job_id)),
        Err(error) => Err(error.into()),
    }
}

/// Whether our own mark in a file holds it back. What was encoded once is not encoded again by anything that queues by
/// itself: each time would lose a little. A remux lost nothing, so its pictures may still be worth it.
#[must_use]
pub fn made_holds_back(mark: &Mark, policy: &Hash, asked: Asked) -> bool {
    match asked {
        Asked::Insisted => false,
        Asked::ByName => mark.policy == policy.short(),
        Asked::Recommended => mark.policy == policy.short() || mark.policy != Settings::remux().policy().short(),
    }
}

/// What is remembered of a content and holds it back. An original that the user took back is not touched again by
/// anything that queues by itself, whatever the policy.
pub fn remembered(
    reader: &Reader<'_>,
    content: &ContentId,
    policy: &Hash,
    asked: Asked,
) -> Result<Option<Verdict>, StoreError> {
    match asked {
        Asked::Insisted => return Ok(None),
        Asked::ByName => {}
        Asked::Recommended => {
            let mut all = reader.verdicts_of(content)?.into_iter();
            if all.any(|(_, verdict)| verdict == Verdict::Undone) {
                return Ok(Some(Verdict::Undone));
            }
        }
    }
    Ok(reader.verdict(content, policy)?.filter(|verdict| !verdict.allows_queueing()))
}

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
    let page = JobPage { statuses: &[], file_id: Some(recommendation.file.id), limit: 1, offset: 0 };
    let newest = store.read(|r| r.jobs(&page))?.pop();
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
/// ended, and those that failed less often than the limit.
pub fn requeue_failed(store: &Store) -> Result<usize, StoreError> {
    let page = JobPage { statuses: &[JobStatus::Failed], file_id: None, limit: u32::MAX, offset: 0 };
    let mut requeued = 0;
    for job in store.read(|r| r.jobs(&page))? {
        let Some(file_id) = job.file_id else { continue };
        let file = store.read(|r| r.file(file_id))?;
        let is_latest =
            store.read(|r| r.jobs(&JobPage { statuses: &[], file_id: Some(file_id), limit: 1, offset: 0 }))?;
        let unchanged =
            file.content == Some(job.content) && is_latest.first().is_some_and(|latest| latest.id == job.id);
        let again = match job.failure_cause {
            Some(FailureCause::NoSpace | FailureCause::Killed | FailureCause::Tool) => true,
            Some(FailureCause::Encoder | FailureCause::Storage) => {
                store.read(|r| r.verdict(&job.content, &job.policy))?.is_none_or(|verdict| verdict.allows_queueing())
            }
            // The same encode gives the same proof; a changed source has a new job made for it.
            Some(FailureCause::Proof | FailureCause::SourceChanged) | None => false,
        };
        if unchanged && again {
            store.write(|tx| tx.job_step(job.id, JobStatus::Queued))?;
            requeued += 1;
        }
    }
    Ok(requeued)
}
