//! What a process took of the processor.

use std::fs;

/// A tick of the clock in `/proc` on Linux, whatever the kernel's own is.
const TICKS_PER_SECOND: f64 = 100.0;

/// The time of a process in user and kernel mode, with that of its children that have ended.
#[must_use]
pub fn cpu_seconds(pid: u32) -> f64 {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Behind the name, which may hold blanks: the third field is the first here, the fourteenth to seventeenth are times.
    let (_, fields) = line.rsplit_once(')').unwrap();
    let ticks: u64 = fields.split_whitespace().skip(11).take(4).map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    ticks as f64 / TICKS_PER_SECOND
}
