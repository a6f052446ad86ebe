//! A file of another machine as an end of a transfer, over a connection that is no other transfer's.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::connection::Connection;
use super::super::conversation::{Said, converse};
use super::super::error::SshError;
use super::super::script::Script;
use super::fingerprint::{Fingerprint, Hash, Kind, OFFER};
use super::job::Stopped;
use super::ranges::{BLOCK_BYTES, Range};
use super::{Place, TransferError};
use crate::cancel::Cancel;

/// The most that is kept of what a script says; what is longer is a file.
const ANSWER_BYTES: usize = 4096;

/// Asks nobody anything, and talks to nobody but the machine that we know.
const PULL: &str = "ssh -o BatchMode=yes -o ConnectTimeout=10 -o StrictHostKeyChecking=yes -o HostKeyAlias=mediaflow \
                    -o UserKnownHostsFile=\"$k/known\" -o GlobalKnownHostsFile=/dev/null -p ";

/// A file there, as it is before anything of it moves.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) size_bytes: u64,
    /// The best that the machine can make.
    pub(super) kind: Kind,
}

impl Place<'_> {
    /// Makes the file, with the folders above it, so that pieces can be written in place.
    pub(super) fn make(&self, size_bytes: u64, cancel: &Cancel) -> Result<Found, TransferError> {
        let script = Script::new("umask 077\n")
            .set("f", self.path)
            .raw("mkdir -p -- \"$(dirname -- \"$f\")\" || exit 1\n")
            // One that is longer, or no file, is begun anew.
            .raw(&format!(
                "[ -f \"$f\" ] && [ \"$(wc -c <\"$f\")\" -le {size_bytes} ] || {{ rm -f -- \"$f\"; : >\"$f\"; }}\n"
            ))
            .raw("[ -f \"$f\" ] && wc -c <\"$f\" || exit 1\n")
            .raw(OFFER);
        let doing = format!("make the file {}", self.path.display());
        let made = self.machine.ask(&doing, &script, cancel).map_err(|error| told(error, self.path, size_bytes))?;
        self.found(&made, doing)
    }

    /// Looks at the file.
    pub(super) fn find(&self, cancel: &Cancel) -> Result<Found, TransferError> {
        let script = Script::new("").set("f", self.path).raw("wc -c <\"$f\" || exit 1\n").raw(OFFER);
        let doing = format!("read the file {}", self.path.display());
        let said = self.machine.ask(&doing, &script, cancel)?;
        self.found(&said, doing)
    }

    /// A length as `wc` writes it, and what was offered.
    fn found(&self, said: &[u8], doing: String) -> Result<Found, TransferError> {
        let said = String::from_utf8_lossy(said);
        let mut lines = said.lines().map(str::trim);
        let size_bytes = lines.next().and_then(|line| line.parse().ok());
        let failed =
            || SshError::Failed { host: self.machine.name().to_owned(), doing, reason: said.trim().to_owned() };
        Ok(Found { size_bytes: size_bytes.ok_or_else(failed)?, kind: Kind::offered(lines.next()) })
    }
}

/// A connection that is made when it is needed. Clones are the same one.
#[derive(Clone, Default)]
pub(super) struct Link(Arc<Mutex<Option<Arc<Connection>>>>);

impl Link {
    /// The one that stands, or a new one.
    fn connection(&self, place: &Place<'_>) -> Result<Arc<Connection>, SshError> {
        let mut link = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match link.take() {
            Some(connection) if connection.is_open() => connection,
            _ => Arc::new(place.machine.connect()?),
        };
        Ok(Arc::clone(link.insert(connection)))
    }

    /// Leaves a connection that may be broken, unless that was done already.
    fn leave(&self, broken: &Arc<Connection>) {
        let mut link = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if link.as_ref().is_some_and(|connection| Arc::ptr_eq(connection, broken)) {
            *link = None;
        }
    }
}

pub(super) struct There<'a> {
    place: Place<'a>,
    stopped: Stopped<'a>,
    link: Link,
    /// The one that was used last.
    connection: Option<Arc<Connection>>,
}

impl<'a> There<'a> {
    pub(super) const fn new(place: Place<'a>, stopped: Stopped<'a>, link: Link) -> Self {
        Self { place, stopped, link, connection: None }
    }

    /// Leaves a connection that may be broken.
    pub(super) fn hang_up(&mut self) {
        if let Some(broken) = self.connection.take() {
            self.link.leave(&broken);
        }
    }

    /// The fingerprint of a piece; `None` when the file ends before it does.
    pub(super) fn fingerprint(&mut self, range: Range, hash: &Hash) -> Result<Option<Fingerprint>, TransferError> {
        let script = Script::new(&hash.function())
            .set("f", self.place.path)
            .raw(&format!("[ \"$(wc -c <\"$f\")\" -ge {} ] || {{ echo short; exit 0; }}\n", range.offset + range.bytes))
            .then(&hash_of(range));
        Ok(hash.parse(&self.ask(&script, None)?))
    }

