//! What queueing many files would come to, all together.

use std::collections::{HashMap, HashSet};

use mediaflow_core::job::Verdict;
use mediaflow_core::media::preset::Preset;

use super::{Service, Skip, subject_of_part};
use crate::queue::{Asked, Look, Queuer};
use crate::service::CommandError;

/// What queueing items would come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Files that would get a job.
    pub jobs: u64,
    /// Those of them of which the size of the output can be foretold.
    pub foretold: u64,
    /// Their size now.
    pub source_bytes: u64,
    /// The size of their outputs.
    pub output_bytes: u64,
    /// What would get no job, the most frequent reason first.
    pub left_out: Vec<LeftOut>,
    /// The first of the files, in the order asked for.
    pub files: Vec<ForecastFile>,
}

/// Files that would get no job for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Why, for a person.
    pub reason: String,
    /// How many.
    pub files: u64,
}

/// One of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForecastFile {
    /// Its part.
    pub part_id: i64,
    /// What it is called.
    pub title: String,
    /// Where it lies in its library; lossy.
    pub path: String,
    /// Why it would get no job.
    pub left_out: Option<String>,
}

/// Files to a read, so that no snapshot of the database is held for long.
const BATCH: usize = 500;
/// Files that are named; nobody looks through more of them one by one.
const NAMED: usize = 200;

const IN_THE_QUEUE: &str = "in the queue already";

impl Service {
    /// What queueing items would come to, without a visit to their disk: what only that shows, such as a second name of
    /// a file, is told when they are queued. Nothing is written down.
    pub fn forecast(&self, part_ids: &[i64], preset: &Preset) -> Result<Forecast, CommandError> {
        let store = &self.inner.store;
        let queuer = Queuer::new(store, self.inner.epoch)?.on(self.devices());
        let mut forecast = Forecast::default();
        let mut reasons: HashMap<String, u64> = HashMap::new();
        let mut seen = HashSet::new();
        for ids in part_ids.chunks(BATCH) {
            let subjects = store.read(|r| {
                let with_holder = |id: &i64| {
                    let subject = subject_of_part(r, *id, preset)?;
                    let holder = subject.as_ref().ok().map(|one| r.job_holding(one.file.id)).transpose()?.flatten();
                    Ok((subject, holder.is_some()))
                };
                ids.iter().map(with_holder).collect::<Result<Vec<_>, _>>()
            })?;
            for (subject, is_held) in subjects {
                let subject = match subject {
                    Ok(subject) => subject,
                    Err(skipped) => {
                        let is_unknown = skipped.skip == Skip::Unknown;
                        let reason = if is_unknown { "no longer in the library".to_owned() } else { skipped.reason };
                        *reasons.entry(reason).or_default() += 1;
                        continue;
                    }
                };
                // Two items may share a file; the second finds it in the queue.
                let left_out = if is_held || !seen.insert(subject.file.id) {
                    Some(IN_THE_QUEUE.to_owned())
                } else {
                    let look = queuer.foresee(&subject.wish(Asked::ByName, 0, None))?;
                    forecast.count(subject.info.size_bytes, &look);
                    reason_of(&look)
                };
                if let Some(reason) = &left_out {
                    *reasons.entry(reason.clone()).or_default() += 1;
                }
                if forecast.files.len() < NAMED {
                    let path = subject.file.path.to_string();
                    forecast.files.push(ForecastFile { part_id: subject.id, title: subject.title, path, left_out });
                }
            }
        }
        forecast.left_out = reasons.into_iter().map(|(reason, files)| LeftOut { reason, files }).collect();
        forecast.left_out.sort_by(|a, b| b.files.cmp(&a.files).then_with(|| a.reason.cmp(&b.reason)));
        Ok(forecast)
    }
}

impl Forecast {
    fn count(&mut self, source_bytes: u64, look: &Look) {
        let Look::Ready(ready) = look else { return };
        self.jobs += 1;
        if let Some(estimate) = ready.estimate {
            self.foretold += 1;
            self.source_bytes += source_bytes;
            self.output_bytes += estimate.output_bytes;
        }
    }
}

/// Why there would be no job, without what was measured of one file, so that like reasons come together.
fn reason_of(look: &Look) -> Option<String> {
    match look {
        Look::Ready(_) => None,
        Look::Refused(reason) => Some(reason.clone()),
        Look::LeftAlone(Verdict::NotWorthIt { .. }) => Some("found not to be worth it before".to_owned()),
        Look::LeftAlone(Verdict::Failed { .. }) => Some("failed before".to_owned()),
        Look::LeftAlone(verdict) => Some(verdict.explain()),
    }
}
