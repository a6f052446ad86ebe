//! The only room with ffmpeg's words: probes read, plans become argument vectors, progress is parsed, outputs are
//! measured and judged. Pure: everything here is text and values; `transport` runs the programs, `engine` joins them.

pub mod abilities;
pub mod binding;
pub mod burn_in;
pub mod encoder;
pub mod failure;
pub mod filters;
pub mod flags;
pub mod log;
pub mod measure;
pub mod probe;
pub mod progress;
pub mod proof;
pub mod still;

pub mod build;
pub mod sample;
