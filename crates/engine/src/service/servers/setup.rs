//! Setting workers up, and measuring how fast they are.

use crate::fleet::provision::{self, OurBuild};
use crate::service::{CommandError, Service, ToolsState};

impl Service {
    /// Begins to set a worker up, and returns at once; what comes of it is told as it happens.
    ///
    /// # Errors
    /// For this machine, and while it is being set up already.
    pub fn server_provision(&self, id: i64, install_gpu: bool) -> Result<(), CommandError> {
        // Without a build of our own there are still that of the worker and its package manager.
        let ours = match self.inner.tools.state() {
            ToolsState::Found(tools) => Some(OurBuild { ffmpeg: tools.ffmpeg, ffprobe: tools.ffprobe }),
            ToolsState::Looking | ToolsState::Missing(_) => None,
        };
        provision::start(&self.inner.fleet, ours, id, install_gpu)
    }
}
