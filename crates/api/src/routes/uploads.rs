//! Files through the browser: sent, listed, removed, and what was made of them fetched.

use std::time::Duration;

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use axum::Json;
use axum::body::{Body as RawBody, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use mediaflow_engine::service::CommandError;
use mediaflow_store::Upload;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::jobs::TAG;
use crate::error::ApiError;
use crate::extract::{InPath, JobId, Query};
use crate::openapi::op;
use crate::respond::Created;
use crate::sent_file::SentFile;
use crate::state::Api;
use crate::wire::single::{UploadInfo, UploadList, UploadQuery};
use crate::wire::{Done, int};

/// How long a client may send nothing; then it is gone, or was put to sleep.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// Pieces that may wait for the disk; a piece is what the network brought at once, some ten kilobytes.
const WAITING_PIECES: usize = 32;

/// `/{upload_id}`
#[derive(Debug, Deserialize, JsonSchema)]
struct UploadId {
    /// The upload's id.
    upload_id: String,
}

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route(
            crate::door::UPLOADS,
            post_with(
                send,
                op("send_upload", TAG, "Send a file that the server cannot see; the body is the file itself"),
            ),
        )
        .api_route(crate::door::UPLOADS, get_with(list, op("list_uploads", TAG, "Files that came through the browser")))
        .api_route(
            "/api/transcode/uploads/{upload_id}",
            delete_with(remove, op("remove_upload", TAG, "Remove an upload and what was made of it")),
        )
        .api_route(
            "/api/transcode/jobs/{job_id}/output",
            get_with(fetch, op("fetch_output", TAG, "Fetch an output that lies beside its source")),
        )
}

fn info(upload: Upload) -> UploadInfo {
    UploadInfo {
        id: upload.public_id,
        name: upload.name,
        size: int(upload.size_bytes),
        created_at: upload.created_at.into(),
    }
}

/// What the disk is handed of a body.
enum Piece {
    Bytes(Bytes),
    /// There is no more: what came is the whole file.
    End,
}

async fn send(
    State(api): State<Api>,
    Query(asked): Query<UploadQuery>,
    headers: HeaderMap,
    body: RawBody,
) -> Result<Created<UploadInfo>, ApiError> {
    let size_bytes = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let (to_disk, mut pieces) = mpsc::channel(WAITING_PIECES);
    // Where nobody sends the end, the upload is dropped as it is, and leaves nothing.
    let on_disk = tokio::task::spawn_blocking({
        let api = api.clone();
        move || -> Result<Option<Upload>, ApiError> {
            let mut upload = api.service.upload_begin(&asked.name, size_bytes).map_err(named)?;
            while let Some(piece) = pieces.blocking_recv() {
                match piece {
                    Piece::Bytes(bytes) => upload.write(&bytes)?,
                    Piece::End => return Ok(Some(upload.finish()?)),
                }
            }
            Ok(None)
        }
    });
    let broken = pass_on(body, to_disk).await;
    let written = on_disk.await;
    let written = written.unwrap_or_else(|panic| Err(ApiError::Internal(format!("an upload panicked: {panic}"))));
    match (written?, broken) {
        (Some(upload), _) => Ok(Created(info(upload))),
        (None, reason) => {
            let reason = reason.unwrap_or_else(|| "it ended early".to_owned());
            Err(ApiError::BadRequest(format!("the upload broke off ({reason}); send it again")))
        }
    }
}

/// Passes a body on to the disk as it comes. Gives why it broke off, if it did.
async fn pass_on(mut body: RawBody, to_disk: mpsc::Sender<Piece>) -> Option<String> {
    loop {
        let frame = tokio::select! {
            frame = tokio::time::timeout(LONGEST_SILENCE, body.frame()) => frame,
            // The disk refused it, and says why.
            () = to_disk.closed() => return None,
        };
        let piece = match frame {
            Err(_) => return Some(format!("nothing came for {} seconds", LONGEST_SILENCE.as_secs())),
            Ok(Some(Err(error))) => return Some(error.to_string()),
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(bytes) => Piece::Bytes(bytes),
                // Trailers say nothing of the file.
                Err(_) => continue,
            },
            Ok(None) => Piece::End,
        };
        let is_end = matches!(piece, Piece::End);
        if to_disk.send(piece).await.is_err() || is_end {
            return None;
        }
    }
}

/// A name is part of the address here.
fn named(error: CommandError) -> ApiError {
    match error {
        CommandError::Invalid { field, message } => ApiError::field(&["query", field], "value_error", message, ()),
        other => other.into(),
    }
}

async fn list(State(api): State<Api>) -> Result<Json<UploadList>, ApiError> {
    api.blocking(|api| {
        let items = api.service.uploads()?.into_iter().map(info).collect();
        Ok(Json(UploadList { items, room: int(api.service.upload_room()) }))
    })
    .await
}

async fn remove(
    State(api): State<Api>,
    InPath(UploadId { upload_id }): InPath<UploadId>,
) -> Result<Json<Done>, ApiError> {
    api.blocking(move |api| {
        api.service.upload_remove(&upload_id)?;
        Ok(Json(Done { status: "removed" }))
    })
    .await
}

async fn fetch(
    State(api): State<Api>,
    InPath(JobId { job_id }): InPath<JobId>,
    headers: HeaderMap,
) -> Result<SentFile, ApiError> {
    api.blocking(move |api| {
        let output = api.service.job_output(job_id)?;
        let file = std::fs::File::open(&output.path)
            .map_err(|error| ApiError::NotFound(format!("{}: {error}", output.path.display())))?;
        let (service, length) = (api.service.clone(), output.size_bytes);
        let on_sent = Box::new(move |part| {
            if let Err(error) = service.output_sent(job_id, part, length) {
                tracing::warn!("job {job_id}: that its output was fetched is not written down: {error}");
            }
        });
        Ok(SentFile::new(file, length, output.name(), format!("{job_id}-{length}"), &headers, on_sent))
    })
    .await
}
