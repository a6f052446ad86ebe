//! Proof: what was measured on an output before it may take an original's place.

use serde::{Deserialize, Serialize};

use crate::identity::{ContentId, Hash};

/// One thing that must hold, with what was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Short stable name, such as `streams` or `video frames`.
    pub check: String,
    /// Whether it held.
    pub passed: bool,
    /// What was measured and what was expected, for a person.
    pub measured: String,
}

impl Check {
    /// A check with its outcome.
    #[must_use]
    pub fn new(check: impl Into<String>, passed: bool, measured: impl Into<String>) -> Self {
        Self { check: check.into(), passed, measured: measured.into() }
    }
}

/// Name of the last check: smaller by enough. Failing only this one is a normal end, not a failure.
pub const WORTH_IT: &str = "worth it";

/// The list of checks made on one output, bound to what they were made on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Hash of the whole output.
    pub output_hash: Hash,
    /// Length of the output in bytes.
    pub output_bytes: u64,
    /// Content of the source it was compared with.
    pub source: ContentId,
    /// Hash of the frozen intent.
    pub intent: Hash,
    /// The build that measured, as `ffmpeg -version` names itself.
    pub tools: String,
    /// All checks, in the order they were made.
    pub checks: Vec<Check>,
}

/// What a proof says about its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Everything held.
    Proven,
    /// The output is right, but not smaller by enough.
    NotWorthIt,
    /// At least one check of the output itself did not hold.
    Rejected,
}

impl Proof {
    /// What follows from the checks. A proof without the last check was not finished and proves nothing.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        let worth = self.checks.iter().find(|c| c.check == WORTH_IT);
        let sound = self.checks.iter().all(|c| c.passed || c.check == WORTH_IT);
        match worth {
            Some(worth) if sound && worth.passed => Conclusion::Proven,
            Some(_) if sound => Conclusion::NotWorthIt,
            _ => Conclusion::Rejected,
        }
    }

    /// The checks that did not hold.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|c| !c.passed)
    }

    /// The right to replace, which only a full proof gives.
    #[must_use]
    pub fn proven(&self) -> Option<Proven> {
        (self.conclusion() == Conclusion::Proven).then_some(Proven {
            output_hash: self.output_hash,
            output_bytes: self.output_bytes,
            source: self.source,
        })
    }
}

/// Evidence that an output was proven against a source; made by [`Proof::proven`] alone, and required to begin a
/// replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proven {
    output_hash: Hash,
    output_bytes: u64,
    source: ContentId,
}

impl Proven {
    /// Hash of the whole output.
    #[must_use]
    pub const fn output_hash(&self) -> Hash {
        self.output_hash
    }

    /// Length of the output in bytes.
    #[must_use]
    pub const fn output_bytes(&self) -> u64 {
        self.output_bytes
    }

    /// Content of the source that it was proven against.
    #[must_use]
    pub const fn source(&self) -> ContentId {
        self.source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(checks: &[(&str, bool)]) -> Proof {
        Proof {
            output_hash: Hash::of_bytes(b"output"),
            output_bytes: 6,
            source: ContentId { size_bytes: 9, edges: Hash::of_bytes(b"source") },
            intent: Hash::of_bytes(b"intent"),
            tools: String::new(),
            checks: checks.iter().map(|(name, passed)| Check::new(*name, *passed, "")).collect(),
        }
    }

    #[test]
    fn only_a_finished_and_clean_proof_gives_the_right_to_replace() {
        for (checks, conclusion) in [
            (vec![("streams", true), (WORTH_IT, true)], Conclusion::Proven),
            (vec![("streams", true), (WORTH_IT, false)], Conclusion::NotWorthIt),
            (vec![("streams", false), (WORTH_IT, true)], Conclusion::Rejected),
            (vec![("streams", false), (WORTH_IT, false)], Conclusion::Rejected),
            (vec![("streams", true)], Conclusion::Rejected),
            (vec![], Conclusion::Rejected),
        ] {
            let proof = proof(&checks);
            assert_eq!(proof.conclusion(), conclusion, "{checks:?}");
            assert_eq!(proof.proven().is_some(), conclusion == Conclusion::Proven);
        }
    }
}