    /// Hands over a piece until `on_chunk` returns false; gives its fingerprint, which is made meanwhile.
    pub(super) fn read(
        &mut self,
        range: Range,
        hash: &Hash,
        on_chunk: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Option<Fingerprint>, TransferError> {
        let script = Script::new(&hash.function())
            .set("f", self.place.path)
            .raw("{ ")
            .then(&hash_of(range))
            .raw("} >&2 &\n")
            .raw(&read_of(range))
            .raw("\nwait\n");
        let said = self.converse(&script, None, on_chunk)?;
        Ok(hash.parse(&said))
    }

    /// Writes a piece in place; gives what the disk there gives back of it.
    pub(super) fn write(
        &mut self,
        range: Range,
        hash: &Hash,
        next: &mut dyn FnMut() -> Option<Vec<u8>>,
    ) -> Result<Option<Fingerprint>, TransferError> {
        let script =
            Script::new(&hash.function()).set("f", self.place.path).then(&write_of(range, "")).then(&hash_of(range));
        let said = self.ask(&script, Some(next));
        said.map(|said| hash.parse(&said)).map_err(|error| told(error, self.place.path, range.offset + range.bytes))
    }

    /// The same with the bytes of a file on another machine, which this one fetches by its own `ssh`.
    pub(super) fn pull(
        &mut self,
        range: Range,
        hash: &Hash,
        from: &Self,
    ) -> Result<Option<Fingerprint>, TransferError> {
        let (source, machine) = (from.script_to_read(range), from.place.machine);
        let host = machine.host();
        let script = Script::new(&hash.function())
            .set("f", self.place.path)
            .raw("k=$(mktemp -d) || exit 1\ntrap 'rm -rf -- \"$k\"' EXIT\ntrap 'exit 1' HUP INT TERM PIPE\nprintf '%s\\n' ")
            .word(format!("mediaflow {}", machine.host_key()?))
            .raw(" >\"$k/known\" || exit 1\nget() { ")
            .raw(PULL)
            .words([host.port.to_string(), "-l".to_owned(), host.user.clone(), "--".to_owned(), host.address.clone()])
            .raw(" ")
            .word(source.command().unwrap_or_default())
            .raw(" </dev/null 2>\"$k/said\" || : >\"$k/failed\"; }\n")
            .then(&write_of(range, "get | "))
            .raw("[ -e \"$k/failed\" ] && { cat \"$k/said\" >&2; exit 1; }\n")
            .then(&hash_of(range));
        let said = self.ask(&script, None);
        said.map(|said| hash.parse(&said)).map_err(|error| told(error, self.place.path, range.offset + range.bytes))
    }

    fn script_to_read(&self, range: Range) -> Script {
        Script::new("").set("f", self.place.path).raw(&read_of(range)).raw("\n")
    }

    fn ask(&mut self, script: &Script, next: Option<&mut dyn FnMut() -> Option<Vec<u8>>>) -> Result<String, SshError> {
        let mut out = Vec::new();
        self.converse(script, next, &mut |chunk| {
            keep_beginning(&mut out, chunk);
            true
        })?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// Runs a script with what it is fed, if anything; gives what it said on its standard error.
    fn converse(
        &mut self,
        script: &Script,
        next: Option<&mut dyn FnMut() -> Option<Vec<u8>>>,
        on_out: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<String, SshError> {
        let machine = self.place.machine;
        let connection = self.connection.insert(self.link.connection(&self.place)?);
        let mut words = Vec::new();
        let mut on_said = |said: Said<'_>| match said {
            Said::Out(chunk) => on_out(chunk),
            Said::Err(chunk) => {
                keep_beginning(&mut words, chunk);
                true
            }
        };
        let is_stopped = || self.stopped.is_so();
        let code = machine.block_on(converse(machine.name(), connection, script, &is_stopped, next, &mut on_said))?;
        let words = String::from_utf8_lossy(&words).trim().to_owned();
        match code {
            0 => Ok(words),
            code => {
                let reason = if words.is_empty() { format!("it ended with code {code}") } else { words };
                let doing = format!("copy the file {}", self.place.path.display());
                Err(SshError::Failed { host: machine.name().to_owned(), doing, reason })
            }
        }
    }
}

fn keep_beginning(kept: &mut Vec<u8>, chunk: &[u8]) {
    let room = ANSWER_BYTES.saturating_sub(kept.len()).min(chunk.len());
    kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
}

/// Lines that write a piece of `$f` to standard output.
fn read_of(range: Range) -> String {
    // Not every `dd` takes none for a number.
    let (skip, count) = (range.offset / BLOCK_BYTES, range.blocks().max(1));
    format!("dd if=\"$f\" bs={BLOCK_BYTES} skip={skip} count={count} 2>/dev/null")
}

fn hash_of(range: Range) -> Script {
    Script::new(&read_of(range)).raw(" | hash\n")
}

/// Lines that write standard input, or what `from |` brings, into a piece of `$f`: as it comes, only what is skipped is
/// counted in blocks.
fn write_of(range: Range, from: &str) -> Script {
    let skip = range.offset / BLOCK_BYTES;
    Script::new("said=$(").raw(from).raw(&format!(
        "dd bs={BLOCK_BYTES} seek={skip} conv=notrunc of=\"$f\" 2>&1) || {{ printf '%s\\n' \"$said\" >&2; exit 1; }}\n"
    ))
}

/// An error there, told for what it is when the disk is full.
fn told(error: impl Into<TransferError>, path: &Path, size_bytes: u64) -> TransferError {
    match error.into() {
        TransferError::Remote(SshError::Failed { host, reason, .. })
            if reason.contains("No space left") || reason.contains("Disk quota") =>
        {
            TransferError::Full { host, path: path.to_owned(), size_bytes }
        }
        other => other,
    }
}
