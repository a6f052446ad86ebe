use mediaflow_core::event::Event;
use mediaflow_store::Benchmark;
use mediaflow_transport::executor::LocalExecutor;

use super::super::fixture::{Yard, wait_for};
use super::*;
use crate::run::measure::Tools;
use crate::toolchain::{ToolOptions, Toolchain};

const LITTLE: Effort = Effort { bytes: 3_000_000, limit: Duration::from_secs(10), frames: 3 };

fn measured(yard: &Yard, worker_id: i64, id: i64) -> Benchmark {
    wait_for("the measurement", || {
        let kept = yard.store().read(|r| r.benchmarks(worker_id)).unwrap();
        kept.into_iter().find(|one| one.id == id && one.status != BenchmarkStatus::Running)
    })
}

fn encoders(benchmark: &Benchmark) -> Vec<&str> {
    assert!(benchmark.encoders.iter().all(|one| one.frames_per_second > 0.0), "{benchmark:?}");
    benchmark.encoders.iter().map(|one| one.encoder.as_str()).collect()
}

#[test]
fn a_workers_line_and_its_encoders_are_measured() {
    let yard = Yard::new();
    let Some(sshd) = yard.sshd("sshd") else { return };
    yard.store().write(|tx| tx.installation_ensure(mediaflow_core::replace::Epoch(1)).map(drop)).unwrap();
    let worker_id = yard.worker("desk", &sshd);
    let early = begin(&yard.fleet, None, worker_id, LITTLE).unwrap_err();
    assert_eq!(early.to_string(), "Server must be online to benchmark");
    yard.store().write(|tx| tx.worker_stands(worker_id, WorkerStatus::Online, None)).unwrap();
    let id = begin(&yard.fleet, None, worker_id, LITTLE).unwrap();
    assert!(matches!(begin(&yard.fleet, None, worker_id, LITTLE), Err(CommandError::Conflict(_))));
    let benchmark = measured(&yard, worker_id, id);
    assert_eq!((benchmark.status, benchmark.error.as_deref()), (BenchmarkStatus::Completed, None));
    assert_eq!(benchmark.test_bytes, 3_000_000);
    assert!(benchmark.upload_bps > Some(0) && benchmark.download_bps > Some(0), "{benchmark:?}");
    assert!(benchmark.latency_us > Some(0), "{benchmark:?}");
    assert_eq!(encoders(&benchmark), ["libx264", "libx265", "libsvtav1"]);
    assert_eq!(yard.row(worker_id).performance_score, benchmark.performance_score);
    let completed =
        |event: &Event| matches!(event, Event::BenchmarkCompleted { benchmark_id, .. } if *benchmark_id == id);
    assert!(yard.events().iter().any(completed));
    let steps: Vec<_> = yard
        .news()
        .into_iter()
        .filter_map(|one| match one {
            FleetNews::Benchmark { step, percent, .. } => Some((step, percent)),
            _ => None,
        })
        .collect();
    let expected =
        [("started", 0), ("latency", 10), ("generating", 20), ("uploading", 40), ("downloading", 70), ("encoding", 85)];
    assert_eq!(steps, expected);
    let left: Vec<_> = std::fs::read_dir(yard.work_dir("desk")).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(left.len(), 1, "its own folder, and nothing of the measurement: {left:?}");
}

#[test]
fn a_line_that_is_cut_fails_the_measurement_with_the_reason() {
    let yard = Yard::new();
    let Some(sshd) = yard.sshd("sshd") else { return };
    let worker_id = yard.worker("desk", &sshd);
    yard.store().write(|tx| tx.worker_stands(worker_id, WorkerStatus::Online, None)).unwrap();
    let endless = Effort { bytes: u64::MAX >> 1, limit: Duration::from_secs(600), frames: 3 };
    let id = begin(&yard.fleet, None, worker_id, endless).unwrap();
    wait_for("the upload", || (sshd.carried() > 10_000_000).then_some(()));
    sshd.set_down(true);
    let benchmark = measured(&yard, worker_id, id);
    assert_eq!(benchmark.status, BenchmarkStatus::Failed);
    assert!(benchmark.error.as_ref().unwrap().contains("127.0.0.1"), "{benchmark:?}");
    wait_for("an empty folder", || std::fs::read_dir(yard.work_dir("desk")).unwrap().next().is_none().then_some(()));
}

#[test]
fn of_this_machine_only_the_encoders_are_measured() {
    let yard = Yard::new();
    let pair = mediaflow_testkit::tools::Tools::find();
    let given = |path: PathBuf| path.is_absolute().then_some(path);
    let data_dir = yard.dir.path().join("tools");
    let options = ToolOptions { ffmpeg: given(pair.ffmpeg), ffprobe: given(pair.ffprobe), data_dir };
    let found = match Toolchain::discover(&options, yard.fleet.stop()) {
        Ok(found) => found,
        Err(error) => return println!("skipped: {error}"),
    };
    let here = Worker::here(Tools::of(&found, 1), Arc::new(LocalExecutor::new("unused")), yard.dir.path());
    let worker_id = yard.store().read(|r| r.local_worker()).unwrap().id;
    let id = begin(&yard.fleet, Some(Arc::new(here)), worker_id, LITTLE).unwrap();
    let benchmark = measured(&yard, worker_id, id);
    assert_eq!((benchmark.error.as_deref(), benchmark.upload_bps, benchmark.test_bytes), (None, None, 0));
    assert_eq!(encoders(&benchmark), ["libx264", "libx265", "libsvtav1"]);
    assert_eq!(benchmark.performance_score, Some(NO_LINE_SCORE));
}
