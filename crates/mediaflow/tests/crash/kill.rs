//! Who is killed, and chance that can be had again.

use std::time::SystemTime;

use crate::support::home::{Home, Running};
use crate::support::processes;

/// Numbers that look random and can be had again (xorshift64*).
pub struct Random(u64);

impl Random {
    /// By `MEDIAFLOW_CRASH_SEED`, or like never before; says the seed.
    pub fn new() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
        let seed = std::env::var("MEDIAFLOW_CRASH_SEED").map_or(now as u64 | 1, |text| text.parse().unwrap());
        println!("MEDIAFLOW_CRASH_SEED={seed}");
        Self(seed)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16) % limit
    }

    pub fn victim(&mut self) -> Victim {
        if self.below(2) == 0 { Victim::Coordinator } else { Victim::Everything }
    }
}

/// What is killed.
#[derive(Debug, Clone, Copy)]
pub enum Victim {
    /// MediaFlow alone: an encode goes on.
    Coordinator,
    /// MediaFlow, the supervisor and ffmpeg.
    Everything,
}

impl Victim {
    pub fn kill(self, home: &Home, running: Running) {
        running.process().signal("KILL");
        running.finish();
        self.take_along(home);
    }

    /// What else is to be killed once MediaFlow is.
    pub fn take_along(self, home: &Home) {
        if matches!(self, Self::Coordinator) {
            return;
        }
        loop {
            let left = processes::below(home.root());
            if left.is_empty() {
                return;
            }
            left.iter().for_each(|process| process.signal("KILL"));
        }
    }
}

/// How many rounds: `MEDIAFLOW_CRASH_RUNS`, else the test's own number.
pub fn runs(default: u64) -> u64 {
    std::env::var("MEDIAFLOW_CRASH_RUNS").map_or(default, |text| text.parse().unwrap())
}
