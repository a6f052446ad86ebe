//! Showing what happens: everything that takes time tells how far it is.

use mediaflow_store::Job;

use super::Ended;
use crate::fleet::{TransferDirection, TransferProgress};

/// Which part of a job is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The source is decoded, to know what the output must have.
    Source,
    /// Samples are encoded to find the CRF for a quality.
    Search,
    /// The encode runs.
    Encode,
    /// The output is decoded and compared.
    Verify,
    /// The output is copied beside the original and takes its place.
    Replace,
}

impl Stage {
    /// One word for a progress bar.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "reading",
            Self::Search => "trying CRFs",
            Self::Encode => "encoding",
            Self::Verify => "proving",
            Self::Replace => "replacing",
        }
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// The part under way.
    pub stage: Stage,
    /// How much of that part is done, 0 to 1.
    pub share: f64,
    /// Frames a second, while encoding.
    pub fps: Option<f64>,
    /// Times real time, while encoding.
    pub speed: Option<f64>,
    /// Seconds left of the part, once that can be told.
    pub eta_s: Option<u64>,
    /// Frames done, while encoding.
    pub frame: Option<u64>,
}

impl Progress {
    /// Progress of a part that only knows its share.
    #[must_use]
    pub const fn of(stage: Stage, share: f64) -> Self {
        Self { stage, share, fps: None, speed: None, eta_s: None, frame: None }
    }
}

/// Told about jobs, from several threads.
pub trait Watch: Sync {
    /// A job is taken in hand.
    fn started(&self, job: &Job);
    /// A job has come further.
    fn progress(&self, job: &Job, progress: &Progress);
    /// A file of a job has come further between this machine and its worker; never told where all is done here.
    fn transferred(&self, _job: &Job, _direction: TransferDirection, _progress: &TransferProgress) {}
    /// A job's worker has done its part: what is left of the job is done here.
    fn worker_is_free(&self, _job: &Job) {}
    /// A job came to its end; `None` when it went back to the queue, is held or was left to another start.
    fn ended(&self, job: &Job, ended: Option<&Ended>);
}
