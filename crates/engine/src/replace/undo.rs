//! Taking a replacement back.

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Found, Kind, Mechanism, Name, Replacement, ReplacementId};
use mediaflow_transport::storage::Operation;

use super::drive::Run;
use super::note::Note;
use super::{HeldStatus, Outcome, Refusal, ReplaceError, Replacer};

/// The longest file name that the common file systems take, in bytes.
const NAME_LIMIT_BYTES: usize = 255;

impl Replacer<'_> {
    /// Brings the original of a replacement back to its path and removes the output. `new_id` names the undo itself.
    ///
    /// Refuses with [`Refusal::ChangedSince`] when the file in place is no longer the output, and with
    /// [`Refusal::TargetExists`] when another file has the original's path: [`Self::restore_beside`] works then.
    pub fn undo(&self, id: ReplacementId, new_id: ReplacementId, fencing_token: u64) -> Result<Outcome, ReplaceError> {
        self.undo_record(&self.held_record(id)?, new_id, fencing_token)
    }

    /// The same for a record that was read from a [`super::Note`], when the database is lost.
    pub fn undo_record(
        &self,
        done: &Replacement,
        new_id: ReplacementId,
        fencing_token: u64,
    ) -> Result<Outcome, ReplaceError> {
        let mechanism = self.undo_mechanism(done)?;
        let record = Replacement::undo(done, new_id, mechanism, fencing_token).map_err(Refusal::from)?;
        let run = self.locked_run(record, done)?;
        if run.found(Name::Target).map_err(ReplaceError::Failed)? != Found::Output {
            return Err(Refusal::ChangedSince(done.target.clone()).into());
        }
        let path_is_taken =
            !done.same_name() && self.storage.look(&done.original).map_err(ReplaceError::Failed)?.is_some();
        if path_is_taken {
            return Err(Refusal::TargetExists(done.original.clone()).into());
        }
        self.journal.begin(&run.record)?;
        run.drive()
    }

    /// Brings the original back under a free name beside whatever has its place now. Nothing is removed.
    pub fn restore_beside(
        &self,
        id: ReplacementId,
        new_id: ReplacementId,
        fencing_token: u64,
    ) -> Result<Outcome, ReplaceError> {
        let done = self.held_record(id)?;
        let free = self.free_name(&done.original)?;
        let record = Replacement::restore_beside(&done, new_id, free, fencing_token).map_err(Refusal::from)?;
        let run = self.locked_run(record, &done)?;
        self.journal.begin(&run.record)?;
        run.drive()
    }

    fn held_record(&self, id: ReplacementId) -> Result<Replacement, ReplaceError> {
        let held = self.journal.held(self.settings.storage_id)?;
        let entry = held.into_iter().find(|held| held.replacement.id == id && held.status == HeldStatus::Held);
        entry.map(|held| held.replacement).ok_or_else(|| Refusal::NotHeld(id).into())
    }

    /// The note is locked before the record is written, so that two undos of one replacement cannot both begin.
    fn locked_run(&self, record: Replacement, done: &Replacement) -> Result<Run<'_>, ReplaceError> {
        let mut run = Run::new(self, record);
        if run.found(Name::Quarantine).map_err(ReplaceError::Failed)? != Found::Source {
            return Err(Refusal::OriginalNotInQuarantine(run.record.original.clone()).into());
        }
        if !run.note_exists().map_err(ReplaceError::Failed)? {
            Note::write(self.storage, done).map_err(ReplaceError::Failed)?;
        }
        run.take_lock()?;
        Ok(run)
    }

    fn undo_mechanism(&self, done: &Replacement) -> Result<Mechanism, ReplaceError> {
        let (folder, quarantine) = (done.original.parent(), done.quarantine.parent());
        // By the replacement's own name: the next undo of it removes what one that was killed in its trial left.
        let tag = format!("{}-undo", done.id);
        let capabilities =
            self.storage.probe(folder.as_ref(), quarantine.as_ref(), &tag).map_err(|error| match error.operation {
                Operation::Create => {
                    ReplaceError::from(Refusal::FolderNotWritable { path: done.original.clone(), cause: error.cause })
                }
                _ => ReplaceError::Failed(error),
            })?;
        // Who went there by two renames may come back the same way.
        let allowed = self.settings.allow_two_renames || done.mechanism == Mechanism::TwoRenames;
        Mechanism::choose(Kind::Undo, done.same_name(), &capabilities, allowed)
            .ok_or_else(|| Refusal::NoMechanism(done.original.clone()).into())
    }

    fn free_name(&self, original: &RelPath) -> Result<RelPath, ReplaceError> {
        for number in 1..1000 {
            let mark = if number == 1 { " (original)".to_owned() } else { format!(" (original {number})") };
            let tail = &original.file_name()[original.stem().len()..];
            let room = NAME_LIMIT_BYTES.saturating_sub(mark.len() + tail.len());
            let mut name = shortened(original.stem(), room).to_vec();
            name.extend_from_slice(mark.as_bytes());
            name.extend_from_slice(tail);
            let path = original.with_file_name(&name).map_err(|error| Refusal::Begin(error.into()))?;
            if self.storage.look(&path).map_err(ReplaceError::Failed)?.is_none() {
                return Ok(path);
            }
        }
        Err(Refusal::TargetExists(original.clone()).into())
    }
}

/// At most `room` bytes of a name, cut between characters where it is text.
fn shortened(stem: &[u8], room: usize) -> &[u8] {
    let mut end = room.min(stem.len());
    if end < stem.len()
        && let Ok(text) = std::str::from_utf8(stem)
    {
        while !text.is_char_boundary(end) {
            end -= 1;
        }
    }
    &stem[..end]
}
