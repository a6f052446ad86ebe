//! A library on a machine that is only reached over SSH.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_core::schedule::TransferMode;
use mediaflow_engine::service::{CommandError, ServerTrial, ServerWish, Shown};
use mediaflow_store::{STORAGE_ROLE, THIS_MACHINE};
use mediaflow_testkit::sshd::{Agent, Sshd};

use super::fleet::{Yard, queue_for};
use super::house::{House, Running, TINY};

/// A machine that has the library of a house, as a service sees it that does not know the folder as its own.
pub struct Nas {
    pub sshd: Sshd,
    pub id: i64,
    pub library: i64,
}

impl Nas {
    fn of(house: &House, running: &Running) -> Option<Self> {
        Self::with(house, running, &house.library())
    }

    /// The same with another folder.
    pub fn with(house: &House, running: &Running, folder: &Path) -> Option<Self> {
        let Some(sshd) = Sshd::start(&house.root().join("nas-sshd")).unwrap() else {
            println!("skipped: there is no sshd here");
            return None;
        };
        running.service.setting_set("intel.auto_analyze_on_sync", &false.into()).unwrap();
        let wish = ServerWish {
            name: Some("nas".to_owned()),
            role: Some(STORAGE_ROLE.to_owned()),
            address: Some("127.0.0.1".to_owned()),
            port: Some(sshd.port()),
            key_path: Some(sshd.key().display().to_string()),
            ..ServerWish::default()
        };
        let id = running.service.server_create(&wish).unwrap().worker.id;
        let library = running.service.library_add_there(id, folder, None, "movie").unwrap().library.id;
        running.scan(library);
        Some(Self { sshd, id, library })
    }
}

/// Everything below a folder, but what says that media servers are to keep out.
pub fn names(folder: &Path) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            all.extend(names(&entry.path()).into_iter().map(|below| format!("{name}/{below}")));
        } else if !name.ends_with("ignore") {
            all.insert(name);
        }
    }
    all
}

#[test]
fn films_of_a_nas_are_found_fetched_and_replaced_there_and_brought_back() {
    let Some(house) = House::with(&[("film.mkv", TINY), ("bad 'name'\n$(x).mkv", TINY)]) else { return };
    fs::write(house.film("notes.txt"), "no film").unwrap();
    fs::write(house.film("broken.mkv"), "no film either").unwrap();
    let running = house.start();
    let Some(nas) = Nas::of(&house, &running) else { return };
    let library = running.service.store().read(|r| r.library_overview(nas.library)).unwrap();
    assert_eq!(library.host.map(|host| host.name).as_deref(), Some("nas"));
    assert_eq!(running.service.store().read(|r| r.library_size(nas.library)).unwrap().parts, 2);
    let unread = running.service.store().read(|r| r.unreadable_files()).unwrap();
    assert_eq!(unread.len(), 1);
    let reason = unread[0].reason.clone().unwrap();
    assert!(reason.contains("Invalid data") && !reason.contains("127.0.0.1"), "{reason}");

    let original = fs::read(house.film("film.mkv")).unwrap();
    let job = queue_for(&running, &["film.mkv"], THIS_MACHINE)[0];
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    assert_eq!(running.job(job).transfer_mode, Some(TransferMode::Pull));
    assert!(fs::metadata(house.film("film.mkv")).unwrap().len() < original.len() as u64);
    let there = names(&house.library());
    assert_eq!(there.iter().filter(|name| name.ends_with(".mfq")).count(), 1, "{there:?}");
    assert!(!there.iter().any(|name| name.contains(".mf-")), "{there:?}");

    let removed = running.service.server_remove(nas.id);
    assert!(matches!(&removed, Err(CommandError::WrongState(said)) if said.contains("1 library")), "{removed:?}");
    running.service.undo(job, false).unwrap();
    assert_eq!(fs::read(house.film("film.mkv")).unwrap(), original);
    running.scan(nas.library);
    assert!(!names(&house.library()).iter().any(|name| name.ends_with(".mfq")));
    running.service.library_remove(nas.library).unwrap();
    running.service.server_remove(nas.id).unwrap();
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}

