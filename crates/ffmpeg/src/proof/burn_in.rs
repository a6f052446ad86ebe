//! Subtitles that were to become part of the picture: they are there, wherever one looks.

use mediaflow_core::plan::{Action, Drawing};
use mediaflow_core::proof::Check;
use mediaflow_core::text;

use super::{Files, Findings};
use crate::measure::Stretch;

/// How much nearer to the source with subtitles than to the one without an output must be. Encodes at CRF 22 to 30 have
/// 0.94 and more, those without subtitles -1; other words in the same place are partly alike.
const FOUND: f64 = 0.5;

pub(super) fn check(files: &Files<'_>, checks: &mut Vec<Check>) {
    for (position, plan) in files.evidence.intent.streams.iter().enumerate() {
        let Action::EncodeVideo(encode) = &plan.action else { continue };
        let Some(burn_in) = &encode.burn_in else { continue };
        let name = format!("burn-in #{}", burn_in.source_index);
        let drawn = match files.evidence.output.drawn.get(&position) {
            Some(Ok(drawn)) => drawn,
            Some(Err(reason)) => {
                checks.push(Check::new(name, false, reason.clone()));
                continue;
            }
            None => {
                checks.push(Check::new(name, false, "it was not looked for"));
                continue;
            }
        };
        let shown: Vec<&Stretch> = drawn.stretches.iter().filter(|stretch| stretch.shows()).collect();
        let mut findings = Findings::new();
        findings.expect(!shown.is_empty() || drawn.stretches.is_empty(), || {
            let why = match burn_in.drawing {
                Drawing::Text { .. } => "this ffmpeg draws no letters here; install a font",
                Drawing::Image { .. } => {
                    "its images lie outside of the canvas that the file tells of; keep the track instead"
                }
            };
            format!("nothing of its events is to be seen: {why}")
        });
        for stretch in &shown {
            findings.expect(stretch.found >= FOUND, || {
                let at = text::duration(u64::try_from(stretch.at_us / 1_000_000).unwrap_or(0));
                format!("its text is missing from the picture (at {at}; it is there by {:.2})", stretch.found)
            });
        }
        let worst = shown.iter().map(|stretch| stretch.found).fold(f64::INFINITY, f64::min);
        let fine = if shown.is_empty() {
            "no event of the track shows in the film".to_owned()
        } else {
            format!("there in all {} places that were looked at, by {worst:.2} and more of 1", shown.len())
        };
        checks.push(findings.into_check(name, fine));
    }
}
