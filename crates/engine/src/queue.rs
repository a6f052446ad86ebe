//! Queueing: a file and a preset become a job with a frozen intent, or the reason why not.

use mediaflow_core::analyze::{LearnedRatios, OutputEstimate, estimate_output};
use mediaflow_core::identity::{ContentId, Hash};
use mediaflow_core::job::{Ending, Verdict};
use mediaflow_core::media::MediaInfo;
use mediaflow_core::media::preset::{Preset, Settings};
use mediaflow_core::media::tag::Mark;
use mediaflow_core::plan::{Intent, plan};
use mediaflow_core::replace::{Epoch, ReplacementId};
use mediaflow_core::text;
use mediaflow_core::time::Timestamp;
use mediaflow_store::{File, JobEnd, NewJob, OutputMode, Reader, Store, StoreError, Tx};
use mediaflow_transport::storage::LocalStorage;

use crate::analyze::learned_ratios;
use crate::settings;
use crate::target::{self, TargetError};
use crate::toolchain::Devices;

mod recommended;

pub use recommended::{Proposed, best_per_file, find_preset, queue_recommended, requeue_failed};

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
    /// Its turn comes then at the earliest.
    pub scheduled_after_at: Option<Timestamp>,
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

/// What a look at a wish showed, before anything is written down.
#[derive(Debug)]
pub enum Look {
    /// It can be done so.
    Ready(Box<Ready>),
    /// It is left alone because of what is remembered of it.
    LeftAlone(Verdict),
    /// It cannot be done, or not here.
    Refused(String),
}

/// A wish that can be fulfilled.
#[derive(Debug)]
pub struct Ready {
    /// The content that the plan was made for.
    pub content: ContentId,
    /// What is to happen.
    pub intent: Intent,
    /// How large the output will be.
    pub estimate: Option<OutputEstimate>,
}

/// Queues files. Looking and writing are apart, so that many can be written down in one transaction.
pub struct Queuer<'a> {
    store: &'a Store,
    epoch: Epoch,
    learned: LearnedRatios,
    devices: Devices,
}

impl<'a> Queuer<'a> {
    /// One that estimates by what earlier jobs gave.
    pub fn new(store: &'a Store, epoch: Epoch) -> Result<Self, StoreError> {
        Ok(Self { store, epoch, learned: store.read(learned_ratios)?, devices: Devices::default() })
    }

    /// Refuses what these cannot do.
    #[must_use]
    pub fn on(self, devices: Devices) -> Self {
        Self { devices, ..self }
    }

    /// Looks at one file: at what is remembered of it, at the plan, and at what may stand in the way on the disk.
    pub fn look(&self, wish: &Wish<'_>) -> Result<Look, QueueError> {
        let look = self.foresee(wish)?;
        if let (Look::Ready(ready), OutputMode::Replace) = (&look, wish.mode) {
            let storage = self.store.read(|r| r.storage(wish.file.storage_id))?;
            // Another machine is asked when the job has its turn: it may be away now.
            if storage.worker_id.is_none()
                && let Some(refusal) =
                    target::obstacle(&LocalStorage::new(storage.root), &wish.file.path, ready.intent.container)?
            {
                return Ok(Look::Refused(refusal.to_string()));
            }
        }
        Ok(look)
    }

    /// What a look shows without going to the disk, which for thousands of files takes long.
    pub fn foresee(&self, wish: &Wish<'_>) -> Result<Look, StoreError> {
        let Wish { file, info, preset, .. } = wish;
        let policy = preset.settings.policy();
        let Some(content) = file.content else {
            return Ok(Look::Refused("it could not be read; scan its folder again".to_owned()));
        };
        if Mark::find(&info.tags).is_some_and(|mark| made_holds_back(&mark, &policy, wish.asked)) {
            return Ok(Look::LeftAlone(Verdict::Made));
        }
        if let Some(verdict) = self.store.read(|r| remembered(r, &content, &policy, wish.asked))? {
            return Ok(Look::LeftAlone(verdict));
        }
        let intent = match plan(info, &preset.settings) {
            Ok(intent) => intent,
            Err(refusal) => return Ok(Look::Refused(refusal.to_string())),
        };
        if let Some(obstacle) = self.devices.obstacle(&intent) {
            return Ok(Look::Refused(obstacle));
        }
        let estimate = estimate_output(info, &intent, &self.learned);
        Ok(Look::Ready(Box::new(Ready { content, intent, estimate })))
    }