#[test]
fn a_film_of_a_nas_is_passed_on_to_another_machine_and_replaced_where_it_lies() {
    let Some(yard) = Yard::with(&[("film.mkv", TINY)]) else { return };
    let running = yard.house.start();
    let Some(_nas) = Nas::of(&yard.house, &running) else { return };
    let attic = yard.join(&running);
    let before = fs::metadata(yard.house.film("film.mkv")).unwrap().len();
    let job = queue_for(&running, &["film.mkv"], attic)[0];
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    let job = running.job(job);
    assert_eq!((job.worker_id, job.transfer_mode), (Some(attic), Some(TransferMode::Relay)));
    assert!(fs::metadata(yard.house.film("film.mkv")).unwrap().len() < before);
    yard.wait_until_tidy();
    running.stop();
    assert!(yard.house.scratch().is_empty(), "{:?}", yard.house.scratch());
}

#[test]
fn a_machine_fetches_a_film_from_the_nas_itself_where_it_may_and_can() {
    let Some(yard) = Yard::with(&[("one.mkv", TINY), ("two.mkv", TINY)]) else { return };
    let running = yard.house.start();
    let Some(nas) = Nas::of(&yard.house, &running) else { return };
    let Some(agent) = Agent::start(&yard.house.root().join("agent")).unwrap() else {
        println!("skipped: there is no ssh-agent here");
        return;
    };
    yard.sshd.set_env("SSH_AUTH_SOCK", &agent.socket().to_string_lossy()).unwrap();
    running.service.setting_set("transfer.direct", &true.into()).unwrap();
    let attic = yard.join(&running);
    let replaced = |name| {
        let job = queue_for(&running, &[name], attic)[0];
        let (ending, reason) = running.wait_for_end(job);
        assert_eq!(ending, Ending::Replaced, "{reason}");
        let job = running.job(job);
        assert_eq!(job.worker_id, Some(attic));
        (job.transfer_mode, job.worker_reason.unwrap())
    };
    // The NAS does not let it in.
    let (mode, reason) = replaced("one.mkv");
    assert_eq!(mode, Some(TransferMode::Relay), "{reason}");
    assert!(reason.contains("could not fetch the file itself") && reason.contains("Permission denied"), "{reason}");
    agent.add(&nas.sshd.key()).unwrap();
    let (mode, reason) = replaced("two.mkv");
    assert_eq!(mode, Some(TransferMode::Pull), "{reason}");
    assert!(!reason.contains("could not"), "{reason}");
    yard.wait_until_tidy();
    running.stop();
    assert!(yard.house.scratch().is_empty(), "{:?}", yard.house.scratch());
}

#[test]
fn a_machine_works_on_its_own_library_where_it_lies() {
    let Some(yard) = Yard::with(&[("film.mkv", TINY)]) else { return };
    let running = yard.house.start();
    running.service.setting_set("intel.auto_analyze_on_sync", &false.into()).unwrap();
    let attic = yard.join(&running);
    let library = running.service.library_add_there(attic, &yard.house.library(), None, "movie").unwrap().library.id;
    running.scan(library);
    let job = queue_for(&running, &["film.mkv"], attic)[0];
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    let job = running.job(job);
    assert_eq!((job.worker_id, job.transfer_mode), (Some(attic), Some(TransferMode::Mapped)));
    yard.wait_until_tidy();
    running.stop();
}

#[test]
fn a_nas_that_is_lost_while_it_is_replaced_on_is_looked_at_when_it_is_back() {
    let Some(house) = House::with(&[("film.mkv", TINY)]) else { return };
    let running = house.start();
    let Some(nas) = Nas::of(&house, &running) else { return };
    let original = fs::read(house.film("film.mkv")).unwrap();
    let job = queue_for(&running, &["film.mkv"], THIS_MACHINE)[0];
    running.wait_for_status(job, JobStatus::Replacing);
    nas.sshd.set_down(true);
    nas.sshd.cut();
    running.heard.wait("the job to notice", |_| {
        let is_left = running.service.tasks().iter().any(|_| running.job(job).status != JobStatus::Replacing);
        is_left.then_some(())
    });
    nas.sshd.set_down(false);
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    assert!(fs::metadata(house.film("film.mkv")).unwrap().len() < original.len() as u64);
    let there = names(&house.library());
    assert_eq!(there.iter().filter(|name| name.ends_with(".mfq")).count(), 1, "{there:?}");
    assert!(!there.iter().any(|name| name.contains(".mf-")), "{there:?}");
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}

