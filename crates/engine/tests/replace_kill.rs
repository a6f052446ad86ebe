//! The process is killed (SIGKILL) at every change and at random moments, on a full disk and on one that turns
//! read-only; what it left must recover to one of the two ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Mechanism, State};
use mediaflow_engine::replace::{JournalError, Replacer};
use mediaflow_transport::storage::Storage;
use support::films::{id, path, proof_of, request};
use support::journal::{Rows, TestJournal};
use support::library::Library;
use support::mounts::Mounted;

const MECHANISMS: [Mechanism; 4] =
    [Mechanism::Exchange, Mechanism::Link, Mechanism::NewExtension, Mechanism::TwoRenames];
const CHILD: &str = "MEDIAFLOW_CRASH_CHILD";
const RUNS: &str = "MEDIAFLOW_CRASH_RUNS";

/// What a child does, and where it stops to be killed.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Orders {
    root: std::path::PathBuf,
    journal: std::path::PathBuf,
    mechanism: Mechanism,
    undo: bool,
    /// The change before which the child waits for its end; without one it runs through.
    stop_before: Option<usize>,
    /// The change before which the disk turns read-only.
    read_only_before: Option<usize>,
    /// Says that there is space where there is none.
    lie_about_space: bool,
}

/// A journal in a file, replaced whole with each commit.
fn file_journal(file: &Path) -> TestJournal {
    let rows: Rows = fs::read(file).map_or_else(|_| Rows::default(), |text| serde_json::from_slice(&text).unwrap());
    let file = file.to_owned();
    TestJournal::new(
        rows,
        Box::new(move |rows| {
            let next = file.with_extension("next");
            let write = || -> std::io::Result<()> {
                let mut open = fs::File::create(&next)?;
                open.write_all(&serde_json::to_vec(rows)?)?;
                open.sync_all()?;
                fs::rename(&next, &file)
            };
            write().map_err(|error| JournalError::Unavailable(error.to_string()))
        }),
    )
}

fn original() -> RelPath {
    path("Films/A.mkv")
}

/// Not a test of its own: what the killed process runs.
#[test]
fn child() {
    let Ok(orders) = std::env::var(CHILD) else { return };
    let orders: Orders = serde_json::from_str(&orders).unwrap();
    let mut library = Library::at(orders.root.clone(), tempfile::tempdir().unwrap()).with_long_films();
    let target = library.limit_to(orders.mechanism, &original());
    if orders.lie_about_space {
        library.storage.free_bytes = Some(1 << 40);
    }
    let changes = AtomicUsize::new(0);
    let root = orders.root.clone();
    let (stop_before, read_only_before) = (orders.stop_before, orders.read_only_before);
    library.storage.before = Box::new(move |_| {
        let change = changes.fetch_add(1, Ordering::SeqCst);
        if read_only_before == Some(change) {
            // Refused while a file is open for writing: then this run is an undisturbed one.
            let _ = Command::new("mount").args(["-o", "remount,ro"]).arg(&root).stderr(Stdio::null()).status();
        }
        if stop_before == Some(change) {
            tell("here");
            loop {
                std::thread::park();
            }
        }
    });
    tell("begin");
    let journal = file_journal(&orders.journal);
    let _ = work(&library, &journal, orders.undo, &target);
    tell("end");
}

fn tell(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{word}").unwrap();
    out.flush().unwrap();
}

fn work(library: &Library, journal: &TestJournal, undo: bool, target: &RelPath) -> Result<(), String> {
    let replacer = Replacer::new(&library.storage, journal, &library.clock, library.settings.clone());
    if undo {
        return replacer.undo(id(1), id(2), 1).map(drop).map_err(|error| error.to_string());
    }
    let source = library.storage.identity(&original()).map_err(|error| error.to_string())?.ok_or("no original")?;
    let request = request(1, &original(), target, source, &library.output);
    let proven = proof_of(&library.output_bytes, source.content);
    replacer.replace(&request, &proven).map(drop).map_err(|error| error.to_string())
}

/// Starts a child and kills it where it waits, or after a while; returns whether it came to its end.
fn run_and_kill(orders: &Orders, after: Option<Duration>) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(CHILD, serde_json::to_string(orders).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut ended = false;
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
        match line.as_str() {
            "begin" => {
                if let Some(after) = after {
                    // A busy wait: the moments are shorter than what a sleep can hit.
                    let begun = Instant::now();
                    while begun.elapsed() < after {
                        std::hint::spin_loop();
                    }
                    child.kill().unwrap();
                }
            }
            "here" => child.kill().unwrap(),
            "end" => ended = true,
            _ => {}
        }
    }
    child.wait().unwrap();
    ended
}

struct Bench {
    library: Library,
    orders: Orders,
    _mounted: Option<Mounted>,
}

