//! Servers that encode, by a real `sshd`: added, tried, changed, removed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use mediaflow_testkit::sshd::{Door, KeyKind, PASSWORD, Sshd, make_key};
use serde_json::{Value, json};

use crate::client::Server;
use crate::support::clips::Clip;
use crate::support::home::{Home, list};

/// `None`, said aloud, where there is no `sshd`.
fn sshd(home: &Home) -> Option<Sshd> {
    sshd_in(home, "sshd")
}

fn sshd_in(home: &Home, folder: &str) -> Option<Sshd> {
    let started = Sshd::start(&home.root().join(folder)).unwrap();
    if started.is_none() {
        println!("skipped: there is no sshd here");
    }
    started
}

fn said(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// As `ssh-keygen -l` shows it.
fn fingerprint(public: &Path) -> String {
    let line = said("ssh-keygen", &["-lf", public.to_str().unwrap()]);
    line.split(' ').nth(1).unwrap().to_owned()
}

/// What is said of a server by that name, which lets the user in who runs the test.
fn attic(sshd: &Sshd) -> Value {
    json!({
        "name": "attic", "hostname": "127.0.0.1", "port": sshd.port(), "ssh_username": said("id", &["-un"]),
        "ssh_key_path": sshd.key(), "max_concurrent_jobs": 2,
    })
}

impl Server {
    #[track_caller]
    fn add(&self, wish: &Value) -> i64 {
        self.post("/api/servers/", wish).expect(200)["id"].as_i64().unwrap()
    }

    fn put(&self, path: &str, body: &Value) -> crate::client::Answer {
        self.ask("PUT", path, Some(body))
    }

    #[track_caller]
    fn test(&self, id: i64) -> Value {
        self.post(&format!("/api/servers/{id}/test"), &Value::Null).expect(200)
    }
}

#[test]
fn a_server_is_known_by_the_key_that_it_showed_first_until_that_is_forgotten() {
    let home = Home::new();
    let Some(sshd) = sshd(&home) else { return };
    let server = Server::start(&home);
    let mut socket = server.listen();
    sshd.set_down(true);
    let id = server.add(&attic(&sshd));
    let path = format!("/api/servers/{id}");
    let added = server.get(&path).expect(200);
    assert_eq!(server.test(id)["problem"], "unreachable");
    sshd.set_down(false);
    assert_eq!((&added["status"], &added["host_key_fingerprint"]), (&json!("pending"), &Value::Null));
    assert_eq!((&added["working_directory"], &added["role"]), (&json!("/tmp/mediaflow"), &json!("transcode")));

    let tried = server.test(id);
    let first = fingerprint(&home.root().join("sshd/host.pub"));
    assert_eq!((&tried["status"], &tried["host_key_fingerprint"]), (&json!("success"), &json!(first)), "{tried}");
    assert!(tried["capabilities"]["cpu_cores"].as_i64() > Some(0), "{tried}");
    socket.until(|event| event["event"] == "server.online" && event["data"]["server_id"] == id);
    let known = server.get(&path).expect(200);
    assert_eq!((&known["status"], &known["host_key_fingerprint"]), (&json!("online"), &json!(first)));
    let available = server.get("/api/servers/available").expect(200);
    assert!(list(&available).iter().any(|one| one["id"] == id), "{available}");

    // A form that is sent back as it was shown changes nothing.
    let sent_back = server.put(&path, &known).expect(200);
    assert_eq!(sent_back["host_key_fingerprint"], json!(first), "{sent_back}");
    sshd.change_host_key().unwrap();
    let changed = server.test(id);
    assert_eq!((&changed["status"], &changed["problem"]), (&json!("error"), &json!("host_key_changed")), "{changed}");
    let message = changed["message"].as_str().unwrap();
    assert!(message.contains("forget its old key") && message.contains(&first), "{message}");
    assert_eq!(server.get(&path).expect(200)["host_key_fingerprint"], json!(first));

    let forgotten = server.post(&format!("{path}/forget-host-key"), &Value::Null).expect(200);
    assert_eq!(forgotten["host_key_fingerprint"], Value::Null);
    let again = server.test(id);
    assert_eq!(again["host_key_fingerprint"], json!(fingerprint(&home.root().join("sshd/host.pub"))), "{again}");

    assert_eq!(server.ask("DELETE", &path, None).expect(200)["status"], "deleted");
    server.get(&path).expect_refused(404, &["Server not found"]);
}

#[test]
fn a_server_behind_another_one_is_reached_through_it_and_both_are_known() {
    let home = Home::new();
    let (Some(inner), Some(outer)) = (sshd_in(&home, "inner"), sshd_in(&home, "outer")) else { return };
    outer.admit(&home.root().join("inner/key.pub")).unwrap();
    let server = Server::start(&home);
    let mut wish = attic(&inner);
    wish["jump_host"] = json!(format!("{}@127.0.0.1:{}", said("id", &["-un"]), outer.port()));
    let id = server.add(&wish);
    let tried = server.test(id);
    let shown = fingerprint(&home.root().join("inner/host.pub"));
    assert_eq!((&tried["status"], &tried["host_key_fingerprint"]), (&json!("success"), &json!(shown)), "{tried}");
    assert!(outer.carried() > 0, "it was called directly");
    outer.change_host_key().unwrap();
    let changed = server.test(id);
    assert_eq!(changed["problem"], "host_key_changed", "{changed}");
    server.put(&format!("/api/servers/{id}"), &json!({ "jump_host": "" })).expect(200);
    let direct = server.test(id);
    assert_eq!(direct["status"], "success", "{direct}");
}

#[test]
fn what_was_under_way_on_a_server_when_mediaflow_was_killed_says_so_at_the_next_start() {
    let home = Home::new();
    let Some(sshd) = sshd(&home) else { return };
    let server = Server::start(&home);
    let id = server.add(&attic(&sshd));
    assert_eq!(server.test(id)["status"], "success");
    sshd.set_held(true);
    let path = format!("/api/servers/{id}");
    server.post(&format!("{path}/benchmark"), &Value::Null).expect(200);
    server.post(&format!("{path}/benchmark"), &Value::Null).expect_refused(409, &["already"]);
    server.post(&format!("{path}/provision"), &json!({ "install_gpu": false })).expect(200);
    server.post(&format!("{path}/provision"), &Value::Null).expect_refused(409, &["already being provisioned"]);
    server.stop("KILL");
    let server = Server::start(&home);
    let shown = server.get(&path).expect(200);
    assert_eq!(shown["status"], "setup_failed", "{shown}");
    assert!(shown["status_reason"].as_str().unwrap().contains("set it up again"), "{shown}");
    let measured = server.get(&format!("{path}/benchmarks")).expect(200);
    assert_eq!((list(&measured).len(), &measured[0]["status"]), (1, &json!("failed")), "{measured}");
}

#[test]
fn a_pasted_key_is_used_and_shown_to_nobody() {
    let home = Home::new();
    let Some(sshd) = sshd(&home) else { return };
    let server = Server::start(&home);
    let (wrong, right) = (home.root().join("wrong"), home.root().join("right"));
    make_key(&wrong, KeyKind::Ed25519, "").unwrap();
    make_key(&right, KeyKind::Ed25519, "open, sesame").unwrap();
    sshd.admit(&right.with_extension("pub")).unwrap();
    let mut wish = attic(&sshd);
    wish["ssh_key_path"] = Value::Null;
    wish["ssh_private_key"] = json!(fs::read_to_string(&wrong).unwrap());
    let tried = server.post("/api/servers/test", &wish).expect(200);
    assert_eq!((&tried["status"], &tried["problem"]), (&json!("error"), &json!("login_refused")), "{tried}");
    assert_eq!(list(&server.get("/api/servers/").expect(200)).len(), 1, "nothing is kept of a trial");

    let id = server.add(&wish);
    let path = format!("/api/servers/{id}");
    let key = fs::read_to_string(&right).unwrap();
    let locked = server.put(&path, &json!({ "ssh_private_key": key })).expect(200);
    assert_eq!((&locked["has_private_key"], &locked["has_passphrase"]), (&json!(true), &json!(false)));
    let locked = server.test(id);
    assert_eq!(locked["problem"], "key_unusable", "{locked}");
    assert!(locked["message"].as_str().unwrap().contains("give its passphrase"), "{locked}");
    // A form that is open says only what was changed in it.
    let in_form = json!({ "hostname": "127.0.0.1", "server_id": id, "ssh_passphrase": "open, sesame" });
    assert_eq!(server.post("/api/servers/test", &in_form).expect(200)["status"], "success");
    server.put(&path, &json!({ "ssh_passphrase": "open, sesame" })).expect(200);
    assert_eq!(server.test(id)["status"], "success");

    let secret = key.lines().nth(2).unwrap();
    let answers = server.get("/api/servers/").body + &server.get(&path).body;
    assert!(!answers.contains(secret) && !answers.contains("sesame"), "{answers}");
    for entry in fs::read_dir(home.data()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap_or_default();
        let holds = |word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        assert!(!holds(secret) && !holds("sesame"), "{} holds a secret", path.display());
    }
    // Without its key they cannot be read, which is said and breaks nothing.
    let key_file = home.data().join("secret.key");
    assert_eq!(fs::metadata(&key_file).unwrap().permissions().mode() & 0o777, 0o600);
    fs::remove_file(&key_file).unwrap();
    let lost = server.test(id);
    assert_eq!((&lost["status"], &lost["problem"]), (&json!("error"), &json!("secret_lost")), "{lost}");
    server.put(&path, &json!({ "ssh_private_key": "", "ssh_passphrase": "", "ssh_key_path": sshd.key() })).expect(200);
    assert_eq!(server.test(id)["status"], "success");
}

#[test]
fn a_wrong_password_is_said_and_the_right_one_lets_us_in() {
    let home = Home::new();
    let Some(sshd) = Sshd::start_with(&home.root().join("sshd"), Door::Password).unwrap() else {
        println!("skipped: there is no sshd here that asks for a password");
        return;
    };
    let server = Server::start(&home);
    let mut wish = attic(&sshd);
    wish["ssh_key_path"] = Value::Null;
    wish["ssh_password"] = json!("not this one");
    let id = server.add(&wish);
    let refused = server.test(id);
    assert_eq!(refused["problem"], "login_refused", "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("the password"), "{refused}");
    let path = format!("/api/servers/{id}");
    assert_eq!(server.put(&path, &json!({ "ssh_password": PASSWORD })).expect(200)["has_password"], true);
    assert_eq!(server.test(id)["status"], "success");
    assert!(!server.get(&path).body.contains(PASSWORD));
}

#[test]
fn this_machine_is_one_of_them_and_what_makes_no_sense_is_refused() {
    let home = Home::new();
    let server = Server::start(&home);
    let here = server.get("/api/servers/").expect(200)[0].clone();
    let id = here["id"].as_i64().unwrap();
    assert_eq!((&here["is_local"], &here["status"]), (&json!(true), &json!("online")));
    let local = json!({ "name": "Desk", "hostname": "desk", "is_local": true, "max_concurrent_jobs": 3 });
    assert_eq!(server.post("/api/servers/", &local).expect(200)["id"], id);
    assert_eq!(server.get("/api/settings/transcode.concurrent_jobs").expect(200)["value"], 3);
    server.put("/api/settings/transcode.concurrent_jobs", &json!({ "value": 2 })).expect(200);
    let listed = server.get("/api/servers/").expect(200);
    assert_eq!((list(&listed).len(), &listed[0]["max_concurrent_jobs"]), (1, &json!(2)));
    server.ask("DELETE", &format!("/api/servers/{id}"), None).expect_refused(400, &["this machine"]);
    let provision = format!("/api/servers/{id}/provision");
    server.post(&provision, &Value::Null).expect_refused(400, &["Cannot provision the local server"]);
    let mut form = server.get(&format!("/api/servers/{id}")).expect(200);
    form["name"] = json!("My desk");
    assert_eq!(server.put(&format!("/api/servers/{id}"), &form).expect(200)["name"], "My desk");
    server.put(&format!("/api/servers/{id}"), &json!({ "hostname": "attic" })).expect_refused(422, &["hostname"]);
    server.put(&format!("/api/servers/{id}"), &json!({ "is_enabled": false })).expect(200);
    assert_eq!(server.get("/api/servers/available").expect(200), json!([]));

    let wish = json!({ "name": "attic", "hostname": "attic.invalid" });
    let attic = server.add(&wish);
    server.post("/api/servers/", &wish).expect_refused(409, &["attic"]);
    for (field, value) in [
        ("name", json!(" ")),
        ("hostname", json!("-oProxyCommand=x")),
        ("port", json!(0)),
        ("working_directory", json!("tmp")),
        ("max_concurrent_jobs", json!(0)),
        ("jump_host", json!("a b")),
        ("path_mappings", json!([{ "source_prefix": "media", "target_prefix": "/mnt" }])),
    ] {
        server.put(&format!("/api/servers/{attic}"), &json!({ field: value })).expect_refused(422, &[field]);
    }
    let in_form = json!({ "hostname": "attic.invalid", "working_directory": "tmp" });
    server.post("/api/servers/test", &in_form).expect_refused(422, &["working_directory"]);
    let tried = server.test(attic);
    assert_eq!((&tried["status"], &tried["problem"]), (&json!("error"), &json!("unreachable")), "{tried}");
    server.post(&format!("/api/servers/{attic}/benchmark"), &Value::Null).expect_refused(400, &["must be online"]);
    for (method, path) in [
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("POST", "/test"),
        ("POST", "/provision"),
        ("POST", "/benchmark"),
        ("GET", "/status"),
        ("GET", "/benchmarks"),
        ("GET", "/provision-log"),
        ("POST", "/forget-host-key"),
        ("GET", "/estimate?file_size_bytes=1&duration_ms=1"),
    ] {
        let path = format!("/api/servers/999{path}");
        server.ask(method, &path, Some(&json!({}))).expect_refused(404, &["Server not found"]);
    }
    let estimate = server.get(&format!("/api/servers/{id}/estimate?file_size_bytes=1&duration_ms=1")).expect(200);
    assert_eq!((&estimate["estimated_display"], &estimate["based_on_jobs"]), (&json!("--"), &json!(0)));
}

#[test]
fn a_server_that_mounts_the_library_sees_its_files_under_other_names() {
    let home = Home::new();
    let Some(sshd) = sshd(&home) else { return };
    let server = Server::over(&home, &[("Film.mkv", Clip::Film)]);
    let id = server.add(&attic(&sshd));
    let film = home.library().join("Film.mkv");
    let mount = home.root().join("mount");
    fs::create_dir(&mount).unwrap();
    let look = || server.post(&format!("/api/servers/{id}/check-path"), &json!({ "path": film })).expect(200);
    let unmapped = look();
    assert_eq!((&unmapped["mapped_path"], &unmapped["same"]), (&Value::Null, &json!(false)), "{unmapped}");

    let global = json!([{ "source_prefix": home.library(), "target_prefix": "/nowhere" }]);
    server.put("/api/settings/path_mappings", &json!({ "value": global })).expect(200);
    let nowhere = look();
    assert_eq!((&nowhere["mapped_path"], &nowhere["found"]), (&json!("/nowhere/Film.mkv"), &json!(false)));
    let own = json!([{ "source_prefix": home.library(), "target_prefix": mount }]);
    server.put(&format!("/api/servers/{id}"), &json!({ "path_mappings": own })).expect(200);
    fs::copy(&film, mount.join("Film.mkv")).unwrap();
    let same = look();
    assert_eq!((&same["found"], &same["same"]), (&json!(true), &json!(true)), "{same}");
    let mut other = fs::read(&film).unwrap();
    *other.last_mut().unwrap() ^= 1;
    fs::write(mount.join("Film.mkv"), other).unwrap();
    let other = look();
    assert_eq!((&other["found"], &other["same"]), (&json!(true), &json!(false)), "{other}");

    server.post("/api/transcode/queue/pause", &Value::Null).expect(200);
    let wish = |worker: i64| json!({ "media_item_ids": server.items(), "preferred_worker_id": worker });
    server.post("/api/transcode/jobs", &wish(999)).expect_refused(404, &["999"]);
    let job = server.post("/api/transcode/jobs", &wish(id)).expect(200)["job_ids"][0].as_i64().unwrap();
    assert_eq!(server.job(job)["preferred_worker_id"], id);
    let job_path = format!("/api/transcode/jobs/{job}");
    server.patch(&job_path, &json!({ "worker_server_id": 999 })).expect_refused(404, &["999"]);
    server.patch(&job_path, &json!({ "worker_server_id": 1 })).expect(200);
    assert_eq!(server.job(job)["preferred_worker_id"], 1);
    server.patch(&job_path, &json!({ "worker_server_id": id })).expect(200);
    let shown = server.get(&format!("/api/servers/{id}")).expect(200);
    assert_eq!((&shown["active_jobs"], &shown["queued_jobs"]), (&json!(0), &json!(1)));
}
