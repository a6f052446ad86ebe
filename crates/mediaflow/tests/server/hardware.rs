//! Hardware that was there and is gone: the job is done on the CPU, says so, and the next one does not try it first.

use std::fs;

use serde_json::{Value, json};

use crate::client::Server;
use crate::support::clips::Clip;
use crate::support::home::{Home, list};

/// A home whose program remembers that NVENC encodes HEVC and decodes H.264, as it did before its driver went away.
/// `None` where that cannot be played: with a build that has no NVENC, or on a machine that has it.
fn home_with_lost_nvenc() -> Option<Home> {
    let home = Home::new();
    let doctor = home.json(["doctor"]);
    let found = list(&doctor["ffmpeg"]["encoders"]);
    let nvenc = found.iter().find(|report| report["name"] == "hevc_nvenc").expect("it is always listed");
    if nvenc["works"] == true || !nvenc["reason"].as_str().is_some_and(|reason| reason.contains("libcuda")) {
        println!("skipped: this needs an ffmpeg with NVENC on a machine without it, not {nvenc}");
        return None;
    }
    let path = home.data().join("tools/cache.json");
    let mut cache: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for (_, pair) in cache["pairs"].as_object_mut().unwrap() {
        let trials = &mut pair["trials"][1];
        for report in trials["encoders"].as_array_mut().unwrap() {
            if report["name"] == "hevc_nvenc" {
                report["works"] = json!(true);
                report["ten_bit"] = json!(true);
                report["reason"] = Value::Null;
            }
        }
        for report in trials["decoders"].as_array_mut().unwrap() {
            if report["name"] == "cuda" {
                report["codecs"] = json!(["h264"]);
                report["reason"] = Value::Null;
            }
        }
    }
    fs::write(path, cache.to_string()).unwrap();
    Some(home)
}

/// Queues an item and gives its job as it ended, with its attempts to encode.
#[track_caller]
fn encoded(server: &Server, item: i64, config: &Value) -> (Value, Vec<Value>) {
    let mut socket = server.listen();
    let presets = list(&server.get("/api/presets/").expect(200));
    let preset = presets.iter().find(|preset| preset["name"] == "Balanced").unwrap();
    let wish = json!({ "media_item_ids": [item], "preset_id": preset["id"], "config": config });
    let job = server.post("/api/transcode/jobs", &wish).expect(200)["job_ids"][0].as_i64().unwrap();
    socket.until(|event| {
        matches!(event["event"].as_str(), Some("job.completed" | "job.failed")) && event["data"]["job_id"] == job
    });
    let attempts = list(&server.get(&format!("/api/transcode/jobs/{job}/attempts")).expect(200));
    (server.job(job), attempts.into_iter().filter(|attempt| attempt["task"] == "encode").collect())
}

fn report(server: &Server, name: &str) -> Value {
    let encoders = server.get("/api/transcode/encoders").expect(200);
    list(&encoders["encoders"]).into_iter().find(|report| report["name"] == name).unwrap()
}

