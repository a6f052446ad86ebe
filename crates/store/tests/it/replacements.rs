//! The journal of replacements and the quarantine.

use mediaflow_core::identity::{FileIdentity, Hash};
use mediaflow_core::proof::{Check, Proof, WORTH_IT};
use mediaflow_core::replace::{Draft, Epoch, Mechanism, Replacement, ReplacementId, State};
use mediaflow_core::time::Timestamp;
use mediaflow_store::{QuarantineState, StoreError};

use crate::fixture::{Fixture, content, path, stat};

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
    fixture
        .store
        .write(|tx| {
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
        .unwrap()
}

fn advance(
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
        let stored = fixture.store.read(|r| r.replacements_unfinished()).unwrap();
        assert_eq!((stored.len(), &stored[0].record), (1, &record));
    }
    record = advance(&fixture, &record, State::Done, None).unwrap();
    assert_eq!(fixture.store.read(|r| r.replacements_unfinished()).unwrap(), []);
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
    assert_eq!(fixture.store.read(|r| r.replacements_unfinished()).unwrap(), []);
    let conflicts = fixture.store.read(|r| r.replacements_in_conflict()).unwrap();
    assert_eq!(conflicts[0].conflict.as_deref(), Some("another file lies at film/a.mkv"));
}

#[test]
fn an_original_in_quarantine_is_had_by_one_only() {
    use QuarantineState::{Held, None, Purged, Purging, Restored, Restoring};
    let fixture = Fixture::new();
    let [a, b] = [7, 8].map(|job| begin(&fixture, job).id);
    let set = |id, from, to| fixture.store.write(|tx| tx.quarantine_set(id, from, to)).unwrap();
    assert!(!set(a, Held, Purging), "nothing is there to purge before it is held");
    for (id, until) in [(a, 300), (b, 200)] {
        assert!(fixture.store.write(|tx| tx.quarantine_hold(id, Timestamp(until))).unwrap());
        assert!(!fixture.store.write(|tx| tx.quarantine_hold(id, Timestamp(0))).unwrap(), "the promise was given");
    }
    let due = |now| -> Vec<ReplacementId> {
        let due = fixture.store.read(|r| r.quarantine_due(Timestamp(now), 10)).unwrap();
        due.into_iter().map(|stored| stored.record.id).collect()
    };
    assert_eq!((due(199), due(299), due(300)), (vec![], vec![b], vec![b, a]));
    let totals = || fixture.store.read(|r| r.quarantine_totals()).unwrap();
    assert_eq!((totals().files, totals().size_bytes), (2, 2000));

    assert!(set(a, Held, Restoring) && !set(a, Held, Purging), "an undo that has begun keeps the purge away");
    assert!(set(b, Held, Purging) && !set(b, Held, Restoring), "and the other way round");
    assert_eq!(due(300), []);
    assert_eq!(totals().files, 2);
    assert!(set(a, Restoring, Restored) && set(b, Purging, Purged));
    assert_eq!((totals().files, totals().size_bytes), (0, 0));
    let stored = fixture.store.read(|r| r.quarantine(Purged)).unwrap();
    assert_eq!((stored.len(), stored[0].record.id), (1, b));
    assert_eq!(fixture.store.read(|r| r.quarantine(None)).unwrap(), []);
}
