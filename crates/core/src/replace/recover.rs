//! The way out after a crash or an error: decided by what lies at the four names.

use serde::{Deserialize, Serialize};

use super::recover_undo::{restore_beside, undo};
use super::{Action, Content, Kind, Mechanism, Name, Replacement, State};

/// What was found at a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// Nothing.
    Absent,
    /// The original: its size, its time of modification and the hash of its ends.
    Source,
    /// The proven output, by the hash of all of it.
    Output,
    /// Anything else.
    Foreign,
}

/// What was found at all four names. Where N is O, both say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Observed {
    /// At O.
    pub original: Found,
    /// At N.
    pub target: Found,
    /// At T.
    pub staging: Found,
    /// At Q.
    pub quarantine: Found,
}

/// How an interrupted replacement ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// These actions complete it.
    Finish(Vec<Action>),
    /// These actions take it back.
    Abandon(Vec<Action>),
    /// Something is not as either end expects: delete nothing, tell the user. The text says what is wrong.
    Conflict(&'static str),
}

use Action::{Expect, Move, Remove, RemoveNote, Sync};
use Name::{Original, Quarantine, Staging, Target};

/// Decides how a replacement ends. Source in place: take the rest back. Output in place: finish. Anything else is a
/// conflict.
///
/// The state only narrows what may be concluded (an unfinished T before [`State::Staged`]); it never stands in for a
/// look. Every removal is preceded by a sync of the folder with the copy that stays.
#[must_use]
pub fn recover(replacement: &Replacement, observed: &Observed) -> Recovery {
    match replacement.kind {
        Kind::Replace => replace(replacement, observed),
        Kind::Beside => beside(replacement, observed),
        Kind::Undo => undo(observed, replacement.same_name()),
        Kind::RestoreBeside => restore_beside(observed),
    }
}

fn replace(replacement: &Replacement, observed: &Observed) -> Recovery {
    let begun = replacement.state >= State::Ready;
    let new_name_taken = !replacement.same_name() && observed.target == Found::Output;
    match (observed.original, observed.target) {
        (Found::Source, Found::Output) if begun => finish_with_original_in_place(observed),
        (Found::Source, _) if new_name_taken => {
            Recovery::Conflict("a copy of the output is at the final path before it was put there")
        }
        (Found::Source, _) => take_back(replacement, observed),
        (_, Found::Output) => finish(observed),
        _ => neither_in_place(replacement, observed),
    }
}

/// The original is safe at O: remove T, and the second name in quarantine.
fn take_back(replacement: &Replacement, observed: &Observed) -> Recovery {
    let mut actions = vec![Sync(Original)];
    match observed.staging {
        Found::Absent => {}
        Found::Output => actions.push(Remove(Staging, Some(Content::Output))),
        Found::Foreign if replacement.state == State::Intent => actions.push(Remove(Staging, None)),
        Found::Foreign => return Recovery::Conflict("the staged copy was changed by somebody else"),
        Found::Source => return Recovery::Conflict("the original is at its path and at the staged copy's"),
    }
    match observed.quarantine {
        Found::Absent => {}
        // A rename over O that a storage far away was told of may have come after the look; with T gone none comes any more.
        Found::Source => {
            actions.extend([Expect(Original, Content::Source), Remove(Quarantine, Some(Content::Source))]);
        }
        Found::Output | Found::Foreign => return Recovery::Conflict("another file is in the original's quarantine"),
    }
    actions.extend([Sync(Staging), Sync(Quarantine), RemoveNote, Sync(Quarantine)]);
    Recovery::Abandon(actions)
}

/// New extension: the output has its name, the original still has its own. Forward deletes nothing.
fn finish_with_original_in_place(observed: &Observed) -> Recovery {
    let mut actions = vec![Sync(Target)];
    match observed.staging {
        Found::Absent => {}
        // A move made of a link and a removal was cut between the two.
        Found::Output => actions.push(Remove(Staging, Some(Content::Output))),
        _ => return Recovery::Conflict("another file is at the staged copy's path"),
    }
    match observed.quarantine {
        Found::Absent => actions.push(Move { from: Original, to: Quarantine, content: Content::Source }),
        Found::Source => actions.extend([Sync(Quarantine), Remove(Original, Some(Content::Source))]),
        _ => return Recovery::Conflict("another file is in the original's quarantine"),
    }
    actions.extend([Sync(Quarantine), Sync(Original)]);
    Recovery::Finish(actions)
}

