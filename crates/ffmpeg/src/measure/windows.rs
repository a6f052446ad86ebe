//! Which stretches of a film are looked at.

use super::Entry;

/// Frames `first..end` of both files, with the microseconds of each side between which they lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Number of the first frame.
    pub first: usize,
    /// Number after the last frame.
    pub end: usize,
    /// When it begins in the source.
    pub source_us: (i64, i64),
    /// When it begins in the output.
    pub output_us: (i64, i64),
}

impl Window {
    /// The window of frames `first..end`; both frame lists are in the order of time.
    #[must_use]
    pub fn between(first: usize, end: usize, source: &[Entry], output: &[Entry]) -> Self {
        // Half a frame on either side of a boundary frame's time.
        let before = |frames: &[Entry], i: usize| match i {
            0 => frames.first().map_or(0, |f| f.pts_us - 1_000_000),
            i if i < frames.len() => (frames[i - 1].pts_us + frames[i].pts_us) / 2,
            _ => frames.last().map_or(0, |f| f.pts_us + 1_000_000),
        };
        let times = |frames| (before(frames, first), before(frames, end));
        Self { first, end, source_us: times(source), output_us: times(output) }
    }
}

/// Length of a window: about what a viewer notices as one flaw, and long enough for a stable mean.
const WINDOW_US: i64 = 2_000_000;
/// Films up to this long are looked at wholly.
const WHOLE_UP_TO_US: i64 = 40_000_000;
/// Windows spread evenly over a longer film.
const EVEN_WINDOWS: usize = 12;
/// Windows taken where the output spends least of the source's bits: where an encoder that starved a scene shows.
const SUSPECT_WINDOWS: usize = 4;

/// Splits frames into windows and chooses those that are looked at. `packets` are the video packets of either side, by
/// which suspicious windows are found. Both frame lists must have the same length.
#[must_use]
pub fn sample_windows(
    source: &[Entry],
    output: &[Entry],
    source_packets: &[Entry],
    output_packets: &[Entry],
) -> Vec<Window> {
    let windows = all_windows(source, output);
    let (Some(first), Some(last)) = (source.first(), source.last()) else { return Vec::new() };
    if last.pts_us - first.pts_us <= WHOLE_UP_TO_US {
        return windows;
    }
    let mut chosen: Vec<usize> = (0..EVEN_WINDOWS).map(|i| (2 * i + 1) * windows.len() / (2 * EVEN_WINDOWS)).collect();
    let (source_bytes, output_bytes) = (Spent::of(source_packets), Spent::of(output_packets));
    let mut by_share: Vec<(f64, usize)> = windows
        .iter()
        .enumerate()
        .map(|(i, w)| {
            let spent = output_bytes.between(w.output_us);
            let had = source_bytes.between(w.source_us).max(1.0);
            (spent / had, i)
        })
        .collect();
    by_share.sort_by(|a, b| a.0.total_cmp(&b.0));
    chosen.extend(by_share.iter().take(SUSPECT_WINDOWS).map(|(_, i)| *i));
    chosen.sort_unstable();
    chosen.dedup();
    chosen.into_iter().filter_map(|i| windows.get(i).cloned()).collect()
}

/// How many stretches of a long film are encoded in one trial, and of how many windows each is made: eight seconds, so
/// that the key frame at its beginning weighs about as it does in the film.
const TRIAL_STRETCHES: usize = 5;
const TRIAL_WINDOWS: usize = 4;
/// What a trial makes has its stretch and nothing else: all of it is looked at.
const ALL_OF_IT_US: (i64, i64) = (-1_000_000_000_000, 1_000_000_000_000);

/// Stretches of a film on which CRFs are tried, spread evenly, each with the bytes that its packets have in the source.
#[must_use]
pub fn trial_windows(source: &[Entry], packets: &[Entry]) -> Vec<(Window, u64)> {
    let windows = all_windows(source, source);
    let (Some(first), Some(last)) = (source.first(), source.last()) else { return Vec::new() };
    let stretches: Vec<&[Window]> = if last.pts_us - first.pts_us <= WHOLE_UP_TO_US {
        vec![windows.as_slice()]
    } else {
        let all = windows.chunks(TRIAL_WINDOWS).collect::<Vec<_>>();
        (0..TRIAL_STRETCHES).filter_map(|i| all.get((2 * i + 1) * all.len() / (2 * TRIAL_STRETCHES)).copied()).collect()
    };
    let spent = Spent::of(packets);
    let whole = |stretch: &[Window]| {
        let (first, last) = (stretch.first()?, stretch.last()?);
        let source_us = (first.source_us.0, last.source_us.1);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let bytes = spent.between(source_us) as u64; // a sum of sizes
        Some((Window { first: first.first, end: last.end, source_us, output_us: ALL_OF_IT_US }, bytes))
    };
    stretches.into_iter().filter_map(whole).collect()
}

