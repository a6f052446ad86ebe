//! What runs by itself: scanning, analysing, and one job from encode to replacement.

pub mod run;
pub mod scan;
pub mod analyze;
pub mod replace;
