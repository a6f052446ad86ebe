//! The server goes and comes back; encodes do not notice, and no client misses an event.

use serde_json::json;

use crate::client::{Server, assert_without_gap, seqs};
use crate::support::clips::Clip;
use crate::support::disk::assert_holds;
use crate::support::home::{Home, list};

/// Stops the server by this signal in the middle of an encode, and starts it again.
fn goes_on(signal: &str) {
    let home = Home::new();
    let server = Server::over(&home, &[("Slow.mkv", Clip::Slow)]);
    let mut socket = server.listen();
    let job = server.queue(&server.items())[0];
    let mut heard = socket.until(|event| event["event"] == "job.progress" && event["data"]["frame"] != 0);
    let encode = home.await_encode();
    let done = server.stop(signal);
    if signal == "TERM" {
        done.expect(0);
    }
    while let Some(event) = socket.next_or_end() {
        heard.push(event);
    }
    assert!(encode.is_alive(), "the encode goes on by itself");

    let server = Server::start(&home);
    let mut socket = server.listen();
    let last = *seqs(&heard).last().unwrap();
    let missed = server.events_after(last);
    let caught_up = seqs(&missed).last().copied().unwrap_or(last);
    let after = socket.until(|event| event["event"] == "job.progress" && event["data"]["job_id"] == job);
    assert!(encode.is_alive(), "the same encode is followed");
    server.patch(&format!("/api/transcode/jobs/{job}"), &json!({ "status": "cancelled" })).expect(200);
    let ended = socket.until(|event| event["data"]["status"] == "cancelled");

    let live: Vec<i64> = seqs(&after).into_iter().chain(seqs(&ended)).filter(|seq| *seq > caught_up).collect();
    let all: Vec<i64> = seqs(&heard).into_iter().chain(seqs(&missed)).chain(live).collect();
    assert_without_gap(&all);
    assert_eq!(seqs(&server.events_after(all[0] - 1))[..all.len()], all);
    let attempts = list(&server.get(&format!("/api/transcode/jobs/{job}/attempts")).expect(200));
    assert_eq!(attempts.iter().filter(|attempt| attempt["task"] == "encode").count(), 1, "{attempts:?}");
    assert_holds(home.film("Slow.mkv"), &Clip::Slow.bytes(), "untouched");
    server.stop("TERM").expect(0);
    home.assert_tidy();
}

#[test]
fn an_encode_outlives_a_soft_stop() {
    goes_on("TERM");
}

#[test]
fn an_encode_outlives_a_kill() {
    goes_on("KILL");
}

#[test]
fn what_was_queued_before_a_stop_is_done_after_it() {
    let home = Home::new();
    let server = Server::over(&home, &[("Film.mkv", Clip::Tiny)]);
    server.post("/api/transcode/queue/pause", &json!(null)).expect(200);
    let job = server.queue(&server.items())[0];
    server.stop("TERM").expect(0);
    let server = Server::start(&home);
    assert_eq!(server.get("/api/transcode/queue/stats").expect(200)["paused"], true, "it stays paused");
    let mut socket = server.listen();
    server.post("/api/transcode/queue/resume", &json!(null)).expect(200);
    let heard = socket.until(|event| event["event"] == "job.completed");
    assert_eq!(heard.last().unwrap()["data"]["job_id"], job);
}
