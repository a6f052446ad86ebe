//! Workers in the contract's words.

use mediaflow_engine::service::Server;
use mediaflow_store::{Benchmark, WorkerSecret};
use mediaflow_transport::ssh::HostKey;
use mediaflow_transport::vitals::Metrics;

use crate::wire::servers::{
    BenchmarkResponse, EncoderSpeed, ServerPickerItem, ServerStatusResponse, WorkerCapabilities, WorkerServerResponse,
};
use crate::wire::{exact_gibibytes, gibibytes, int};

const SSH_PORT: u16 = 22;

#[allow(clippy::cast_precision_loss)]
fn megabits(bps: u64) -> f64 {
    (bps as f64 / 100_000.0).round() / 10.0
}

#[allow(clippy::cast_precision_loss)]
fn milliseconds(us: u64) -> f64 {
    (us as f64 / 10.0).round() / 100.0
}

/// A server.
pub fn shown(server: Server) -> WorkerServerResponse {
    let Server { worker, load, slots, work_dir, benchmark, .. } = server;
    let is = WorkerCapabilities::from(&worker.capabilities);
    let has = |which| worker.secrets.contains(&which);
    let fingerprint =
        worker.host_key.as_deref().and_then(|line| line.parse().ok()).map(|key: HostKey| key.fingerprint());
    WorkerServerResponse {
        has_password: has(WorkerSecret::Password),
        has_private_key: has(WorkerSecret::PrivateKey),
        has_passphrase: has(WorkerSecret::Passphrase),
        id: worker.id,
        name: worker.form.name,
        hostname: worker.form.login.address,
        port: i64::from(worker.form.login.port.unwrap_or(SSH_PORT)),
        ssh_username: worker.form.login.username,
        role: worker.form.role,
        gpu_model: is.gpu_model,
        cpu_model: is.cpu_model,
        cpu_cores: is.cpu_cores,
        ram_gb: is.ram_gb,
        // Whoever has an ffmpeg that is known was tried.
        hw_accel_types: is.ffmpeg_version.is_some().then_some(is.hw_accel_types),
        max_concurrent_jobs: i64::from(slots),
        status: worker.status.name().to_owned(),
        last_heartbeat_at: worker.last_seen_at.map(Into::into),
        hourly_cost: worker.form.hourly_cost,
        is_local: worker.is_local,
        is_enabled: worker.is_enabled,
        working_directory: work_dir,
        path_mappings: Some(worker.form.path_mappings.into_iter().map(Into::into).collect()),
        active_jobs: int(load.active),
        performance_score: worker.performance_score,
        last_benchmark_at: worker.last_benchmark_at.map(Into::into),
        cloud_provider: worker.cloud.provider,
        cloud_instance_id: worker.cloud.instance_id,
        cloud_plan: worker.cloud.plan,
        cloud_region: worker.cloud.region,
        cloud_created_at: worker.cloud.created_at.map(Into::into),
        cloud_auto_teardown: worker.cloud.auto_teardown,
        cloud_idle_minutes: i64::from(worker.cloud.idle_minutes),
        cloud_status: worker.cloud.status,
        cloud_idle_since: worker.cloud.idle_since_at.map(Into::into),
        status_reason: worker.status_reason,
        problem: worker.problem,
        queued_jobs: int(load.queued),
        consecutive_failures: i64::from(worker.consecutive_failures),
        set_aside_until: worker.set_aside_until_at.map(Into::into),
        ssh_key_path: worker.form.login.key_path,
        use_agent: worker.form.login.uses_agent,
        jump_host: worker.form.login.via,
        host_key_fingerprint: fingerprint,
        os: is.os,
        arch: is.arch,
        ffmpeg_version: is.ffmpeg_version,
        upload_mbps: worker.upload_bps.map(megabits),
        download_mbps: worker.download_bps.map(megabits),
        latency_ms: benchmark.as_ref().and_then(|benchmark| benchmark.latency_us).map(milliseconds),
        created_at: worker.created_at.into(),
    }
}

/// A server among which one is chosen.
pub fn picked(server: Server) -> ServerPickerItem {
    ServerPickerItem {
        id: server.worker.id,
        status: server.worker.status.name().to_owned(),
        performance_score: server.worker.performance_score,
        active_jobs: int(server.load.active),
        queued_jobs: int(server.load.queued),
        max_concurrent_jobs: i64::from(server.slots),
        upload_mbps: server.worker.upload_bps.map(megabits),
        download_mbps: server.worker.download_bps.map(megabits),
        is_local: server.worker.is_local,
        cpu_model: server.worker.capabilities.cpu_model,
        gpu_model: server.worker.capabilities.gpu_model,
        name: server.worker.form.name,
    }
}

/// How a server stands and feels.
pub fn status_of(server: Server, metrics: Metrics) -> ServerStatusResponse {
    let gpu = metrics.main_gpu();
    #[allow(clippy::cast_possible_truncation)] // 0 to 100
    let fan_speed = gpu.and_then(|gpu| gpu.fan_percent).map(|percent| percent.round() as i64);
    ServerStatusResponse {
        id: server.worker.id,
        status: server.worker.status.name().to_owned(),
        cpu_percent: metrics.cpu_percent,
        gpu_percent: gpu.and_then(|gpu| gpu.percent),
        ram_used_gb: metrics.ram_used_bytes.map(gibibytes),
        ram_total_gb: metrics.ram_total_bytes.map(gibibytes),
        gpu_temp: gpu.and_then(|gpu| gpu.temperature_c),
        fan_speed,
        active_jobs: int(server.load.active),
        queued_jobs: int(server.load.queued),
        uptime_percent: server.uptime.map(|part| (part * 1000.0).round() / 10.0),
        upload_mbps: server.worker.upload_bps.map(megabits),
        download_mbps: server.worker.download_bps.map(megabits),
        performance_score: server.worker.performance_score,
        status_reason: server.worker.status_reason,
        cpu_temp: metrics.temperature_c,
        load_average: metrics.load_1m,
        disk_free_gb: metrics.disk_free_bytes.map(exact_gibibytes),
        disk_total_gb: metrics.disk_total_bytes.map(exact_gibibytes),
        name: server.worker.form.name,
    }
}

/// One measurement.
pub fn benchmark(benchmark: Benchmark) -> BenchmarkResponse {
    let encoders = benchmark.encoders.into_iter();
    BenchmarkResponse {
        id: benchmark.id,
        worker_server_id: benchmark.worker_id,
        upload_mbps: benchmark.upload_bps.map(megabits),
        download_mbps: benchmark.download_bps.map(megabits),
        latency_ms: benchmark.latency_us.map(milliseconds),
        test_file_size_bytes: int(benchmark.test_bytes),
        status: benchmark.status.name().to_owned(),
        error_message: benchmark.error,
        started_at: Some(benchmark.started_at.into()),
        completed_at: benchmark.ended_at.map(Into::into),
        created_at: Some(benchmark.started_at.into()),
        performance_score: benchmark.performance_score,
        encoders: encoders.map(|of| EncoderSpeed { encoder: of.encoder, fps: of.frames_per_second }).collect(),
    }
}
