//! Who is not let in, and what they are told.

use mediaflow_api::door::{Actor, DoorError, Password, remove_password};

use crate::support::{PASSWORD, Site, get_of, locked, open, request};

#[test]
fn off_loopback_nothing_starts_without_a_password() {
    for host in ["0.0.0.0", "::", "192.0.2.7"] {
        let Err(error) = Site::at(host).open() else { panic!("{host}: it must not start") };
        assert!(matches!(error, DoorError::NoPassword { .. }), "{host}: {error}");
        for how in ["mediaflow passwd", "MEDIAFLOW_PASSWORD", "127.0.0.1"] {
            assert!(error.to_string().contains(how), "{how:?} is missing in {error}");
        }
    }
    for host in ["127.0.0.1", "::1", "127.0.0.9"] {
        assert!(Site::at(host).open().is_ok(), "{host}");
    }
    assert!(Site::at("0.0.0.0").with_password().open().is_ok());
    let mut site = Site::at("0.0.0.0");
    site.config.password_from_env = Some(Password::new(PASSWORD).unwrap());
    let server = site.open().unwrap();
    assert_eq!(server.store.read(|r| r.password()).unwrap(), None, "the environment's is not kept");
}

#[tokio::test]
async fn on_loopback_without_a_password_programs_need_nothing() {
    let server = open();
    for host in ["localhost", "localhost:9876", "127.0.0.1:9876", "[::1]:9876", "LOCALHOST:8080"] {
        for ask in [get_of("/api/things"), request("POST", "/api/things"), get_of("/ws"), get_of("/")] {
            let answer = server.ask(ask.header("host", host)).await;
            assert_eq!(answer.status, 200, "{host}: {answer:?}");
        }
    }
    let who = server.ask(request("POST", "/api/begin")).await;
    assert_eq!(who.body, "local");
    let session = server.ask(get_of("/api/auth/session")).await.json();
    assert_eq!(session, serde_json::json!({"password_set": false, "authenticated": true, "csrf_token": null}));
    let login = server.ask(get_of("/login?next=/queue")).await;
    assert_eq!((login.status, login.header("location")), (303, "/queue"), "there is nothing to log in to");
}

#[tokio::test]
async fn foreign_names_are_refused_on_loopback() {
    let server = open();
    for host in ["evil.example", "evil.example:9876", "192.168.1.7:9876", "localhost.evil.example", "", "a b"] {
        for ask in [get_of("/api/things"), get_of("/api/health"), get_of("/"), request("POST", "/api/auth/login")] {
            let answer = server.ask(ask.header("host", host)).await;
            assert_eq!(answer.status, 403, "{host:?}: {answer:?}");
            assert!(answer.detail().contains("CORS_ORIGINS"), "it says what to do: {answer:?}");
        }
    }
    let proxied = server.ask(get_of("/api/things").header("x-forwarded-for", "203.0.113.9")).await;
    assert_eq!(proxied.status, 403);
    assert!(proxied.detail().contains("proxy"), "{proxied:?}");

    let mut site = Site::at("127.0.0.1");
    site.config.cors_origins = vec!["http://nas.local:9876".to_owned()];
    let named = site.open().unwrap();
    assert_eq!(named.ask(get_of("/api/things").header("host", "nas.local:9876")).await.status, 200);
}

#[tokio::test]
async fn pages_of_other_sites_are_refused_everywhere() {
    for server in [open(), locked()] {
        for origin in ["http://evil.example", "null", "http://localhost:3000", "https://localhost"] {
            for ask in [
                request("POST", "/api/things"),
                request("DELETE", "/api/things"),
                get_of("/api/things"),
                get_of("/ws"),
                request("POST", "/login").form(&[("password", PASSWORD)]),
                request("OPTIONS", "/api/things").header("access-control-request-method", "POST"),
            ] {
                let answer = server.ask(ask.header("origin", origin)).await;
                assert_eq!(answer.status, 403, "{origin}: {answer:?}");
                assert_eq!(answer.header("access-control-allow-origin"), "");
            }
        }
        let cross = server.ask(request("POST", "/api/things").header("sec-fetch-site", "cross-site")).await;
        assert_eq!(cross.status, 403, "{cross:?}");
        assert!(server.audited().contains(&"origin.refused".to_owned()), "{:?}", server.audited());
    }
    let own = open().ask(request("POST", "/api/things").header("origin", "http://localhost:9876")).await;
    assert_eq!(own.status, 200, "our own page: {own:?}");
}

