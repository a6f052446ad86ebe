//! An SSH server of this machine, with keys and a configuration of its own.

use std::fs;
use std::net::{IpAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use mediaflow_testkit::sshd::{KeyKind, make_key};

use crate::cpu::cpu_seconds;

/// OpenSSH's `sshd` with its files in a folder; dropping it ends it.
pub struct Server {
    /// Where it listens.
    pub address: IpAddr,
    /// The port there.
    pub port: u16,
    /// The private key that it lets in.
    pub key: PathBuf,
    sshd: Child,
}

impl Server {
    /// Starts one. `before` are words in front of its command line, such as those of `taskset`.
    #[must_use]
    pub fn start(dir: &Path, address: IpAddr, before: &[&str]) -> Self {
        fs::create_dir_all(dir).unwrap();
        fs::create_dir_all("/run/sshd").unwrap();
        let key = dir.join("key");
        make_key(&dir.join("host"), KeyKind::Ed25519, "").unwrap();
        make_key(&key, KeyKind::Ed25519, "").unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let shown = dir.display();
        let config = format!(
            "Port {port}\nListenAddress {address}\nHostKey {shown}/host\nAuthorizedKeysFile {shown}/key.pub\nPidFile none\n\
             StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nMaxStartups 100\nMaxSessions 100\n\
             Subsystem sftp internal-sftp\nSetEnv HOME={shown}\n"
        );
        fs::write(dir.join("config"), config).unwrap();
        let words: Vec<&str> = before.iter().copied().chain(["/usr/sbin/sshd", "-D", "-f"]).collect();
        let sshd = Command::new(words[0]).args(&words[1..]).arg(dir.join("config")).spawn().unwrap();
        Self { address, port, key, sshd }
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.sshd.id()
    }

    /// What it and its connections took of the processor, once those have ended.
    #[must_use]
    pub fn cpu_seconds(&self) -> f64 {
        let pid = self.pid();
        while fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).is_ok_and(|children| !children.is_empty())
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        cpu_seconds(pid)
    }

    /// Waits until it takes connections.
    pub fn wait(&self) {
        while TcpStream::connect((self.address, self.port)).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it; connections that stand end by themselves.
    pub fn end(&mut self) {
        let _ = self.sshd.kill();
        let _ = self.sshd.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
