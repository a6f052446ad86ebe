//! Workers: their secrets, their keys, their life, and the jobs that they have.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use mediaflow_core::event::{Change, Event};
use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_core::schedule::TransferMode;
use mediaflow_core::time::Timestamp;
use mediaflow_core::worker::{EncoderSpeed, PathMapping, WorkerStatus};
use mediaflow_store::{
    BenchmarkResult, BenchmarkStatus, Outcome, STORAGE_ROLE, SecretKey, Store, StoreError, WorkerForm, WorkerLoad,
    WorkerLogin, WorkerSecret,
};

use crate::fixture::{Fixture, clock};
use crate::records::outcome;

fn attic() -> WorkerForm {
    WorkerForm {
        name: "attic".to_owned(),
        login: WorkerLogin {
            address: "attic.example".to_owned(),
            username: Some("me".to_owned()),
            ..WorkerLogin::default()
        },
        work_dir: "/var/tmp/mediaflow".to_owned(),
        slots: Some(2),
        path_mappings: vec![PathMapping { source_prefix: "/media".to_owned(), target_prefix: "/mnt".to_owned() }],
        ..WorkerForm::default()
    }
}

impl Fixture {
    fn worker(&self, form: &WorkerForm) -> i64 {
        self.store.write(|tx| tx.worker_create(form)).unwrap()
    }

    fn events_since(&self, seq: i64) -> Vec<Event> {
        self.store.read(|r| r.events_after(seq, 100)).unwrap().into_iter().map(|logged| logged.event).collect()
    }
}

#[test]
fn this_machine_is_a_worker_from_the_beginning_and_stays_one() {
    let fixture = Fixture::new();
    let here = fixture.store.read(|r| r.local_worker()).unwrap();
    assert_eq!((here.name(), here.status, here.form.slots), ("This machine", WorkerStatus::Online, None));
    assert!(here.may_work(Timestamp(0)));
    let refused = fixture.store.write(|tx| tx.worker_delete(here.id)).unwrap_err();
    assert!(matches!(refused, StoreError::LocalWorker), "{refused}");
}

#[test]
fn a_worker_is_kept_as_the_user_says_and_its_name_is_its_own() {
    let fixture = Fixture::new();
    let seq = fixture.store.read(|r| r.last_event()).unwrap();
    let id = fixture.worker(&attic());
    let kept = fixture.store.read(|r| r.worker(id)).unwrap();
    assert_eq!((kept.form, kept.status, kept.is_local), (attic(), WorkerStatus::Pending, false));
    let again = fixture.store.write(|tx| tx.worker_create(&WorkerForm { name: "ATTIC".to_owned(), ..attic() }));
    assert!(matches!(again, Err(StoreError::Taken { .. })), "{again:?}");
    fixture.store.write(|tx| tx.worker_delete(id)).unwrap();
    let change = |change| Event::WorkerChanged { worker_id: id, name: "attic".to_owned(), change };
    assert_eq!(fixture.events_since(seq), [change(Change::Created), change(Change::Deleted)]);
    assert!(fixture.worker(&attic()) > id, "an id came back");
}

#[test]
fn another_address_is_another_machine_whose_host_key_is_not_known() {
    let fixture = Fixture::new();
    let id = fixture.worker(&attic());
    fixture.store.write(|tx| tx.worker_host_key_put(id, "ssh-ed25519 AAAA", None)).unwrap();
    let renamed = WorkerForm { name: "loft".to_owned(), ..attic() };
    fixture.store.write(|tx| tx.worker_update(id, &renamed)).unwrap();
    let key = || fixture.store.read(|r| r.worker(id)).unwrap().host_key;
    assert_eq!(key().as_deref(), Some("ssh-ed25519 AAAA"));
    let login = WorkerLogin { address: "elsewhere.example".to_owned(), ..renamed.login.clone() };
    fixture.store.write(|tx| tx.worker_update(id, &WorkerForm { login, ..renamed.clone() })).unwrap();
    assert_eq!(key(), None);
}

