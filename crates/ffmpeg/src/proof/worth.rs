//! Worth it: smaller by enough, or for a remux hardly larger.

use mediaflow_core::proof::{Check, WORTH_IT};
use mediaflow_core::text;

use super::Files;

/// By how much a remux may grow, in percent: another container's bookkeeping.
const REMUX_GROWTH_PERCENT: u64 = 1;
/// Small files pay for a Matroska header with more than one per cent.
const REMUX_GROWTH_BYTES: u64 = 16 * 1024;

pub(super) fn check(files: &Files<'_>, checks: &mut Vec<Check>) {
    let (was, is) = (files.evidence.source_bytes, files.evidence.output_bytes);
    #[allow(clippy::cast_precision_loss)]
    let change = (is as f64 - was as f64) * 100.0 / was.max(1) as f64;
    let sizes = format!("{} -> {} ({change:+.1} %)", text::bytes(was), text::bytes(is));
    checks.push(if !files.evidence.must_be_worth_it {
        Check::new(WORTH_IT, true, format!("{sizes}, and it may grow: its original stays beside it"))
    } else if files.evidence.intent.encodes_video() {
        let needed = u64::from(files.evidence.intent.min_savings_percent);
        let enough = is.saturating_mul(100) <= was.saturating_mul(100_u64.saturating_sub(needed));
        Check::new(WORTH_IT, enough, format!("{sizes}, at least {needed} % smaller is asked for"))
    } else {
        let most = was + (was * REMUX_GROWTH_PERCENT / 100).max(REMUX_GROWTH_BYTES);
        Check::new(WORTH_IT, is <= most, format!("{sizes}, a remux may grow by {REMUX_GROWTH_PERCENT} %"))
    });
}
