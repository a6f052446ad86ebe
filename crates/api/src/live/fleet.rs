//! What is told of workers and kept nowhere, in the contract's words.

use mediaflow_core::worker::Capabilities;
use mediaflow_engine::fleet::{FleetNews, TransferProgress};
use mediaflow_transport::vitals::Metrics;
use serde_json::{Value, json};

use crate::wire::servers::WorkerCapabilities;
use crate::wire::{exact_gibibytes, gibibytes, int};

/// Name and data of what is told.
pub(super) fn told(news: &FleetNews) -> (&'static str, Value) {
    match news {
        FleetNews::Metrics { worker_id, status, metrics } => {
            ("server.metrics", with(metrics_of(metrics), json!({ "server_id": worker_id, "status": status.name() })))
        }
        FleetNews::Benchmark { worker_id, benchmark_id, step, percent } => (
            "benchmark.progress",
            json!({ "server_id": worker_id, "benchmark_id": benchmark_id, "step": step, "progress": percent }),
        ),
        FleetNews::Provision { worker_id, step, percent, message } => (
            "provision.progress",
            json!({ "server_id": worker_id, "progress": percent, "step": step, "message": message }),
        ),
        FleetNews::Transfer { job_id, direction, progress } => (
            "job.transfer_progress",
            with(transfer(progress), json!({ "job_id": job_id, "direction": direction.name() })),
        ),
        FleetNews::PreuploadStarted { job_id } => ("job.preupload_started", json!({ "job_id": job_id })),
        FleetNews::Preupload { job_id, progress } => {
            ("job.preupload_progress", with(transfer(progress), json!({ "job_id": job_id })))
        }
        FleetNews::PreuploadCompleted { job_id } => ("job.preupload_completed", json!({ "job_id": job_id })),
    }
}

/// A worker was set up.
pub(super) fn provisioned(worker_id: i64, is: &Capabilities) -> Value {
    json!({
        "server_id": worker_id,
        "ffmpeg_version": is.ffmpeg_version.as_deref().unwrap_or_default(),
        "capabilities": WorkerCapabilities::from(is),
    })
}

fn metrics_of(metrics: &Metrics) -> Value {
    let gpu = metrics.main_gpu();
    #[allow(clippy::cast_possible_truncation)] // 0 to 100
    let fan_speed = gpu.and_then(|gpu| gpu.fan_percent).map(|percent| percent.round() as i64);
    json!({
        "cpu_percent": metrics.cpu_percent,
        "ram_used_gb": metrics.ram_used_bytes.map(gibibytes),
        "ram_total_gb": metrics.ram_total_bytes.map(gibibytes),
        "gpu_percent": gpu.and_then(|gpu| gpu.percent),
        "gpu_temp": gpu.and_then(|gpu| gpu.temperature_c),
        "fan_speed": fan_speed,
        "cpu_temp": metrics.temperature_c,
        "load_average": metrics.load_1m,
        "disk_free_gb": metrics.disk_free_bytes.map(exact_gibibytes),
        "disk_total_gb": metrics.disk_total_bytes.map(exact_gibibytes),
    })
}

fn transfer(progress: &TransferProgress) -> Value {
    #[allow(clippy::cast_precision_loss)] // for people to read
    let megabits = progress.bytes_per_second as f64 * 8.0 / 1e6;
    json!({
        "label": progress.label,
        "progress": (progress.percent() * 10.0).round() / 10.0,
        "speed": format!("{megabits:.1} Mbps"),
        "eta_seconds": progress.eta_s,
        "bytes_transferred": int(progress.moved_bytes),
        "total_bytes": int(progress.total_bytes),
    })
}

/// Two objects in one.
fn with(mut more: Value, first: Value) -> Value {
    if let (Some(fields), Value::Object(first)) = (more.as_object_mut(), first) {
        fields.extend(first);
    }
    more
}

#[cfg(test)]
mod tests {
    use mediaflow_core::worker::WorkerStatus;
    use mediaflow_engine::fleet::TransferDirection;
    use mediaflow_transport::vitals::GpuMetrics;

    use super::*;

    #[test]
    fn progress_of_a_transfer_is_told_as_existing_clients_show_it() {
        let progress = TransferProgress {
            label: "Film.mkv to attic".to_owned(),
            moved_bytes: 250_000_000,
            total_bytes: 1_000_000_000,
            bytes_per_second: 10_537_500,
            eta_s: Some(71),
        };
        let shown = json!({
            "job_id": 7, "direction": "upload", "label": "Film.mkv to attic", "progress": 25.0, "speed": "84.3 Mbps",
            "eta_seconds": 71, "bytes_transferred": 250_000_000, "total_bytes": 1_000_000_000,
        });
        let direction = TransferDirection::Upload;
        let news = FleetNews::Transfer { job_id: 7, direction, progress: progress.clone() };
        assert_eq!(told(&news), ("job.transfer_progress", shown.clone()));
        let (name, ahead) = told(&FleetNews::Preupload { job_id: 7, progress });
        let mut without_direction = shown;
        without_direction.as_object_mut().and_then(|fields| fields.remove("direction"));
        assert_eq!((name, ahead), ("job.preupload_progress", without_direction));
    }

    #[test]
    fn a_worker_is_told_of_in_the_units_of_the_contract_and_what_it_does_not_know_is_null() {
        let metrics = Metrics {
            ram_used_bytes: Some(3 << 30),
            // A small disk, of which nothing is lost.
            disk_free_bytes: Some(3 << 20),
            gpus: vec![GpuMetrics { percent: Some(40.0), fan_percent: Some(31.6), ..GpuMetrics::default() }],
            ..Metrics::default()
        };
        let (name, data) = told(&FleetNews::Metrics { worker_id: 3, status: WorkerStatus::Online, metrics });
        assert_eq!(name, "server.metrics");
        for (field, value) in [
            ("server_id", json!(3)),
            ("disk_free_gb", json!(3.0 / 1024.0)),
            ("status", json!("online")),
            ("cpu_percent", Value::Null),
            ("ram_used_gb", json!(3.0)),
            ("gpu_percent", json!(40.0)),
            ("gpu_temp", Value::Null),
            ("fan_speed", json!(32)),
        ] {
            assert_eq!(data[field], value, "{field}");
        }
    }
}
