//! Every state, every combination of finds: no decision may lose a file.

use super::*;
use crate::identity::{ContentId, FileIdentity, Hash, Stat};
use crate::path::RelPath;
use crate::proof::{Check, Proof, WORTH_IT};

const FINDS: [Found; 4] = [Found::Absent, Found::Source, Found::Output, Found::Foreign];
const UNFINISHED: [State; 6] =
    [State::Intent, State::Staged, State::Ready, State::Preserved, State::Placed, State::Swapped];

fn source() -> FileIdentity {
    FileIdentity {
        stat: Stat { size_bytes: 9, mtime_ns: 1, device: 1, inode: 1, links: 1 },
        content: ContentId { size_bytes: 9, edges: Hash::of_bytes(b"source") },
    }
}

fn proof(source: ContentId) -> Proof {
    Proof {
        output_hash: Hash::of_bytes(b"output"),
        output_bytes: 6,
        source,
        intent: Hash::of_bytes(b"intent"),
        tools: String::new(),
        checks: vec![Check::new(WORTH_IT, true, "")],
    }
}

fn draft(target: &str, mechanism: Mechanism) -> Draft {
    Draft {
        id: ReplacementId::new(Epoch(7), 3),
        mechanism,
        storage_id: 1,
        job_id: Some(5),
        fencing_token: 1,
        original: RelPath::new("Films/A.mkv").unwrap(),
        target: RelPath::new(target).unwrap(),
        quarantine_folder: RelPath::new(".mediaflow-quarantine").unwrap(),
        source: source(),
    }
}

fn all() -> Vec<Replacement> {
    use Mechanism::{Exchange, Link, NewExtension, TwoRenames};
    let proven = proof(source().content).proven().unwrap();
    let mut all = Vec::new();
    for (target, mechanism) in
        [("Films/A.mkv", Exchange), ("Films/A.mkv", Link), ("Films/A.mp4", NewExtension), ("Films/A.mkv", TwoRenames)]
    {
        let done = Replacement::replace(draft(target, mechanism), &proven).unwrap();
        let id = ReplacementId::new(Epoch(7), 4);
        all.push(Replacement::undo(&done, id, mechanism, 1).unwrap());
        all.push(Replacement::restore_beside(&done, id, RelPath::new("Films/A 2.mkv").unwrap(), 1).unwrap());
        all.push(done);
    }
    all.push(Replacement::beside(draft("Films/A V2.mkv", NewExtension), &proven).unwrap());
    all
}

/// The four names as a plain table, on which actions can be played.
#[derive(Clone, Copy)]
struct Table {
    observed: Observed,
    same_name: bool,
}

impl Table {
    fn get(&self, name: Name) -> Found {
        match name {
            Name::Original => self.observed.original,
            Name::Target => self.observed.target,
            Name::Staging => self.observed.staging,
            Name::Quarantine => self.observed.quarantine,
        }
    }

    fn set(&mut self, name: Name, found: Found) {
        match name {
            Name::Original => self.observed.original = found,
            Name::Target => self.observed.target = found,
            Name::Staging => self.observed.staging = found,
            Name::Quarantine => self.observed.quarantine = found,
        }
        if self.same_name {
            match name {
                Name::Original => self.observed.target = found,
                Name::Target => self.observed.original = found,
                _ => {}
            }
        }
    }

    fn holds(&self, found: Found) -> usize {
        let names = if self.same_name { 3 } else { 4 };
        [Name::Original, Name::Staging, Name::Quarantine, Name::Target][..names]
            .iter()
            .filter(|name| self.get(**name) == found)
            .count()
    }

    fn play(&mut self, action: Action) {
        let as_found = |content| if content == Content::Source { Found::Source } else { Found::Output };
        match action {
            Action::Move { from, to, content } => {
                assert_eq!(self.get(from), as_found(content), "{action:?} moves something else");
                assert_eq!(self.get(to), Found::Absent, "{action:?} would replace");
                self.set(to, as_found(content));
                self.set(from, Found::Absent);
            }
            Action::Remove(name, content) => {
                if let Some(content) = content {
                    assert_eq!(self.get(name), as_found(content), "{action:?} removes something else");
                } else {
                    assert_eq!(name, Name::Staging);
                    assert_ne!(self.get(name), Found::Source, "{action:?} would remove the original");
                }
                self.set(name, Found::Absent);
            }
            Action::Expect(name, content) => assert_eq!(self.get(name), as_found(content), "{action:?}"),
            Action::Sync(_) | Action::RemoveNote => {}
            other => panic!("recovery has no business with {other:?}"),
        }
    }
}

