//! The table: how each output was judged, and by what.

use mediaflow_core::proof::{Conclusion, Proof, WORTH_IT};

use crate::item::Item;

/// One line of the table.
pub struct Row {
    pub output: String,
    pub variant: &'static str,
    pub is_good: bool,
    pub conclusion: Conclusion,
    /// Each check that did not hold and what it measured; for a good output, its quality.
    pub found: String,
}

impl Row {
    /// Prints itself, so that the table grows while the proofs are made.
    pub fn new(item: &Item, variant: &'static str, is_good: bool, proof: &Proof) -> Self {
        let told = |check: &str, passed: bool| {
            if is_good { !passed || check.starts_with("quality") } else { !passed && check != WORTH_IT }
        };
        let failed: Vec<String> = proof
            .checks
            .iter()
            .filter(|check| told(&check.check, check.passed))
            .map(|check| format!("{}: {}", check.check, check.measured))
            .collect();
        let row = Self {
            output: format!("{}, {}", item.source, item.preset),
            variant,
            is_good,
            conclusion: proof.conclusion(),
            found: failed.join(" | "),
        };
        println!("{row}");
        row
    }

    pub fn is_right(&self) -> bool {
        (self.conclusion != Conclusion::Rejected) == self.is_good
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdict = match (self.conclusion, self.is_right()) {
            (Conclusion::Rejected, true) => "rejected",
            (Conclusion::Rejected, false) => "REJECTED",
            (_, true) => "accepted",
            (_, false) => "ACCEPTED",
        };
        let found = if self.found.is_empty() { "-" } else { &self.found };
        write!(f, "{:<28}  {:<18} {verdict:<10} {found}", self.output, self.variant)
    }
}
