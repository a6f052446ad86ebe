//! What every answer carries, what a body may have, and pages of other origins that are named.

use axum::body::{Body, Bytes};

use crate::support::{Server, Site, get_of, locked, open, request};

#[tokio::test]
async fn every_answer_is_protected() {
    let server = locked();
    for ask in
        [get_of("/api/health"), get_of("/login"), get_of("/api/things"), get_of("/nothing"), get_of("/login/style.css")]
    {
        let answer = server.ask(ask.header("host", "nas:9876")).await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'self'",
            "script-src 'self';",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{part} is missing in {policy}");
        }
        assert!(policy.contains("connect-src 'self' ws://nas:9876 wss://nas:9876;"), "{policy}");
        assert!(!policy.contains("script-src 'self' 'unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
    }
    assert_eq!(server.ask(get_of("/api/health")).await.header("cache-control"), "no-store");
    assert_eq!(server.ask(get_of("/login")).await.header("cache-control"), "no-store");
    let asset = open().ask(get_of("/assets/app.js")).await;
    assert_eq!(asset.header("cache-control"), "", "files of the app are cached as their handler says");
}

#[tokio::test]
async fn a_name_cannot_write_into_the_policy() {
    let server = locked();
    for host in ["x;script-src *", "x 'unsafe-inline'", "x\"", "x,y"] {
        let answer = server.ask(get_of("/login").header("host", host)).await;
        assert_eq!(answer.status, 403, "{host}");
        assert!(!answer.header("content-security-policy").contains(host), "{host}");
    }
}

fn chunked(bytes: usize) -> Body {
    let chunks = (0..bytes / 65_536).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 65_536])));
    Body::from_stream(futures_util::stream::iter(chunks))
}

#[tokio::test]
async fn bodies_that_are_too_large_are_refused() {
    let server = open();
    let fits = server.ask(request("POST", "/api/things").body(Body::from(vec![b'x'; 1024 * 1024]))).await;
    assert_eq!((fits.status, fits.body.as_str()), (200, "1048576"));
    for size in [1024 * 1024 + 1, 10 * 1024 * 1024] {
        let answer = server.ask(request("POST", "/api/things").body(Body::from(vec![b'x'; size]))).await;
        assert_eq!(answer.status, 413, "{answer:?}");
        assert!(answer.detail().contains("1048576 bytes"), "{answer:?}");
    }
    let streamed = server.ask(request("POST", "/api/things").body(chunked(2 * 1024 * 1024))).await;
    assert_eq!(streamed.status, 413, "a length that was not told: {streamed:?}");
}

fn with_app(origin: &str) -> Server {
    let mut site = Site::at("127.0.0.1").with_password();
    site.config.cors_origins = vec![origin.to_owned()];
    site.open().unwrap()
}

#[tokio::test]
async fn pages_of_a_named_origin_may_use_the_api() {
    let server = with_app("http://localhost:5173");
    let from = |method: &str| request(method, "/api/things").header("origin", "http://localhost:5173");
    let preflight = from("OPTIONS").header("access-control-request-method", "PATCH");
    let answer = server.ask(preflight.header("access-control-request-headers", "x-csrf-token")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, "http://localhost:5173"));
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert!(answer.header("access-control-allow-methods").contains("PATCH"), "{answer:?}");
    assert!(answer.header("access-control-allow-headers").contains("x-csrf-token"), "{answer:?}");
    assert_eq!(answer.header("vary"), "origin");

    let unknown = server.ask(from("GET")).await;
    assert_eq!(unknown.status, 401, "they log in like everybody");
    assert_eq!(unknown.header("access-control-allow-origin"), "http://localhost:5173", "and can read why not");
    let (cookie, csrf) = server.login().await;
    let answer = server.ask(from("POST").cookie(&cookie).header("x-csrf-token", &csrf)).await;
    assert_eq!(answer.status, 200);

    let other = server.ask(request("GET", "/api/things").header("origin", "http://localhost:5174")).await;
    assert_eq!((other.status, other.header("access-control-allow-origin")), (403, ""));
    assert_eq!(other.header("vary"), "origin", "a cache must not give one origin's answer to another");
}

#[test]
fn an_origin_that_is_none_is_named() {
    let mut site = Site::at("127.0.0.1");
    site.config.cors_origins = vec!["*".to_owned()];
    let Err(error) = site.open() else { panic!("it must not start") };
    assert!(error.to_string().contains("CORS_ORIGINS"), "{error}");
}
