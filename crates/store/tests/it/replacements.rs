//! The journal of replacements and the quarantine.

use mediaflow_core::identity::{FileIdentity, Hash};
use mediaflow_core::job::Ending;
use mediaflow_core::proof::{Check, Proof, WORTH_IT};
use mediaflow_core::replace::{Draft, Epoch, Mechanism, Replacement, ReplacementId, State};
use mediaflow_core::time::Timestamp;
use mediaflow_store::{QuarantineState, StoreError};

use crate::fixture::{Fixture, balanced, content, path, stat};

pub fn proof() -> Proof {
    Proof {
        output_hash: Hash::of_bytes(b"output"),
        output_bytes: 400,
        source: content(1000, "source"),
        intent: Hash::of_bytes(b"intent"),
        tools: "n8.0".to_owned(),
        checks: vec![Check::new("streams", true, "3 of 3"), Check::new(WORTH_IT, true, "-60 %")],
    }
}

/// A replacement that was written down.
pub fn begin(fixture: &Fixture, job_id: i64) -> Replacement {
    try_begin(fixture, job_id).unwrap()
}

fn try_begin(fixture: &Fixture, job_id: i64) -> Result<Replacement, StoreError> {
    fixture.store.write(|tx| {
        let draft = Draft {
            id: ReplacementId::new(Epoch(u64::MAX), tx.replacement_counter()?),
            mechanism: Mechanism::Link,
            storage_id: fixture.storage.id,
            job_id: Some(job_id),
            fencing_token: tx.fencing_token()?,
            original: path("film/a.mkv"),
            target: path("film/a.mkv"),
            quarantine_folder: path(".mediaflow"),
            source: FileIdentity { stat: stat(1000, 5), content: content(1000, "source") },
        };
        let new = Replacement::replace(draft, &proof().proven().unwrap()).unwrap();
        tx.replacement_begin(&new)?;
        Ok(new)
    })
}

pub fn advance(
    fixture: &Fixture,
    record: &Replacement,
    to: State,
    detail: Option<&str>,
) -> Result<Replacement, StoreError> {
    let next = Replacement { state: to, ..record.clone() };
    fixture.store.write(|tx| tx.replacement_advance(&next, record.state, detail)).map(|()| next)
}

#[test]
fn the_journal_holds_every_state_in_order_with_its_event() {
    let fixture = Fixture::new();
    let mut record = begin(&fixture, 7);
    let states = [State::Staged, State::Ready, State::Preserved, State::Swapped];
    for to in states {
        record = advance(&fixture, &record, to, Some("a detail")).unwrap();
        let stored = fixture.store.read(|r| r.replacements_unfinished(fixture.storage.id)).unwrap();
        assert_eq!((stored.len(), &stored[0].record), (1, &record));
    }
    record = advance(&fixture, &record, State::Done, None).unwrap();
    assert_eq!(fixture.store.read(|r| r.replacements_unfinished(fixture.storage.id)).unwrap(), []);
    let steps = fixture.store.read(|r| r.replacement_steps(record.id)).unwrap();
    let seen: Vec<State> = steps.iter().map(|step| step.state).collect();
    assert_eq!(seen, [&[State::Intent], &states[..], &[State::Done]].concat());
    assert_eq!(fixture.events().len(), steps.len());
    let of_job = fixture.store.read(|r| r.replacements_of_job(7)).unwrap();
    assert_eq!(of_job.iter().map(|stored| &stored.record).collect::<Vec<_>>(), [&record]);
}

#[test]
fn a_step_from_another_state_or_under_an_old_token_is_refused() {
    let fixture = Fixture::new();
    let intent = begin(&fixture, 7);
    let staged = advance(&fixture, &intent, State::Staged, None).unwrap();
    let before = fixture.events();
    for late in [
        advance(&fixture, &intent, State::Staged, None),
        advance(&fixture, &intent, State::Abandoned, None),
        fixture.store.write(|tx| tx.replacement_adopt(&intent)),
    ] {
        assert!(matches!(late, Err(StoreError::Changed { .. })), "{late:?}");
    }
    let adopted = fixture.store.write(|tx| tx.replacement_adopt(&staged)).unwrap();
    assert!(adopted.fencing_token > staged.fencing_token);
    let old = advance(&fixture, &staged, State::Ready, None);
    assert!(matches!(old, Err(StoreError::Changed { .. })), "the old driver must stop: {old:?}");
    assert_eq!(fixture.events(), before);
    advance(&fixture, &adopted, State::Ready, None).unwrap();
}

#[test]
fn a_conflict_says_what_lies_where_and_is_not_recovered_again() {
    let fixture = Fixture::new();
    let record = begin(&fixture, 7);
    advance(&fixture, &record, State::Conflict, Some("another file lies at film/a.mkv")).unwrap();
    assert_eq!(fixture.store.read(|r| r.replacements_unfinished(fixture.storage.id)).unwrap(), []);
    let conflicts = fixture.store.read(|r| r.replacements_in_conflict()).unwrap();
    assert_eq!(conflicts[0].conflict.as_deref(), Some("another file lies at film/a.mkv"));
}

#[test]
fn a_file_is_in_one_unfinished_replacement() {
    let fixture = Fixture::new();
    let first = begin(&fixture, 7);
    let second = try_begin(&fixture, 8);
    assert!(matches!(second, Err(StoreError::UnderWay { .. })), "{second:?}");
    assert_eq!(fixture.store.read(|r| r.replacements_of_job(8)).unwrap(), []);
    advance(&fixture, &first, State::Abandoned, None).unwrap();
    let second = begin(&fixture, 8);
    assert!(second.id.counter() > first.id.counter());
}

