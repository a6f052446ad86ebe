//! What finished jobs of this library teach about the next ones.
//!
//! Files are compared with their like: the same codec pair, the same tier, and a bitrate of the same octave, since a rich
//! file has more to lose than a starved one. Of these, the mean share that was kept counts, each job by how long its film
//! plays; and it is believed as far as there is enough of it: with `w` whole films it weighs `w / (w + 3)` against what
//! would be assumed without them.

use std::collections::BTreeMap;

use super::item::Item;

/// Whole films that weigh as much as the table: the three jobs of `facts` §5, at which they count half.
const HALF_BELIEVED_FILMS: f64 = 3.0;

/// From this length on a job counts as a whole one, a shorter one by its part: an episode without its advertisements.
/// Clips of seconds end with ratios that say nothing about films.
const WHOLE_FILM_US: f64 = 20.0 * 60.0 * 1e6;

/// How sure an estimate is that rests on this library's own jobs alone (`facts` §5).
const OWN_CONFIDENCE: f64 = 0.9;

/// A finished job to learn from. Ends that kept the original because the result was not small enough belong here too,
/// or the mean would only know the successes; what was taken back does not.
#[derive(Debug, Clone, Copy)]
pub struct Lesson<'a> {
    /// Video codec of the source as a probe names it.
    pub source_codec: &'a str,
    /// Video codec of the output: the codec (`hevc`), never the encoder (`libx265`), because a lookup knows no other.
    pub target_codec: &'a str,
    /// Resolution tier of the source, by name.
    pub tier: &'a str,
    /// Size of the source in bytes.
    pub source_bytes: u64,
    /// Size of the output in bytes.
    pub target_bytes: u64,
    /// How long it plays, in microseconds.
    pub duration_us: i64,
}

/// What finished jobs gave, by what makes files alike.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LearnedRatios {
    sums: BTreeMap<Likeness, Sum>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    source_codec: String,
    target_codec: String,
    tier: String,
    octave: u32,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Sum {
    weighed_ratios: f64,
    films: f64,
    jobs: u32,
}

/// What its own like teach about a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Learned {
    kept: f64,
    films: f64,
    /// Jobs behind it.
    pub jobs: u32,
}

impl LearnedRatios {
    /// Adds a finished job. One without a length or a size teaches nothing.
    pub fn record(&mut self, lesson: &Lesson<'_>) {
        let Some(octave) = octave(lesson.source_bytes, lesson.duration_us) else { return };
        let like = Likeness {
            source_codec: lesson.source_codec.to_owned(),
            target_codec: lesson.target_codec.to_owned(),
            tier: lesson.tier.to_owned(),
            octave,
        };
        #[allow(clippy::cast_precision_loss)] // the estimate is rounded to thousandths
        let (ratio, films) = (
            lesson.target_bytes as f64 / lesson.source_bytes as f64,
            (lesson.duration_us as f64 / WHOLE_FILM_US).min(1.0),
        );
        let sum = self.sums.entry(like).or_default();
        sum.weighed_ratios += ratio * films;
        sum.films += films;
        sum.jobs += 1;
    }

    /// What was learned of files like this one, if anything.
    pub(super) fn like(&self, item: &Item, target_codec: &str) -> Option<Learned> {
        let video = item.video.as_ref()?;
        let like = Likeness {
            source_codec: video.codec.to_string(),
            target_codec: target_codec.to_owned(),
            tier: video.tier.to_string(),
            octave: octave(item.size_bytes, item.duration_us?)?,
        };
        let Sum { weighed_ratios, films, jobs } = *self.sums.get(&like)?;
        Some(Learned { kept: weighed_ratios / films, films, jobs })
    }
}

impl Learned {
    /// Whether there is enough of it to name it as what an estimate rests on.
    pub fn is_enough(&self) -> bool {
        self.films >= HALF_BELIEVED_FILMS
    }

    /// How far it is believed, 0 to 1.
    fn weight(&self) -> f64 {
        self.films / (self.films + HALF_BELIEVED_FILMS)
    }

    /// The bytes that a file will lose, where `assumed_bytes` would be assumed without it.
    pub fn savings_bytes(&self, size_bytes: u64, assumed_bytes: u64) -> u64 {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let saved = (size_bytes as f64 * (1.0 - self.kept).max(0.0) * self.weight()
            + assumed_bytes as f64 * (1.0 - self.weight())) as u64; // an estimate, and never negative
        saved.min(size_bytes)
    }

    /// How sure that is, where the assumption is as sure as `assumed`; in hundredths.
    pub fn confidence(&self, assumed: f64) -> f64 {
        ((assumed + (OWN_CONFIDENCE - assumed) * self.weight()) * 100.0).round() / 100.0
    }
}

/// In which doubling of the bitrate a file lies; `None` where its length or size is unknown.
fn octave(size_bytes: u64, duration_us: i64) -> Option<u32> {
    let duration_us = u128::try_from(duration_us).ok().filter(|us| *us > 0)?;
    (u128::from(size_bytes) * 8_000_000 / duration_us).checked_ilog2()
}

