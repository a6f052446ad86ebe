//! Ending everything that a supervisor started, also what left its child's process group.

use rustix::process::{Pid, Signal, kill_process_group};

use super::files::State;

/// Kills all of the supervisor's session except the supervisor, and returns when it is gone.
///
/// A session's number is not given away while anyone is in it. If its leader's id now belongs to a stranger, the
/// session has ended long ago, and whoever is in a session of that number is the stranger's.
#[cfg(target_os = "linux")]
pub(super) fn kill_all(state: &State) {
    use std::time::{Duration, Instant};

    if super::identity::boot_id().as_ref() != Some(&state.boot_id) || state.supervisor.was_reused() {
        return;
    }
    kill_child_group(state);
    // A killed process takes a moment to go, and may have forked just before; the limit is for one that hangs in
    // the kernel on a dead network mount, which nothing can kill.
    let deadline = Instant::now() + Duration::from_millis(500);
    loop {
        let members = members(state);
        if members.is_empty() || Instant::now() > deadline {
            return;
        }
        for pid in members {
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(target_os = "linux")]
fn members(state: &State) -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let supervisor = state.supervisor.pid;
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| *pid != supervisor)
        .filter(|pid| super::identity::look(*pid).is_some_and(|now| now.session == supervisor && !now.has_ended))
        .filter_map(Pid::from_raw)
        .collect()
}

/// Kills the process group of the running step.
#[cfg(not(target_os = "linux"))]
pub(super) fn kill_all(state: &State) {
    if super::identity::boot_id().as_ref() == Some(&state.boot_id) {
        kill_child_group(state);
    }
}

fn kill_child_group(state: &State) {
    signal_child_group(state, Signal::KILL);
}

/// Signals the process group of the running step, if there is one.
pub(super) fn signal_child_group(state: &State, signal: Signal) {
    let child = state.child.as_ref().filter(|child| child.is_alive());
    if let Some(group) = child.and_then(|child| Pid::from_raw(child.pid)) {
        let _ = kill_process_group(group, signal);
    }
}
