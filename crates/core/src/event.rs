//! Every event of record. Progress is not one: it is shown, not kept.

use serde::{Deserialize, Serialize};

use crate::job::{Ending, JobStatus};

/// Something that happened, written in the transaction that made it true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event")]
pub enum Event {
    /// A folder was scanned.
    #[serde(rename = "sync.completed")]
    SyncCompleted {
        /// The source.
        source_id: i64,
        /// Files seen.
        seen: u64,
        /// Files that were probed, because they were new or had changed.
        probed: u64,
    },
    /// The library was analysed.
    #[serde(rename = "analysis.completed")]
    AnalysisCompleted {
        /// The run.
        run_id: i64,
        /// Recommendations made.
        recommendations: u64,
    },
    /// A job was queued.
    #[serde(rename = "job.created")]
    JobCreated {
        /// The job.
        job_id: i64,
    },
    /// A job took a step.
    #[serde(rename = "job.status_changed")]
    JobStatusChanged {
        /// The job.
        job_id: i64,
        /// Where it stands now.
        status: JobStatus,
    },
    /// A job came to an end.
    #[serde(rename = "job.ended")]
    JobEnded {
        /// The job.
        job_id: i64,
        /// How.
        ending: Ending,
        /// Why, for a person.
        reason: String,
    },
    /// A replacement's journal took a step.
    #[serde(rename = "replacement.state_changed")]
    ReplacementStateChanged {
        /// The replacement.
        replacement_id: i64,
        /// Its state now.
        state: String,
    },
}
