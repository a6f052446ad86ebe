//! What a scan costs, side by side with ffprobe run by hand over the same files.
//!
//! `cargo bench -p mediaflow-engine --bench scan -- [FILES] [ROUNDS]` (10,000 files and 3 rounds when not told) makes a
//! library of distinct small Matroska files, and measures: a first scan into an empty database, a second one, and
//! `find -print0 | xargs -0 -P THREADS -n 1 ffprobe` with the very arguments and as many processes as the scan uses.
//! Each round has a fresh database; the page cache is warm in all of them, because a probe reads each file once before.

// A benchmark is its own program: it prints, reads the clock and stops at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_engine::scan::{ScanReport, Scanner, default_threads, open_folder};
use mediaflow_ffmpeg::probe::probe_args;
use mediaflow_store::Store;
use mediaflow_transport::cancel::Cancel;

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_micros()).unwrap())
    }
}

fn main() {
    // Cargo adds `--bench`.
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let files: usize = numbers.next().unwrap_or(10_000);
    let rounds: usize = numbers.next().unwrap_or(3).max(1);
    let ffprobe = PathBuf::from(std::env::var_os("FFPROBE_PATH").unwrap_or_else(|| "ffprobe".into()));

    let dir = tempfile::tempdir().unwrap();
    let library = dir.path().join("films");
    make_library(&library, files);
    let threads = default_threads();
    let (mut first, mut second, mut by_hand) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        // Turns are taken within each round, so that a slow minute of the machine hits all.
        by_hand.push(timed(|| probe_by_hand(&ffprobe, &library, threads)).0);
        let database = dir.path().join(format!("{round}.db"));
        let scanner = Scanner {
            store: Store::open(&database, Arc::new(SystemClock)).unwrap(),
            ffprobe: ffprobe.clone(),
            tool: "bench".to_owned(),
            threads,
        };
        let (took, report) = timed(|| scan(&scanner, &library));
        assert_eq!((report.new, report.probed, report.unreadable.len()), (files as u64, files as u64, 0));
        first.push(took);
        let (took, report) = timed(|| scan(&scanner, &library));
        assert_eq!((report.unchanged, report.probed), (files as u64, 0));
        second.push(took);
        eprintln!("round {} of {rounds} is done", round + 1);
    }
    print(files, threads, [median(by_hand), median(first), median(second)]);
}

fn scan(scanner: &Scanner, library: &Path) -> ScanReport {
    let folder = open_folder(&scanner.store, library).unwrap();
    scanner.scan(&folder, &Cancel::new(), &|_| {}).unwrap()
}

/// One short clip, and copies of it that differ in a Void element behind its end, a hundred to a folder.
fn make_library(library: &Path, files: usize) {
    fs::create_dir_all(library).unwrap();
    let clip = library.with_file_name("clip.mkv");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1"])
        .args(["-f", "lavfi", "-i", "sine=duration=1", "-c:v", "libx264", "-c:a", "aac"])
        .arg(&clip)
        .status()
        .expect("ffmpeg is on PATH");
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

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let value = work();
    (start.elapsed(), value)
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort();
    durations[durations.len() / 2]
}

fn print(files: usize, threads: usize, medians: [Duration; 3]) {
    let [by_hand, ..] = medians.map(|duration| duration.as_secs_f64());
    println!("{files} files, {threads} at a time, medians\n");
    println!("| what | seconds | files/s | of ffprobe by hand |");
    println!("| --- | ---: | ---: | ---: |");
    for (what, duration) in ["ffprobe by hand", "first scan", "second scan"].iter().zip(medians) {
        let seconds = duration.as_secs_f64();
        #[allow(clippy::cast_precision_loss)]
        let rate = files as f64 / seconds;
        println!("| {what} | {seconds:.3} | {rate:.0} | {:.4} |", seconds / by_hand);
    }
}
