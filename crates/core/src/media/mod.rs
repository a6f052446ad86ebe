//! What a media file is: containers, streams, colour, resolution, and the presets that transform it.

mod codec;
pub mod color;
mod container;
pub mod hardware;
mod info;
pub mod language;
pub mod layout;
pub mod preset;
mod resolution;
pub mod tag;
pub mod title;
mod track;

pub use codec::{Generation, SubtitleForm, generation, is_lossless_audio, subtitle_form};
pub use container::{Container, is_outdated};
pub use info::{Audio, Chapter, Disposition, MediaInfo, Ratio, Stream, StreamKind, Subtitle, Tags, Video};
pub use resolution::ResolutionTier;
