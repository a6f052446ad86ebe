//! Power loss on a real ext4: the image under a mounted file system is copied before every change, each copy is mounted,
//! and recovery must find one of the two ends. What was not synced is in no copy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use mediaflow_core::replace::{Mechanism, State};
use support::films::path;
use support::journal::{Rows, TestJournal};
use support::library::Library;
use support::limited::Limited;
use support::mounts::Mounted;

const IMAGE_BYTES: u64 = 12 * 1024 * 1024;

fn make_image(image: &Path) -> bool {
    fs::File::create(image).unwrap().set_len(IMAGE_BYTES).unwrap();
    match Command::new("mkfs.ext4").args(["-q", "-F"]).arg(image).output() {
        Ok(output) if output.status.success() => true,
        other => {
            println!("skipped: mkfs.ext4: {other:?}");
            false
        }
    }
}

#[test]
#[ignore = "needs root and loop devices, takes minutes"]
fn every_copy_of_the_disk_recovers() {
    let mut ends = std::collections::BTreeMap::new();
    for mechanism in [Mechanism::Exchange, Mechanism::Link, Mechanism::NewExtension, Mechanism::TwoRenames] {
        for undo in [false, true] {
            let outside = tempfile::tempdir().unwrap();
            let image = outside.path().join("disk.img");
            let root = outside.path().join("disk");
            fs::create_dir(&root).unwrap();
            if !make_image(&image) {
                return;
            }
            let Some(mounted) = Mounted::try_new(&["-o", "loop", image.to_str().unwrap()], &root) else { return };
            let mut library = Library::at(root.clone(), outside).with_long_films();
            let original = path("Films/A.mkv");
            library.add(&original);
            let target = library.limit_to(mechanism, &original);
            let counter = if undo {
                library.replace(1, &original, &target).unwrap();
                2
            } else {
                1
            };
            assert!(Command::new("sync").status().unwrap().success());

            let copies: Arc<Mutex<Vec<(PathBuf, Rows)>>> = Arc::default();
            let journal = Arc::new(TestJournal::new(library.journal.rows(), Box::new(|_| Ok(()))));
            let (keep, from, rows) = (Arc::clone(&copies), image.clone(), Arc::clone(&journal));
            library.storage.before = Box::new(move |_| {
                let mut copies = keep.lock().unwrap();
                let copy = from.with_extension(format!("{}", copies.len()));
                fs::copy(&from, &copy).unwrap();
                copies.push((copy, rows.rows()));
            });
            run(&library, &journal, undo, &original, &target);
            (library.storage.before)("the end");
            library.storage.before = Box::new(|_| {});
            drop(mounted);

            let copies = std::mem::take(&mut *copies.lock().unwrap());
            for (number, (copy, rows)) in copies.iter().enumerate() {
                let context = format!("{mechanism:?}, undo: {undo}, copy {number} of {}", copies.len());
                let _mounted = Mounted::try_new(&["-o", "loop", copy.to_str().unwrap()], &root).expect(&context);
                let journal = TestJournal::new(rows.clone(), Box::new(|_| Ok(())));
                let state = recover_and_check(&library, &journal, counter, &context);
                *ends.entry(format!("{mechanism:?}, undo: {undo}, {state:?}")).or_insert(0) += 1;
                fs::remove_file(copy).unwrap();
            }
        }
    }
    println!("copies by how they ended: {ends:#?}");
    let done = ends.iter().filter(|(end, _)| end.contains("Done")).count();
    assert_eq!(done, 8, "each one was completed at least once");
}

fn run(
    library: &Library,
    journal: &TestJournal,
    undo: bool,
    original: &mediaflow_core::path::RelPath,
    target: &mediaflow_core::path::RelPath,
) {
    let replacer =
        mediaflow_engine::replace::Replacer::new(&library.storage, journal, &library.clock, library.settings.clone());
    if undo {
        replacer.undo(support::films::id(1), support::films::id(2), 1).unwrap();
        return;
    }
    let source = mediaflow_transport::storage::Storage::identity(&library.storage, original).unwrap().unwrap();
    let request = support::films::request(1, original, target, source, &library.output);
    replacer.replace(&request, &support::films::proof_of(&library.output_bytes, source.content)).unwrap();
}

fn recover_and_check(library: &Library, journal: &TestJournal, counter: u64, context: &str) -> Option<State> {
    let storage = Limited::new(mediaflow_transport::storage::LocalStorage::new(&library.root));
    let replacer =
        mediaflow_engine::replace::Replacer::new(&storage, journal, &library.clock, library.settings.clone());
    for recovered in replacer.recover_all().unwrap() {
        recovered.ending.unwrap_or_else(|error| panic!("{context}: {error}"));
    }
    library.check_end(journal, counter, context)
}
