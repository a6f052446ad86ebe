//! What runs by itself: scanning, analysing, and one job from encode to replacement. Decisions are made in `core` and
//! `ffmpeg`; here they are carried out, and written down before and after.

pub mod analyze;
pub mod catalog;
pub mod dynamic;
pub mod fleet;
pub mod journal;
pub mod originals;
pub mod queue;
pub mod replace;
pub mod run;
pub mod scan;
pub mod service;
pub mod settings;
pub mod storages;
pub mod target;
pub mod toolchain;
pub mod uploads;
