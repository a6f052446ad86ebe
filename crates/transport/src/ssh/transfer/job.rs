//! What all streams of one transfer share, and how a stream gets through bad days.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::super::error::SshError;
use super::pace::Pace;
use super::piece::{Links, Stream};
use super::ranges::Range;
use super::{TransferError, Way};
use crate::cancel::Cancel;

/// How often a piece is tried again while the machine answers, before something is wrong that a try does not mend.
const TRIES: u32 = 5;

/// How long a machine that does not answer is waited for.
const AWAY_LIMIT: Duration = Duration::from_secs(120);

/// Whether the user, or another stream, wants this one to end.
#[derive(Clone, Copy)]
pub(super) struct Stopped<'a> {
    pub(super) cancel: &'a Cancel,
    pub(super) over: &'a Cancel,
}

/// What all streams of a transfer share.
pub(super) struct Job<'a> {
    pub(super) way: Way<'a>,
    pub(super) stopped: Stopped<'a>,
    pub(super) pace: Pace,
    pub(super) on_progress: &'a (dyn Fn(u64) + Sync),
    pub(super) left: Mutex<VecDeque<Range>>,
    /// With what is under way.
    pub(super) arrived: AtomicU64,
    pub(super) sent: AtomicU64,
    pub(super) kept: AtomicU64,
}

impl Job<'_> {
    /// Takes pieces until none is left.
    pub(super) fn stream(&self, links: Links) -> Result<(), TransferError> {
        let mut stream = Stream::new(self, links);
        loop {
            let next = self.left.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(range) = next else { return Ok(()) };
            let (mut tries, mut away) = (0, Duration::ZERO);
            // What an earlier transfer, or an earlier try, has brought is looked at before it is sent again.
            let mut may_be_there = range.offset + range.bytes <= self.way.found_bytes;
            loop {
                match self.bring(&mut stream, range, may_be_there) {
                    Ok(()) => break,
                    Err(TransferError::Remote(error)) if error.may_pass() && away < AWAY_LIMIT => {
                        let rest = stream.rest(&error);
                        away += rest;
                        self.stopped.rest(rest)?;
                    }
                    Err(TransferError::Spoiled { .. }) if tries + 1 < TRIES => tries += 1,
                    Err(error) => return Err(error),
                }
                may_be_there = true;
            }
        }
    }

    fn bring(&self, stream: &mut Stream<'_>, range: Range, may_be_there: bool) -> Result<(), TransferError> {
        let counted = if may_be_there && stream.is_there(range)? {
            &self.kept
        } else {
            stream.piece(range)?;
            &self.sent
        };
        counted.fetch_add(range.bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Waits until so many bytes may go.
    pub(super) fn wait(&self, bytes: u64) {
        let wait = self.pace.take(bytes);
        if !wait.is_zero() {
            // One that was stopped is noticed by whoever waits for what is sent.
            let _ = self.stopped.rest(wait);
        }
    }

    /// Counts bytes of a piece that go over the line, at their time.
    pub(super) fn goes(&self, bytes: u64, passed: &mut u64) {
        self.wait(bytes);
        *passed += bytes;
        self.arrived(bytes);
    }

    pub(super) fn arrived(&self, bytes: u64) {
        (self.on_progress)(self.arrived.fetch_add(bytes, Ordering::Relaxed) + bytes);
    }

    /// Takes back what was counted of a piece that did not arrive.
    pub(super) fn lost(&self, bytes: u64) {
        self.arrived.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Stopped<'_> {
    pub(super) fn is_so(&self) -> bool {
        self.cancel.is_cancelled() || self.over.is_cancelled()
    }

    pub(super) fn rest(&self, time: Duration) -> Result<(), SshError> {
        if self.cancel.wait_timeout(time) || self.over.is_cancelled() { Err(SshError::Cancelled) } else { Ok(()) }
    }
}
