//! Who lets whom in.

use std::path::Path;
use std::process::Command;

use mediaflow_testkit::sshd::{Door, KeyKind, PASSWORD, Sshd, make_key};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::machine::Machine as _;
use mediaflow_transport::process::Invocation;
use mediaflow_transport::ssh::{Host, HostKey, Login, Secret, SshError};

use super::house::House;

fn greets(house: &House, host: Host) -> Result<HostKey, SshError> {
    let machine = house.ssh.machine(host);
    let key = machine.host_key()?;
    let said = machine.run(&Invocation::new("echo", ["hello"]), &Cancel::new()).unwrap();
    assert_eq!(said.stdout_text(), "hello\n");
    Ok(key)
}

#[test]
fn keys_of_every_kind_are_taken_from_a_file_and_as_text() {
    let Some(house) = House::new() else { return };
    for (name, kind, passphrase) in [
        ("plain", KeyKind::Ed25519, ""),
        ("locked", KeyKind::Ed25519, "open sesame"),
        ("old", KeyKind::Rsa, ""),
        ("old and locked", KeyKind::Rsa, "open sesame"),
    ] {
        let path = house.dir.path().join(name);
        make_key(&path, kind, passphrase).unwrap();
        house.sshd.admit(&path.with_extension("pub")).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let passphrase = (!passphrase.is_empty()).then(|| Secret::new(passphrase));
        let file = Login::KeyFile { path, passphrase: passphrase.clone() };
        let pasted = Login::Key { text: Secret::new(text), passphrase };
        for login in [file, pasted] {
            let host = Host { logins: vec![login], ..house.host() };
            greets(&house, host).unwrap_or_else(|error| panic!("{name}: {error}\n{}", house.sshd.log()));
        }
    }
}

#[test]
fn what_is_wrong_with_a_key_or_a_login_is_told() {
    let Some(house) = House::new() else { return };
    let locked = house.dir.path().join("locked");
    make_key(&locked, KeyKind::Ed25519, "open sesame").unwrap();
    let stranger = house.dir.path().join("stranger");
    make_key(&stranger, KeyKind::Ed25519, "").unwrap();
    let with = |login: Login| greets(&house, Host { logins: vec![login], ..house.host() }).unwrap_err().to_string();
    let file = |path: &Path, passphrase: Option<&str>| Login::KeyFile {
        path: path.to_owned(),
        passphrase: passphrase.map(Secret::new),
    };
    for (login, wanted) in [
        (file(&locked, None), "it is encrypted; give its passphrase"),
        (file(&locked, Some("close sesame")), "the passphrase does not open it"),
        (file(&locked.with_extension("pub"), None), "it is a public key"),
        (file(&locked.with_extension("pub"), Some("close sesame")), "it is a public key"),
        (Login::Key { text: Secret::new("-----BEGIN"), passphrase: None }, "it is no private key"),
        (file(&house.dir.path().join("nowhere"), None), "No such file"),
        (file(&stranger, None), "refused the login with the key"),
        (Login::Password(Secret::new("guess")), "refused the login with the password"),
    ] {
        let said = with(login);
        assert!(said.contains(wanted), "{said:?} instead of {wanted:?}");
        assert!(!said.contains("sesame") && !said.contains("guess"), "a secret is shown: {said}");
    }
}

#[test]
fn the_agents_keys_are_used() {
    let Some(house) = House::new() else { return };
    let socket = house.dir.path().join("agent");
    // `ssh-agent COMMAND` lives as long as the command; the test program is called again inside of it.
    if std::env::var_os("MEDIAFLOW_TEST_IN_AGENT").is_none() {
        let status = Command::new("ssh-agent")
            .arg("-a")
            .arg(&socket)
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "logins::the_agents_keys_are_used", "--nocapture"])
            .env("MEDIAFLOW_TEST_IN_AGENT", "1")
            .status();
        match status {
            Ok(status) => assert!(status.success(), "inside of the agent: {status}"),
            Err(_) => println!("skipped: there is no ssh-agent here"),
        }
        return;
    }
    let host = Host { logins: vec![Login::Agent], ..house.host() };
    let refused = greets(&house, host.clone()).unwrap_err();
    assert!(refused.to_string().contains("the SSH agent"), "an empty agent opens nothing: {refused}");
    let add = |key: &Path| assert!(Command::new("ssh-add").arg("-q").arg(key).status().unwrap().success());
    add(&house.sshd.key());
    greets(&house, host).unwrap();

    // The agent also opens a file whose passphrase only it was told.
    let path = house.dir.path().join("locked");
    make_key(&path, KeyKind::Ed25519, "").unwrap();
    house.sshd.admit(&path.with_extension("pub")).unwrap();
    let login = || Host { logins: vec![Login::KeyFile { path: path.clone(), passphrase: None }], ..house.host() };
    add(&path);
    let mut lock = Command::new("ssh-keygen");
    assert!(lock.args(["-q", "-p", "-N", "open sesame", "-f"]).arg(&path).status().unwrap().success());
    greets(&house, login()).unwrap();
    assert!(Command::new("ssh-add").args(["-q", "-D"]).status().unwrap().success());
    let refused = greets(&house, login()).unwrap_err();
    assert!(refused.to_string().contains("give its passphrase"), "{refused}");
}