#[test]
fn an_original_on_a_nas_that_is_away_waits_there_and_comes_back_with_it() {
    let Some(house) = House::with(&[("film.mkv", TINY), ("one.mkv", TINY), ("two.mkv", TINY)]) else { return };
    let running = house.start();
    let Some(nas) = Nas::of(&house, &running) else { return };
    let original = fs::read(house.film("film.mkv")).unwrap();
    let replaced = |name| {
        let job = queue_for(&running, &[name], THIS_MACHINE)[0];
        let (ending, reason) = running.wait_for_end(job);
        assert_eq!(ending, Ending::Replaced, "{reason}");
        job
    };
    let job = replaced("film.mkv");
    let id = running.service.quarantine().unwrap()[0].entry.id;
    nas.sshd.set_down(true);
    let on_nas = |error: CommandError| match error {
        CommandError::Away(said) => assert!(said.contains("nas") && said.ends_with("listens on that port"), "{said}"),
        other => panic!("{other:?}"),
    };
    on_nas(running.service.undo(job, false).unwrap_err());
    on_nas(running.service.restore(id, true).unwrap_err());
    let folders = running.service.server_folders(nas.id, &house.library());
    assert!(matches!(folders, Err(CommandError::Away(_))), "{folders:?}");
    let added = running.service.library_add_there(nas.id, &house.work(), None, "movie");
    assert!(matches!(added, Err(CommandError::Away(_))), "{added:?}");
    let still = running.service.job_still(job, Shown::Source, 0);
    assert!(matches!(still, Err(CommandError::Away(_))), "{still:?}");
    running.service.purge().unwrap();
    running.scan(nas.library);
    assert_eq!(running.service.store().read(|r| r.library_size(nas.library)).unwrap().parts, 3);

    nas.sshd.set_down(false);
    let tried = running.service.server_test(nas.id).unwrap();
    assert!(matches!(tried, ServerTrial::Reached { .. }), "{tried:?}");
    // A machine that has just answered is not left alone for what it did before; but its disk is not mounted.
    let elsewhere = house.root().join("elsewhere");
    fs::rename(house.library(), &elsewhere).unwrap();
    fs::create_dir(house.library()).unwrap();
    let unmounted = running.service.undo(job, false).unwrap_err();
    assert!(matches!(&unmounted, CommandError::Away(said) if said.ends_with("is the disk mounted?")), "{unmounted:?}");
    fs::remove_dir(house.library()).unwrap();
    fs::rename(&elsewhere, house.library()).unwrap();
    running.service.undo(job, false).unwrap();
    assert_eq!(fs::read(house.film("film.mkv")).unwrap(), original);

    // Lost in the middle, at some step.
    for (name, steps) in [("one.mkv", 40), ("two.mkv", 60)] {
        let original = fs::read(house.film(name)).unwrap();
        let job = replaced(name);
        nas.sshd.lose_answer(steps);
        for _ in 0..100 {
            match running.service.undo(job, false) {
                Ok(_) => break,
                Err(CommandError::Away(said)) => assert!(said.contains(" on nas "), "{said}"),
                // What was begun is settled without being asked, too.
                Err(CommandError::WrongState(said)) if said.contains("taken back already") => break,
                Err(CommandError::WrongState(said)) => assert!(said.contains("being brought back now"), "{said}"),
                Err(other) => panic!("after {steps}: {other:?}"),
            }
            running.service.server_test(nas.id).unwrap();
        }
        nas.sshd.lose_nothing();
        assert_eq!(fs::read(house.film(name)).unwrap(), original, "after {steps}");
    }
    assert!(!names(&house.library()).iter().any(|name| name.ends_with(".mfq") || name.contains(".mf-")));
    running.stop();
}