/// A fresh library, for an undo with a replacement that is done.
fn bench(mechanism: Mechanism, undo: bool, tmpfs: Option<&str>) -> Option<Bench> {
    let outside = tempfile::tempdir().unwrap();
    let root = outside.path().join("library");
    let journal = outside.path().join("journal.json");
    fs::create_dir(&root).unwrap();
    let mounted = match tmpfs {
        Some(options) => Some(Mounted::try_new(&["-t", "tmpfs", "-o", options, "none"], &root)?),
        None => None,
    };
    let mut library = Library::at(root.clone(), outside).with_long_films();
    library.add(&original());
    let target = library.limit_to(mechanism, &original());
    if undo {
        work(&library, &file_journal(&journal), false, &target).unwrap();
    }
    let orders =
        Orders { root, journal, mechanism, undo, stop_before: None, read_only_before: None, lie_about_space: false };
    Some(Bench { library, orders, _mounted: mounted })
}

/// How many changes an undisturbed run makes, and how long it takes.
fn measure(mechanism: Mechanism, undo: bool) -> (usize, Duration) {
    let mut bench = bench(mechanism, undo, None).unwrap();
    let changes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&changes);
    bench.library.storage.before = Box::new(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let target = bench.library.limit_to(mechanism, &original());
    let begun = Instant::now();
    work(&bench.library, &file_journal(&bench.orders.journal), undo, &target).unwrap();
    (changes.load(Ordering::SeqCst), begun.elapsed())
}

fn recover_and_check(bench: &Bench, context: &str) -> Option<State> {
    let journal = file_journal(&bench.orders.journal);
    let replacer =
        Replacer::new(&bench.library.storage, &journal, &bench.library.clock, bench.library.settings.clone());
    for recovered in replacer.recover_all().unwrap() {
        recovered.ending.unwrap_or_else(|error| panic!("{context}: {error}"));
    }
    let counter = if bench.orders.undo { 2 } else { 1 };
    let state = bench.library.check_end(&journal, counter, context);
    if state.is_none() && !bench.orders.undo {
        let film = fs::read(bench.library.file(&original())).unwrap();
        assert!(film == bench.library.source_bytes, "{context}: it had not begun, and the film is another");
    }
    assert!(replacer.recover_all().unwrap().is_empty(), "{context}: a second recovery found something");
    state
}

#[test]
fn a_killed_process_leaves_nothing_that_does_not_recover() {
    let runs: usize = std::env::var(RUNS).ok().and_then(|text| text.parse().ok()).unwrap_or(40);
    let mut ends = std::collections::BTreeMap::new();
    let mut killed = 0;
    let kinds: Vec<_> = MECHANISMS.into_iter().flat_map(|m| [(m, false), (m, true)]).collect();
    let measured: Vec<_> = kinds.iter().map(|(mechanism, undo)| measure(*mechanism, *undo)).collect();
    // A fixed sequence of moments (Knuth's multiplicative hash), so that a failure can be looked for again.
    let part = |run: usize, of: usize| (run.wrapping_mul(2_654_435_761) >> 8) % of.max(1);
    for run in 0..runs {
        let (mechanism, undo) = kinds[run % kinds.len()];
        let (changes, duration) = measured[run % kinds.len()];
        let Some(mut bench) = bench(mechanism, undo, None) else { return };
        let at_a_change = (run / kinds.len()).is_multiple_of(2);
        let after = if at_a_change {
            bench.orders.stop_before = Some(part(run, changes));
            None
        } else {
            Some(duration.mul_f64(part(run, 1000) as f64 / 1000.0))
        };
        let context = format!("run {run}: {:?} after {after:?}", bench.orders);
        killed += usize::from(!run_and_kill(&bench.orders, after));
        let state = recover_and_check(&bench, &context);
        *ends.entry(format!("{state:?}")).or_insert(0) += 1;
    }
    println!("{runs} runs, {killed} killed before their end; they ended as {ends:?}");
    assert!(killed * 2 > runs, "only {killed} of {runs} were killed in the middle");
}

#[test]
fn a_disk_that_fills_up_or_turns_read_only_leaves_nothing_that_does_not_recover() {
    let mut ends = std::collections::BTreeMap::new();
    for (index, mechanism) in MECHANISMS.into_iter().enumerate() {
        for undo in [false, true] {
            let (changes, _) = measure(mechanism, undo);
            for read_only_before in (index % 3..changes).step_by(3) {
                let Some(mut bench) = bench(mechanism, undo, Some("size=8m")) else { return };
                bench.orders.read_only_before = Some(read_only_before);
                let context = format!("{:?}", bench.orders);
                run_and_kill(&bench.orders, None);
                bench._mounted.as_ref().unwrap().remount("rw");
                let state = recover_and_check(&bench, &context);
                *ends.entry(format!("read-only: {state:?}")).or_insert(0) += 1;
            }
        }
        // Room for half of the output: it is full in the middle of staging, then killed while tidying up, or not.
        for stop_before in [None, Some(9), Some(10), Some(11), Some(12), Some(13)] {
            let Some(mut bench) = bench(mechanism, false, Some("size=420k")) else { return };
            bench.orders.lie_about_space = true;
            bench.orders.stop_before = stop_before;
            let context = format!("{:?}", bench.orders);
            run_and_kill(&bench.orders, None);
            let state = recover_and_check(&bench, &context);
            assert_ne!(state, Some(State::Done), "{context}: there was no room for it");
            *ends.entry(format!("full: {state:?}")).or_insert(0) += 1;
        }
    }
    println!("{ends:?}");
}
