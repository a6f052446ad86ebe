//! What the tests of the replacement share: a journal, films, a file system that forgets, and real ones.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod explore;
pub mod films;
pub mod journal;
pub mod library;
pub mod limited;
pub mod mounts;
pub mod scenario;
pub mod sim;
pub mod tree;
pub mod world;
