//! The journal of replacements. Nothing here hangs on a job, and a step row is never changed.

use mediaflow_core::event::Event;
use mediaflow_core::identity::Hash;
use mediaflow_core::replace::{Replacement, ReplacementId, State};
use mediaflow_core::time::Timestamp;
use rusqlite::Row;

use crate::error::StoreError;
use crate::quarantine::QuarantineState;
use crate::row::{
    all, first, get, hash_opt, json, named, parse_plain, plain_name, run, time, time_opt, to_json, unsigned,
};
use crate::store::{Reader, Tx};

/// A replacement as the database keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReplacement {
    /// What the protocol knows of it.
    pub record: Replacement,
    /// The policy of the job that asked for it, even if that job was cleared since.
    pub policy: Option<Hash>,
    /// What stands in the way, for one that needs a person.
    pub conflict: Option<String>,
    /// What became of the original that was put away.
    pub quarantine: QuarantineState,
    /// Until when it is kept.
    pub held_until_at: Option<Timestamp>,
    /// Why the last purge left it, if one did.
    pub kept_because: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One commit of a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacementStep {
    /// The state that was reached.
    pub state: State,
    /// Who took the step.
    pub token: u64,
    /// What there is to say about it.
    pub detail: Option<String>,
    /// When.
    pub at: Timestamp,
}

