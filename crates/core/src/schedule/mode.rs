//! How a source comes to the worker that encodes it.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The ways a source may take, most direct first; the names are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TransferMode {
    /// It lies on this machine, which encodes it.
    #[serde(rename = "local")]
    Local,
    /// The worker sees it under a path of its own: a share that is mounted there.
    #[serde(rename = "mapped")]
    Mapped,
    /// The worker fetches it from the machine where it lies.
    #[serde(rename = "ssh_pull")]
    Pull,
    /// This machine sends it from its disk.
    #[serde(rename = "ssh_transfer")]
    Push,
    /// This machine passes it on from the machine where it lies, without keeping it.
    #[serde(rename = "relay")]
    Relay,
}

impl TransferMode {
    /// Every mode, most direct first.
    pub const ALL: [Self; 5] = [Self::Local, Self::Mapped, Self::Pull, Self::Push, Self::Relay];

    /// The wire's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Mapped => "mapped",
            Self::Pull => "ssh_pull",
            Self::Push => "ssh_transfer",
            Self::Relay => "relay",
        }
    }

    /// Reads the wire's name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Whether the source is copied into the worker's working directory.
    #[must_use]
    pub const fn copies_source(self) -> bool {
        matches!(self, Self::Pull | Self::Push | Self::Relay)
    }
}

impl fmt::Display for TransferMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The machine that has a source on its disk or mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourcePlace<'a> {
    /// This one.
    Here,
    /// One that is reached by SSH.
    Host(&'a str),
}

/// What decides which ways there are from a source to a worker.
#[derive(Debug, Clone, Copy)]
pub struct Route<'a> {
    /// Where the source lies.
    pub source: SourcePlace<'a>,
    /// Whether this machine is the worker.
    pub worker_is_local: bool,
    /// Where the worker would see it by the path mappings.
    pub mapped: Option<&'a Path>,
    /// Whether the user lets the worker connect to the machine where the source lies. This machine always may.
    pub may_pull: bool,
}

/// One way to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// How.
    pub mode: TransferMode,
    /// Why this is a way, for a person.
    pub reason: String,
}

/// The ways from a source to a worker, most direct first. There is always one. A mapping only says where the file should
/// be: whether it is there, and the same one, is for the caller to look before it takes that way.
#[must_use]
pub fn chain(route: &Route<'_>) -> Vec<Way> {
    let mut ways = Vec::new();
    let mut add = |mode, reason| ways.push(Way { mode, reason });
    if route.worker_is_local && route.source == SourcePlace::Here {
        add(TransferMode::Local, "the file is on this machine".to_owned());
        return ways;
    }
    if let Some(path) = route.mapped {
        add(TransferMode::Mapped, format!("it is to be found there as {}", path.display()));
    }
    match route.source {
        SourcePlace::Here => add(TransferMode::Push, "this machine sends it".to_owned()),
        SourcePlace::Host(host) => {
            if route.worker_is_local || route.may_pull {
                add(TransferMode::Pull, format!("fetched from {host}"));
            }
            if !route.worker_is_local {
                add(TransferMode::Relay, format!("passed on from {host} through this machine"));
            }
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(route: &Route<'_>, expected: &[TransferMode]) {
        let modes: Vec<_> = chain(route).into_iter().map(|way| way.mode).collect();
        assert_eq!(modes, expected, "{route:?}");
    }

    #[test]
    fn the_most_direct_way_comes_first_and_one_that_needs_no_mapping_last() {
        use TransferMode::{Local, Mapped, Pull, Push, Relay};
        let mapped = Some(Path::new("/mnt/films/a.mkv"));
        let here = Route { source: SourcePlace::Here, worker_is_local: true, mapped: None, may_pull: false };
        let nas = Route { source: SourcePlace::Host("nas"), ..here };
        check(&here, &[Local]);
        check(&Route { mapped, ..here }, &[Local]);
        check(&nas, &[Pull]);
        check(&Route { mapped, ..nas }, &[Mapped, Pull]);
        let (from_here, from_nas) =
            (Route { worker_is_local: false, ..here }, Route { worker_is_local: false, mapped, ..nas });
        check(&from_here, &[Push]);
        check(&Route { mapped, ..from_here }, &[Mapped, Push]);
        check(&from_nas, &[Mapped, Relay]);
        check(&Route { may_pull: true, ..from_nas }, &[Mapped, Pull, Relay]);
    }

    #[test]
    fn names_are_read_back() {
        for mode in TransferMode::ALL {
            assert_eq!(TransferMode::parse(mode.name()), Some(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.name(), "and serde knows the same");
        }
        assert_eq!(TransferMode::parse("rsync"), None);
    }
}
