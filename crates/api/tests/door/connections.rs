//! The listener: real sockets, and clients that take their time.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use mediaflow_api::door::serve;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::locked;

const LINGER: Duration = Duration::from_secs(5);

/// A server on a free port; it stops when the sender speaks or is dropped.
async fn listening(router: Router) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(serve(listener, router, LINGER, async {
        let _ = stopped.await;
    }));
    (address, stop, serving)
}

/// Sends this and reads until the server closes.
async fn exchange(address: SocketAddr, sent: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut received = String::new();
    let read = tokio::time::timeout(Duration::from_secs(600), stream.read_to_string(&mut received)).await;
    read.expect("the server is to close").unwrap();
    received
}

#[tokio::test]
async fn handlers_learn_the_address() {
    let router =
        Router::new().route("/", get(async |ConnectInfo(from): ConnectInfo<SocketAddr>| from.ip().to_string()));
    let (address, _stop, _serving) = listening(router).await;
    let answer = exchange(address, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_finishes_its_request_is_let_go() {
    let (address, _stop, _serving) = listening(locked().router()).await;
    // With time standing still for all but the waiting, both come to their end at once.
    let answer = exchange(address, "GET / HTTP/1.1\r\nHost: loc").await;
    assert!(!answer.contains(" 200 "), "the head never came: {answer}");
    let slow_form =
        "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nConnection: close\r\n\r\npassword=";
    let answer = exchange(address, slow_form).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "the form never came: {answer}");
}

#[tokio::test]
async fn requests_under_way_are_finished_when_the_server_stops() {
    let (entered, mut has_entered) = tokio::sync::mpsc::channel::<()>(1);
    let (go_on, going) = tokio::sync::watch::channel(false);
    let slow = get(async move || {
        entered.send(()).await.unwrap();
        going.clone().wait_for(|go| *go).await.unwrap();
        "done"
    });
    let (address, stop, serving) = listening(Router::new().route("/", slow)).await;
    let client = tokio::spawn(exchange(address, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    has_entered.recv().await.unwrap();
    stop.send(()).unwrap();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    go_on.send(true).unwrap();
    let answer = client.await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    serving.await.unwrap();
}
