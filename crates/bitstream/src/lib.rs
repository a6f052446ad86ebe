//! The only room that reads and writes inside coded video: dynamic HDR metadata, picture by picture.
//!
//! Encoders write pictures; what Dolby Vision and HDR10+ say about each of them is put beside them here, from the source's
//! packets into the encoder's. Both come as Matroska working files of one track, whose timestamps tell which packet shows
//! the same picture, so that nothing has to be decoded for it. Pure: streams and values go in and out; `ffmpeg` says how
//! those files are made, and `engine` opens them.

mod av1;
mod dolby_vision;
mod ebml;
mod hdr10_plus;
mod hevc;
mod matroska;
mod metadata;

pub use dolby_vision::Rpu;
pub use metadata::{Metadata, inject, read, strip, survey, write};

/// Why dynamic metadata cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A working file could not be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It is not the Matroska file that was expected.
    #[error("the working file is not as expected: it has {0}")]
    File(&'static str),
    /// A codec that carries no such metadata.
    #[error("neither HEVC nor AV1 is in the working file, and nothing else carries dynamic metadata")]
    Codec,
    /// A packet that is not what its codec says.
    #[error("a packet is damaged: {0}")]
    Packet(&'static str),
    /// A picture has none, or none that can be used.
    #[error("the picture at {:.3} s: {reason}", *at_ms as f64 / 1000.0)]
    Picture {
        /// When it is shown, in milliseconds.
        at_ms: i64,
        /// What is wrong with its metadata.
        reason: String,
    },
}
