//! Who a process is. Its id alone says nothing: the system gives it to another one later, and after a reboot at once.

use serde::{Deserialize, Serialize};

/// A process id together with when that process started, in the system's own terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ProcessId {
    pub(super) pid: i32,
    /// Linux: clock ticks since boot. Elsewhere: the date as `ps` prints it.
    pub(super) started: String,
}

impl ProcessId {
    /// The process that has this id now, also when it has ended and waits to be reaped.
    pub(super) fn of(pid: i32) -> Option<Self> {
        Some(Self { pid, started: look(pid)?.started })
    }

    /// Whether this very process still runs.
    pub(super) fn is_alive(&self) -> bool {
        look(self.pid).is_some_and(|now| now.started == self.started && !now.has_ended)
    }

    /// Whether the id was given to another process.
    pub(super) fn was_reused(&self) -> bool {
        look(self.pid).is_some_and(|now| now.started != self.started)
    }
}

/// What the system tells about a process id.
pub(super) struct Look {
    pub(super) started: String,
    /// A zombie: it has ended, and its parent has not asked for its exit code.
    pub(super) has_ended: bool,
    /// The session it belongs to; unknown outside Linux.
    #[cfg(target_os = "linux")]
    pub(super) session: i32,
}

/// Reads `/proc/PID/stat`. The name in it is in parentheses and may hold any character, so fields count from the
/// last `)`: state is field 3 of proc(5), session 6, start time 22.
#[cfg(target_os = "linux")]
pub(super) fn look(pid: i32) -> Option<Look> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    Some(Look {
        started: (*fields.get(19)?).to_owned(),
        has_ended: matches!(*fields.first()?, "Z" | "X" | "x"),
        session: fields.get(3)?.parse().ok()?,
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn look(pid: i32) -> Option<Look> {
    let text = ps(&["-o", "stat=,lstart=", "-p", &pid.to_string()])?;
    let (state, started) = text.split_once(char::is_whitespace)?;
    Some(Look { started: started.trim().to_owned(), has_ended: state.starts_with('Z') })
}

/// What tells this boot from every other one.
#[cfg(target_os = "linux")]
pub(crate) fn boot_id() -> Option<String> {
    Some(std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned())
}

/// When the first process started.
#[cfg(not(target_os = "linux"))]
pub(crate) fn boot_id() -> Option<String> {
    ps(&["-o", "lstart=", "-p", "1"])
}

#[cfg(not(target_os = "linux"))]
fn ps(args: &[&str]) -> Option<String> {
    let output = std::process::Command::new("/bin/ps").args(args).env("LC_ALL", "C").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!text.is_empty()).then_some(text)
}
