//! One piece at a time over one connection.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::super::connection::Connection;
use super::super::conversation::{Feed, Said, converse};
use super::super::error::SshError;
use super::super::script::Script;
use super::pace::Pace;
use super::ranges::{BLOCK_BYTES, Digest, RANGE_BYTES, Range, parse};
use super::{Transfer, TransferError, Way, failed};
use crate::cancel::Cancel;

/// What is read of a local file and sent at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// Whatever of these three is there.
const HASH: &str = "hash() { if command -v sha256sum >/dev/null 2>&1; then sha256sum; \
                    elif command -v shasum >/dev/null 2>&1; then shasum -a 256; else openssl dgst -sha256 -r; fi; }\n";

/// How long to wait for a machine that does not answer, before the next try.
const REST: Duration = Duration::from_secs(1);

/// The most that is kept of what a script says.
const ANSWER_BYTES: usize = 4096;

/// What became of a piece.
pub(super) struct Piece {
    /// Zero when it was there already.
    pub(super) sent_bytes: u64,
}

/// A connection of its own, which pieces go over one after another.
pub(super) struct Stream<'a> {
    transfer: &'a Transfer<'a>,
    over: &'a Cancel,
    pace: &'a Pace,
    connection: Option<Connection>,
}

/// Makes the file there, with its length, so that pieces can be written in place.
pub(super) fn make_there(transfer: &Transfer<'_>, remote: &Path, size_bytes: u64) -> Result<(), TransferError> {
    let script = Script::new("umask 077\n")
        .set("f", remote)
        .raw("mkdir -p -- \"$(dirname -- \"$f\")\" || exit 1\n")
        // One that is longer, or no file, is begun anew.
        .raw(&format!(
            "[ -f \"$f\" ] && [ \"$(wc -c <\"$f\")\" -le {size_bytes} ] || {{ rm -f -- \"$f\"; : >\"$f\"; }}\n"
        ))
        .raw("[ -f \"$f\" ]\n");
    let doing = format!("make the file {}", remote.display());
    transfer.machine.ask(&doing, &script, transfer.cancel).map_err(|error| told(error, remote, size_bytes))?;
    Ok(())
}

/// The length of a file there.
pub(super) fn size_there(transfer: &Transfer<'_>, remote: &Path) -> Result<u64, TransferError> {
    let script = Script::new("").set("f", remote).raw("wc -c <\"$f\"\n");
    let doing = format!("read the file {}", remote.display());
    let said = transfer.machine.ask(&doing, &script, transfer.cancel)?;
    let text = String::from_utf8_lossy(&said).trim().to_owned();
    text.parse().map_err(|_| {
        TransferError::Remote(SshError::Failed { host: transfer.machine.name().to_owned(), doing, reason: text })
    })
}

impl<'a> Stream<'a> {
    pub(super) const fn new(transfer: &'a Transfer<'a>, over: &'a Cancel, pace: &'a Pace) -> Self {
        Self { transfer, over, pace, connection: None }
    }

    /// Leaves a connection that broke; gives how long to wait before the next try.
    pub(super) fn rest(&mut self, error: &SshError) -> Duration {
        self.connection = None;
        match error {
            SshError::Resting { seconds, .. } => Duration::from_secs(*seconds),
            _ => REST,
        }
    }

    /// Brings one piece to the other side, unless it is there.
    pub(super) fn piece(&mut self, way: Way<'_>, range: Range) -> Result<Piece, TransferError> {
        let result = match way {
            Way::Up { from, local, remote } => self.up(from, local, remote, range),
            Way::Down { to, local, remote } => self.down(to, local, remote, range),
        };
        if matches!(result, Err(TransferError::Remote(_))) {
            self.connection = None;
        }
        result
    }

