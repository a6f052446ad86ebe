//! Single files: by their path or sent through the browser, transcoded beside their originals, fetched, removed.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::client::{Answer, Server};
use crate::support::clips::Clip;
use crate::support::disk::{assert_holds, files_below};
use crate::support::home::{Home, list};
use crate::support::processes::until;

const BINARY: &str = "Content-Type: application/octet-stream\r\n";

fn send(server: &Server, name: &str, bytes: &[u8]) -> Answer {
    server.send("POST", &format!("/api/transcode/uploads?name={name}"), BINARY, bytes)
}

/// Begins a job of a single file and waits for its end.
#[track_caller]
fn transcode(server: &Server, wish: &Value) -> Value {
    let mut socket = server.listen();
    let created = server.post("/api/transcode/manual", wish).expect(200);
    let job = created["job_ids"][0].as_i64().unwrap();
    socket.until(|event| {
        matches!(event["event"].as_str(), Some("job.completed" | "job.failed")) && event["data"]["job_id"] == job
    });
    server.job(job)
}

fn output(job: &Value) -> String {
    format!("/api/transcode/jobs/{}/output", job["id"])
}

/// Files of uploads, without what every storage of ours has.
fn uploaded(home: &Home) -> Vec<PathBuf> {
    let mut files = files_below(&home.data().join("uploads"));
    files.retain(|path| !path.components().any(|part| part.as_os_str() == ".mediaflow-quarantine"));
    files
}

#[test]
fn a_file_is_sent_transcoded_and_fetched_byte_for_byte() {
    let home = Home::new();
    let server = Server::start(&home);
    let film = Clip::Film.bytes();
    let upload = send(&server, "..%2F..%2Fetc%2FMy%20Film.mkv", &film).expect(201);
    assert_eq!((&upload["name"], &upload["size"]), (&json!("My Film.mkv"), &json!(film.len())));
    let id = upload["id"].as_str().unwrap();
    assert_holds(home.data().join("uploads").join(id).join("My Film.mkv"), &film, "what was sent");
    assert_eq!(server.get("/api/transcode/uploads").expect(200)["items"][0]["id"], id);

    let file = json!({ "upload_id": id });
    let probe = server.post("/api/transcode/probe", &file).expect(200);
    assert_eq!((&probe["file_path"], &probe["video_codec"]), (&json!("My Film.mkv"), &json!("h264")), "{probe}");
    assert_eq!(list(&probe["streams"]).len(), 2, "{probe}");
    let told = server.post("/api/transcode/manual/dry-run", &file).expect(200);
    assert_eq!(told["output_name"], "My Film V2.mkv");
    assert_eq!(told["run"]["plan"]["streams"][0]["action"], "encode", "{told}");
    assert_eq!(uploaded(&home).len(), 1, "a dry run leaves nothing");

    let job = transcode(&server, &file);
    assert_eq!(job["ending"], "placed", "{job}");
    let made = fs::read(home.data().join("uploads").join(id).join("My Film V2.mkv")).unwrap();
    let fetched = server.get(&output(&job));
    assert_eq!(fetched.status, 200, "{}", fetched.body);
    assert_eq!(fetched.header("content-type"), Some("video/matroska"));
    let saved = "attachment; filename=\"My Film V2.mkv\"; filename*=UTF-8''My%20Film%20V2.mkv";
    assert_eq!(fetched.header("content-disposition"), Some(saved));
    assert!(fetched.bytes == made, "byte for byte: {} of {}", fetched.bytes.len(), made.len());

    let part = server.send("GET", &output(&job), "Range: bytes=10-99\r\n", b"");
    assert_eq!((part.status, part.bytes.as_slice()), (206, &made[10..100]));
    assert_eq!(part.header("content-range"), Some(format!("bytes 10-99/{}", made.len()).as_str()));
    let other = server.send("GET", &output(&job), "Range: bytes=10-99\r\nIf-Range: \"another\"\r\n", b"");
    assert_eq!((other.status, other.bytes.len()), (200, made.len()));
    let beyond = server.send("GET", &output(&job), &format!("Range: bytes={}-\r\n", made.len()), b"");
    assert_eq!(
        (beyond.status, beyond.header("content-range")),
        (416, Some(format!("bytes */{}", made.len()).as_str()))
    );

    let listed = server.get("/api/transcode/manual").expect(200);
    assert_eq!((&listed[0]["upload_id"], &listed[0]["output_name"]), (&json!(id), &json!("My Film V2.mkv")));
    server.ask("DELETE", &format!("/api/transcode/uploads/{id}"), None).expect(200);
    assert_eq!(uploaded(&home), Vec::<PathBuf>::new(), "what was sent and what was made of it are gone");
    server.get(&output(&job)).expect_refused(409, &["is not there any more"]);
    assert_eq!(server.get("/api/transcode/manual").expect(200)[0]["upload_id"], Value::Null);
    server.stop("TERM").expect(0);
    home.assert_tidy();
}

