//! What a scan costs, side by side with ffprobe run by hand over the same files.
//!
//! Makes a library of distinct small Matroska files and measures a first scan into an empty database, a second one, and
//! `find -print0 | xargs -0 -P THREADS ffprobe` with the very arguments and as many processes as the scan uses. Each
//! round has a fresh database. The page cache is warm: this compares the work, not the disk.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use clap::Parser;
use mediaflow_benches::{Side, SystemClock, print, timed, tools};
use mediaflow_engine::scan::{ScanReport, Scanner, default_threads, open_folder};
use mediaflow_engine::storages::Storages;
use mediaflow_ffmpeg::probe::probe_args;
use mediaflow_store::Store;
use mediaflow_transport::cancel::Cancel;

#[derive(Parser)]
struct Options {
    /// Files in the library.
    #[arg(long, default_value_t = 10_000)]
    files: usize,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

fn main() {
    let Options { files, rounds } = Options::parse();
    let dir = tempfile::tempdir().unwrap();
    let tools = tools(dir.path());
    let library = dir.path().join("films");
    make_library(&tools.ffmpeg, &library, files);
    let threads = default_threads();
    let [mut by_hand, mut first, mut second] = ["ffprobe by hand", "first scan", "second scan"].map(Side::new);
    for round in 1..=rounds {
        let database = dir.path().join(format!("{round}.db"));
        let scanner = Scanner {
            storages: Storages::here(),
            store: Store::open(&database, Arc::new(SystemClock)).unwrap(),
            ffprobe: tools.ffprobe.clone(),
            tool: tools.version().to_owned(),
            threads,
        };
        let mut hand = || by_hand.seconds.push(timed(|| probe_by_hand(&tools.ffprobe, &library, threads)).0);
        let mut ours = || {
            let (seconds, report) = timed(|| scan(&scanner, &library));
            assert_eq!((report.new, report.probed, report.unreadable.len()), (files as u64, files as u64, 0));
            first.seconds.push(seconds);
            let (seconds, report) = timed(|| scan(&scanner, &library));
            assert_eq!((report.unchanged, report.probed), (files as u64, 0));
            second.seconds.push(seconds);
        };
        if round % 2 == 1 {
            hand();
            ours();
        } else {
            ours();
            hand();
        }
        eprintln!("round {round} of {rounds} is done");
    }
    println!("{files} files, {threads} at a time, {rounds} rounds, ffmpeg {}\n", tools.version());
    #[allow(clippy::cast_precision_loss)]
    print(&[by_hand, first, second], Some((files as f64, "files")));
}

fn scan(scanner: &Scanner, library: &Path) -> ScanReport {
    let folder = open_folder(&scanner.store, library).unwrap();
    scanner.scan(&folder, &Cancel::new(), &|_| {}).unwrap()
}

/// One short clip, and copies of it that differ in a Void element behind its end, a hundred to a folder.
fn make_library(ffmpeg: &Path, library: &Path, files: usize) {
    fs::create_dir_all(library).unwrap();
    let clip = library.with_file_name("clip.mkv");
    let made = Command::new(ffmpeg)
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1"])
        .args(["-f", "lavfi", "-i", "sine=duration=1", "-c:v", "libx264", "-c:a", "aac"])
        .arg(&clip)
        .status()
        .unwrap();
    assert!(made.success());
    let clip = fs::read(clip).unwrap();
    for number in 0..files {
        let folder = library.join(format!("{:03}", number / 100));
        fs::create_dir_all(&folder).unwrap();
        let void = [&[0xec, 0x84][..], &u32::try_from(number).unwrap().to_be_bytes()].concat();
        fs::write(folder.join(format!("Film {number} (2001).mkv")), [&clip[..], &void].concat()).unwrap();
    }
}

fn probe_by_hand(ffprobe: &Path, library: &Path, threads: usize) {
    // `xargs -I` puts each name where the scan puts it: behind `file:`, as the last argument.
    let mut find =
        Command::new("find").arg(library).args(["-name", "*.mkv", "-print0"]).stdout(Stdio::piped()).spawn().unwrap();
    let done = Command::new("xargs")
        .args(["-0", "-P", &threads.to_string(), "-I", "{}"])
        .arg(ffprobe)
        .args(probe_args(OsStr::new("{}")))
        .stdin(find.stdout.take().unwrap())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(done.success() && find.wait().unwrap().success());
}
