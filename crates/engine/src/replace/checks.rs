//! What must hold before a replacement is even written down.

use mediaflow_core::path::RelPath;
use mediaflow_core::proof::Proven;
use mediaflow_core::replace::{Capabilities, Draft, Epoch, Kind, Mechanism, Replacement};
use mediaflow_transport::storage::{Entry, EntryKind, ErrorClass, StorageError, TRIAL_MARK};

use super::look::Looker;
use super::{Refusal, ReplaceError, Replacer, Request};

/// Room asked for beyond the output's length: folder blocks, the note, extended attributes.
const SPACE_MARGIN_BYTES: u64 = 4 * 1024 * 1024;

impl Replacer<'_> {
    /// Looks at everything, chooses quarantine and mechanism, and forms the record.
    pub(super) fn check(
        &self,
        request: &Request<'_>,
        kind: Kind,
        proven: &Proven,
    ) -> Result<Replacement, ReplaceError> {
        let original = self.check_original(&request.original)?;
        let target = self.check_target(request, &original)?;
        let (quarantine_folder, capabilities) = self.choose_quarantine(&request.original, &trial_of(request))?;
        let same_name = target == request.original;
        let needs_link = capabilities.link && !capabilities.exchange && same_name;
        let may_link = !needs_link || self.may_link(request, &quarantine_folder).map_err(ReplaceError::Failed)?;
        let capabilities = Capabilities { link: capabilities.link && may_link, ..capabilities };
        let mechanism = Mechanism::choose(kind, same_name, &capabilities, self.settings.allow_two_renames)
            .ok_or_else(|| Refusal::NoMechanism(request.original.clone()))?;
        let draft = Draft {
            id: request.id,
            mechanism,
            storage_id: self.settings.storage_id,
            job_id: request.job_id,
            fencing_token: request.fencing_token,
            original: request.original.clone(),
            target,
            quarantine_folder,
            source: request.source,
        };
        let record = match kind {
            Kind::Beside => Replacement::beside(draft, proven),
            _ => Replacement::replace(draft, proven),
        }
        .map_err(Refusal::from)?;
        self.check_identity(&record)?;
        self.check_names_are_free(&record)?;
        self.check_space(&record)?;
        Ok(record)
    }

    fn check_original(&self, path: &RelPath) -> Result<Entry, ReplaceError> {
        let entry = match self.storage.look(path) {
            Ok(Some(entry)) => entry,
            Ok(None) => return Err(Refusal::OriginalMissing(path.clone()).into()),
            // One of the folders above it is a link: what is renamed there lies elsewhere than it seems.
            Err(error) if error.class == ErrorClass::Symlink => return Err(Refusal::Symlink(path.clone()).into()),
            Err(error) => return Err(ReplaceError::Failed(error)),
        };
        match entry.kind {
            EntryKind::File if entry.stat.links > 1 => {
                Err(Refusal::HardLinked { path: path.clone(), links: entry.stat.links }.into())
            }
            EntryKind::File => Ok(entry),
            EntryKind::Symlink => Err(Refusal::Symlink(path.clone()).into()),
            EntryKind::Folder | EntryKind::Other => Err(Refusal::NotAFile(path.clone()).into()),
        }
    }

    /// N must be free, or be O: also under another spelling, where the storage itself answers to both.
    fn check_target(&self, request: &Request<'_>, original: &Entry) -> Result<RelPath, ReplaceError> {
        let (o, n) = (&request.original, &request.target);
        if o == n {
            return Ok(o.clone());
        }
        match self.storage.look(n).map_err(ReplaceError::Failed)? {
            None => Ok(n.clone()),
            Some(entry) if entry == *original && o.comparison_key(true) == n.comparison_key(true) => Ok(o.clone()),
            Some(_) => Err(Refusal::TargetExists(n.clone()).into()),
        }
    }

    fn check_identity(&self, record: &Replacement) -> Result<(), ReplaceError> {
        match self.storage.identity(&record.original).map_err(ReplaceError::Failed)? {
            Some(identity) if Looker::new(self.storage, record).is_source(&identity) => Ok(()),
            Some(_) => Err(Refusal::SourceChanged(record.original.clone()).into()),
            None => Err(Refusal::OriginalMissing(record.original.clone()).into()),
        }
    }

    /// The names carry the id, so nothing can have them but an earlier life of this database.
    fn check_names_are_free(&self, record: &Replacement) -> Result<(), ReplaceError> {
        for path in [&record.staging, &record.quarantine, &record.note] {
            if self.storage.look(path).map_err(ReplaceError::Failed)?.is_some() {
                return Err(Refusal::IdInUse(path.clone()).into());
            }
        }
        Ok(())
    }

    fn check_space(&self, record: &Replacement) -> Result<(), ReplaceError> {
        let free_bytes = self.storage.free_bytes(record.original.parent().as_ref()).map_err(ReplaceError::Failed)?;
        let needed_bytes = record.output.size_bytes.saturating_add(SPACE_MARGIN_BYTES);
        if free_bytes < needed_bytes {
            return Err(Refusal::NoSpace { path: record.original.clone(), needed_bytes, free_bytes }.into());
        }
        Ok(())
    }

    /// Whether this very file may be linked: Linux forbids it for files of others (`protected_hardlinks`), which a
    /// trial with a file of our own does not show.
    fn may_link(&self, request: &Request<'_>, quarantine: &RelPath) -> Result<bool, StorageError> {
        let name = format!("{TRIAL_MARK}{}-o", trial_of(request));
        let Ok(trial) = quarantine.join(name.as_bytes()) else { return Ok(false) };
        if let Err(error) = self.storage.link(&request.original, &trial)
            // A lost answer is no answer: what counts is whether the name is there.
            && self.storage.look(&trial)?.is_none()
        {
            return if error.is_unreachable() { Err(error) } else { Ok(false) };
        }
        match self.storage.remove(&trial) {
            Err(error) if self.storage.look(&trial)?.is_some() => Err(error),
            _ => Ok(true),
        }
    }
}

/// What a job's trials are called, so that its next replacement finds what one has left behind whose storage went away.
pub(crate) fn trial_of_job(epoch: Epoch, job_id: i64) -> String {
    format!("{:016x}-job-{job_id}", epoch.0)
}

fn trial_of(request: &Request<'_>) -> String {
    request.job_id.map_or_else(|| request.id.to_string(), |job_id| trial_of_job(request.id.epoch(), job_id))
}
