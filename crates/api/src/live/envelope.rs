//! Events of the engine in the contract's words.

use mediaflow_core::event::Event;
use mediaflow_core::job::JobStatus;
use mediaflow_core::time::Timestamp;
use mediaflow_engine::service::{JobProgress, Live, ScanProgress};
use mediaflow_store::LoggedEvent;
use serde_json::{Value, json};

use crate::wire::events::Envelope;
use crate::wire::{Time, int};

/// Anything that is told live. `now` is for what has no instant of its own.
#[must_use]
pub fn of_live(live: &Live, now: Timestamp) -> Envelope {
    let shown = |event: &str, data| Envelope { event: event.to_owned(), timestamp: Time(now), seq: None, data };
    match live {
        Live::Recorded(event) => logged(event),
        Live::Progress(progress) => shown("job.progress", job_progress(progress)),
        Live::Log { job_id, message } => shown("job.log", json!({ "job_id": job_id, "message": message })),
        Live::Scan(progress) => shown("scan.progress", scan_progress(progress)),
        Live::Fleet(news) => {
            let (event, data) = super::fleet::told(news);
            shown(event, data)
        }
    }
}

/// An event of record.
#[must_use]
pub fn logged(logged: &LoggedEvent) -> Envelope {
    let (event, data) = named(&logged.event);
    Envelope { event, timestamp: Time(logged.at), seq: Some(logged.seq), data }
}

/// The contract's numbers are never null: what is not known yet is zero.
fn job_progress(progress: &JobProgress) -> Value {
    json!({
        "job_id": progress.job_id,
        "progress": (progress.share * 1000.0).round() / 10.0,
        "fps": progress.fps.unwrap_or(0.0),
        "eta_seconds": progress.eta_s.unwrap_or(0),
        "frame": progress.frame.unwrap_or(0),
        "stage": progress.stage.name(),
        "stage_progress": (progress.stage_share * 1000.0).round() / 10.0,
        "speed": progress.speed,
    })
}

fn scan_progress(progress: &ScanProgress) -> Value {
    json!({
        "library_id": progress.library_id,
        "seen": progress.seen,
        "probed": progress.probed,
        "to_probe": progress.to_probe,
        "done": progress.done,
    })
}

/// Name and data on the wire. Where the contract has an event, its fields come first and keep their meaning.
fn named(event: &Event) -> (String, Value) {
    let with = |name: &str, data| (name.to_owned(), data);
    match event {
        Event::SyncCompleted { source_id, library_id, server_name, items, seen, probed } => with(
            "sync.completed",
            json!({
                "server_name": server_name,
                "items_synced": items,
                "server_id": source_id,
                "library_id": library_id,
                "seen": seen,
                "probed": probed,
            }),
        ),
        Event::AnalysisCompleted { run_id, library_id, recommendations, savings_bytes } => {
            let mut data = json!({
                "run_id": run_id,
                "recommendations_generated": recommendations,
                "total_estimated_savings": savings_bytes,
            });
            if let (Some(library_id), Some(fields)) = (library_id, data.as_object_mut()) {
                fields.insert("library_id".to_owned(), json!(library_id));
            }
            with("analysis.completed", data)
        }
        Event::JobEnded { job_id, ending, reason, output_bytes, duration_us } => {
            let ending_name = ending.name();
            match ending.status() {
                JobStatus::Completed => {
                    #[allow(clippy::cast_precision_loss)]
                    let seconds = duration_us.unwrap_or(0) as f64 / 1_000_000.0;
                    with(
                        "job.completed",
                        json!({
                            "job_id": job_id,
                            "output_size": output_bytes.map(int),
                            "duration": seconds,
                            "ending": ending_name,
                            "reason": reason,
                        }),
                    )
                }
                JobStatus::Cancelled => with(
                    "job.status_changed",
                    json!({ "job_id": job_id, "status": "cancelled", "ending": ending_name, "reason": reason }),
                ),
                _ => with("job.failed", json!({ "job_id": job_id, "error": reason, "ending": ending_name })),
            }
        }
        Event::ProvisionCompleted { worker_id, capabilities } => {
            with("provision.completed", super::fleet::provisioned(*worker_id, capabilities))
        }
        other => plain(other),
    }
}

/// Our own events: their fields as they are kept.
fn plain(event: &Event) -> (String, Value) {
    let mut data = serde_json::to_value(event).unwrap_or_default();
    let name = data.as_object_mut().and_then(|fields| fields.remove("event"));
    (name.as_ref().and_then(Value::as_str).unwrap_or("unknown").to_owned(), data)
}
