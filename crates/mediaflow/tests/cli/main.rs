//! The command line, as a user and a script meet it: the real program on small real files.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

#[path = "../support/mod.rs"]
mod support;

mod access;
mod demo;
mod dynamic_hdr;
mod hardware;
mod jobs;
mod library;
mod tracks;
mod transcode;
mod undo;
mod wrong;
