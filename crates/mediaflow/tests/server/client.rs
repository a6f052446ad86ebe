//! A server of one test, and a client that knows the contract and nothing else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::support::clips::Clip;
use crate::support::home::{Done, Home, Running, list};
use crate::support::processes::until;

/// Ends a test that would hang; no timing is asserted.
const LIMIT: Duration = Duration::from_secs(300);

/// `mediaflow serve` on a home, at any free port.
pub struct Server {
    running: Running,
    pub port: u16,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub bytes: Vec<u8>,
    /// The same as text.
    pub body: String,
}

impl Answer {
    /// Asserts the status and gives the JSON of the body.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.json()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no JSON: {error}: {:?}", self.body))
    }

    /// Asserts a refusal whose sentences, all of them together, have these words.
    #[track_caller]
    pub fn expect_refused(&self, status: u16, words: &[&str]) {
        let detail = self.expect(status)["detail"].to_string();
        for word in words {
            assert!(detail.contains(word), "expected {word:?} in {detail}");
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Server {
    #[track_caller]
    pub fn start(home: &Home) -> Self {
        let mut running = home.start(["serve", "--port", "0"]);
        let port = until("the server says where it is", || {
            assert!(!running.has_ended(), "the server ended: {}", running.said());
            let stdout = std::fs::read_to_string(home.root().join("stdout.txt")).unwrap();
            let (line, _) = stdout.split_once('\n')?;
            let (_, address) = line.split_once("http://127.0.0.1:").expect(line);
            Some(address.trim_end_matches('/').parse().expect(line))
        });
        Self { running, port }
    }

    /// A server over a library with these clips, scanned.
    #[track_caller]
    pub fn over(home: &Home, clips: &[(&str, Clip)]) -> Self {
        for (name, clip) in clips {
            home.add(name, *clip);
        }
        home.know_the_machine();
        let server = Self::start(home);
        let mut socket = server.listen();
        server.add_library(home);
        socket.until(|event| event["event"] == "sync.completed");
        server
    }

    /// Makes the home's library known, begins its scan, and gives its id.
    #[track_caller]
    pub fn add_library(&self, home: &Home) -> i64 {
        let library = self.post("/api/libraries", &json!({ "path": home.library() })).expect(201);
        let id = library["id"].as_i64().unwrap();
        self.post(&format!("/api/libraries/{id}/scan"), &Value::Null).expect(202);
        id
    }

    /// Sends a signal and waits for the end.
    #[track_caller]
    pub fn stop(self, signal: &str) -> Done {
        self.running.process().signal(signal);
        self.running.finish()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, Some(body))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.ask("PATCH", path, Some(body))
    }

    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let text = body.map(Value::to_string).unwrap_or_default();
        self.send(method, path, "Content-Type: application/json\r\n", text.as_bytes())
    }

    /// A request of exactly these bytes. `path` goes out as it is, and so do the lines of `headers`.
    pub fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // A body that is refused by its length is not read to its end.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(&answer)));
        let (head, bytes) = (String::from_utf8_lossy(&answer[..end]).into_owned(), answer[end + 4..].to_vec());
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Answer { status, headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }

    /// The ids of all items, by title.
    #[track_caller]
    pub fn items(&self) -> Vec<i64> {
        let page = self.get("/api/library/items").expect(200);
        list(&page["items"]).iter().map(|item| item["id"].as_i64().unwrap()).collect()
    }

    /// Queues items with a built-in preset and gives the jobs.
    #[track_caller]
    pub fn queue(&self, items: &[i64]) -> Vec<i64> {
        let presets = list(&self.get("/api/presets/").expect(200));
        let preset = presets.iter().find(|preset| preset["name"] == "Balanced").unwrap();
        let wish = json!({ "media_item_ids": items, "preset_id": preset["id"] });
        let created = self.post("/api/transcode/jobs", &wish).expect(200);
        assert_eq!(created["jobs_created"], items.len(), "{created}");
        list(&created["job_ids"]).iter().map(|id| id.as_i64().unwrap()).collect()
    }

    #[track_caller]
    pub fn job(&self, id: i64) -> Value {
        self.get(&format!("/api/transcode/jobs/{id}")).expect(200)
    }

    /// All events of record after a number, page by page.
    #[track_caller]
    pub fn events_after(&self, seq: i64) -> Vec<Value> {
        let (mut events, mut after) = (Vec::new(), seq);
        loop {
            let page = self.get(&format!("/api/events?after={after}&limit=5")).expect(200);
            events.extend(list(&page["events"]));
            if page["has_more"] == false {
                return events;
            }
            after = events.last().unwrap()["seq"].as_i64().unwrap();
        }
    }

    /// Connects to `/ws`.
    #[track_caller]
    pub fn listen(&self) -> Socket {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let url = format!("ws://127.0.0.1:{}/ws", self.port);
        let (socket, _) = tungstenite::client(url, stream).expect("a WebSocket");
        let mut socket = Socket { socket };
        // Whoever was answered is listening.
        socket.ping();
        socket
    }
}

/// A client of `/ws`.
pub struct Socket {
    socket: WebSocket<TcpStream>,
}

impl Socket {
    #[track_caller]
    pub fn say(&mut self, message: impl Into<Message>) {
        self.socket.send(message.into()).unwrap();
    }

    /// The next event; `None` once the server has closed.
    #[track_caller]
    pub fn next_or_end(&mut self) -> Option<Value> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) => return None,
                Ok(_) => {}
                Err(tungstenite::Error::ConnectionClosed) => return None,
                Err(tungstenite::Error::Protocol(_)) => return None,
                Err(tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::ConnectionReset => {
                    return None;
                }
                Err(error) => panic!("no event came: {error}"),
            }
        }
    }

    #[track_caller]
    pub fn next(&mut self) -> Value {
        self.next_or_end().expect("the server closed the socket")
    }

    /// Everything up to the first event that is meant, which is the last one.
    #[track_caller]
    pub fn until(&mut self, is_meant: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut heard = Vec::new();
        loop {
            heard.push(self.next());
            if is_meant(heard.last().unwrap()) {
                return heard;
            }
        }
    }

    /// Asks for a sign of life and gives what came before it: what was said until now has been heard by then.
    #[track_caller]
    pub fn ping(&mut self) -> Vec<Value> {
        self.say(json!({ "action": "ping" }).to_string());
        let mut heard = self.until(|event| event["event"] == "pong");
        let pong = heard.pop().unwrap();
        assert_eq!(pong["data"], json!({}), "{pong}");
        heard
    }
}

/// The numbers of the events of record among these.
pub fn seqs(events: &[Value]) -> Vec<i64> {
    events.iter().filter_map(|event| event["seq"].as_i64()).collect()
}

/// Asserts that the numbers rise by one.
#[track_caller]
pub fn assert_without_gap(seqs: &[i64]) {
    assert!(!seqs.is_empty() && seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "a gap in {seqs:?}");
}
