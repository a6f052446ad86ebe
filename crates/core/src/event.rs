//! Every event of record. Progress is not one: it is shown, not kept.

use serde::{Deserialize, Deserializer, Serialize};

use crate::job::{Ending, JobStatus};
use crate::worker::{Capabilities, WorkerStatus};

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
        /// Its title.
        #[serde(default)]
        title: String,
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
    /// An analysis was cancelled; what was recommended before stays.
    #[serde(rename = "analysis.cancelled")]
    AnalysisCancelled {
        /// The library, where only one was looked at.
        library_id: Option<i64>,
    },
    /// The user answered a recommendation, or a job was queued for it.
    #[serde(rename = "recommendation.changed")]
    RecommendationChanged {
        /// The recommendation.
        recommendation_id: i64,
        /// What it proposes, in a few words.
        #[serde(default)]
        title: String,
        /// Where it stands now, by name.
        state: String,
    },
    /// A job was queued.
    #[serde(rename = "job.created")]
    JobCreated {
        /// The job.
        job_id: i64,
    },
    /// Many jobs were queued in one go; their ids follow one another.
    #[serde(rename = "job.batch_created")]
    JobsCreated {
        /// The first of them.
        first_job_id: i64,
        /// How many.
        count: u64,
    },
    /// A job failed in a way that another try may mend, and has its turn again after a pause.
    #[serde(rename = "job.retry_scheduled")]
    JobRetryScheduled {
        /// The job.
        job_id: i64,
        /// Which retry it will be, from 1.
        retry_count: u32,
        /// How many it gets.
        max_retries: u32,
        /// The pause, in minutes.
        backoff_minutes: u32,
        /// Why it failed, for a person.
        reason: String,
    },
    /// A job did not get on for too long, and was stopped.
    #[serde(rename = "job.stuck")]
    JobStuck {
        /// The job.
        job_id: i64,
        /// `requeued`, or `failed` where it had its last try.
        action: String,
        /// Which retry it will be, for one that is tried again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_count: Option<u32>,
    },
    /// A job took a step.
    #[serde(rename = "job.status_changed")]
    JobStatusChanged {
        /// The job.
        job_id: i64,
        /// Where it stands now.
        status: JobStatus,
        /// What it waits for, where that is not its turn.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
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
    /// The CPU does what hardware was wanted for, or was tried with and failed.
    #[serde(rename = "job.encoder_fallback")]
    JobFellBack {
        /// The job.
        job_id: i64,
        /// Who does it now, as ffmpeg names it.
        encoder: String,
        /// What was wanted, or failed.
        instead_of: String,
        /// Why, for a person.
        reason: String,
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
    /// The folder that queued jobs need is not there, or it is back.
    #[serde(rename = "queue.folder_away")]
    QueueFolderAway {
        /// The folder.
        folder: String,
        /// How many jobs wait for it, or did.
        jobs: u64,
        /// Why it cannot be worked in; none when it is back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Jobs wait, and none has got on for a long time. Told once, until one does.
    #[serde(rename = "queue.stalled")]
    QueueStalled {
        /// How many wait.
        jobs: u64,
        /// For how long none has got on, in minutes.
        minutes: u64,
        /// What keeps them, for a person.
        reason: String,
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
        /// The original's path in its storage.
        #[serde(default)]
        original: String,
        /// Where the original is now, by name.
        state: String,
    },
    /// A preset was made, changed or deleted.
    #[serde(rename = "preset.changed")]
    Changed {
        /// The preset.
        preset_id: i64,
        /// Its name, after the change.
        #[serde(default)]
        name: String,
        /// What happened to it.
        #[serde(default)]
        change: Change,
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
        /// The replacement, as it is called outside; rows from before have its bare counter.
        #[serde(deserialize_with = "text_or_number")]
        replacement_id: String,
        /// What it is for, by name: a replacement, one beside the original, an undo, or a restore beside.
        #[serde(default)]
        kind: String,
        /// The original's path in its storage.
        #[serde(default)]
        original: String,
        /// Its state now.
        state: String,
    },
    /// A worker was added, changed or removed.
    #[serde(rename = "server.changed")]
    WorkerChanged {
        /// The worker.
        #[serde(rename = "server_id")]
        worker_id: i64,
        /// Its name, after the change.
        name: String,
        /// What happened to it.
        change: Change,
    },
    /// A worker stands otherwise than before.
    #[serde(rename = "server.status")]
    WorkerStatusChanged {
        /// The worker.
        #[serde(rename = "server_id")]
        worker_id: i64,
        /// How it stands now.
        status: WorkerStatus,
        /// Why, for a person, where that says something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A worker answers again, or for the first time.
    #[serde(rename = "server.online")]
    WorkerOnline {
        /// The worker.
        #[serde(rename = "server_id")]
        worker_id: i64,
        /// Its name.
        name: String,
    },
    /// A worker does not answer any more.
    #[serde(rename = "server.offline")]
    WorkerOffline {
        /// The worker.
        #[serde(rename = "server_id")]
        worker_id: i64,
        /// Its name.
        name: String,
        /// What was tried last, and what came of it.
        reason: String,
    },
    /// A worker failed again and again and gets no jobs for a while.
    #[serde(rename = "server.auto_disabled")]
    WorkerSetAside {
        /// The worker.
        #[serde(rename = "server_id")]
        worker_id: i64,
        /// Its name.
        name: String,
        /// How often it failed in a row.
        consecutive_failures: u32,
        /// What failed last, for a person.
        reason: String,
        /// For how long, in minutes.
        minutes: u32,
    },
    /// It was measured how fast a worker is.
    #[serde(rename = "benchmark.completed")]
    BenchmarkCompleted {
        /// The worker.
        #[serde(rename = "server_id")]
        worker_id: i64,
        /// The measurement.
        benchmark_id: i64,
        /// From 0 to 100.
        performance_score: f64,
        /// To the worker, in Mbit/s; zero for this machine, to which nothing is sent.
        upload_mbps: f64,
        /// From the worker, in Mbit/s.
        download_mbps: f64,
        /// There and back, in milliseconds.
        latency_ms: f64,
    },
    /// It could not be measured how fast a worker is.
    #[serde(rename = "benchmark.failed")]
    BenchmarkFailed {
        /// The worker.
        #[serde(rename = "server_id")]
        worker_id: i64,
        /// The measurement.
        benchmark_id: i64,
        /// Why, for a person.
        error: String,
    },
    /// A worker was set up.
    #[serde(rename = "provision.completed")]
    ProvisionCompleted {
        /// The worker.
        #[serde(rename = "server_id")]
        worker_id: i64,
        /// What it is.
        capabilities: Capabilities,
    },
    /// A worker could not be set up.
    #[serde(rename = "provision.failed")]
    ProvisionFailed {
        /// The worker.
        #[serde(rename = "server_id")]
        worker_id: i64,
        /// Why, and what to do.
        error: String,
    },
}

/// What happened to something that the user makes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was made or imported.
    Created,
    /// It was changed. In rows from before it was noted, any of the three.
    #[default]
    Updated,
    /// It was deleted.
    Deleted,
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(i64),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::Text(text) => text,
        Either::Number(number) => number.to_string(),
    })
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
            r#"{"event":"job.status_changed","job_id":1,"status":"queued"}"#,
            r#"{"event":"preset.changed","preset_id":1}"#,
            r#"{"event":"replacement.state_changed","replacement_id":1,"state":"done"}"#,
            r#"{"event":"quarantine.changed","replacement_id":"00000000000000ff-1","state":"held"}"#,
        ] {
            serde_json::from_str::<Event>(old).unwrap();
        }
    }
}
