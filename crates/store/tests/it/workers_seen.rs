//! What workers were seen to do: how fast files go there, for how much of the time they answer; and the queue as the choice
//! of a worker goes through it.

use std::time::Duration;

use mediaflow_core::schedule::Passage;
use mediaflow_core::worker::WorkerStatus;
use mediaflow_store::{BenchmarkResult, JobsAlike, WorkerForm, WorkerLogin};

use crate::fixture::Fixture;

const HOUR_US: i64 = 3_600_000_000;

fn attic() -> WorkerForm {
    WorkerForm {
        name: "attic".to_owned(),
        login: WorkerLogin { address: "attic.example".to_owned(), ..WorkerLogin::default() },
        ..WorkerForm::default()
    }
}

#[test]
fn a_line_is_learned_of_transfers_and_benchmarks_and_forgotten_with_the_address() {
    let fixture = Fixture::new();
    let id = fixture.store.write(|tx| tx.worker_create(&attic())).unwrap();
    let rates = || fixture.store.read(|r| r.worker(id).map(|worker| (worker.upload_bps, worker.download_bps))).unwrap();
    let passage = Passage { bytes: 100_000_000, took: Duration::from_secs(8) };
    fixture.store.write(|tx| tx.worker_sent(id, passage)).unwrap();
    assert_eq!(rates(), (Some(100_000_000), None));
    let measured = BenchmarkResult {
        upload_bps: Some(200_000_000),
        download_bps: Some(400_000_000),
        test_bytes: 100_000_000,
        ..BenchmarkResult::default()
    };
    fixture.store.write(|tx| tx.benchmark_complete(tx.benchmark_start(id, 100_000_000)?, &measured)).unwrap();
    assert_eq!(rates(), (Some(200_000_000), Some(400_000_000)), "what was just measured is believed");
    let entry = fixture.store.read(|r| r.roster()).unwrap().into_iter().find(|entry| entry.id == id).unwrap();
    assert_eq!((entry.upload_bps, entry.download_bps), rates());
    let login = WorkerLogin { address: "elsewhere.example".to_owned(), ..attic().login };
    fixture.store.write(|tx| tx.worker_update(id, &WorkerForm { login, ..attic() })).unwrap();
    assert_eq!(rates(), (None, None));
}

#[test]
fn uptime_is_of_the_last_week_and_counts_no_time_in_which_nobody_wanted_the_worker() {
    let fixture = Fixture::new();
    let begin = 1_000_000;
    let at = |hour: i64| fixture.clock.set(begin + hour * HOUR_US);
    let id = fixture.store.write(|tx| tx.worker_create(&attic())).unwrap();
    let uptime = |hour: i64| {
        let now = mediaflow_core::time::Timestamp(begin + hour * HOUR_US);
        fixture.store.read(|r| r.worker_uptime(&r.worker(id)?, now)).unwrap()
    };
    let stands = |status| fixture.store.write(|tx| tx.worker_stands(id, status, Some("because"))).unwrap();
    assert_eq!(uptime(1), None, "nobody has reached it yet");
    fixture.store.write(|tx| tx.worker_seen(id)).unwrap();
    stands(WorkerStatus::Online);
    assert_eq!(uptime(10), Some(1.0));
    at(10);
    stands(WorkerStatus::Offline);
    stands(WorkerStatus::Offline);
    assert_eq!(uptime(20), Some(0.5), "it goes on");
    at(20);
    stands(WorkerStatus::Online);
    assert_eq!(uptime(40), Some(0.75));
    at(40);
    stands(WorkerStatus::Offline);
    fixture.store.write(|tx| tx.worker_enable(id, false)).unwrap();
    assert_eq!(uptime(100), Some(0.9), "it was switched off meanwhile");
    assert_eq!(uptime(168 + 20), Some(1.0), "what was a week ago is forgotten");
}

#[test]
fn a_job_says_by_name_which_worker_was_asked_for() {
    let fixture = Fixture::new();
    let id = fixture.store.write(|tx| tx.worker_create(&attic())).unwrap();
    let job = fixture.queue(&fixture.file("a"), "a").unwrap();
    let name = || fixture.store.read(|r| r.job_view(job)).unwrap().preferred_worker_name;
    assert_eq!(name(), None);
    fixture.store.write(|tx| tx.jobs_prefer(&[job], id)).unwrap();
    assert_eq!(name().as_deref(), Some("attic"));
}

#[test]
fn the_queue_is_read_kind_by_kind_in_the_order_of_turns() {
    let fixture = Fixture::new();
    let attic_id = fixture.store.write(|tx| tx.worker_create(&attic())).unwrap();
    let loft = WorkerForm { name: "loft".to_owned(), ..attic() };
    let loft_id = fixture.store.write(|tx| tx.worker_create(&loft)).unwrap();
    let names = ["a", "b", "c", "d", "e"];
    let jobs: Vec<i64> = names.iter().map(|name| fixture.queue(&fixture.file(name), name).unwrap()).collect();
    fixture.store.write(|tx| tx.jobs_prefer(&[jobs[0], jobs[3]], loft_id)).unwrap();
    fixture.store.write(|tx| tx.jobs_prefer(&[jobs[1]], attic_id)).unwrap();
    fixture.store.write(|tx| tx.job_move(jobs[4], Some(jobs[2]))).unwrap();
    let kinds = fixture.store.read(|r| r.jobs_alike()).unwrap();
    let asked: Vec<Option<i64>> = kinds.iter().map(|kind| kind.preferred_worker_id).collect();
    assert_eq!(asked, [None, Some(attic_id), Some(loft_id)]);
    let page = |kind: JobsAlike, limit, offset| -> Vec<i64> {
        let page = fixture.store.read(|r| r.jobs_of_kind(kind, limit, offset)).unwrap();
        page.into_iter().map(|job| job.id).collect()
    };
    assert_eq!(page(kinds[0], 10, 0), [jobs[4], jobs[2]]);
    assert_eq!((page(kinds[2], 1, 0), page(kinds[2], 10, 1)), (vec![jobs[0]], vec![jobs[3]]));
}
