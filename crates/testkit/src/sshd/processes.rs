//! The processes of a server, as the system lists them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// Kills processes and all that descend from them. Each is stopped before its children are looked for, so that none is
/// born unseen.
pub(super) fn kill_with_descendants(roots: &[u32]) {
    let mut found: BTreeSet<u32> = roots.iter().copied().collect();
    let mut stopped = BTreeSet::new();
    while let Some(pid) = found.difference(&stopped).next().copied() {
        signal(pid, Signal::STOP);
        stopped.insert(pid);
        found.extend(parents().into_iter().filter(|(_, parent)| stopped.contains(parent)).map(|(child, _)| child));
    }
    for pid in stopped {
        signal(pid, Signal::KILL);
    }
}

/// All processes with their parents.
fn parents() -> BTreeMap<u32, u32> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse() else { continue };
        // Behind the name, which may hold anything: state, parent.
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1));
        if let Some(parent) = parent.and_then(|parent| parent.parse().ok()) {
            all.insert(pid, parent);
        }
    }
    all
}

fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // It may be gone by now.
        let _ = kill_process(pid, signal);
    }
}
