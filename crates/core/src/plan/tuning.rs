//! Finding the CRF for a quality: trials on samples, one after another, until the cheapest one that is good enough is
//! known; and what to do when a whole encode falls short of its floor.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{Action, Intent};
use crate::media::hardware::Gpu;
use crate::media::preset::{RateControl, TargetVideo};

/// What was found out for one job besides its frozen plan: the CRF that its encodes take instead of the plan's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// The CRF.
    pub crf: u8,
    /// How often it was lowered because a whole encode fell short of its floor.
    pub lowered: u8,
    /// The search that began with it, where the plan asks for a quality.
    pub search: Option<Search>,
}

/// A search on samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// What scores are in: `VMAF` or `SSIM`.
    pub metric: String,
    /// The score that was asked for.
    pub target: f64,
    /// The family of hardware that made the trials, and for which the CRF holds; `None` for the CPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu: Option<Gpu>,
    /// Every trial, in the order in which they were made.
    pub trials: Vec<Trial>,
    /// What the output will come to in bytes, by what the samples came to.
    pub predicted_bytes: u64,
    /// Its score, by what the samples had.
    pub predicted_score: f64,
}

/// One trial: the samples encoded at one CRF.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The CRF.
    pub crf: u8,
    /// Mean score of all frames of the samples.
    pub score: f64,
    /// Bytes that the samples came to.
    pub bytes: u64,
}

/// What a search does next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Next {
    /// The samples are to be encoded at this CRF.
    Try(u8),
    /// The cheapest CRF that reaches the target.
    Found(Trial),
    /// Even the best quality that makes sense falls short; this is what it had.
    OutOfReach(Trial),
}

/// What a search looks for.
#[derive(Debug, Clone)]
pub struct Aim {
    /// The score to be reached.
    pub target: f64,
    /// By how much the score falls with each step of CRF, roughly: for the second guess only.
    pub per_step: f64,
    /// The CRFs that make sense.
    pub range: RangeInclusive<u8>,
    /// The first guess.
    pub start: u8,
}

/// Above the target by less than this share of a step, a search is over: the next CRF would fall below.
const CLOSE_ENOUGH: f64 = 0.25;
/// The longest leap to a CRF beyond those tried.
const LEAP: f64 = 8.0;

impl Aim {
    /// The next CRF by what was tried: between one that reaches the target and one that does not, by the straight line
    /// through both; beyond them, by how scores usually fall.
    #[must_use]
    pub fn next(&self, trials: &[Trial]) -> Next {
        let (lowest, highest) = (*self.range.start(), *self.range.end());
        let reaches = |trial: &&Trial| trial.score >= self.target;
        let good = trials.iter().filter(reaches).max_by_key(|trial| trial.crf);
        let bad = trials.iter().filter(|trial| trial.score < self.target).min_by_key(|trial| trial.crf);
        let per_step = self.seen_per_step(trials);
        let leap = |trial: &Trial| ((trial.score - self.target) / per_step).clamp(-LEAP, LEAP);
        match (good, bad) {
            (None, None) => Next::Try(self.start.clamp(lowest, highest)),
            (Some(good), _) if good.score - self.target < CLOSE_ENOUGH * self.per_step => Next::Found(*good),
            (Some(good), None) if good.crf >= highest => Next::Found(*good),
            (Some(good), None) => Next::Try(step(good.crf, leap(good), good.crf + 1, highest)),
            (None, Some(bad)) if bad.crf <= lowest => Next::OutOfReach(*bad),
            (None, Some(bad)) => Next::Try(step(bad.crf, leap(bad), lowest, bad.crf - 1)),
            // Scores that rise with the CRF are noise: what reaches the target does.
            (Some(good), Some(bad)) if bad.crf <= good.crf + 1 => Next::Found(*good),
            (Some(good), Some(bad)) => {
                let share = (good.score - self.target) / (good.score - bad.score);
                let steps = share * f64::from(bad.crf - good.crf);
                Next::Try(step(good.crf, steps, good.crf + 1, bad.crf - 1))
            }
        }
    }

    /// By how much the score fell with each step between the lowest and the highest CRF tried; as usual before two were.
    fn seen_per_step(&self, trials: &[Trial]) -> f64 {
        let lowest = trials.iter().min_by_key(|trial| trial.crf);
        let highest = trials.iter().max_by_key(|trial| trial.crf);
        match lowest.zip(highest) {
            Some((lowest, highest)) if lowest.crf < highest.crf => {
                let seen = (lowest.score - highest.score) / f64::from(highest.crf - lowest.crf);
                seen.max(self.per_step / LEAP)
            }
            _ => self.per_step,
        }
    }
}

fn step(from: u8, by: f64, lowest: u8, highest: u8) -> u8 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let to = (f64::from(from) + by).floor().clamp(0.0, 255.0) as u8; // within the type by the clamp
    to.clamp(lowest, highest)
}

/// The CRFs between which a search looks: below, files outgrow their source; above, nothing is worth looking at.
#[must_use]
pub const fn crf_range(codec: TargetVideo) -> RangeInclusive<u8> {
    match codec {
        TargetVideo::Av1 => 12..=58,
        _ => 10..=40,
    }
}

