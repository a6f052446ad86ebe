//! The server as its clients meet it: the real program as a process, plain HTTP and WebSocket, real encodes.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]
#[path = "../support/mod.rs"]
mod support;

mod beside;
mod client;
mod flow;
mod hardware;
mod marks;
mod presets;
mod queue;
mod report;
mod restart;
mod rules;
mod servers;
mod single;
mod sockets;
mod wrong;
