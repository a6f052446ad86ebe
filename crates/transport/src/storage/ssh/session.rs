//! The conversation with the machine that has the files: opened when it is needed, and anew after it broke.

use std::sync::{Mutex, PoisonError};

use mediaflow_core::path::RelPath;

use super::failure::{Failed, lost};
use super::shell::Shell;
use crate::ssh::sftp::{Sftp, SftpError};
use crate::ssh::{RemoteMachine, SshError};
use crate::storage::{Result, StorageError};

/// Both halves of a conversation: what changes files, and what looks closer than SFTP can.
pub(super) struct Session {
    pub(super) sftp: Sftp,
    pub(super) shell: Shell,
}

/// At most one session at a time. A change that may still come from the one before has ended when the next one opens.
pub(super) struct Sessions {
    machine: RemoteMachine,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: Option<Session>,
    /// How many were opened: open files belong to one of them.
    count: u64,
}

impl Sessions {
    pub(super) fn new(machine: RemoteMachine) -> Self {
        Self { machine, state: Mutex::default() }
    }

    pub(super) const fn machine(&self) -> &RemoteMachine {
        &self.machine
    }

    /// Does something once. Where the connection breaks meanwhile, nobody knows whether it was done.
    pub(super) fn once<T>(
        &self,
        path: Option<&RelPath>,
        work: impl FnOnce(&mut Session, u64) -> std::result::Result<T, Failed>,
    ) -> Result<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.run(&self.machine, None, work).map_err(|failed| failed.about(path))
    }

    /// Does something with what an earlier session opened; fails when that one is gone.
    pub(super) fn within<T>(
        &self,
        number: u64,
        path: &RelPath,
        work: impl FnOnce(&mut Session, u64) -> std::result::Result<T, Failed>,
    ) -> Result<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.run(&self.machine, Some(number), work).map_err(|failed| failed.about(Some(path)))
    }

    /// Looks at something, once more when the connection breaks.
    pub(super) fn looking<T>(
        &self,
        path: Option<&RelPath>,
        mut work: impl FnMut(&mut Session) -> std::result::Result<T, Failed>,
    ) -> Result<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.run(&self.machine, None, |session, _| work(session)) {
            Err(Failed::Lost(_)) => state.run(&self.machine, None, |session, _| work(session)),
            other => other,
        }
        .map_err(|failed| failed.about(path))
    }
}

impl State {
    fn run<T>(
        &mut self,
        machine: &RemoteMachine,
        number: Option<u64>,
        work: impl FnOnce(&mut Session, u64) -> std::result::Result<T, Failed>,
    ) -> std::result::Result<T, Failed> {
        // One that broke while nothing was under way costs nothing.
        if self.open.as_ref().is_some_and(|session| !session.sftp.is_open()) {
            self.leave(machine);
        }
        if number.is_some_and(|number| self.open.is_none() || number != self.count) {
            return Err(lost("the connection over which it was opened is gone"));
        }
        let mut session = match self.open.take() {
            Some(session) => session,
            None => self.connect(machine)?,
        };
        let done = work(&mut session, self.count);
        self.open = Some(session);
        if matches!(done, Err(Failed::Lost(_))) {
            self.leave(machine);
        }
        done
    }

    fn leave(&mut self, machine: &RemoteMachine) {
        if let Some(session) = self.open.take() {
            session.sftp.leave(machine);
        }
    }

    fn connect(&mut self, machine: &RemoteMachine) -> std::result::Result<Session, SshError> {
        let session = Session { sftp: Sftp::open(machine)?, shell: Shell::open(machine)? };
        self.count += 1;
        Ok(session)
    }
}

impl From<SftpError> for Failed {
    fn from(error: SftpError) -> Self {
        match error {
            SftpError::Status(status) => Self::Status(status),
            SftpError::Lost(error) => Self::Lost(error.to_string()),
            SftpError::Senseless(reason) => Self::Lost(format!("the SFTP server makes no sense: {reason}")),
        }
    }
}

impl From<SshError> for Failed {
    fn from(error: SshError) -> Self {
        Self::Lost(error.to_string())
    }
}

impl From<StorageError> for Failed {
    fn from(error: StorageError) -> Self {
        Self::Told(error)
    }
}
