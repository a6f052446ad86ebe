//! Files to, from and between other machines: in pieces over several connections, each piece hashed on both sides.
//!
//! A transfer needs no memory of the one before it: it looks at what is there, and sends what is missing or wrong. So a
//! broken one is taken up again by starting it again. The other machine needs `dd` and one of `openssl`, `sha256sum` and
//! `shasum`.

mod fingerprint;
mod here;
mod job;
mod pace;
mod piece;
mod ranges;
mod there;

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::error::SshError;
use super::machine::RemoteMachine;
use crate::cancel::Cancel;
use fingerprint::Kind;
use here::Here;
use job::{Job, Stopped};
use pace::Pace;
use piece::Links;
use ranges::{Range, split};
use there::Found;

/// Files above this size go over several connections.
const SEVERAL_STREAMS_FROM_BYTES: u64 = 100 * 1000 * 1000;

/// From this round trip on, what a connection carries is what the windows of its channels hold: 2 MiB a round trip each. So
/// several pieces of a large file go over it at once, and the line is not empty while one of them is hashed.
const LONG_LINE: Duration = Duration::from_millis(20);
const PIECES_ON_A_LONG_LINE: usize = 3;

/// What a transfer moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// Length of the file.
    pub size_bytes: u64,
    /// What was there already, from an earlier try.
    pub kept_bytes: u64,
    /// What went over the wire, with what was sent again.
    pub sent_bytes: u64,
}

/// Why a file did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// A file on this machine.
    #[error("cannot {doing} {path}: {source}")]
    Local {
        /// Such as `read`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The other machine.
    #[error(transparent)]
    Remote(#[from] SshError),
    /// Its disk has no room left.
    #[error("the disk of {host} is full; {path} needs {size_bytes} bytes")]
    Full {
        /// `user@address:port`.
        host: String,
        /// The file there.
        path: PathBuf,
        /// Its length.
        size_bytes: u64,
    },
    /// The file is not as long as it was a moment ago.
    #[error("{path} was changed while it was copied")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// What arrived is not what was sent, again and again.
    #[error(
        "{path} does not arrive whole on {host}: its bytes from {offset} on are different each time; look at its disk"
    )]
    Spoiled {
        /// `user@address:port`.
        host: String,
        /// The file there.
        path: PathBuf,
        /// Where the piece begins.
        offset: u64,
    },
}

/// How files are to go.
#[derive(Clone, Copy)]
pub struct Transfer<'a> {
    /// The other machine.
    pub machine: &'a RemoteMachine,
    /// Connections for a large file; at least one.
    pub streams: usize,
    /// The most that all streams together take.
    pub limit_bytes_per_second: Option<u64>,
    /// Stops it; what has arrived stays for the next try.
    pub cancel: &'a Cancel,
    /// Told how many bytes of the file are there, with those under way; fewer than before when some of them broke.
    pub on_progress: &'a (dyn Fn(u64) + Sync),
}

/// A file on another machine.
#[derive(Clone, Copy)]
struct Place<'a> {
    machine: &'a RemoteMachine,
    path: &'a Path,
}

/// A file at either end.
#[derive(Clone, Copy)]
enum End<'a> {
    Here(Here<'a>),
    There(Place<'a>),
}

/// What goes from where to where.
#[derive(Clone, Copy)]
struct Way<'a> {
    from: End<'a>,
    to: End<'a>,
    /// The bytes do not pass through here.
    is_direct: bool,
    size_bytes: u64,
    /// How long the file at the other side was at first; nothing behind this is looked for there.
    found_bytes: u64,
    /// The best that both ends can make.
    kind: Kind,
}

