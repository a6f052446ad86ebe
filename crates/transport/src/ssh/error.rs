//! What keeps us from another machine.

use std::io;

/// Why a machine cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SshError {
    /// No address for its name.
    #[error("{host} cannot be found: {}; look whether the name is right", plain(source))]
    NoAddress {
        /// `user@address:port`.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// No TCP connection.
    #[error("{host} cannot be reached: {}", unreached(source))]
    Unreachable {
        /// `user@address:port`.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// It took the connection, or none at all, and said nothing.
    #[error("{host} gave no answer within {seconds} s while {doing}")]
    Silent {
        /// `user@address:port`.
        host: String,
        /// Such as `logging in`.
        doing: &'static str,
        /// How long it was waited for.
        seconds: u64,
    },
    /// Whatever answers there does not speak SSH, or no dialect of ours.
    #[error("{host} answers, but not as an SSH server that can be used: {reason}")]
    NotUsable {
        /// `user@address:port`.
        host: String,
        /// What was wrong.
        reason: String,
    },
    /// Another machine, or the same one set up anew.
    #[error(
        "{host} shows the host key {shown} instead of {pinned}. If it was set up anew, forget its old key; if not, somebody \
         may be listening in between, and nothing was sent"
    )]
    HostKeyChanged {
        /// `user@address:port`.
        host: String,
        /// Fingerprint of the key that it was known by.
        pinned: String,
        /// Fingerprint of the key that it shows.
        shown: String,
    },
    /// The user's SSH configuration does not lead to a machine.
    #[error("the SSH configuration of {name} cannot be used: {reason}")]
    Config {
        /// As the user named it.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A private key of ours that cannot be read.
    #[error("the private key {key} cannot be used: {reason}")]
    Key {
        /// Its path, or that it was pasted.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The agent does not answer.
    #[error("the SSH agent cannot be asked: {reason}. Start one for the account that MediaFlow runs as, or give a key")]
    Agent {
        /// Why.
        reason: String,
    },
    /// None of our ways to log in was taken.
    #[error("{host} refused the login with {tried}; it offers {offered}")]
    LoginRefused {
        /// `user@address:port`.
        host: String,
        /// What was tried.
        tried: String,
        /// What it takes.
        offered: String,
    },
    /// The machine to go through is the trouble.
    #[error("the jump host does not let us through to {host}: {source}")]
    Jump {
        /// `user@address:port` of the machine behind it.
        host: String,
        /// What is wrong with the one in between.
        source: Box<SshError>,
    },
    /// A connection that stood is gone.
    #[error("the connection to {host} was lost: {reason}")]
    Lost {
        /// `user@address:port`.
        host: String,
        /// What is known.
        reason: String,
    },
    /// It was lost a moment ago and is not called again yet. Said as what the last try came to: how long is left would be
    /// wrong wherever it is kept.
    #[error("{reason}")]
    Resting {
        /// What the last try came to.
        reason: String,
        /// Seconds left.
        seconds: u64,
    },
    /// What ran there did not do what it should.
    #[error("{host} could not {doing}: {reason}")]
    Failed {
        /// `user@address:port`.
        host: String,
        /// Such as `read the file …`.
        doing: String,
        /// What it said.
        reason: String,
    },
    /// Stopped as asked.
    #[error("stopped as asked")]
    Cancelled,
}

/// What went wrong without the system's own number for it, which tells nobody anything.
pub(super) fn plain(error: impl std::fmt::Display) -> String {
    let mut text = error.to_string();
    while let Some(begin) = text.find(NUMBERED)
        && let Some(length) = text.get(begin..).and_then(|rest| rest.find(')'))
    {
        text.replace_range(begin..=begin + length, "");
    }
    text
}

/// How the system's numbers begin.
const NUMBERED: &str = " (os error ";

/// Why nothing answers at an address, with what to look at.
fn unreached(error: &io::Error) -> String {
    let reason = match error.kind() {
        io::ErrorKind::ConnectionRefused => "it refuses the connection".to_owned(),
        _ => plain(error),
    };
    format!("{reason}; look whether it is on, and whether an SSH server listens on that port")
}

impl SshError {
    /// Whether the machine cannot be asked anything: what was asked is not the reason.
    #[must_use]
    pub const fn keeps_out(&self) -> bool {
        !matches!(self, Self::Failed { .. } | Self::Cancelled)
    }

    /// Whether the machine may answer again without anybody doing anything.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::NoAddress { .. } | Self::Unreachable { .. } | Self::Silent { .. })
            || matches!(self, Self::Lost { .. } | Self::Resting { .. })
            || matches!(self, Self::Jump { source, .. } if source.may_pass())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_system_are_left_out() {
        let host = "me@desk:22".to_owned();
        let error = SshError::Unreachable { host, source: io::Error::from_raw_os_error(113) };
        let said = error.to_string();
        assert!(said.starts_with("me@desk:22 cannot be reached: ") && !said.contains("os error"), "{said}");
        assert_eq!(plain("one (os error 1): two (os error 22), three (os"), "one: two, three (os");
    }
}
