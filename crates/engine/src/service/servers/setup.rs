//! Setting workers up, and measuring how fast they are.

use std::sync::Arc;

use mediaflow_ffmpeg::measure::Metric;
use mediaflow_store::StoreError;

use crate::fleet::provision::{self, OurBuild};
use crate::fleet::{Worker, benchmark};
use crate::service::inner::Inner;
use crate::service::{CommandError, Service, ToolsState};

/// Ends what an earlier process was at when it ended: workers that were set up, and that were measured.
pub(in crate::service) fn abandon(inner: &Inner) -> Result<(), StoreError> {
    provision::abandon(&inner.fleet)?;
    inner.store.write(|tx| tx.benchmarks_abandon())
}

impl Service {
    /// Begins to set a worker up, and returns at once; what comes of it is told as it happens.
    ///
    /// # Errors
    /// For this machine, and while it is being set up already.
    pub fn server_provision(&self, id: i64, install_gpu: bool) -> Result<(), CommandError> {
        // Without a build of our own there are still that of the worker and its package manager.
        let ours = match self.inner.tools.state() {
            ToolsState::Found(tools) => {
                let has_vmaf = tools.metric == Metric::Vmaf;
                Some(OurBuild { ffmpeg: tools.ffmpeg, ffprobe: tools.ffprobe, has_vmaf })
            }
            ToolsState::Looking | ToolsState::Missing(_) => None,
        };
        provision::start(&self.inner.fleet, ours, id, install_gpu)
    }

    /// Begins to measure how fast a worker is, and gives the measurement's id at once.
    ///
    /// # Errors
    /// While it is not online, and while it is being measured already.
    pub fn server_benchmark(&self, id: i64) -> Result<i64, CommandError> {
        let inner = &self.inner;
        let here = match inner.tools.state() {
            ToolsState::Found(tools) => {
                Some(Arc::new(Worker::here(tools, Arc::clone(&inner.executor), inner.work.clone())))
            }
            ToolsState::Looking | ToolsState::Missing(_) => None,
        };
        benchmark::start(&inner.fleet, here, id)
    }
}
