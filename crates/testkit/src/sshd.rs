//! A real SSH server on this machine, whose network is in the test's hand.
//!
//! OpenSSH's `sshd` runs once for each connection (`sshd -i`), and the bytes go through us: so a connection can be cut,
//! held or spoiled at any moment, and no port has to be guessed.

mod agent;
mod network;
mod processes;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::{fs, thread};

pub use agent::Agent;
use network::{Network, serve};

/// Kinds of key that `ssh-keygen` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// The usual one.
    Ed25519,
    /// The old one.
    Rsa,
}

impl KeyKind {
    const fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Ed25519 => &["-t", "ed25519"],
            Self::Rsa => &["-t", "rsa", "-b", "2048"],
        }
    }
}

/// Makes a pair of keys; the public one has `.pub` behind its name.
pub fn make_key(path: &Path, kind: KeyKind, passphrase: &str) -> io::Result<()> {
    let status = Command::new("ssh-keygen")
        .args(["-q", "-C", "test", "-N", passphrase])
        .args(kind.arguments())
        .arg("-f")
        .arg(path)
        .stdin(Stdio::null())
        .status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other("ssh-keygen failed")) }
}

/// How a server lets people in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// By their keys.
    Keys,
    /// By [`PASSWORD`], which the client sends by itself.
    Password,
    /// By [`PASSWORD`] as the answer to a question of PAM.
    Question,
}

/// What opens a server of [`Door::Password`] and [`Door::Question`].
pub const PASSWORD: &str = "it is a $(pass) \"word\"";

/// The same as `/etc/shadow` has it.
const HASHED: &str =
    "$6$mediaflowtest$gODCbgG6eqaGe80ZIYMlOC.z1kWGj6vuflTufJ3l7pjnPSPiGGSIX5CoePS/nVK/llUDZDe3AXo66/ggfHpn..";

/// Gives the server passwords of its own, which nobody else on this machine sees.
const WITH_PASSWORDS: &str = "mount --bind \"$1/shadow\" /etc/shadow && mount --bind \"$1/pam\" /etc/pam.d/sshd && \
                              exec \"$2\" -i -f \"$1/config\" -E \"$1/log\"";

/// A server; dropping it ends its connections.
pub struct Sshd {
    dir: PathBuf,
    address: SocketAddr,
    network: Arc<Network>,
}

impl Sshd {
    /// Starts one with its files in `dir`, which it must have for itself. `None` where there is no `sshd`.
    ///
    /// The key to log in with, as the user who runs the test, is [`Sshd::key`].
    pub fn start(dir: &Path) -> io::Result<Option<Self>> {
        Self::start_with(dir, Door::Keys)
    }

