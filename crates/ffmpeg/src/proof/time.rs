//! Time, per stream: every frame is there, at its time; no gap is new; sound and picture keep their distance.

use mediaflow_core::media::layout::{Channel, Layout};
use mediaflow_core::plan::{Action, AudioEncode, StreamPlan};
use mediaflow_core::proof::Check;

use super::{Files, Findings, ms};
use crate::measure::{Channels, Comparison, Entry, compares_content};

/// Sound may come this much earlier or later against the picture than in the source.
const SYNC_TOLERANCE_US: i64 = 40_000;
/// Matroska keeps whole milliseconds.
const ROUNDING_US: i64 = 2_000;
/// What a frame of an encode may be off: more than any container rounds, and less than half a frame of 48 a second, so
/// that no frame can be taken for its neighbour.
const FRAME_TOLERANCE_US: i64 = 10_000;
/// One frame of the longest audio codecs (E-AC-3: 1536 samples, AAC: 1024) and the priming of AAC (2112 samples), at
/// 32 kHz and more.
const AUDIO_EDGE_US: i64 = 120_000;

/// By how much the output's pictures lie later than the source's, by the first frame.
pub(super) fn video_shift(files: &Files<'_>) -> Option<i64> {
    let position = files.evidence.intent.streams.iter().position(is_video)?;
    shift(files, position)
}

const fn is_video(plan: &StreamPlan) -> bool {
    matches!(plan.action, Action::CopyVideo | Action::EncodeVideo(_))
}

fn shift(files: &Files<'_>, position: usize) -> Option<i64> {
    let first = |frames: Option<&Vec<Entry>>| frames?.iter().map(|f| f.pts_us).min();
    Some(first(files.evidence.output.frames.get(&position))? - first(files.evidence.source.frames.get(&position))?)
}

pub(super) fn check(files: &Files<'_>, checks: &mut Vec<Check>) {
    let origin = video_shift(files);
    for (position, plan) in files.evidence.intent.streams.iter().enumerate() {
        match &plan.action {
            Action::CopyVideo | Action::EncodeVideo(_) => video(files, position, plan, checks),
            Action::CopyAudio { .. } | Action::EncodeAudio(_) => audio(files, position, plan, origin, checks),
            _ => {}
        }
        if let Some(check) = copied(files, position, plan, origin) {
            checks.push(check);
        }
    }
}

fn video(files: &Files<'_>, position: usize, plan: &StreamPlan, checks: &mut Vec<Check>) {
    let name = format!("video frames #{}", plan.source_index);
    let (Some(was), Some(is)) =
        (files.evidence.source.frames.get(&position), files.evidence.output.frames.get(&position))
    else {
        checks.push(Check::new(name, false, "no frames were decoded on one side"));
        return;
    };
    let mut findings = Findings::new();
    findings.expect(!was.is_empty() && was.len() == is.len(), || {
        format!("{} frames before, {} after", was.len(), is.len())
    });
    let (was, is) = (sorted(was), sorted(is));
    let shift = is.first().unwrap_or(&0) - was.first().unwrap_or(&0);
    let worst = was.iter().zip(&is).map(|(a, b)| (b - a - shift).abs()).max().unwrap_or(0);
    let allowed = match plan.action {
        // Encoded anew, every frame is given its own time.
        Action::EncodeVideo(_) => (typical_step(&was) / 2).min(FRAME_TOLERANCE_US),
        // Containers without presentation times leave the first frames of a copy to guesses.
        _ => typical_step(&was),
    };
    let allowed = allowed.max(ROUNDING_US);
    findings
        .expect(worst <= allowed, || format!("a frame is off by {} (at most {} are allowed)", ms(worst), ms(allowed)));
    let (stood, stands) = (standing_still(&was), standing_still(&is));
    findings.expect(stands <= stood, || {
        format!("{stands} frames come no later than the one before, {stood} did in the source")
    });
    let frames = was.len();
    checks.push(
        findings.into_check(name, format!("{frames} decoded on both sides, none off by more than {}", ms(worst))),
    );
}

/// How many frames have the time of the one before: a picture that is never seen.
fn standing_still(times: &[i64]) -> usize {
    times.windows(2).filter(|pair| pair[1] == pair[0]).count()
}

