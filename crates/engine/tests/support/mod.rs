//! What the tests of the replacement share: a journal, films, and a file system that forgets.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod explore;
pub mod films;
pub mod journal;
pub mod sim;
pub mod world;
