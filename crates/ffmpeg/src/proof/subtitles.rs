//! Converted subtitles: the same words at the same times.

use mediaflow_core::plan::Action;
use mediaflow_core::proof::Check;

use super::{Files, Findings, ms};
use crate::measure::TextEvent;

/// `SubRip` and MP4 keep milliseconds; formats counted in frames or hundredths round more.
const TOLERANCE_MS: i64 = 40;

pub(super) fn check(files: &Files<'_>, checks: &mut Vec<Check>) {
    let shift_ms = super::time::video_shift(files).unwrap_or(0) / 1000;
    for (position, plan) in files.evidence.intent.streams.iter().enumerate() {
        if !matches!(plan.action, Action::ConvertSubtitle { .. }) {
            continue;
        }
        let name = format!("subtitles #{}", plan.source_index);
        let events = |side: &crate::measure::Measured| side.text.get(&position).map(|list| spoken(list));
        let (Some(was), Some(is)) = (events(files.evidence.source), events(files.evidence.output)) else {
            checks.push(Check::new(name, false, "its events could not be read on one side"));
            continue;
        };
        let mut findings = Findings::new();
        findings.expect(was.len() == is.len(), || format!("{} events before, {} after", was.len(), is.len()));
        let mut worst = 0;
        for (number, (a, b)) in was.iter().zip(&is).enumerate() {
            findings
                .expect(a.text == b.text, || format!("event {} said {:?} and says {:?}", number + 1, a.text, b.text));
            let off = (b.start_ms - a.start_ms - shift_ms).abs().max((b.end_ms - a.end_ms - shift_ms).abs());
            worst = worst.max(off);
        }
        findings.expect(worst <= TOLERANCE_MS, || format!("an event is off by {}", ms(worst * 1000)));
        checks.push(findings.into_check(
            name,
            format!("{} events with the same words, none off by more than {}", was.len(), ms(worst * 1000)),
        ));
    }
}

/// Events without text only fill gaps (3GPP timed text needs them).
fn spoken(events: &[TextEvent]) -> Vec<TextEvent> {
    events.iter().filter(|event| !event.text.is_empty()).cloned().collect()
}
