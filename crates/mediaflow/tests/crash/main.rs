//! What a killed program, a killed encode, a full disk and a read-only folder leave behind: the original, always, and
//! nothing that the next run does not put in order.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

#[path = "../server/client.rs"]
#[allow(dead_code, reason = "shared with the tests of the server")]
mod client;
#[path = "../support/mod.rs"]
mod support;

mod kill;
mod killed;
mod moments;
mod space;
mod uploaded;
mod ways;
