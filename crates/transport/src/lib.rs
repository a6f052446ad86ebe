//! The only room that starts processes, touches media files and opens SSH. It is handed argument vectors and paths, and never learns
//! that a program is ffmpeg or that a file is a film.

pub mod cancel;
pub mod executor;
pub mod machine;
pub mod process;
pub mod ssh;
pub mod storage;
pub mod tools;
pub mod vitals;
pub mod walk;