#[tokio::test]
async fn with_a_password_nothing_but_health_and_login_answers() {
    let server = locked();
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/api/things"),
        ("HEAD", "/api/things"),
        ("POST", "/api/things"),
        ("DELETE", "/api/things"),
        ("PATCH", "/api/things"),
        ("OPTIONS", "/api/things"),
        ("GET", "/ws"),
        ("GET", "/assets/app.js"),
        ("GET", "/api/auth/session"),
        ("POST", "/api/auth/logout"),
        ("GET", "/api/auth/keys"),
        ("POST", "/api/auth/keys"),
        ("DELETE", "/api/auth/keys/1"),
        ("GET", "/api/auth/audit"),
        ("GET", "/api/folders"),
        ("GET", "/api/nothing-there"),
        ("POST", "/api/health"),
        ("GET", "/api/health/"),
        ("GET", "/api//health"),
        ("GET", "/api/health/../things"),
        ("GET", "/api/health%2F..%2Fthings"),
        ("GET", "/LOGIN"),
        ("GET", "/login/"),
        ("GET", "/login/style.css/../../api/things"),
        ("POST", "/login/style.css"),
        ("GET", "/api/auth/login"),
    ] {
        let answer = server.ask(request(method, path)).await;
        assert_eq!(answer.status, 401, "{method} {path}: {answer:?}");
        if method != "HEAD" {
            assert!(answer.detail().contains("log in"), "{method} {path}: {answer:?}");
        }
    }
    for path in ["/api/health", "/login", "/login/style.css"] {
        assert_eq!(server.ask(get_of(path)).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn forged_credentials_open_nothing() {
    let server = locked();
    let (cookie, _) = server.login().await;
    for (name, value) in [
        ("cookie", "mediaflow_session=".to_owned()),
        ("cookie", "mediaflow_session=0".to_owned()),
        ("cookie", cookie[..cookie.len() - 1].to_owned()),
        ("cookie", cookie.to_uppercase()),
        ("x-api-key", cookie.split('=').nth(1).unwrap().to_owned()),
        ("x-api-key", "mf_0000".to_owned()),
        ("authorization", "Bearer ".to_owned()),
        ("authorization", format!("Basic {PASSWORD}")),
        ("x-api-key", PASSWORD.to_owned()),
    ] {
        let answer = server.ask(get_of("/api/things").header(name, &value)).await;
        assert_eq!(answer.status, 401, "{name}: {value}: {answer:?}");
    }
}

#[tokio::test]
async fn a_password_that_is_taken_away_opens_nothing_to_other_machines() {
    let server = locked();
    let (cookie, _) = server.login().await;
    remove_password(&server.store, &Actor::command_line()).unwrap();
    let answer = server.ask(get_of("/api/things").cookie(&cookie)).await;
    assert_eq!(answer.status, 401);
    assert!(answer.detail().contains("mediaflow passwd"), "{answer:?}");
    let page = server.ask(get_of("/login")).await;
    assert!(page.body.contains("No password is set") && !page.body.contains("<form"), "{page:?}");
}

#[tokio::test]
async fn a_password_that_is_set_counts_at_once() {
    let server = open();
    assert_eq!(server.ask(get_of("/api/things")).await.status, 200);
    let password = Password::new(PASSWORD).unwrap();
    mediaflow_api::door::set_password(&server.store, &password, &Actor::command_line()).unwrap();
    assert_eq!(server.ask(get_of("/api/things")).await.status, 401);
    server.login().await;
}

#[tokio::test]
async fn strangers_fill_no_audit_log() {
    let server = open();
    for _ in 0..100 {
        server.ask(get_of("/").header("host", "evil.example")).await;
    }
    assert_eq!(server.audited().len(), 10);
    server.advance(60);
    server.ask(get_of("/").header("host", "evil.example")).await;
    let log = server.audit();
    assert_eq!(log.len(), 11, "one more in a minute");
    server.ask(get_of("/").header("origin", "http://evil.example")).await;
    assert_eq!(server.audited().last().unwrap(), "origin.refused", "another kind is not hidden by them");
    assert_eq!((log[10].detail.as_deref(), log[10].address.as_deref()), (Some("evil.example"), Some("192.0.2.1")));
}
