//! Other machines, played by real SSH servers on this one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

mod applets;
mod attempts;
mod between;
mod case;
mod faults;
mod house;
mod installs;
mod logins;
mod looks;
mod names;
mod programs;
mod speeds;
mod storages;
mod transfers;
mod vitals;
mod walks;
