//! The replacement's journal in the database: each call is one durable transaction, and the last one also writes
//! everything that follows from a replacement.

use mediaflow_core::identity::FileIdentity;
use mediaflow_core::job::{Ending, JobStatus, Verdict};
use mediaflow_core::replace::{Kind, Replacement, ReplacementId, State};
use mediaflow_core::text;
use mediaflow_core::time::Timestamp;
use mediaflow_store::{JobEnd, QuarantineState, Storage as StorageRow, Store, StoreError, Tx};
use mediaflow_transport::storage::Storage;

use crate::replace::{ConflictReport, Held, HeldStatus, Journal, JournalError};
use crate::run::outcome;

/// The journal of one storage.
pub struct SqlJournal<'a> {
    /// The database.
    pub store: &'a Store,
    /// The storage's row.
    pub row: &'a StorageRow,
    /// The storage itself, asked what lies at a name once a swap is done.
    pub disk: &'a dyn Storage,
}

impl SqlJournal<'_> {
    fn write<T>(
        &self,
        id: ReplacementId,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, JournalError> {
        self.store.write(|tx| work(tx)).map_err(|error| translate(id, error))
    }

    /// What lies at a name after the swap, for the catalog. A file that somebody removed at once is not an error.
    fn identity(&self, record: &Replacement) -> Result<Option<FileIdentity>, JournalError> {
        let path = match record.kind {
            Kind::Undo => &record.original,
            Kind::Replace | Kind::Beside | Kind::RestoreBeside => &record.target,
        };
        self.disk.identity(path).map_err(|error| match error.is_unreachable() {
            true => JournalError::Storage(error.cause),
            false => JournalError::Unavailable(error.to_string()),
        })
    }
}

fn translate(id: ReplacementId, error: StoreError) -> JournalError {
    match error {
        StoreError::Changed { .. } => JournalError::Fenced(id),
        StoreError::UnderWay { .. } | StoreError::NotHeld { .. } => JournalError::Taken,
        other => JournalError::Unavailable(other.to_string()),
    }
}

impl Journal for SqlJournal<'_> {
    fn begin(&self, record: &Replacement) -> Result<(), JournalError> {
        self.write(record.id, |tx| tx.replacement_begin(record))
    }

    fn advance(&self, record: &Replacement, next: State) -> Result<(), JournalError> {
        self.write(record.id, |tx| step(tx, record, next, None))
    }

    fn finish(&self, record: &Replacement, keep_until: Option<Timestamp>) -> Result<(), JournalError> {
        let placed = self.identity(record)?;
        let finished = self.write(record.id, |tx| {
            step(tx, record, State::Done, None)?;
            if let Some(until) = keep_until {
                tx.quarantine_hold(record.id, until)?;
            }
            match record.kind {
                Kind::Replace => replaced(tx, self.row, record, placed),
                Kind::Beside => end_job(tx, record, Ending::Placed),
                Kind::Undo => {
                    leave_quarantine(tx, record, QuarantineState::Restored)?;
                    taken_back(tx, self.row, record, placed)
                }
                Kind::RestoreBeside => leave_quarantine(tx, record, QuarantineState::Restored),
            }
        });
        if finished.is_ok() {
            log_finished(record);
        }
        finished
    }

    fn abandon(&self, record: &Replacement, reason: &str) -> Result<(), JournalError> {
        self.write(record.id, |tx| {
            step(tx, record, State::Abandoned, Some(reason))?;
            leave_quarantine(tx, record, QuarantineState::Held)
        })
    }

    fn conflict(&self, record: &Replacement, report: &ConflictReport) -> Result<(), JournalError> {
        tracing::error!("replacement {} needs a person: {report}", record.id);
        self.write(record.id, |tx| step(tx, record, State::Conflict, Some(&report.to_string())))
    }

    fn unfinished(&self, storage_id: i64) -> Result<Vec<Replacement>, JournalError> {
        let rows = self.store.read(|r| r.replacements_unfinished(storage_id));
        rows.map(|rows| rows.into_iter().map(|row| row.record).collect()).map_err(unavailable)
    }

    fn held(&self, storage_id: i64) -> Result<Vec<Held>, JournalError> {
        let rows = self.store.read(|r| r.quarantine(storage_id)).map_err(unavailable)?;
        // One that is being restored belongs to its undo until that is over.
        let held = rows.into_iter().filter_map(|row| {
            let status = match row.quarantine {
                QuarantineState::Held => HeldStatus::Held,
                QuarantineState::Purging => HeldStatus::Purging,
                _ => return None,
            };
            let keep_until = row.held_until_at?;
            Some(Held { replacement: row.record, status, keep_until, kept_because: row.kept_because })
        });
        Ok(held.collect())
    }

    fn claim_purge(&self, id: ReplacementId) -> Result<bool, JournalError> {
        self.write(id, |tx| tx.quarantine_set(id, QuarantineState::Held, QuarantineState::Purging))
    }

    fn purged(&self, id: ReplacementId) -> Result<(), JournalError> {
        self.write(id, |tx| tx.quarantine_set(id, QuarantineState::Purging, QuarantineState::Purged)).map(drop)
    }

    fn keep(&self, id: ReplacementId, reason: &str) -> Result<(), JournalError> {
        self.write(id, |tx| tx.quarantine_keep(id, reason)).map(drop)
    }
}