    /// The same with another door. Only the superuser can check passwords, in a view of the disk of the server's own:
    /// `None` for everybody else.
    pub fn start_with(dir: &Path, door: Door) -> io::Result<Option<Self>> {
        let Some(program) = find() else { return Ok(None) };
        if door != Door::Keys && !(is_root() && can_unshare()) {
            return Ok(None);
        }
        if is_root() {
            fs::create_dir_all("/run/sshd")?;
        }
        fs::create_dir_all(dir)?;
        make_key(&dir.join("host"), KeyKind::Ed25519, "")?;
        make_key(&dir.join("key"), KeyKind::Ed25519, "")?;
        fs::copy(dir.join("key.pub"), dir.join("authorized_keys"))?;
        fs::write(dir.join("shadow"), format!("root:{HASHED}:19000:0:99999:7:::\n"))?;
        fs::write(dir.join("pam"), "auth required pam_unix.so\naccount required pam_permit.so\n")?;
        // What the one who runs the test has in his own start-up files is none of its business.
        let yes = |is_so| if is_so { "yes" } else { "no" };
        let text = format!(
            "HostKey {0}/host\nAuthorizedKeysFile {0}/authorized_keys\nPidFile none\nStrictModes no\n\
             PermitRootLogin yes\nPasswordAuthentication {1}\nUsePAM {2}\nKbdInteractiveAuthentication {2}\n\
             LogLevel VERBOSE\nSubsystem sftp internal-sftp\nSetEnv HOME={0}\n",
            dir.display(),
            yes(door == Door::Password),
            yes(door == Door::Question),
        );
        fs::write(dir.join("config"), text)?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let network = Arc::new(Network::default());
        let served = Arc::clone(&network);
        let folder = dir.to_owned();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if served.is_closing.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                if served.is_down.load(Ordering::Relaxed) {
                    continue;
                }
                // One that cannot be served is closed, which its caller notices.
                let _ = serve(server(&program, &folder, door), stream, &served);
            }
        });
        Ok(Some(Self { dir: dir.to_owned(), address, network }))
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// The private key that it lets in.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.dir.join("key")
    }

    /// Lets another public key in, too.
    pub fn admit(&self, public: &Path) -> io::Result<()> {
        let path = self.dir.join("authorized_keys");
        let text = fs::read_to_string(&path)? + &fs::read_to_string(public)?;
        fs::write(path, text)
    }

    /// Adds a line of its configuration, for connections from now on.
    pub fn configure(&self, line: &str) -> io::Result<()> {
        let path = self.dir.join("config");
        let text = fs::read_to_string(&path)?;
        fs::write(path, format!("{text}{line}\n"))
    }

    /// Gives programs a variable more, for connections from now on.
    pub fn set_env(&self, name: &str, value: &str) -> io::Result<()> {
        let path = self.dir.join("config");
        let text = fs::read_to_string(&path)?;
        // Only the first line of a kind counts.
        fs::write(path, text.replace("SetEnv ", &format!("SetEnv {name}={value} ")))
    }

    /// Gives it another key to be known by, as a machine that was set up anew.
    pub fn change_host_key(&self) -> io::Result<()> {
        fs::remove_file(self.dir.join("host"))?;
        fs::remove_file(self.dir.join("host.pub"))?;
        make_key(&self.dir.join("host"), KeyKind::Ed25519, "")
    }

    /// Its log, for a test that failed.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// Ends all connections that stand.
    pub fn cut(&self) {
        self.network.cut();
    }

    /// Kills its processes: those that hold connections, SFTP servers, and what runs below them. Unlike after a cut, nothing
    /// there gets to its end. What was detached goes on.
    pub fn kill(&self) {
        self.network.kill_servers();
    }

    /// While it is down, nobody gets an answer.
    pub fn set_down(&self, is_down: bool) {
        self.network.is_down.store(is_down, Ordering::Relaxed);
        if is_down {
            self.cut();
        }
    }

    /// While it is held, connections stand and nothing moves, as on a machine that hangs.
    pub fn set_held(&self, is_held: bool) {
        self.network.set_held(is_held);
    }

    /// Flips a bit of the byte that comes after so many more, in either direction.
    pub fn spoil_after(&self, bytes: u64) {
        self.network.spoil_after(bytes);
    }

    /// After so many more pieces of what clients say, the next one is lost, and all connections with it.
    pub fn lose_question(&self, after: u64) {
        self.network.up.lose(after);
    }

    /// After so many more pieces of what the server says, the next one is lost, and all connections with it: it has done
    /// what it was asked for, and nobody knows.
    pub fn lose_answer(&self, after: u64) {
        self.network.down.lose(after);
    }

    /// Whether something is still to be lost.
    #[must_use]
    pub fn will_lose(&self) -> bool {
        [&self.network.up, &self.network.down].iter().any(|direction| direction.lost.load(Ordering::Relaxed) > 0)
    }

    /// Loses nothing after all.
    pub fn lose_nothing(&self) {
        for direction in [&self.network.up, &self.network.down] {
            direction.lost.store(0, Ordering::Relaxed);
        }
    }

    /// Pieces of what clients and the server said so far.
    #[must_use]
    pub fn pieces(&self) -> [u64; 2] {
        [&self.network.up, &self.network.down].map(|direction| direction.pieces.load(Ordering::Relaxed))
    }

    /// Bytes carried so far, both ways, as they went over the wire.
    #[must_use]
    pub fn carried(&self) -> u64 {
        self.network.carried.load(Ordering::Relaxed)
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.network.is_closing.store(true, Ordering::Relaxed);
        self.set_held(false);
        self.cut();
        // Wakes the listener.
        drop(TcpStream::connect(self.address));
    }
}

/// One that talks over its standard input and output.
fn server(program: &Path, dir: &Path, door: Door) -> Command {
    if door == Door::Keys {
        let mut command = Command::new(program);
        command.arg("-i").arg("-f").arg(dir.join("config")).arg("-E").arg(dir.join("log"));
        return command;
    }
    let mut command = Command::new("unshare");
    command.args(["--mount", "--", "sh", "-c", WITH_PASSWORDS, "sh"]).arg(dir).arg(program);
    command
}

fn find() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&on_path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .map(|folder| folder.join("sshd"))
        .find(|path| path.is_file())
}

/// Whether this kernel gives a process a view of the disk of its own; some containers forbid it.
fn can_unshare() -> bool {
    Command::new("unshare").args(["--mount", "--", "true"]).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// Whether the test runs as the superuser, for whom `sshd` wants a folder of its own.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0)
}
