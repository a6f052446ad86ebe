//! Bad input is answered with a 4xx that says why, and never with more.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::client::{Answer, Server};
use crate::support::clips::Clip;
use crate::support::disk::assert_holds;
use crate::support::home::Home;

const JSON: &str = "Content-Type: application/json\r\n";

/// Asserts a 4xx with a sentence, or with fields that each have one.
#[track_caller]
fn assert_says_why(answer: &Answer, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.body);
    let body = answer.json();
    let sentence = |value: &Value| value.as_str().is_some_and(|text| text.len() > 5);
    let says = sentence(&body["detail"])
        || body["detail"].as_array().is_some_and(|all| !all.is_empty() && all.iter().all(|one| sentence(&one["msg"])));
    assert!(says, "{what}: {body}");
}

#[test]
fn bodies_that_make_no_sense_are_refused_with_the_field() {
    let home = Home::new();
    let server = Server::start(&home);
    let jobs = "/api/transcode/jobs";
    let large = json!({ "media_item_ids": [1], "padding": "x".repeat(10 * 1024 * 1024) }).to_string();
    let answer = server.send("POST", jobs, JSON, large.as_bytes());
    assert_eq!(answer.status, 413, "{}", answer.body);
    assert_says_why(&answer, "10 MB");
    let answer = server.post(jobs, &json!({ "media_item_ids": (1..=100_001).collect::<Vec<i64>>() }));
    answer.expect_refused(422, &["media_item_ids", "at most 100000"]);
    let answer = server.post("/api/recommendations/batch-queue", &json!({ "recommendation_ids": vec![1; 10_000] }));
    answer.expect_refused(422, &["recommendation_ids", "at most 5000"]);
    server.send("POST", jobs, "Content-Type: text/plain\r\n", b"{}").expect_refused(415, &["application/json"]);
    server.send("POST", jobs, "", b"{}").expect_refused(415, &["application/json"]);
    for broken in ["", "{", "{\"media_item_ids\":[1]", "nonsense", "{\"media_item_ids\":[1]} {}", "\u{0}"] {
        server.send("POST", jobs, JSON, broken.as_bytes()).expect_refused(422, &["\"body\"", "JSON"]);
    }
    server.send("POST", jobs, JSON, b"{\"media_item_ids\":[1],\"config\":\"\xff\xfe\"}").expect_refused(422, &["JSON"]);
    let deep = format!("{{\"media_item_ids\":{}{}}}", "[".repeat(50_000), "]".repeat(50_000));
    server.send("POST", jobs, JSON, deep.as_bytes()).expect_refused(422, &["JSON"]);
    let wrong = [
        (json!([]), "object"),
        (json!(null), "object"),
        (json!({}), "media_item_ids"),
        (json!({ "media_item_ids": "1" }), "media_item_ids"),
        (json!({ "media_item_ids": [1, "2"] }), "\"media_item_ids\",1"),
        (json!({ "media_item_ids": [1.5] }), "\"media_item_ids\",0"),
        (json!({ "media_item_ids": [1e30] }), "\"media_item_ids\",0"),
        (json!({ "media_item_ids": [1], "priority": null }), "priority"),
        (json!({ "media_item_ids": [1], "is_dry_run": "yes" }), "is_dry_run"),
        (json!({ "media_item_ids": [1], "config": [] }), "config"),
        (json!({ "media_item_ids": [1], "config": { "crf_value": 99 } }), "\"config\",\"crf_value\""),
        (json!({ "media_item_ids": [1], "config": { "video_codec": "rm -rf" } }), "\"config\",\"video_codec\""),
    ];
    for (body, named) in wrong {
        server.post(jobs, &body).expect_refused(422, &[named]);
    }
    let huge = b"{\"media_item_ids\":[99999999999999999999999999999999999999]}";
    server.send("POST", jobs, JSON, huge).expect_refused(422, &["media_item_ids"]);
}

