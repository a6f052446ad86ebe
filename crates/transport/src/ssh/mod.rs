//! Other machines, reached over SSH with nothing on them but an SSH server and a POSIX shell.
//!
//! Whatever runs there is a script for `sh` that this room writes ([`script`]); arguments and paths are quoted in one
//! place. Nothing is installed, and what a call started ends with its connection, except an attempt of
//! [`RemoteExecutor`], which is meant to outlive it.

mod connection;
mod conversation;
mod error;
mod executor;
mod host;
mod machine;
mod script;
mod transfer;

pub use error::SshError;
pub use executor::RemoteExecutor;
pub use host::{Host, HostKey, Login, Secret};
pub use machine::{RemoteMachine, Ssh};
pub use transfer::{Moved, Transfer, TransferError};
