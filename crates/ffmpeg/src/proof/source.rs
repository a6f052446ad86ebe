//! The source first: what its own decode shows decides what may be asked of the output.

use mediaflow_core::media::{Container, MediaInfo};
use mediaflow_core::plan::Intent;
use mediaflow_core::proof::Check;

use super::{Files, Findings};
use crate::measure::{Entry, Measured, SourceState, is_transport};

/// How much shorter than it says a stream may decode: a second, and one per cent for containers that round.
const EARLY_END_US: i64 = 1_000_000;
const EARLY_END_SHARE: i64 = 100;

/// Judges a source by its whole decode. `only_its_start` tells that a second look found all errors before the first key
/// frame.
#[must_use]
pub fn source_state(intent: &Intent, measured: &Measured, only_its_start: bool) -> SourceState {
    let Some(info) = &measured.info else {
        return SourceState::Damaged { reason: "it cannot be probed".to_owned() };
    };
    for (position, frames) in &measured.frames {
        if frames.is_empty() {
            let stream = intent.streams.get(*position).map_or(0, |plan| plan.source_index);
            return SourceState::Damaged {
                reason: format!("nothing of stream {stream} could be decoded (damaged or encrypted)"),
            };
        }
    }
    if let Some(reason) = ends_early(intent, info, measured) {
        return SourceState::Damaged { reason };
    }
    let Some(first) = measured.errors.first() else { return SourceState::Clean };
    let lines = measured.errors.len();
    if only_its_start {
        SourceState::Explainable { lines }
    } else {
        SourceState::Damaged { reason: format!("{lines} decoding errors, the first: {first}") }
    }
}

/// Where a stream says that it lasts longer than what decodes of it.
#[must_use]
pub fn ends_early(intent: &Intent, info: &MediaInfo, measured: &Measured) -> Option<String> {
    let seconds = |us: i64| {
        #[allow(clippy::cast_precision_loss)]
        let seconds = us as f64 / 1_000_000.0;
        format!("{seconds:.1} s")
    };
    let tolerance = |declared: i64| EARLY_END_US + declared / EARLY_END_SHARE;
    let end = |entries: &[Entry]| entries.iter().map(|e| e.pts_us + e.duration_us).max();
    for (position, frames) in &measured.frames {
        let index = intent.streams.get(*position)?.source_index;
        let declared = info.streams.iter().find(|s| s.index == index).and_then(|s| s.duration_us);
        let (Some(declared), Some(first), Some(end)) = (declared, frames.first(), end(frames)) else { continue };
        // Matroska's tag is the length where mkvmerge wrote it, and the end, counted from zero, where ffmpeg did: a track
        // that begins late is no shorter for it.
        let counts_from_zero = info.container == Container::Matroska && declared > first.pts_us;
        let decoded = if counts_from_zero { end - first.pts_us.min(0) } else { end - first.pts_us };
        if decoded + tolerance(declared) < declared {
            return Some(format!(
                "stream {index} says it lasts {} and {} of it decode",
                seconds(declared),
                seconds(decoded)
            ));
        }
    }
    // A file cut off loses the tags that tell each stream's length, but not the container's. Any stream may be the one
    // that reaches its end: a late subtitle, say.
    let declared = info.duration_us?;
    let all = || measured.frames.values().chain(measured.packets.values());
    let start = all().filter_map(|entries| entries.iter().map(|e| e.pts_us).min()).min()?;
    let reached = all().filter_map(|entries| end(entries)).max()? - start.min(0);
    let reached = if is_transport(info.container) { reached - start.max(0) } else { reached };
    let has_text = !measured.text.is_empty();
    (!has_text && reached + tolerance(declared) < declared)
        .then(|| format!("the file says it lasts {} and ends after {}", seconds(declared), seconds(reached)))
}

pub(super) fn check(files: &Files<'_>, checks: &mut Vec<Check>) {
    let evidence = files.evidence;
    let copies = !evidence.intent.encodes_video();
    let (passed, text) = match evidence.source_state {
        SourceState::Clean => (true, "decodes wholly without an error".to_owned()),
        SourceState::Explainable { lines } => {
            (true, format!("{lines} error lines before the first key frame, none after: it was cut there"))
        }
        SourceState::Damaged { reason } if evidence.intent.accept_damage => {
            (true, format!("damaged, and accepted: {reason}"))
        }
        SourceState::Damaged { reason } if copies => (true, format!("damaged, but copied as it is: {reason}")),
        SourceState::Damaged { reason } => (false, format!("damaged: {reason}")),
    };
    checks.push(Check::new("source", passed, text));

    let mut findings = Findings::new();
    // A copy of damaged packets decodes as badly as they did; anything encoded anew decodes cleanly.
    let allowed = if copies { evidence.source.errors.len() } else { 0 };
    let errors = &evidence.output.errors;
    findings.expect(errors.len() <= allowed, || {
        format!("{} decoding errors, the first: {}", errors.len(), errors.first().map_or("", String::as_str))
    });
    let decoded: usize = evidence.output.frames.values().map(Vec::len).sum();
    findings.expect(decoded > 0, || "nothing could be decoded".to_owned());
    checks.push(
        findings.into_check("decodes", format!("{decoded} frames of picture and sound decoded without an error")),
    );
}
