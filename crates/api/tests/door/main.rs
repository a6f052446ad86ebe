//! The door, as a browser, a program and a stranger meet it: real requests through the real router.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod connections;
mod folders;
mod headers;
mod keys;
mod login;
mod sessions;
mod strangers;
mod support;
mod walk;