/// Bytes of packets by time, to be asked for many stretches.
struct Spent(Vec<(i64, u64)>);

impl Spent {
    /// Running totals in the order of time; packets come in the order of decoding.
    fn of(packets: &[Entry]) -> Self {
        let mut sums: Vec<(i64, u64)> = packets.iter().map(|packet| (packet.pts_us, packet.size_bytes)).collect();
        sums.sort_unstable();
        let mut total = 0;
        for (_, bytes) in &mut sums {
            total += *bytes;
            *bytes = total;
        }
        Self(sums)
    }

    fn between(&self, (from, to): (i64, i64)) -> f64 {
        let until = |time| match self.0.partition_point(|(at, _)| *at < time) {
            0 => 0,
            count => self.0[count - 1].1,
        };
        #[allow(clippy::cast_precision_loss)]
        let bytes = until(to).saturating_sub(until(from)) as f64;
        bytes
    }
}

/// Every window of a film. Both frame lists must have the same length.
#[must_use]
pub fn all_windows(source: &[Entry], output: &[Entry]) -> Vec<Window> {
    let count = source.len().min(output.len());
    let mut windows: Vec<Window> = Vec::new();
    let mut first = 0;
    for i in 1..=count {
        let full = i == count || source[i].pts_us - source[first].pts_us >= WINDOW_US;
        if !full {
            continue;
        }
        let short = i < count || source[i - 1].pts_us - source[first].pts_us < WINDOW_US / 2;
        match windows.last_mut() {
            // A last splinter would weigh a few frames like two seconds.
            Some(last) if i == count && short => *last = Window::between(last.first, i, source, output),
            _ => windows.push(Window::between(first, i, source, output)),
        }
        first = i;
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(count: usize, size: u64) -> Vec<Entry> {
        (0..count)
            .map(|i| Entry {
                pts_us: i64::try_from(i).unwrap() * 40_000,
                duration_us: 40_000,
                size_bytes: size,
                hash: 0,
            })
            .collect()
    }

    #[test]
    fn a_short_film_is_looked_at_wholly_without_a_splinter_at_the_end() {
        let film = frames(155, 1);
        let windows = sample_windows(&film, &film, &film, &film);
        assert_eq!(windows.iter().map(|w| (w.first, w.end)).collect::<Vec<_>>(), [(0, 50), (50, 100), (100, 155)]);
        assert_eq!(windows[1].source_us, (1_980_000, 3_980_000));
        assert!(windows[2].source_us.1 > 154 * 40_000);
    }

    #[test]
    fn in_a_long_film_the_starved_scene_is_among_those_looked_at() {
        let source = frames(25 * 3600, 1000);
        let mut output = frames(25 * 3600, 400);
        for frame in &mut output[25 * 1234..25 * 1240] {
            frame.size_bytes = 20;
        }
        let windows = sample_windows(&source, &output, &source, &output);
        assert!(windows.len() <= EVEN_WINDOWS + SUSPECT_WINDOWS);
        assert!(
            windows.iter().any(|w| w.first >= 25 * 1234 && w.end <= 25 * 1240),
            "the starved scene was not sampled"
        );
        assert!(windows[0].first < 25 * 300 && windows.last().unwrap().end > 25 * 3300, "samples do not span the film");
    }

    #[test]
    fn trials_span_a_long_film_and_take_a_short_one_whole() {
        let film = frames(25 * 3600, 1000);
        let stretches = trial_windows(&film, &film);
        assert_eq!(stretches.len(), TRIAL_STRETCHES);
        for (window, bytes) in &stretches {
            assert_eq!((window.end - window.first, *bytes), (200, 200_000), "{window:?}");
        }
        assert!(stretches[0].0.first < 25 * 600 && stretches[4].0.end > 25 * 3000, "they do not span the film");
        let short = frames(100, 10);
        let (all, bytes) = &trial_windows(&short, &short)[0];
        assert_eq!((all.first, all.end, *bytes), (0, 100, 1000));
    }
}