/// Where a search for a VMAF begins. Films have about 95 at CRF 22 of x265 and x264 and lose a point with each step; SVT-AV1
/// has it at 30 and its scale is longer (`docs/quality.md`).
#[must_use]
pub fn usual_crf(codec: TargetVideo, vmaf: u8) -> u8 {
    let above = 95.0 - f64::from(vmaf);
    let usual = if codec == TargetVideo::Av1 { 30.0 + 1.5 * above } else { 22.0 + above };
    let range = crf_range(codec);
    step(0, usual, *range.start(), *range.end())
}

/// Whoever falls short by more than this many steps has another trouble than too few bits.
const MOST_STEPS_SHORT: f64 = 12.0;

/// The CRF of another try for an encode that fell short of its floor by so many usual steps of CRF; `None` where fewer bits
/// were not what was wrong, or there is no better one.
#[must_use]
pub fn lowered(codec: TargetVideo, crf: u8, short_by: f64) -> Option<u8> {
    let lowest = *crf_range(codec).start();
    let scale = if codec == TargetVideo::Av1 { 1.5 } else { 1.0 };
    // One more than it seems to need: a third try would cost more than what is saved.
    let steps = (short_by * scale).ceil() + 1.0;
    (short_by <= MOST_STEPS_SHORT && crf > lowest).then(|| step(crf, -steps, lowest, crf - 1))
}

impl Intent {
    /// The same plan with this CRF for all pictures: what is bound for a job that was tuned. The plan itself stays as it was
    /// frozen.
    #[must_use]
    pub fn with_crf(&self, crf: u8) -> Self {
        let mut intent = self.clone();
        for stream in &mut intent.streams {
            if let Action::EncodeVideo(encode) = &mut stream.action {
                encode.rate = RateControl::Crf(crf);
            }
        }
        intent
    }

    /// The codec and rate of the pictures that are encoded, where there are any.
    #[must_use]
    pub fn video_rate(&self) -> Option<(TargetVideo, RateControl)> {
        self.streams.iter().find_map(|stream| match &stream.action {
            Action::EncodeVideo(encode) => Some((encode.codec, encode.rate)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aim(target: f64) -> Aim {
        Aim { target, per_step: 1.0, range: crf_range(TargetVideo::Hevc), start: 22 }
    }

    /// Searches against a film whose score falls with the CRF as `score` says; gives the end and how many trials it took.
    fn search(aim: &Aim, score: impl Fn(u8) -> f64) -> (Next, usize) {
        let mut trials = Vec::new();
        loop {
            match aim.next(&trials) {
                Next::Try(crf) => {
                    assert!(aim.range.contains(&crf), "CRF {crf} makes no sense");
                    assert!(trials.iter().all(|trial: &Trial| trial.crf != crf), "CRF {crf} was tried twice");
                    trials.push(Trial { crf, score: score(crf), bytes: 0 });
                }
                end => return (end, trials.len()),
            }
        }
    }

    #[test]
    fn the_cheapest_crf_that_reaches_the_target_is_found_in_few_trials() {
        for base in [80.0, 90.0, 97.0, 99.9] {
            for slope in [0.3, 0.8, 1.4, 2.5] {
                for target in [70.0, 85.0, 93.0, 97.5] {
                    let score = |crf: u8| (base - slope * (f64::from(crf) - 20.0)).min(100.0);
                    let (end, count) = search(&aim(target), score);
                    assert!(count <= 7, "{count} trials for {target} with {base} and {slope}");
                    match end {
                        Next::Found(trial) => {
                            assert!(trial.score >= target);
                            let dearer = trial.crf < 40 && score(trial.crf + 1) >= target + CLOSE_ENOUGH;
                            assert!(!dearer, "CRF {} is not the cheapest for {target}", trial.crf);
                        }
                        Next::OutOfReach(trial) => assert!(trial.crf == 10 && score(10) < target),
                        Next::Try(_) => unreachable!("the search ended"),
                    }
                }
            }
        }
    }

    #[test]
    fn scores_that_jump_about_end_a_search_too() {
        let (end, count) = search(&aim(93.0), |crf| if crf % 2 == 0 { 95.0 } else { 91.0 });
        assert!(matches!(end, Next::Found(trial) if trial.score >= 93.0) && count <= 10, "{end:?} after {count}");
    }

    #[test]
    fn another_try_is_better_by_what_was_missing_and_not_for_what_is_broken() {
        assert_eq!(lowered(TargetVideo::Hevc, 22, 2.4), Some(18));
        assert_eq!(lowered(TargetVideo::Av1, 30, 2.0), Some(26));
        assert_eq!(lowered(TargetVideo::Hevc, 11, 9.0), Some(10));
        assert_eq!(lowered(TargetVideo::Hevc, 10, 1.0), None, "there is no better one");
        assert_eq!(lowered(TargetVideo::Hevc, 22, 60.0), None, "that is a broken picture");
    }
}
