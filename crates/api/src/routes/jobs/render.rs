//! A job in the contract's words.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_core::path::RelPath;
use mediaflow_core::plan::{Action, Intent};
use mediaflow_core::proof::Conclusion;
use mediaflow_core::text;
use mediaflow_core::time::Timestamp;
use mediaflow_engine::run::Stage;
use mediaflow_engine::settings;
use mediaflow_store::{Job, JobView, QuarantineState, Reader, StoreError};

use crate::config::config_of;
use crate::state::Api;
use crate::wire::int;
use crate::wire::jobs::{DroppedStream, Plan, PlannedStream, TranscodeJobResponse};

/// A job with what is known of its run right now.
pub fn shown(api: &Api, view: JobView) -> TranscodeJobResponse {
    let JobView { job, part_id, preset_id, root, worker_name, preferred_worker_name, .. } = view;
    let JobView { encode, conclusion, replacement, .. } = view;
    let max_retries = api.service.store().read(settings::max_retries).unwrap_or_default();
    let may_have_begun = encode.is_some() || job.status.is_active();
    let progress = may_have_begun.then(|| api.service.progress(&job)).flatten();
    let original = replacement.as_ref().map(|replacement| replacement.quarantine);
    let is_in = |state| job.ending == Some(Ending::Replaced) && original == Some(state);
    let is_done = job.status == JobStatus::Completed;
    let by = encode.as_ref().and_then(|attempt| attempt.encoded_by.clone());
    let stage = progress.as_ref().map(|now| stage(job.status, now.stage));
    // The pace of a part that is over is none of this one.
    let pace = progress.filter(|now| Some(now.stage) == stage);
    // The journal's figures are shown where they can be read; a job is shown in any case.
    let around = api.service.store().read(|r| Ok((first_started(r, &job)?, host_of(r, job.storage_id)?)));
    let (first_started_at, source_server_name) = around.unwrap_or_default();
    TranscodeJobResponse {
        id: job.id,
        media_item_id: part_id,
        preset_id,
        worker_server_id: job.worker_id,
        config_json: Some(config_of(&job.settings)),
        status: job.status.name().to_owned(),
        status_detail: job.reason.clone().or_else(|| detail(job.status, stage)),
        priority: job.priority,
        progress_percent: match &progress {
            _ if is_done => 100.0,
            Some(now) => (now.share * 1000.0).round() / 10.0,
            None => 0.0,
        },
        current_fps: pace.and_then(|now| now.fps),
        eta_seconds: pace.and_then(|now| now.eta_s).map(int),
        source_path: Some(on_disk(&root, &job.path)),
        source_size: Some(int(job.source_bytes)),
        output_path: replacement.as_ref().map(|replacement| on_disk(&root, &replacement.target)),
        output_size: job.output_bytes.map(int),
        ffmpeg_command: encode.as_ref().and_then(|attempt| attempt.argv.as_ref()).map(|argv| command(argv)),
        encoder: by.as_ref().map(|by| by.encoder.clone()),
        decoder: by.as_ref().and_then(|by| by.decoder.clone()),
        hw_fallback: by.and_then(|by| by.instead_of).map(|instead_of| instead_of.to_string()),
        ffmpeg_log: encode.and_then(|attempt| attempt.log_tail),
        is_dry_run: job.is_dry_run,
        created_at: Some(job.created_at.into()),
        started_at: job.started_at.map(Into::into),
        completed_at: job.ended_at.map(Into::into),
        media_title: Some(job.title),
        cloud_cost_usd: None,
        retry_count: i64::from(job.retries),
        max_retries: i64::from(max_retries),
        validation_status: conclusion.map(|conclusion| validation(conclusion).to_owned()),
        ending: job.ending.map(|ending| ending.name().to_owned()),
        preset_name: job.preset,
        current_speed: pace.and_then(|now| now.speed),
        stage: stage.map(|stage| stage.name().to_owned()),
        can_undo: is_in(QuarantineState::Held),
        is_undone: is_in(QuarantineState::Restored),
        is_stopping: job.status.is_active() && job.cancel_requested_at.is_some(),
        estimated_output_size: job.estimated_bytes.map(int),
        scheduled_after: job.scheduled_after_at.map(Into::into),
        waits_until: job.not_before_at.map(Into::into),
        failure_cause: job.failure_cause.map(|cause| cause.name().to_owned()),
        preferred_worker_id: job.preferred_worker_id,
        preferred_worker_name,
        worker_name,
        transfer_mode: job.transfer_mode.map(|mode| mode.name().to_owned()),
        worker_reason: job.worker_reason,
        first_started_at: first_started_at.map(Into::into),
        source_server_name,
    }
}

