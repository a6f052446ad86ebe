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
        /// Its library; zero in rows from before it was noted.
        #[serde(default)]
        library_id: i64,
        /// The source's name.
        #[serde(default)]
        server_name: String,
        /// Media items of that library now.
        #[serde(default)]
        items: u64,
        /// Files seen.
        seen: u64,
        /// Files that were probed, because they were new or had changed.
        probed: u64,
    },
    /// A scan could not be carried through.
    #[serde(rename = "scan.failed")]
    ScanFailed {
        /// The library.
        library_id: i64,
        /// Why, for a person.
        reason: String,
    },
    /// A library was added.
    #[serde(rename = "library.added")]
    LibraryAdded {
        /// The library.
        library_id: i64,
        /// Its title.
        title: String,
    },
    /// A library was removed; its files were not touched.
    #[serde(rename = "library.removed")]
    LibraryRemoved {
        /// The library.
        library_id: i64,
        /// Its title.
        title: String,
    },
    /// The library was analysed.
    #[serde(rename = "analysis.completed")]
    AnalysisCompleted {
        /// The run.
        run_id: i64,
        /// The library, where only one was looked at.
        #[serde(default)]
        library_id: Option<i64>,
        /// Recommendations made.
        recommendations: u64,
        /// What they would save in bytes, each file counted once.
        #[serde(default)]
        savings_bytes: u64,
    },
    /// The user answered a recommendation, or a job was queued for it.
    #[serde(rename = "recommendation.changed")]
    RecommendationChanged {
        /// The recommendation.
        recommendation_id: i64,
        /// Where it stands now, by name.
        state: String,
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
        /// Size of the output in bytes, if there was one.
        #[serde(default)]
        output_bytes: Option<u64>,
        /// From the beginning of the work to its end in microseconds, if it had begun.
        #[serde(default)]
        duration_us: Option<i64>,
    },
    /// A job's turn comes at another time.
    #[serde(rename = "job.moved")]
    JobMoved {
        /// The job.
        job_id: i64,
    },
    /// Finished jobs were removed from the list.
    #[serde(rename = "job.cleared")]
    JobsCleared {
        /// How many.
        count: u64,
    },
    /// No job is begun until the queue is resumed.
    #[serde(rename = "queue.paused")]
    QueuePaused,
    /// Jobs are begun again.
    #[serde(rename = "queue.resumed")]
    QueueResumed,
    /// An original came into quarantine or left it.
    #[serde(rename = "quarantine.changed")]
    QuarantineChanged {
        /// The replacement that put it there, as it is called outside.
        replacement_id: String,
        /// Where the original is now, by name.
        state: String,
    },
    /// A preset was made, changed or deleted.
    #[serde(rename = "preset.changed")]
    PresetChanged {
        /// The preset.
        preset_id: i64,
    },
    /// A setting was changed.
    #[serde(rename = "setting.changed")]
    SettingChanged {
        /// The setting.
        key: String,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_earlier_versions_can_be_read() {
        for old in [
            r#"{"event":"sync.completed","source_id":1,"seen":2,"probed":3}"#,
            r#"{"event":"analysis.completed","run_id":1,"recommendations":2}"#,
            r#"{"event":"job.ended","job_id":1,"ending":"replaced","reason":"smaller"}"#,
        ] {
            serde_json::from_str::<Event>(old).unwrap();
        }
    }
}
