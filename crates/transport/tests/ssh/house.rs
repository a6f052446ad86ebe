//! A server, and what is asked of it.

use std::path::Path;
use std::time::{Duration, Instant};

use mediaflow_testkit::sshd::{Door, Sshd};
use mediaflow_transport::ssh::{Host, Login, RemoteMachine, Ssh};
use tempfile::TempDir;

pub struct House {
    pub dir: TempDir,
    pub sshd: Sshd,
    pub ssh: Ssh,
}

impl House {
    /// `None`, said aloud, where there is no `sshd`.
    pub fn new() -> Option<Self> {
        Self::with(Door::Keys)
    }

    pub fn with(door: Door) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let Some(sshd) = Sshd::start_with(&dir.path().join("sshd"), door).unwrap() else {
            println!("skipped: there is no sshd here that can open {door:?}");
            return None;
        };
        Some(Self { dir, sshd, ssh: Ssh::start().unwrap() })
    }

    pub fn host(&self) -> Host {
        let key = Login::KeyFile { path: self.sshd.key(), passphrase: None };
        Host {
            address: "127.0.0.1".to_owned(),
            port: self.sshd.port(),
            user: user(),
            logins: vec![key],
            pinned: None,
            via: None,
        }
    }

    pub fn machine(&self) -> RemoteMachine {
        self.ssh.machine(self.host())
    }
}

pub fn user() -> String {
    let said = std::process::Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

#[track_caller]
pub fn wait_for<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The process ids that a program wrote down, one a line.
pub fn pids_in(path: &Path, count: usize) -> Vec<i32> {
    wait_for("process ids", || {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let pids: Vec<i32> = text.lines().filter_map(|line| line.parse().ok()).collect();
        (text.ends_with('\n') && pids.len() == count).then_some(pids)
    })
}

/// Whether a process is there and not only waited for.
pub fn runs(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// Whether a process is stopped.
pub fn is_held(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('T'))
}
