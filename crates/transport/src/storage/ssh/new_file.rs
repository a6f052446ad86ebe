//! A file that is being made there.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use mediaflow_core::path::RelPath;

use super::RemoteStorage;
use super::failure::{Change, Failed};
use super::session::Session;
use crate::ssh::script::Script;
use crate::ssh::sftp::{Attributes, CHUNK_BYTES, Handle, Pending};
use crate::storage::{AttributeLoss, NewFile, Operation, Result};

/// Writes under way at a time: 2 MiB.
const AHEAD: usize = 64;

/// Extended attributes and access control lists, where GNU `cp` can give them; otherwise their names, where there is a
/// program that knows them.
const COPY_ATTRIBUTES: &str = "cp --attributes-only --preserve=mode,xattr -- \"$o\" \"$t\" 2>/dev/null && exit 0\n\
                               command -v getfattr >/dev/null 2>&1 || exit 0\n\
                               getfattr --absolute-names -m - -- \"$o\" 2>/dev/null | sed -e 1d -e '/^$/d'\n";

pub(super) struct RemoteNewFile<'a> {
    storage: &'a RemoteStorage,
    path: RelPath,
    full: Vec<u8>,
    file: Handle,
    /// The session that opened it.
    session: u64,
    written: u64,
    under_way: VecDeque<Pending>,
    is_closed: bool,
}

impl<'a> RemoteNewFile<'a> {
    pub(super) const fn new(
        storage: &'a RemoteStorage,
        path: RelPath,
        full: Vec<u8>,
        file: Handle,
        session: u64,
    ) -> Self {
        Self { storage, path, full, file, session, written: 0, under_way: VecDeque::new(), is_closed: false }
    }

    /// Does something once all that was written has arrived.
    fn settled<T>(
        &mut self,
        operation: Operation,
        work: impl FnOnce(&mut Session, &Handle, &[u8]) -> std::result::Result<T, Failed>,
    ) -> Result<T> {
        let Self { storage, path, full, file, session, under_way, .. } = self;
        storage.sessions.within(*session, path, |session, _| {
            settle(session, under_way, 0).map_err(|failed| written(session, path, full, failed))?;
            work(session, file, full).map_err(|failed| failed.during(operation, Some(path)))
        })
    }
}

/// Waits until at most so many writes are under way.
fn settle(session: &mut Session, under_way: &mut VecDeque<Pending>, most: usize) -> std::result::Result<(), Failed> {
    while under_way.len() > most
        && let Some(pending) = under_way.pop_front()
    {
        if let Err(error) = session.sftp.end_done(pending) {
            session.sftp.give_up(under_way.drain(..));
            return Err(error.into());
        }
    }
    Ok(())
}

fn written(session: &mut Session, path: &RelPath, full: &[u8], failed: Failed) -> Failed {
    Change { operation: Operation::Write, path, full, made: None, refuses: false }.explain(session, failed)
}

impl NewFile for RemoteNewFile<'_> {
    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        let Self { storage, path, full, file, session, written: offset, under_way, .. } = self;
        storage.sessions.within(*session, path, |session, _| {
            let mut send = |session: &mut Session| {
                for chunk in bytes.chunks(CHUNK_BYTES) {
                    settle(session, under_way, AHEAD - 1)?;
                    under_way.push_back(session.sftp.begin_write(file, *offset, chunk)?);
                    *offset += chunk.len() as u64;
                }
                Ok(())
            };
            send(session).map_err(|failed| written(session, path, full, failed))
        })
    }

    fn copy_attributes(&mut self, from: &RelPath) -> Result<Vec<AttributeLoss>> {
        let storage = self.storage;
        self.settled(Operation::SetAttributes, |session, file, full| {
            let (original, wanted) = storage.file(session, from)?;
            let script = Script::new("")
                .set("o", OsStr::from_bytes(&original))
                .set("t", OsStr::from_bytes(full))
                .raw(COPY_ATTRIBUTES);
            let said = session.shell.ask(&script)?;
            let name = |name: &str| AttributeLoss::Attribute { name: name.to_owned() };
            let mut losses: Vec<AttributeLoss> = said.text.lines().map(name).collect();
            // The mode last: a change of owner may clear bits of it.
            losses.extend(give_owner(session, file, &wanted)?);
            let mode = wanted.mode.map(|mode| mode & 0o7777);
            session.sftp.set_attributes(file, &Attributes { mode, ..Attributes::default() })?;
            Ok(losses)
        })
    }

    /// To the second, which is all that SFTP carries.
    fn set_mtime_ns(&mut self, mtime_ns: i64) -> Result<()> {
        let seconds = u32::try_from(mtime_ns.div_euclid(1_000_000_000)).unwrap_or(0);
        self.settled(Operation::SetAttributes, |session, file, _| {
            let attributes = Attributes { mtime_seconds: Some(seconds), ..Attributes::default() };
            Ok(session.sftp.set_attributes(file, &attributes)?)
        })
    }

    fn sync(&mut self) -> Result<()> {
        self.settled(Operation::Sync, |session, file, _| Ok(session.sftp.sync(file)?))
    }

    fn close(mut self: Box<Self>) -> Result<()> {
        self.settled(Operation::Close, |session, file, _| Ok(session.sftp.close(file)?))?;
        self.is_closed = true;
        Ok(())
    }
}

/// Only the superuser may give files away; anybody may give one of his own to a group of his own.
fn give_owner(
    session: &mut Session,
    file: &Handle,
    wanted: &Attributes,
) -> std::result::Result<Option<AttributeLoss>, Failed> {
    let Some((uid, gid)) = wanted.owner else { return Ok(None) };
    let Some((own, group)) = session.sftp.attributes(file)?.owner else { return Ok(None) };
    if (uid, gid) == (own, group) {
        return Ok(None);
    }
    let mut give = |owner| {
        let attributes = Attributes { owner: Some(owner), ..Attributes::default() };
        match session.sftp.set_attributes(file, &attributes).map_err(Failed::from) {
            Ok(()) => Ok(true),
            Err(Failed::Status(_)) => Ok(false),
            Err(failed) => Err(failed),
        }
    };
    if give((uid, gid))? {
        return Ok(None);
    }
    give((own, gid))?;
    Ok(Some(AttributeLoss::Owner { uid, gid }))
}

impl Drop for RemoteNewFile<'_> {
    fn drop(&mut self) {
        if !self.is_closed {
            let under_way = self.under_way.drain(..);
            // Whoever drops it has its reason already.
            let _ = self.storage.sessions.within(self.session, &self.path, |session, _| {
                session.sftp.give_up(under_way);
                Ok(session.sftp.close(&self.file)?)
            });
        }
    }
}
