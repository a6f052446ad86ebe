//! What the store knows of a folder, and what that means for a file met there.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use mediaflow_core::identity::Stat;
use mediaflow_core::path::RelPath;
use mediaflow_store::{FileKind, KnownFile, SeenFile, Store};
use mediaflow_transport::walk;

use super::{Folder, ScanError};

/// The files of a folder as the last scan left them.
pub(super) struct Known {
    files: HashMap<RelPath, Entry>,
    /// Those that lie in the library's catalog. One that was scanned for another library, or before this one was removed
    /// and made again, is known and not among them.
    placed: HashSet<i64>,
}

struct Entry {
    id: i64,
    kind: FileKind,
    is_probed: bool,
    stat: Option<Stat>,
}

/// What is to be done about a file.
pub(super) enum Look {
    /// Nothing: it is as it was.
    Unchanged(i64),
    /// It is as it was, and not in the library's catalog yet.
    Place(i64),
    /// Write down what the look showed; there is nothing to probe.
    Note(SeenFile),
    /// Probe it.
    Probe,
}

impl Known {
    pub(super) fn load(store: &Store, folder: &Folder) -> Result<Self, ScanError> {
        let mut files = HashMap::new();
        let placed = store.read(|reader| {
            reader.files_known(folder.storage.id, |file| {
                if folder.contains(&file.path) {
                    let KnownFile { id, path, kind, stat, probed } = file;
                    files.insert(path, Entry { id, kind, is_probed: probed, stat });
                }
                ControlFlow::Continue(())
            })?;
            reader.files_of_library(folder.library.id)
        })?;
        Ok(Self { files, placed })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub(super) fn len(&self) -> u64 {
        self.files.len() as u64
    }

    pub(super) fn id(&self, path: &RelPath) -> Option<i64> {
        self.files.get(path).map(|entry| entry.id)
    }

    /// A file is as it was when size and modification time are: inode and device numbers change on network storages
    /// with every mount, and a job looks at the content itself before it trusts a file.
    pub(super) fn look(&self, path: &RelPath, stat: Stat, kind: walk::FileKind) -> Look {
        let known = self.files.get(path);
        let same = known.filter(|known| {
            known.stat.is_some_and(|was| (was.size_bytes, was.mtime_ns) == (stat.size_bytes, stat.mtime_ns))
        });
        let noted =
            |kind, reason| Look::Note(SeenFile { path: path.clone(), kind, reason, stat: Some(stat), content: None });
        if kind != walk::FileKind::Media {
            let (stored, reason) = not_media(kind);
            return match same {
                Some(known) if known.kind == stored => Look::Unchanged(known.id),
                _ => noted(stored, reason),
            };
        }
        match same {
            Some(known) if known.kind == FileKind::Media && known.is_probed => {
                if known.stat.is_some_and(|was| was.links == stat.links) {
                    if self.placed.contains(&known.id) { Look::Unchanged(known.id) } else { Look::Place(known.id) }
                } else {
                    noted(FileKind::Media, links_note(stat))
                }
            }
            // What could not be read for a reason that lies in the file will not be readable while it stays the same.
            // A probe beside that says that it could once be read, so the reason lay elsewhere.
            Some(known) if known.kind == FileKind::Unreadable && !known.is_probed => Look::Unchanged(known.id),
            _ => Look::Probe,
        }
    }
}

fn not_media(kind: walk::FileKind) -> (FileKind, Option<String>) {
    match kind {
        walk::FileKind::Sidecar => (FileKind::Sidecar, None),
        walk::FileKind::Partial => (FileKind::Other, Some("a download or copy that has not ended".to_owned())),
        walk::FileKind::Media | walk::FileKind::Other => (FileKind::Other, None),
    }
}

/// What is to be said of a file with several names; an original with hard links is never replaced.
pub(super) fn links_note(stat: Stat) -> Option<String> {
    (stat.links > 1).then(|| format!("it has {} names (hard links), so replacing it would free nothing", stat.links))
}
