//! Queueing by hand: items of the library and recommendations.

mod forecast;
mod many;

use mediaflow_core::media::MediaInfo;
use mediaflow_core::media::preset::Preset;
use mediaflow_core::time::Timestamp;
use mediaflow_store::{File, OutputMode, Reader, Recommendation, RecommendationState, StoreError};

pub use self::forecast::{Forecast, ForecastFile, LeftOut};
use super::Service;
use super::error::CommandError;
use crate::queue::{Asked, Look, Queued, Queuer, Wish, best_per_file, find_preset};

/// A wish to queue items of the library.
#[derive(Debug, Clone, Copy)]
pub struct QueueWish<'a> {
    /// The parts; the wire's item ids.
    pub part_ids: &'a [i64],
    /// What to do with them.
    pub preset: &'a Preset,
    /// Higher goes first.
    pub priority: i64,
    /// Only plan it.
    pub is_dry_run: bool,
    /// Do it although it was done, judged, taken back or given up before.
    pub is_forced: bool,
    /// Begin then at the earliest.
    pub scheduled_after_at: Option<Timestamp>,
    /// The worker that is to have them, if it can.
    pub preferred_worker_id: Option<i64>,
}

/// What queueing came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueReport {
    /// Jobs made, in the order asked for.
    pub created: Vec<i64>,
    /// What was not queued.
    pub skipped: Vec<Skipped>,
}

/// Something that was not queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its id, as it was asked for.
    pub id: i64,
    /// What kind of reason.
    pub skip: Skip,
    /// Why, for a person.
    pub reason: String,
}

/// Why something was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// There is no such thing.
    Unknown,
    /// Its file has this unfinished job.
    Queued(i64),
    /// It is left alone because of what is remembered of it.
    LeftAlone,
    /// It cannot be done, or not here.
    Refused,
}

/// Jobs to a transaction: each costs an fsync.
const BATCH: usize = 100;

/// Items that are looked at one by one when they are queued, which takes about a millisecond each. Of more in one go, what
/// a look would show is told when their turns come.
const LOOKED_AT: usize = 500;

/// Something to be queued, with all that a look at it needs.
struct Subject {
    /// As it was asked for.
    id: i64,
    recommendation_id: Option<i64>,
    file: File,
    info: MediaInfo,
    title: String,
    preset: Preset,
}

impl Subject {
    fn wish(&self, asked: Asked, priority: i64, scheduled_after_at: Option<Timestamp>) -> Wish<'_> {
        Wish {
            file: &self.file,
            info: &self.info,
            title: &self.title,
            preset: &self.preset,
            mode: OutputMode::Replace,
            asked,
            priority,
            scheduled_after_at,
        }
    }
}

fn refused(id: i64, reason: impl Into<String>) -> Skipped {
    Skipped { id, skip: Skip::Refused, reason: reason.into() }
}

fn unknown(id: i64) -> Skipped {
    Skipped { id, skip: Skip::Unknown, reason: format!("there is no item {id}") }
}

/// What a part is, or why it cannot be queued.
fn subject_of_part(reader: &Reader<'_>, id: i64, preset: &Preset) -> Result<Result<Subject, Skipped>, StoreError> {
    let file_id = match reader.file_of_part(id) {
        Ok(file_id) => file_id,
        Err(StoreError::NotFound { .. }) => {
            return Ok(Err(unknown(id)));
        }
        Err(error) => return Err(error),
    };
    let file = reader.file(file_id)?;
    if file.missing_since_at.is_some() {
        return Ok(Err(refused(id, "its file was not there when its folder was last scanned")));
    }
    let Some(probe) = reader.probe(file_id)? else {
        return Ok(Err(refused(id, "its file was not read yet; scan its folder")));
    };
    let title = reader.item_of_file(file_id)?.map(|item| item.title).unwrap_or_else(|| title_of(&file));
    Ok(Ok(Subject { id, recommendation_id: None, file, info: probe.info, title, preset: preset.clone() }))
}

/// How a batch is to be queued.
struct Batch {
    asked: Asked,
    priority: i64,
    is_dry_run: bool,
    scheduled_after_at: Option<Timestamp>,
    preferred_worker_id: Option<i64>,
}

impl Batch {
    const RECOMMENDED: Self = Self {
        asked: Asked::Recommended,
        priority: 0,
        is_dry_run: false,
        scheduled_after_at: None,
        preferred_worker_id: None,
    };

    const fn of(wish: &QueueWish<'_>, asked: Asked) -> Self {
        let QueueWish { priority, is_dry_run, scheduled_after_at, preferred_worker_id, .. } = *wish;
        Self { asked, priority, is_dry_run, scheduled_after_at, preferred_worker_id }
    }

    fn wish<'a>(&self, subject: &'a Subject) -> Wish<'a> {
        subject.wish(self.asked, self.priority, self.scheduled_after_at)
    }
}

pub(super) fn title_of(file: &File) -> String {
    String::from_utf8_lossy(file.path.stem()).into_owned()
}

impl Service {
    /// Queues items of the library, or only plans them. What is remembered of a file under this preset holds it back;
    /// a dry run is told the plan all the same.
    pub fn queue_items(&self, wish: &QueueWish<'_>) -> Result<QueueReport, CommandError> {
        self.check_able(&wish.preset.settings)?;
        if let Some(worker_id) = wish.preferred_worker_id {
            self.inner.store.read(|r| r.worker(worker_id))?;
        }
        if wish.part_ids.len() > LOOKED_AT && !wish.is_dry_run {
            return self.queue_many(wish);
        }
        let mut report = QueueReport::default();
        let queuer = Queuer::new(&self.inner.store, self.inner.epoch)?.on(self.devices());
        let asked = if wish.is_dry_run || wish.is_forced { Asked::Insisted } else { Asked::ByName };
        for ids in wish.part_ids.chunks(BATCH) {
            let subjects = self
                .inner
                .store
                .read(|r| ids.iter().map(|id| subject_of_part(r, *id, wish.preset)).collect::<Result<Vec<_>, _>>())?;
            self.queue_batch(&queuer, subjects, &Batch::of(wish, asked), &mut report)?;
        }
        Ok(report)
    }