/// The output is in place and the original is not: it must be in quarantine, or on its way there.
///
/// After an error the last rename may still be pending: the folder that received the original is synced first, for
/// were only the other one durable, the original would have lost its old name and not have the new one.
fn finish(observed: &Observed) -> Recovery {
    let mut actions = vec![Sync(Target)];
    if observed.quarantine == Found::Source {
        actions.insert(0, Sync(Quarantine));
    }
    match (observed.quarantine, observed.staging) {
        (Found::Source, Found::Absent) => {}
        (Found::Source, Found::Output) => actions.push(Remove(Staging, Some(Content::Output))),
        (Found::Source, Found::Source) => actions.push(Remove(Staging, Some(Content::Source))),
        (Found::Absent, Found::Source) => {
            actions.push(Move { from: Staging, to: Quarantine, content: Content::Source });
        }
        (Found::Absent, _) => return Recovery::Conflict("the output is in place, but the original is nowhere"),
        (Found::Source, Found::Foreign) => return Recovery::Conflict("another file is at the staged copy's path"),
        _ => return Recovery::Conflict("another file is in the original's quarantine"),
    }
    actions.extend([Sync(Quarantine), Sync(Staging)]);
    Recovery::Finish(actions)
}

fn neither_in_place(replacement: &Replacement, observed: &Observed) -> Recovery {
    let between_two_renames = replacement.mechanism == Mechanism::TwoRenames
        && replacement.state >= State::Ready
        && observed.original == Found::Absent
        && observed.quarantine == Found::Source;
    if between_two_renames && matches!(observed.staging, Found::Absent | Found::Output) {
        let mut actions =
            vec![Move { from: Quarantine, to: Original, content: Content::Source }, Sync(Original), Sync(Quarantine)];
        if observed.staging == Found::Output {
            actions.extend([Remove(Staging, Some(Content::Output)), Sync(Staging)]);
        }
        actions.extend([RemoveNote, Sync(Quarantine)]);
        return Recovery::Abandon(actions);
    }
    // The original leaves O only towards T or Q. With neither holding it, whoever changed O was not us, and all that
    // is ours is T. Once the swap may have begun, a vanished original leaves T as perhaps the only copy of the film.
    let ours_alone = observed.quarantine == Found::Absent
        && match replacement.state {
            State::Intent => observed.staging != Found::Source,
            State::Staged => matches!(observed.staging, Found::Absent | Found::Output),
            State::Ready => {
                observed.original == Found::Foreign && matches!(observed.staging, Found::Absent | Found::Output)
            }
            _ => false,
        };
    if !ours_alone {
        return Recovery::Conflict("neither the original nor the output is where it belongs");
    }
    // If an exchange was just taken back, that must be durable before T goes: T's name had held the other file.
    let mut actions = vec![Sync(Original)];
    match observed.staging {
        Found::Absent => {}
        Found::Output => actions.push(Remove(Staging, Some(Content::Output))),
        _ => actions.push(Remove(Staging, None)),
    }
    actions.extend([Sync(Staging), RemoveNote, Sync(Quarantine)]);
    Recovery::Abandon(actions)
}

fn beside(replacement: &Replacement, observed: &Observed) -> Recovery {
    let mut actions = Vec::new();
    let placed = observed.target == Found::Output && replacement.state >= State::Staged;
    if placed {
        actions.push(Sync(Target));
    } else if replacement.state >= State::Placed {
        return Recovery::Conflict("the output is no longer where it was put");
    }
    match observed.staging {
        Found::Absent => {}
        Found::Output => actions.push(Remove(Staging, Some(Content::Output))),
        Found::Foreign if replacement.state == State::Intent => actions.push(Remove(Staging, None)),
        _ => return Recovery::Conflict("the staged copy was changed by somebody else"),
    }
    actions.push(Sync(Staging));
    if placed { Recovery::Finish(actions) } else { Recovery::Abandon(actions) }
}
