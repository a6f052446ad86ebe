//! A journal in memory that can be told to write every commit somewhere first.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mediaflow_core::replace::{Kind, Replacement, ReplacementId, State};
use mediaflow_core::time::Timestamp;
use mediaflow_engine::replace::{ConflictReport, Held, HeldStatus, Journal, JournalError};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quarantined {
    Held,
    Purging,
    Purged,
    Restored,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub record: Replacement,
    pub keep_until: Option<Timestamp>,
    pub quarantined: Option<Quarantined>,
    pub reason: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows(pub BTreeMap<String, Row>);

impl Rows {
    pub fn get(&self, id: ReplacementId) -> Option<&Row> {
        self.0.get(&id.to_string())
    }

    fn set(&mut self, record: &Replacement, state: State, reason: &str) {
        let row = self.0.get_mut(&record.id.to_string()).expect("a record that was begun");
        assert_eq!(row.record.state, record.state, "the driver and the journal disagree about the state");
        assert!(!row.record.state.is_final(), "a finished replacement was moved");
        row.record.state = state;
        reason.clone_into(&mut row.reason);
    }
}

/// Called with what a commit would make of the rows; an error means that nothing was committed.
pub type OnCommit = Box<dyn Fn(&Rows) -> Result<(), JournalError> + Send + Sync>;

pub struct TestJournal {
    rows: Mutex<Rows>,
    on_commit: OnCommit,
}

impl TestJournal {
    pub fn new(rows: Rows, on_commit: OnCommit) -> Self {
        Self { rows: Mutex::new(rows), on_commit }
    }

    pub fn in_memory() -> Self {
        Self::new(Rows::default(), Box::new(|_| Ok(())))
    }

    pub fn rows(&self) -> Rows {
        self.rows.lock().unwrap().clone()
    }

    pub fn state(&self, id: ReplacementId) -> Option<State> {
        self.rows().get(id).map(|row| row.record.state)
    }

    fn commit<T>(&self, change: impl FnOnce(&mut Rows) -> Result<T, JournalError>) -> Result<T, JournalError> {
        let mut rows = self.rows.lock().unwrap();
        let mut next = rows.clone();
        let answer = change(&mut next)?;
        (self.on_commit)(&next)?;
        *rows = next;
        Ok(answer)
    }
}

impl Journal for TestJournal {
    fn begin(&self, record: &Replacement) -> Result<(), JournalError> {
        self.commit(|rows| {
            if let Some(undone) = record.undoes
                && let Some(row) = rows.get(undone)
                && row.quarantined != Some(Quarantined::Held)
            {
                return Err(JournalError::Taken);
            }
            let busy = |row: &Row| !row.record.state.is_final() && row.record.original == record.original;
            if rows.0.values().any(busy) {
                return Err(JournalError::Taken);
            }
            let row = Row { record: record.clone(), keep_until: None, quarantined: None, reason: String::new() };
            assert!(rows.0.insert(record.id.to_string(), row).is_none(), "an id was used twice");
            Ok(())
        })
    }

    fn advance(&self, record: &Replacement, next: State) -> Result<(), JournalError> {
        self.commit(|rows| {
            rows.set(record, next, "");
            Ok(())
        })
    }

    fn finish(&self, record: &Replacement, keep_until: Option<Timestamp>) -> Result<(), JournalError> {
        self.commit(|rows| {
            rows.set(record, State::Done, "");
            let row = rows.0.get_mut(&record.id.to_string()).unwrap();
            row.keep_until = keep_until;
            row.quarantined = (record.kind == Kind::Replace).then_some(Quarantined::Held);
            if let Some(undone) = record.undoes.and_then(|id| rows.0.get_mut(&id.to_string())) {
                undone.quarantined = Some(Quarantined::Restored);
            }
            Ok(())
        })
    }

    fn abandon(&self, record: &Replacement, reason: &str) -> Result<(), JournalError> {
        self.commit(|rows| {
            rows.set(record, State::Abandoned, reason);
            Ok(())
        })
    }

    fn conflict(&self, record: &Replacement, report: &ConflictReport) -> Result<(), JournalError> {
        self.commit(|rows| {
            rows.set(record, State::Conflict, &report.to_string());
            Ok(())
        })
    }

    fn unfinished(&self, storage_id: i64) -> Result<Vec<Replacement>, JournalError> {
        let rows = self.rows();
        let unfinished = |row: &Row| !row.record.state.is_final() && row.record.storage_id == storage_id;
        Ok(rows.0.into_values().filter(unfinished).map(|row| row.record).collect())
    }

    fn held(&self, _storage_id: i64) -> Result<Vec<Held>, JournalError> {
        let rows = self.rows();
        Ok(rows
            .0
            .into_values()
            .filter_map(|row| {
                let status = match row.quarantined? {
                    Quarantined::Held => HeldStatus::Held,
                    Quarantined::Purging => HeldStatus::Purging,
                    Quarantined::Purged | Quarantined::Restored => return None,
                };
                let kept_because = (!row.reason.is_empty()).then_some(row.reason);
                Some(Held { replacement: row.record, status, keep_until: row.keep_until?, kept_because })
            })
            .collect())
    }

    fn claim_purge(&self, id: ReplacementId) -> Result<bool, JournalError> {
        self.commit(|rows| {
            let undoing = rows.0.values().any(|row| row.record.undoes == Some(id) && !row.record.state.is_final());
            let row = rows.0.get_mut(&id.to_string()).expect("a known entry");
            let free = row.quarantined == Some(Quarantined::Held) && !undoing;
            if free {
                row.quarantined = Some(Quarantined::Purging);
            }
            Ok(free)
        })
    }

    fn purged(&self, id: ReplacementId) -> Result<(), JournalError> {
        self.commit(|rows| {
            rows.0.get_mut(&id.to_string()).expect("a known entry").quarantined = Some(Quarantined::Purged);
            Ok(())
        })
    }

    fn keep(&self, id: ReplacementId, reason: &str) -> Result<(), JournalError> {
        self.commit(|rows| {
            let row = rows.0.get_mut(&id.to_string()).expect("a known entry");
            if matches!(row.quarantined, Some(Quarantined::Held | Quarantined::Purging)) {
                row.quarantined = Some(Quarantined::Held);
                reason.clone_into(&mut row.reason);
            }
            Ok(())
        })
    }
}