    /// Queues recommendations under their own presets, or all under one; a file gets one job, for what saves most.
    pub fn recommendations_queue(&self, ids: &[i64], preset: Option<&Preset>) -> Result<QueueReport, CommandError> {
        let mut report = QueueReport::default();
        let mut wanted = Vec::new();
        for id in ids {
            match self.inner.store.read(|r| r.recommendation(*id)) {
                Ok(recommendation) => wanted.push(recommendation),
                Err(StoreError::NotFound { .. }) => {
                    let reason = format!("there is no recommendation {id}");
                    report.skipped.push(Skipped { id: *id, skip: Skip::Unknown, reason });
                }
                Err(error) => return Err(error.into()),
            }
        }
        let all: Vec<i64> = wanted.iter().map(|recommendation| recommendation.id).collect();
        let best = best_per_file(wanted);
        let is_best = |id: &i64| best.iter().any(|recommendation| recommendation.id == *id);
        let others = all.iter().filter(|id| !is_best(id));
        report.skipped.extend(others.map(|id| refused(*id, "another one for the same file saves more")));
        let queuer = Queuer::new(&self.inner.store, self.inner.epoch)?.on(self.devices());
        for recommendations in best.chunks(BATCH) {
            let subjects = recommendations
                .iter()
                .map(|recommendation| self.subject_of(recommendation, preset))
                .collect::<Result<Vec<_>, _>>()?;
            self.queue_batch(&queuer, subjects, &Batch::RECOMMENDED, &mut report)?;
        }
        Ok(report)
    }

    fn subject_of(
        &self,
        recommendation: &Recommendation,
        preset: Option<&Preset>,
    ) -> Result<Result<Subject, Skipped>, CommandError> {
        let store = &self.inner.store;
        let (id, file) = (recommendation.id, &recommendation.file);
        if file.generation != recommendation.generation || file.missing_since_at.is_some() {
            return Ok(Err(refused(id, "its file changed or went since; analyse the library again")));
        }
        if recommendation.state == RecommendationState::Actioned
            && let Some(job_id) = store.read(|r| r.job_holding(file.id))?
        {
            let reason = format!("it is in the queue as job {job_id}");
            return Ok(Err(Skipped { id, skip: Skip::Queued(job_id), reason }));
        }
        let own = match preset {
            Some(preset) => Some(preset.clone()),
            None => find_preset(store, &recommendation.preset)?,
        };
        let Some(preset) = own else {
            return Ok(Err(refused(id, format!("its preset {} is no more", recommendation.preset))));
        };
        let Some(probe) = store.read(|r| r.probe(file.id))? else {
            return Ok(Err(refused(id, "its file was not read yet; scan its folder")));
        };
        let title = recommendation.item.as_ref().map_or_else(|| title_of(file), |item| item.title.clone());
        let (file, recommendation_id) = (file.clone(), Some(id));
        Ok(Ok(Subject { id, recommendation_id, file, info: probe.info, title, preset }))
    }

    /// Looks at each, then writes all down in one transaction.
    fn queue_batch(
        &self,
        queuer: &Queuer<'_>,
        subjects: Vec<Result<Subject, Skipped>>,
        batch: &Batch,
        report: &mut QueueReport,
    ) -> Result<(), CommandError> {
        let mut looked: Vec<Result<(Subject, Look), Skipped>> = Vec::with_capacity(subjects.len());
        for subject in subjects {
            looked.push(match subject {
                Ok(subject) => {
                    let look = queuer.look(&batch.wish(&subject))?;
                    Ok((subject, look))
                }
                Err(skipped) => Err(skipped),
            });
        }
        let results = self.inner.store.write(|tx| {
            let mut results = Vec::with_capacity(looked.len());
            for one in &looked {
                let (subject, look) = match one {
                    Ok(one) => one,
                    Err(skipped) => {
                        results.push(Err(skipped.clone()));
                        continue;
                    }
                };
                let wish = batch.wish(subject);
                let skip = |skip, reason| Err(Skipped { id: subject.id, skip, reason });
                if batch.is_dry_run {
                    let planned = queuer.note_dry_run(tx, &wish, look)?;
                    results.push(planned.ok_or_else(|| refused(subject.id, "it could not be read")));
                    continue;
                }
                results.push(match queuer.create(tx, &wish, look)? {
                    Queued::Job(job_id) => {
                        if let Some(id) = subject.recommendation_id {
                            tx.recommendation_action(id)?;
                        }
                        Ok(job_id)
                    }
                    Queued::Already(job_id) => {
                        skip(Skip::Queued(job_id), format!("its file is in the queue as job {job_id}"))
                    }
                    Queued::LeftAlone(reason) => skip(Skip::LeftAlone, reason),
                    Queued::Refused(reason) => skip(Skip::Refused, reason),
                });
            }
            if let Some(worker_id) = batch.preferred_worker_id {
                let made: Vec<i64> = results.iter().filter_map(|result| result.as_ref().ok()).copied().collect();
                tx.jobs_prefer(&made, worker_id)?;
            }
            Ok(results)
        })?;
        for result in results {
            match result {
                Ok(job_id) => report.created.push(job_id),
                Err(skipped) => report.skipped.push(skipped),
            }
        }
        Ok(())
    }
}
