//! SFTP, for changes to files that must each be one system call there.
//!
//! Nothing is hidden: no call is repeated, and each one is told to have ended only when the server said so. What a
//! server was doing when its connection broke is over before the next one begins: the server of a broken connection is
//! ended first ([`Sftp::open`]), so that no rename comes late.

mod wire;

use std::collections::{HashMap, HashSet};

use wire::{Answer, Fields, Request};

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

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// To read; a folder, too, to sync it.
    Read,
    /// To write; it must not have been there.
    CreateNew,
}

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

/// Space of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Space {
    /// Bytes that this account may still write.
    pub(crate) free_bytes: u64,
    /// Whether nothing may be written.
    pub(crate) is_read_only: bool,
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

    /// What a name is, links not followed.
    pub(crate) fn begin_look(&mut self, path: &[u8]) -> Result<Pending> {
        self.begin(wire::LSTAT, |request| request.bytes(path))
    }

    /// What [`Sftp::begin_look`] found; `None` when nothing has that name.
    pub(crate) fn end_look(&mut self, pending: Pending) -> Result<Option<Attributes>> {
        match self.end(pending)? {
            Answer::Attributes(attributes) => Ok(Some(attributes)),
            Answer::Status(status) if status.code == NO_SUCH_FILE => Ok(None),
            other => Err(unexpected(other)),
        }
    }

    /// Attributes of an open file.
    pub(crate) fn attributes(&mut self, file: &Handle) -> Result<Attributes> {
        let pending = self.begin(wire::FSTAT, |request| request.bytes(&file.0))?;
        match self.end(pending)? {
            Answer::Attributes(attributes) => Ok(attributes),
            other => Err(unexpected(other)),
        }
    }

    /// Sets attributes of an open file.
    pub(crate) fn set_attributes(&mut self, file: &Handle, attributes: &Attributes) -> Result<()> {
        self.done(wire::FSETSTAT, |request| request.bytes(&file.0).attributes(attributes))
    }

    /// Opens a file.
    pub(crate) fn open_file(&mut self, path: &[u8], access: Access) -> Result<Handle> {
        let (flags, mode) = match access {
            Access::Read => (1, None),
            // Write, create, and only if it is not there; for its owner alone.
            Access::CreateNew => (2 | 8 | 0x20, Some(0o600)),
        };
        let attributes = Attributes { mode, ..Attributes::default() };
        let pending = self.begin(wire::OPEN, |request| request.bytes(path).number(flags).attributes(&attributes))?;
        self.handle(pending)
    }

    /// Closes a file; tells what the file system only says then.
    pub(crate) fn close(&mut self, file: &Handle) -> Result<()> {
        self.done(wire::CLOSE, |request| request.bytes(&file.0))
    }

    /// Asks for bytes of a file.
    pub(crate) fn begin_read(&mut self, file: &Handle, offset: u64, count: u32) -> Result<Pending> {
        self.begin(wire::READ, |request| request.bytes(&file.0).long(offset).number(count))
    }

    /// The bytes; fewer than were asked for, and none at the end of the file.
    pub(crate) fn end_read(&mut self, pending: Pending) -> Result<Vec<u8>> {
        match self.end(pending)? {
            Answer::Data(bytes) => Ok(bytes),
            Answer::Status(status) if status.code == EOF => Ok(Vec::new()),
            other => Err(unexpected(other)),
        }
    }

    /// Sends bytes of a file, at most [`CHUNK_BYTES`].
    pub(crate) fn begin_write(&mut self, file: &Handle, offset: u64, bytes: &[u8]) -> Result<Pending> {
        self.begin(wire::WRITE, |request| request.bytes(&file.0).long(offset).bytes(bytes))
    }

    /// Waits until a request is carried out.
    pub(crate) fn end_done(&mut self, pending: Pending) -> Result<()> {
        match self.end(pending)? {
            Answer::Status(status) if status.code == 0 => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    /// Makes an open file or folder durable.
    pub(crate) fn sync(&mut self, file: &Handle) -> Result<()> {
        self.done(wire::EXTENDED, |request| request.bytes(b"fsync@openssh.com").bytes(&file.0))
    }

    /// Gives a file a second name, which nothing may have.
    pub(crate) fn link(&mut self, from: &[u8], to: &[u8]) -> Result<()> {
        self.done(wire::EXTENDED, |request| request.bytes(b"hardlink@openssh.com").bytes(from).bytes(to))
    }

    /// Renames over whatever has the new name.
    pub(crate) fn rename_over(&mut self, from: &[u8], to: &[u8]) -> Result<()> {
        self.done(wire::EXTENDED, |request| request.bytes(b"posix-rename@openssh.com").bytes(from).bytes(to))
    }

    /// Renames unless something has the new name. OpenSSH links the file and removes its old name.
    pub(crate) fn rename(&mut self, from: &[u8], to: &[u8]) -> Result<()> {
        self.done(wire::RENAME, |request| request.bytes(from).bytes(to))
    }

    /// Removes a file.
    pub(crate) fn remove(&mut self, path: &[u8]) -> Result<()> {
        self.done(wire::REMOVE, |request| request.bytes(path))
    }

    /// Makes a folder.
    pub(crate) fn make_folder(&mut self, path: &[u8]) -> Result<()> {
        let attributes = Attributes { mode: Some(0o777), ..Attributes::default() };
        self.done(wire::MKDIR, |request| request.bytes(path).attributes(&attributes))
    }

    /// The names in a folder, but for `.` and `..`.
    pub(crate) fn list(&mut self, path: &[u8]) -> Result<Vec<Vec<u8>>> {
        let pending = self.begin(wire::OPENDIR, |request| request.bytes(path))?;
        let folder = self.handle(pending)?;
        let mut names = Vec::new();
        loop {
            let pending = self.begin(wire::READDIR, |request| request.bytes(&folder.0))?;
            match self.end(pending)? {
                Answer::Names(more) => names.extend(more.into_iter().filter(|name| name != b"." && name != b"..")),
                Answer::Status(status) if status.code == EOF => break,
                other => return Err(unexpected(other)),
            }
        }
        self.close(&folder)?;
        Ok(names)
    }

    /// How much room there is where `path` lies.
    pub(crate) fn space(&mut self, path: &[u8]) -> Result<Space> {
        let pending = self.begin(wire::EXTENDED, |request| request.bytes(b"statvfs@openssh.com").bytes(path))?;
        let reply = match self.end(pending)? {
            Answer::Extended(reply) => reply,
            other => return Err(unexpected(other)),
        };
        let mut fields = Fields(&reply);
        // bsize, frsize, blocks, bfree, bavail, files, ffree, favail, fsid, flag, namemax.
        let longs: Vec<u64> = std::iter::from_fn(|| fields.long()).collect();
        match longs[..] {
            [_, fragment, _, _, available, _, _, _, _, flags, ..] => {
                Ok(Space { free_bytes: available.saturating_mul(fragment), is_read_only: flags & 1 != 0 })
            }
            _ => Err(unexpected(Answer::Extended(reply))),
        }
    }

    fn done(&mut self, kind: u8, fill: impl FnOnce(Request) -> Request) -> Result<()> {
        let pending = self.begin(kind, fill)?;
        self.end_done(pending)
    }

    fn handle(&mut self, pending: Pending) -> Result<Handle> {
        match self.end(pending)? {
            Answer::Handle(handle) => Ok(Handle(handle)),
            other => Err(unexpected(other)),
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
