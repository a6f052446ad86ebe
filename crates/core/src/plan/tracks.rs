//! What becomes of every track of one kind, before the output's streams are put in order.

use std::collections::BTreeMap;

use super::StreamPlan;
use crate::media::Stream;
use crate::media::language::Language;

/// What becomes of one stream of the source.
pub(super) enum Track {
    /// One stream of the output, or several made of it.
    Kept(Vec<StreamPlan>),
    /// None, for this reason.
    Dropped(String),
}

/// What becomes of the streams of one kind, by their index in the source.
pub(super) type Tracks = BTreeMap<u32, Track>;

/// The language that a stream says it has.
pub(super) fn language_of(stream: &Stream) -> Option<Language> {
    stream.language.as_deref().and_then(Language::parse)
}

/// Why a stream is not among the languages that are kept; `None` for one that is, and for one that names none.
pub(super) fn other_language(stream: &Stream, kept: &[Language]) -> Option<String> {
    let language = language_of(stream)?;
    if kept.is_empty() || kept.contains(&language) {
        return None;
    }
    let kept: Vec<&str> = kept.iter().map(Language::code).collect();
    Some(format!("its language {language} is not among those that are kept ({})", kept.join(", ")))
}
