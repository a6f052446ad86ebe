//! How long a session lasts, and what its cookie is good for.

use std::time::Duration;

use mediaflow_api::door::{Actor, Password, set_password};
use mediaflow_core::identity::Hash;
use mediaflow_core::time::Timestamp;
use mediaflow_store::NewSession;
use tokio::time::Instant;

use crate::support::{Server, get_of, locked, request};

const DAY_S: i64 = 24 * 60 * 60;

async fn status(server: &Server, cookie: &str) -> u16 {
    server.ask(get_of("/api/things").cookie(cookie)).await.status
}

#[tokio::test]
async fn changes_by_a_cookie_need_the_token_of_its_session() {
    let server = locked();
    let (cookie, csrf) = server.login().await;
    let (_, other) = server.login().await;
    assert_eq!(status(&server, &cookie).await, 200, "reading needs none");
    for method in ["POST", "DELETE"] {
        let bare = server.ask(request(method, "/api/things").cookie(&cookie)).await;
        assert_eq!(bare.status, 403, "{bare:?}");
        assert!(bare.detail().contains("X-CSRF-Token"), "{bare:?}");
        for wrong in ["", "0", other.as_str()] {
            let ask = request(method, "/api/things").cookie(&cookie).header("x-csrf-token", wrong);
            assert_eq!(server.ask(ask).await.status, 403, "{wrong}");
        }
        let right = request(method, "/api/things").cookie(&cookie).header("x-csrf-token", &csrf);
        assert_eq!(server.ask(right).await.status, 200);
    }
}

#[tokio::test]
async fn logging_out_ends_one_session() {
    let server = locked();
    let (cookie, csrf) = server.login().await;
    let (other, _) = server.login().await;
    assert_ne!(cookie, other);
    let answer = server.ask(request("POST", "/api/auth/logout").cookie(&cookie).header("x-csrf-token", &csrf)).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.header("set-cookie").starts_with("mediaflow_session=; ")
            && answer.header("set-cookie").contains("Max-Age=0")
    );
    assert_eq!((status(&server, &cookie).await, status(&server, &other).await), (401, 200));
    assert_eq!(server.audited().last().unwrap(), "logout");
}

#[tokio::test]
async fn a_session_that_is_not_used_ends_after_a_week() {
    let server = locked();
    let (cookie, _) = server.login().await;
    server.advance(7 * DAY_S);
    assert_eq!(status(&server, &cookie).await, 401);
}

#[tokio::test]
async fn a_session_that_is_used_every_day_ends_after_a_month() {
    let server = locked();
    let (cookie, _) = server.login().await;
    for day in 1..30 {
        server.advance(DAY_S);
        assert_eq!(status(&server, &cookie).await, 200, "day {day}");
        until_used_now(&server, &cookie).await;
    }
    server.advance(DAY_S);
    assert_eq!(status(&server, &cookie).await, 401);
}

/// Waits until the last use is written down, which nobody else waits for.
async fn until_used_now(server: &Server, cookie: &str) {
    let token = Hash::of_bytes(cookie.split('=').nth(1).unwrap().as_bytes());
    let used_now = || {
        let session = server.store.read(|r| r.session(&token)).unwrap().unwrap();
        session.used_at == server.store.write(|tx| Ok(tx.now())).unwrap()
    };
    while !used_now() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_password_ends_all_sessions_and_their_sockets() {
    let server = locked();
    let (cookie, _) = server.login().await;
    let socket = server.socket(&cookie).await;
    let waiting = tokio::spawn(async move { socket.ended().await });
    set_password(&server.store, &Password::new("a new password").unwrap(), &Actor::command_line()).unwrap();
    assert_eq!(status(&server, &cookie).await, 401);
    // Another process changed it, so that the socket finds out by looking.
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("the socket is to close").unwrap();
}

#[tokio::test]
async fn a_session_that_began_under_another_password_is_none() {
    // As when the password is changed while somebody logs in with the old one.
    let server = locked();
    let (token, mark) = (Hash::of_bytes(b"token"), Hash::of_bytes(b"the old one"));
    let later = Timestamp(i64::MAX);
    let session =
        NewSession { token: &token, password_mark: &mark, address: None, idle_until_at: later, ends_at: later };
    server.store.write(|tx| tx.session_begin(&session)).unwrap();
    assert_eq!(status(&server, "mediaflow_session=token").await, 401);
}

#[tokio::test(start_paused = true)]
async fn a_socket_ends_at_once_with_its_session_and_not_with_another() {
    let server = locked();
    let (cookie, csrf) = server.login().await;
    let (other, _) = server.login().await;
    let (ours, theirs) = (server.socket(&cookie).await, server.socket(&other).await);
    let began = Instant::now();
    let waiting = tokio::spawn(async move {
        ours.ended().await;
        began.elapsed()
    });
    tokio::task::yield_now().await;
    server.ask(request("POST", "/api/auth/logout").cookie(&cookie).header("x-csrf-token", &csrf)).await;
    // The clock of the test stands still while anything else is to be done: seconds pass only if nobody was told.
    let waited = tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("the socket is to close").unwrap();
    assert_eq!(waited.as_secs(), 0);
    let still = tokio::time::timeout(Duration::from_secs(60), theirs.ended()).await;
    assert!(still.is_err(), "the other one stays");
}
