//! The plan of a job that was queued with so many others that none of them was looked at.

use mediaflow_core::analyze::estimate_output;
use mediaflow_core::job::{Failure, FailureCause, Verdict};
use mediaflow_core::media::tag::Mark;
use mediaflow_core::plan::{Intent, plan};

use super::end::Stop;
use super::line::Line;
use crate::analyze::learned_ratios;
use crate::queue::{Asked, made_holds_back, remembered};

impl Line<'_> {
    /// Makes the plan of a job that has none, by the settings that it was queued with, and freezes it. What would have
    /// kept it out of the queue ends it now.
    pub(super) fn planned_late(&self) -> Result<Intent, Stop> {
        let (job, store) = (self.job, &self.runner.store);
        let changed = |what: &str| {
            let message = format!("{} {what}; scan its folder and queue it again", job.path);
            Stop::Failed(Failure::new(FailureCause::SourceChanged, message))
        };
        let Some(file_id) = job.file_id else { return Err(changed("is no longer known")) };
        let (file, probe) = store.read(|r| Ok((r.file(file_id)?, r.probe(file_id)?)))?;
        let Some(probe) = probe.filter(|_| file.content == Some(job.content)) else {
            return Err(changed("has changed since it was queued"));
        };
        let asked = if job.insisted { Asked::Insisted } else { Asked::ByName };
        if Mark::find(&probe.info.tags).is_some_and(|mark| made_holds_back(&mark, &job.policy, asked)) {
            return Err(Stop::RefusedHere(Verdict::Made.explain()));
        }
        if let Some(verdict) = store.read(|r| remembered(r, &job.content, &job.policy, asked))? {
            return Err(Stop::RefusedHere(verdict.explain()));
        }
        let intent = plan(&probe.info, &job.settings).map_err(|refusal| Stop::RefusedHere(refusal.to_string()))?;
        let learned = store.read(learned_ratios)?;
        let estimate = estimate_output(&probe.info, &intent, &learned).map(|estimate| estimate.output_bytes);
        store.write(|tx| tx.job_planned(job.id, &intent, estimate))?;
        Ok(intent)
    }
}
