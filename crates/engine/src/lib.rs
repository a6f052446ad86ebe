//! What runs by itself: scanning, analysing, and one job from encode to replacement.

pub mod run;
pub mod scan;
pub mod analyze;
pub mod replace;
pub mod toolchain;
pub mod journal;
pub mod target;
pub mod queue;
pub mod originals;
