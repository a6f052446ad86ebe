//! An agent that has keys for programs.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// One that runs for as long as it is needed.
pub struct Agent {
    process: Child,
    socket: PathBuf,
}

impl Agent {
    /// Starts one that listens at `socket`; `None` where there is no `ssh-agent`.
    pub fn start(socket: &Path) -> io::Result<Option<Self>> {
        let spawned = Command::new("ssh-agent").arg("-D").arg("-a").arg(socket).stdout(Stdio::piped()).spawn();
        let mut process = match spawned {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            spawned => spawned?,
        };
        // It says where it listens once it does.
        let said = process.stdout.take().map(BufReader::new);
        let agent = Self { process, socket: socket.to_owned() };
        match said.map(|said| said.lines().next()) {
            Some(Some(Ok(_))) => Ok(Some(agent)),
            _ => Err(io::Error::other("the agent ended at once")),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Gives it a private key without a passphrase.
    pub fn add(&self, key: &Path) -> io::Result<()> {
        let added = Command::new("ssh-add").arg("-q").arg(key).env("SSH_AUTH_SOCK", &self.socket).status()?;
        if added.success() { Ok(()) } else { Err(io::Error::other("ssh-add failed")) }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
