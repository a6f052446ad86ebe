//! Jobs: their order, their steps, and the events that come with these.

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, FailureCause, JobStatus};
use mediaflow_core::replace::State;
use mediaflow_store::{JobEnd, JobPage, OutputMode, StoreError};

use crate::fixture::{Fixture, balanced, create_job, intent};
use crate::replacements;

const ALL: JobPage<'static> = JobPage { statuses: &[], file_id: None, limit: 100, offset: 0 };

#[test]
fn a_job_is_kept_as_it_was_queued() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    let id = fixture.queue(&file, "ab12").unwrap();
    let job = fixture.store.read(|r| r.job_by_public_id("ab12")).unwrap().unwrap();
    assert_eq!((job.id, job.status, job.mode), (id, JobStatus::Queued, OutputMode::Replace));
    assert_eq!((job.file_id, &job.path, Some(job.content)), (Some(file.id), &file.path, file.content));
    assert_eq!((job.policy, &job.settings), (balanced().settings.policy(), &balanced().settings));
    assert_eq!(job.source_bytes, 1000);
    let frozen = fixture.store.read(|r| r.job_intent(id)).unwrap().unwrap();
    assert_eq!(frozen, intent());
    assert_eq!(job.intent_hash, Some(frozen.hash()), "the hash must be that of the intent as it reads back");
}

