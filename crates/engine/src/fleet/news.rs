//! What is told while it happens and kept nowhere.

use mediaflow_core::worker::WorkerStatus;
use mediaflow_transport::vitals::Metrics;

/// Something about workers that is worth showing now, and nothing later.
#[derive(Debug, Clone, PartialEq)]
pub enum FleetNews {
    /// A worker said how it feels.
    Metrics {
        /// The worker.
        worker_id: i64,
        /// How it stands.
        status: WorkerStatus,
        /// How it feels.
        metrics: Metrics,
    },
    /// A measurement of a worker has come further.
    Benchmark {
        /// The worker.
        worker_id: i64,
        /// The measurement.
        benchmark_id: i64,
        /// What it does now: `started`, `latency`, `generating`, `uploading`, `downloading`, `encoding`.
        step: &'static str,
        /// How much of it is done.
        percent: u8,
    },
    /// Setting a worker up has come further, or has something to say.
    Provision {
        /// The worker.
        worker_id: i64,
        /// What it does now, by the contract's name.
        step: &'static str,
        /// How much of it is done.
        percent: u8,
        /// One line.
        message: String,
    },
    /// A file of a running job is on its way.
    Transfer {
        /// The job.
        job_id: i64,
        /// Which way.
        direction: TransferDirection,
        /// How far it is.
        progress: TransferProgress,
    },
    /// The source of a job that waits is sent ahead.
    PreuploadStarted {
        /// The job.
        job_id: i64,
    },
    /// It has come further.
    Preupload {
        /// The job.
        job_id: i64,
        /// How far it is.
        progress: TransferProgress,
    },
    /// It is there.
    PreuploadCompleted {
        /// The job.
        job_id: i64,
    },
}

/// Which way a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferDirection {
    /// To the worker.
    Upload,
    /// Back to where its original lies.
    Download,
}

impl TransferDirection {
    /// The wire's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }
}

/// How far a file is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferProgress {
    /// From where to where, for a person.
    pub label: String,
    /// Bytes that are there.
    pub moved_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
    /// How fast it goes, in bytes a second.
    pub bytes_per_second: u64,
    /// Seconds left, once that can be told.
    pub eta_s: Option<u64>,
}

impl TransferProgress {
    /// How much is there, 0 to 100; all of nothing.
    #[must_use]
    pub fn percent(&self) -> f64 {
        #[allow(clippy::cast_precision_loss)] // for people to read
        let share = self.moved_bytes as f64 / self.total_bytes as f64;
        if self.total_bytes == 0 { 100.0 } else { (share * 100.0).clamp(0.0, 100.0) }
    }
}
