//! How an interrupted undo ends.

use super::{Action, Content, Found, Name, Observed, Recovery};

use Action::{Move, Remove, RemoveNote, Sync};
use Name::{Original, Quarantine, Staging, Target};

/// The original back at its path: remove what is left of the output. Still in quarantine: nothing happened that
/// matters, it stays held.
pub(super) fn undo(observed: &Observed, same_name: bool) -> Recovery {
    match (observed.original, observed.quarantine) {
        (Found::Source, _) => original_is_back(observed, same_name),
        (_, Found::Source) => still_held(observed),
        _ => Recovery::Conflict("the original is neither back at its path nor in quarantine"),
    }
}

fn original_is_back(observed: &Observed, same_name: bool) -> Recovery {
    let mut actions = vec![Sync(Original)];
    match observed.staging {
        Found::Absent => {}
        Found::Output => actions.push(Remove(Staging, Some(Content::Output))),
        Found::Source => actions.push(Remove(Staging, Some(Content::Source))),
        Found::Foreign => return Recovery::Conflict("another file is at the staged copy's path"),
    }
    match observed.quarantine {
        Found::Absent => {}
        Found::Output => actions.push(Remove(Quarantine, Some(Content::Output))),
        Found::Source => actions.push(Remove(Quarantine, Some(Content::Source))),
        Found::Foreign => return Recovery::Conflict("another file is in the original's quarantine"),
    }
    // A foreign file at the output's path belongs to whoever put it there.
    if !same_name && observed.target == Found::Output {
        actions.push(Move { from: Target, to: Staging, content: Content::Output });
        actions.push(Remove(Staging, Some(Content::Output)));
    }
    actions.extend([Sync(Staging), Sync(Quarantine), RemoveNote, Sync(Quarantine)]);
    Recovery::Finish(actions)
}

fn still_held(observed: &Observed) -> Recovery {
    let mut actions = vec![Sync(Quarantine)];
    match (observed.staging, observed.target) {
        (Found::Absent, _) => {}
        (Found::Source, _) => actions.push(Remove(Staging, Some(Content::Source))),
        (Found::Output, Found::Output) => {
            actions.extend([Sync(Target), Remove(Staging, Some(Content::Output))]);
        }
        (Found::Output, Found::Absent) => {
            actions.push(Move { from: Staging, to: Target, content: Content::Output });
        }
        (Found::Output, _) => return Recovery::Conflict("the output was set aside and another file took its path"),
        (Found::Foreign, _) => return Recovery::Conflict("another file is at the staged copy's path"),
    }
    actions.push(Sync(Staging));
    Recovery::Abandon(actions)
}

/// The original under its free name, or still in quarantine.
pub(super) fn restore_beside(observed: &Observed) -> Recovery {
    match (observed.target, observed.quarantine) {
        (Found::Source, Found::Absent) => {
            Recovery::Finish(vec![Sync(Target), Sync(Quarantine), RemoveNote, Sync(Quarantine)])
        }
        (Found::Source, Found::Source) => Recovery::Finish(vec![
            Sync(Target),
            Remove(Quarantine, Some(Content::Source)),
            Sync(Quarantine),
            RemoveNote,
            Sync(Quarantine),
        ]),
        (_, Found::Source) => Recovery::Abandon(vec![Sync(Quarantine), Sync(Target)]),
        _ => Recovery::Conflict("the original is neither back nor in quarantine"),
    }
}