fn sorted(frames: &[Entry]) -> Vec<i64> {
    let mut times: Vec<i64> = frames.iter().map(|frame| frame.pts_us).collect();
    times.sort_unstable();
    times
}

/// The median distance of frames, in microseconds.
fn typical_step(times: &[i64]) -> i64 {
    let mut steps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied().unwrap_or(0)
}

/// First time, end and covered time of decoded sound, and its largest gap, in microseconds.
#[derive(Debug, Clone, Copy)]
struct Coverage {
    start_us: i64,
    end_us: i64,
    covered_us: i64,
    gap_us: i64,
}

impl Coverage {
    fn of(frames: &[Entry]) -> Option<Self> {
        let first = frames.first()?;
        let mut coverage = Self { start_us: first.pts_us, end_us: first.pts_us, covered_us: 0, gap_us: 0 };
        for frame in frames {
            coverage.gap_us = coverage.gap_us.max(frame.pts_us - coverage.end_us);
            coverage.end_us = coverage.end_us.max(frame.pts_us + frame.duration_us);
            coverage.covered_us += frame.duration_us;
        }
        Some(coverage)
    }
}

fn audio(files: &Files<'_>, position: usize, plan: &StreamPlan, origin: Option<i64>, checks: &mut Vec<Check>) {
    let name = format!("audio time {}", files.number(position));
    let coverage = |side: &crate::measure::Measured| side.frames.get(&position).and_then(|frames| Coverage::of(frames));
    let (Some(was), Some(is)) = (coverage(files.evidence.source), coverage(files.evidence.output)) else {
        checks.push(Check::new(name, false, "no sound was decoded on one side"));
        return;
    };
    let mut findings = Findings::new();
    let (covered, gap) = (is.covered_us - was.covered_us, is.gap_us - was.gap_us);
    findings.expect(covered.abs() <= AUDIO_EDGE_US, || {
        format!("{} of sound before, {} after", ms(was.covered_us), ms(is.covered_us))
    });
    findings.expect(gap <= SYNC_TOLERANCE_US, || format!("a gap of {} that the source does not have", ms(is.gap_us)));
    // The end is compared too: a gap at the start and a loss at the end could cancel out in what is covered.
    let shift = origin.unwrap_or(is.start_us - was.start_us);
    let end = is.end_us - was.end_us - shift;
    findings.expect(end.abs() <= AUDIO_EDGE_US, || format!("the sound ends {} away from where it did", ms(end)));
    // Priming is cut off on one side and not on the other by some containers: the start may come a codec frame early. Of a
    // copy each packet is held against the picture besides, unless its packets are framed anew.
    let start = is.start_us - was.start_us - shift;
    let early = if compares_content(files.evidence.intent, plan) { SYNC_TOLERANCE_US } else { AUDIO_EDGE_US };
    findings.expect((-early..=SYNC_TOLERANCE_US).contains(&start), || {
        format!("the sound starts {} away from where it did, against the picture", ms(start))
    });
    checks.push(findings.into_check(
        name,
        format!(
            "{} covered, start moved by {} against the picture, largest gap {}",
            ms(is.covered_us),
            ms(start),
            ms(is.gap_us)
        ),
    ));
    if let Action::EncodeAudio(encode) = &plan.action {
        checks.push(sound(files, position, encode));
    }
}

/// Correlation of loudness that the same sound in another codec keeps; other sound has less than half of it.
const SAME_SOUND: f64 = 0.85;
/// A stretch that lost its sound: longer than any codec's pre-echo or gate.
const LOST_SOUND_MS: usize = 100;

/// A loud channel may be this long without a trace: more than any codec's attack or release.
const GONE_CHANNEL_MS: usize = 300;

/// By how much the level of a loud channel may change, in decibels: codecs keep it within a half.
const LEVEL_TOLERANCE_DB: f64 = 1.5;

