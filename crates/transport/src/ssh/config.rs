//! Names from the user's own SSH configuration.
//!
//! OpenSSH itself is asked what it makes of a name (`ssh -G`): it alone knows all of `Match`, `Include`, wildcards and
//! the order in which the first value wins. Nothing is connected by that.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::error::SshError;
use super::host::{Host, HostKey, Login};
use crate::cancel::Cancel;
use crate::process::{Invocation, ProcessError, run};

/// More machines to go through than this are a circle.
const MOST_JUMPS: usize = 8;

/// OpenSSH looks for at least so many keys of its own accord.
const USUAL_KEYS: usize = 3;

/// A machine as the user names it. What is left out here is taken from the SSH configuration, or is as with `ssh`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// A name of the configuration, a host name or an address.
    pub name: String,
    /// The account there.
    pub user: Option<String>,
    /// TCP port.
    pub port: Option<u16>,
    /// Ways to log in; where there is none, the agent and the keys that the configuration names.
    pub logins: Vec<Login>,
    /// Ways to log in beside those of the configuration, where there are no `logins`: after keys that it names for this
    /// machine, before those that OpenSSH looks for everywhere.
    pub other_logins: Vec<Login>,
    /// The key that it showed first.
    pub pinned: Option<HostKey>,
}

impl Named {
    /// Finds out who that is, by `file` instead of the user's and the system's configuration where it is given.
    pub fn resolve(self, file: Option<&Path>) -> Result<Host, SshError> {
        let name = self.name.clone();
        match meaning(&self, file)? {
            Some(meaning) => meaning.host(self, &name, file, 0),
            // Without a program that reads a configuration there is none.
            None => Ok(Host {
                user: self
                    .user
                    .ok_or_else(|| unusable(&name, "there is no user, and no program `ssh` that knows one"))?,
                port: self.port.unwrap_or(22),
                address: self.name,
                logins: if self.logins.is_empty() { self.other_logins } else { self.logins },
                pinned: self.pinned,
                via: None,
            }),
        }
    }
}

/// What `ssh -G` says about a name, as far as it concerns us.
#[derive(Debug, Default)]
struct Meaning {
    address: String,
    port: u16,
    user: String,
    keys: Vec<String>,
    only_keys: bool,
    jump: Option<String>,
    command: Option<String>,
}

impl Meaning {
    fn read(said: &str) -> Self {
        let mut meaning = Self::default();
        for (word, value) in said.lines().filter_map(|line| line.split_once(' ')) {
            let value = value.to_owned();
            match word {
                "hostname" => meaning.address = value,
                "port" => meaning.port = value.parse().unwrap_or(22),
                "user" => meaning.user = value,
                "identityfile" => meaning.keys.push(value),
                "identitiesonly" => meaning.only_keys = value == "yes",
                "proxyjump" => meaning.jump = Some(value).filter(|value| value != "none"),
                "proxycommand" => meaning.command = Some(value).filter(|value| value != "none"),
                _ => {}
            }
        }
        meaning
    }

    fn host(self, named: Named, first: &str, file: Option<&Path>, jumps: usize) -> Result<Host, SshError> {
        if let Some(command) = &self.command {
            let reason = format!("{} is reached by the ProxyCommand {command:?}; use ProxyJump instead", named.name);
            return Err(unusable(first, reason));
        }
        let via = match &self.jump {
            Some(list) => Some(Box::new(way(list, first, file, jumps)?)),
            None => None,
        };
        let logins = match (named.logins.is_empty(), self.names_keys()) {
            (false, _) => named.logins,
            (true, true) => joined(self.logins(), named.other_logins),
            (true, false) => joined(named.other_logins, self.logins()),
        };
        Ok(Host { address: self.address, port: self.port, user: self.user, logins, pinned: named.pinned, via })
    }

    fn logins(&self) -> Vec<Login> {
        let agent = (!self.only_keys && std::env::var_os("SSH_AUTH_SOCK").is_some()).then_some(Login::Agent);
        // Most of those that OpenSSH looks for by default are not there.
        let keys = self.keys.iter().map(|key| self.path(key)).filter(|path| path.is_file());
        agent.into_iter().chain(keys.map(|path| Login::KeyFile { path, passphrase: None })).collect()
    }

    /// Whether keys are named for this machine. Where none is, those are listed that OpenSSH looks for everywhere.
    fn names_keys(&self) -> bool {
        let is_usual = |key: &String| key.starts_with("~/.ssh/id_");
        self.keys.len() < USUAL_KEYS || !self.keys.iter().all(is_usual)
    }

    /// A path of the configuration with what OpenSSH puts into it.
    fn path(&self, text: &str) -> PathBuf {
        let home = std::env::home_dir().unwrap_or_default();
        let home = home.to_string_lossy();
        let text = text.strip_prefix("~/").map_or_else(|| text.to_owned(), |rest| format!("{home}/{rest}"));
        let mut path = String::new();
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            match (character, if character == '%' { rest.next() } else { None }) {
                ('%', Some('%')) => path.push('%'),
                ('%', Some('d')) => path.push_str(&home),
                ('%', Some('h')) => path.push_str(&self.address),
                ('%', Some('p')) => path.push_str(&self.port.to_string()),
                ('%', Some('r')) => path.push_str(&self.user),
                ('%', Some(other)) => path.extend(['%', other]),
                (other, _) => path.push(other),
            }
        }
        path.into()
    }
}

