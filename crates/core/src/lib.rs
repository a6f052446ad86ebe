//! The domain of MediaFlow: what media is, what a plan promises, when a job may move on, when an
//! original may be replaced.
//!
//! Nothing in here has a clock, a disk, a socket, a runtime or randomness; they arrive as arguments.
//! That is what lets a property test walk every state that a crash can leave behind.

pub mod analyze;
pub mod catalog;
pub mod event;
pub mod identity;
pub mod job;
pub mod media;
pub mod path;
pub mod plan;
pub mod proof;
pub mod replace;
pub mod schedule;
pub mod text;
pub mod time;
pub mod worker;
