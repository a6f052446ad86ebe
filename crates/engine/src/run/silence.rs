//! A worker that does not answer: it is waited for, as long as the user allows, and that is said.

use std::time::{Duration, Instant};

use mediaflow_store::StoreError;

use super::line::Line;
use super::measure::MeasureError;

/// A worker that does not answer for so long is said to be silent.
const SILENCE: Duration = Duration::from_secs(15);

/// How often a measurement is begun again that broke off with its connection.
const TRIES_OF_A_MEASUREMENT: u32 = 10;

/// How long a worker that does not answer is left alone.
const CALL_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// When a worker last answered.
pub(super) struct Heard {
    pub at: Instant,
    /// Whether it was said that it does not.
    is_said: bool,
}

impl Heard {
    pub fn now() -> Self {
        Self { at: Instant::now(), is_said: false }
    }
}

impl Line<'_> {
    /// Does again what a lost connection has broken off, as soon as the worker answers. One that stays away for longer than
    /// the user allows is lost, and the last error tells why.
    pub(super) fn patiently<T>(&self, mut work: impl FnMut() -> Result<T, MeasureError>) -> Result<T, MeasureError> {
        for _ in 0..TRIES_OF_A_MEASUREMENT {
            let error = match work() {
                Err(error) if error.is_unreachable() && !self.hand.cancel.is_cancelled() => error,
                done => return done,
            };
            if !self.is_back() {
                return Err(error);
            }
        }
        work()
    }

    /// Waits until the worker answers again; `false` when it does not for longer than the user allows.
    pub(super) fn is_back(&self) -> bool {
        let lease = self.runner.lease().unwrap_or_default();
        let mut heard = Heard::now();
        while !self.hand.cancel.wait_timeout(CALL_AGAIN_AFTER) {
            let said = match self.worker.machine().threads() {
                Err(error) if error.is_unreachable() && heard.at.elapsed() < lease => self.say_silence(&mut heard),
                Err(error) if error.is_unreachable() => return false,
                _ => {
                    self.warn_unless(self.heard_again(&mut heard));
                    return true;
                }
            };
            self.warn_unless(said);
        }
        false
    }

    /// Says that nothing is heard of the worker, once that is no passing thing.
    pub(super) fn say_silence(&self, heard: &mut Heard) -> Result<(), StoreError> {
        if heard.is_said || heard.at.elapsed() < SILENCE {
            return Ok(());
        }
        heard.is_said = true;
        let (name, lease) = (&self.worker.name, self.runner.lease()?.as_secs());
        let reason =
            format!("{name} does not answer; what it does is not known. After {lease} s the job goes elsewhere");
        tracing::warn!("job {}: {reason}", self.job.id);
        self.runner.store.write(|tx| tx.job_stays(self.job.id, Some(&reason))).map(drop)
    }

    /// What is only said may fail.
    fn warn_unless(&self, said: Result<(), StoreError>) {
        if let Err(error) = said {
            tracing::warn!("job {}: how {} is cannot be said: {error}", self.job.id, self.worker.name);
        }
    }

    /// The worker gave a sign of life.
    pub(super) fn heard_again(&self, heard: &mut Heard) -> Result<(), StoreError> {
        if heard.is_said {
            tracing::info!("job {}: {} answers again", self.job.id, self.worker.name);
            self.runner.store.write(|tx| tx.job_stays(self.job.id, None))?;
        }
        *heard = Heard::now();
        Ok(())
    }
}
