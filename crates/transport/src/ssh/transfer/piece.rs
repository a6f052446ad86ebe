//! One piece after another from one end to the other.

use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use super::super::error::SshError;
use super::fingerprint::{Fingerprint, Hash};
use super::here::Here;
use super::job::{Job, Stopped};
use super::ranges::Range;
use super::there::{Link, There};
use super::{End, TransferError};

/// How many chunks the reading end may be ahead: a few megabytes.
const CHUNKS_AHEAD: usize = 32;

/// How long to wait for a machine that does not answer, before the next try.
const REST: Duration = Duration::from_secs(1);

/// A file as one stream works on it.
enum Side<'a> {
    Here(Here<'a>),
    There(Box<There<'a>>),
}

/// The connections to the two ends, where those are other machines.
#[derive(Clone, Default)]
pub(super) struct Links {
    from: Link,
    to: Link,
}

/// Takes pieces from one end to the other.
pub(super) struct Stream<'a> {
    job: &'a Job<'a>,
    from: Side<'a>,
    to: Side<'a>,
}

impl<'a> Stream<'a> {
    pub(super) fn new(job: &'a Job<'a>, links: Links) -> Self {
        let from = Side::new(job.way.from, job.stopped, links.from);
        Self { job, from, to: Side::new(job.way.to, job.stopped, links.to) }
    }

    /// Leaves connections that broke; gives how long to wait before the next try.
    pub(super) fn rest(&mut self, error: &SshError) -> Duration {
        self.from.hang_up();
        self.to.hang_up();
        match error {
            SshError::Resting { seconds, .. } => Duration::from_secs(*seconds),
            _ => REST,
        }
    }

    /// Whether a piece is at the other side already, as far as it can be seen from there.
    pub(super) fn is_there(&mut self, range: Range) -> Result<bool, TransferError> {
        let hash = self.job.way.kind.draw();
        let wanted = self.wanted(range, &hash)?;
        let is_there = self.to.fingerprint(range, &hash)? == Some(wanted);
        if is_there {
            self.job.arrived(range.bytes);
        }
        Ok(is_there)
    }

    /// Brings one piece to the other side, whatever is there.
    pub(super) fn piece(&mut self, range: Range) -> Result<(), TransferError> {
        let mut passed = 0;
        match self.pass(range, &mut passed) {
            Ok(()) => {
                // What did not pass through here is counted now.
                self.job.arrived(range.bytes.saturating_sub(passed));
                Ok(())
            }
            Err(error) => {
                self.job.lost(passed);
                Err(error)
            }
        }
    }

    /// The fingerprint of a piece at its source.
    fn wanted(&mut self, range: Range, hash: &Hash) -> Result<Fingerprint, TransferError> {
        self.from.fingerprint(range, hash)?.ok_or_else(|| self.job.way.from.changed())
    }

    /// Sends a piece, and compares what lies at the two sides then.
    fn pass(&mut self, range: Range, passed: &mut u64) -> Result<(), TransferError> {
        let job = self.job;
        let hash = &job.way.kind.draw();
        if let (true, Side::There(from), Side::There(to)) = (job.way.is_direct, &self.from, &mut self.to) {
            job.wait(range.bytes);
            let got = to.pull(range, hash, from)?;
            let wanted = self.wanted(range, hash)?;
            return if got == Some(wanted) { Ok(()) } else { Err(job.way.to.spoiled(range)) };
        }
        let (wanted, got) = match (&mut self.from, &mut self.to) {
            (from, Side::Here(to)) => fetch(job, from, to, range, hash, passed)?,
            (Side::Here(from), Side::There(to)) => send(job, from, to, range, hash, passed)?,
            (Side::There(from), Side::There(to)) => pass_on(job, from, to, range, hash, passed)?,
        };
        if *passed != range.bytes {
            return Err(job.way.from.changed());
        }
        if wanted.is_some() && got == wanted { Ok(()) } else { Err(job.way.to.spoiled(range)) }
    }
}

/// The fingerprints at the source and at the other side.
type Both = (Option<Fingerprint>, Option<Fingerprint>);

/// Sends a piece to another machine, read by the thread that sends it: it need not be handed to another one, which took a
/// tenth of the processor's time of all, and more on the way back.
fn send(
    job: &Job<'_>,
    from: &Here<'_>,
    to: &mut There<'_>,
    range: Range,
    hash: &Hash,
    passed: &mut u64,
) -> Result<Both, TransferError> {
    let mut reading = from.reading(range, hash);
    let written = to.write(range, hash, &mut || {
        let chunk = reading.next()?;
        job.goes(chunk.len() as u64, passed);
        Some(chunk)
    });
    // What could not be read is why it was not sent to its end.
    let wanted = reading.finish()?;
    Ok((wanted, written?))
}

/// Passes a piece on from one machine to another.
fn pass_on(
    job: &Job<'_>,
    from: &mut There<'_>,
    to: &mut There<'_>,
    range: Range,
    hash: &Hash,
    passed: &mut u64,
) -> Result<Both, TransferError> {
    let (send, receive) = sync_channel::<Vec<u8>>(CHUNKS_AHEAD);
    let (read, written) = thread::scope(|scope| {
        let reading = scope.spawn(move || from.read(range, hash, &mut |chunk| send.send(chunk.to_vec()).is_ok()));
        let written = to.write(range, hash, &mut || {
            let chunk = receive.recv().ok()?;
            job.goes(chunk.len() as u64, passed);
            Some(chunk)
        });
        // By this the reading end notices that nobody takes any more.
        drop(receive);
        (reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), written)
    });
    // A reader whose chunks are not taken stops; then the writer knows why.
    let got = written?;
    Ok((read?, got))
}

/// Brings a piece to this machine, written by the thread that hears it.
fn fetch(
    job: &Job<'_>,
    from: &mut Side<'_>,
    to: &Here<'_>,
    range: Range,
    hash: &Hash,
    passed: &mut u64,
) -> Result<Both, TransferError> {
    let mut written = Ok(());
    let wanted = from.read(range, hash, &mut |chunk| {
        let bytes = chunk.len() as u64;
        if *passed + bytes > range.bytes {
            return false;
        }
        written = to.put(range.offset + *passed, chunk);
        if written.is_ok() {
            job.goes(bytes, passed);
        }
        written.is_ok()
    });
    // What could not be written is why it was not heard to its end.
    written?;
    let wanted = wanted?;
    let got = if *passed == range.bytes { to.fingerprint(range, hash)? } else { None };
    Ok((wanted, got))
}

impl<'a> Side<'a> {
    fn new(end: End<'a>, stopped: Stopped<'a>, link: Link) -> Self {
        match end {
            End::Here(here) => Self::Here(here),
            End::There(place) => Self::There(Box::new(There::new(place, stopped, link))),
        }
    }

    fn hang_up(&mut self) {
        if let Self::There(there) = self {
            there.hang_up();
        }
    }

    fn fingerprint(&mut self, range: Range, hash: &Hash) -> Result<Option<Fingerprint>, TransferError> {
        match self {
            Self::Here(here) => here.fingerprint(range, hash),
            Self::There(there) => there.fingerprint(range, hash),
        }
    }

    fn read(
        &mut self,
        range: Range,
        hash: &Hash,
        on_chunk: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Option<Fingerprint>, TransferError> {
        match self {
            Self::Here(here) => here.read(range, hash, on_chunk),
            Self::There(there) => there.read(range, hash, on_chunk),
        }
    }
}
