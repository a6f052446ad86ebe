//! Other machines, reached over SSH with nothing on them but an SSH server and a POSIX shell.
//!
//! Whatever runs there is a script for `sh` that this room writes ([`script`]); arguments and paths are quoted in one
//! place. Nothing is installed, and what a call started ends with its connection, except an attempt of
//! [`RemoteExecutor`], which is meant to outlive it.

mod ahead;
mod config;
mod connection;
mod conversation;
mod dialogue;
mod digest;
mod error;
mod executor;
mod facts;
mod host;
mod install;
mod list;
mod login;
mod look;
mod machine;
mod metrics;
mod round_trip;
pub(crate) mod script;
mod serve;
pub(crate) mod sftp;
mod speed;
mod transfer;
mod working;

pub use config::{Named, NotNamed};
pub(crate) use dialogue::Dialogue;
pub use error::SshError;
pub use executor::RemoteExecutor;
pub use host::{Host, HostKey, Login, Secret};
pub use install::Folder;
pub use list::RemoteLister;
pub use look::{Ends, sha256_of_local};
pub use machine::{RemoteMachine, Ssh};
pub use serve::Served;
pub use speed::{Speed, SpeedTest};
pub use transfer::{Moved, Transfer, TransferError};
