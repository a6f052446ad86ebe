//! What the queue asks again and again must cost the same however many jobs there are: SQLite is asked how it would
//! answer, and must neither walk a table nor sort.

use std::sync::Arc;

use mediaflow_core::job::JobStatus;
use mediaflow_core::time::{Clock, Timestamp};

use crate::job_views::{JobList, JobOrder, page_sql};
use crate::jobs::{READY, TIMED};
use crate::jobs_alike::{alike_sql, next_preferred_sql, next_settings_sql};
use crate::store::Store;
use crate::worker_jobs::{WANTED, given_sql, speed_sql};

struct Never;

impl Clock for Never {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

/// How a query is answered, a line a step.
fn plan(store: &Store, sql: &str) -> String {
    let steps = store.read(|r| {
        let mut statement = r.conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let count = statement.parameter_count();
        let steps = statement.query_map(rusqlite::params_from_iter(vec![1; count]), |row| row.get::<_, String>(3))?;
        Ok(steps.collect::<Result<Vec<_>, _>>()?)
    });
    steps.unwrap().join("\n")
}

#[track_caller]
fn check(store: &Store, sql: &str, indexes: &[&str]) {
    let plan = plan(store, sql);
    assert!(!plan.contains("TEMP B-TREE"), "sorts:\n{plan}");
    for step in plan.lines().filter(|step| step.starts_with("SCAN") || step.starts_with("SEARCH")) {
        assert!(indexes.iter().any(|index| step.contains(index)), "{step} uses none of {indexes:?}:\n{plan}");
    }
}

#[test]
fn neither_the_next_job_nor_a_page_nor_a_due_instant_is_looked_for_in_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("mediaflow.db"), Arc::new(Never)).unwrap();
    check(&store, &format!("SELECT id FROM {READY} ORDER BY priority DESC, rank, id LIMIT 1"), &["INDEX jobs_ready"]);
    check(
        &store,
        &alike_sql(),
        &["INDEX jobs_ready_alike (preferred_worker_id=? AND settings_id=?)", "SEARCH s USING INTEGER PRIMARY KEY"],
    );
    for sql in [next_settings_sql(), next_preferred_sql()] {
        check(&store, &sql, &["INDEX jobs_ready_alike (preferred_worker_id"]);
    }
    for statuses in [&[JobStatus::Queued, JobStatus::Paused][..], &[JobStatus::Completed], &[]] {
        for (order, index) in [(JobOrder::Queue, "COVERING INDEX jobs_order"), (JobOrder::Newest, "INDEX jobs_newest")]
        {
            check(&store, &page_sql(&JobList { statuses, order, limit: 50, offset: 0 }), &[index]);
        }
    }
    check(&store, &format!("SELECT min(not_before_at) FROM {TIMED}"), &["INDEX jobs_timed"]);
    check(
        &store,
        &format!("SELECT id FROM {TIMED} AND not_before_at <= ?1 ORDER BY not_before_at LIMIT ?2"),
        &["INDEX jobs_timed"],
    );
    check(&store, &given_sql(), &["COVERING INDEX jobs_worker"]);
    for (by_encoder, by_tier) in [(true, true), (true, false), (false, false)] {
        check(&store, &speed_sql(by_encoder, by_tier), &["INDEX outcomes_speed", "(subquery-1)"]);
    }
    check(&store, WANTED, &["COVERING INDEX jobs_preferred"]);
    check(&store, "SELECT count(*) FROM jobs WHERE away_folder IS NOT NULL", &["INDEX jobs_away"]);
    check(&store, "SELECT status, count(*) AS n FROM jobs GROUP BY status", &["COVERING INDEX"]);
    check(
        &store,
        "SELECT coalesce(sum(source_bytes), 0) AS total FROM jobs WHERE status = 'queued'",
        &["COVERING INDEX jobs_order"],
    );
    check(
        &store,
        "SELECT rank FROM jobs WHERE status = ?1 AND priority = ?2 ORDER BY rank DESC LIMIT 1",
        &["COVERING INDEX jobs_order"],
    );
    check(
        &store,
        "SELECT rank FROM jobs WHERE status = ?1 AND priority = ?2 AND (rank, id) < (?3, ?4) AND id <> ?5
         ORDER BY rank DESC, id DESC LIMIT 1",
        &["COVERING INDEX jobs_order"],
    );
}