#[test]
fn a_file_has_one_unfinished_job_and_the_refusal_names_it() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    let first = fixture.queue(&file, "1").unwrap();
    let again = fixture.store.write(|tx| match create_job(tx, &file, "2", 0) {
        Err(StoreError::AlreadyQueued { job_id }) => {
            tx.setting_put("the transaction goes on", &true)?;
            Ok(job_id)
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(again.unwrap(), first);
    assert_eq!(fixture.store.read(|r| r.setting("the transaction goes on")).unwrap(), Some(true));

    fixture.step(first, JobStatus::Transcoding).unwrap();
    fixture.end(first, Ending::Failed).unwrap();
    let second = fixture.queue(&file, "2").unwrap();
    let retry = fixture.step(first, JobStatus::Queued);
    assert!(matches!(retry, Err(StoreError::AlreadyQueued { job_id }) if job_id == second), "{retry:?}");
    fixture.end(second, Ending::Cancelled).unwrap();
    fixture.step(first, JobStatus::Queued).unwrap();
    let job = fixture.store.read(|r| r.job(first)).unwrap();
    assert_eq!((job.ending, job.reason, job.output_bytes, job.ended_at), (None, None, None, None));
}

#[test]
fn the_schema_itself_keeps_a_second_job_out() {
    let fixture = Fixture::new();
    let first = fixture.queue(&fixture.file("a.mkv"), "1").unwrap();
    let conn = rusqlite::Connection::open(fixture.path()).unwrap();
    let columns = "file_id, storage_id, path, path_key, title, content_size, content_edges, generation, preset,
                   settings_id, policy, mode, forced, status, source_bytes, created_at";
    let sql = format!("INSERT INTO jobs (public_id, {columns}) SELECT 'x', {columns} FROM jobs WHERE id = {first}");
    let error = conn.execute(&sql, []).unwrap_err().to_string();
    assert!(error.contains("UNIQUE"), "{error}");
}

#[test]
fn jobs_come_up_by_priority_then_rank_then_age() {
    let fixture = Fixture::new();
    let [old, new, urgent, moved] = ["old", "new", "urgent", "moved"].map(|name| {
        let file = fixture.file(&format!("{name}.mkv"));
        let priority = i64::from(name == "urgent");
        fixture.store.write(|tx| create_job(tx, &file, name, priority)).unwrap()
    });
    fixture.store.write(|tx| tx.job_order(moved, 0, -1)).unwrap();
    let mut order = Vec::new();
    while let Some(job) = fixture.store.write(|tx| tx.job_claim(JobStatus::Transcoding)).unwrap() {
        assert_eq!((job.status, job.started_at.is_some()), (JobStatus::Transcoding, true));
        order.push(job.id);
    }
    assert_eq!(order, [urgent, moved, old, new]);
}

#[test]
fn every_step_brings_its_event_and_an_illegal_one_changes_nothing() {
    let fixture = Fixture::new();
    let job = fixture.queue(&fixture.file("a.mkv"), "1").unwrap();
    for to in [JobStatus::Transcoding, JobStatus::Verifying, JobStatus::Replacing] {
        fixture.step(job, to).unwrap();
    }
    // The journal has a replacement under way: its job cannot be taken back before that is over.
    let under_way = replacements::begin(&fixture, job);
    let before = (fixture.store.read(|r| r.job(job)).unwrap(), fixture.events());
    for to in [JobStatus::Queued, JobStatus::Paused, JobStatus::Transcoding, JobStatus::Completed] {
        let refused = fixture.step(job, to);
        assert!(matches!(refused, Err(StoreError::Step { job_id, .. }) if job_id == job), "{to}: {refused:?}");
    }
    assert!(matches!(fixture.end(job, Ending::Cancelled), Err(StoreError::Step { .. })));
    assert_eq!((fixture.store.read(|r| r.job(job)).unwrap(), fixture.events()), before);

    replacements::advance(&fixture, &under_way, State::Abandoned, None).unwrap();
    fixture.step(job, JobStatus::Queued).unwrap();
    let status = |status| Event::JobStatusChanged { job_id: job, status, reason: None };
    let of_job = |event: &Event| !matches!(event, Event::ReplacementStateChanged { .. });
    assert_eq!(
        fixture.events().into_iter().filter(of_job).collect::<Vec<_>>(),
        [
            Event::JobCreated { job_id: job },
            status(JobStatus::Transcoding),
            status(JobStatus::Verifying),
            status(JobStatus::Replacing),
            status(JobStatus::Queued),
        ]
    );
    let sequence: Vec<i64> = fixture.store.read(|r| r.events_after(2, 2)).unwrap().iter().map(|e| e.seq).collect();
    assert_eq!(sequence, [3, 4]);
    assert_eq!(fixture.store.read(|r| r.last_event()).unwrap(), 7);
}

#[test]
fn a_transaction_that_fails_takes_state_and_event_with_it() {
    let fixture = Fixture::new();
    let job = fixture.queue(&fixture.file("a.mkv"), "1").unwrap();
    let before = (fixture.store.read(|r| r.job(job)).unwrap(), fixture.events());
    let failed: Result<(), _> = fixture.store.write(|tx| {
        tx.job_step(job, JobStatus::Transcoding)?;
        Err(StoreError::NotFound { what: "thing", id: 9 })
    });
    assert!(failed.is_err());
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        fixture.store.write(|tx| {
            tx.job_step(job, JobStatus::Transcoding)?;
            if job > 0 { panic!("in the middle") } else { Ok(()) }
        })
    }));
    assert!(panicked.is_err());
    assert_eq!((fixture.store.read(|r| r.job(job)).unwrap(), fixture.events()), before);
    fixture.step(job, JobStatus::Transcoding).unwrap();
}

#[test]
fn cancelling_ends_what_waits_and_asks_what_runs() {
    let fixture = Fixture::new();
    let waiting = fixture.queue(&fixture.file("a.mkv"), "1").unwrap();
    let running = fixture.queue(&fixture.file("b.mkv"), "2").unwrap();
    fixture.step(running, JobStatus::Transcoding).unwrap();
    let cancel = |job| fixture.store.write(|tx| tx.job_cancel(job, "by the user"));
    assert!(cancel(waiting).unwrap());
    assert!(!cancel(running).unwrap());
    assert!(cancel(waiting).is_err(), "what has ended cannot be cancelled");
    assert_eq!(fixture.store.read(|r| r.job(waiting)).unwrap().ending, Some(Ending::Cancelled));
    assert_eq!(fixture.store.read(|r| r.job(running)).unwrap().status, JobStatus::Transcoding);
    assert!(fixture.store.read(|r| r.job_cancel_requested(running)).unwrap());
    fixture.end(running, Ending::Cancelled).unwrap();
    fixture.step(running, JobStatus::Queued).unwrap();
    assert!(
        !fixture.store.read(|r| r.job_cancel_requested(running)).unwrap(),
        "the next run must not be cancelled too"
    );
}

