//! One replacement on its way, from commit to commit.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use mediaflow_core::replace::{Action, Kind, Replacement, State, script};
use mediaflow_core::time::Timestamp;
use mediaflow_transport::storage::{AttributeLoss, StorageError, StorageLock};

use super::look::Looker;
use super::recover::Ending;
use super::{JournalError, Outcome, Refusal, ReplaceError, Replacer, Request};

/// How long a lock is waited for that somebody else has.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

/// Why a step was not completed.
#[derive(Debug)]
pub(super) enum Halt {
    /// The storage said no, or failed.
    Storage(StorageError),
    /// Something is not as it must be.
    Refused(Refusal),
}

impl From<StorageError> for Halt {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl std::fmt::Display for Halt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Storage(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

/// Where staging reads from.
pub(super) struct Input<'a> {
    pub(super) output: &'a Path,
    pub(super) progress: &'a dyn Fn(u64) -> ControlFlow<()>,
}

pub(super) struct Run<'a> {
    pub(super) replacer: &'a Replacer<'a>,
    pub(super) record: Replacement,
    pub(super) looker: Looker<'a>,
    pub(super) losses: Vec<AttributeLoss>,
    pub(super) recovering: bool,
    keep_until: Option<Timestamp>,
    input: Option<Input<'a>>,
    lock: Option<StorageLock>,
}

impl<'a> Run<'a> {
    pub(super) fn new(replacer: &'a Replacer<'a>, record: Replacement) -> Self {
        let looker = Looker::new(replacer.storage, &record);
        Self {
            replacer,
            record,
            looker,
            losses: Vec::new(),
            recovering: false,
            keep_until: None,
            input: None,
            lock: None,
        }
    }

    pub(super) fn with_input(mut self, request: &Request<'a>) -> Self {
        self.input = Some(Input { output: request.output, progress: request.progress });
        self
    }

    /// Follows the script to its end. Any error leads to a look at what lies where, as after a crash; except that a
    /// failed sync in the middle of the swap is not worked around.
    pub(super) fn drive(mut self) -> Result<Outcome, ReplaceError> {
        while let Some(step) = script(&self.record) {
            if self.needs_lock() {
                self.take_lock()?;
            }
            for action in step.actions {
                if let Err(halt) = self.forward(*action) {
                    return self.settle(halt);
                }
            }
            self.commit(step.next)?;
        }
        Ok(self.outcome())
    }

    fn forward(&mut self, action: Action) -> Result<(), Halt> {
        match (action, self.input.take()) {
            (Action::Stage, Some(input)) => self.stage(&input),
            (action, input) => {
                self.input = input;
                self.act(action)
            }
        }
    }

    fn commit(&mut self, next: State) -> Result<(), JournalError> {
        if next == State::Done {
            return self.finish();
        }
        self.replacer.journal.advance(&self.record, next)?;
        self.record.state = next;
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Result<(), JournalError> {
        self.keep_until = self.replacer.keep_until(&self.record);
        self.replacer.journal.finish(&self.record, self.keep_until)?;
        self.record.state = State::Done;
        Ok(())
    }

    fn outcome(self) -> Outcome {
        Outcome { replacement: self.record, losses: self.losses, keep_until: self.keep_until }
    }

    fn settle(mut self, halt: Halt) -> Result<Outcome, ReplaceError> {
        tracing::warn!(replacement = %self.record.id, state = ?self.record.state, "{halt}");
        if let Halt::Storage(error) = &halt
            && error.is_failed_sync()
            && self.record.swap_may_have_begun()
        {
            return Err(ReplaceError::Conflict(self.conflict(error)?));
        }
        match self.recover(&halt.to_string())? {
            Ending::Done => Ok(self.outcome()),
            Ending::Conflict(report) => Err(ReplaceError::Conflict(report)),
            Ending::Abandoned => Err(match halt {
                Halt::Storage(error) => ReplaceError::Failed(error),
                Halt::Refused(refusal) => ReplaceError::Refused(refusal),
            }),
        }
    }

    /// The note is there to be locked from `Ready` on, and from the start where it is an earlier replacement's.
    fn needs_lock(&self) -> bool {
        match self.record.kind {
            Kind::Beside => false,
            Kind::Replace => self.record.state >= State::Ready,
            Kind::Undo | Kind::RestoreBeside => true,
        }
    }

    /// Takes the note's lock, once. A second process at the same exchange would take it back.
    pub(super) fn take_lock(&mut self) -> Result<(), ReplaceError> {
        let began = Instant::now();
        while self.lock.is_none() {
            match self.replacer.storage.lock(&self.record.note) {
                Ok(Some(lock)) => self.lock = Some(lock),
                // A replacement that has just ended is told of a moment before it lets go; the lock of a connection that
                // has just broken ends with its process there.
                Ok(None) if began.elapsed() < LOCK_PATIENCE => std::thread::sleep(LOCK_PATIENCE / 100),
                Ok(None) => return Err(ReplaceError::Busy(self.record.id)),
                Err(error) => return Err(ReplaceError::Unresolved(error)),
            }
        }
        Ok(())
    }
}
