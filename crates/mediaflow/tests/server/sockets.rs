//! The rules of `/ws`.

use serde_json::{Value, json};
use tungstenite::Message;

use crate::client::{Server, Socket};
use crate::support::home::Home;

fn subscribe(socket: &mut Socket, action: &str, names: &[&str]) {
    socket.say(json!({ "action": action, "events": names }).to_string());
    // By the answer to this, the other has been heard.
    socket.ping();
}

/// Events of record: the queue is paused, and the setting that says so; and the same when it goes on.
fn pause_and_resume(server: &Server) {
    server.post("/api/transcode/queue/pause", &Value::Null).expect(200);
    server.post("/api/transcode/queue/resume", &Value::Null).expect(200);
}

/// The names of what a socket hears, up to the queue going on.
fn names(socket: &mut Socket) -> Vec<String> {
    let heard = socket.until(|event| event["event"] == "queue.resumed");
    heard.iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn whatever_is_sent_the_socket_stays_open_and_hears_everything() {
    let home = Home::new();
    let server = Server::start(&home);
    let mut socket = server.listen();
    let deep = "[".repeat(100_000);
    let texts = [
        "",
        "no json",
        "[]",
        "[1,2,3]",
        "null",
        "7",
        "\"ping\"",
        "{}",
        "{\"action\":null}",
        "{\"action\":[]}",
        "{\"action\":\"subscribe\"}",
        "{\"action\":\"subscribe\",\"events\":\"*\"}",
        "{\"action\":\"unsubscribe\",\"events\":{\"*\":1}}",
        "{\"action\":\"unsubscribe\",\"events\":[[\"*\"]]}",
        &deep,
    ];
    for text in texts {
        socket.say(text);
        socket.ping();
    }
    socket.say(Message::binary(vec![0, 159, 146, 150, 255]));
    socket.say(Message::Ping(vec![1, 2, 3].into()));
    let many: Vec<String> = (0..1000).map(|number| format!("nothing.{number}")).collect();
    socket.say(json!({ "action": "subscribe", "events": many }).to_string());
    for number in 0..1000 {
        socket.say(json!({ "action": "subscribe", "events": [format!("more.{number}")] }).to_string());
    }
    socket.ping();
    pause_and_resume(&server);
    let names = names(&mut socket);
    assert!(names.iter().any(|name| name == "queue.paused"), "subscribing never narrows: {names:?}");
}

#[test]
fn a_pong_goes_to_who_asked() {
    let home = Home::new();
    let server = Server::start(&home);
    let (mut asker, mut other) = (server.listen(), server.listen());
    assert_eq!(asker.ping(), Vec::<Value>::new());
    pause_and_resume(&server);
    let names = names(&mut other);
    assert!(!names.is_empty() && names.iter().all(|name| name != "pong"), "{names:?}");
}

#[test]
fn subscriptions_narrow_only_by_unsubscribing() {
    let home = Home::new();
    let server = Server::start(&home);
    let mut by_group = server.listen();
    subscribe(&mut by_group, "unsubscribe", &["*"]);
    subscribe(&mut by_group, "subscribe", &["queue.*"]);
    let mut by_name = server.listen();
    subscribe(&mut by_name, "subscribe", &["queue.resumed"]);
    subscribe(&mut by_name, "unsubscribe", &["*"]);
    let mut to_nothing = server.listen();
    subscribe(&mut to_nothing, "unsubscribe", &["*"]);

    server.add_library(&home);
    pause_and_resume(&server);
    assert_eq!(names(&mut by_group), ["queue.paused", "queue.resumed"]);
    assert_eq!(names(&mut by_name), ["queue.resumed"]);
    assert_eq!(to_nothing.ping(), Vec::<Value>::new());
    subscribe(&mut to_nothing, "subscribe", &["*"]);
    pause_and_resume(&server);
    assert!(names(&mut to_nothing).iter().any(|name| name == "queue.paused"));
}
