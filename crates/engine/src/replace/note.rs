//! The note beside an original in quarantine: enough to take the replacement back without a database.

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::Replacement;
use mediaflow_transport::storage::{ErrorClass, Operation, Storage, StorageError};
use serde::{Deserialize, Serialize};

/// Larger than any record with two paths of 4096 bytes written as numbers.
const LIMIT_BYTES: u64 = 256 * 1024;

/// What stands in the note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// For a person who finds the file.
    pub about: String,
    /// Where the original belongs, as text.
    pub original: String,
    /// The record, with the id that carries the installation's epoch; its state is the one it was written in.
    pub replacement: Replacement,
}

impl Note {
    /// Reads a note; `None` when there is none or it is not whole.
    pub fn read(storage: &dyn Storage, path: &RelPath) -> Result<Option<Self>, StorageError> {
        match storage.read(path, LIMIT_BYTES) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.class == ErrorClass::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the note of a replacement and makes its bytes durable; its name is not durable before the folder is.
    pub(super) fn write(storage: &dyn Storage, record: &Replacement) -> Result<(), StorageError> {
        let note = Self {
            about: "MediaFlow replaced a file and keeps the original beside this note; `mediaflow undo` brings it back"
                .to_owned(),
            original: record.original.to_string(),
            replacement: record.clone(),
        };
        let text = serde_json::to_vec_pretty(&note)
            .map_err(|error| StorageError::new(Operation::Write, Some(&record.note), ErrorClass::Io, error))?;
        let mut file = storage.create(&record.note)?;
        file.write_all(&text)?;
        file.sync()?;
        file.close()
    }

    /// Whether this is the note of `record`, or of the replacement that `record` takes back.
    pub(super) fn belongs_to(&self, record: &Replacement) -> bool {
        let noted = &self.replacement;
        noted.id == record.undoes.unwrap_or(record.id)
            && noted.source == record.source
            && noted.output == record.output
            && noted.original == record.original
    }
}
