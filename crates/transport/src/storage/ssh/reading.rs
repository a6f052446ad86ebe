//! Reading files there, with enough under way that the distance does not count.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::failure::Failed;
use super::session::Session;
use crate::ssh::script::Script;
use crate::ssh::sftp::{Access, CHUNK_BYTES, Handle};

/// Reads under way at a time: 1 MiB. What is answered before anybody listens must fit into the queue of a connection,
/// which is a hundred messages.
const AHEAD: usize = 32;

/// Hands over the bytes from `offset` on, at most `count`. Gives how many there were.
pub(super) fn read(
    session: &mut Session,
    file: &Handle,
    offset: u64,
    count: u64,
    on_bytes: &mut dyn FnMut(&[u8]),
) -> Result<u64, Failed> {
    let chunk = CHUNK_BYTES as u64;
    let mut under_way = VecDeque::new();
    let (mut asked, mut had) = (0, 0);
    loop {
        while under_way.len() < AHEAD && asked < count {
            let length = chunk.min(count - asked);
            let pending = session.sftp.begin_read(file, offset + asked, u32::try_from(length).unwrap_or(1))?;
            under_way.push_back((pending, length));
            asked += length;
        }
        let Some((pending, length)) = under_way.pop_front() else { return Ok(had) };
        let bytes = session.sftp.end_read(pending);
        let is_whole = bytes.as_ref().is_ok_and(|bytes| bytes.len() as u64 == length);
        if !is_whole {
            // The end, or a server that gives less at a time: what was asked for behind it is asked for again.
            session.sftp.give_up(under_way.drain(..).map(|(pending, _)| pending));
        }
        let bytes = bytes?;
        had += bytes.len() as u64;
        on_bytes(&bytes);
        if !is_whole {
            if bytes.is_empty() {
                return Ok(had);
            }
            asked = had;
        }
    }
}

/// Opens a file for as long as `work` takes.
pub(super) fn with_open<T>(
    session: &mut Session,
    full: &[u8],
    work: impl FnOnce(&mut Session, &Handle) -> Result<T, Failed>,
) -> Result<T, Failed> {
    let file = session.sftp.open_file(full, Access::Read)?;
    let done = match work(session, &file) {
        Err(lost @ Failed::Lost(_)) => return Err(lost),
        done => done,
    };
    let closed = session.sftp.close(&file);
    let done = done?;
    closed?;
    Ok(done)
}

/// Makes the next read of a file come from its disk, as far as the machine has a program that can say so (GNU `dd`).
/// Elsewhere the file comes back from wherever that machine has it.
pub(super) fn drop_cache(session: &mut Session, full: &[u8]) -> Result<(), Failed> {
    let script =
        Script::new("").set("f", OsStr::from_bytes(full)).raw("dd if=\"$f\" iflag=nocache count=0 2>/dev/null\n");
    if !session.shell.ask(&script)?.is_success {
        tracing::debug!("its `dd` knows no nocache: what is read back may come from memory there");
    }
    Ok(())
}