fn sound(files: &Files<'_>, position: usize, encode: &AudioEncode) -> Check {
    let name = format!("sound {}", files.number(position));
    let envelope = |side: &crate::measure::Measured| side.envelopes.get(&position).cloned();
    let (Some(was), Some(is)) = (envelope(files.evidence.source), envelope(files.evidence.output)) else {
        return Check::new(name, false, "its loudness could not be measured on one side");
    };
    let comparison = Comparison::of(&was, &is);
    let mut findings = Findings::new();
    findings.expect(comparison.missing_ms <= LOST_SOUND_MS, || {
        format!("{} ms of sound became silence", comparison.missing_ms)
    });
    findings.expect(comparison.channel_gone_ms <= GONE_CHANNEL_MS, || {
        format!("a channel is gone for {} ms", comparison.channel_gone_ms)
    });
    let layout = Layout::find(encode.layout.as_deref(), encode.channels);
    let effects = layout.and_then(|layout| layout.channels.iter().position(|channel| *channel == Channel::Lfe));
    let channels = Channels::of(&was, &is, comparison.lag_ms, effects);
    findings.expect(channels.level_db.abs() <= LEVEL_TOLERANCE_DB, || {
        format!("the level of a channel is off by {:+.1} dB", channels.level_db)
    });
    findings.expect(channels.correlation >= SAME_SOUND, || {
        format!("a channel's loudness follows what it was to be only by {:.2}", channels.correlation)
    });
    if !comparison.silent {
        findings.expect(comparison.correlation >= SAME_SOUND, || {
            format!("the loudness follows the source's only by {:.2}", comparison.correlation)
        });
        findings.expect(
            comparison.lag_ms * 1000 <= SYNC_TOLERANCE_US && comparison.lag_ms * 1000 >= -AUDIO_EDGE_US,
            || format!("the sound comes {} ms late", comparison.lag_ms),
        );
    }
    findings.into_check(
        name,
        format!(
            "same loudness over time ({:.3}; of each channel {:.3}, {:+.1} dB), {} ms late",
            comparison.correlation, channels.correlation, channels.level_db, comparison.lag_ms
        ),
    )
}

/// Copied streams, packet by packet, or by their decoded content where the containers frame packets differently.
fn copied(files: &Files<'_>, position: usize, plan: &StreamPlan, origin: Option<i64>) -> Option<Check> {
    if !matches!(plan.action, Action::CopyVideo | Action::CopyAudio { .. } | Action::CopySubtitle) {
        return None;
    }
    let name = format!("copied {}", files.number(position));
    let mut findings = Findings::new();
    if compares_content(files.evidence.intent, plan) {
        let hash = |side: &crate::measure::Measured| side.content.get(&position).cloned();
        let (was, is) = (hash(files.evidence.source), hash(files.evidence.output));
        findings.expect(was.is_some() && was == is, || {
            format!("{} decodes to something else than before", plan.source_codec)
        });
        return Some(findings.into_check(name, format!("{} decodes to the very same content", plan.source_codec)));
    }
    let packets =
        |side: &'static str, measured: &crate::measure::Measured| measured.packets.get(&position).cloned().ok_or(side);
    let (was, is) = match (packets("source", files.evidence.source), packets("output", files.evidence.output)) {
        (Ok(was), Ok(is)) => (was, is),
        (Err(side), _) | (_, Err(side)) => {
            return Some(Check::new(name, false, format!("the {side}'s packets could not be listed")));
        }
    };
    findings.expect(was.len() == is.len(), || format!("{} packets before, {} after", was.len(), is.len()));
    let differing = was.iter().zip(&is).filter(|(a, b)| a.hash != b.hash).count();
    findings.expect(differing == 0, || format!("{differing} packets are not the same"));
    let shift = origin.unwrap_or_else(|| is.first().map_or(0, |p| p.pts_us) - was.first().map_or(0, |p| p.pts_us));
    let worst = was.iter().zip(&is).map(|(a, b)| (b.pts_us - a.pts_us - shift).abs()).max().unwrap_or(0);
    findings.expect(worst <= SYNC_TOLERANCE_US, || format!("a packet is off by {} against the picture", ms(worst)));
    Some(findings.into_check(
        name,
        format!("{} packets of {} the same, none off by more than {}", was.len(), plan.source_codec, ms(worst)),
    ))
}