#[cfg(test)]
mod tests {
    use super::super::estimate::{Basis, Estimate, estimate, part};
    use super::super::item::tests::timed;
    use super::*;

    const MB: u64 = 1_000_000;

    /// Jobs like `item`, but of this length, that kept so many thousandths.
    fn taught(item: &Item, jobs: u32, seconds: i64, kept_thousandths: u64) -> LearnedRatios {
        let duration_us = seconds * 1_000_000;
        let whole_us = u64::try_from(item.duration_us.unwrap()).unwrap();
        let source_bytes = part(item.size_bytes, u64::try_from(duration_us).unwrap(), whole_us);
        let video = item.video.as_ref().unwrap();
        let mut learned = LearnedRatios::default();
        for _ in 0..jobs {
            learned.record(&Lesson {
                source_codec: &video.codec,
                target_codec: "hevc",
                tier: &video.tier.to_string(),
                source_bytes,
                target_bytes: source_bytes * kept_thousandths / 1000,
                duration_us,
            });
        }
        learned
    }

    fn estimated(item: &Item, learned: &LearnedRatios) -> Estimate {
        estimate(item, "hevc", learned).unwrap()
    }

    #[test]
    fn five_short_clips_hardly_change_what_is_promised_for_a_film() {
        let film = timed("h264", 960, 540, 1_500_000, 1170);
        assert_eq!(film.size_bytes / MB, 243);
        let before = estimated(&film, &LearnedRatios::default());
        let after = estimated(&film, &taught(&film, 5, 3, 50));
        assert!(after.savings_bytes.abs_diff(before.savings_bytes) < film.size_bytes / 100, "{before:?} {after:?}");
        assert_eq!(after.basis, Basis::Table);
        assert!((after.confidence - before.confidence).abs() < 0.01, "{before:?} {after:?}");
        let hundreds = estimated(&film, &taught(&film, 300, 3, 50));
        assert!(hundreds.confidence < 0.8 && hundreds.basis == Basis::Table, "nor do three hundred: {hundreds:?}");
    }

    #[test]
    fn what_is_believed_grows_with_the_films_behind_it() {
        // (films, percent saved where the table says 45 and they say 70, confidence)
        let film = timed("h264", 1920, 1080, 8_000_000, 5400);
        for (films, percent, confidence) in [(0, 45, 0.5), (1, 51, 0.6), (3, 57, 0.7), (9, 63, 0.8), (297, 69, 0.9)] {
            let got = estimated(&film, &taught(&film, films, 6000, 300));
            assert_eq!(got.savings_bytes * 100 / film.size_bytes, percent, "{films} films");
            assert!((got.confidence - confidence).abs() < 0.001, "{films} films: {got:?}");
            let is_named = matches!(got.basis, Basis::Learned { jobs } if jobs == films);
            assert_eq!(is_named, films >= 3, "{films} films: {got:?}");
        }
    }

    #[test]
    fn results_that_grew_teach_that_nothing_is_saved() {
        let film = timed("h264", 1920, 1080, 8_000_000, 5400);
        let got = estimated(&film, &taught(&film, 3000, 6000, 1400));
        assert!(got.savings_bytes * 1000 < film.size_bytes, "{got:?}");
    }

    #[test]
    fn files_of_another_kind_learn_nothing() {
        let film = timed("h264", 1920, 1080, 8_000_000, 5400);
        let learned = taught(&film, 50, 6000, 300);
        assert!(estimated(&film, &learned).confidence > 0.85);
        for other in [
            timed("mpeg4", 1920, 1080, 8_000_000, 5400),
            timed("h264", 1280, 720, 8_000_000, 5400),
            timed("h264", 1920, 1080, 2_000_000, 5400),
            Item { duration_us: None, ..film.clone() },
        ] {
            assert_eq!(estimated(&other, &learned), estimated(&other, &LearnedRatios::default()), "{other:?}");
        }
        let av1 = estimate(&film, "av1", &learned).unwrap();
        assert_eq!(av1.basis, Basis::Table, "another target learns nothing");
    }

    #[test]
    fn no_lesson_makes_an_estimate_leave_its_bounds() {
        let film = timed("h264", 1920, 1080, 8_000_000, 5400);
        for (source_bytes, target_bytes, duration_us) in
            [(0, 10, 10), (10, u64::MAX, 1), (u64::MAX, 0, i64::MAX), (10, 10, -1), (10, 10, 0)]
        {
            let mut learned = LearnedRatios::default();
            let lesson = Lesson {
                source_codec: "h264",
                target_codec: "hevc",
                tier: "1080p",
                source_bytes,
                target_bytes,
                duration_us,
            };
            (0..100).for_each(|_| learned.record(&lesson));
            let got = estimated(&film, &learned);
            assert!(got.savings_bytes <= film.size_bytes && (0.0..=0.9).contains(&got.confidence), "{got:?}");
        }
    }
}