/// All of both, each once.
fn joined(mut first: Vec<Login>, then: Vec<Login>) -> Vec<Login> {
    for login in then {
        if !first.contains(&login) {
            first.push(login);
        }
    }
    first
}

/// The last of the machines to go through, each reached by the one before it.
fn way(list: &str, first: &str, file: Option<&Path>, jumps: usize) -> Result<Host, SshError> {
    let mut way: Option<Host> = None;
    for (number, step) in list.split(',').enumerate() {
        let jumps = jumps + number + 1;
        if jumps > MOST_JUMPS {
            return Err(unusable(first, "its ProxyJump leads in a circle"));
        }
        let named: Named = step.trim().parse().map_err(|error: NotNamed| unusable(first, error.to_string()))?;
        let mut meaning = meaning(&named, file)?.ok_or_else(|| unusable(first, "`ssh` is gone"))?;
        // What is named after another one is reached through that, whatever is said of it elsewhere.
        if way.is_some() {
            meaning.jump = None;
        }
        let mut host = meaning.host(named, first, file, jumps)?;
        host.via = way.take().map(Box::new).or(host.via);
        way = Some(host);
    }
    way.ok_or_else(|| unusable(first, "its ProxyJump names nobody"))
}

/// A text that names no machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no machine; write it as user@host:port")]
pub struct NotNamed(String);

impl FromStr for Named {
    type Err = NotNamed;

    /// `[user@]name[:port]`, also as `ssh://…`, with the address in brackets where it has colons and a port.
    fn from_str(text: &str) -> Result<Self, NotNamed> {
        let wrong = || NotNamed(text.to_owned());
        let step = text.strip_prefix("ssh://").unwrap_or(text);
        let (user, place) = step.rsplit_once('@').map_or((None, step), |(user, place)| (Some(user), place));
        let (name, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((name, "")) => (name, None),
            Some((name, rest)) => (name, Some(rest.strip_prefix(':').ok_or_else(wrong)?)),
            None => match place.split_once(':') {
                Some((name, port)) if !port.contains(':') => (name, Some(port)),
                _ => (place, None),
            },
        };
        let is_plain = |text: &str| !text.is_empty() && !text.starts_with('-') && !text.contains(char::is_whitespace);
        if !is_plain(name) || user.is_some_and(|user| !is_plain(user)) {
            return Err(wrong());
        }
        let port = port.map(|port| port.parse().map_err(|_| wrong())).transpose()?;
        Ok(Self { name: name.to_owned(), user: user.map(str::to_owned), port, ..Self::default() })
    }
}

/// `None` where there is no program to ask.
fn meaning(named: &Named, file: Option<&Path>) -> Result<Option<Meaning>, SshError> {
    let mut invocation = Invocation::new("ssh", ["-G"]);
    let mut add = |option: &str, value: &std::ffi::OsStr| invocation.args.extend([option.into(), value.to_owned()]);
    if let Some(file) = file {
        add("-F", file.as_os_str());
    }
    if let Some(port) = named.port {
        add("-p", port.to_string().as_ref());
    }
    if let Some(user) = &named.user {
        add("-l", user.as_ref());
    }
    add("--", named.name.as_ref());
    match run(&invocation, &Cancel::new()) {
        Ok(said) if said.success() => Ok(Some(Meaning::read(&said.stdout_text()))),
        // A number without an account, as containers run under, has no configuration.
        Ok(said) if said.finished.stderr_lines.iter().any(|line| line.contains("No user exists")) => Ok(None),
        Ok(said) => Err(unusable(&named.name, said.finished.stderr_lines.join("; "))),
        Err(ProcessError::NotFound { .. }) => Ok(None),
        Err(error) => Err(unusable(&named.name, error.to_string())),
    }
}

fn unusable(name: &str, reason: impl Into<String>) -> SshError {
    SshError::Config { name: name.to_owned(), reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_to_go_through_is_written_as_for_ssh() {
        for (text, user, name, port) in [
            ("gate", None, "gate", None),
            ("joe@gate", Some("joe"), "gate", None),
            ("joe@gate:2200", Some("joe"), "gate", Some(2200)),
            ("gate:22", None, "gate", Some(22)),
            ("ssh://joe@gate:2200", Some("joe"), "gate", Some(2200)),
            ("joe@[fe80::1]:22", Some("joe"), "fe80::1", Some(22)),
            ("[::1]", None, "::1", None),
            ("fe80::1", None, "fe80::1", None),
        ] {
            let wanted = Named { name: name.to_owned(), user: user.map(str::to_owned), port, ..Named::default() };
            assert_eq!(text.parse::<Named>().unwrap(), wanted, "{text}");
        }
        for text in ["", "me@", "@host", "host:ssh", "host:70000", "-oProxyCommand=x", "a b", "[::1]22"] {
            let error = text.parse::<Named>().unwrap_err().to_string();
            assert!(error.contains("user@host:port"), "{text}: {error}");
        }
    }
}
