//! Asking another machine what it is.

use std::time::Duration;

use super::error::SshError;
use super::machine::RemoteMachine;
use super::script::Script;
use crate::cancel::Cancel;
use crate::vitals::Facts;

const SCRIPT: &str = include_str!("facts.sh");

/// macOS takes some seconds to list its displays; a driver that hangs takes for ever.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What a machine is asked for, as in "it could not …" and "no answer while …".
#[derive(Clone, Copy)]
pub(super) struct Doing {
    pub what: &'static str,
    pub when: &'static str,
}

impl RemoteMachine {
    /// What it is. Changes nothing there.
    pub fn facts(&self, cancel: &Cancel) -> Result<Facts, SshError> {
        let doing = Doing { what: "report its hardware", when: "reporting its hardware" };
        let said = self.ask_within(doing, &Script::new(SCRIPT), TIME_LIMIT, cancel)?;
        Ok(Facts::parse(&String::from_utf8_lossy(&said)))
    }

    /// As `ask`, of a machine that may accept and never answer.
    pub(super) fn ask_within(
        &self,
        doing: Doing,
        script: &Script,
        limit: Duration,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, SshError> {
        self.ask(doing.what, script, &cancel.with_time_limit(limit)).map_err(|error| match error {
            SshError::Cancelled if !cancel.is_cancelled() => {
                SshError::Silent { host: self.name().to_owned(), doing: doing.when, seconds: limit.as_secs() }
            }
            other => other,
        })
    }
}
