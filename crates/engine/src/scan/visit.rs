//! Walking the folder of a scan.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

use mediaflow_core::identity::Stat;
use mediaflow_core::path::RelPath;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::walk::{Seen, Skip};

use super::known::{Known, Look};
use super::record::Found;
use super::report::Counters;
use super::{Folder, OpenStorage, ScanError};

/// What a walk leaves behind.
#[derive(Default)]
pub(super) struct Visited {
    pub seen: u64,
    pub skipped: BTreeMap<Skip, u64>,
    /// Folders that could not be listed, for the user.
    pub unread_folders: Vec<(PathBuf, String)>,
    /// The same as paths of the storage: what is known below them is not missing.
    pub unread: Vec<RelPath>,
    /// The listing of the root itself broke off.
    pub root_unread: bool,
}

/// What is walked, and what was known of it before.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub disk: &'a OpenStorage,
    pub folder: &'a Folder,
    pub known: &'a Known,
}

/// Walks a folder and hands each file on, to be probed or written down. It ends early when asked to, or when nobody
/// takes the files any more.
pub(super) fn visit(
    Ground { disk, folder, known }: Ground<'_>,
    to_probe: &SyncSender<(RelPath, Stat)>,
    found: &SyncSender<Found>,
    cancel: &Cancel,
    counters: &Counters,
    tell: &dyn Fn(),
) -> Result<Visited, ScanError> {
    let mut visited = Visited::default();
    let root = folder.root();
    disk.walk(&root, &folder.elsewhere, cancel, &mut |seen| {
        let sent = match seen {
            Seen::File { path, stat, kind } => {
                let Ok(path) = folder.in_storage(path) else { return ControlFlow::Continue(()) };
                visited.seen = counters.seen.fetch_add(1, Ordering::Relaxed) + 1;
                match known.look(&path, stat, kind) {
                    Look::Unchanged(id) => found.send(Found::Unchanged(id)).is_ok(),
                    Look::Place(id) => found.send(Found::Unplaced { id, path }).is_ok(),
                    Look::Note(seen) => found.send(Found::Noted(seen)).is_ok(),
                    Look::Probe => {
                        counters.to_probe.fetch_add(1, Ordering::Relaxed);
                        to_probe.send((path, stat)).is_ok()
                    }
                }
            }
            Seen::Skipped { why, .. } => {
                *visited.skipped.entry(why).or_default() += 1;
                true
            }
            Seen::Unreadable { path, error } => {
                let shown =
                    path.as_ref().map_or_else(|| root.clone(), |path| root.join(OsStr::from_bytes(path.as_bytes())));
                visited.unread_folders.push((shown, error.to_string()));
                let path = path.map(|path| folder.in_storage(path));
                let is_known = path.as_ref().and_then(|path| known.id(path.as_ref().ok()?));
                match path {
                    None => visited.root_unread = true,
                    Some(path) => visited.unread.extend(path),
                }
                // A known file that cannot be looked at just now is still there.
                is_known.is_none_or(|id| found.send(Found::Unchanged(id)).is_ok())
            }
        };
        tell();
        if sent && !cancel.is_cancelled() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    counters.walked.store(true, Ordering::Relaxed);
    tell();
    Ok(visited)
}
