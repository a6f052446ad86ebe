//! Replacing on a NAS over SSH, with the connection lost at every point of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Mechanism, State};
use mediaflow_testkit::sshd::Sshd;
use mediaflow_transport::ssh::{Host, Login, RemoteMachine, Ssh};
use mediaflow_transport::storage::RemoteStorage;
use support::films::{OUTPUT, SOURCE, id, path};
use support::library::Library;
use support::limited::Limited;

/// A NAS, as it was and is.
struct Nas {
    dir: tempfile::TempDir,
    sshd: Sshd,
    ssh: Ssh,
}

/// What is done on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Replace,
    Undo,
}

/// What of the conversation is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    Question,
    Answer,
}

impl Nas {
    /// `None`, said aloud, where there is no `sshd`.
    fn new() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let Some(sshd) = Sshd::start(&dir.path().join("sshd")).unwrap() else {
            println!("skipped: there is no sshd here");
            return None;
        };
        Some(Self { dir, sshd, ssh: Ssh::start().unwrap() })
    }

    fn machine(&self) -> RemoteMachine {
        self.ssh.machine(Host {
            address: "127.0.0.1".to_owned(),
            port: self.sshd.port(),
            user: user(),
            logins: vec![Login::KeyFile { path: self.sshd.key(), passphrase: None }],
            pinned: None,
            via: None,
        })
    }

    /// A folder of films on it that is reached over SSH.
    fn library(&self, name: &str) -> Library {
        let root = self.dir.path().join(name);
        fs::create_dir(&root).unwrap();
        let mut library = Library::at(root.clone(), tempfile::tempdir().unwrap());
        library.storage = Limited::new(RemoteStorage::new(self.machine(), root));
        library
    }
}

fn user() -> String {
    let said = std::process::Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

fn target(mechanism: Mechanism) -> RelPath {
    path(if mechanism == Mechanism::NewExtension { "Films/A.mp4" } else { "Films/A.mkv" })
}

#[test]
fn a_film_on_a_nas_is_replaced_and_comes_back_whatever_it_is_called() {
    let Some(nas) = Nas::new() else { return };
    let names: [&[u8]; 4] =
        [b"-rf $(touch owned).mkv", b"two\nlines 'n \"quotes\".mkv", b"caf\xe9 \xff.mkv", b"*?[a] .mkv"];
    let library = nas.library("films");
    for (index, name) in names.iter().enumerate() {
        let original = path("Films").join(b"it's a \xff\nfolder").unwrap().join(name).unwrap();
        let file = library.add(&original);
        let before = library.names();
        let replacing = 2 * index as u64 + 1;
        let outcome = library.replace(replacing, &original, &original).unwrap();
        assert_eq!(outcome.replacement.mechanism, Mechanism::Link);
        assert_eq!(fs::read(&file).unwrap(), OUTPUT, "{original}");
        assert_eq!(fs::read(library.quarantined(id(replacing))).unwrap(), SOURCE, "{original}");
        library.undo(replacing, replacing + 1).unwrap();
        assert_eq!(fs::read(&file).unwrap(), SOURCE, "{original}");
        let mut after = library.names();
        after.retain(|name| before.contains(name) || name != b".mediaflow-quarantine");
        assert_eq!(after, before, "{original}");
    }
}

/// Does it once, and what of the conversation is to be lost after so many pieces. Gives how it ended and how many
/// pieces there were.
fn lose(
    nas: &Nas,
    name: &str,
    mechanism: Mechanism,
    what: What,
    lost: Option<(Lost, u64)>,
) -> (Option<State>, [u64; 2]) {
    let context = format!("{mechanism:?} {what:?} {lost:?}");
    let library = nas.library(name);
    let original = path("Films/A.mkv");
    library.add(&original);
    let source = library.storage_identity(&original);
    let counter = match what {
        What::Replace => 1,
        What::Undo => {
            library.replace_it(1, &original, &target(mechanism), source).unwrap();
            2
        }
    };
    let before = nas.sshd.pieces();
    match lost {
        Some((Lost::Question, after)) => nas.sshd.lose_question(after),
        Some((Lost::Answer, after)) => nas.sshd.lose_answer(after),
        None => {}
    }
    let answer = match what {
        What::Replace => library.replace_it(1, &original, &target(mechanism), source),
        What::Undo => library.undo(1, 2),
    };
    let after = nas.sshd.pieces();
    nas.sshd.lose_nothing();
    for recovered in library.replacer().recover_all().unwrap() {
        recovered.ending.unwrap_or_else(|error| panic!("{context}: {error}\n{}", nas.sshd.log()));
    }
    let state = library.check_end(&library.journal, counter, &context);
    assert!(answer.is_err() || state == Some(State::Done), "{context}: success was told of {state:?}");
    if state.is_none() && what == What::Replace {
        assert_eq!(fs::read(library.file(&original)).unwrap(), SOURCE, "{context}");
    }
    assert!(library.replacer().recover_all().unwrap().is_empty(), "{context}: a second recovery found something");
    fs::remove_dir_all(&library.root).unwrap();
    (state, [after[0] - before[0], after[1] - before[1]])
}

/// Loses every nth piece of both directions, one in each run.
fn lose_every(nth: usize) {
    let Some(nas) = Nas::new() else { return };
    let (mut ends, mut runs, mut kinds) = (BTreeMap::new(), 0, 0);
    for mechanism in [Mechanism::Link, Mechanism::NewExtension] {
        for what in [What::Replace, What::Undo] {
            let (state, pieces) = lose(&nas, "films", mechanism, what, None);
            assert_eq!(state, Some(State::Done));
            for (lost, pieces) in [Lost::Question, Lost::Answer].into_iter().zip(pieces) {
                let first = u64::try_from(kinds * nth / 8).unwrap();
                for after in (first..pieces).step_by(nth) {
                    let (state, _) = lose(&nas, "films", mechanism, what, Some((lost, after)));
                    *ends.entry(format!("{what:?} {lost:?}: {state:?}")).or_insert(0) += 1;
                    runs += 1;
                }
                kinds += 1;
            }
        }
    }
    println!("{runs} runs: {ends:#?}");
}

#[test]
fn a_connection_that_is_lost_leaves_one_of_the_two_films_and_nothing_of_ours() {
    lose_every(97);
}

#[test]
#[ignore = "minutes: every question and every answer is lost once"]
fn every_question_and_every_answer_is_lost_once() {
    lose_every(std::env::var("MEDIAFLOW_LOSE_EVERY").ok().and_then(|text| text.parse().ok()).unwrap_or(1));
}

#[test]
fn a_film_that_changed_on_the_nas_meanwhile_is_left_alone() {
    let Some(nas) = Nas::new() else { return };
    let library = nas.library("films");
    let original = path("Films/A.mkv");
    let file = library.add(&original);
    let source = library.storage_identity(&original);
    fs::write(&file, "an upgrade").unwrap();
    library.replace_it(1, &original, &original, source).unwrap_err();
    assert_eq!(fs::read(&file).unwrap(), b"an upgrade");
    assert!(!Path::new(&library.quarantined(id(1))).exists());
}