    /// Writes down what came of a look: a job, or why there is none.
    pub fn create(&self, tx: &Tx<'_>, wish: &Wish<'_>, look: &Look) -> Result<Queued, StoreError> {
        let ready = match look {
            Look::Ready(ready) => ready,
            Look::LeftAlone(verdict) => return Ok(Queued::LeftAlone(verdict.explain())),
            Look::Refused(reason) => return Ok(Queued::Refused(reason.clone())),
        };
        let public_id = self.public_id(tx)?;
        match tx.job_create(&new_job(&public_id, wish, ready.content, Some(ready))) {
            Ok(job_id) => Ok(Queued::Job(job_id)),
            Err(StoreError::AlreadyQueued { job_id }) => Ok(Queued::Already(job_id)),
            Err(error) => Err(error),
        }
    }

    /// Writes down what would have come of a look, as a job that is finished from the beginning. `None` for a file that
    /// could not be read, of which there is nothing to tell.
    pub fn note_dry_run(&self, tx: &Tx<'_>, wish: &Wish<'_>, look: &Look) -> Result<Option<i64>, StoreError> {
        let Some(content) = wish.file.content else { return Ok(None) };
        let (ending, reason, ready) = match look {
            Look::Ready(ready) => (Ending::Planned, ready.describe(wish.info), Some(&**ready)),
            Look::LeftAlone(verdict) => (Ending::Refused, verdict.explain(), None),
            Look::Refused(reason) => (Ending::Refused, reason.clone(), None),
        };
        let end = JobEnd { ending, reason: &reason, cause: None, output_bytes: None };
        tx.job_plan(&new_job(&self.public_id(tx)?, wish, content, ready), &end).map(Some)
    }

    fn public_id(&self, tx: &Tx<'_>) -> Result<String, StoreError> {
        Ok(ReplacementId::new(self.epoch, tx.fencing_token()?).to_string())
    }
}

impl Ready {
    /// What a dry run says of it.
    fn describe(&self, info: &MediaInfo) -> String {
        let Some(estimate) = &self.estimate else { return "only planned; its size cannot be foretold".to_owned() };
        let (is, was) = (text::bytes(estimate.output_bytes), text::bytes(info.size_bytes));
        format!("only planned; it would come to about {is} of {was}")
    }
}

fn new_job<'a>(public_id: &'a str, wish: &Wish<'a>, content: ContentId, ready: Option<&'a Ready>) -> NewJob<'a> {
    NewJob {
        public_id,
        file_id: wish.file.id,
        content,
        title: wish.title,
        preset: &wish.preset.name,
        settings: &wish.preset.settings,
        intent: ready.map(|ready| &ready.intent),
        mode: wish.mode,
        forced: wish.asked != Asked::Recommended,
        insisted: wish.asked == Asked::Insisted,
        scheduled_after_at: wish.scheduled_after_at,
        priority: wish.priority,
        estimated_bytes: ready.and_then(|ready| ready.estimate).map(|estimate| estimate.output_bytes),
    }
}

/// Queues one file.
pub fn queue_file(store: &Store, epoch: Epoch, wish: &Wish<'_>) -> Result<Queued, QueueError> {
    let queuer = Queuer::new(store, epoch)?;
    let look = queuer.look(wish)?;
    Ok(store.write(|tx| queuer.create(tx, wish, &look))?)
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
    let max_retries = settings::max_retries(reader)?;
    Ok(reader.verdict(content, policy)?.filter(|verdict| !verdict.allows_queueing(max_retries)))
}
