//! Finding ffmpeg takes a moment, and it may be missing: the service is up all the same, and what needs it waits.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mediaflow_transport::cancel::Cancel;

use super::error::CommandError;
use super::inner::Inner;
use super::tasks::Task;
use crate::run::measure::Tools;

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

    /// The tools, as soon as there are any; `None` when the service stops before.
    pub fn wait(&self, stop: &Cancel) -> Option<Tools> {
        let mut state = self.lock();
        loop {
            if let ToolsState::Found(tools) = &*state {
                return Some(tools.clone());
            }
            if stop.is_cancelled() {
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

/// Looks for ffmpeg until it is there.
pub(super) fn find(inner: &Arc<Inner>) -> Result<(), String> {
    if !matches!(inner.tools.state(), ToolsState::Found(_)) {
        inner.board.begin(Task::Tools, "looking for ffmpeg");
        match (inner.find_tools)(&inner.stop) {
            Ok(tools) => {
                tracing::info!("ffmpeg {} found: {}", tools.version, tools.ffmpeg.display());
                inner.board.end(Task::Tools, Some(format!("ffmpeg {}", tools.version)), None);
                inner.tools.set(ToolsState::Found(tools));
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
