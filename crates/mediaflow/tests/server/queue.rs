//! When jobs may be begun, as a client asks for it and sees it; the order that a restart keeps.

use serde_json::json;

use crate::client::Server;
use crate::support::clips::Clip;
use crate::support::home::{Home, list};

#[test]
fn a_job_is_queued_for_later_shows_it_and_is_begun_when_the_user_will_not_wait() {
    let home = Home::new();
    let server = Server::over(&home, &[("A.mkv", Clip::Film), ("B.mkv", Clip::Tiny)]);
    let [a, b] = server.items()[..] else { panic!("two items") };
    let queue = |item: i64, at: &str| {
        server.post("/api/transcode/jobs", &json!({ "media_item_ids": [item], "scheduled_after": at }))
    };
    for wrong in ["soon", "2030-02-30T00:00:00Z", "25:00"] {
        queue(a, wrong).expect_refused(422, &["\"body\",\"scheduled_after\"", "2026-11-23T02:00:00Z"]);
    }
    // The contract's dates come without an offset, and are UTC.
    let job = queue(a, "2090-01-01T02:00:00").expect(200)["job_ids"][0].as_i64().unwrap();
    let shown = server.job(job);
    for field in ["scheduled_after", "waits_until"] {
        assert_eq!(shown[field], "2090-01-01T02:00:00Z", "{field}: {shown}");
    }
    let stats = server.get("/api/transcode/queue/stats").expect(200);
    assert_eq!((&stats["total_queued"], &stats["total_scheduled"]), (&json!(1), &json!(1)), "{stats}");

    let mut socket = server.listen();
    let past = queue(b, "2020-01-01T00:00:00+01:00").expect(200)["job_ids"][0].as_i64().unwrap();
    let ended = |id: i64| {
        move |event: &serde_json::Value| {
            ["job.completed", "job.failed"].contains(&event["event"].as_str().unwrap()) && event["data"]["job_id"] == id
        }
    };
    socket.until(ended(past));
    assert_eq!(server.job(job)["status"], "queued", "what is for later still waits");
    server.patch(&format!("/api/transcode/jobs/{job}"), &json!({ "status": "queued" })).expect(200);
    socket.until(ended(job));
    let done = server.job(job);
    assert_eq!((&done["waits_until"], &done["scheduled_after"]), (&json!(null), &json!("2090-01-01T02:00:00Z")));
}

#[test]
fn the_active_hours_are_set_checked_and_shown() {
    let home = Home::new();
    let server = Server::over(&home, &[("A.mkv", Clip::Tiny)]);
    let set =
        |key: &str, value: &str| server.ask("PUT", &format!("/api/settings/{key}"), Some(&json!({ "value": value })));
    let hours = || server.get("/api/transcode/queue/stats").expect(200)["active_hours"].clone();
    assert_eq!(hours(), json!(null));
    set("schedule.active_hours_start", "24:30").expect_refused(422, &["a time of day from 00:00 to 23:59"]);
    set("schedule.active_days", "1,7").expect_refused(422, &["0 is Monday"]);
    set("schedule.running_jobs", "kill").expect_refused(422, &["finish, pause"]);
    set("transcode.max_retries", "11").expect_refused(422, &["a whole number from 0 to 10"]);
    // Existing clients send everything as text.
    for (key, value) in [
        ("schedule.active_hours_start", "00:00"),
        ("schedule.active_hours_end", "00:00"),
        ("schedule.active_days", "0,1,2,3,4,5,6"),
        ("schedule.running_jobs", "pause"),
        ("schedule.enabled", "true"),
    ] {
        set(key, value).expect(200);
    }
    assert_eq!(hours(), json!({ "is_open": true, "changes_at": null, "running_jobs": "pause" }));
}

#[test]
fn many_items_are_queued_in_one_go_and_planned_at_their_turn() {
    let home = Home::new();
    let server = Server::over(&home, &[("A.mkv", Clip::Film), ("B.mkv", Clip::Tiny)]);
    server.post("/api/transcode/queue/pause", &json!(null)).expect(200);
    let items = server.items();
    // More than are looked at one by one, though all but two are of no library.
    let mut asked = items.clone();
    asked.extend(1_000_000..1_000_600);
    let answer = server.post("/api/transcode/jobs", &json!({ "media_item_ids": asked })).expect(200);
    assert_eq!((answer["jobs_created"].as_i64(), list(&answer["skipped"]).len()), (Some(2), 600));
    assert_eq!(answer["skipped"][0]["reason"], "there is no item 1000000");
    let jobs: Vec<i64> = list(&answer["job_ids"]).iter().map(|id| id.as_i64().unwrap()).collect();
    let plan = server.get(&format!("/api/transcode/jobs/{}/plan", jobs[0])).expect(200);
    assert_eq!(plan["plan"], json!(null), "it has none yet");

    let mut socket = server.listen();
    server.post("/api/transcode/queue/resume", &json!(null)).expect(200);
    for job in &jobs {
        socket.until(|event| {
            ["job.completed", "job.failed"].contains(&event["event"].as_str().unwrap())
                && event["data"]["job_id"] == *job
        });
        let plan = server.get(&format!("/api/transcode/jobs/{job}/plan")).expect(200);
        assert!(!list(&plan["plan"]["streams"]).is_empty(), "{plan}");
        assert_ne!(server.job(*job)["ending"], "refused", "{}", server.job(*job));
    }
    let too_many: Vec<i64> = (0..100_001).collect();
    server
        .post("/api/transcode/jobs", &json!({ "media_item_ids": too_many }))
        .expect_refused(422, &["at most 100000 items at once"]);
}

#[test]
fn the_order_survives_a_restart() {
    let home = Home::new();
    let server = Server::over(&home, &[("A.mkv", Clip::Film), ("B.mkv", Clip::Tiny), ("C.mkv", Clip::Divx)]);
    server.post("/api/transcode/queue/pause", &json!(null)).expect(200);
    let jobs = server.queue(&server.items());
    server.post(&format!("/api/transcode/jobs/{}/move", jobs[2]), &json!({ "before": jobs[0] })).expect(200);
    server.post(&format!("/api/transcode/jobs/{}/move", jobs[0]), &json!({ "before": null })).expect(200);
    server.stop("TERM");
    let server = Server::start(&home);
    let page = server.get("/api/transcode/jobs?status=queued").expect(200);
    let order: Vec<i64> = list(&page["items"]).iter().map(|job| job["id"].as_i64().unwrap()).collect();
    assert_eq!(order, [jobs[2], jobs[1], jobs[0]]);
}
