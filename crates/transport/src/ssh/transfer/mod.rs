//! Files to and from another machine: in pieces over several connections, each piece hashed on both sides.
//!
//! A transfer needs no memory of the one before it: it looks at what is there, and sends what is missing or wrong. So a
//! broken one is taken up again by starting it again. The other machine needs `dd` and one of `sha256sum`, `shasum` and
//! `openssl`.

mod pace;
mod piece;
mod ranges;

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::error::SshError;
use super::machine::RemoteMachine;
use crate::cancel::Cancel;
use pace::Pace;
use piece::Stream;
use ranges::{Range, split};

/// Files above this size go over several connections.
const SEVERAL_STREAMS_FROM_BYTES: u64 = 100 * 1000 * 1000;

/// How often a piece is tried again while the machine answers, before something is wrong that a try does not mend.
const TRIES: u32 = 5;

/// How long a machine that does not answer is waited for.
const AWAY_LIMIT: Duration = Duration::from_secs(120);

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
    /// Told how many bytes of the file are there.
    pub on_progress: &'a (dyn Fn(u64) + Sync),
}

/// A file on either side, and which way it goes.
#[derive(Clone, Copy)]
enum Way<'a> {
    Up { from: &'a File, local: &'a Path, remote: &'a Path },
    Down { to: &'a File, local: &'a Path, remote: &'a Path },
}

/// What is left to do, shared by the streams.
struct Work {
    left: Mutex<VecDeque<Range>>,
    arrived: AtomicU64,
    sent: AtomicU64,
    kept: AtomicU64,
}

impl Transfer<'_> {
    /// Copies a file of this machine to a path there; whatever of it is there already stays.
    pub fn upload(&self, local: &Path, remote: &Path) -> Result<Moved, TransferError> {
        let from = File::open(local).map_err(failed("read", local))?;
        let size_bytes = from.metadata().map_err(failed("read", local))?.len();
        piece::make_there(self, remote, size_bytes)?;
        let moved = self.carry(Way::Up { from: &from, local, remote }, size_bytes)?;
        if from.metadata().map_err(failed("read", local))?.len() != size_bytes {
            return Err(TransferError::Changed { path: local.to_owned() });
        }
        Ok(moved)
    }

    /// Copies a file from there to a path on this machine, and syncs it; whatever of it is here already stays.
    pub fn download(&self, remote: &Path, local: &Path) -> Result<Moved, TransferError> {
        let size_bytes = piece::size_there(self, remote)?;
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(local);
        let to = opened.map_err(failed("write", local))?;
        to.set_len(size_bytes).map_err(failed("write", local))?;
        let moved = self.carry(Way::Down { to: &to, local, remote }, size_bytes)?;
        to.sync_all().map_err(failed("write", local))?;
        if piece::size_there(self, remote)? != size_bytes {
            return Err(TransferError::Changed { path: remote.to_owned() });
        }
        Ok(moved)
    }

    fn carry(&self, way: Way<'_>, size_bytes: u64) -> Result<Moved, TransferError> {
        let ranges = split(size_bytes);
        let streams = if size_bytes >= SEVERAL_STREAMS_FROM_BYTES { self.streams.max(1) } else { 1 };
        let streams = streams.min(ranges.len());
        let work = Work {
            left: Mutex::new(ranges.into()),
            arrived: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            kept: AtomicU64::new(0),
        };
        let pace = Pace::new(self.limit_bytes_per_second);
        // The first stream that gives up ends the others.
        let over = Cancel::new();
        std::thread::scope(|scope| {
            let run = || {
                let done = self.stream(way, &work, &pace, &over);
                if done.is_err() {
                    over.cancel();
                }
                done
            };
            let others: Vec<_> = (1..streams).map(|_| scope.spawn(run)).collect();
            let mut result = run();
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
            kept_bytes: work.kept.load(Ordering::Relaxed),
            sent_bytes: work.sent.load(Ordering::Relaxed),
        })
    }

    /// Takes pieces until none is left.
    fn stream(&self, way: Way<'_>, work: &Work, pace: &Pace, over: &Cancel) -> Result<(), TransferError> {
        let mut stream = Stream::new(self, over, pace);
        loop {
            let next = work.left.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(range) = next else { return Ok(()) };
            let (mut tries, mut away) = (0, Duration::ZERO);
            loop {
                // What an earlier transfer, or an earlier try, has brought is looked at before it is sent again.
                match stream.piece(way, range) {
                    Ok(piece) => {
                        work.sent.fetch_add(piece.sent_bytes, Ordering::Relaxed);
                        if piece.sent_bytes == 0 {
                            work.kept.fetch_add(range.bytes, Ordering::Relaxed);
                        }
                        let arrived = work.arrived.fetch_add(range.bytes, Ordering::Relaxed) + range.bytes;
                        (self.on_progress)(arrived);
                        break;
                    }
                    Err(TransferError::Remote(error)) if error.may_pass() && away < AWAY_LIMIT => {
                        let rest = stream.rest(&error);
                        away += rest;
                        if self.cancel.wait_timeout(rest) || over.is_cancelled() {
                            return Err(SshError::Cancelled.into());
                        }
                    }
                    Err(TransferError::Spoiled { .. }) if tries + 1 < TRIES => tries += 1,
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

fn failed<'a>(doing: &'static str, path: &'a Path) -> impl Fn(io::Error) -> TransferError + 'a {
    move |source| TransferError::Local { doing, path: path.to_owned(), source }
}