#[test]
fn no_recovery_loses_a_file_or_touches_a_foreign_one() {
    let mut decided = [0_usize; 3];
    for record in all() {
        for state in UNFINISHED {
            for index in 0..256_usize {
                let at = |shift: usize| FINDS[index >> (2 * shift) & 3];
                let observed = Observed { original: at(0), target: at(1), staging: at(2), quarantine: at(3) };
                if record.same_name() && observed.original != observed.target {
                    continue;
                }
                let record = Replacement { state, ..record.clone() };
                let before = Table { observed, same_name: record.same_name() };
                let mut after = before;
                let context = format!("{:?} {:?} {state:?} {observed:?}", record.kind, record.mechanism);
                match recover(&record, &observed) {
                    Recovery::Conflict(_) => decided[2] += 1,
                    Recovery::Finish(actions) => {
                        decided[0] += 1;
                        actions.into_iter().for_each(|action| after.play(action));
                        match record.kind {
                            Kind::Replace => {
                                assert_eq!(after.get(Name::Target), Found::Output, "{context}");
                                assert_eq!(after.get(Name::Quarantine), Found::Source, "{context}");
                            }
                            Kind::Undo => assert_eq!(after.get(Name::Original), Found::Source, "{context}"),
                            Kind::Beside => assert_eq!(after.get(Name::Target), Found::Output, "{context}"),
                            Kind::RestoreBeside => assert_eq!(after.get(Name::Target), Found::Source, "{context}"),
                        }
                        if record.kind != Kind::RestoreBeside {
                            assert_eq!(after.get(Name::Staging), Found::Absent, "{context}");
                        }
                    }
                    Recovery::Abandon(actions) => {
                        decided[1] += 1;
                        actions.into_iter().for_each(|action| after.play(action));
                        if record.kind != Kind::RestoreBeside {
                            assert_eq!(after.get(Name::Staging), Found::Absent, "{context}");
                        }
                    }
                }
                assert_eq!(before.holds(Found::Source) > 0, after.holds(Found::Source) > 0, "{context}: source lost");
                let unfinished_copy = usize::from(state == State::Intent && observed.staging == Found::Foreign);
                assert!(
                    after.holds(Found::Foreign) + unfinished_copy >= before.holds(Found::Foreign),
                    "{context}: a foreign file was removed"
                );
            }
        }
    }
    assert!(decided.iter().all(|count| *count > 100), "{decided:?}");
}

#[test]
fn every_script_ends_in_done_and_never_repeats_a_state() {
    for mut record in all() {
        let mut seen = vec![record.state];
        while let Some(step) = script(&record) {
            record.state = step.next;
            assert!(!seen.contains(&step.next), "{:?} {:?} loops", record.kind, record.mechanism);
            seen.push(step.next);
        }
        assert_eq!(record.state, State::Done, "{:?} {:?}: {seen:?}", record.kind, record.mechanism);
    }
}

#[test]
fn the_original_alone_in_place_is_always_left_there() {
    for record in all().into_iter().filter(|r| r.kind == Kind::Replace) {
        let target = if record.same_name() { Found::Source } else { Found::Absent };
        let observed = Observed { original: Found::Source, target, staging: Found::Output, quarantine: Found::Absent };
        let record = Replacement { state: State::Ready, ..record };
        assert!(matches!(recover(&record, &observed), Recovery::Abandon(_)), "{:?}", record.mechanism);
    }
}

#[test]
fn a_proof_of_another_source_begins_nothing() {
    let other = ContentId { size_bytes: 8, edges: Hash::of_bytes(b"other") };
    let proven = proof(other).proven().unwrap();
    let begun = Replacement::replace(draft("Films/A.mkv", Mechanism::Exchange), &proven);
    assert!(matches!(begun, Err(BeginError::ProvenAgainstAnother(_))));
}

#[test]
fn ids_read_back_and_do_not_meet() {
    let id = ReplacementId::new(Epoch(0xdead_beef), 42);
    assert_eq!(ReplacementId::parse(&id.to_string()), Some(id));
    for bad in ["", "-", "1-2", "00000000deadbeef-042", "00000000DEADBEEF-42", "../x-1"] {
        assert_eq!(ReplacementId::parse(bad), None, "{bad}");
    }
    let other = ReplacementId::new(Epoch(0xdead_beee), 42);
    assert_ne!(id.to_string(), other.to_string());
}

#[test]
fn the_mechanism_follows_what_the_folder_can_do() {
    let none =
        Capabilities { exchange: false, link: false, rename_no_replace: false, folds_case: false, normalises: false };
    let smb = Capabilities { rename_no_replace: true, ..none };
    let nfs = Capabilities { link: true, ..none };
    let ext4 = Capabilities { exchange: true, link: true, rename_no_replace: true, ..none };
    for (capabilities, same_name, allowed, expected) in [
        (ext4, true, false, Some(Mechanism::Exchange)),
        (ext4, false, false, Some(Mechanism::NewExtension)),
        (nfs, true, false, Some(Mechanism::Link)),
        (nfs, false, false, Some(Mechanism::NewExtension)),
        (smb, true, false, None),
        (smb, true, true, Some(Mechanism::TwoRenames)),
        (none, true, true, None),
        (none, false, true, None),
    ] {
        assert_eq!(Mechanism::choose(Kind::Replace, same_name, &capabilities, allowed), expected);
    }
}

/// A storage far away may carry out the rename that it was told of after the look that found it undone.
#[test]
fn a_rename_that_comes_late_costs_no_film() {
    let observed =
        Observed { original: Found::Source, target: Found::Source, staging: Found::Output, quarantine: Found::Source };
    for record in all().into_iter().filter(|record| record.kind == Kind::Replace && record.same_name()) {
        let record = Replacement { state: State::Preserved, ..record };
        let Recovery::Abandon(actions) = recover(&record, &observed) else { panic!("it is taken back") };
        for late in 0..=actions.len() {
            let mut table = Table { observed, same_name: true };
            for (number, action) in actions.iter().enumerate() {
                if number == late && table.get(Name::Staging) == Found::Output {
                    table.set(Name::Original, Found::Output);
                    table.set(Name::Staging, Found::Absent);
                }
                match *action {
                    // What is gone needs no removal, and what is not as expected ends it.
                    Action::Remove(name, _) if table.get(name) == Found::Absent => {}
                    Action::Expect(name, Content::Source) if table.get(name) != Found::Source => break,
                    action => table.play(action),
                }
            }
            assert!(table.holds(Found::Source) > 0, "{:?}: late before action {late} of {actions:?}", record.mechanism);
        }
    }
}