#[test]
fn addresses_that_make_no_sense_are_refused() {
    let home = Home::new();
    let server = Server::start(&home);
    let paths = [
        "/api/transcode/jobs/99999999999999999999",
        "/api/transcode/jobs/-",
        "/api/transcode/jobs/1%00",
        "/api/transcode/jobs/%ff%fe",
        "/api/library/items/..%2f..%2fetc",
        "/api/library/items?page=0",
        "/api/library/items?page_size=501",
        "/api/library/items?page=1e3",
        "/api/library/items?min_size=-1",
        "/api/library/items?library_id=99999999999999999999",
        "/api/library/items?hdr_only=perhaps",
        "/api/events?after=-1",
        "/api/events?limit=0",
        "/api/transcode/jobs?status=banana",
        "/api/nothing",
        "/api/logs?limit=99999",
        "/api/recommendations/page?state=banana",
    ];
    for path in paths {
        assert_says_why(&server.get(path), path);
    }
    // Bytes that are no text are searched for, and found nowhere.
    let page = server.get("/api/library/items?search=%ff%fe%00&tags=").expect(200);
    assert_eq!(page["total"], 0);
    assert_eq!(server.get("/api/library/items?page=9223372036854775807&page_size=500").expect(200)["items"], json!([]));
    let answer = server.ask("DELETE", "/api/library/items", None);
    assert_eq!((answer.status, answer.header("allow").is_some()), (405, true), "{}", answer.body);
    assert_says_why(&answer, "a method that there is not");
}

#[test]
fn the_other_form_of_an_address_is_sent_on() {
    let home = Home::new();
    let server = Server::start(&home);
    let document = server.get("/openapi.json").expect(200);
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    let collections: Vec<&&String> = paths.iter().filter(|path| path.ends_with('/')).collect();
    assert!(!collections.is_empty(), "{paths:?}");
    for path in collections {
        let answer = server.get(&format!("{}?type=x", path.trim_end_matches('/')));
        assert_eq!(
            (answer.status, answer.header("location")),
            (307, Some(format!("{path}?type=x").as_str())),
            "{path}"
        );
    }
    let answer = server.post("/api/transcode/jobs/", &json!({ "media_item_ids": [] }));
    assert_eq!((answer.status, answer.header("location")), (307, Some("/api/transcode/jobs")));
}

#[test]
fn paths_that_lead_elsewhere_are_refused() {
    let home = Home::new();
    home.add("Film.mkv", Clip::Film);
    fs::create_dir(home.root().join("secret")).unwrap();
    fs::write(home.root().join("secret/notes.txt"), "nobody's business").unwrap();
    symlink(home.root().join("secret"), home.library().join("way-out")).unwrap();
    symlink(home.root().join("secret/notes.txt"), home.library().join("Link.mkv")).unwrap();
    let server = Server::start(&home);
    let library = home.library();
    let library = library.to_str().unwrap();
    let tricks = [
        format!("{library}/../secret/notes.txt"),
        format!("{library}/./Film.mkv"),
        format!("{library}//Film.mkv"),
        format!("{library}/way-out/notes.txt"),
        format!("{library}/Link.mkv"),
        format!("{library}/Film.mkv\0.txt"),
        format!("{library}/nothing.mkv"),
        "Film.mkv".to_owned(),
        "~/Film.mkv".to_owned(),
        String::new(),
        "/proc/self/environ".to_owned(),
        "/dev/zero".to_owned(),
        format!("/{}", "x".repeat(5000)),
        format!("/{}", "x/".repeat(1500)),
        "file:///etc/passwd".to_owned(),
        "concat:/etc/passwd|/etc/group".to_owned(),
        "http://127.0.0.1:1/".to_owned(),
        library.to_owned(),
    ];
    for path in &tricks {
        assert_says_why(&server.post("/api/transcode/probe", &json!({ "file_path": path })), path);
        assert_says_why(&server.post("/api/transcode/manual", &json!({ "file_path": path })), path);
    }
    for path in tricks.iter().filter(|path| *path != library) {
        assert_says_why(&server.post("/api/libraries", &json!({ "path": path })), path);
        let query: String = path.bytes().map(|byte| format!("%{byte:02x}")).collect();
        if !path.is_empty() {
            assert_says_why(&server.get(&format!("/api/folders?path={query}")), path);
        }
    }
    for path in ["/", "/proc", "/sys/kernel", "/dev"] {
        assert_says_why(&server.post("/api/libraries", &json!({ "path": path })), path);
    }
    let unreadable = server.post("/api/transcode/probe", &json!({ "file_path": home.root().join("secret/notes.txt") }));
    unreadable.expect_refused(422, &["ffprobe failed to read file"]);
    assert_eq!(server.get("/api/libraries").expect(200), json!([]), "nothing came of any of them");
    assert_eq!(server.get("/api/transcode/jobs").expect(200)["total"], 0);
    assert_holds(home.film("Film.mkv"), &Clip::Film.bytes(), "untouched");
}
