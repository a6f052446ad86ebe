//! Whether subtitles that were to be drawn into the pictures are there: in stretches in which they show, the output is
//! compared with the source that has them and with the source that has not.

use std::ffi::OsString;

use mediaflow_core::plan::VideoEncode;

use super::quality::{Pairing, as_encoded, compared_inputs, encoded_within, parse_errors, pick};
use super::{Entry, Window};

/// What was seen of drawn subtitles.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// Events that the track has.
    pub events: usize,
    /// The stretches that were looked at, in the order of time.
    pub stretches: Vec<Stretch>,
}

/// One stretch of a few frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// When it begins in the source, in microseconds from the first frame.
    pub at_us: i64,
    /// How much the subtitles change the picture: mean square error of brightness between the source with them and the
    /// source without them, in 8-bit steps.
    pub shown: f64,
    /// How much nearer the output is to the source with them, as a share of `shown`: 1 where they are there, -1 where they
    /// are missing.
    pub found: f64,
}

/// Changes smaller than this are no letters.
const VISIBLE: f64 = 0.05;

impl Stretch {
    /// Whether anything of the subtitles is to be seen here at all: an event may be blank, or still fade in.
    #[must_use]
    pub fn shows(&self) -> bool {
        self.shown >= VISIBLE
    }
}

/// How many events are looked at.
const MOST_EVENTS: usize = 6;
/// Frames of each.
const MOST_FRAMES: usize = 12;
/// What an event that does not say how long it stays is taken to stay.
const USUAL_STAY_US: i64 = 1_000_000;

/// The stretches to look at, spread over the film: the middle of some of the events that are not blank. `events` are the
/// packets of the file that is drawn from; both frame lists are in order and have the same length.
#[must_use]
pub fn drawn_windows(events: &[Entry], source: &[Entry], output: &[Entry]) -> Vec<Window> {
    // What clears the picture is the smallest of all.
    let blank = events.iter().map(|event| event.size_bytes).min().unwrap_or(0);
    let all_alike = events.iter().all(|event| event.size_bytes == blank);
    let stretch = |index: usize, event: &Entry| {
        let next = events[index + 1..].iter().map(|later| later.pts_us).find(|later| *later > event.pts_us);
        let stays = if event.duration_us > 0 { event.duration_us } else { USUAL_STAY_US };
        let gone = (event.pts_us + stays).min(next.unwrap_or(i64::MAX));
        frames_within((event.pts_us, gone), source, output)
    };
    let larger = events.iter().enumerate().filter(|(_, event)| all_alike || event.size_bytes > blank);
    let mut windows: Vec<Window> = larger.filter_map(|(index, event)| stretch(index, event)).collect();
    windows.dedup_by_key(|window| window.first);
    let all = windows.len();
    let chosen = all.min(MOST_EVENTS);
    (0..chosen).filter_map(|i| windows.get((2 * i + 1) * all / (2 * chosen)).cloned()).collect()
}

/// Some frames in the middle of a stretch of the source.
fn frames_within((begin, end): (i64, i64), source: &[Entry], output: &[Entry]) -> Option<Window> {
    let count = source.len().min(output.len());
    let first = source[..count].partition_point(|frame| frame.pts_us < begin);
    let last = source[..count].partition_point(|frame| frame.pts_us < end);
    // Neither the first nor the last one: containers round both their times and the event's.
    let (first, last) = if last > first + 2 { (first + 1, last - 1) } else { (first, last) };
    if last <= first {
        return None;
    }
    let middle = usize::midpoint(first, last);
    let from = middle.saturating_sub(MOST_FRAMES / 2).max(first);
    let window = |to| Window::between(from, to, source, output);
    Some(window(last.min(from + MOST_FRAMES)))
}

/// Logs of the three comparisons, in the working directory.
pub const DRAWN_LOGS: [&str; 3] = ["with.log", "without.log", "drawn.log"];

/// Arguments that compare the output with the source that has the subtitles, with the source that has not, and those two
/// with each other.
#[must_use]
pub fn drawn_args(pairing: Pairing<'_>, window: &Window, seek: bool) -> Vec<OsString> {
    let mut args = compared_inputs(pairing, window, seek);
    let bare = VideoEncode { burn_in: None, ..pairing.encode.clone() };
    let [with, without, drawn] = DRAWN_LOGS;
    let source = |encode| encoded_within(encode, window.source_us, seek);
    let graph = format!(
        "[0:{}]{},{},split[out][out2];[1:{}]split[s1][s2];[s1]{},split[with][with2];\
         [s2]{},split[without][without2];[out][with]psnr=stats_file={with}[a];\
         [out2][without]psnr=stats_file={without}[b];[with2][without2]psnr=stats_file={drawn}[c]",
        pairing.output.1,
        pick(window.output_us),
        as_encoded(pairing.encode),
        pairing.source.1,
        source(pairing.encode),
        source(&bare),
    );
    let rest = ["-filter_complex", &graph, "-map", "[a]", "-map", "[b]", "-map", "[c]", "-f", "null", "-"];
    args.extend(rest.iter().map(OsString::from));
    args
}

