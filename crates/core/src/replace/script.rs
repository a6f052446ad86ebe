//! The way forward: which actions lead from one durable state to the next.

use super::{Kind, Mechanism, Replacement, State};

/// One of the four names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// O.
    Original,
    /// N.
    Target,
    /// T.
    Staging,
    /// Q.
    Quarantine,
}

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// The original's bytes.
    Source,
    /// The proven output.
    Output,
}

/// Something to do. Each one that moves or removes a file says which file that must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Create T exclusively, write it, give it the original's attributes, sync it, read it back past the cache.
    Stage,
    /// Write the note and make it durable.
    WriteNote,
    /// Stop unless this name still holds this file.
    Expect(Name, Content),
    /// Sync the data of the original, which its own writer may never have done.
    SyncSource,
    /// Give a file a second name, then look that it is the right file.
    Link { from: Name, to: Name, content: Content },
    /// Move a file without replacing another one; if it is not the expected file, move it back.
    Move { from: Name, to: Name, content: Content },
    /// Move a file over `to`, which must hold the other content.
    Over { from: Name, to: Name, content: Content },
    /// `held` and `place` change places; `comes_out` must then be at `held`, otherwise they change back.
    Exchange { held: Name, place: Name, comes_out: Content },
    /// Make the entries of the folder that holds this name durable.
    Sync(Name),
    /// Remove a file, which must hold this content; `None` is for an unfinished T of our own.
    Remove(Name, Option<Content>),
    /// Remove the note, once nothing in quarantine needs it.
    RemoveNote,
}

/// From the present state to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What to do, in this order.
    pub actions: &'static [Action],
    /// The state that holds once all of it is durable.
    pub next: State,
}

const fn step(actions: &'static [Action], next: State) -> Option<Step> {
    Some(Step { actions, next })
}

/// The next step of a replacement in its present state, or `None` when it is over.
///
/// A folder that received a file is synced before the folder that gave it away, so that no order of loss leaves a
/// file without a name.
#[must_use]
pub fn script(replacement: &Replacement) -> Option<Step> {
    match replacement.kind {
        Kind::Replace => replace(replacement.mechanism, replacement.state),
        Kind::Undo => undo(replacement.mechanism, replacement.state),
        Kind::Beside => beside(replacement.state),
        Kind::RestoreBeside => restore_beside(replacement.state),
    }
}

use Action::{Exchange, Expect, Link, Move, Over, Remove, RemoveNote, Stage, Sync, SyncSource, WriteNote};
use Content::{Output, Source};
use Name::{Original, Quarantine, Staging, Target};

const fn replace(mechanism: Mechanism, state: State) -> Option<Step> {
    match (state, mechanism) {
        (State::Intent, _) => step(&[Stage, Sync(Staging)], State::Staged),
        (State::Staged, _) => step(&[WriteNote, Sync(Quarantine), SyncSource, Expect(Original, Source)], State::Ready),
        (State::Ready, Mechanism::Exchange) => step(
            &[
                Expect(Original, Source),
                Expect(Staging, Output),
                Exchange { held: Staging, place: Original, comes_out: Source },
                Sync(Original),
                Move { from: Staging, to: Quarantine, content: Source },
                Sync(Quarantine),
                Sync(Staging),
            ],
            State::Swapped,
        ),
        (State::Ready, Mechanism::Link) => {
            step(&[Link { from: Original, to: Quarantine, content: Source }, Sync(Quarantine)], State::Preserved)
        }
        (State::Preserved, Mechanism::Link) => {
            step(&[Over { from: Staging, to: Original, content: Output }, Sync(Original)], State::Swapped)
        }
        (State::Ready, Mechanism::NewExtension) => {
            step(&[Move { from: Staging, to: Target, content: Output }, Sync(Target)], State::Placed)
        }
        (State::Placed, Mechanism::NewExtension) => step(
            &[Move { from: Original, to: Quarantine, content: Source }, Sync(Quarantine), Sync(Original)],
            State::Swapped,
        ),
        // The original must be durably in quarantine before its name is taken: were only the second rename to
        // survive a power loss, it would have replaced the first one's source.
        (State::Ready, Mechanism::TwoRenames) => step(
            &[Move { from: Original, to: Quarantine, content: Source }, Sync(Quarantine), Sync(Original)],
            State::Preserved,
        ),
        (State::Preserved, Mechanism::TwoRenames) => {
            step(&[Move { from: Staging, to: Original, content: Output }, Sync(Original)], State::Swapped)
        }
        (State::Swapped, _) => step(&[], State::Done),
        _ => None,
    }
}

const fn undo(mechanism: Mechanism, state: State) -> Option<Step> {
    match (state, mechanism) {
        (State::Intent, _) => step(&[Expect(Target, Output), Expect(Quarantine, Source)], State::Ready),
        (State::Ready, Mechanism::Exchange) => step(
            &[
                Exchange { held: Quarantine, place: Target, comes_out: Output },
                Expect(Target, Source),
                Sync(Target),
                Sync(Quarantine),
            ],
            State::Swapped,
        ),
        (State::Swapped, Mechanism::Exchange) => {
            step(&[Remove(Quarantine, Some(Output)), Sync(Quarantine), RemoveNote, Sync(Quarantine)], State::Done)
        }
        (State::Ready, Mechanism::Link) => {
            step(&[Link { from: Quarantine, to: Staging, content: Source }, Sync(Staging)], State::Preserved)
        }
        (State::Preserved, Mechanism::Link) => {
            step(&[Over { from: Staging, to: Target, content: Source }, Sync(Target)], State::Swapped)
        }
        (State::Swapped, Mechanism::Link) => {
            step(&[Remove(Quarantine, Some(Source)), Sync(Quarantine), RemoveNote, Sync(Quarantine)], State::Done)
        }
        (State::Ready, Mechanism::NewExtension) => step(
            &[Move { from: Quarantine, to: Original, content: Source }, Sync(Original), Sync(Quarantine)],
            State::Placed,
        ),
        // Through T, so that what is removed is what was looked at and not what somebody put there meanwhile.
        (State::Placed, Mechanism::NewExtension) | (State::Ready, Mechanism::TwoRenames) => step(
            &[Move { from: Target, to: Staging, content: Output }, Sync(Staging)],
            if matches!(mechanism, Mechanism::TwoRenames) { State::Preserved } else { State::Swapped },
        ),
        (State::Preserved, Mechanism::TwoRenames) => step(
            &[Move { from: Quarantine, to: Target, content: Source }, Sync(Target), Sync(Quarantine)],
            State::Swapped,
        ),
        (State::Swapped, Mechanism::NewExtension | Mechanism::TwoRenames) => {
            step(&[Remove(Staging, Some(Output)), Sync(Staging), RemoveNote, Sync(Quarantine)], State::Done)
        }
        _ => None,
    }
}

const fn beside(state: State) -> Option<Step> {
    match state {
        State::Intent => step(&[Stage, Sync(Staging)], State::Staged),
        State::Staged => step(&[Move { from: Staging, to: Target, content: Output }, Sync(Target)], State::Placed),
        State::Placed => step(&[], State::Done),
        _ => None,
    }
}

const fn restore_beside(state: State) -> Option<Step> {
    match state {
        State::Intent => step(
            &[Move { from: Quarantine, to: Target, content: Source }, Sync(Target), Sync(Quarantine)],
            State::Placed,
        ),
        State::Placed => step(&[RemoveNote, Sync(Quarantine)], State::Done),
        _ => None,
    }
}