#[test]
fn an_upload_that_breaks_off_leaves_nothing() {
    let home = Home::new();
    let server = Server::start(&home);
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let head = format!(
        "POST /api/transcode/uploads?name=Film.mkv HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{BINARY}Content-Length: 1000000\r\n\r\n",
        server.port
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&[7; 300_000]).unwrap();
    until("the upload has begun", || (!uploaded(&home).is_empty()).then_some(()));
    assert_eq!(server.get("/api/transcode/uploads").expect(200)["items"], json!([]), "it is not whole");
    stream.shutdown(Shutdown::Both).unwrap();
    drop(stream);
    until("nothing is left of it", || uploaded(&home).is_empty().then_some(()));

    // One that ended with its process is found at the next start.
    let left = home.data().join("uploads/0123456789abcdef-5");
    let foreign = home.data().join("uploads/notes");
    for folder in [&left, &foreign] {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("Film.mkv"), "half").unwrap();
    }
    server.stop("TERM").expect(0);
    let server = Server::start(&home);
    until("what was left is gone", || (!left.exists()).then_some(()));
    assert!(foreign.exists(), "what is not ours stays");
    server.stop("TERM").expect(0);
}

#[test]
fn a_film_may_be_larger_than_any_other_request_but_not_than_the_disk() {
    let home = Home::new();
    let server = Server::start(&home);
    let large = vec![b' '; 3 << 20];
    assert_eq!(send(&server, "Film.mkv", &large).expect(201)["size"], large.len());
    let elsewhere = server.send("POST", "/api/transcode/manual", "Content-Type: application/json\r\n", &large);
    assert_eq!(elsewhere.status, 413, "{}", elsewhere.body);

    // Told by its length alone, before anything of it is sent.
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let head = format!(
        "POST /api/transcode/uploads?name=Huge.mkv HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{BINARY}Content-Length: {}\r\n\r\n",
        server.port,
        1_u64 << 60
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 507");
    assert_eq!(uploaded(&home).len(), 1);
}

#[test]
fn no_name_of_a_client_leads_anywhere() {
    let home = Home::new();
    let server = Server::start(&home);
    for name in ["passwd", "..", "%2e%2e%2f%2e%2e", ".mkv", "program.exe", "", "%00.mkv", "%0a"] {
        let refused = send(&server, name, b"film");
        assert_eq!(refused.status, 422, "{name}: {}", refused.body);
    }
    for (name, kept) in [
        ("%2Fetc%2Fcron.d%2Ffilm.mkv", "film.mkv"),
        ("C%3A%5CUsers%5Cme%5CFilm.MP4", "Film.MP4"),
        ("a%22%3B%0d%0aX-Evil%3A1.mkv", "a\";X-Evil:1.mkv"),
        ("%24%28reboot%29.mkv", "$(reboot).mkv"),
    ] {
        let upload = send(&server, name, b"film").expect(201);
        assert_eq!(upload["name"], kept);
        let id = upload["id"].as_str().unwrap();
        assert_holds(home.data().join("uploads").join(id).join(kept), b"film", name);
    }
    assert_eq!(uploaded(&home).len(), 4);
    for id in ["..", "%2e%2e%2fwork", "0123456789abcdef-999"] {
        let refused = server.ask("DELETE", &format!("/api/transcode/uploads/{id}"), None);
        assert!(matches!(refused.status, 404 | 405), "{id}: {refused:?}");
    }
    server.post("/api/transcode/probe", &json!({})).expect_refused(422, &["file_path", "upload_id"]);
    let both = json!({ "file_path": "/films/a.mkv", "upload_id": "1-1" });
    server.post("/api/transcode/manual", &both).expect_refused(422, &["not both"]);
    let unreadable = json!({ "upload_id": server.get("/api/transcode/uploads").expect(200)["items"][0]["id"] });
    server.post("/api/transcode/probe", &unreadable).expect_refused(422, &["ffprobe failed to read file"]);
}

#[test]
fn outputs_are_counted_on_and_nothing_is_written_over() {
    let home = Home::new();
    let film = home.add("Film.mkv", Clip::Film);
    fs::write(home.film("Film V2.mkv"), "somebody's own").unwrap();
    let server = Server::start(&home);
    let wish = json!({ "file_path": home.film("Film.mkv") });
    for number in [3, 4] {
        let told = server.post("/api/transcode/manual/dry-run", &wish).expect(200);
        assert_eq!(told["output_name"], format!("Film V{number}.mkv"));
        let job = transcode(&server, &wish);
        assert_eq!(job["output_path"], json!(home.film(format!("Film V{number}.mkv"))), "{job}");
    }
    assert_holds(home.film("Film.mkv"), &film, "the original is untouched");
    assert_holds(home.film("Film V2.mkv"), b"somebody's own", "not ours to touch");
    let films = files_below(&home.library()).into_iter().filter(|path| path.extension() == Some("mkv".as_ref()));
    assert_eq!(films.count(), 4);
    server.stop("TERM").expect(0);
    home.assert_tidy();
}

#[test]
fn two_files_of_one_name_get_two_outputs() {
    let home = Home::new();
    home.add("Film.mkv", Clip::Film);
    home.add("Film.avi", Clip::Divx);
    let server = Server::start(&home);
    server.ask("PUT", "/api/settings/transcode.concurrent_jobs", Some(&json!({ "value": 2 }))).expect(200);
    let mut socket = server.listen();
    let jobs: Vec<i64> = ["Film.mkv", "Film.avi"]
        .map(|name| server.post("/api/transcode/manual", &json!({ "file_path": home.film(name) })).expect(200))
        .map(|created| created["job_ids"][0].as_i64().unwrap())
        .to_vec();
    for _ in &jobs {
        socket.until(|event| event["event"] == "job.completed");
    }
    let mut outputs: Vec<Value> = jobs.iter().map(|job| server.job(*job)["output_path"].clone()).collect();
    outputs.sort_by_key(Value::to_string);
    assert_eq!(outputs, [json!(home.film("Film V2.mkv")), json!(home.film("Film V3.mkv"))]);
}

#[test]
fn a_single_file_may_grow_but_not_without_proof() {
    let home = Home::new();
    home.add("Meagre.mkv", Clip::Meagre);
    home.add("Film.mkv", Clip::Film);
    let server = Server::start(&home);
    let large = json!({ "file_path": home.film("Meagre.mkv"), "config": { "video_codec": "libx264", "crf_value": 1 } });
    let grown = transcode(&server, &large);
    assert_eq!(grown["ending"], "placed", "{grown}");
    assert!(grown["output_size"].as_i64() > grown["source_size"].as_i64(), "{grown}");
    let proof = server.get(&format!("/api/transcode/jobs/{}/proof", grown["id"])).expect(200);
    assert_eq!(proof["conclusion"], "proven", "{proof}");

    let poor = json!({ "file_path": home.film("Film.mkv"), "config": { "video_codec": "libx264", "crf_value": 51 } });
    let rejected = transcode(&server, &poor);
    assert_eq!(
        (&rejected["ending"], &rejected["validation_status"]),
        (&json!("failed"), &json!("failed")),
        "{rejected}"
    );
    assert!(!home.film("Film V2.mkv").exists());
    server.get(&output(&rejected)).expect_refused(409, &["no output"]);
}

#[test]
fn files_are_chosen_on_the_server_a_folder_at_a_time() {
    let home = Home::new();
    home.add("Film.mkv", Clip::Tiny);
    fs::create_dir(home.film("Series")).unwrap();
    for name in ["notes.txt", ".hidden.mkv", "Film.mkv.part"] {
        fs::write(home.film(name), "").unwrap();
    }
    std::os::unix::fs::symlink("/etc/passwd", home.film("link.mkv")).unwrap();
    let server = Server::start(&home);
    let folder = home.library().display().to_string();
    let found = server.get(&format!("/api/folders?path={folder}&files=true")).expect(200);
    let names =
        |kind: &str| -> Vec<Value> { list(&found[kind]).into_iter().map(|entry| entry["name"].clone()).collect() };
    assert_eq!((names("folders"), names("files")), (vec![json!("Series")], vec![json!("Film.mkv")]));
    assert_eq!(found["files"][0]["size"], Clip::Tiny.bytes().len());
    assert_eq!(server.get(&format!("/api/folders?path={folder}")).expect(200)["files"], json!([]));
}
