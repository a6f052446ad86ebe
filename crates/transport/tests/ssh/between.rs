//! Files from one machine to another.

use std::sync::atomic::{AtomicBool, Ordering};

use mediaflow_testkit::sshd::{Agent, Sshd};
use mediaflow_transport::ssh::{Host, Login, RemoteMachine, Transfer, TransferError};

use super::case::{Case, MIB, assert_same, transfer};

/// A file on a NAS, and a worker that is to have it.
struct Two {
    case: Case,
    nas: RemoteMachine,
    worker: RemoteMachine,
    worker_sshd: Sshd,
}

impl Two {
    fn new(size_bytes: u64) -> Option<Self> {
        let case = Case::new(size_bytes)?;
        let worker_sshd = Sshd::start(&case.house.dir.path().join("worker")).unwrap()?;
        let login = Login::KeyFile { path: worker_sshd.key(), passphrase: None };
        let host = Host { port: worker_sshd.port(), logins: vec![login], ..case.house.host() };
        let (nas, worker) = (case.house.machine(), case.house.ssh.machine(host));
        Some(Self { nas, worker, worker_sshd, case })
    }
}

#[test]
fn a_film_goes_from_the_nas_to_the_worker_through_us() {
    let Some(two) = Two::new(40 * MIB) else { return };
    let (source, film) = (&two.case.here, &two.case.there);
    let was_cut = [AtomicBool::new(false), AtomicBool::new(false)];
    let on_progress = |arrived: u64| {
        for (sshd, (was_cut, at)) in
            [&two.case.house.sshd, &two.worker_sshd].into_iter().zip(was_cut.iter().zip([5 * MIB, 36 * MIB]))
        {
            if arrived > at && !was_cut.swap(true, Ordering::Relaxed) {
                sshd.cut();
            }
        }
    };
    let watched = Transfer { on_progress: &on_progress, ..transfer(&two.worker) };
    let moved = watched.relay(&two.nas, source, film).unwrap();
    assert!(was_cut.iter().all(|was_cut| was_cut.load(Ordering::Relaxed)));
    assert_eq!(moved.sent_bytes + moved.kept_bytes, 40 * MIB);
    assert_same(source, film);

    // A byte that is spoiled on either way does not arrive.
    for sshd in [&two.case.house.sshd, &two.worker_sshd] {
        std::fs::remove_file(film).unwrap();
        sshd.spoil_after(10 * MIB);
        transfer(&two.worker).relay(&two.nas, source, film).unwrap();
        assert_same(source, film);
    }
    assert_eq!(transfer(&two.worker).relay(&two.nas, source, film).unwrap().sent_bytes, 0);
}

#[test]
fn a_worker_that_can_fetches_the_film_itself_and_one_that_cannot_says_why() {
    let Some(two) = Two::new(40 * MIB) else { return };
    let Some(agent) = Agent::start(&two.case.house.dir.path().join("agent")).unwrap() else {
        println!("skipped: there is no ssh-agent here");
        return;
    };
    let (source, film) = (&two.case.here, &two.case.there);
    two.worker_sshd.set_env("SSH_AUTH_SOCK", &agent.socket().to_string_lossy()).unwrap();
    let direct = || transfer(&two.worker).direct(&two.nas, source, film);
    let error = direct().unwrap_err();
    assert!(matches!(error, TransferError::Remote(_)) && error.to_string().contains("Permission denied"), "{error}");

    agent.add(&two.case.house.sshd.key()).unwrap();
    let before = two.worker_sshd.carried();
    let moved = direct().unwrap_or_else(|error| panic!("{error}\n{}", two.case.house.sshd.log()));
    assert_eq!(moved.sent_bytes, 40 * MIB);
    assert_same(source, film);
    let through_us = two.worker_sshd.carried() - before;
    assert!(through_us < MIB, "{through_us} bytes passed through us");

    // It talks to nobody but the machine that we know: another key gets nothing.
    std::fs::remove_file(film).unwrap();
    two.nas.host_key().unwrap();
    two.case.house.sshd.change_host_key().unwrap();
    let error = direct().unwrap_err();
    assert!(error.to_string().contains("verification failed"), "{error}");
}