impl Transfer<'_> {
    /// Copies a file of this machine to a path there; whatever of it is there already stays.
    pub fn upload(&self, local: &Path, remote: &Path) -> Result<Moved, TransferError> {
        let file = File::open(local).map_err(failed("read", local))?;
        let size = || file.metadata().map(|metadata| metadata.len()).map_err(failed("read", local));
        let size_bytes = size()?;
        let to = Place { machine: self.machine, path: remote };
        let Found { size_bytes: found_bytes, kind } = to.make(size_bytes, self.cancel)?;
        let (from, to) = (End::Here(Here { file: &file, path: local }), End::There(to));
        let moved = self.carry(Way { from, to, is_direct: false, size_bytes, found_bytes, kind })?;
        same(size_bytes, size()?, local, moved)
    }

    /// Copies a file from there to a path on this machine, and syncs it; whatever of it is here already stays.
    pub fn download(&self, remote: &Path, local: &Path) -> Result<Moved, TransferError> {
        let there = Place { machine: self.machine, path: remote };
        let Found { size_bytes, kind } = there.find(self.cancel)?;
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(local);
        let file = opened.map_err(failed("write", local))?;
        let found_bytes = file.metadata().map_err(failed("read", local))?.len();
        file.set_len(size_bytes).map_err(failed("write", local))?;
        let (from, to) = (End::There(there), End::Here(Here { file: &file, path: local }));
        let moved = self.carry(Way { from, to, is_direct: false, size_bytes, found_bytes, kind })?;
        file.sync_all().map_err(failed("write", local))?;
        same(size_bytes, there.find(self.cancel)?.size_bytes, remote, moved)
    }

    /// Copies a file of another machine, `from`, to a path there, through this machine but not over its disk.
    pub fn relay(&self, from: &RemoteMachine, source: &Path, remote: &Path) -> Result<Moved, TransferError> {
        self.between(from, source, remote, false)
    }

    /// The same without passing through this machine: the other one fetches it by its own `ssh`, where that needs no
    /// password and reaches `from` under the address by which we know it. Fails otherwise; then there is [`Self::relay`].
    pub fn direct(&self, from: &RemoteMachine, source: &Path, remote: &Path) -> Result<Moved, TransferError> {
        self.between(from, source, remote, true)
    }

    fn between(
        &self,
        from: &RemoteMachine,
        source: &Path,
        remote: &Path,
        is_direct: bool,
    ) -> Result<Moved, TransferError> {
        let source = Place { machine: from, path: source };
        let target = Place { machine: self.machine, path: remote };
        let Found { size_bytes, kind } = source.find(self.cancel)?;
        let made = target.make(size_bytes, self.cancel)?;
        let (from, to) = (End::There(source), End::There(target));
        let (found_bytes, kind) = (made.size_bytes, kind.min(made.kind));
        let moved = self.carry(Way { from, to, is_direct, size_bytes, found_bytes, kind })?;
        same(size_bytes, source.find(self.cancel)?.size_bytes, source.path, moved)
    }

    fn carry(&self, way: Way<'_>) -> Result<Moved, TransferError> {
        let size_bytes = way.size_bytes;
        let ranges = split(size_bytes);
        let streams = if size_bytes >= SEVERAL_STREAMS_FROM_BYTES { self.streams.max(1) } else { 1 };
        let count = ranges.len();
        let streams = streams.min(count);
        let pieces_at_once = if streams > 1 && way.round_trip() >= LONG_LINE { PIECES_ON_A_LONG_LINE } else { 1 };
        // The first stream that gives up ends the others.
        let over = Cancel::new();
        let job = Job {
            way,
            stopped: Stopped { cancel: self.cancel, over: &over },
            pace: Pace::new(self.limit_bytes_per_second),
            on_progress: self.on_progress,
            left: Mutex::new(ranges.into()),
            arrived: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            kept: AtomicU64::new(0),
        };
        std::thread::scope(|scope| {
            let run = |links: Links| {
                let done = job.stream(links);
                if done.is_err() {
                    over.cancel();
                }
                done
            };
            let links: Vec<Links> = (0..streams).map(|_| Links::default()).collect();
            let mut all = std::iter::repeat_n(links, pieces_at_once).flatten().take(count);
            let first = all.next().unwrap_or_default();
            let others: Vec<_> = all.map(|links| scope.spawn(move || run(links))).collect();
            let mut result = run(first);
            for other in others {
                let other = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                // What ended the first one is the reason, not that it ended the others.
                if matches!(result, Ok(()) | Err(TransferError::Remote(SshError::Cancelled))) && other.is_err() {
                    result = other;
                }
            }
            result
        })?;
        Ok(Moved {
            size_bytes,
            kept_bytes: job.kept.load(Ordering::Relaxed),
            sent_bytes: job.sent.load(Ordering::Relaxed),
        })
    }
}

impl Way<'_> {
    /// Of the longer line.
    fn round_trip(&self) -> Duration {
        let to = |end: &End<'_>| match end {
            End::Here(_) => Duration::ZERO,
            End::There(place) => place.machine.round_trip(),
        };
        to(&self.from).max(to(&self.to))
    }
}

impl End<'_> {
    fn changed(&self) -> TransferError {
        let (Self::Here(Here { path, .. }) | Self::There(Place { path, .. })) = self;
        TransferError::Changed { path: path.to_path_buf() }
    }

    fn spoiled(&self, range: Range) -> TransferError {
        let (host, path) = match self {
            Self::Here(here) => ("this machine".to_owned(), here.path),
            Self::There(place) => (place.machine.name().to_owned(), place.path),
        };
        TransferError::Spoiled { host, path: path.to_owned(), offset: range.offset }
    }
}

/// A file that has another length now was not copied as it is.
fn same(before_bytes: u64, now_bytes: u64, path: &Path, moved: Moved) -> Result<Moved, TransferError> {
    if before_bytes == now_bytes { Ok(moved) } else { Err(TransferError::Changed { path: path.to_owned() }) }
}

fn failed<'a>(doing: &'static str, path: &'a Path) -> impl Fn(io::Error) -> TransferError + 'a {
    move |source| TransferError::Local { doing, path: path.to_owned(), source }
}
