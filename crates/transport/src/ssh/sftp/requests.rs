//! What can be asked of a server.

use super::wire::Request;
use super::wire::{self, Answer, Fields};
use super::{Attributes, EOF, Handle, NO_SUCH_FILE, Pending, Result, Sftp, unexpected};

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// To read; a folder, too, to sync it.
    Read,
    /// To write; it must not have been there.
    CreateNew,
}

/// Space of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Space {
    /// Bytes that this account may still write.
    pub(crate) free_bytes: u64,
    /// Bytes of all of it.
    pub(crate) size_bytes: u64,
    /// Whether nothing may be written.
    pub(crate) is_read_only: bool,
}

impl Sftp {
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
            [_, fragment, blocks, _, available, _, _, _, _, flags, ..] => Ok(Space {
                free_bytes: available.saturating_mul(fragment),
                size_bytes: blocks.saturating_mul(fragment),
                is_read_only: flags & 1 != 0,
            }),
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
}
