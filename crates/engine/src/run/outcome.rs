//! What a job leaves behind for statistics and learning, built from what its attempts wrote down.

use mediaflow_core::job::Ending;
use mediaflow_core::media::MediaInfo;
use mediaflow_core::plan::Intent;
use mediaflow_store::{Job, Outcome, Reader, StoreError, TaskKind};
use serde::{Deserialize, Serialize};

pub use super::hardware::DeviceFailure;

/// What an encode attempt ends with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncodeOutcome {
    /// How it ended, for a person.
    pub end: String,
    /// Frames encoded.
    pub frames: u64,
    /// Time from start to end, in microseconds.
    pub work_us: i64,
    /// What of its hardware failed, where that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceFailure>,
}

/// What a proving attempt ends with: the output's probe, for the catalog once the output is in place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProvenProbe {
    /// What the probe found.
    pub info: MediaInfo,
    /// What ffprobe printed.
    pub text: String,
    /// The build that probed.
    pub tool: String,
}

/// The probe of a job's proven output.
pub fn proven_probe(reader: &Reader<'_>, job_id: i64) -> Result<Option<ProvenProbe>, StoreError> {
    let attempts = reader.attempts_of_job(job_id)?;
    match attempts.iter().rev().find(|attempt| attempt.kind == TaskKind::Prove) {
        Some(attempt) => Ok(reader.attempt_outcome::<Option<ProvenProbe>>(attempt.id)?.flatten()),
        None => Ok(None),
    }
}

/// The outcome of a job that ends now.
pub fn of(reader: &Reader<'_>, job: &Job, ending: Ending, target_bytes: Option<u64>) -> Result<Outcome, StoreError> {
    let intent = reader.job_intent(job.id)?;
    let source = match job.file_id {
        Some(file_id) => reader.probe(file_id)?.map(|probe| probe.info),
        None => None,
    };
    let (encode, encoder) = last_encode(reader, job.id)?;
    let target = proven_probe(reader, job.id)?.map(|probe| probe.info);
    let tier = |info: &Option<MediaInfo>| info.as_ref()?.videos().next().map(|(_, video)| video.tier().to_string());
    #[allow(clippy::cast_precision_loss)]
    let average_fps = encode
        .as_ref()
        .filter(|encode| encode.work_us > 0 && encode.frames > 0)
        .map(|encode| encode.frames as f64 * 1_000_000.0 / encode.work_us as f64);
    Ok(Outcome {
        job_id: job.id,
        file_id: job.file_id,
        title: job.title.clone(),
        preset: job.preset.clone(),
        ending,
        reason: job.reason.clone().unwrap_or_default(),
        source_codec: source.as_ref().and_then(|info| info.videos().next().map(|(stream, _)| stream.codec.clone())),
        source_resolution: tier(&source),
        source_bytes: job.source_bytes,
        target_codec: intent.as_ref().and_then(Intent::video_codec).map(str::to_owned),
        target_resolution: tier(&target),
        target_bytes,
        encoder,
        media_duration_us: source.as_ref().and_then(|info| info.duration_us),
        work_duration_us: encode.map(|encode| encode.work_us),
        average_fps,
    })
}

/// How the last encode ended, and who made it.
fn last_encode(reader: &Reader<'_>, job_id: i64) -> Result<(Option<EncodeOutcome>, Option<String>), StoreError> {
    let attempts = reader.attempts_of_job(job_id)?;
    match attempts.into_iter().rev().find(|attempt| attempt.kind == TaskKind::Encode) {
        Some(attempt) => Ok((reader.attempt_outcome(attempt.id)?, attempt.encoded_by.map(|by| by.encoder))),
        None => Ok((None, None)),
    }
}
