//! The only room that starts processes and touches media files. It is handed argument vectors and paths, and never learns
//! that a program is ffmpeg or that a file is a film.

pub mod cancel;
pub mod executor;
pub mod process;
pub mod storage;
pub mod tools;
pub mod walk;
