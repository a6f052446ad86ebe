//! Judging an output: every check of the proof, over what was measured. Pure; the measuring is done elsewhere.
//!
//! A check that cannot be made does not pass.

mod burn_in;
mod dynamic;
mod picture;
mod source;
mod streams;
mod subtitles;
mod time;
mod worth;

use mediaflow_core::media::MediaInfo;
use mediaflow_core::plan::Intent;
use mediaflow_core::proof::Check;

pub use dynamic::obstacle as dynamic_obstacle;
pub use source::{ends_early, source_state};

use crate::measure::{Measured, Quality, SourceState};

/// What a proof is made from.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// What was promised.
    pub intent: &'a Intent,
    /// What the source is like.
    pub source: &'a Measured,
    /// How sound the source is.
    pub source_state: &'a SourceState,
    /// What the output is like.
    pub output: &'a Measured,
    /// Scores of each encoded video stream, in the intent's order; `Err` says why one could not be had.
    pub quality: &'a [Result<Quality, String>],
    /// Length of the source in bytes.
    pub source_bytes: u64,
    /// Length of the output in bytes.
    pub output_bytes: u64,
    /// Whether the output must be worth its original's place; one that only lies beside it may grow.
    pub must_be_worth_it: bool,
}

/// All checks, in the order in which a person would want to read them; the last one is [`mediaflow_core::proof::WORTH_IT`].
#[must_use]
pub fn judge(evidence: &Evidence<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    let (Some(source), Some(output)) = (&evidence.source.info, &evidence.output.info) else {
        return vec![Check::new("streams", false, "the output could not be probed")];
    };
    let files = Files { evidence, source, output };
    source::check(&files, &mut checks);
    streams::check(&files, &mut checks);
    time::check(&files, &mut checks);
    subtitles::check(&files, &mut checks);
    picture::check(&files, &mut checks);
    burn_in::check(&files, &mut checks);
    worth::check(&files, &mut checks);
    checks
}

/// The evidence with both probes at hand.
#[derive(Clone, Copy)]
struct Files<'a> {
    evidence: &'a Evidence<'a>,
    source: &'a MediaInfo,
    output: &'a MediaInfo,
}

impl Files<'_> {
    /// How checks call the stream at a position of the plan: by the source's, and by its own too where another one before
    /// it is made of the same.
    fn number(&self, position: usize) -> String {
        let streams = &self.evidence.intent.streams;
        let source = streams.get(position).map_or(0, |plan| plan.source_index);
        let is_first = streams.iter().position(|plan| plan.source_index == source) == Some(position);
        if is_first { format!("#{source}") } else { format!("#{source} as stream {position}") }
    }
}

/// Collects what is wrong, so that one check can say all of it.
struct Findings(Vec<String>);

impl Findings {
    const fn new() -> Self {
        Self(Vec::new())
    }

    fn expect(&mut self, holds: bool, wrong: impl FnOnce() -> String) {
        if !holds {
            self.0.push(wrong());
        }
    }

    /// A check that passes if nothing was found; `fine` says what was measured then.
    fn into_check(self, name: impl Into<String>, fine: impl Into<String>) -> Check {
        if self.0.is_empty() {
            Check::new(name, true, fine)
        } else {
            let more = self.0.len().saturating_sub(5);
            let mut text = self.0.into_iter().take(5).collect::<Vec<_>>().join("; ");
            if more > 0 {
                text.push_str(&format!("; and {more} more"));
            }
            Check::new(name, false, text)
        }
    }
}

fn ms(us: i64) -> String {
    #[allow(clippy::cast_precision_loss)]
    let ms = us as f64 / 1000.0;
    format!("{ms:.1} ms")
}

fn shown<T: std::fmt::Debug>(value: &Option<T>) -> String {
    value.as_ref().map_or_else(|| "none".to_owned(), |value| format!("{value:?}"))
}
