//! The record of one replacement: everything recovery needs, written down before the first file is made.

use serde::{Deserialize, Serialize};

use super::{Mechanism, Name, ReplacementId, State};
use crate::identity::{FileIdentity, Hash};
use crate::path::{PathError, RelPath};
use crate::proof::Proven;

/// What a replacement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The output takes the original's place; the original waits in quarantine.
    Replace,
    /// The original comes back out of quarantine; the output is removed.
    Undo,
    /// The output gets a free name beside the original, which is not touched.
    Beside,
    /// The original comes back under a free name beside whatever took its place.
    RestoreBeside,
}

/// The proven output, all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Hash of the whole file.
    pub hash: Hash,
    /// Length in bytes.
    pub size_bytes: u64,
}

/// One replacement. Its names lie in one storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// Its id, which also carries the installation's epoch.
    pub id: ReplacementId,
    /// What it is for.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// How the swap is done.
    pub mechanism: Mechanism,
    /// The store's id of the storage.
    pub storage_id: i64,
    /// The store's id of the job that asked for it.
    pub job_id: Option<i64>,
    /// Token of the attempt that may take steps; the journal refuses those of any other.
    pub fencing_token: u64,
    /// O: where the original lies, or belongs.
    pub original: RelPath,
    /// N: where the output belongs; for [`Kind::RestoreBeside`] the free name for the original.
    pub target: RelPath,
    /// T: the staged file in O's folder.
    pub staging: RelPath,
    /// Q: the original's place in quarantine. Unused by [`Kind::Beside`].
    pub quarantine: RelPath,
    /// The note beside Q, with this record in it. Unused by [`Kind::Beside`].
    pub note: RelPath,
    /// The original as it was when the output was proven against it.
    pub source: FileIdentity,
    /// The proven output.
    pub output: Output,
    /// The replacement that [`Kind::Undo`] and [`Kind::RestoreBeside`] take back.
    pub undoes: Option<ReplacementId>,
}

/// What the driver found out before a replacement begins.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The new id.
    pub id: ReplacementId,
    /// How the swap will be done.
    pub mechanism: Mechanism,
    /// The store's id of the storage.
    pub storage_id: i64,
    /// The store's id of the job.
    pub job_id: Option<i64>,
    /// The attempt's token.
    pub fencing_token: u64,
    /// O.
    pub original: RelPath,
    /// N.
    pub target: RelPath,
    /// The quarantine folder; it lies on O's file system.
    pub quarantine_folder: RelPath,
    /// O as it was when the output was proven against it.
    pub source: FileIdentity,
}

/// Why a replacement cannot be written down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// The proof compared the output with other bytes.
    #[error("the output was proven against another file than {0}")]
    ProvenAgainstAnother(RelPath),
    /// N is not in O's folder.
    #[error("{target} is not in the folder of {original}")]
    AnotherFolder {
        /// O.
        original: RelPath,
        /// N.
        target: RelPath,
    },
    /// A name could not be formed.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Replacement {
    /// Begins to put a proven output in the original's place.
    pub fn replace(draft: Draft, proven: &Proven) -> Result<Self, BeginError> {
        Self::from_draft(draft, Kind::Replace, proven)
    }

    /// Begins to put a proven output beside the original.
    pub fn beside(draft: Draft, proven: &Proven) -> Result<Self, BeginError> {
        Self::from_draft(draft, Kind::Beside, proven)
    }

    fn from_draft(draft: Draft, kind: Kind, proven: &Proven) -> Result<Self, BeginError> {
        if proven.source() != draft.source.content {
            return Err(BeginError::ProvenAgainstAnother(draft.original));
        }
        if draft.original.parent() != draft.target.parent() {
            return Err(BeginError::AnotherFolder { original: draft.original, target: draft.target });
        }
        let id = draft.id;
        Ok(Self {
            id,
            kind,
            state: State::Intent,
            mechanism: draft.mechanism,
            storage_id: draft.storage_id,
            job_id: draft.job_id,
            fencing_token: draft.fencing_token,
            staging: staging_name(&draft.original, id)?,
            quarantine: draft.quarantine_folder.join(format!("{id}.mfq").as_bytes())?,
            note: draft.quarantine_folder.join(format!("{id}.mfq.json").as_bytes())?,
            original: draft.original,
            target: draft.target,
            source: draft.source,
            output: Output { hash: proven.output_hash(), size_bytes: proven.output_bytes() },
            undoes: None,
        })
    }

    /// Begins to take `done` back, under an id of its own.
    pub fn undo(done: &Self, id: ReplacementId, mechanism: Mechanism, fencing_token: u64) -> Result<Self, BeginError> {
        Ok(Self {
            id,
            kind: Kind::Undo,
            state: State::Intent,
            mechanism,
            fencing_token,
            staging: staging_name(&done.original, id)?,
            undoes: Some(done.id),
            ..done.clone()
        })
    }

    /// Begins to bring the original of `done` back as `free`, a name in its folder that nothing has.
    pub fn restore_beside(
        done: &Self,
        id: ReplacementId,
        free: RelPath,
        fencing_token: u64,
    ) -> Result<Self, BeginError> {
        let undo = Self::undo(done, id, Mechanism::NewExtension, fencing_token)?;
        Ok(Self { kind: Kind::RestoreBeside, target: free, ..undo })
    }

    /// Whether the output takes the original's own name.
    #[must_use]
    pub fn same_name(&self) -> bool {
        self.original == self.target
    }

    /// Whether files other than T may have been moved already. From here on a failed sync is never worked around.
    #[must_use]
    pub fn swap_may_have_begun(&self) -> bool {
        match self.kind {
            Kind::Replace | Kind::Undo => self.state >= State::Ready,
            Kind::Beside => self.state >= State::Staged,
            Kind::RestoreBeside => true,
        }
    }

    /// The path that a name stands for.
    #[must_use]
    pub const fn path(&self, name: Name) -> &RelPath {
        match name {
            Name::Original => &self.original,
            Name::Target => &self.target,
            Name::Staging => &self.staging,
            Name::Quarantine => &self.quarantine,
        }
    }
}

/// A fixed short name: a long title plus a suffix would exceed what a file system takes.
fn staging_name(original: &RelPath, id: ReplacementId) -> Result<RelPath, PathError> {
    original.with_file_name(format!(".mf-{id}.part").as_bytes())
}
