//! Machines by the names of an SSH configuration.

use std::fs;

use mediaflow_testkit::sshd::Sshd;
use mediaflow_transport::ssh::{Login, Named, Secret};

use super::house::{House, user};

fn named(name: &str) -> Named {
    Named { name: name.to_owned(), ..Named::default() }
}

#[test]
fn a_name_of_the_configuration_leads_to_its_machine_through_the_one_before_it() {
    let Some(house) = House::new() else { return };
    let between = Sshd::start(&house.dir.path().join("between")).unwrap().unwrap();
    let dir = house.dir.path();
    let config = dir.join("config");
    let (nas_key, gate_key) = (house.sshd.key(), between.key());
    fs::create_dir(dir.join("more")).unwrap();
    fs::write(
        dir.join("more/gate.conf"),
        format!("Host g?te\n  Port {}\n  IdentityFile \"{}\"\n", between.port(), gate_key.display()),
    )
    .unwrap();
    let text = format!(
        "Include {}/more/*.conf\nMatch host nas user {}\n  Port {}\nHost nas\n  HostName 127.0.0.1\n  \
         IdentityFile {}/nothing\n  IdentityFile {}\n  ProxyJump gate\nHost *\n  HostName 127.0.0.1\n  User {}\n  IdentitiesOnly yes\n",
        dir.display(),
        user(),
        house.sshd.port(),
        dir.display(),
        nas_key.display(),
        user(),
    );
    fs::write(&config, text).unwrap();

    let host = Named { user: Some(user()), ..named("nas") }.resolve(Some(&config)).unwrap();
    assert_eq!(host.logins, [Login::KeyFile { path: nas_key, passphrase: None }]);
    assert_eq!(host.via.as_ref().unwrap().port, between.port());
    let before = between.carried();
    house.ssh.machine(host).host_key().unwrap_or_else(|error| panic!("{error}\n{}", house.sshd.log()));
    assert!(between.carried() > before, "it went another way");

    // What opens another machine is tried too: after the keys that are named, before those that are looked for anyway.
    let beside = |name: &str| Named { other_logins: vec![Login::Password(Secret::new("x"))], ..named(name) };
    let logins = beside("gate").resolve(Some(&config)).unwrap().logins;
    assert_eq!(logins, [Login::KeyFile { path: gate_key, passphrase: None }, Login::Password(Secret::new("x"))]);
    let logins = beside("127.0.0.1").resolve(Some(&config)).unwrap().logins;
    assert_eq!(logins[0], Login::Password(Secret::new("x")));

    // What the user says himself wins.
    let given = Named { port: Some(4), logins: vec![Login::Agent], user: Some("else".to_owned()), ..named("nas") };
    let host = given.resolve(Some(&config)).unwrap();
    assert_eq!((host.port, host.user.as_str(), &host.logins[..]), (4, "else", &[Login::Agent][..]));
    assert_eq!(host.address, "127.0.0.1");
}

#[test]
fn a_configuration_that_leads_nowhere_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config");
    fs::write(
        &config,
        "Host round\n  ProxyJump about\nHost about\n  ProxyJump round\nHost odd\n  ProxyCommand nc %h %p\n",
    )
    .unwrap();
    let said = |name: &str| named(name).resolve(Some(&config)).unwrap_err().to_string();
    if !said("odd").contains("ProxyJump instead") {
        println!("skipped: there is no ssh here");
        return;
    }
    assert!(said("round").contains("in a circle"), "{}", said("round"));
    assert!(said("-oProxyCommand=touch owned").contains("cannot be used"), "{}", said("-oProxyCommand=touch owned"));
    let missing = named("x").resolve(Some(&dir.path().join("none"))).unwrap_err();
    assert!(missing.to_string().contains("none"), "{missing}");
}
