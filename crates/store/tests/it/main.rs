//! The store on real SQLite files.
#![allow(clippy::unwrap_used, reason = "clippy takes the helpers of a test for no test")]

mod access;
mod analysis;
mod attempts;
mod catalog;
mod catalog_rows;
mod contention;
mod crash;
mod fixture;
mod many;
mod open;
mod order;
mod queue;
mod records;
mod replacements;
mod scan;
mod uploads;
mod waits;
mod workers;
mod workers_seen;
