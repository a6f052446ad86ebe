//! Analysis: what in a library is worth doing, and why.
//!
//! An analyzer is one file with one pure function from the whole library to findings. It is handed all items at once,
//! because some of them need means, neighbours or groups; the items are small (no streams, no tags), so that a library
//! of a million stays in memory. To add one: write the file, give it a [`Kind`], put its function into [`ANALYZERS`].

mod codec_upgrade;
mod container_modernize;
pub mod estimate;
mod item;
mod learned;
mod output;
pub mod priority;
pub mod thresholds;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use codec_upgrade::is_outdated_codec;
pub use estimate::{Basis, Estimate};
pub use item::{Item, VideoFacts};
pub use learned::{LearnedRatios, Lesson};
pub use output::{OutputBasis, OutputEstimate, estimate_output};
pub use thresholds::Thresholds;

/// What an analyzer may look at besides the items.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What the user can tune.
    pub thresholds: &'a Thresholds,
    /// What earlier jobs of this library gave.
    pub learned: &'a LearnedRatios,
}

/// An analyzer: the whole library in, at most one finding for each file out.
pub type Analyzer = fn(&[Item], &Context<'_>) -> Vec<Finding>;

/// Every analyzer, in the order of a run.
pub const ANALYZERS: &[Analyzer] = &[codec_upgrade::analyze, container_modernize::analyze];

/// What an analyzer found; the names are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The video codec is an old one.
    CodecUpgrade,
    /// The container is one that players are giving up.
    ContainerModernize,
}

impl Kind {
    /// The wire's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodecUpgrade => "codec_upgrade",
            Self::ContainerModernize => "container_modernize",
        }
    }
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Worth acting on.
    Warning,
}

impl Severity {
    /// The wire's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
        }
    }
}

/// One thing worth doing to one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The file.
    pub file_id: i64,
    /// Which analyzer found it.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// A few words: what to do with which film.
    pub title: String,
    /// One sentence for a person: why.
    pub reason: String,
    /// Expected savings in bytes; never more than the file has.
    pub savings_bytes: u64,
    /// How far the savings can be trusted, 0 to 1.
    pub confidence: f64,
    /// Rank among all findings, 0 to 100; higher is done first.
    pub priority: f64,
    /// Name of the preset that does it.
    pub preset: &'static str,
}

/// Runs every analyzer over the library.
#[must_use]
pub fn analyze(items: &[Item], context: &Context<'_>) -> Vec<Finding> {
    ANALYZERS.iter().flat_map(|analyzer| analyzer(items, context)).collect()
}

/// What all findings together can save, in bytes. A file counts once, by its largest finding: its bytes can be saved
/// only once, however many reasons there are.
pub fn total_savings<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> u64 {
    let mut largest: BTreeMap<i64, u64> = BTreeMap::new();
    for finding in findings {
        let best = largest.entry(finding.file_id).or_default();
        *best = finding.savings_bytes.max(*best);
    }
    largest.into_values().fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::item::tests::{GB, item};
    use super::*;
    use crate::media::Container;

    #[test]
    fn a_file_with_two_findings_is_counted_once() {
        let (thresholds, learned) = (Thresholds::default(), LearnedRatios::default());
        let context = Context { thresholds: &thresholds, learned: &learned };
        let avi = Item { file_id: 1, container: Container::Avi, extension: "avi".into(), ..item("mpeg4", GB) };
        let mkv = Item { file_id: 2, ..item("h264", 2 * GB) };
        let findings = analyze(&[avi, mkv], &context);

        let kinds: Vec<(i64, Kind)> = findings.iter().map(|f| (f.file_id, f.kind)).collect();
        assert_eq!(kinds, [(1, Kind::CodecUpgrade), (2, Kind::CodecUpgrade), (1, Kind::ContainerModernize)]);
        // 60 % of 1 GB of MPEG-4 and 45 % of 2 GB of H.264 (`facts` §5).
        assert_eq!(total_savings(&findings), 1_500_000_000);

        let twice: Vec<Finding> = findings.iter().chain(&findings).cloned().collect();
        assert_eq!(total_savings(&twice), 1_500_000_000);
    }
}
