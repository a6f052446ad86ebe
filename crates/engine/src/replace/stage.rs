//! Making T: a durable, verified copy of the output beside the original.

use std::fs::File;
use std::io::Read as _;
use std::ops::ControlFlow;

use mediaflow_core::identity::Hash;
use mediaflow_transport::storage::content::PassingHash;
use mediaflow_transport::storage::{AttributeLoss, EntryKind, ErrorClass, NewFile, Operation, Reading, StorageError};

use super::drive::{Halt, Input, Run};
use super::{OwnerPolicy, Refusal};

/// What is written at once, and how often progress is told.
const CHUNK_BYTES: usize = 1024 * 1024;

impl Run<'_> {
    /// A worker's proof covered the worker's copy, so the bytes are hashed on the way in, and hashed again as the
    /// disk gives them back.
    pub(super) fn stage(&mut self, input: &Input<'_>) -> Result<(), Halt> {
        let storage = self.replacer.storage;
        let path = self.record.staging.clone();
        let mut file = storage.create(&path)?;
        self.losses = file.copy_attributes(&self.record.original)?;
        self.refuse_lost_owner()?;
        if self.copy(input, file.as_mut())? != self.record.output.hash {
            return Err(Refusal::OutputChanged.into());
        }
        if self.replacer.settings.keep_mtime {
            file.set_mtime_ns(self.record.source.stat.mtime_ns)?;
        }
        file.sync()?;
        file.close()?;
        if storage.hash(&path, Reading::PastCache)? != self.record.output.hash {
            let cause = "the disk gave back other bytes than were written";
            return Err(StorageError::new(Operation::Read, Some(&path), ErrorClass::Io, cause).into());
        }
        if storage.content_id(&path)? == self.record.source.content {
            return Err(Refusal::SameContent(self.record.original.clone()).into());
        }
        if let Some(entry) = storage.look(&path)?
            && entry.kind == EntryKind::File
        {
            self.looker.remember_output(entry.stat);
        }
        Ok(())
    }

    fn refuse_lost_owner(&self) -> Result<(), Halt> {
        if self.replacer.settings.owner == OwnerPolicy::Refuse {
            for loss in &self.losses {
                if let AttributeLoss::Owner { uid, gid } = *loss {
                    let path = self.record.original.clone();
                    return Err(Refusal::OwnerCannotBeKept { path, uid, gid }.into());
                }
            }
        }
        Ok(())
    }

    fn copy(&self, input: &Input<'_>, file: &mut dyn NewFile) -> Result<Hash, Halt> {
        let fail = |error| StorageError {
            operation: Operation::Read,
            path: input.output.display().to_string(),
            class: ErrorClass::Io,
            cause: format!("{error}"),
        };
        let mut output = File::open(input.output).map_err(|error: std::io::Error| fail(error))?;
        let mut passing = PassingHash::default();
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            let read = match output.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(fail(error).into()),
            };
            passing.update(&buffer[..read]);
            file.write_all(&buffer[..read])?;
            if (input.progress)(passing.count()) == ControlFlow::Break(()) {
                return Err(Refusal::Cancelled.into());
            }
        }
        Ok(passing.finish())
    }
}
