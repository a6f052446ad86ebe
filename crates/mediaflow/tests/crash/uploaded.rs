//! A server that is killed while a file is sent to it, and while it works on one: what is not whole is gone at the next
//! start, what is whole is worked on to its end, and nothing stays that nobody can remove.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use mediaflow_transport::storage::content::hash_all;
use serde_json::{Value, json};

use crate::client::Server;
use crate::kill::{Random, runs};
use crate::support::clips::Clip;
use crate::support::disk::assert_holds;
use crate::support::home::{Home, list};
use crate::support::processes::until;

const UPLOAD: &str = "/api/transcode/uploads";
const BINARY: &str = "Content-Type: application/octet-stream\r\n";

fn home() -> Home {
    let home = Home::new();
    home.know_the_machine();
    home
}

/// The folders of uploads, known or not.
fn folders(home: &Home) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.data().join("uploads")).into_iter().flatten();
    let all = entries.map(|entry| entry.unwrap().path());
    all.filter(|path| path.is_dir() && !path.ends_with(".mediaflow-quarantine")).collect()
}

#[test]
fn what_had_not_arrived_when_the_server_was_killed_is_gone_and_never_queued() {
    let (home, mut random) = (home(), Random::new());
    let film = Clip::Film.bytes();
    for round in 0..runs(2) {
        let server = Server::start(&home);
        let sent = random.below(film.len() as u64) as usize;
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        let (port, length) = (server.port, film.len());
        write!(stream, "POST {UPLOAD}?name=Film.mkv HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{BINARY}").unwrap();
        write!(stream, "Content-Length: {length}\r\n\r\n").unwrap();
        stream.write_all(&film[..sent]).unwrap();
        until("the upload has begun", || (!folders(&home).is_empty()).then_some(()));
        server.stop("KILL");
        println!("round {round}: killed after {sent} of {length} bytes");

        let server = Server::start(&home);
        until("what had not arrived is gone", || folders(&home).is_empty().then_some(()));
        assert_eq!(server.get(UPLOAD).expect(200)["items"], json!([]), "round {round}: it is not known");
        server.stop("TERM").expect(0);
        assert_eq!(home.jobs(), Vec::<Value>::new(), "round {round}: nothing is queued");
        home.assert_tidy();
    }
}

#[test]
fn the_job_of_an_upload_goes_on_after_the_server_was_killed() {
    let (home, mut random) = (home(), Random::new());
    let film = Clip::Film.bytes();
    let mut usual = Duration::ZERO;
    for round in 0..=runs(2) {
        let mut server = Server::start(&home);
        let upload = server.send("POST", &format!("{UPLOAD}?name=Film.mkv"), BINARY, &film).expect(201);
        let wish = json!({ "upload_id": upload["id"] });
        let job = server.post("/api/transcode/manual", &wish).expect(200)["job_ids"][0].as_i64().unwrap();
        let queued = Instant::now();
        // Nobody interferes with the first one, which shows how long it takes.
        if round > 0 {
            let (victim, delay) = (random.victim(), random.below((usual + usual / 8).as_micros() as u64));
            std::thread::sleep(Duration::from_micros(delay));
            server.stop("KILL");
            victim.take_along(&home);
            println!("round {round}: {victim:?} killed after {} ms: {}", delay / 1000, home.jobs()[0]["status"]);
            server = Server::start(&home);
        }
        let ended = until("the job has ended", || Some(server.job(job)).filter(|job| job["ending"].is_string()));
        if round == 0 {
            usual = queued.elapsed();
        }
        assert_eq!(ended["ending"], "placed", "round {round}: {ended}");
        assert_eq!(home.jobs().len() as u64, round + 1, "round {round}: one job for one upload");
        check_output(&home, &upload, &ended, &film);

        server.ask("DELETE", &format!("{UPLOAD}/{}", upload["id"].as_str().unwrap()), None).expect(200);
        assert_eq!(
            folders(&home),
            Vec::<PathBuf>::new(),
            "round {round}: what was sent and what was made of it are gone"
        );
        server.stop("TERM").expect(0);
        home.assert_tidy();
    }
}

/// The upload as it was sent, beside it what was proven, and nothing else.
#[track_caller]
fn check_output(home: &Home, upload: &Value, job: &Value, film: &[u8]) {
    let folder = home.data().join("uploads").join(upload["id"].as_str().unwrap());
    let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["Film V2.mkv", "Film.mkv"]);
    assert_holds(folder.join("Film.mkv"), film, "what was sent");
    let proof = home.json(["proof", &job["id"].to_string()]);
    assert!(list(&proof["checks"]).iter().all(|check| check["passed"] == true), "{proof}");
    let (hash, _) = hash_all(&mut File::open(folder.join("Film V2.mkv")).unwrap()).unwrap();
    assert_eq!(proof["output_hash"], hash.to_string(), "the proven output is in place: {proof}");
}