#[test]
fn a_job_steps_back_from_hardware_that_fails_and_the_next_one_does_not_meet_it() {
    let Some(home) = home_with_lost_nvenc() else { return };
    let server = Server::over(&home, &[("A.mkv", Clip::Film), ("B.mkv", Clip::Film), ("C.mkv", Clip::Film)]);
    let items = server.items();
    assert_eq!(report(&server, "hevc_nvenc")["works"], true, "as it is remembered");
    let planned = server.post(&format!("/api/transcode/dry-run?media_item_id={}", items[0]), &json!({})).expect(200);
    assert!(planned["ffmpeg_command"].as_str().unwrap().contains("-hwaccel cuda"), "{planned}");

    let (job, attempts) = encoded(&server, items[0], &json!({}));
    assert_eq!((&job["status"], &job["ending"]), (&json!("completed"), &json!("replaced")), "{job}");
    let fallback = job["hw_fallback"].as_str().expect("it is said on the job");
    assert!(fallback.starts_with("CPU instead of NVENC: ") && fallback.contains("libcuda"), "{fallback}");
    assert_eq!(
        (&job["encoder"], &job["retry_count"]),
        (&json!("libx265"), &json!(0)),
        "a step back is no retry: {job}"
    );
    let went: Vec<_> =
        attempts.iter().map(|a| (a["encoder"].clone(), a["decoder"].clone(), a["state"].clone())).collect();
    assert_eq!(
        went,
        [
            (json!("hevc_nvenc"), json!("cuda"), json!("failed")),
            (json!("hevc_nvenc"), Value::Null, json!("failed")),
            (json!("libx265"), Value::Null, json!("done")),
        ],
        "first the decoder, then the encoder"
    );
    assert!(attempts[0]["end"].as_str().unwrap().contains("libcuda"), "{}", attempts[0]);
    let events = server.events_after(0);
    let told: Vec<_> = events.iter().filter(|event| event["event"] == "job.encoder_fallback").collect();
    let steps: Vec<_> = told.iter().map(|event| event["data"]["instead_of"].clone()).collect();
    assert_eq!(steps, ["decoding with cuda", "NVENC"], "{told:?}");

    let nvenc = report(&server, "hevc_nvenc");
    assert!(nvenc["works"] == false && nvenc["reason"].as_str().unwrap().contains("libcuda"), "{nvenc}");
    let (job, attempts) = encoded(&server, items[1], &json!({}));
    assert_eq!((attempts.len(), &job["encoder"], &job["hw_fallback"]), (1, &json!("libx265"), &Value::Null), "{job}");

    // Asked for by name: done all the same, and said.
    let (job, attempts) = encoded(&server, items[2], &json!({ "hw_accel": "nvenc" }));
    assert_eq!((attempts.len(), &job["ending"]), (1, &json!("replaced")), "{job}");
    assert!(job["hw_fallback"].as_str().unwrap().contains("CPU instead of NVENC: "), "{job}");
    assert_eq!(job["config_json"]["hw_accel"], "nvenc");
    server.stop("TERM");
    home.assert_tidy();
}

#[test]
fn encoders_can_be_tried_again_and_two_passes_are_refused_where_one_has_none() {
    let Some(home) = home_with_lost_nvenc() else { return };
    let server = Server::over(&home, &[("A.mkv", Clip::Tiny)]);
    let before = server.get("/api/transcode/encoders").expect(200);
    assert_eq!(before["hw_accel_types"], json!(["nvenc"]));
    let after = server.post("/api/transcode/encoders/try", &Value::Null).expect(200);
    assert_eq!((&after["is_tried"], &after["hw_accel_types"]), (&json!(true), &json!([])));
    assert_eq!(report(&server, "libx265")["works"], true);

    let svt_av1 = report(&server, "libsvtav1");
    if svt_av1["works"] == true && svt_av1["two_pass"] == false {
        let config = json!({ "video_codec": "libsvtav1", "bitrate_mode": "vbr", "two_pass": true });
        let wish = json!({ "media_item_ids": server.items(), "config": config });
        let refused = server.post("/api/transcode/jobs", &wish);
        assert!(refused.status >= 400 && refused.body.contains("two passes"), "{}", refused.body);
        assert!(home.jobs().is_empty(), "nothing was queued");
    }
}

#[test]
fn a_job_that_stepped_back_goes_on_with_its_encode_after_a_restart() {
    let Some(home) = home_with_lost_nvenc() else { return };
    let server = Server::over(&home, &[("Slow.mkv", Clip::Slow)]);
    let mut socket = server.listen();
    let job = server.queue(&server.items())[0];
    socket.until(|event| event["event"] == "job.progress" && event["data"]["frame"] != 0);
    let encode = home.await_encode();
    server.stop("TERM").expect(0);

    let server = Server::start(&home);
    let mut socket = server.listen();
    socket.until(|event| event["event"] == "job.progress" && event["data"]["job_id"] == job);
    assert!(encode.is_alive(), "the same encode is followed");
    let attempts = list(&server.get(&format!("/api/transcode/jobs/{job}/attempts")).expect(200));
    let encoders: Vec<_> =
        attempts.iter().filter(|attempt| attempt["task"] == "encode").map(|a| a["encoder"].clone()).collect();
    assert_eq!(encoders, ["hevc_nvenc", "hevc_nvenc", "libx265"], "{attempts:?}");
    assert!(server.job(job)["hw_fallback"].as_str().is_some_and(|said| said.contains("libcuda")), "it is still said");
    server.patch(&format!("/api/transcode/jobs/{job}"), &json!({ "status": "cancelled" })).expect(200);
    socket.until(|event| event["data"]["status"] == "cancelled");
    server.stop("TERM").expect(0);
    home.assert_tidy();
}