#[test]
fn secrets_are_sealed_with_a_key_that_is_not_in_the_database() {
    let fixture = Fixture::new();
    let (one, other) = (fixture.worker(&attic()), fixture.worker(&WorkerForm { name: "loft".to_owned(), ..attic() }));
    let vault = fixture.store.vault();
    let secret = |id| fixture.store.read(|r| r.worker_secret(&vault, id, WorkerSecret::Password));
    assert_eq!(secret(one).unwrap(), None);
    for id in [one, other] {
        fixture.store.write(|tx| tx.worker_secret_put(&vault, id, WorkerSecret::Password, "hush, hush")).unwrap();
    }
    assert_eq!(secret(one).unwrap().as_deref(), Some("hush, hush"));
    assert_eq!(fixture.store.read(|r| r.worker(one)).unwrap().secrets, [WorkerSecret::Password]);
    let key = fixture.path().with_file_name("secret.key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);

    let connection = rusqlite::Connection::open(fixture.path()).unwrap();
    let sealed: Vec<Vec<u8>> = connection
        .prepare("SELECT sealed FROM secrets ORDER BY name")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(sealed[0] != sealed[1] && sealed.iter().all(|sealed| !sealed.windows(4).any(|part| part == b"hush")));
    // A row in another one's place is not taken for it.
    connection.execute("UPDATE secrets SET sealed = ?1", [&sealed[0]]).unwrap();
    assert!(matches!(secret(other), Err(StoreError::SecretLost { .. })));

    fixture.store.write(|tx| tx.worker_secret_forget(one, WorkerSecret::Password)).unwrap();
    assert_eq!(secret(one).unwrap(), None);
    fixture.store.write(|tx| tx.worker_delete(other)).unwrap();
    let left: i64 = connection.query_row("SELECT count(*) FROM secrets", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0, "secrets of a worker that is gone");
}

#[test]
fn with_a_lost_foreign_or_damaged_key_it_is_said_what_to_enter_again() {
    let fixture = Fixture::new();
    let id = fixture.worker(&attic());
    let (vault, key) = (fixture.store.vault(), fixture.path().with_file_name("secret.key"));
    let put = || fixture.store.write(|tx| tx.worker_secret_put(&vault, id, WorkerSecret::Passphrase, "hush"));
    let message = || {
        let error = fixture.store.read(|r| r.worker_secret(&vault, id, WorkerSecret::Passphrase)).unwrap_err();
        error.to_string()
    };
    put().unwrap();
    fs::remove_file(&key).unwrap();
    assert!(message().contains("Enter the passphrase of attic again"), "{}", message());
    assert!(!key.exists(), "looking made a key");
    fs::write(&key, "07".repeat(32)).unwrap();
    assert!(message().contains("Enter the passphrase of attic again"), "{}", message());
    put().unwrap();
    assert_eq!(
        fixture.store.read(|r| r.worker_secret(&vault, id, WorkerSecret::Passphrase)).unwrap().as_deref(),
        Some("hush")
    );
    fs::write(&key, b"short").unwrap();
    assert!(message().contains("it is not 64 hexadecimal digits"), "{}", message());
    let refused = put().unwrap_err().to_string();
    assert!(refused.contains("secret.key"), "{refused}");
}

#[test]
fn a_key_of_the_users_own_is_used_and_none_is_made() {
    let fixture = Fixture::new();
    let with = |words| Store::open_with(&fixture.path(), clock(), SecretKey::given(words)).unwrap();
    let read = |store: &Store, id| store.read(|r| r.worker_secret(&store.vault(), id, WorkerSecret::Password));
    let id = fixture.worker(&attic());
    let store = with("sixteen characters and more");
    store.write(|tx| tx.worker_secret_put(&store.vault(), id, WorkerSecret::Password, "hush")).unwrap();
    assert_eq!(read(&with("sixteen characters and more"), id).unwrap().as_deref(), Some("hush"));
    let refused = read(&with("other characters altogether"), id).unwrap_err().to_string();
    assert!(refused.contains("SECRET_KEY") && !refused.contains("characters"), "{refused}");
    assert!(!fixture.path().with_file_name("secret.key").exists());
}

#[test]
fn a_worker_comes_and_goes_with_its_events() {
    let fixture = Fixture::new();
    let id = fixture.worker(&attic());
    let seq = fixture.store.read(|r| r.last_event()).unwrap();
    let stands = |status, reason| fixture.store.write(|tx| tx.worker_stands(id, status, reason)).unwrap();
    stands(WorkerStatus::Online, None);
    stands(WorkerStatus::Online, None);
    stands(WorkerStatus::Offline, Some("no answer"));
    let name = || "attic".to_owned();
    let status = |status, reason: Option<&str>| Event::WorkerStatusChanged {
        worker_id: id,
        status,
        reason: reason.map(ToOwned::to_owned),
    };
    let wanted = [
        status(WorkerStatus::Online, None),
        Event::WorkerOnline { worker_id: id, name: name() },
        status(WorkerStatus::Offline, Some("no answer")),
        Event::WorkerOffline { worker_id: id, name: name(), reason: "no answer".to_owned() },
    ];
    assert_eq!(fixture.events_since(seq), wanted);
}

#[test]
fn a_worker_that_is_set_aside_gets_nothing_until_its_time_or_until_it_is_switched_on() {
    let fixture = Fixture::new();
    let id = fixture.worker(&attic());
    fixture.store.write(|tx| tx.worker_stands(id, WorkerStatus::Online, None)).unwrap();
    assert_eq!(fixture.store.write(|tx| tx.worker_failed(id)).unwrap(), 1);
    assert_eq!(fixture.store.write(|tx| tx.worker_failed(id)).unwrap(), 2);
    let until = Timestamp(1_000_000).plus_seconds(300);
    fixture.store.write(|tx| tx.worker_set_aside(id, until, "two jobs failed")).unwrap();
    let worker = || fixture.store.read(|r| r.worker(id)).unwrap();
    assert_eq!((worker().set_aside_level, worker().may_work(Timestamp(until.0 - 1))), (1, false));
    assert!(worker().may_work(until));
    let told = fixture.store.read(|r| r.events_newest(1)).unwrap().remove(0).event;
    let wanted = Event::WorkerSetAside {
        worker_id: id,
        name: "attic".to_owned(),
        consecutive_failures: 2,
        reason: "two jobs failed".to_owned(),
        minutes: 5,
    };
    assert_eq!(told, wanted);
    fixture.store.write(|tx| tx.worker_enable(id, true)).unwrap();
    assert!(worker().may_work(Timestamp(0)) && worker().consecutive_failures == 0);
    fixture.store.write(|tx| tx.worker_enable(id, false)).unwrap();
    assert!(!worker().may_work(Timestamp(0)));
}

#[test]
fn jobs_say_who_has_them_and_who_is_to_have_them() {
    let fixture = Fixture::new();
    let id = fixture.worker(&attic());
    let jobs: Vec<i64> = ["a", "b", "c"].iter().map(|name| fixture.queue(&fixture.file(name), name).unwrap()).collect();
    fixture.store.write(|tx| tx.jobs_prefer(&jobs[1..], id)).unwrap();
    fixture.store.write(|tx| tx.job_assign(jobs[0], id, TransferMode::Push, "nobody else is free")).unwrap();
    fixture.step(jobs[0], JobStatus::Transcoding).unwrap();
    let loads = || fixture.store.read(|r| r.worker_loads()).unwrap();
    assert_eq!(loads(), [WorkerLoad { worker_id: id, active: 1, queued: 2 }]);
    let view = fixture.store.read(|r| r.job_view(jobs[0])).unwrap();
    assert_eq!((view.job.worker_id, view.job.transfer_mode), (Some(id), Some(TransferMode::Push)));
    assert_eq!(view.job.worker_reason.as_deref(), Some("nobody else is free"));
    assert_eq!(view.worker_name.as_deref(), Some("attic"));

    let busy = fixture.store.write(|tx| tx.worker_delete(id)).unwrap_err();
    assert!(busy.to_string().starts_with("attic works on 1 job now: cancel it"), "{busy}");
    fixture.store.write(|tx| tx.job_unassign(jobs[0])).unwrap();
    fixture.store.write(|tx| tx.worker_delete(id)).unwrap();
    let waiting = fixture.store.read(|r| r.job(jobs[1])).unwrap();
    assert_eq!((waiting.status, waiting.preferred_worker_id), (JobStatus::Queued, None));
    assert!(matches!(fixture.store.write(|tx| tx.jobs_prefer(&jobs, id)), Err(StoreError::NotFound { .. })));
}

#[test]
fn a_worker_is_as_fast_as_its_last_jobs_were_with_that_encoder_and_such_sources() {
    let fixture = Fixture::new();
    let (one, other) = (fixture.worker(&attic()), fixture.worker(&WorkerForm { name: "loft".to_owned(), ..attic() }));
    let job = fixture.queue(&fixture.file("a"), "a").unwrap();
    let note = |worker, encoder: &str, tier: &str, average_fps| {
        let outcome = Outcome {
            encoder: Some(encoder.to_owned()),
            source_resolution: Some(tier.to_owned()),
            average_fps,
            ..outcome(job, Ending::Replaced)
        };
        fixture
            .store
            .write(|tx| {
                tx.job_assign(job, worker, TransferMode::Push, "because")?;
                tx.outcome_put(&outcome)
            })
            .unwrap();
    };
    note(one, "libx265", "1080p", Some(900.0));
    for _ in 0..50 {
        note(one, "libx265", "1080p", Some(20.0));
    }
    note(one, "libx265", "4K", Some(5.0));
    note(one, "hevc_nvenc", "1080p", Some(200.0));
    note(one, "hevc_nvenc", "1080p", None);
    note(other, "libx265", "1080p", Some(80.0));
    let speed = |worker, encoder, tier| {
        let speed = fixture.store.read(|r| r.worker_speed(worker, encoder, tier)).unwrap();
        speed.map(|speed| (speed.frames_per_second, speed.jobs))
    };
    assert_eq!(speed(one, Some("libx265"), Some("1080p")), Some((20.0, 50)));
    assert_eq!(speed(one, Some("hevc_nvenc"), None), Some((200.0, 1)));
    assert_eq!(speed(other, None, None), Some((80.0, 1)));
    assert_eq!(speed(other, Some("libsvtav1"), None), None);
}

#[test]
fn twenty_measurements_are_kept_and_the_last_one_counts() {
    let fixture = Fixture::new();
    let id = fixture.worker(&attic());
    let result = BenchmarkResult {
        upload_bps: Some(400_000_000),
        download_bps: Some(800_000_000),
        latency_us: Some(1500),
        test_bytes: 200_000_000,
        encoders: vec![EncoderSpeed { encoder: "libx265".to_owned(), frames_per_second: 31.5 }],
        performance_score: 96.2,
    };
    for _ in 0..22 {
        fixture.store.write(|tx| tx.benchmark_complete(tx.benchmark_start(id, 200_000_000)?, &result)).unwrap();
    }
    fixture.store.write(|tx| tx.benchmark_start(id, 200_000_000)).unwrap();
    fixture.store.write(|tx| tx.benchmarks_abandon()).unwrap();
    let (kept, latest, worker) =
        fixture.store.read(|r| Ok((r.benchmarks(id)?, r.benchmark_latest(id)?, r.worker(id)?))).unwrap();
    assert_eq!((kept.len(), kept[0].status, kept[1].status), (20, BenchmarkStatus::Failed, BenchmarkStatus::Completed));
    assert!(kept[0].error.as_ref().is_some_and(|error| error.contains("was stopped")));
    assert_eq!(latest.map(|latest| latest.encoders), Some(result.encoders));
    assert_eq!((worker.performance_score, worker.last_benchmark_at), (Some(96.2), Some(Timestamp(1_000_000))));
}

#[test]
fn a_worker_with_libraries_is_kept_and_the_same_folder_of_two_machines_is_two_storages() {
    let fixture = Fixture::new();
    let nas = fixture.worker(&attic());
    let root = std::path::Path::new("/films");
    let (here, there) = fixture
        .store
        .write(|tx| Ok((tx.storage_put(root, false, &"none", None)?, tx.storage_put_there(nas, root, false, &"none")?)))
        .unwrap();
    assert_eq!((here.worker_id, there.worker_id), (None, Some(nas)));
    let again = fixture.store.write(|tx| tx.storage_put_there(nas, root, false, &"link")).unwrap();
    assert_eq!(again, there);
    let library = fixture.store.write(|tx| tx.folder_put(&there, None, "Films", "movie")).unwrap();
    let overview = fixture.store.read(|r| r.library_overview(library.id)).unwrap();
    let host = overview.host.clone().unwrap();
    assert_eq!((host.worker_id, &*host.name, host.is_online), (nas, "attic", false));
    assert!(!overview.is_available());
    let refused = fixture.store.write(|tx| tx.worker_delete(nas)).unwrap_err();
    assert!(refused.to_string().contains("attic has 1 library on it"), "{refused}");
    fixture.store.write(|tx| tx.library_delete(library.id)).unwrap();
    fixture.store.write(|tx| tx.worker_delete(nas)).unwrap();
}

#[test]
fn a_machine_that_only_has_libraries_gets_no_jobs() {
    let fixture = Fixture::new();
    let nas = fixture.worker(&WorkerForm { role: STORAGE_ROLE.to_owned(), ..attic() });
    fixture.store.write(|tx| tx.worker_stands(nas, WorkerStatus::Online, None)).unwrap();
    assert!(!fixture.store.read(|r| r.worker(nas)).unwrap().may_work(Timestamp(0)));
}