#[test]
fn a_machine_is_known_by_its_key_and_another_key_gets_nothing() {
    let Some(house) = House::new() else { return };
    let key = greets(&house, house.host()).unwrap();
    let known = Host { pinned: Some(key.to_string().parse().unwrap()), ..house.host() };
    assert_eq!(greets(&house, known.clone()).unwrap(), key);
    house.sshd.change_host_key().unwrap();
    let error = greets(&house, known).unwrap_err();
    assert!(matches!(error, SshError::HostKeyChanged { .. }), "{error}");
    assert!(error.to_string().contains(&key.fingerprint()), "{error}");
    assert_ne!(greets(&house, house.host()).unwrap(), key);
}

#[test]
fn a_machine_behind_another_one_is_reached_through_it() {
    let Some(house) = House::new() else { return };
    let between = Sshd::start(&house.dir.path().join("between")).unwrap().unwrap();
    let via = Host {
        port: between.port(),
        logins: vec![Login::KeyFile { path: between.key(), passphrase: None }],
        ..house.host()
    };
    let host = Host { via: Some(Box::new(via)), ..house.host() };
    let before = between.carried();
    greets(&house, host.clone()).unwrap();
    assert!(between.carried() > before, "it went another way");
    between.set_down(true);
    let error = greets(&house, host).unwrap_err();
    assert!(error.to_string().starts_with("the jump host does not let us through to"), "{error}");
    assert!(error.may_pass());
}

#[test]
fn a_machine_that_is_off_is_told_at_once_and_left_alone_for_a_while() {
    let Some(house) = House::new() else { return };
    let machine = house.machine();
    house.sshd.set_down(true);
    let first = machine.host_key().unwrap_err();
    assert!(first.may_pass() && !matches!(first, SshError::Resting { .. }), "{first}");
    let second = machine.host_key().unwrap_err();
    assert!(matches!(second, SshError::Resting { .. }), "{second}");
    house.sshd.set_down(false);
    super::house::wait_for("its return", || machine.host_key().ok());
}

#[test]
fn a_key_that_cannot_be_used_does_not_keep_the_next_one_from_being_tried() {
    let Some(house) = House::new() else { return };
    let locked = house.dir.path().join("locked");
    make_key(&locked, KeyKind::Ed25519, "open sesame").unwrap();
    let mut host = house.host();
    host.logins.insert(0, Login::KeyFile { path: locked, passphrase: None });
    greets(&house, host).unwrap();
}

#[test]
fn a_password_opens_whether_it_is_sent_or_asked_for() {
    for door in [Door::Password, Door::Question] {
        let Some(house) = House::with(door) else { return };
        let with = |password: &str| Host { logins: vec![Login::Password(Secret::new(password))], ..house.host() };
        greets(&house, with(PASSWORD)).unwrap_or_else(|error| panic!("{door:?}: {error}\n{}", house.sshd.log()));
        let refused = greets(&house, with("guess")).unwrap_err();
        assert!(matches!(refused, SshError::LoginRefused { .. }), "{door:?}: {refused}");
    }
}

#[test]
fn a_connection_that_ends_before_we_are_in_is_no_refusal() {
    let Some(house) = House::new() else { return };
    let mut lost = 0;
    loop {
        house.sshd.lose_answer(lost);
        let Err(error) = house.machine().host_key() else { break };
        assert!(error.may_pass(), "without answer {lost}: {error}");
        lost += 1;
    }
    assert!(lost > 3, "a login has more answers than {lost}");
}

#[test]
fn what_a_shell_says_that_runs_nothing_is_passed_on() {
    let Some(house) = House::new() else { return };
    house.sshd.configure("ForceCommand echo 'This account is currently not available.'; exit 1").unwrap();
    let error = house.machine().facts(&Cancel::new()).unwrap_err().to_string();
    assert!(
        error.contains("could not start programs for this account: its shell said \"This account is currently not"),
        "{error}"
    );
}
