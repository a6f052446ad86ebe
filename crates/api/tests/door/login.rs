//! Logging in.

use std::sync::Arc;

use mediaflow_api::door::Password;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Ask, PASSWORD, Site, get_of, locked, open, request};

fn form(password: &str, next: &str) -> Ask {
    request("POST", "/login").form(&[("password", password), ("next", next)]).header("host", "nas:9876")
}

#[tokio::test]
async fn a_browser_logs_in_by_a_form_and_gets_where_it_wanted() {
    let server = locked();
    let page = |path: &str| get_of(path).header("accept", "text/html,application/xhtml+xml");
    let sent = server.ask(page("/queue?job=7")).await;
    assert_eq!((sent.status, sent.header("location")), (303, "/login?next=%2Fqueue%3Fjob%3D7"));
    assert_eq!(server.ask(page("/")).await.header("location"), "/login");

    let shown = server.ask(page(sent.header("location"))).await;
    assert_eq!((shown.status, shown.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(shown.body.contains("name=\"next\" value=\"/queue?job=7\""), "{}", shown.body);
    assert!(!shown.body.contains("<script") && !shown.body.contains(" style="), "{}", shown.body);

    let ask = form(PASSWORD, "/queue?job=7").header("origin", "http://nas:9876");
    let answer = server.ask(ask.header("sec-fetch-site", "same-origin")).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/queue?job=7"));
    let set = answer.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"] {
        assert!(set.contains(part), "{part} is missing in {set}");
    }
    assert!(!set.contains("Secure") && !set.contains("Domain"), "it came by plain http: {set}");
    assert_eq!(server.ask(page("/").cookie(&answer.cookie())).await.status, 200);
    assert_eq!(server.audited(), ["password.set", "login.ok"]);
}

#[tokio::test]
async fn over_https_the_cookie_is_for_https_only() {
    let server = locked();
    let ask = |origin: &str| form(PASSWORD, "/").header("origin", origin).header("host", "nas");
    let by_https = request("POST", "/login").form(&[("password", PASSWORD)]);
    let by_https = by_https.header("host", "nas").header("origin", "https://nas");
    assert!(server.ask(by_https).await.header("set-cookie").ends_with("; Secure"));
    // A header that anybody can send decides nothing.
    let claimed = form(PASSWORD, "/").header("x-forwarded-proto", "https");
    assert!(!server.ask(claimed).await.header("set-cookie").contains("Secure"));
    assert_eq!(server.ask(ask("https://other")).await.status, 403);
}

#[tokio::test]
async fn a_wrong_password_shows_the_page_again() {
    let server = locked();
    let answer = server.ask(form("not the password", "/queue")).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (401, ""));
    assert!(answer.body.contains("This is not the password."), "{}", answer.body);
    assert!(answer.body.contains("role=\"alert\"") && answer.body.contains("value=\"/queue\""), "{}", answer.body);
    assert!(!answer.body.contains("not the password\""), "what was typed is not shown again");

    let log = server.audit();
    assert_eq!(log[1].action, "login.failed");
    assert_eq!((log[1].actor.as_str(), log[1].address.as_deref(), log[1].refused), ("nobody", Some("192.0.2.1"), true));
}

#[tokio::test]
async fn a_login_leads_to_no_other_site() {
    let server = locked();
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/login"] {
        assert_eq!(server.ask(form(PASSWORD, next)).await.header("location"), "/", "{next}");
    }
}

#[tokio::test]
async fn a_link_from_another_site_finds_the_session() {
    // The browser keeps a strict cookie back when another site's link is followed, and sends it when our page asks.
    let server = locked();
    let followed = get_of("/login?next=%2Fqueue").header("sec-fetch-site", "cross-site").header("accept", "text/html");
    let page = server.ask(followed).await;
    assert!(page.body.contains("<meta http-equiv=\"refresh\" content=\"0;url=/queue\">"), "{}", page.body);
    let own = server.ask(get_of("/login?next=%2Fqueue").header("sec-fetch-site", "same-origin")).await;
    assert!(!own.body.contains("refresh"), "only once: {}", own.body);
}

