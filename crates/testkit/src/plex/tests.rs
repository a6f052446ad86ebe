//! What the independent client does not look at: JSON, faults, scans, and large libraries.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mediaflow_core::media::color::DynamicRange;
use serde_json::Value;

use super::*;

/// An answer: status, the whole head, and the body.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice::<Value>(&self.body).unwrap()["MediaContainer"].take()
    }
}

/// Asks over a connection of its own. `None` where it ends without an answer, or before the body does.
fn ask(url: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Option<Answer> {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: plex\r\nConnection: close\r\n{headers}\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
    let body = answer[end + 4..].to_vec();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
    let status = head.split(' ').nth(1)?.parse().unwrap();
    (length.unwrap_or(0) == body.len()).then_some(Answer { status, head, body })
}

fn get(server: &Server, path: &str, more: &[(&str, &str)]) -> Option<Answer> {
    let token = server.token();
    let headers = [&[("Accept", "application/json"), ("X-Plex-Token", token.as_str())], more].concat();
    ask(&server.url(), "GET", path, &headers)
}

fn change(server: &Server, method: &str, path: &str) -> u16 {
    ask(&server.url(), method, path, &[("X-Plex-Token", &server.token())]).unwrap().status
}

fn page(server: &Server, start: usize, size: usize) -> Value {
    let (start, size) = (start.to_string(), size.to_string());
    let headers = [("X-Plex-Container-Start", start.as_str()), ("X-Plex-Container-Size", size.as_str())];
    get(server, "/library/sections/1/all", &headers).unwrap().json()
}

fn keys(page: &Value) -> Vec<String> {
    page["Metadata"].as_array().unwrap().iter().map(|item| item["ratingKey"].as_str().unwrap().to_owned()).collect()
}

fn samples() -> Server {
    Server::start("Test", Library::samples()).unwrap()
}

#[test]
fn json_has_the_types_of_the_recorded_answers() {
    let server = samples();
    let key = server.with(|library| library.find("Vision Eight")).unwrap();
    let container = get(&server, &format!("/library/metadata/{key}"), &[]).unwrap().json();
    let item = &container["Metadata"][0];
    assert!(item["ratingKey"].is_string() && item["addedAt"].is_i64() && item["librarySectionID"].is_i64());
    assert!(item.get("viewCount").is_none() && item["Genre"][0]["tag"].is_string());
    let stream = &item["Media"][0]["Part"][0]["Stream"][0];
    assert_eq!((&stream["DOVIProfile"], &stream["DOVIPresent"]), (&Value::from(8), &Value::from(true)));
    assert!(stream["frameRate"].is_f64() && stream["DOVIVersion"].is_string() && stream.get("selected").is_none());
    let sections = get(&server, "/library/sections", &[]).unwrap().json();
    assert_eq!(sections["Directory"][0]["key"], "1");
    let collections = get(&server, "/library/sections/1/collections", &[]).unwrap().json();
    assert_eq!(collections["Metadata"][0]["childCount"], "2");
    let history = get(&server, "/status/sessions/history/all", &[]).unwrap().json();
    assert_eq!(
        (&history["Metadata"][0]["librarySectionID"], history["totalSize"].is_null()),
        (&Value::from("1"), true)
    );
    // Lists tell of files, but not of what is in them; an empty one has no list at all.
    let all = get(&server, "/library/sections/1/all", &[]).unwrap().json();
    assert!(all["Metadata"][0]["Media"][0]["Part"][0].get("Stream").is_none() && all.get("totalSize").is_none());
    assert!(get(&server, "/library/sections/3/all", &[]).unwrap().json().get("Metadata").is_none());
}

#[test]
fn nobody_comes_in_without_a_token() {
    let server = samples();
    let refused = ask(&server.url(), "GET", "/library/sections", &[]).unwrap();
    assert_eq!((refused.status, refused.head.contains("text/html")), (401, true));
    assert_eq!(ask(&server.url(), "GET", "/identity", &[]).unwrap().status, 200);
    let in_query = format!("/library/sections?X-Plex-Token={}", server.token());
    let answer = ask(&server.url(), "GET", &in_query, &[]).unwrap();
    assert!(answer.status == 200 && answer.head.contains("text/xml"));
    server.lock_out(&server.token());
    assert_eq!(get(&server, "/", &[]).unwrap().status, 401);
}

#[test]
fn requests_go_wrong_as_they_are_told_to() {
    let server = samples();
    let fault = |trouble| server.door().fault(Fault::new(trouble).on("/library/"));
    let sections = || get(&server, "/library/sections", &[]);
    fault(Trouble::TooMany { retry_after_s: Some(3) });
    let answer = sections().unwrap();
    assert!(answer.status == 429 && answer.head.contains("retry-after: 3"));
    fault(Trouble::Status(503));
    assert_eq!(sections().unwrap().status, 503);
    fault(Trouble::Cut);
    assert!(sections().is_none());
    fault(Trouble::CutHalf);
    assert!(sections().is_none());
    fault(Trouble::Delay(Duration::from_millis(80)));
    let start = Instant::now();
    assert!(sections().unwrap().status == 200 && start.elapsed() >= Duration::from_millis(80));
    server.door().fault(Fault::new(Trouble::Status(500)).always());
    assert_eq!((sections().unwrap().status, sections().unwrap().status), (500, 500));
    server.door().mend();
    assert_eq!((sections().unwrap().status, server.door().requests()), (200, 8));
}

#[test]
fn pages_go_wrong_as_they_are_told_to() {
    let server = samples();
    let whole = keys(&page(&server, 0, 100));
    let fault = |trouble| server.door().fault(Fault::new(trouble));
    let good = page(&server, 4, 4);
    assert_eq!((&good["size"], &good["offset"], &good["totalSize"]), (&4.into(), &4.into(), &11.into()));
    assert_eq!(keys(&good), whole[4..8]);
    fault(Trouble::ShortPage(2));
    assert_eq!(keys(&page(&server, 4, 4)), whole[4..6]);
    fault(Trouble::PageTwice);
    let twice = page(&server, 4, 4);
    assert_eq!((keys(&twice), &twice["offset"]), (whole[..4].to_vec(), &4.into()));
    fault(Trouble::WrongTotal(5));
    assert_eq!(page(&server, 0, 4)["totalSize"], 16);
    fault(Trouble::Vanish);
    assert_eq!(keys(&page(&server, 0, 4)), whole[..4]);
    assert_eq!(keys(&page(&server, 4, 4)), whole[5..9]);
}

#[test]
fn a_scan_notices_what_a_test_has_changed() {
    let server = samples();
    let (old, new) = ("/data/Movies/Plain (2020)/Plain (2020).mkv", "/data/Movies/Plain (2020)/Plain (2020).mp4");
    let key = server.with(|library| library.find("Plain")).unwrap();
    let info = probe("hevc", (1920, 1080), (DynamicRange::Sdr, None), Vec::new());
    server.with(|library| {
        library.watched(key, OWNER, 1_700_000_000);
        library.add_collection(1, "Kept", &[key]);
        library.file_gone(old);
        library.file_is(new, info.clone());
    });
    let scan = |folder: &str| change(&server, "GET", &format!("/library/sections/1/refresh?path={folder}"));
    assert_eq!(scan("%2Fdata%2FMovies%2FPlai"), 200);
    assert_eq!(server.with(|library| library.at_path(old)), [key]);
    // Another extension: the same item, with all that is known of it.
    scan("%2Fdata%2FMovies%2FPlain%20%282020%29");
    let known = |library: &mut Library| (library.views(key, OWNER).0, library.collections_of(key));
    server.with(|library| {
        assert_eq!((library.at_path(old).len(), library.at_path(new)), (0, vec![key]));
        assert_eq!(known(library), (1, vec!["Kept".to_owned()]));
        // The next time, the server is forgetful and slow, and leaves the streams to an analysis.
        let loses =
            Scanning { loses_added_at: true, loses_views: true, loses_collections: true, ..Scanning::default() };
        library.scan_so(Scanning { takes: Duration::from_millis(300), leaves_streams: true, ..loses });
        let mut other = probe("av1", (1920, 1080), (DynamicRange::Sdr, None), Vec::new());
        other.size_bytes = 77;
        library.file_is(new, other);
    });
    scan("%2Fdata%2FMovies");
    let is_refreshing = || get(&server, "/library/sections", &[]).unwrap().json()["Directory"][0]["refreshing"].clone();
    let file = || {
        let info = server.with(|library| library.versions(key)[0][0].info.clone());
        (info.size_bytes, info.streams[0].codec.clone())
    };
    assert_eq!((is_refreshing(), file()), (true.into(), (info.size_bytes, "hevc".to_owned())));
    std::thread::sleep(Duration::from_millis(320));
    assert_eq!((is_refreshing(), file()), (false.into(), (77, "hevc".to_owned())));
    assert_eq!(server.with(known), (0, Vec::new()));
    change(&server, "PUT", &format!("/library/metadata/{key}/analyze"));
    assert_eq!(file(), (77, "av1".to_owned()));
    // One that forgets all: the item is another one.
    server.with(|library| {
        library.scan_so(Scanning { loses_key: true, ..Scanning::default() });
        library.file_is(new, info);
    });
    scan("%2Fdata%2FMovies");
    assert!(server.with(|library| library.find("Plain")).is_some_and(|found| found != key));
}

#[test]
fn a_pin_has_its_fates() {
    let plex = Plex::start().unwrap();
    let headers = [("Accept", "application/json"), ("X-Plex-Client-Identifier", "me")];
    let of = |method, path: &str| ask(&plex.url(), method, path, &headers).unwrap();
    assert_eq!(ask(&plex.url(), "POST", "/api/v2/pins", &[]).unwrap().status, 400);
    let made = of("POST", "/api/v2/pins?strong=true");
    let pin: Value = serde_json::from_slice(&made.body).unwrap();
    assert!(made.status == 201 && pin["authToken"].is_null() && pin["code"].as_str().unwrap().len() > 20);
    let (path, code) = (format!("/api/v2/pins/{}", pin["id"]), plex.with(|account| account.last_pin()).unwrap());
    let look = |state| {
        assert!(plex.with(|account| account.set_pin(&code, state)));
        let answer = of("GET", &path);
        (answer.status, serde_json::from_slice::<Value>(&answer.body).unwrap())
    };
    assert!(look(PinState::Pending).1["authToken"].is_null());
    assert_eq!(look(PinState::Authorised).1["authToken"], "account-token");
    let (status, expired) = look(PinState::Expired);
    assert_eq!((status, &expired["errors"][0]["code"]), (404, &1020.into()));
    assert_eq!(look(PinState::Denied).0, 404);
    assert_eq!(look(PinState::ExpiredButTold).1["expiresIn"], 0);
}

/// Prints how long a page takes; only a limit that a broken stand-in would miss is checked.
#[test]
fn a_large_library_is_served_quickly() {
    let start = Instant::now();
    let server = Server::start("Large", Library::generated(20_000, 1)).unwrap();
    println!("made in {:?}", start.elapsed());
    let first = page(&server, 0, 200);
    let list = keys(&page(&server, 2000, 200)).join(",");
    for (what, path) in [
        ("a page of 200", "/library/sections/1/all?includeGuids=1".to_owned()),
        ("200 with streams", format!("/library/metadata/{list}")),
        ("200 episodes", "/library/sections/4/all?type=4".to_owned()),
    ] {
        let headers = [("X-Plex-Container-Start", "1000"), ("X-Plex-Container-Size", "200")];
        let headers = if what.contains("streams") { &headers[..0] } else { &headers };
        get(&server, &path, headers).unwrap();
        let start = Instant::now();
        let mut answer = get(&server, &path, headers).unwrap();
        for _ in 1..10 {
            answer = get(&server, &path, headers).unwrap();
        }
        println!("{what}: {:?}, {} bytes", start.elapsed() / 10, answer.body.len());
        assert_eq!(answer.json()["Metadata"].as_array().unwrap().len(), 200);
        assert!(start.elapsed() < Duration::from_secs(10));
    }
    assert!(first["totalSize"].as_u64().unwrap() > 5000);
}