    fn up(&mut self, from: &File, local: &Path, remote: &Path, range: Range) -> Result<Piece, TransferError> {
        let ours = digest(from, range).map_err(failed("read", local))?.ok_or_else(|| changed(local))?;
        if self.digest_there(remote, range)? == Some(ours) {
            return Ok(Piece { sent_bytes: 0 });
        }
        // `obs` gathers what the pipe brings in small pieces; only whole blocks are skipped.
        let script = Script::new(HASH)
            .set("f", remote)
            .raw(&format!(
                "dd ibs=65536 obs={BLOCK_BYTES} seek={} conv=notrunc of=\"$f\" 2>said.$$ || {{ cat said.$$ >&2; rm -f said.$$; exit 1; }}\nrm -f said.$$\n",
                range.offset / BLOCK_BYTES
            ))
            .then(&hash_of(range));
        let mut at = 0;
        let mut next = || -> io::Result<Option<Vec<u8>>> {
            let left = usize::try_from(range.bytes - at).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
            if left == 0 {
                return Ok(None);
            }
            let mut chunk = vec![0; left];
            from.read_exact_at(&mut chunk, range.offset + at)?;
            at += left as u64;
            Ok(Some(chunk))
        };
        let said = self.converse(&script, Some(&mut next), &mut |_| {}).map_err(|error| match error {
            Broken::Local(source) => failed("read", local)(source),
            Broken::Remote(error) => told(error, remote, range.offset + range.bytes),
        })?;
        if parse(&said) == Some(ours) {
            Ok(Piece { sent_bytes: range.bytes })
        } else {
            Err(self.spoiled(remote, range))
        }
    }

    fn down(&mut self, to: &File, local: &Path, remote: &Path, range: Range) -> Result<Piece, TransferError> {
        let theirs = self.digest_there(remote, range)?.ok_or_else(|| changed(remote))?;
        if digest(to, range).map_err(failed("read", local))? == Some(theirs) {
            return Ok(Piece { sent_bytes: 0 });
        }
        let script = Script::new("").set("f", remote).raw(&read_of(range)).raw("\n");
        let mut at = 0;
        let mut wrong = None;
        self.converse(&script, None, &mut |chunk| {
            if at + chunk.len() as u64 > range.bytes {
                wrong = Some(io::Error::other("more came than was asked for"));
            } else if let Err(error) = to.write_all_at(chunk, range.offset + at) {
                wrong = Some(error);
            }
            at += chunk.len() as u64;
        })
        .map_err(|error| match error {
            Broken::Local(source) => failed("write", local)(source),
            Broken::Remote(error) => TransferError::Remote(error),
        })?;
        if let Some(source) = wrong {
            return Err(failed("write", local)(source));
        }
        // What the disk gives back counts, not what it was given.
        if at == range.bytes && digest(to, range).map_err(failed("read", local))? == Some(theirs) {
            Ok(Piece { sent_bytes: range.bytes })
        } else {
            Err(self.spoiled(remote, range))
        }
    }

    /// The digest of a piece there; `None` while it is not there wholly.
    fn digest_there(&mut self, remote: &Path, range: Range) -> Result<Option<Digest>, TransferError> {
        let script = Script::new(HASH)
            .set("f", remote)
            .raw(&format!("[ \"$(wc -c <\"$f\")\" -ge {} ] || {{ echo short; exit 0; }}\n", range.offset + range.bytes))
            .then(&hash_of(range));
        match self.converse(&script, None, &mut |_| {}) {
            Ok(said) => Ok(parse(&said)),
            Err(Broken::Remote(error)) => Err(error.into()),
            Err(Broken::Local(source)) => Err(failed("read", remote)(source)),
        }
    }