/// What a job does. Its status is written down at once; what is told of its progress follows when the part has something to
/// tell.
const fn stage(status: JobStatus, told: Stage) -> Stage {
    match (status, told) {
        (JobStatus::Verifying, Stage::Source | Stage::Search | Stage::Encode) => Stage::Verify,
        (JobStatus::Replacing, _) => Stage::Replace,
        _ => told,
    }
}

fn detail(status: JobStatus, stage: Option<Stage>) -> Option<String> {
    match status {
        JobStatus::Transferring => Some("sending the file".to_owned()),
        _ => stage.map(|stage| stage.name().to_owned()),
    }
}

/// When work on a job began for the first time: where it went back to the queue since, its row only has the last one.
fn first_started(r: &Reader<'_>, job: &Job) -> Result<Option<Timestamp>, StoreError> {
    let reads = r.source_reads(job.id)?.into_iter().map(|read| read.started_at);
    let attempts = r.attempts_of_job(job.id)?.into_iter().map(|attempt| attempt.started_at);
    Ok(reads.chain(attempts).chain(job.started_at).min())
}

/// Name of the other machine that a storage lies on.
pub fn host_of(r: &Reader<'_>, storage_id: i64) -> Result<Option<String>, StoreError> {
    match r.storage(storage_id)?.worker_id {
        Some(id) => r.worker_name(id),
        None => Ok(None),
    }
}

const fn validation(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Proven => "passed",
        Conclusion::NotWorthIt => "not_worth_it",
        Conclusion::Rejected => "failed",
    }
}

/// As text: names that are not UTF-8 show their replacement characters.
pub fn on_disk(root: &Path, path: &RelPath) -> String {
    root.join(std::ffi::OsStr::from_bytes(path.as_bytes())).to_string_lossy().into_owned()
}

/// A command for reading, quoted so that it could be typed.
pub fn command(argv: &[String]) -> String {
    let words: Vec<String> = argv.iter().map(|word| text::quoted(word)).collect();
    format!("ffmpeg {}", words.join(" "))
}

/// What happens to every stream.
pub fn plan(intent: &Intent) -> Plan {
    Plan {
        container: intent.container.extension().to_owned(),
        streams: intent
            .streams
            .iter()
            .map(|stream| PlannedStream {
                source_index: i64::from(stream.source_index),
                source_codec: stream.source_codec.clone(),
                action: match stream.action {
                    Action::EncodeVideo(_) | Action::EncodeAudio(_) => "encode",
                    Action::ConvertSubtitle { .. } => "convert",
                    _ => "copy",
                }
                .to_owned(),
                description: stream.describe(),
                language: stream.language.clone(),
                title: stream.title.clone(),
            })
            .collect(),
        dropped: intent
            .dropped
            .iter()
            .map(|dropped| DroppedStream {
                source_index: i64::from(dropped.source_index),
                source_codec: dropped.codec.clone(),
                reason: dropped.reason.clone(),
            })
            .collect(),
        chapters: int(intent.chapters as u64),
        notes: intent.notes.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_job_does_is_never_behind_its_status() {
        for (status, told, expected) in [
            (JobStatus::Transferring, Stage::Source, "sending the file"),
            (JobStatus::Transcoding, Stage::Source, "reading"),
            (JobStatus::Transcoding, Stage::Search, "trying CRFs"),
            (JobStatus::Verifying, Stage::Encode, "proving"),
            (JobStatus::Verifying, Stage::Verify, "proving"),
            (JobStatus::Replacing, Stage::Verify, "replacing"),
        ] {
            assert_eq!(detail(status, Some(stage(status, told))).as_deref(), Some(expected), "{status:?} {told:?}");
        }
        assert_eq!(detail(JobStatus::Queued, None), None);
    }
}
