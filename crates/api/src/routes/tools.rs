//! Single files: look into one, transcode one beside its original, try without doing it.

use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use axum::Json;
use axum::extract::State;
use mediaflow_engine::service::{CommandError, QueueReport};

use super::jobs::{TAG, created, plan_of, refuse_workers, stored_preset};
use crate::config::overlaid;
use crate::error::ApiError;
use crate::extract::{Body, OptionalBody, Query};
use crate::openapi::{op, op_so_far};
use crate::state::Api;
use crate::wire::jobs::{
    DryRunQuery, DryRunResponse, JobConfig, JobsCreated, ManualTranscodeRequest, ProbeRequest, ProbeResponse,
};
use crate::wire::{int, kbps};

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/transcode/probe", post_with(probe, op("probe_file", TAG, "Look into a file")))
        .api_route(
            "/api/transcode/manual",
            post_with(manual, op_so_far("transcode_file", TAG, "Transcode one file beside its original")),
        )
        .api_route(
            "/api/transcode/dry-run",
            post_with(dry_run, op_so_far("dry_run", TAG, "What would happen to a file, and nothing else")),
        )
}

async fn probe(State(api): State<Api>, Body(asked): Body<ProbeRequest>) -> Result<Json<ProbeResponse>, ApiError> {
    api.blocking(move |api| {
        let path = api.paths.file(&asked.file_path, &["body", "file_path"])?;
        let info = api.service.probe(&path).map_err(unreadable)?;
        let video = info.videos().next();
        let audio = info.audios().next();
        #[allow(clippy::cast_precision_loss)]
        let seconds = info.duration_us.unwrap_or(0) as f64 / 1_000_000.0;
        Ok(Json(ProbeResponse {
            file_path: asked.file_path,
            file_size: int(info.size_bytes),
            duration_seconds: seconds,
            video_codec: video.map(|(stream, _)| stream.codec.clone()),
            resolution: video.map(|(_, video)| video.tier().to_string()),
            bitrate: info.bitrate_bps.map(kbps),
            audio_codec: audio.map(|(stream, _)| stream.codec.clone()),
            audio_channels: audio.map(|(_, audio)| i64::from(audio.channels)),
        }))
    })
    .await
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

async fn manual(
    State(api): State<Api>,
    Body(wish): Body<ManualTranscodeRequest>,
) -> Result<Json<JobsCreated>, ApiError> {
    refuse_workers(wish.preferred_worker_id)?;
    api.blocking(move |api| {
        let path = api.paths.file(&wish.file_path, &["body", "file_path"])?;
        let preset = wish.preset_id.map(|id| stored_preset(api, id)).transpose()?;
        let preset = overlaid(preset, wish.config.as_ref(), "config")?;
        if let Some(expected) = wish.file_size {
            let size = std::fs::metadata(&path).map_or(0, |metadata| int(metadata.len()));
            if size != expected {
                let detail = format!("{} has {size} bytes now, not {expected}; look at it again", wish.file_path);
                return Err(ApiError::Conflict(detail));
            }
        }
        let job = api.service.manual(&path, &preset, wish.priority).map_err(|error| match error {
            CommandError::Refused(reason) => ApiError::Unprocessable(reason),
            other => other.into(),
        })?;
        created(QueueReport { created: vec![job], skipped: Vec::new() }).map(Json)
    })
    .await
}

async fn dry_run(
    State(api): State<Api>,
    Query(asked): Query<DryRunQuery>,
    OptionalBody(config): OptionalBody<JobConfig>,
) -> Result<Json<DryRunResponse>, ApiError> {
    api.blocking(move |api| {
        let preset = asked.preset_id.map(|id| stored_preset(api, id)).transpose()?;
        let preset = overlaid(preset, Some(&config), "")?;
        let found = api.service.dry_run(asked.media_item_id, &preset).map_err(|error| match error {
            CommandError::NotFound { .. } => ApiError::NotFound("Media item not found".to_owned()),
            CommandError::Refused(reason) => ApiError::Unprocessable(reason),
            other => other.into(),
        })?;
        #[allow(clippy::cast_precision_loss)]
        let reduction = found.estimate.as_ref().map(|estimate| {
            let share = estimate.output_bytes as f64 / found.source_bytes.max(1) as f64;
            ((1.0 - share) * 1000.0).round() / 10.0
        });
        Ok(Json(DryRunResponse {
            ffmpeg_command: found.command.join("\n"),
            estimated_output_size: found.estimate.as_ref().map(|estimate| int(estimate.output_bytes)),
            estimated_duration: found.duration_s.map(int),
            estimated_reduction_percent: reduction,
            confidence: found.estimate.as_ref().map(|estimate| estimate.confidence),
            plan: plan_of(&found.intent),
        }))
    })
    .await
}