/// What the three logs say of a window of so many frames; `None` if they say nothing, or of other frames.
#[must_use]
pub fn parse_drawn(logs: [&str; 3], window: &Window, pixel_format: &str, origin_us: i64) -> Option<Stretch> {
    let wanted = window.end - window.first;
    let mean = |log: &str| {
        let errors = parse_errors(log).filter(|errors| errors.len() == wanted)?;
        #[allow(clippy::cast_precision_loss)]
        let mean = errors.iter().map(|error| error.luma_mse).sum::<f64>() / errors.len() as f64;
        // Ten bits have four steps for each of eight.
        Some(if pixel_format.contains("10") { mean / 16.0 } else { mean })
    };
    let [with, without, shown] = [mean(logs[0])?, mean(logs[1])?, mean(logs[2])?];
    let found = if shown > 0.0 { (without - with) / shown } else { 0.0 };
    Some(Stretch { at_us: (window.source_us.0 - origin_us).max(0), shown, found })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(count: i64, step_us: i64, size_bytes: u64) -> Vec<Entry> {
        (0..count).map(|i| Entry { pts_us: i * step_us, duration_us: step_us, size_bytes, hash: 0 }).collect()
    }

    #[test]
    fn the_middle_of_large_events_is_looked_at_all_over_the_film() {
        let film = entries(25 * 600, 40_000, 100);
        // An event every ten seconds, shown for half of one; what clears the picture is in the majority.
        let events: Vec<Entry> = (0..60)
            .flat_map(|i| {
                let at = i * 10_000_000;
                let event = |pts_us, size_bytes| Entry { pts_us, duration_us: 0, size_bytes, hash: 0 };
                let shown = [event(at + 1_000_000, 9000), event(at + 1_499_000, 9000)];
                let cleared = [event(at + 1_500_000, 30), event(at + 9_999_000, 30), event(at + 9_999_500, 30)];
                [shown.as_slice(), &cleared].concat()
            })
            .collect();
        let windows = drawn_windows(&events, &film, &film);
        assert_eq!(windows.len(), MOST_EVENTS);
        for window in &windows {
            let (from, to) = (film[window.first].pts_us % 10_000_000, film[window.end - 1].pts_us % 10_000_000);
            assert!(from >= 1_000_000 && to < 1_500_000, "{from} to {to} is outside of the event");
        }
        assert!(windows[0].first < 25 * 60 && windows[5].first > 25 * 540, "they do not span the film");
    }

    #[test]
    fn events_without_a_picture_are_passed_over() {
        let film = entries(50, 40_000, 100);
        let late = [Entry { pts_us: 3_000_000, duration_us: 1_000_000, size_bytes: 50, hash: 0 }];
        assert_eq!(drawn_windows(&late, &film, &film), []);
        assert_eq!(drawn_windows(&[], &film, &film), []);
        let short = [Entry { pts_us: 0, duration_us: 40_000, size_bytes: 50, hash: 0 }];
        assert_eq!(drawn_windows(&short, &film, &film).len(), 1);
    }

    #[test]
    fn what_is_there_is_nearer_to_the_source_that_has_it() {
        let film = entries(2, 40_000, 1);
        let window = Window::between(0, 2, &film, &film);
        let log = |mse: f64| format!("n:1 mse_avg:1 mse_y:{mse} mse_u:0\nn:2 mse_avg:1 mse_y:{mse} mse_u:0\n");
        let (near, far, text) = (log(16.0), log(176.0), log(160.0));
        let found = |with: &str, without: &str| {
            parse_drawn([with, without, &text], &window, "yuv420p10le", 0).map(|stretch| (stretch.shown, stretch.found))
        };
        assert_eq!(found(&near, &far), Some((10.0, 1.0)));
        assert_eq!(found(&far, &near), Some((10.0, -1.0)));
        assert_eq!(found("n:1 mse_y:1\n", &far), None, "a frame is missing");
    }
}
