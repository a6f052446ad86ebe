//! Keys for programs.

use serde_json::{Value, json};

use crate::support::{Server, get_of, locked, open, request};

async fn make(server: &Server, name: &str) -> Value {
    let (cookie, csrf) = server.login().await;
    let ask = request("POST", "/api/auth/keys").cookie(&cookie).header("x-csrf-token", &csrf);
    let answer = server.ask(ask.json(&json!({ "name": name }))).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_key_opens_the_api_until_it_is_revoked() {
    let server = locked();
    let made = make(&server, "backup").await;
    let key = made["key"].as_str().unwrap();
    let by = |method: &str, path: &str| request(method, path).header("x-api-key", key);
    assert_eq!(server.ask(by("GET", "/api/things")).await.status, 200);
    assert_eq!(server.ask(by("POST", "/api/begin")).await.body, "key 1 (backup)", "no CSRF token is needed");
    let bearer = get_of("/ws").header("authorization", format!("Bearer {key}"));
    assert_eq!(server.ask(bearer).await.status, 200);

    while server.store.read(|r| r.api_keys()).unwrap()[0].used_at.is_none() {
        // Nobody waits for the note of its first use.
        tokio::task::yield_now().await;
    }
    let (cookie, csrf) = server.login().await;
    let listed = server.ask(get_of("/api/auth/keys").cookie(&cookie)).await;
    assert!(!listed.body.contains(key), "it is shown once: {}", listed.body);
    assert_eq!(listed.json()[0]["name"], "backup");
    assert!(key.starts_with(listed.json()[0]["prefix"].as_str().unwrap()));

    let revoke =
        |id: &str| request("DELETE", &format!("/api/auth/keys/{id}")).cookie(&cookie).header("x-csrf-token", &csrf);
    assert_eq!(server.ask(revoke("1")).await.status, 200);
    assert_eq!(server.ask(by("GET", "/api/things")).await.status, 401);
    assert_eq!(server.ask(revoke("1")).await.status, 404);
    assert_eq!(server.ask(revoke("x")).await.status, 422);
    let audited = server.audited();
    assert!(audited.contains(&"key.made".to_owned()) && audited.contains(&"key.revoked".to_owned()), "{audited:?}");
}

#[tokio::test]
async fn a_key_cannot_make_or_revoke_keys() {
    let server = locked();
    let made = make(&server, "backup").await;
    let key = made["key"].as_str().unwrap();
    let another = request("POST", "/api/auth/keys").header("x-api-key", key).json(&json!({"name": "more"}));
    assert_eq!(server.ask(another).await.status, 403);
    assert_eq!(server.ask(request("DELETE", "/api/auth/keys/1").header("x-api-key", key)).await.status, 403);
}

#[tokio::test]
async fn names_of_keys_say_something_and_are_taken_once() {
    let server = open();
    let ask = |name: Value| request("POST", "/api/auth/keys").json(&json!({ "name": name }));
    for wrong in [json!(""), json!("  "), json!("x".repeat(101)), json!("two\nlines"), json!(7), Value::Null] {
        let answer = server.ask(ask(wrong.clone())).await;
        assert_eq!(
            (answer.status, &answer.json()["detail"][0]["loc"][1]),
            (422, &json!("name")),
            "{wrong}: {answer:?}"
        );
    }
    assert_eq!(server.ask(ask(json!("backup"))).await.status, 201, "they may be made before there is a password");
    assert_eq!(server.ask(ask(json!(" backup "))).await.status, 409);
}

#[tokio::test]
async fn what_a_key_does_is_written_down_under_its_name() {
    let server = locked();
    let made = make(&server, "backup").await;
    let ask = request("DELETE", "/api/things").header("x-api-key", made["key"].as_str().unwrap());
    assert_eq!(server.ask(ask).await.status, 200);
    let last = server.audit().pop().unwrap();
    assert_eq!((last.action.as_str(), last.actor.as_str()), ("jobs.cleared", "key 1 (backup)"));
    assert_eq!((last.detail.as_deref(), last.address.as_deref()), (Some("3 jobs"), Some("192.0.2.1")));
}

#[tokio::test]
async fn the_audit_log_is_read_page_by_page() {
    let server = open();
    for name in ["a", "b", "c", "d", "e"] {
        server.ask(request("POST", "/api/auth/keys").json(&json!({ "name": name }))).await;
    }
    let page = async |query: &str| server.ask(get_of(&format!("/api/auth/audit{query}"))).await;
    let first = page("?limit=2").await.json();
    assert_eq!((first["entries"].as_array().unwrap().len(), &first["next_before"]), (2, &json!(4)));
    assert_eq!(first["entries"][0]["detail"], "key 5, \"e\"");
    let rest = page("?limit=10&before=4").await.json();
    assert_eq!((rest["entries"].as_array().unwrap().len(), &rest["next_before"]), (3, &Value::Null));
    for wrong in ["?limit=0", "?limit=501", "?limit=x", "?before=0", "?before=-1"] {
        assert_eq!(page(wrong).await.status, 422, "{wrong}");
    }
}
