//! What a job may be set to, and when.

use serde_json::json;

use crate::client::Server;
use crate::support::clips::Clip;
use crate::support::home::{Home, list};

#[test]
fn a_status_is_set_only_where_it_makes_sense() {
    let home = Home::new();
    let server = Server::over(&home, &[("A.mkv", Clip::Film), ("B.mkv", Clip::Tiny)]);
    // So that what is queued stays queued.
    server.post("/api/transcode/queue/pause", &json!(null)).expect(200);
    let jobs = server.queue(&server.items());
    let path = format!("/api/transcode/jobs/{}", jobs[0]);
    let set = |status: &str| server.patch(&path, &json!({ "status": status }));

    for status in ["banana", "transcoding", "completed", "failed", ""] {
        set(status).expect_refused(422, &["\"body\",\"status\"", "queued, paused or cancelled"]);
    }
    server.patch(&path, &json!({ "priority": "high" })).expect_refused(422, &["\"body\",\"priority\""]);
    server.patch("/api/transcode/jobs/4711", &json!({ "status": "paused" })).expect_refused(404, &["Job not found"]);
    server.patch("/api/transcode/jobs/x", &json!({ "status": "paused" })).expect_refused(422, &["\"path\""]);

    assert_eq!(set("paused").expect(200)["new_status"], "paused");
    assert_eq!(server.job(jobs[0])["status"], "paused");
    assert_eq!(set("queued").expect(200)["new_status"], "queued");
    assert_eq!(server.patch(&path, &json!({ "priority": 7 })).expect(200)["new_status"], "queued");
    assert_eq!(set("cancelled").expect(200)["new_status"], "cancelled");
    set("paused").expect_refused(409, &["cancelled"]);
    set("cancelled").expect_refused(409, &["cancelled"]);
    assert_eq!(set("queued").expect(200)["new_status"], "queued", "a cancelled job may be tried again");
}

#[test]
fn the_order_has_its_own_operation() {
    let home = Home::new();
    let server = Server::over(&home, &[("A.mkv", Clip::Film), ("B.mkv", Clip::Tiny), ("C.mkv", Clip::Divx)]);
    server.post("/api/transcode/queue/pause", &json!(null)).expect(200);
    let jobs = server.queue(&server.items());
    let order = || -> Vec<i64> {
        let page = server.get("/api/transcode/jobs?status=queued").expect(200);
        list(&page["items"]).iter().map(|job| job["id"].as_i64().unwrap()).collect()
    };
    let moved =
        |job: i64, before| server.post(&format!("/api/transcode/jobs/{job}/move"), &json!({ "before": before }));
    assert_eq!(order(), jobs);
    moved(jobs[2], Some(jobs[0])).expect(200);
    assert_eq!(order(), [jobs[2], jobs[0], jobs[1]]);
    moved(jobs[2], None).expect(200);
    assert_eq!(order(), jobs);
    moved(4711, None).expect(404);
}

#[test]
fn a_file_is_queued_once_and_unknown_ones_are_said() {
    let home = Home::new();
    let server = Server::over(&home, &[("A.mkv", Clip::Film)]);
    server.post("/api/transcode/queue/pause", &json!(null)).expect(200);
    let item = server.items()[0];
    let job = server.queue(&[item])[0];
    let again = server.post("/api/transcode/jobs", &json!({ "media_item_ids": [item, 4711] })).expect(200);
    assert_eq!(again["job_ids"], json!([]));
    assert_eq!(again["skipped"][0]["job_id"], job, "{again}");
    assert_eq!(again["skipped"][1]["media_item_id"], 4711, "{again}");
    server.post("/api/transcode/jobs", &json!({ "media_item_ids": [4711] })).expect_refused(404, &["4711"]);
    let library = list(&server.get("/api/libraries").expect(200))[0]["id"].clone();
    server.ask("DELETE", &format!("/api/libraries/{library}"), None).expect_refused(409, &["job"]);
}

#[test]
fn what_belongs_to_later_work_is_said() {
    let home = Home::new();
    let server = Server::over(&home, &[("A.mkv", Clip::Tiny)]);
    let item = server.items()[0];
    let queue = |more: serde_json::Value| {
        let mut wish = json!({ "media_item_ids": [item] });
        wish.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        server.post("/api/transcode/jobs", &wish)
    };
    queue(json!({ "config": { "hw_accel": "abacus" } })).expect_refused(422, &["\"config\",\"hw_accel\""]);
    queue(json!({ "preferred_worker_id": 99 })).expect_refused(404, &["99"]);
    let later = server.ask("PUT", "/api/settings/vultr_api_key", Some(&json!({ "value": "x" })));
    later.expect_refused(501, &["later version"]);
}
