//! Replacing, taking back and purging on the disk of this machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

mod support;

use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Epoch, Mechanism, ReplacementId, State};
use mediaflow_engine::replace::{Ending, Journal, Note, Refusal, ReplaceError, Request};
use mediaflow_transport::storage::{ErrorClass, Storage};
use support::films::{NOW, OUTPUT, SOURCE, id, path, proof_of, request};
use support::journal::TestJournal;
use support::library::Library;
use support::mounts::Mounted;

fn refusal(result: Result<impl std::fmt::Debug, ReplaceError>) -> Refusal {
    match result {
        Err(ReplaceError::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn hostile_names_are_replaced_and_come_back() {
    let long = "x".repeat(251) + ".mkv";
    let names: [&[u8]; 9] = [
        b"-rf.mkv",
        b"two\nlines.mkv",
        b"$(touch owned).mkv",
        b"it's \"quoted\" `back`.mkv",
        b"*?[].mkv",
        b" . .mkv",
        b"caf\xe9 \xff\xfe.mkv",
        "\u{1f3ac} \u{202e}vkm.mkv".as_bytes(),
        long.as_bytes(),
    ];
    let library = Library::new();
    for (index, name) in names.iter().enumerate() {
        let original = path("Films").join(b"it's a \xff\nfolder").unwrap().join(name).unwrap();
        let file = library.add(&original);
        let before = (library.names(), fs::metadata(&file).unwrap().ino());
        let replacing = 2 * index as u64 + 1;
        library.replace(replacing, &original, &original).unwrap();
        assert_eq!(fs::read(&file).unwrap(), OUTPUT, "{original}");
        assert_eq!(fs::read(library.quarantined(id(replacing))).unwrap(), SOURCE, "{original}");
        library.undo(replacing, replacing + 1).unwrap();
        assert_eq!(fs::read(&file).unwrap(), SOURCE, "{original}");
        let mut after = library.names();
        after.retain(|name| name != b".mediaflow-quarantine");
        let mut names_before = before.0;
        names_before.retain(|name| name != b".mediaflow-quarantine");
        assert_eq!((after, fs::metadata(&file).unwrap().ino()), (names_before, before.1), "{original}");
    }
}

#[test]
fn every_mechanism_replaces_and_takes_back_on_a_real_disk() {
    for (exchange, link, no_replace, target, expected) in [
        (true, true, true, "Films/A.mkv", Mechanism::Exchange),
        (true, true, false, "Films/A.mkv", Mechanism::Exchange),
        (false, true, true, "Films/A.mkv", Mechanism::Link),
        (false, true, false, "Films/A.mkv", Mechanism::Link),
        (false, false, true, "Films/A.mkv", Mechanism::TwoRenames),
        (true, true, true, "Films/A.mp4", Mechanism::NewExtension),
        (false, true, false, "Films/A.mp4", Mechanism::NewExtension),
    ] {
        let mut library = Library::new();
        (library.storage.exchange, library.storage.link) = (exchange, link);
        library.storage.rename_no_replace = no_replace;
        let (original, target) = (path("Films/A.mkv"), path(target));
        library.add(&original);
        if expected == Mechanism::TwoRenames {
            let refused = refusal(library.replace(9, &original, &target));
            assert_eq!(refused, Refusal::NoMechanism(original.clone()));
            library.settings.allow_two_renames = true;
        }
        let before = library.names();
        let outcome = library.replace(1, &original, &target).unwrap();
        assert_eq!(outcome.replacement.mechanism, expected);
        assert_eq!(fs::read(library.file(&target)).unwrap(), OUTPUT);
        assert_eq!(library.file(&original).exists(), target == original);
        library.undo(1, 2).unwrap();
        assert_eq!(fs::read(library.file(&original)).unwrap(), SOURCE);
        let mut after = library.names();
        after.retain(|name| before.contains(name) || name != b".mediaflow-quarantine");
        assert_eq!(after, before, "{expected:?}");
    }
}

#[test]
fn the_new_file_has_the_old_ones_mode_and_a_time_of_its_own() {
    let mut library = Library::new();
    for (counter, keep) in [(1, false), (2, true)] {
        let original = path(&format!("{counter}.mkv"));
        let file = library.add(&original);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let past = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        fs::File::options().write(true).open(&file).unwrap().set_modified(past).unwrap();
        library.settings.keep_mtime = keep;
        library.replace(counter, &original, &original).unwrap();
        let metadata = fs::metadata(&file).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o7777, 0o640);
        assert_eq!(metadata.modified().unwrap() == past, keep);
        assert_eq!(fs::read(&file).unwrap(), OUTPUT);
    }
}

#[test]
fn what_must_not_be_replaced_is_refused_and_stays() {
    let library = Library::new();
    let original = path("Films/A.mkv");
    let file = library.add(&original);

    let other = path("Films/B.mp4");
    fs::write(library.file(&other), "another version").unwrap();
    let before = library.names();
    let refused = refusal(library.replace(1, &original, &path("Films/B.mp4")));
    assert_eq!(refused, Refusal::TargetExists(other));

    let source = library.storage.identity(&original).unwrap().unwrap();
    let proven = proof_of(OUTPUT, source.content);
    let ask = |request: &Request<'_>| library.replacer().replace(request, &proven);

    fs::hard_link(&file, library.root.join("second name")).unwrap();
    let refused = refusal(ask(&request(2, &original, &original, source, &library.output)));
    assert_eq!(refused, Refusal::HardLinked { path: original.clone(), links: 2 });
    fs::remove_file(library.root.join("second name")).unwrap();

    let link = path("Films/link.mkv");
    symlink(&file, library.file(&link)).unwrap();
    let refused = refusal(ask(&request(3, &link, &link, source, &library.output)));
    assert_eq!(refused, Refusal::Symlink(link.clone()));
    fs::remove_file(library.file(&link)).unwrap();

    symlink(library.root.join("Films"), library.root.join("Other")).unwrap();
    let through = path("Other/A.mkv");
    let refused = refusal(ask(&request(4, &through, &through, source, &library.output)));
    assert_eq!(refused, Refusal::Symlink(through));
    fs::remove_file(library.root.join("Other")).unwrap();

    let wrong = library.root.parent().unwrap().join("wrong.mkv");
    fs::write(&wrong, "not the one proven").unwrap();
    let refused = refusal(ask(&request(5, &original, &original, source, &wrong)));
    assert_eq!(refused, Refusal::OutputChanged);
    assert_eq!(library.journal.state(id(5)), Some(State::Abandoned));

    let cancel = |_| ControlFlow::Break(());
    let cancelled = Request { progress: &cancel, ..request(6, &original, &original, source, &library.output) };
    assert_eq!(refusal(ask(&cancelled)), Refusal::Cancelled);

    fs::write(&file, "an upgrade of another size").unwrap();
    let refused = refusal(ask(&request(7, &original, &original, source, &library.output)));
    assert_eq!(refused, Refusal::SourceChanged(original.clone()));
    let mut after = library.names();
    after.retain(|name| name != b".mediaflow-quarantine");
    assert_eq!(after, before, "a refusal left something behind");
}

#[test]
fn a_name_that_differs_only_by_case_is_the_same_file_where_the_storage_says_so() {
    let mut library = Library::new();
    let (upper, lower) = (path("Films/A.MKV"), path("Films/A.mkv"));
    library.add(&upper);
    library.storage.folds_case = true;
    let outcome = library.replace(1, &upper, &lower).unwrap();
    assert_eq!(outcome.replacement.target, upper, "the original's spelling stays");
    assert_eq!(fs::read(library.file(&upper)).unwrap(), OUTPUT);
    library.undo(1, 2).unwrap();

    library.storage.folds_case = false;
    library.replace(3, &upper, &lower).unwrap();
    assert_eq!(fs::read(library.file(&lower)).unwrap(), OUTPUT);
    assert!(!library.file(&upper).exists());
}

#[test]
fn an_undo_after_a_change_restores_beside() {
    let library = Library::new();
    let original = RelPath::new("y".repeat(251) + ".mkv").unwrap();
    let file = library.add(&original);
    library.replace(1, &original, &original).unwrap();
    fs::write(&file, "edited after it").unwrap();
    assert_eq!(refusal(library.undo(1, 2)), Refusal::ChangedSince(original.clone()));
    let outcome = library.replacer().restore_beside(id(1), id(3), 1).unwrap();
    let beside = outcome.replacement.target;
    assert!(beside.file_name().ends_with(b" (original).mkv") && beside.file_name().len() == 255, "{beside}");
    assert_eq!(fs::read(library.file(&beside)).unwrap(), SOURCE);
    assert_eq!(fs::read(&file).unwrap(), b"edited after it");
    assert_eq!(refusal(library.undo(1, 4)), Refusal::NotHeld(id(1)));
    assert!(library.replacer().quarantine().unwrap().is_empty());
}

#[test]
fn purging_keeps_its_promise_and_looks_first() {
    let library = Library::new();
    for counter in 1..=4 {
        let original = path(&format!("{counter}.mkv"));
        library.add(&original);
        library.replace(counter, &original, &original).unwrap();
    }
    let replacer = library.replacer();
    let entries = replacer.quarantine().unwrap();
    assert_eq!(entries.iter().map(|entry| entry.size_bytes).sum::<Option<u64>>(), Some(4 * SOURCE.len() as u64));

    let last_moment = NOW.plus_seconds(14 * 24 * 3600 - 1);
    assert_eq!(replacer.purge_due(last_moment, 10).unwrap().purged, []);

    fs::write(library.file(&path("2.mkv")), "edited after it").unwrap();
    let due = NOW.plus_seconds(14 * 24 * 3600);
    let report = replacer.purge_due(due, 3).unwrap();
    assert_eq!(report.purged, [id(1), id(3)]);
    assert_eq!(report.freed_bytes, 2 * SOURCE.len() as u64);
    assert_eq!(report.left_for_later, 1);
    assert_eq!(report.kept.len(), 1, "{:?}", report.kept);
    assert_eq!(report.kept[0].id, id(2));
    assert_eq!(fs::read(library.quarantined(id(2))).unwrap(), SOURCE);
    assert!(!library.quarantined(id(1)).exists());
    let entry = replacer.quarantine().unwrap().into_iter().find(|entry| entry.id == id(2)).unwrap();
    assert!(entry.kept_because.is_some());
}

#[test]
fn an_undo_needs_no_database() {
    let library = Library::new();
    let (original, target) = (path("Films/A.mkv"), path("Films/A.mp4"));
    library.add(&original);
    let done = library.replace(1, &original, &target).unwrap().replacement;
    let note = Note::read(&library.storage, &done.note).unwrap().expect("a note");
    let empty = TestJournal::in_memory();
    let replacer =
        mediaflow_engine::replace::Replacer::new(&library.storage, &empty, &library.clock, library.settings.clone());
    replacer.undo_record(&note.replacement, id(2), 1).unwrap();
    assert_eq!(fs::read(library.file(&original)).unwrap(), SOURCE);
    assert!(!library.file(&target).exists());
}

#[test]
fn an_undo_does_not_need_the_note_either() {
    let library = Library::new();
    let original = path("A.mkv");
    library.add(&original);
    let done = library.replace(1, &original, &original).unwrap().replacement;
    fs::remove_file(library.file(&done.note)).unwrap();
    library.undo(1, 2).unwrap();
    assert_eq!(fs::read(library.file(&original)).unwrap(), SOURCE);
    assert!(!library.file(&done.note).exists());
}

#[test]
fn a_restored_database_replays_nothing() {
    let mut library = Library::new();
    let original = path("A.mkv");
    library.add(&original);
    let done = library.replace(1, &original, &original).unwrap().replacement;
    // The database of yesterday: this replacement had just begun.
    library.journal = TestJournal::in_memory();
    library.journal.begin(&mediaflow_core::replace::Replacement { state: State::Intent, ..done }).unwrap();
    library.settings.epoch = Epoch(0xbad);
    let before = library.names();
    let recovered = library.replacer().recover_all().unwrap();
    assert!(matches!(recovered[0].ending, Ok(Ending::Conflict(_))), "{recovered:?}");
    assert_eq!(library.names(), before);

    // The counter of yesterday, too: its next id was used already.
    library.settings.epoch = support::films::EPOCH;
    library.journal = TestJournal::in_memory();
    fs::write(library.file(&original), SOURCE).unwrap();
    let refused = refusal(library.replace(1, &original, &original));
    assert!(matches!(refused, Refusal::IdInUse(_)), "{refused:?}");
}

#[test]
fn an_unmounted_disk_settles_nothing() {
    let library = Library::new();
    let original = path("Films/A.mkv");
    library.add(&original);
    let done = library.replace(1, &original, &original).unwrap().replacement;
    let journal = TestJournal::in_memory();
    let record = mediaflow_core::replace::Replacement { state: State::Ready, ..done };
    journal.begin(&mediaflow_core::replace::Replacement { state: State::Ready, ..record }).unwrap();
    let away = library.root.with_extension("away");
    fs::rename(&library.root, &away).unwrap();
    fs::create_dir(&library.root).unwrap();
    let replacer =
        mediaflow_engine::replace::Replacer::new(&library.storage, &journal, &library.clock, library.settings.clone());
    let recovered = replacer.recover_all().unwrap();
    assert!(matches!(recovered[0].ending, Err(ReplaceError::Unresolved(_))), "{recovered:?}");
    fs::remove_dir(&library.root).unwrap();
    fs::rename(&away, &library.root).unwrap();
    let recovered = replacer.recover_all().unwrap();
    assert!(matches!(recovered[0].ending, Ok(Ending::Done)), "{recovered:?}");
}

#[test]
fn two_at_one_replacement_exclude_each_other() {
    let library = Library::new();
    let original = path("A.mkv");
    library.add(&original);
    let done = library.replace(1, &original, &original).unwrap().replacement;
    let lock = library.storage.lock(&done.note).unwrap();
    assert!(lock.is_some());
    assert!(matches!(library.undo(1, 2), Err(ReplaceError::Busy(_))));
    let due = NOW.plus_seconds(15 * 24 * 3600);
    assert_eq!(library.replacer().purge_due(due, 1).unwrap().purged, [] as [ReplacementId; 0]);
    drop(lock);
    library.undo(1, 3).unwrap();
    assert_eq!(fs::read(library.file(&original)).unwrap(), SOURCE);
}

#[test]
fn a_full_disk_leaves_the_original_and_nothing_else() {
    let outside = tempfile::tempdir().unwrap();
    let root = outside.path().join("small");
    fs::create_dir(&root).unwrap();
    let Some(_mounted) = Mounted::try_new(&["-t", "tmpfs", "-o", "size=6m", "none"], &root) else { return };
    let mut library = Library::at(root, outside);
    let original = path("Films/A.mkv");
    library.add(&original);
    let output = vec![7_u8; 8 * 1024 * 1024];
    fs::write(&library.output, &output).unwrap();
    let source = library.storage.identity(&original).unwrap().unwrap();
    let proven = proof_of(&output, source.content);
    let before = library.names();

    let refused =
        refusal(library.replacer().replace(&request(1, &original, &original, source, &library.output), &proven));
    assert!(matches!(refused, Refusal::NoSpace { .. }), "{refused:?}");

    // Somebody else takes the space after it was checked.
    library.storage.free_bytes = Some(1 << 40);
    let failed = library.replacer().replace(&request(2, &original, &original, source, &library.output), &proven);
    assert!(matches!(&failed, Err(ReplaceError::Failed(error)) if error.class == ErrorClass::NoSpace), "{failed:?}");
    assert_eq!(library.journal.state(id(2)), Some(State::Abandoned));
    assert_eq!(fs::read(library.file(&original)).unwrap(), SOURCE);
    let mut after = library.names();
    after.retain(|name| name != b".mediaflow-quarantine");
    assert_eq!(after, before);
}

#[test]
fn a_read_only_storage_is_refused() {
    let outside = tempfile::tempdir().unwrap();
    let root = outside.path().join("fixed");
    fs::create_dir(&root).unwrap();
    let Some(mounted) = Mounted::try_new(&["-t", "tmpfs", "none"], &root) else { return };
    let library = Library::at(root, outside);
    let original = path("Films/A.mkv");
    library.add(&original);
    mounted.remount("ro");
    let refused = refusal(library.replace(1, &original, &original));
    assert!(matches!(refused, Refusal::NoQuarantine { .. } | Refusal::FolderNotWritable { .. }), "{refused:?}");
    assert_eq!(fs::read(library.file(&original)).unwrap(), SOURCE);
    mounted.remount("rw");
    library.replace(2, &original, &original).unwrap();
    mounted.remount("ro");
    assert!(library.undo(2, 3).is_err());
    assert_eq!(fs::read(library.file(&original)).unwrap(), OUTPUT);
    mounted.remount("rw");
    library.undo(2, 4).unwrap();
    assert_eq!(fs::read(library.file(&original)).unwrap(), SOURCE);
}

#[test]
fn the_quarantine_is_on_the_originals_own_file_system() {
    let library = Library::new();
    let disk = library.root.join("Disk 2");
    fs::create_dir(&disk).unwrap();
    let Some(_mounted) = Mounted::try_new(&["-t", "tmpfs", "none"], &disk) else { return };
    let original = path("Disk 2/Films/New/A.mkv");
    library.add(&original);
    let done = library.replace(1, &original, &original).unwrap().replacement;
    let folder = done.quarantine.parent().unwrap();
    assert_eq!(folder, path("Disk 2/Films/New/.mediaflow-quarantine"));
    assert_eq!(fs::read(library.file(&done.quarantine)).unwrap(), SOURCE);
    assert_eq!(fs::read(library.file(&folder).join(".plexignore")).unwrap(), b"*\n");
    assert!(library.file(&folder).join(".ignore").exists());
    library.undo(1, 2).unwrap();
    assert_eq!(fs::read(library.file(&original)).unwrap(), SOURCE);
}
