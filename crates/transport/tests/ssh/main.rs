//! Other machines, played by real SSH servers on this one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

mod attempts;
mod house;
mod logins;
mod programs;
mod transfers;
