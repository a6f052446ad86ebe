//! What is told of one job: its steps with their times, its streams before and after, and pictures of both.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::client::Server;
use crate::support::clips::{self, Clip};
use crate::support::home::{Home, list};

fn report(server: &Server, job: i64) -> Value {
    server.get(&format!("/api/transcode/jobs/{job}/report")).expect(200)
}

/// How alike two pictures are, as a signal-to-noise ratio in decibels.
fn likeness(home: &Home, one: &[u8], other: &[u8]) -> f64 {
    let (before, after) = (home.root().join("before.jpg"), home.root().join("after.jpg"));
    fs::write(&before, one).unwrap();
    fs::write(&after, other).unwrap();
    let run = Command::new(clips::ffmpeg())
        .args(["-nostdin", "-i"])
        .arg(before)
        .arg("-i")
        .arg(after)
        .args(["-lavfi", "psnr", "-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    let average = said.split("average:").nth(1).and_then(|rest| rest.split_whitespace().next());
    average.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("two pictures of one size: {said}"))
}

#[test]
fn a_job_tells_its_steps_its_streams_and_shows_its_pictures() {
    let home = Home::new();
    let server = Server::over(&home, &[("Film.mkv", Clip::Film)]);
    server.post("/api/transcode/queue/pause", &Value::Null).expect(200);
    let job = server.queue(&server.items())[0];
    let waiting = report(&server, job);
    assert_eq!(waiting["steps"], json!([]));
    assert_eq!(waiting["source"]["video_codec"], "h264", "{waiting}");
    assert_eq!((&waiting["output"], &waiting["stills"]["no_before"]), (&Value::Null, &Value::Null), "{waiting}");
    assert!(waiting["stills"]["no_after"].is_string(), "{waiting}");

    let mut socket = server.listen();
    server.post("/api/transcode/queue/resume", &Value::Null).expect(200);
    socket.until(|event| event["event"] == "job.completed" && event["data"]["job_id"] == job);
    let told = report(&server, job);
    let steps = list(&told["steps"]);
    let stages: Vec<&str> = steps.iter().map(|step| step["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["reading", "encoding", "proving", "replacing"], "{told}");
    assert!(steps.iter().all(|step| step["seconds"].as_f64().is_some() && step["trouble"].is_null()), "{told}");
    assert_eq!((&told["source"]["video_codec"], &told["output"]["video_codec"]), (&json!("h264"), &json!("hevc")));
    assert_eq!(told["source"]["file_size"], Clip::Film.bytes().len(), "the original's, not that of what has its place");
    assert_eq!((&told["stills"]["no_before"], &told["stills"]["no_after"]), (&Value::Null, &Value::Null), "{told}");
    let attempts = list(&server.get(&format!("/api/transcode/jobs/{job}/attempts")).expect(200));
    assert_eq!(attempts[0]["end"], "finished", "{attempts:?}");

    // The original lies in quarantine now. A counter runs in the film: a neighbouring frame would be another picture.
    let still = |side: &str, at: f64| server.get(&format!("/api/transcode/jobs/{job}/stills/{side}?at_seconds={at}"));
    for at in list(&told["stills"]["at_seconds"]) {
        let at = at.as_f64().unwrap();
        let (before, after) = (still("before", at), still("after", at));
        assert_eq!((before.status, after.status), (200, 200), "{} {}", before.body, after.body);
        assert_eq!(before.header("content-type"), Some("image/jpeg"));
        let alike = likeness(&home, &before.bytes, &after.bytes);
        let next = likeness(&home, &before.bytes, &still("after", at + 0.04).bytes);
        assert!(alike > 30.0 && alike > next + 3.0, "at {at} s: {alike} dB, the next frame {next} dB");
    }
    let beyond = still("before", 1e12);
    assert!(matches!(beyond.status, 200 | 409), "{}", beyond.body);
    still("sideways", 1.0).expect_refused(404, &["before", "after"]);
    still("before", -1.0).expect_refused(422, &["at_seconds"]);

    server.send("POST", &format!("/api/transcode/jobs/{job}/undo"), "", b"").expect(200);
    still("after", 0.333).expect_refused(409, &["brought back"]);
    assert_eq!(still("before", 0.333).status, 200, "it has its place again");
    // Pictures are a cache, and go with it.
    assert!(!home.leftovers().is_empty());
    server.ask("DELETE", "/api/transcode/cache", None).expect(200);
    server.stop("TERM").expect(0);
    home.assert_tidy();
}
