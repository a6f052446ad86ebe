//! Asking another machine how it feels.

use std::path::Path;
use std::time::Duration;

use super::error::SshError;
use super::facts::Doing;
use super::machine::RemoteMachine;
use super::script::Script;
use crate::cancel::Cancel;
use crate::vitals::Metrics;

const SCRIPT: &str = include_str!("metrics.sh");

/// It takes half a second, or two on macOS. A machine that has not answered by then does not count as alive.
const TIME_LIMIT: Duration = Duration::from_secs(15);

impl RemoteMachine {
    /// How it feels: one round trip, which is its sign of life too.
    pub fn metrics(&self, work_dir: &Path, cancel: &Cancel) -> Result<Metrics, SshError> {
        let script = Script::new("").set("w", work_dir).raw(SCRIPT);
        let doing = Doing { what: "report its load", when: "reporting its load" };
        let said = self.ask_within(doing, &script, TIME_LIMIT, cancel)?;
        Ok(Metrics::parse(&String::from_utf8_lossy(&said)))
    }
}
