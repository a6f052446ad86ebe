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

impl RemoteMachine {
    /// What it is. Changes nothing there.
    pub fn facts(&self, cancel: &Cancel) -> Result<Facts, SshError> {
        let said = self.ask_within("reporting its hardware", &Script::new(SCRIPT), TIME_LIMIT, cancel)?;
        Ok(Facts::parse(&String::from_utf8_lossy(&said)))
    }

    /// As `ask`, of a machine that may accept and never answer.
    pub(super) fn ask_within(
        &self,
        doing: &'static str,
        script: &Script,
        limit: Duration,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, SshError> {
        self.ask(doing, script, &cancel.with_time_limit(limit)).map_err(|error| match error {
            SshError::Cancelled if !cancel.is_cancelled() => {
                SshError::Silent { host: self.name().to_owned(), doing, seconds: limit.as_secs() }
            }
            other => other,
        })
    }
}
