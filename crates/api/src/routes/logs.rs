//! The contract's group `logs`: the program's own log, and what one is asked for when something is wrong.

use std::fmt::Write as _;
use std::path::Path;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use mediaflow_engine::service::ToolsState;
use mediaflow_ffmpeg::measure::Metric;

use crate::error::ApiError;
use crate::extract::Query;
use crate::logs::CAPACITY;
use crate::openapi::op;
use crate::respond::TextFile;
use crate::state::Api;
use crate::wire::int;
use crate::wire::system::{DiagApp, DiagSystem, DiagTools, Diagnostics, LogPage, LogQuery};

const TAG: &str = "logs";

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/logs", get_with(list, op("list_logs", TAG, "The last lines of the log, newest first")))
        .api_route("/api/logs/export", get_with(export, op("export_logs", TAG, "The log as a text file")))
        .api_route(
            "/api/logs/diagnostics",
            get_with(diagnostics, op("get_diagnostics", TAG, "The machine and the program")),
        )
}

#[allow(clippy::unused_async)]
async fn list(State(api): State<Api>, Query(asked): Query<LogQuery>) -> Result<Json<LogPage>, ApiError> {
    let limit = asked.limit.unwrap_or(500);
    let Some(limit) = usize::try_from(limit).ok().filter(|limit| (1..=CAPACITY).contains(limit)) else {
        return Err(ApiError::field(
            &["query", "limit"],
            "value_error",
            format!("it is a number from 1 to {CAPACITY}"),
            limit,
        ));
    };
    let offset = asked.offset.unwrap_or(0);
    let Ok(offset) = usize::try_from(offset) else {
        return Err(ApiError::field(&["query", "offset"], "greater_than_equal", "it is zero or more", offset));
    };
    let level = asked.level.filter(|level| !level.is_empty()).map(|level| level.to_ascii_uppercase());
    let (items, total) =
        api.logs.lines(level.as_deref(), asked.logger_name.as_deref().unwrap_or_default(), limit, offset);
    Ok(Json(LogPage { items, total: int(total as u64) }))
}

#[allow(clippy::unused_async)]
async fn export(State(api): State<Api>) -> Result<TextFile, ApiError> {
    let (mut lines, _) = api.logs.lines(None, "", CAPACITY, 0);
    lines.reverse();
    let mut text = String::new();
    for line in lines {
        // Writing into a text cannot fail.
        let _ = writeln!(text, "{} {:<8} {}: {}", line.timestamp.text(), line.level, line.logger, line.message);
    }
    let now = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S");
    Ok(TextFile { name: format!("mediaflow-logs-{now}.txt"), text })
}

async fn diagnostics(State(api): State<Api>) -> Result<Json<Diagnostics>, ApiError> {
    api.blocking(|api| {
        let shown = |path: &Path| path.to_string_lossy().into_owned();
        let (cache_files, cache_size_bytes) = count(&api.about.work);
        let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let ffmpeg = match api.service.tools() {
            ToolsState::Found(tools) => DiagTools {
                path: shown(&tools.ffmpeg),
                version: tools.version.clone(),
                has_vmaf: tools.metric == Metric::Vmaf,
            },
            ToolsState::Looking => {
                DiagTools { path: String::new(), version: "being looked for".to_owned(), has_vmaf: false }
            }
            ToolsState::Missing(reason) => DiagTools { path: String::new(), version: reason, has_vmaf: false },
        };
        Ok(Json(Diagnostics {
            system: DiagSystem {
                platform: std::env::consts::OS.to_owned(),
                python_version: String::new(),
                architecture: std::env::consts::ARCH.to_owned(),
                hostname: hostname.trim().to_owned(),
            },
            app: DiagApp {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                pid: i64::from(std::process::id()),
                uptime_seconds: Some(api.about.started.elapsed().as_secs_f64()),
                db_size_bytes: std::fs::metadata(&api.about.database).map_or(0, |metadata| int(metadata.len())),
                cache_dir: shown(&api.about.work),
                cache_size_bytes,
                cache_files,
                log_buffer_size: int(api.logs.len() as u64),
                log_buffer_capacity: int(CAPACITY as u64),
                data_dir: shown(&api.about.data_dir),
            },
            ffmpeg,
        }))
    })
    .await
}

/// Files below a folder of ours, and their size in bytes.
fn count(folder: &Path) -> (i64, i64) {
    let (mut files, mut bytes) = (0, 0);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => {
                let (below, size) = count(&entry.path());
                files += below;
                bytes += size;
            }
            Ok(metadata) => {
                files += 1;
                bytes += int(metadata.len());
            }
            Err(_) => {}
        }
    }
    (files, bytes)
}