#[tokio::test]
async fn guessing_is_slowed_down_for_each_address() {
    let server = locked();
    for _ in 0..5 {
        assert_eq!(server.ask(form("wrong password", "/")).await.status, 401);
    }
    let limited = server.ask(form(PASSWORD, "/")).await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, "30"), "the right one too: {limited:?}");
    assert!(limited.body.contains("try again in 30 seconds"), "{}", limited.body);
    let api = server.ask(request("POST", "/api/auth/login").json(&json!({"password": PASSWORD}))).await;
    assert_eq!((api.status, api.header("retry-after")), (429, "30"));
    assert_eq!(server.ask(form(PASSWORD, "/").from("192.0.2.2")).await.status, 303, "others are not concerned");

    server.advance(30);
    assert_eq!(server.ask(form(PASSWORD, "/")).await.status, 303);
    let log = server.audited();
    assert_eq!(log.iter().filter(|action| *action == "login.limited").count(), 2, "{log:?}");
}

#[tokio::test]
async fn right_passwords_are_not_counted() {
    let server = locked();
    for _ in 0..8 {
        assert_eq!(server.ask(form(PASSWORD, "/")).await.status, 303);
    }
}

#[tokio::test]
async fn many_at_once_are_all_answered() {
    let server = Arc::new(locked());
    let mut asks = JoinSet::new();
    for _ in 0..40 {
        let server = Arc::clone(&server);
        asks.spawn(async move { server.ask(form(PASSWORD, "/")).await.status });
    }
    let answers = asks.join_all().await;
    assert!(answers.iter().all(|status| [303, 429, 503].contains(status)), "{answers:?}");
    assert!(answers.contains(&303) && answers.len() == 40, "{answers:?}");
}

#[tokio::test]
async fn what_is_no_login_is_named_without_the_password() {
    let server = locked();
    for body in
        [json!({"password": ["hunter2-hunter2"]}), json!("hunter2-hunter2"), json!({}), json!({"password": null})]
    {
        let answer = server.ask(request("POST", "/api/auth/login").json(&body)).await;
        assert_eq!(answer.status, 422, "{body}: {answer:?}");
        assert!(!answer.body.contains("hunter2"), "{answer:?}");
        assert_eq!(answer.json()["detail"][0]["loc"][0], "body");
    }
    let long = server.ask(form(&"x".repeat(20_000), "/")).await;
    assert_eq!(long.status, 413, "{long:?}");
    let none = open().ask(request("POST", "/api/auth/login").json(&json!({"password": PASSWORD}))).await;
    assert_eq!(none.status, 409, "there is no password: {none:?}");
}

#[tokio::test]
async fn a_password_of_the_environment_counts_for_this_start() {
    let mut site = Site::at("0.0.0.0").with_password();
    site.config.password_from_env = Some(Password::new("another password").unwrap());
    let server = site.open().unwrap();
    assert_eq!(server.ask(form(PASSWORD, "/")).await.status, 401, "the one that is kept does not count");
    let cookie = server.ask(form("another password", "/")).await.cookie();
    assert_eq!(server.ask(get_of("/api/things").cookie(&cookie)).await.status, 200);
}

#[tokio::test]
async fn secrets_are_in_no_answer_and_no_log() {
    let server = locked();
    let (cookie, csrf) = server.login().await;
    let token = cookie.split('=').nth(1).unwrap().to_owned();
    let session = server.ask(get_of("/api/auth/session").cookie(&cookie)).await;
    assert_eq!(session.json(), json!({"password_set": true, "authenticated": true, "csrf_token": csrf}));
    let mut everything = session.body;
    for path in ["/api/auth/audit", "/api/auth/keys", "/login", "/"] {
        everything.push_str(&server.ask(get_of(path).cookie(&cookie)).await.body);
    }
    for file in std::fs::read_dir(server.folder()).unwrap() {
        everything.push_str(&String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()));
    }
    assert!(!everything.contains(&token), "the session's token");
    assert!(!everything.contains(PASSWORD), "the password");
}
