//! What the tests of the real binary share: a home of its own for each test, clips, and the processes it starts.

#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod clips;
pub mod disk;
pub mod home;
pub mod processes;
