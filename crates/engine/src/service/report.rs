//! What is to be told of one job beyond its row: how long each step took, and what was in the file before and after.

use mediaflow_core::media::MediaInfo;
use mediaflow_core::replace::Kind;
use mediaflow_core::time::Timestamp;
use mediaflow_ffmpeg::still;
use mediaflow_store::{AttemptState, ReadPurpose, Reader, StoreError, TaskKind};

use super::Service;
use super::error::CommandError;
use super::stills::{Shown, Stills};
use crate::run::Stage;
use crate::run::outcome::{EncodeOutcome, proven_probe};

/// Everything that is to be told of one job beyond its row.
#[derive(Debug, Clone)]
pub struct JobReport {
    /// Every step that was taken, in the order in which they began.
    pub steps: Vec<JobStep>,
    /// What is in the source.
    pub source: Option<MediaInfo>,
    /// What is in the output, once it was measured.
    pub output: Option<MediaInfo>,
    /// The pictures that can be shown.
    pub stills: Stills,
}

/// One step of a job, as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobStep {
    /// Which one.
    pub stage: Stage,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How long of that it was held, in microseconds.
    pub held_us: i64,
    /// How it ended, where that is not well.
    pub trouble: Option<String>,
}

/// What ended an attempt of which nothing was heard before another one was begun.
const REPLACED: &str = "lost: nothing of it could be gone on with, and another attempt was begun";

impl Service {
    /// Everything that is to be told of one job beyond its row.
    pub fn job_report(&self, id: i64) -> Result<JobReport, CommandError> {
        let (steps, source, output) = self.inner.store.read(|r| {
            r.job(id)?;
            Ok((steps(r, id)?, source_of(r, id)?, output_of(r, id)?))
        })?;
        let length_us = source.as_ref().and_then(still::length_us);
        let stills = Stills {
            length_us,
            before: self.still_source(id, Shown::Source).err().map(|error| error.to_string()),
            after: self.still_source(id, Shown::Output).err().map(|error| error.to_string()),
        };
        Ok(JobReport { steps, source, output, stills })
    }

    /// What ends each attempt of a job, by the attempt's id.
    pub fn attempt_ends(&self, id: i64) -> Result<Vec<(i64, String)>, CommandError> {
        Ok(self.inner.store.read(|r| {
            let mut ends = Vec::new();
            for attempt in r.attempts_of_job(id)?.into_iter().filter(|attempt| attempt.kind == TaskKind::Encode) {
                let end = r.attempt_outcome::<EncodeOutcome>(attempt.id)?.map(|outcome| outcome.end);
                // Nobody was there to say more when the next one was begun.
                let replaced = (attempt.state == AttemptState::Superseded).then(|| REPLACED.to_owned());
                ends.extend(end.or(replaced).map(|end| (attempt.id, end)));
            }
            Ok(ends)
        })?)
    }
}

/// What was in the source: as it was decoded, else as the catalog knows it while it has its content still.
pub(super) fn source_of(r: &Reader<'_>, id: i64) -> Result<Option<MediaInfo>, StoreError> {
    if let Some(info) = r.source_info(id)? {
        return Ok(Some(info));
    }
    let job = r.job(id)?;
    let Some(file_id) = job.file_id.filter(|_| job.output_bytes.is_none()) else { return Ok(None) };
    match r.file(file_id)?.generation == job.generation {
        true => Ok(r.probe(file_id)?.map(|probe| probe.info)),
        false => Ok(None),
    }
}

/// What was in the output when it was measured.
pub(super) fn output_of(r: &Reader<'_>, id: i64) -> Result<Option<MediaInfo>, StoreError> {
    Ok(proven_probe(r, id)?.map(|probe| probe.info))
}

fn steps(r: &Reader<'_>, id: i64) -> Result<Vec<JobStep>, StoreError> {
    let mut steps: Vec<JobStep> = r
        .source_reads(id)?
        .into_iter()
        .map(|read| JobStep {
            stage: match read.purpose {
                ReadPurpose::Decode => Stage::Source,
                ReadPurpose::Search => Stage::Search,
            },
            started_at: read.started_at,
            ended_at: read.ended_at,
            held_us: 0,
            trouble: None,
        })
        .collect();
    for attempt in r.attempts_of_job(id)? {
        let stage = match attempt.kind {
            TaskKind::Encode => Stage::Encode,
            TaskKind::Prove => Stage::Verify,
            TaskKind::Fetch | TaskKind::Replace => continue,
        };
        let is_trouble =
            matches!(attempt.state, AttemptState::Failed | AttemptState::Cancelled | AttemptState::Superseded);
        let held_now = attempt.paused_at.zip(attempt.ended_at).map_or(0, |(since, until)| until.0 - since.0);
        steps.push(JobStep {
            stage,
            started_at: attempt.started_at,
            ended_at: attempt.ended_at,
            held_us: attempt.paused_us + held_now,
            trouble: is_trouble.then(|| attempt.state.name().to_owned()),
        });
    }
    for stored in r.replacements_of_job(id)? {
        if !matches!(stored.record.kind, Kind::Replace | Kind::Beside) {
            continue;
        }
        let taken = r.replacement_steps(stored.record.id)?;
        let is_over = stored.record.state.is_final();
        steps.push(JobStep {
            stage: Stage::Replace,
            started_at: stored.created_at,
            ended_at: taken.last().filter(|_| is_over).map(|step| step.at),
            held_us: 0,
            trouble: stored.conflict,
        });
    }
    steps.sort_by_key(|step| step.started_at);
    Ok(steps)
}
