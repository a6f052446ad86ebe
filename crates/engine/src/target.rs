//! Where an output goes, and what may stand in its way.

use mediaflow_core::media::Container;
use mediaflow_core::path::{PathError, RelPath};
use mediaflow_transport::storage::{EntryKind, Storage, StorageError};

use crate::replace::Refusal;

/// Why no name could be given to an output.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The name cannot be formed.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The folder could not be looked at.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The name of an output that takes its original's place: the same, unless the container changes.
pub fn replacing(original: &RelPath, container: Container) -> Result<RelPath, TargetError> {
    let extension = original.extension();
    let fits = match container {
        Container::Mp4 => matches!(extension.as_str(), "mp4" | "m4v"),
        _ => extension == container.extension(),
    };
    if fits { Ok(original.clone()) } else { Ok(original.with_extension(container.extension())?) }
}

/// A free name beside the original: `{name} V2.{ext}`, and V3 and on where taken.
pub fn beside(disk: &dyn Storage, original: &RelPath, container: Container) -> Result<RelPath, TargetError> {
    let mut version = 2_u32;
    loop {
        let mut name = original.stem().to_vec();
        name.extend_from_slice(format!(" V{version}.{}", container.extension()).as_bytes());
        let path = original.with_file_name(&name)?;
        if disk.look(&path)?.is_none() {
            return Ok(path);
        }
        version = version.saturating_add(1);
    }
}

/// What would make the replacement refuse in the end, told by a look beforehand. The replacement looks again.
pub fn obstacle(disk: &dyn Storage, original: &RelPath, container: Container) -> Result<Option<Refusal>, TargetError> {
    let Some(entry) = disk.look(original)? else { return Ok(Some(Refusal::OriginalMissing(original.clone()))) };
    Ok(match entry.kind {
        EntryKind::Symlink => Some(Refusal::Symlink(original.clone())),
        EntryKind::File if entry.stat.links > 1 => {
            Some(Refusal::HardLinked { path: original.clone(), links: entry.stat.links })
        }
        EntryKind::File => {
            let target = replacing(original, container)?;
            let taken = target != *original && disk.look(&target)?.is_some();
            taken.then_some(Refusal::TargetExists(target))
        }
        _ => Some(Refusal::NotAFile(original.clone())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_changes_only_with_the_container() {
        for (from, container, to) in [
            ("a/Film.MKV", Container::Matroska, "a/Film.MKV"),
            ("Film.m4v", Container::Mp4, "Film.m4v"),
            ("Film.mov", Container::Mp4, "Film.mp4"),
            ("Film.avi", Container::Matroska, "Film.mkv"),
            ("Film", Container::Matroska, "Film.mkv"),
        ] {
            let target = replacing(&RelPath::new(from).unwrap(), container).unwrap();
            assert_eq!(target, RelPath::new(to).unwrap(), "{from}");
        }
    }
}
