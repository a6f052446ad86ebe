//! Where originals wait: a folder on their own file system that no media server scans.

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::Capabilities;
use mediaflow_transport::storage::{EntryKind, ErrorClass, Operation, StorageError};

use super::{Refusal, ReplaceError, Replacer};

/// Name of the quarantine folder, at the storage's root or, where that is another file system than the original's, as
/// near to the original as a rename reaches.
pub const QUARANTINE_FOLDER: &str = ".mediaflow-quarantine";

/// What tells a media server to stay out: Plex reads patterns, Jellyfin and Emby look for an empty file.
const KEEP_OUT: [(&str, &[u8]); 2] = [(".plexignore", b"*\n"), (".ignore", b"")];

impl Replacer<'_> {
    /// Finds a quarantine folder by trial and says what the original's folder can do with it.
    pub(super) fn choose_quarantine(
        &self,
        original: &RelPath,
        trial: &str,
    ) -> Result<(RelPath, Capabilities), ReplaceError> {
        let folder = original.parent();
        let mut last = None;
        for candidate in candidates(original)? {
            match self.try_quarantine(&candidate, folder.as_ref(), trial) {
                Ok(capabilities) => {
                    self.keep_media_servers_out(&candidate, original).map_err(ReplaceError::Failed)?;
                    return Ok((candidate, capabilities));
                }
                // The first thing a trial does is to create a file beside the original.
                Err(error) if error.operation == Operation::Create && error.class != ErrorClass::NoSpace => {
                    return Err(Refusal::FolderNotWritable { path: original.clone(), cause: error.cause }.into());
                }
                Err(error) if may_work_elsewhere(error.class) => last = Some(error),
                Err(error) => return Err(ReplaceError::Failed(error)),
            }
        }
        let cause = last.map_or_else(String::new, |error| error.to_string());
        Err(Refusal::NoQuarantine { path: original.clone(), cause }.into())
    }

    fn try_quarantine(
        &self,
        quarantine: &RelPath,
        folder: Option<&RelPath>,
        trial: &str,
    ) -> Result<Capabilities, StorageError> {
        let made = self.storage.make_folder(quarantine);
        match self.storage.look(quarantine)? {
            Some(entry) if entry.kind == EntryKind::Folder => {}
            Some(_) => {
                let cause = "something else than a folder has this name";
                return Err(StorageError::new(Operation::MakeFolder, Some(quarantine), ErrorClass::Exists, cause));
            }
            None => made?,
        }
        let capabilities = self.storage.probe(folder, Some(quarantine), trial)?;
        // Also when it existed: whoever made it may have been killed before it was durable.
        self.storage.sync_folder(quarantine.parent().as_ref())?;
        Ok(capabilities)
    }

    /// A media server reads the original, so what it is to read here gets the original's owner and mode.
    fn keep_media_servers_out(&self, quarantine: &RelPath, original: &RelPath) -> Result<(), StorageError> {
        for (name, content) in KEEP_OUT {
            let Ok(path) = quarantine.join(name.as_bytes()) else { continue };
            if self.storage.look(&path)?.is_none() {
                let mut file = self.storage.create(&path)?;
                file.write_all(content)?;
                // What cannot be given of them is no reason to stop: the dot name alone keeps Plex out.
                file.copy_attributes(original)?;
                file.sync()?;
                file.close()?;
            }
        }
        Ok(())
    }
}

/// Another file system, a folder of somebody else, a name that is taken: not so nearer to the original, perhaps. A full
/// or failing disk will not be better there.
const fn may_work_elsewhere(class: ErrorClass) -> bool {
    matches!(
        class,
        ErrorClass::CrossDevice
            | ErrorClass::Permission
            | ErrorClass::ReadOnly
            | ErrorClass::Exists
            | ErrorClass::NotSupported
            | ErrorClass::Symlink
    )
}

/// The root first, so that there is one quarantine where one is enough; then from the original's folder upwards.
fn candidates(original: &RelPath) -> Result<Vec<RelPath>, ReplaceError> {
    let name = QUARANTINE_FOLDER.as_bytes();
    let mut candidates = vec![RelPath::new(name).map_err(invalid)?];
    let mut folder = original.parent();
    while let Some(above) = folder {
        candidates.push(above.join(name).map_err(invalid)?);
        folder = above.parent();
    }
    Ok(candidates)
}

fn invalid(error: mediaflow_core::path::PathError) -> ReplaceError {
    Refusal::from(mediaflow_core::replace::BeginError::from(error)).into()
}
