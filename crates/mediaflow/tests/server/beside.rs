//! Other processes beside a running server: a second server is refused, the command line is seen.

use serde_json::json;

use crate::client::{Server, assert_without_gap, seqs};
use crate::support::clips::Clip;
use crate::support::home::Home;

#[test]
fn a_second_server_says_why_it_does_not_start() {
    let home = Home::new();
    let server = Server::start(&home);
    let same_data = home.call(["serve", "--port", "0"]);
    assert!(!same_data.status.success(), "{same_data:?}");
    same_data.expect_line(&["another"]);
    let other = Home::new();
    let same_port = other.call(["serve", "--port", &server.port.to_string()]);
    assert!(!same_port.status.success(), "{same_port:?}");
    same_port.expect_line(&[&format!("port {}", server.port), "--port"]);
    assert_eq!(server.get("/api/health").expect(200)["status"], "healthy", "the first one is as it was");
}

#[test]
fn what_the_command_line_does_shows_in_the_server() {
    let home = Home::new();
    let server = Server::start(&home);
    let mut socket = server.listen();
    home.add("Film.mkv", Clip::Film);
    home.scan();
    let heard = socket.until(|event| event["event"] == "sync.completed");
    assert_without_gap(&seqs(&heard));
    assert_eq!(heard.last().unwrap()["data"]["items_synced"], 1, "{:?}", heard.last());
    let page = server.get("/api/library/items").expect(200);
    assert_eq!((&page["total"], &page["items"][0]["title"]), (&json!(1), &json!("Film")), "{page}");
}
