//! The reasons of a choice, in words for a person.

use super::score::Rating;
use super::{Candidate, PaceBasis, TransferMode};
use crate::text;

/// Workers besides the chosen one that a reason names.
const NAMED_OTHERS: usize = 2;

/// Workers that a reason names where none can do a job.
const NAMED_UNABLE: usize = 3;

/// Those who did not get a job.
pub(super) struct Others<'a> {
    /// They could have, and cost more.
    pub behind: &'a [(&'a Candidate, Rating)],
    /// They could have, and have no free slot.
    pub full: &'a [&'a Candidate],
    /// The one that was asked for, and what is in its way.
    pub wish: Option<&'a (&'a Candidate, String)>,
}

/// Why the best of all got a job.
pub(super) fn best(best: &Candidate, rating: &Rating, others: &Others<'_>) -> String {
    let wish = others.wish.map(|(wish, obstacle)| format!("{}, which was asked for, cannot: {obstacle}. ", wish.name));
    let mut parts = vec![format!("{} (score {}, lowest wins: {})", best.name, shown(rating), words(best, rating))];
    let named = others.behind.iter().take(NAMED_OTHERS);
    parts.extend(named.map(|(other, rating)| format!("{} {} ({})", other.name, shown(rating), words(other, rating))));
    match others.behind.len().saturating_sub(NAMED_OTHERS) {
        0 => {}
        more => parts.push(format!("and {more} more")),
    }
    match others.full {
        [] => {}
        [one] => parts.push(format!("{} is busy", one.name)),
        several => parts.push(format!("{} are busy", several.len())),
    }
    wish.unwrap_or_default() + &parts.join("; ")
}

/// Why the one that was asked for got a job.
pub(super) fn as_wished(wish: &Candidate, rating: &Rating) -> String {
    format!("{}, as asked for ({})", wish.name, words(wish, rating))
}

/// Why a job waits for the one that was asked for.
pub(super) fn waits_for_wish(wish: &Candidate) -> String {
    format!("waits for {}, which was asked for and is {}", wish.name, wish.why_full())
}

/// Why a job waits, where these could do it.
pub(super) fn all_busy(full: &[&Candidate]) -> String {
    match full {
        [one] => format!("waits for {}, which is {}", one.name, one.why_full()),
        several => format!("waits for one of {} servers, which are all busy", several.len()),
    }
}

/// Why nobody gets a job, with what is in the way of each.
pub(super) fn nobody_can(unable: &[(&Candidate, String)]) -> String {
    if unable.is_empty() {
        return "there is no server to encode on".to_owned();
    }
    let mut reasons: Vec<String> =
        unable.iter().map(|(candidate, obstacle)| format!("{}: {obstacle}", candidate.name)).collect();
    reasons.sort();
    if let Some(more) = reasons.len().checked_sub(NAMED_UNABLE).filter(|more| *more > 0) {
        reasons.truncate(NAMED_UNABLE);
        reasons.push(format!("and {more} more"));
    }
    format!("no server can do this job. {}", reasons.join("; "))
}

/// A score as it is shown.
fn shown(rating: &Rating) -> String {
    let tenths = rating.score.tenths();
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// What a score rests on.
fn words(candidate: &Candidate, rating: &Rating) -> String {
    let transfer = match (candidate.mode, rating.transfer_s) {
        (TransferMode::Local, _) => "no transfer".to_owned(),
        (TransferMode::Mapped, None) => "it sees the file".to_owned(),
        (TransferMode::Mapped, Some(seconds)) => format!("it sees the file, {} of download", span(seconds)),
        (_, Some(seconds)) => format!("{} of transfer", span(seconds)),
        (_, None) => "a transfer of unknown speed".to_owned(),
    };
    let pace = match (candidate.known_pace(), candidate.benchmark_score) {
        (Some(pace), _) => {
            let basis = match pace.basis {
                PaceBasis::Jobs(jobs) => text::count(jobs, "job"),
                PaceBasis::Benchmark => "its benchmark".to_owned(),
            };
            let decimals = usize::from(pace.frames_per_second < 10.0);
            format!("{:.decimals$} frames/s by {basis}", pace.frames_per_second)
        }
        // That score is made of the line alone.
        (None, Some(score)) if !candidate.is_local => format!("connection {score:.0} of 100, speed not known yet"),
        (None, _) => "speed not known yet".to_owned(),
    };
    let load = match candidate.taken() {
        0 => "nothing running".to_owned(),
        taken => format!("{taken} of {} slots taken", candidate.slots),
    };
    let finish = rating.finish_s.map(|seconds| format!(", done in about {}", span(seconds))).unwrap_or_default();
    format!("{transfer}, {pace}, {load}{finish}")
}

/// A span of time, which is an estimate.
fn span(seconds: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // never negative, and saturates
    let seconds = seconds.round() as u64;
    text::span(seconds)
}