pub(crate) fn read(row: &Row<'_>) -> Result<StoredReplacement, StoreError> {
    Ok(StoredReplacement {
        record: json(row, "record")?,
        policy: hash_opt(row, "policy")?,
        conflict: get(row, "conflict")?,
        quarantine: named(row, "quarantine", QuarantineState::parse)?,
        held_until_at: time_opt(row, "held_until_at")?,
        kept_because: get(row, "kept_because")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

impl Reader<'_> {
    /// A replacement.
    pub fn replacement(&self, id: ReplacementId) -> Result<Option<StoredReplacement>, StoreError> {
        first(self.conn, "SELECT * FROM replacements WHERE public_id = ?1", [id.to_string()], read)
    }

    /// Replacements of a storage that are not over, oldest first: what recovery looks at.
    pub fn replacements_unfinished(&self, storage_id: i64) -> Result<Vec<StoredReplacement>, StoreError> {
        let sql = "SELECT * FROM replacements
                   WHERE storage_id = ?1 AND state NOT IN ('done', 'abandoned', 'conflict') ORDER BY id";
        all(self.conn, sql, [storage_id], read)
    }

    /// Replacements that need a person, oldest first.
    pub fn replacements_in_conflict(&self) -> Result<Vec<StoredReplacement>, StoreError> {
        all(self.conn, "SELECT * FROM replacements WHERE state = 'conflict' ORDER BY id", [], read)
    }

    /// All replacements that a job asked for, its undo among them, oldest first.
    pub fn replacements_of_job(&self, job_id: i64) -> Result<Vec<StoredReplacement>, StoreError> {
        all(self.conn, "SELECT * FROM replacements WHERE job_id = ?1 ORDER BY id", [job_id], read)
    }

    /// Every commit of a replacement, in order.
    pub fn replacement_steps(&self, id: ReplacementId) -> Result<Vec<ReplacementStep>, StoreError> {
        let sql = "SELECT s.* FROM replacement_steps s JOIN replacements r ON r.id = s.replacement_id
                   WHERE r.public_id = ?1 ORDER BY s.id";
        all(self.conn, sql, [id.to_string()], |row| {
            Ok(ReplacementStep {
                state: named(row, "state", parse_plain)?,
                token: unsigned(row, "token")?,
                detail: get(row, "detail")?,
                at: time(row, "at")?,
            })
        })
    }
}

impl Tx<'_> {
    /// Writes a replacement down in its first state, before anything is done to a file. Its counter comes from
    /// [`Tx::replacement_counter`]. One that takes another back claims that one's original.
    ///
    /// # Errors
    /// [`StoreError::UnderWay`] when another unfinished one has the same file; [`StoreError::NotHeld`] when the
    /// original that it is to bring back is not there to be had.
    pub fn replacement_begin(&self, new: &Replacement) -> Result<(), StoreError> {
        self.file_is_free(new)?;
        self.claim_for_undo(new)?;
        run(
            self.conn,
            "INSERT INTO replacements (id, public_id, job_id, storage_id, kind, state, token, original, target, staging,
             quarantined, output_hash, output_bytes, source_bytes, undoes, policy, record, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
             coalesce((SELECT policy FROM jobs WHERE id = ?3), (SELECT policy FROM replacements WHERE public_id = ?15)),
             ?16, ?17, ?17)",
            rusqlite::params![
                row_id(new.id),
                new.id.to_string(),
                new.job_id,
                new.storage_id,
                plain_name("kind", &new.kind)?,
                plain_name("state", &new.state)?,
                new.fencing_token.cast_signed(),
                new.original.as_bytes(),
                new.target.as_bytes(),
                new.staging.as_bytes(),
                new.quarantine.as_bytes(),
                new.output.hash.to_string(),
                new.output.size_bytes.cast_signed(),
                new.source.content.size_bytes.cast_signed(),
                new.undoes.map(|id| id.to_string()),
                to_json("replacement", new)?,
                self.now().0,
            ],
        )?;
        self.replacement_step(new, None)
    }

    /// Commits that `new` is now true of a replacement that stood at `from`. For a conflict, `detail` tells what lies
    /// where. The end of an undo settles what it undid.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when it no longer stands there or another attempt took it over: stop at once.
    pub fn replacement_advance(&self, new: &Replacement, from: State, detail: Option<&str>) -> Result<(), StoreError> {
        let changed = run(
            self.conn,
            "UPDATE replacements SET state = ?4, record = ?5, conflict = ?6, updated_at = ?7,
             row_version = row_version + 1 WHERE public_id = ?1 AND state = ?2 AND token = ?3",
            (
                new.id.to_string(),
                plain_name("state", &from)?,
                new.fencing_token.cast_signed(),
                plain_name("state", &new.state)?,
                to_json("replacement", new)?,
                detail.filter(|_| new.state == State::Conflict),
                self.now().0,
            ),
        )?;
        if changed == 0 {
            return Err(changed_meanwhile(new.id));
        }
        self.settle_undone(new)?;
        self.replacement_step(new, detail)
    }

    /// Takes over a replacement whose driver, with the token in `record`, is gone. From here on only the new token may
    /// take steps; gives the record with that token.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when somebody else took it over or a step further.
    pub fn replacement_adopt(&self, record: &Replacement) -> Result<Replacement, StoreError> {
        let adopted = Replacement { fencing_token: self.fencing_token()?, ..record.clone() };
        let changed = run(
            self.conn,
            "UPDATE replacements SET token = ?4, record = ?5, updated_at = ?6, row_version = row_version + 1
             WHERE public_id = ?1 AND state = ?2 AND token = ?3",
            (
                record.id.to_string(),
                plain_name("state", &record.state)?,
                record.fencing_token.cast_signed(),
                adopted.fencing_token.cast_signed(),
                to_json("replacement", &adopted)?,
                self.now().0,
            ),
        )?;
        if changed == 0 { Err(changed_meanwhile(record.id)) } else { Ok(adopted) }
    }

    fn file_is_free(&self, new: &Replacement) -> Result<(), StoreError> {
        let sql = "SELECT id FROM replacements WHERE storage_id = ?1 AND state NOT IN ('done', 'abandoned', 'conflict')
                   AND (original IN (?2, ?3) OR target IN (?2, ?3))";
        match first(self.conn, sql, (new.storage_id, new.original.as_bytes(), new.target.as_bytes()), |_| Ok(()))? {
            Some(()) => Err(StoreError::UnderWay { path: new.original.to_string() }),
            None => Ok(()),
        }
    }

    /// An original that is known here must be held; one that only its note beside it tells of is not ours to guard.
    fn claim_for_undo(&self, new: &Replacement) -> Result<(), StoreError> {
        let Some(id) = new.undoes else { return Ok(()) };
        if self.quarantine_set(id, QuarantineState::Held, QuarantineState::Restoring)?
            || self.replacement(id)?.is_none()
        {
            return Ok(());
        }
        Err(StoreError::NotHeld { id })
    }

    /// The end of an undo is also the end of what it undid, or leaves it held.
    fn settle_undone(&self, record: &Replacement) -> Result<(), StoreError> {
        let Some(id) = record.undoes.filter(|_| record.state.is_final()) else { return Ok(()) };
        let end = if record.state == State::Done { QuarantineState::Restored } else { QuarantineState::Held };
        self.quarantine_set(id, QuarantineState::Restoring, end)?;
        Ok(())
    }

    fn replacement_step(&self, record: &Replacement, detail: Option<&str>) -> Result<(), StoreError> {
        let state = plain_name("state", &record.state)?;
        run(
            self.conn,
            "INSERT INTO replacement_steps (replacement_id, state, token, detail, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (row_id(record.id), &state, record.fencing_token.cast_signed(), detail, self.now().0),
        )?;
        self.event(&Event::ReplacementStateChanged {
            replacement_id: record.id.to_string(),
            kind: plain_name("kind", &record.kind)?,
            original: record.original.to_string(),
            state,
        })?;
        Ok(())
    }
}

pub(crate) const fn row_id(id: ReplacementId) -> i64 {
    id.counter().cast_signed()
}

pub(crate) fn changed_meanwhile(id: ReplacementId) -> StoreError {
    StoreError::Changed { what: "replacement", id: row_id(id) }
}
