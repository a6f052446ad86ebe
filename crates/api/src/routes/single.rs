//! Single files outside of any library: look into one, try one, transcode one beside its original.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use mediaflow_core::media::MediaInfo;
use mediaflow_core::media::color::DynamicRange;
use mediaflow_core::media::preset::Preset;
use mediaflow_engine::service::{CommandError, QueueReport, SingleFile};

use super::items::stream_of;
use super::jobs::{TAG, created, shown, stored_preset};
use super::tools::rendered;
use crate::config::overlaid;
use crate::error::ApiError;
use crate::extract::Body;
use crate::openapi::op;
use crate::state::Api;
use crate::wire::jobs::{JobConfig, JobsCreated};
use crate::wire::single::{
    ManualDryRun, ManualDryRunRequest, ManualJob, ManualTranscodeRequest, ProbeRequest, ProbeResponse,
};
use crate::wire::{int, kbps};

/// Jobs that the page of single files shows.
const MOST_JOBS: u32 = 50;

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/transcode/probe", post_with(probe, op("probe_file", TAG, "Look into a file")))
        .api_route(
            "/api/transcode/manual",
            post_with(manual, op("transcode_file", TAG, "Transcode one file beside its original")),
        )
        .api_route(
            "/api/transcode/manual",
            get_with(list, op("list_manual_jobs", TAG, "The newest jobs whose output lies beside its source")),
        )
        .api_route(
            "/api/transcode/manual/dry-run",
            post_with(dry_run, op("dry_run_file", TAG, "What would happen to one file, and nothing else")),
        )
}

/// The file that a request means, by a path that may be used or as an upload.
fn file_of(api: &Api, path: Option<&str>, upload: Option<String>) -> Result<SingleFile, ApiError> {
    let loc = ["body", "file_path"];
    match (path, upload) {
        (Some(path), None) => Ok(SingleFile::Local(api.paths.file(path, &loc)?)),
        (None, Some(upload)) => Ok(SingleFile::Upload(upload)),
        (None, None) => Err(ApiError::field(&loc, "missing", "this field is required, or upload_id", ())),
        (Some(path), Some(_)) => Err(ApiError::field(&loc, "value_error", "give a path or an upload, not both", path)),
    }
}

fn preset_of(api: &Api, id: Option<i64>, config: Option<&JobConfig>) -> Result<Preset, ApiError> {
    let preset = id.map(|id| stored_preset(api, id)).transpose()?;
    overlaid(preset, config, "config")
}

async fn probe(State(api): State<Api>, Body(asked): Body<ProbeRequest>) -> Result<Json<ProbeResponse>, ApiError> {
    api.blocking(move |api| {
        let file = file_of(api, asked.file_path.as_deref(), asked.upload_id)?;
        let info = api.service.probe_single(&file).map_err(unreadable)?;
        let name = match file {
            SingleFile::Local(path) => path.to_string_lossy().into_owned(),
            SingleFile::Upload(id) => api.service.upload(&id)?.name,
        };
        Ok(Json(facts(&info, name)))
    })
    .await
}

/// What is in a file, in the contract's words and ours.
pub(super) fn facts(info: &MediaInfo, file_path: String) -> ProbeResponse {
    let video = info.videos().next();
    let audio = info.audios().next();
    let range = video.map(|(_, video)| DynamicRange::of(&video.color, &video.hdr));
    #[allow(clippy::cast_precision_loss)]
    let duration_seconds = info.duration_us.unwrap_or(0) as f64 / 1_000_000.0;
    ProbeResponse {
        file_path,
        file_size: int(info.size_bytes),
        duration_seconds,
        video_codec: video.map(|(stream, _)| stream.codec.clone()),
        resolution: video.map(|(_, video)| video.tier().to_string()),
        bitrate: info.bitrate_bps.map(kbps),
        audio_codec: audio.map(|(stream, _)| stream.codec.clone()),
        audio_channels: audio.map(|(_, audio)| i64::from(audio.channels)),
        container: info.container.to_string(),
        width: video.map(|(_, video)| i64::from(video.displayed_size().0)),
        height: video.map(|(_, video)| i64::from(video.displayed_size().1)),
        hdr_format: range.filter(|range| *range != DynamicRange::Sdr).map(|range| range.to_string()),
        chapters: int(info.chapters.len() as u64),
        streams: info.streams.iter().map(stream_of).collect(),
    }
}

/// What the contract says of a file that nothing can read.
fn unreadable(error: CommandError) -> ApiError {
    match error {
        CommandError::Refused(reason) | CommandError::Invalid { message: reason, .. } => {
            ApiError::Unprocessable(format!("ffprobe failed to read file: {reason}"))
        }
        other => other.into(),
    }
}

fn refused(error: CommandError) -> ApiError {
    match error {
        CommandError::Refused(reason) => ApiError::Unprocessable(reason),
        other => other.into(),
    }
}

async fn manual(
    State(api): State<Api>,
    Body(wish): Body<ManualTranscodeRequest>,
) -> Result<Json<JobsCreated>, ApiError> {
    api.blocking(move |api| {
        let file = file_of(api, wish.file_path.as_deref(), wish.upload_id)?;
        let preset = preset_of(api, wish.preset_id, wish.config.as_ref())?;
        if let (Some(expected), SingleFile::Local(path)) = (wish.file_size, &file) {
            let size = std::fs::metadata(path).map_or(0, |metadata| int(metadata.len()));
            if size != expected {
                let detail = format!("{} has {size} bytes now, not {expected}; look at it again", path.display());
                return Err(ApiError::Conflict(detail));
            }
        }
        let job = api.service.manual(&file, &preset, wish.priority, wish.preferred_worker_id).map_err(refused)?;
        created(QueueReport { created: vec![job], skipped: Vec::new() }).map(Json)
    })
    .await
}

async fn list(State(api): State<Api>) -> Result<Json<Vec<ManualJob>>, ApiError> {
    api.blocking(|api| {
        let jobs = api.service.single_jobs(MOST_JOBS)?;
        let rendered = jobs.into_iter().map(|single| ManualJob {
            upload_id: single.upload.map(|upload| upload.public_id),
            output_name: api.service.job_output(single.view.job.id).ok().map(|output| output.name()),
            job: shown(api, single.view),
        });
        Ok(Json(rendered.collect()))
    })
    .await
}

async fn dry_run(
    State(api): State<Api>,
    Body(asked): Body<ManualDryRunRequest>,
) -> Result<Json<ManualDryRun>, ApiError> {
    api.blocking(move |api| {
        let file = file_of(api, asked.file_path.as_deref(), asked.upload_id)?;
        let preset = preset_of(api, asked.preset_id, asked.config.as_ref())?;
        let found = api.service.dry_run_single(&file, &preset).map_err(refused)?;
        let output_name = found.output.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Json(ManualDryRun { output_name, run: rendered(&found.run) }))
    })
    .await
}