#[test]
fn ids_are_never_used_twice() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    let mut last = 0;
    for n in 0..5 {
        let job = fixture.queue(&file, &n.to_string()).unwrap();
        assert!(job > last, "id {job} came back after {last}");
        last = job;
        fixture.end(job, Ending::Cancelled).unwrap();
        assert_eq!(fixture.store.write(|tx| tx.jobs_clear_finished()).unwrap(), 1);
    }
}

#[test]
fn every_table_with_ids_of_its_own_counts_up_for_ever() {
    let fixture = Fixture::new();
    let conn = rusqlite::Connection::open(fixture.path()).unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%INTEGER PRIMARY KEY%'
               AND sql NOT LIKE '%AUTOINCREMENT%' AND sql NOT LIKE '%REFERENCES files%' AND sql NOT LIKE '%job_id %INTEGER PRIMARY KEY%'
               AND sql NOT LIKE '%CHECK (id = 1)%'";
    let mut statement = conn.prepare(sql).unwrap();
    let careless: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(careless, Vec::<String>::new());
}

#[test]
fn lists_come_in_pages_and_by_status() {
    let fixture = Fixture::new();
    let ids: Vec<i64> =
        (0..5).map(|n| fixture.queue(&fixture.file(&format!("{n}.mkv")), &n.to_string()).unwrap()).collect();
    fixture.end(ids[1], Ending::Cancelled).unwrap();
    fixture.step(ids[3], JobStatus::Transcoding).unwrap();
    let list = |page: &JobPage<'_>| -> Vec<i64> {
        fixture.store.read(|r| r.jobs(page)).unwrap().into_iter().map(|job| job.id).collect()
    };
    assert_eq!(list(&ALL), [ids[4], ids[3], ids[2], ids[1], ids[0]]);
    assert_eq!(list(&JobPage { limit: 2, offset: 1, ..ALL }), [ids[3], ids[2]]);
    assert_eq!(list(&JobPage { statuses: &[JobStatus::Cancelled, JobStatus::Transcoding], ..ALL }), [ids[3], ids[1]]);
    let mut counts = fixture.store.read(|r| r.job_counts()).unwrap();
    counts.sort();
    assert_eq!(counts, [(JobStatus::Queued, 3), (JobStatus::Transcoding, 1), (JobStatus::Cancelled, 1)]);
}

#[test]
fn a_job_outlives_its_file() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    let job = fixture.queue(&file, "1").unwrap();
    let conn = rusqlite::Connection::open(fixture.path()).unwrap();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    conn.execute("DELETE FROM files", []).unwrap();
    let job = fixture.store.read(|r| r.job(job)).unwrap();
    assert_eq!((job.file_id, job.path, job.title.as_str()), (None, file.path, "A film"));
}

#[test]
fn a_failure_keeps_its_kind() {
    let fixture = Fixture::new();
    let job = fixture.queue(&fixture.file("a.mkv"), "1").unwrap();
    let cause = Some(FailureCause::NoSpace);
    let end = JobEnd { ending: Ending::Failed, reason: "the disk is full", cause, output_bytes: None };
    fixture.store.write(|tx| tx.job_end(job, &end)).unwrap();
    let job = fixture.store.read(|r| r.job(job)).unwrap();
    assert_eq!((job.status, job.failure_cause, job.reason.as_deref()), (JobStatus::Failed, cause, Some(end.reason)));
}
