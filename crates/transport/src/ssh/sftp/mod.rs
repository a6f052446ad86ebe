//! SFTP, for changes to files that must each be one system call there.
//!
//! Nothing is hidden: no call is repeated, and each one is told to have ended only when the server said so. What a
//! server was doing when its connection broke is over before the next one begins: the server of a broken connection is
//! ended first ([`Sftp::open`]), so that no rename comes late.

mod requests;
mod wire;

use std::collections::{HashMap, HashSet};

use wire::{Answer, Request};

pub(crate) use requests::Access;
pub(crate) use wire::{Attributes, Status};

use super::dialogue::Dialogue;
use super::error::SshError;
use super::machine::RemoteMachine;
use super::script::Script;

const PRELUDE: &str = include_str!("../prelude.sh");

/// Where systems keep the program. It is started by its name, not as the subsystem, so that its process is known.
const START: &str = include_str!("start.sh");

/// What the server of a broken connection was told may still be ahead of it: it must not come after what follows.
const OVER: &str = include_str!("over.sh");

/// More than a packet of OpenSSH's server ever has.
const MOST_PACKET_BYTES: usize = 512 * 1024;

/// Bytes of one read or write. Servers take at least 32 KiB, and OpenSSH's 255 KiB.
pub(crate) const CHUNK_BYTES: usize = 32 * 1024;

/// What the replacement of a file needs beyond version 3 itself.
const NEEDED: [&[u8]; 4] =
    [b"posix-rename@openssh.com", b"hardlink@openssh.com", b"fsync@openssh.com", b"statvfs@openssh.com"];

/// Why a request was not carried out, as far as is known.
#[derive(Debug)]
pub(crate) enum SftpError {
    /// The server refused it, or failed.
    Status(Status),
    /// Whether it was carried out is not known.
    Lost(SshError),
    /// The same, since the server's answers cannot be understood.
    Senseless(String),
}

impl From<SshError> for SftpError {
    fn from(error: SshError) -> Self {
        Self::Lost(error)
    }
}

/// Codes of [`Status`].
pub(crate) const EOF: u32 = 1;
pub(crate) const NO_SUCH_FILE: u32 = 2;
pub(crate) const PERMISSION_DENIED: u32 = 3;
pub(crate) const FAILURE: u32 = 4;
pub(crate) const NOT_SUPPORTED: u32 = 8;

/// An open file of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handle(Vec<u8>);

/// A request whose answer is not read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pending(u32);

/// A process there, told from a later one of the same number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Server {
    pid: String,
    begun: String,
    boot: String,
}

/// A conversation with one server.
pub(crate) struct Sftp {
    dialogue: Dialogue,
    server: Server,
    last_id: u32,
    answers: HashMap<u32, Answer>,
    /// Requests whose answers nobody wants any more.
    given_up: HashSet<u32>,
}

type Result<T> = std::result::Result<T, SftpError>;

impl Sftp {
    /// Starts a server, once those of connections that broke are gone.
    pub(crate) fn open(machine: &RemoteMachine) -> std::result::Result<Self, SshError> {
        let broken = machine.broken_servers();
        let mut script = Script::new(PRELUDE).raw(OVER);
        for Server { pid, begun, boot } in &broken {
            script = script.raw("over ").words([pid, begun, boot]).raw(" || exit 1\n");
        }
        let script = script.raw(START);
        let doing = "start an SFTP server";
        let mut dialogue = Dialogue::open(machine, doing, &script)?;
        let line = String::from_utf8_lossy(&dialogue.take_line()?).into_owned();
        let mut words = line.split(' ').map(str::to_owned);
        let mut word = || words.next().unwrap_or_default();
        let server = Server { pid: word(), begun: word(), boot: word() };
        let mut sftp = Self { dialogue, server, last_id: 0, answers: HashMap::new(), given_up: HashSet::new() };
        machine.forget_servers(&broken);
        sftp.dialogue.send(Request::init().finish())?;
        let failed =
            |reason: String| SshError::Failed { host: machine.name().to_owned(), doing: doing.to_owned(), reason };
        let (_, answer) = sftp.next().map_err(|error| match error {
            SftpError::Lost(error) => error,
            SftpError::Status(Status { message, .. }) | SftpError::Senseless(message) => failed(message),
        })?;
        let Answer::Version(offered) = answer else { return Err(failed("it does not speak SFTP".to_owned())) };
        match NEEDED.iter().find(|needed| !offered.iter().any(|offered| offered == *needed)) {
            None => Ok(sftp),
            Some(lacking) => {
                let lacking = String::from_utf8_lossy(lacking);
                Err(failed(format!("it does not know {lacking}, which OpenSSH has since 6.5")))
            }
        }
    }

    /// Whether the connection stands, as far as is known.
    pub(crate) fn is_open(&self) -> bool {
        self.dialogue.is_open()
    }

    /// Leaves a server that may still be at work. It is ended before the next one begins on this machine.
    pub(crate) fn leave(self, machine: &RemoteMachine) {
        machine.remember_server(self.server.clone());
    }

    /// Waits for the answers to these no longer.
    pub(crate) fn give_up(&mut self, pending: impl IntoIterator<Item = Pending>) {
        for Pending(id) in pending {
            if self.answers.remove(&id).is_none() {
                self.given_up.insert(id);
            }
        }
    }

    fn begin(&mut self, kind: u8, fill: impl FnOnce(Request) -> Request) -> Result<Pending> {
        self.last_id = self.last_id.wrapping_add(1);
        self.dialogue.send(fill(Request::new(kind, self.last_id)).finish())?;
        Ok(Pending(self.last_id))
    }

    /// The answer to a request; those to others that come before it are kept for them.
    fn end(&mut self, pending: Pending) -> Result<Answer> {
        loop {
            if let Some(answer) = self.answers.remove(&pending.0) {
                return Ok(answer);
            }
            let (id, answer) = self.next()?;
            if !self.given_up.remove(&id) {
                self.answers.insert(id, answer);
            }
        }
    }

    fn next(&mut self) -> Result<(u32, Answer)> {
        let length = self.dialogue.take(4)?;
        let length = length.try_into().map_or(0, u32::from_be_bytes);
        let length = usize::try_from(length).ok().filter(|length| *length <= MOST_PACKET_BYTES);
        let packet = match length {
            Some(length) => self.dialogue.take(length)?,
            None => return Err(SftpError::Senseless("a packet is longer than any".to_owned())),
        };
        wire::read(&packet).ok_or_else(|| SftpError::Senseless("a packet cannot be read".to_owned()))
    }
}

fn unexpected(answer: Answer) -> SftpError {
    match answer {
        Answer::Status(status) => SftpError::Status(status),
        other => SftpError::Senseless(format!("{other:?} is no answer to what was asked")),
    }
}
