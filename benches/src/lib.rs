//! What the measurements share: a clock, the tools under test, and tables of medians.
//!
//! Every program here runs its sides in turn within each round, so that a slow minute of the machine hits all of them,
//! and prints the median and the extremes: a single time says nothing.

// A measurement is its own program: it prints and stops at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

pub mod cpu;
pub mod line;
pub mod server;

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_engine::toolchain::{ToolOptions, Toolchain};
use mediaflow_transport::cancel::Cancel;

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set");
        Timestamp(i64::try_from(since.as_micros()).expect("the clock is sane"))
    }
}

/// The ffmpeg that `FFMPEG_PATH` and `FFPROBE_PATH` name, else the one on `PATH`. `scratch` stands for a data directory.
#[must_use]
pub fn tools(scratch: &Path) -> Toolchain {
    let named = |name| std::env::var_os(name).map(PathBuf::from);
    let options =
        ToolOptions { ffmpeg: named("FFMPEG_PATH"), ffprobe: named("FFPROBE_PATH"), data_dir: scratch.to_owned() };
    Toolchain::discover(&options, &Cancel::new()).expect("there is a pair of ffmpeg and ffprobe")
}

/// How long something took, in seconds, and what it gave.
pub fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let value = work();
    (start.elapsed().as_secs_f64(), value)
}

/// The times of one side, a round each.
pub struct Side {
    /// What was done.
    pub what: &'static str,
    /// In the order of the rounds.
    pub seconds: Vec<f64>,
}

impl Side {
    /// No rounds yet.
    #[must_use]
    pub const fn new(what: &'static str) -> Self {
        Self { what, seconds: Vec::new() }
    }
}

/// The middle one of some figures; the mean of the two in the middle of an even number.
#[must_use]
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[middle - 1], sorted[middle]) } else { sorted[middle] }
}

/// Prints all sides as a table. Each ratio is the median over the rounds of this side's time to the first side's time in
/// the same round. With `items`, the pieces of work in each round, there is a column of items a second.
pub fn print(sides: &[Side], items: Option<(f64, &str)>) {
    let (reference, rounds) = (&sides[0], sides[0].seconds.len());
    let per_second = items.map(|(count, name)| (count, format!(" {name}/s |"), " ---: |"));
    let (head, rule) = per_second.as_ref().map_or(("", ""), |(_, head, rule)| (head.as_str(), *rule));
    println!("| what | median s | least–most s |{head} of {} |", reference.what);
    println!("| --- | ---: | ---: |{rule} ---: |");
    for side in sides {
        assert_eq!(side.seconds.len(), rounds, "{} has not as many rounds as the others", side.what);
        let ratios: Vec<f64> = side.seconds.iter().zip(&reference.seconds).map(|(own, first)| own / first).collect();
        let (least, most) = side.seconds.iter().fold((f64::MAX, 0.0_f64), |(low, high), s| (low.min(*s), high.max(*s)));
        let rate = per_second
            .as_ref()
            .map_or_else(String::new, |(count, ..)| format!(" {:.0} |", count / median(&side.seconds)));
        let (what, middle, ratio) = (side.what, median(&side.seconds), median(&ratios));
        println!("| {what} | {middle:.3} | {least:.3}–{most:.3} |{rate} {ratio:.4} |");
    }
}
