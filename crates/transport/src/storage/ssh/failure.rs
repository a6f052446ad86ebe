//! What a failure means. SFTP has one number for most of them, so what lies there is looked at.

use mediaflow_core::path::RelPath;

use super::session::Session;
use super::stat::device;
use crate::ssh::sftp::{self, Status};
use crate::storage::{ErrorClass, Operation, StorageError};

/// Less than this, and a disk that refuses bytes is full.
const FULL_BELOW_BYTES: u64 = 1024 * 1024;

/// Why a step failed, before it is told about a path.
#[derive(Debug)]
pub(super) enum Failed {
    /// The server said no.
    Status(Status),
    /// The connection broke.
    Lost(String),
    /// It is known what is wrong.
    Told(StorageError),
}

pub(super) fn lost(reason: &str) -> Failed {
    Failed::Lost(reason.to_owned())
}

impl Failed {
    pub(super) fn about(self, path: Option<&RelPath>) -> StorageError {
        match self {
            Self::Told(error) => error,
            // Where nothing else is known, it was a look.
            Self::Status(status) => told(Operation::Look, path, &status, plain_class(&status)),
            Self::Lost(reason) => StorageError::new(Operation::Reach, path, ErrorClass::Io, reason),
        }
    }

    /// Says what was being done, with what the server's own number says of it.
    pub(super) fn during(self, operation: Operation, path: Option<&RelPath>) -> Self {
        match self {
            Self::Status(status) => Self::Told(told(operation, path, &status, plain_class(&status))),
            other => other,
        }
    }
}

/// A change that failed.
pub(super) struct Change<'a> {
    pub(super) operation: Operation,
    /// What is told of.
    pub(super) path: &'a RelPath,
    /// Where that is.
    pub(super) full: &'a [u8],
    /// The name that was to be made, where it is another one.
    pub(super) made: Option<&'a [u8]>,
    /// Whether a file that has that name stands in the way.
    pub(super) refuses: bool,
}

impl Change<'_> {
    /// Finds out why.
    pub(super) fn explain(&self, session: &mut Session, failed: Failed) -> Failed {
        let status = match failed {
            Failed::Status(status) => status,
            other => return other,
        };
        let class = if status.code == sftp::FAILURE {
            match self.look_around(session) {
                Ok(class) => class,
                Err(failed) => return failed,
            }
        } else {
            plain_class(&status)
        };
        Failed::Told(told(self.operation, Some(self.path), &status, class))
    }

    fn look_around(&self, session: &mut Session) -> Result<ErrorClass, Failed> {
        let made = self.made.unwrap_or(self.full);
        let folder = parent(made);
        if self.refuses {
            let pending = session.sftp.begin_look(made)?;
            if session.sftp.end_look(pending)?.is_some() {
                return Ok(ErrorClass::Exists);
            }
        }
        if made != self.full && device(session, folder)? != device(session, parent(self.full))? {
            return Ok(ErrorClass::CrossDevice);
        }
        // A server that does not say how full a disk is leaves it at that.
        if let Ok(space) = session.sftp.space(folder) {
            if space.is_read_only {
                return Ok(ErrorClass::ReadOnly);
            }
            if space.free_bytes < FULL_BELOW_BYTES {
                return Ok(ErrorClass::NoSpace);
            }
        }
        Ok(ErrorClass::Io)
    }
}

fn parent(full: &[u8]) -> &[u8] {
    match full.iter().rposition(|byte| *byte == b'/') {
        Some(at) if at > 0 => full.get(..at).unwrap_or(full),
        _ => b"/",
    }
}

const fn plain_class(status: &Status) -> ErrorClass {
    match status.code {
        sftp::NO_SUCH_FILE => ErrorClass::NotFound,
        sftp::PERMISSION_DENIED => ErrorClass::Permission,
        sftp::NOT_SUPPORTED => ErrorClass::NotSupported,
        _ => ErrorClass::Io,
    }
}

fn told(operation: Operation, path: Option<&RelPath>, status: &Status, class: ErrorClass) -> StorageError {
    let cause = match class {
        ErrorClass::Exists => "something has this name already",
        ErrorClass::NoSpace => "the disk is full",
        ErrorClass::ReadOnly => "the disk may only be read",
        ErrorClass::CrossDevice => "the two names lie on different disks",
        _ => &status.message,
    };
    StorageError::new(operation, path, class, cause)
}