/// A replacement that is over, its original held.
fn held(fixture: &Fixture, job: i64, until: i64) -> Replacement {
    let done = advance(fixture, &begin(fixture, job), State::Done, None).unwrap();
    assert!(fixture.store.write(|tx| tx.quarantine_hold(done.id, Timestamp(until))).unwrap());
    done
}

fn begin_undo(fixture: &Fixture, done: &Replacement) -> Result<Replacement, StoreError> {
    fixture.store.write(|tx| {
        let id = ReplacementId::new(done.id.epoch(), tx.replacement_counter()?);
        let undo = Replacement::undo(done, id, Mechanism::Link, tx.fencing_token()?).unwrap();
        tx.replacement_begin(&undo)?;
        Ok(undo)
    })
}

fn quarantine(fixture: &Fixture, id: ReplacementId) -> QuarantineState {
    fixture.store.read(|r| r.replacement(id)).unwrap().unwrap().quarantine
}

#[test]
fn what_lies_in_quarantine_is_listed_by_when_it_is_due() {
    let fixture = Fixture::new();
    let later = held(&fixture, 7, 300).id;
    let sooner = held(&fixture, 8, 200).id;
    assert!(!fixture.store.write(|tx| tx.quarantine_hold(later, Timestamp(0))).unwrap(), "the promise was given");
    let listed = fixture.store.read(|r| r.quarantine(fixture.storage.id)).unwrap();
    let due: Vec<_> = listed.iter().map(|held| (held.record.id, held.held_until_at)).collect();
    assert_eq!(due, [(sooner, Some(Timestamp(200))), (later, Some(Timestamp(300)))]);
    let totals = fixture.store.read(|r| r.quarantine_totals()).unwrap();
    assert_eq!((totals.files, totals.size_bytes), (2, 2000));
}

#[test]
fn an_undo_keeps_the_purge_away_until_it_is_over() {
    use QuarantineState::{Held, Purging, Restored, Restoring};
    let fixture = Fixture::new();
    let done = held(&fixture, 7, 300);
    let claim = || fixture.store.write(|tx| tx.quarantine_set(done.id, Held, Purging)).unwrap();

    let undo = begin_undo(&fixture, &done).unwrap();
    assert_eq!(quarantine(&fixture, done.id), Restoring);
    assert!(!claim());
    assert!(!fixture.store.write(|tx| tx.quarantine_keep(done.id, "a late purge")).unwrap());
    advance(&fixture, &undo, State::Abandoned, None).unwrap();
    assert_eq!(quarantine(&fixture, done.id), Held);

    let undo = begin_undo(&fixture, &done).unwrap();
    advance(&fixture, &undo, State::Done, None).unwrap();
    assert_eq!(quarantine(&fixture, done.id), Restored);
    assert!(!claim());
    assert_eq!(fixture.store.read(|r| r.quarantine(fixture.storage.id)).unwrap(), []);
    assert!(matches!(begin_undo(&fixture, &done), Err(StoreError::NotHeld { .. })), "it was taken back already");
}

#[test]
fn a_purge_keeps_the_undo_away_and_may_give_it_back() {
    use QuarantineState::{Held, Purged, Purging};
    let fixture = Fixture::new();
    let done = held(&fixture, 7, 300);
    let set = |from, to| fixture.store.write(|tx| tx.quarantine_set(done.id, from, to)).unwrap();
    assert!(set(Held, Purging));
    assert!(matches!(begin_undo(&fixture, &done), Err(StoreError::NotHeld { id }) if id == done.id));
    assert_eq!(fixture.store.read(|r| r.replacements_of_job(7)).unwrap().len(), 1, "a refused undo leaves no record");

    assert!(fixture.store.write(|tx| tx.quarantine_keep(done.id, "the new file was changed")).unwrap());
    let stored = fixture.store.read(|r| r.replacement(done.id)).unwrap().unwrap();
    assert_eq!((stored.quarantine, stored.kept_because.as_deref()), (Held, Some("the new file was changed")));

    assert!(set(Held, Purging) && set(Purging, Purged));
    let totals = fixture.store.read(|r| r.quarantine_totals()).unwrap();
    assert_eq!((totals.files, totals.size_bytes), (0, 0));
}

#[test]
fn an_original_that_only_its_note_tells_of_can_be_brought_back() {
    let fixture = Fixture::new();
    let done = held(&fixture, 7, 300);
    let unknown = Replacement { id: ReplacementId::new(Epoch(5), 999), ..done };
    let undo = begin_undo(&fixture, &unknown).unwrap();
    advance(&fixture, &undo, State::Done, None).unwrap();
}

#[test]
fn an_undo_knows_the_policy_after_the_queue_was_cleared() {
    let fixture = Fixture::new();
    let job = fixture.queue(&fixture.file("a.mkv"), "1").unwrap();
    let clear = || fixture.store.write(|tx| tx.jobs_clear_finished()).unwrap();
    let record = begin(&fixture, job);
    fixture.end(job, Ending::Failed).unwrap();
    assert_eq!(clear(), 0, "its replacement is not over, and recovery will want the job");
    let done = advance(&fixture, &record, State::Done, None).unwrap();
    fixture.store.write(|tx| tx.quarantine_hold(done.id, Timestamp(9))).unwrap();
    assert_eq!(clear(), 1);

    let policy = Some(balanced().settings.policy());
    let undo = begin_undo(&fixture, &done).unwrap();
    for id in [done.id, undo.id] {
        assert_eq!(fixture.store.read(|r| r.replacement(id)).unwrap().unwrap().policy, policy);
    }
}