    /// Runs a script with what it is fed, if anything; gives the beginning of what it said as text.
    fn converse(
        &mut self,
        script: &Script,
        next: Option<&mut dyn FnMut() -> io::Result<Option<Vec<u8>>>>,
        on_out: &mut dyn FnMut(&[u8]),
    ) -> Result<String, Broken> {
        let machine = self.transfer.machine;
        let (cancel, over, pace) = (self.transfer.cancel, self.over, self.pace);
        let connection = match self.connection.take() {
            Some(connection) if connection.is_open() => connection,
            _ => machine.connect().map_err(Broken::Remote)?,
        };
        let connection = self.connection.insert(connection);
        let (mut out, mut words) = (Vec::new(), Vec::new());
        let mut broken = None;
        let is_stopped = || cancel.is_cancelled() || over.is_cancelled();
        let mut on_said = |said: Said<'_>| {
            match said {
                Said::Out(chunk) => {
                    on_out(chunk);
                    keep_beginning(&mut out, chunk);
                }
                Said::Err(chunk) => keep_beginning(&mut words, chunk),
            }
            true
        };
        let wait = |bytes| pace.take(bytes);
        let code = match next {
            None => machine.block_on(converse(machine.name(), connection, script, &is_stopped, None, &mut on_said)),
            Some(next) => {
                let mut next = || {
                    next().unwrap_or_else(|error| {
                        broken = Some(error);
                        None
                    })
                };
                let feed = Feed { next: &mut next, wait: &wait };
                machine.block_on(converse(machine.name(), connection, script, &is_stopped, Some(feed), &mut on_said))
            }
        };
        if let Some(error) = broken {
            return Err(Broken::Local(error));
        }
        match code.map_err(Broken::Remote)? {
            0 => Ok(String::from_utf8_lossy(&out).into_owned()),
            code => {
                let words = String::from_utf8_lossy(&words).trim().to_owned();
                let reason = if words.is_empty() { format!("it ended with code {code}") } else { words };
                let host = machine.name().to_owned();
                Err(Broken::Remote(SshError::Failed { host, doing: "copy a file".to_owned(), reason }))
            }
        }
    }

    fn spoiled(&self, remote: &Path, range: Range) -> TransferError {
        let host = self.transfer.machine.name().to_owned();
        TransferError::Spoiled { host, path: remote.to_owned(), offset: range.offset }
    }
}

/// Answers are short; what is longer is a file.
fn keep_beginning(kept: &mut Vec<u8>, chunk: &[u8]) {
    let room = ANSWER_BYTES.saturating_sub(kept.len()).min(chunk.len());
    kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
}

/// What broke off a conversation.
enum Broken {
    Local(io::Error),
    Remote(SshError),
}

/// Lines that write a piece of `$f` to standard output.
fn read_of(range: Range) -> String {
    let (skip, count) = (range.offset / BLOCK_BYTES, RANGE_BYTES / BLOCK_BYTES);
    format!("dd if=\"$f\" bs={BLOCK_BYTES} skip={skip} count={count} 2>/dev/null")
}

fn hash_of(range: Range) -> Script {
    Script::new(&read_of(range)).raw(" | hash\n")
}

/// The digest of a piece of a local file; `None` when the file is shorter.
fn digest(file: &File, range: Range) -> io::Result<Option<Digest>> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut at = 0;
    while at < range.bytes {
        let left = usize::try_from(range.bytes - at).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        let Some(chunk) = buffer.get_mut(..left) else { return Ok(None) };
        let count = file.read_at(chunk, range.offset + at)?;
        if count == 0 {
            return Ok(None);
        }
        hasher.update(chunk.get(..count).unwrap_or_default());
        at += count as u64;
    }
    Ok(Some(hasher.finalize().into()))
}

fn changed(path: &Path) -> TransferError {
    TransferError::Changed { path: path.to_owned() }
}

/// An error there, told for what it is when the disk is full.
fn told(error: SshError, path: &Path, size_bytes: u64) -> TransferError {
    match &error {
        SshError::Failed { host, reason, .. } if reason.contains("No space left") || reason.contains("Disk quota") => {
            TransferError::Full { host: host.clone(), path: path.to_owned(), size_bytes }
        }
        _ => error.into(),
    }
}
