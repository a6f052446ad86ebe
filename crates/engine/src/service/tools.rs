//! Finding ffmpeg takes a moment, and it may be missing: the service is up all the same, and what needs it waits.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mediaflow_core::media::preset::Settings;
use mediaflow_ffmpeg::abilities::Abilities;
use mediaflow_transport::cancel::Cancel;

use super::Service;
use super::error::CommandError;
use super::inner::Inner;
use super::tasks::Task;
use crate::run::measure::Tools;
use crate::toolchain::{Devices, Trials};

/// Whether ffmpeg was found.
#[derive(Debug, Clone, Default)]
pub enum ToolsState {
    /// It is being looked for.
    #[default]
    Looking,
    /// It was found.
    Found(Tools),
    /// It was not, for this reason; it is looked for again.
    Missing(String),
}

/// Where the tools are once they are found.
#[derive(Default)]
pub(super) struct ToolsSlot {
    state: Mutex<ToolsState>,
    changed: Condvar,
}

/// How long a command waits for ffmpeg to be found.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a task that waits looks whether the service stops.
const LOOK_EVERY: Duration = Duration::from_millis(200);

impl ToolsSlot {
    pub fn state(&self) -> ToolsState {
        self.lock().clone()
    }

    fn set(&self, state: ToolsState) {
        *self.lock() = state;
        self.changed.notify_all();
    }

    /// The tools, as soon as there are any; `None` when the service stops before, or after `limit`.
    pub fn wait(&self, stop: &Cancel, limit: Duration) -> Option<Tools> {
        let began = Instant::now();
        let mut state = self.lock();
        loop {
            if let ToolsState::Found(tools) = &*state {
                return Some(tools.clone());
            }
            if stop.is_cancelled() || began.elapsed() >= limit {
                return None;
            }
            (state, _) = self.changed.wait_timeout(state, LOOK_EVERY).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The tools for a command, which does not wait long.
    pub fn get(&self) -> Result<Tools, CommandError> {
        let looking = |state: &mut ToolsState| matches!(state, ToolsState::Looking);
        let (state, _) =
            self.changed.wait_timeout_while(self.lock(), PATIENCE, looking).unwrap_or_else(PoisonError::into_inner);
        match &*state {
            ToolsState::Found(tools) => Ok(tools.clone()),
            ToolsState::Missing(reason) => Err(CommandError::NoTools(reason.clone())),
            ToolsState::Looking => Err(CommandError::NoTools("ffmpeg is still being looked for; try again".to_owned())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, ToolsState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finds out what hardware can do, while everything else goes on; only an encode waits for it.
fn try_hardware(inner: &Inner, tools: &Tools) {
    inner.board.begin(Task::Tools, "trying encoders for a second each");
    match tools.devices.trials(&inner.stop) {
        Ok(trials) => tell(&trials),
        Err(error) if error.is_cancelled() => {}
        Err(error) => tracing::warn!("what encodes here could not be tried: {error}"),
    }
}

fn tell(trials: &Trials) {
    let works = trials.encoders.iter().filter(|report| report.works).map(|report| report.name.as_str());
    tracing::info!("encoders that work here: {}", works.collect::<Vec<_>>().join(", "));
}

impl Service {
    /// What encodes and decodes here; `None` while that is being tried for the first time.
    #[must_use]
    pub fn trials(&self) -> Option<Trials> {
        match self.inner.tools.state() {
            ToolsState::Found(tools) => tools.devices.known().map(|trials| trials.as_ref().clone()),
            ToolsState::Looking | ToolsState::Missing(_) => None,
        }
    }

    /// What encodes here; what is not known yet refuses nothing.
    pub(super) fn devices(&self) -> Devices {
        match self.inner.tools.state() {
            ToolsState::Found(tools) => tools.devices,
            ToolsState::Looking | ToolsState::Missing(_) => Devices::default(),
        }
    }

    /// What plans can be bound to here, as far as it is known by now.
    pub(super) fn abilities(&self) -> Abilities {
        self.trials().unwrap_or_default().abilities()
    }

    /// Refuses what nothing here can do, before it is queued.
    pub(super) fn check_able(&self, settings: &Settings) -> Result<(), CommandError> {
        match self.trials().unwrap_or_default().obstacle(settings) {
            Some(obstacle) => Err(CommandError::Refused(obstacle)),
            None => Ok(()),
        }
    }

    /// Tries again what encodes and decodes here, now.
    pub fn try_again(&self) -> Result<Trials, CommandError> {
        let tools = self.inner.tools.get()?;
        let trials =
            tools.devices.try_again(&self.inner.stop).map_err(|error| CommandError::Failed(error.to_string()))?;
        tell(&trials);
        Ok(trials)
    }
}

/// Looks for ffmpeg until it is there.
pub(super) fn find(inner: &Arc<Inner>) -> Result<(), String> {
    if !matches!(inner.tools.state(), ToolsState::Found(_)) {
        inner.board.begin(Task::Tools, "looking for ffmpeg");
        match (inner.find_tools)(&inner.stop) {
            Ok(tools) => {
                tracing::info!("ffmpeg {} found: {}", tools.version, tools.ffmpeg.display());
                inner.tools.set(ToolsState::Found(tools.clone()));
                try_hardware(inner, &tools);
                inner.board.end(Task::Tools, Some(format!("ffmpeg {}", tools.version)), None);
            }
            Err(_) if inner.stop.is_cancelled() => {}
            Err(reason) => {
                inner.tools.set(ToolsState::Missing(reason.clone()));
                return Err(reason);
            }
        }
    }
    // Its work is done; it only waits to be shown as stopped.
    while !inner.stop.wait_timeout(Duration::from_secs(3600)) {}
    Ok(())
}
