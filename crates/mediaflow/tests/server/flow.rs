//! What a client written from the contract does: list, queue, follow, cancel; and what ours adds: undo, dry runs.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::client::{Server, assert_without_gap, seqs};
use crate::support::clips::Clip;
use crate::support::disk::{assert_holds, files_below};
use crate::support::home::{Home, list};
use crate::support::processes;

fn is_end_of(job: i64) -> impl Fn(&Value) -> bool {
    move |event| {
        matches!(event["event"].as_str(), Some("job.completed" | "job.failed")) && event["data"]["job_id"] == job
    }
}

/// Asserts that events have the fields that the contract names, where it lies beside the workspace.
#[track_caller]
fn assert_fields_of_the_contract(events: &[Value]) {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("MEDIAFLOW_SHARED").map_or_else(beside, PathBuf::from);
    let Ok(contract) = fs::read(shared.join("contract/websocket.json")) else {
        println!("skipped: the contract's events; MEDIAFLOW_SHARED can name where it is");
        return;
    };
    let contract: Value = serde_json::from_slice(&contract).unwrap();
    for event in events {
        assert!(event["timestamp"].as_str().is_some_and(|stamp| stamp.ends_with('Z')), "{event}");
        let known = &contract["events"][event["event"].as_str().unwrap()];
        for field in known.as_array().into_iter().flatten() {
            let value = &event["data"][field["name"].as_str().unwrap()];
            let fits = match field["type"].as_str().unwrap() {
                // Only a webhook's job has a source.
                "string \"webhook\"" => true,
                kind if kind.starts_with("int|null") => value.is_i64() || value.is_null(),
                kind if kind.ends_with('?') => value.is_number() || value.is_null(),
                kind if kind.starts_with("int") => value.is_i64(),
                kind if kind.starts_with("float") => value.is_number(),
                _ => value.is_string(),
            };
            assert!(fits, "{field} in {event}");
        }
    }
}

#[test]
fn a_job_is_queued_followed_to_its_end_and_taken_back() {
    let home = Home::new();
    let server = Server::over(&home, &[("Film.mkv", Clip::Film)]);
    let original = fs::read(home.film("Film.mkv")).unwrap();
    let health = server.get("/api/health").expect(200);
    assert_eq!(health["service"], "MediaFlow API");
    let page = server.get("/api/library/items?search=film&video_codec=h264").expect(200);
    assert_eq!(page["total"], 1, "{page}");
    let item = &page["items"][0];
    assert_eq!(item["file_size"], original.len(), "{item}");
    assert!((1..100_000).contains(&item["video_bitrate"].as_i64().unwrap()), "kbit/s: {item}");

    let mut socket = server.listen();
    let job = server.queue(&server.items())[0];
    let heard = socket.until(is_end_of(job));
    let of_job: Vec<&Value> = heard.iter().filter(|event| event["data"]["job_id"] == job).collect();
    let names: Vec<&str> = of_job.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names[0], "job.created", "{names:?}");
    assert_eq!(*names.last().unwrap(), "job.completed", "{:?}", of_job.last());
    let statuses: Vec<&str> = of_job.iter().filter_map(|event| event["data"]["status"].as_str()).collect();
    assert_eq!(statuses, ["transcoding", "verifying", "replacing"]);
    let progress: Vec<f64> = of_job.iter().filter_map(|event| event["data"]["progress"].as_f64()).collect();
    assert!(!progress.is_empty() && progress.is_sorted() && progress.iter().all(|share| (0.0..=100.0).contains(share)));
    for event in of_job.iter().filter(|event| event["event"] == "job.progress") {
        for field in ["fps", "eta_seconds", "frame"] {
            assert!(event["data"][field].is_number(), "{field} is never null: {event}");
        }
        assert!(event["seq"].is_null(), "what is not kept has no number: {event}");
    }
    assert_fields_of_the_contract(&heard);
    let numbers = seqs(&heard);
    assert_without_gap(&numbers);
    let kept = server.events_after(numbers[0] - 1);
    let recorded: Vec<Value> = heard.into_iter().filter(|event| event["seq"].is_number()).collect();
    assert_eq!(kept[..recorded.len()], recorded, "the log has the same events, word for word");

    let done = server.job(job);
    assert_eq!((&done["status"], &done["ending"]), (&json!("completed"), &json!("replaced")), "{done}");
    assert!(done["output_size"].as_i64() < done["source_size"].as_i64(), "{done}");
    assert_ne!(fs::read(home.film("Film.mkv")).unwrap(), original);
    let proof = server.get(&format!("/api/transcode/jobs/{job}/proof")).expect(200);
    assert_eq!(proof["conclusion"], "proven");
    assert_eq!(server.get("/api/quarantine").expect(200)["total"], 1);

    // The contract has no such operation, so its body may be left out too.
    let restored = server.send("POST", &format!("/api/transcode/jobs/{job}/undo"), "", b"").expect(200);
    assert_eq!(restored["path"], json!(home.film("Film.mkv")));
    assert_holds(home.film("Film.mkv"), &original, "byte for byte");
    assert_eq!(server.get("/api/quarantine").expect(200)["total"], 0);
    server.send("POST", &format!("/api/transcode/jobs/{job}/undo"), "", b"").expect_refused(409, &["taken back"]);
    server.stop("TERM").expect(0);
    home.assert_tidy();
}