fn log_finished(record: &Replacement) {
    let Replacement { id, original, target, .. } = record;
    match record.kind {
        Kind::Replace => {
            tracing::info!("replacement {id}: {target} is in place, the original {original} in quarantine")
        }
        Kind::Beside => tracing::info!("replacement {id}: {target} lies beside {original}"),
        Kind::Undo => tracing::info!("replacement {id}: the original {original} is back in its place"),
        Kind::RestoreBeside => tracing::info!("replacement {id}: the original is back as {target}"),
    }
}

fn unavailable(error: StoreError) -> JournalError {
    JournalError::Unavailable(error.to_string())
}

fn step(tx: &Tx<'_>, record: &Replacement, next: State, detail: Option<&str>) -> Result<(), StoreError> {
    tx.replacement_advance(&Replacement { state: next, ..record.clone() }, record.state, detail)
}

/// The entry that an undo took hold of when it began.
fn leave_quarantine(tx: &Tx<'_>, record: &Replacement, to: QuarantineState) -> Result<(), StoreError> {
    match record.undoes {
        Some(undone) => tx.quarantine_set(undone, QuarantineState::Restoring, to).map(drop),
        None => Ok(()),
    }
}

/// Everything that follows from a replacement: the catalog's row, the verdict that keeps the output from being done
/// again, the outcome, and the job's end.
fn replaced(
    tx: &Tx<'_>,
    row: &StorageRow,
    record: &Replacement,
    placed: Option<FileIdentity>,
) -> Result<(), StoreError> {
    let Some(job_id) = record.job_id else { return Ok(()) };
    let job = tx.job(job_id)?;
    // Before the row changes: the outcome tells of the source, too.
    let summary = outcome::of(tx, &job, Ending::Replaced, Some(record.output.size_bytes))?;
    if let Some(identity) = placed {
        if !tx.job_intent(job.id)?.is_some_and(|intent| intent.encodes_video()) {
            // The same pictures in another container: what was found of them holds on.
            for (policy, verdict) in tx.verdicts_of(&record.source.content)? {
                tx.verdict_put(&identity.content, &policy, &verdict)?;
            }
        }
        tx.verdict_put(&identity.content, &job.policy, &Verdict::Made)?;
        if let Some(file_id) = job.file_id {
            let file = tx.file_replaced(file_id, row, &record.target, &identity)?;
            if let Some(proven) = outcome::proven_probe(tx, job.id)? {
                tx.probe_put(file_id, file.generation, &proven.info, proven.text.as_bytes(), &proven.tool)?;
            }
        }
    }
    tx.outcome_put(&summary)?;
    end_job(tx, record, Ending::Replaced)
}

fn end_job(tx: &Tx<'_>, record: &Replacement, ending: Ending) -> Result<(), StoreError> {
    let Some(job_id) = record.job_id else { return Ok(()) };
    let job = tx.job(job_id)?;
    if ending == Ending::Placed {
        tx.outcome_put(&outcome::of(tx, &job, ending, Some(record.output.size_bytes))?)?;
    }
    if job.status != JobStatus::Replacing {
        return Ok(());
    }
    let (was, is) = (job.source_bytes, record.output.size_bytes);
    #[allow(clippy::cast_precision_loss)]
    let percent = 100.0 - is as f64 * 100.0 / was.max(1) as f64;
    // What lies beside its original may have grown.
    let change = if is <= was { "smaller" } else { "larger" };
    let reason = format!("{} -> {}, {:.0} % {change}", text::bytes(was), text::bytes(is), percent.abs());
    tx.job_end(job_id, &JobEnd { ending, reason: &reason, cause: None, output_bytes: Some(is) })
}

/// The original lies at its place again: the catalog says so, and the policy leaves it alone from now on.
fn taken_back(
    tx: &Tx<'_>,
    row: &StorageRow,
    record: &Replacement,
    placed: Option<FileIdentity>,
) -> Result<(), StoreError> {
    // The job may have been cleared long ago; the replacement remembers what matters of it.
    if let Some(policy) = tx.replacement(record.id)?.and_then(|stored| stored.policy) {
        tx.verdict_put(&record.source.content, &policy, &Verdict::Undone)?;
    }
    if let (Some(file), Some(identity)) = (tx.file_at(row, &record.target)?, placed) {
        tx.file_replaced(file.id, row, &record.original, &identity)?;
    }
    Ok(())
}
