//! The password, sessions, keys and the audit log.

use mediaflow_core::identity::Hash;
use mediaflow_core::time::Timestamp;
use mediaflow_store::{KEPT_REFUSALS, NewAuditEntry, NewSession, Session, StoreError};

use crate::fixture::Fixture;

fn hash(text: &str) -> Hash {
    Hash::of_bytes(text.as_bytes())
}

fn begin(fixture: &Fixture, token: &str, mark: &str, idle_until_at: i64, ends_at: i64) -> i64 {
    let (token, password_mark) = (hash(token), hash(mark));
    let session = NewSession {
        token: &token,
        password_mark: &password_mark,
        address: Some("192.0.2.1"),
        idle_until_at: Timestamp(idle_until_at),
        ends_at: Timestamp(ends_at),
    };
    fixture.store.write(|tx| tx.session_begin(&session)).unwrap()
}

fn session(fixture: &Fixture, token: &str) -> Option<Session> {
    fixture.store.read(|r| r.session(&hash(token))).unwrap()
}

fn refusal(detail: &str) -> NewAuditEntry<'_> {
    NewAuditEntry {
        action: "login.failed",
        refused: true,
        actor: "nobody",
        address: Some("192.0.2.1"),
        detail: Some(detail),
    }
}

#[test]
fn a_new_password_ends_every_session() {
    let fixture = Fixture::new();
    let stored = || fixture.store.read(|r| r.password()).unwrap();
    assert_eq!(stored(), None);
    fixture.store.write(|tx| tx.password_set("$one")).unwrap();
    begin(&fixture, "a", "one", 5_000_000, 9_000_000);
    begin(&fixture, "b", "one", 5_000_000, 9_000_000);

    assert_eq!(fixture.store.write(|tx| tx.password_set("$two")).unwrap(), 2, "both sessions end");
    assert_eq!(stored().unwrap().hash, "$two");
    assert_eq!(session(&fixture, "a"), None);

    begin(&fixture, "c", "two", 5_000_000, 9_000_000);
    assert!(fixture.store.write(|tx| tx.password_remove()).unwrap());
    assert_eq!((stored(), session(&fixture, "c")), (None, None));
    assert!(!fixture.store.write(|tx| tx.password_remove()).unwrap(), "there is none left to remove");
}

#[test]
fn a_session_lives_until_it_is_idle_too_long_or_too_old() {
    let fixture = Fixture::new();
    let id = begin(&fixture, "a", "one", 5_000_000, 9_000_000);
    let live_at = |at| session(&fixture, "a").unwrap().is_live(Timestamp(at));
    assert!(live_at(4_999_999) && !live_at(5_000_000));

    fixture.clock.set(4_000_000);
    fixture.store.write(|tx| tx.session_used(id, Timestamp(20_000_000))).unwrap();
    assert_eq!(session(&fixture, "a").unwrap().used_at, Timestamp(4_000_000));
    assert!(live_at(8_999_999) && !live_at(9_000_000), "use does not move its end");
    assert_eq!(session(&fixture, "another token"), None);

    assert!(fixture.store.write(|tx| tx.session_end(id)).unwrap());
    assert_eq!(session(&fixture, "a"), None);
}

#[test]
fn sessions_that_are_over_or_too_many_are_forgotten() {
    let fixture = Fixture::new();
    begin(&fixture, "idle", "now", 1_500_000, 9_000_000);
    begin(&fixture, "old", "now", 9_000_000, 1_500_000);
    begin(&fixture, "other password", "before", 9_000_000, 9_000_000);
    for token in ["first", "second", "third"] {
        begin(&fixture, token, "now", 9_000_000, 9_000_000);
    }
    fixture.clock.set(2_000_000);
    let mark = hash("now");
    assert_eq!(fixture.store.write(|tx| tx.sessions_prune(Some(&mark), 2)).unwrap(), 4);
    assert_eq!(session(&fixture, "first"), None, "the oldest of three gives way");
    assert!(session(&fixture, "second").is_some() && session(&fixture, "third").is_some());
    assert_eq!(fixture.store.write(|tx| tx.sessions_prune(None, 100)).unwrap(), 2, "without a password there is none");
}

#[test]
fn a_key_is_found_by_its_hash_until_it_is_revoked() {
    let fixture = Fixture::new();
    let key = fixture.store.write(|tx| tx.api_key_put("backup", "mf_12345678", &hash("secret"))).unwrap();
    let find = |secret: &str| fixture.store.read(|r| r.api_key(&hash(secret))).unwrap();
    assert_eq!(find("secret"), Some(key.clone()));
    assert_eq!(find("guess"), None);

    let taken = fixture.store.write(|tx| tx.api_key_put("backup", "mf_87654321", &hash("other"))).unwrap_err();
    assert!(matches!(taken, StoreError::Taken { .. }), "{taken}");

    fixture.clock.set(7_000_000);
    fixture.store.write(|tx| tx.api_key_used(key.id)).unwrap();
    assert_eq!(fixture.store.read(|r| r.api_keys()).unwrap()[0].used_at, Some(Timestamp(7_000_000)));

    assert_eq!(fixture.store.write(|tx| tx.api_key_revoke(key.id)).unwrap().name, "backup");
    assert_eq!(find("secret"), None);
    let gone = fixture.store.write(|tx| tx.api_key_revoke(key.id)).unwrap_err();
    assert!(matches!(gone, StoreError::NotFound { .. }), "{gone}");
}

#[test]
fn strangers_cannot_push_what_was_done_out_of_the_audit_log() {
    let fixture = Fixture::new();
    let done = NewAuditEntry { action: "key.made", refused: false, actor: "session 1", address: None, detail: None };
    fixture
        .store
        .write(|tx| {
            tx.audit(&done)?;
            for number in 0..KEPT_REFUSALS + 5 {
                tx.audit(&refusal(&number.to_string()))?;
            }
            Ok(())
        })
        .unwrap();
    let log = fixture.store.read(|r| r.audit_log(None, KEPT_REFUSALS * 2)).unwrap();
    assert_eq!(log.len(), KEPT_REFUSALS as usize + 1);
    assert_eq!(log.last().unwrap().action, "key.made");
    assert_eq!(log[0].detail.as_deref(), Some((KEPT_REFUSALS + 4).to_string().as_str()), "the newest comes first");

    let page = fixture.store.read(|r| r.audit_log(Some(log[2].id), 3)).unwrap();
    assert_eq!(page, log[3..6]);
}