#[test]
fn a_running_job_is_cancelled_and_its_file_stays() {
    let home = Home::new();
    let server = Server::over(&home, &[("Slow.mkv", Clip::Slow)]);
    let original = Clip::Slow.bytes();
    let mut socket = server.listen();
    let job = server.queue(&server.items())[0];
    socket.until(|event| event["event"] == "job.progress" && event["data"]["job_id"] == job);
    home.await_encode();
    let answer = server.patch(&format!("/api/transcode/jobs/{job}"), &json!({ "status": "cancelled" })).expect(200);
    assert_eq!((&answer["status"], &answer["new_status"]), (&json!("updated"), &json!("cancelled")), "{answer}");
    socket.until(|event| event["event"] == "job.status_changed" && event["data"]["status"] == "cancelled");
    assert_eq!(server.job(job)["status"], "cancelled");
    processes::until("no encode is left", || {
        let mut left = processes::below(home.root()).into_iter();
        (!left.any(|process| process.is_encode() || process.is_supervisor())).then_some(())
    });
    assert_holds(home.film("Slow.mkv"), &original, "untouched");
    server.stop("TERM").expect(0);
    home.assert_tidy();
}

#[test]
fn a_dry_run_says_what_would_happen_and_touches_nothing() {
    let home = Home::new();
    let server = Server::over(&home, &[("Film.mkv", Clip::Film)]);
    let before = files_below(&home.library());
    let item = server.items()[0];
    let mut socket = server.listen();

    // The body is the configuration itself, and may be absent or null.
    let path = format!("/api/transcode/dry-run?media_item_id={item}");
    for (headers, body) in [("", ""), ("Content-Type: application/json\r\n", "null")] {
        let told = server.send("POST", &path, headers, body.as_bytes()).expect(200);
        assert!(told["ffmpeg_command"].as_str().unwrap().contains("libx265"), "{told}");
    }
    let told = server.post(&path, &json!({ "video_codec": "libx264" })).expect(200);
    assert!(told["ffmpeg_command"].as_str().unwrap().contains("libx264"), "{told}");
    server.post("/api/transcode/dry-run?media_item_id=4711", &json!({})).expect_refused(404, &["Media item not found"]);

    let wish = json!({ "media_item_ids": [item], "is_dry_run": true });
    let job = list(&server.post("/api/transcode/jobs", &wish).expect(200)["job_ids"])[0].as_i64().unwrap();
    let heard = socket.until(is_end_of(job));
    assert_eq!(heard.last().unwrap()["data"]["ending"], "planned", "{:?}", heard.last());
    let done = server.job(job);
    assert_eq!((&done["is_dry_run"], &done["status"]), (&json!(true), &json!("completed")), "{done}");
    assert_eq!(files_below(&home.library()), before);
    assert_holds(home.film("Film.mkv"), &Clip::Film.bytes(), "untouched");
}
