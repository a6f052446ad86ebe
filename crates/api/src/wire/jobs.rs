//! Jobs: what is asked for, and how it stands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::options::Options;
use super::presets::{
    AUDIO_CODEC, AUDIO_MODE, BITRATE, BITRATE_MODE, CONTAINER, FLAGS, HARDWARE, HDR_MODE, RESOLUTION, SUBTITLE_MODE,
    TUNE, VIDEO_CODEC,
};
use super::{INSTANT, Time};

/// Statuses of jobs, separated by commas.
const STATUSES: &str =
    "^((queued|paused|transferring|transcoding|verifying|replacing|completed|failed|cancelled)(,|$))*$";

/// Files to be queued.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TranscodeJobCreate {
    /// The items, at most 100,000 at once, and 5,000 that are only planned.
    #[schemars(length(max = 100_000))]
    pub media_item_ids: Vec<i64>,
    /// The preset; without one, the defaults of a config.
    #[serde(default)]
    pub preset_id: Option<i64>,
    /// Laid over the preset.
    #[serde(default, deserialize_with = "super::json::maybe_object")]
    pub config: Option<JobConfig>,
    /// Higher goes first.
    #[serde(default)]
    pub priority: i64,
    /// Only plan it: nothing is executed, and no file is touched.
    #[serde(default)]
    pub is_dry_run: bool,
    /// Do it although the file was done, judged not worth it, taken back or given up under this preset.
    #[serde(default)]
    pub force: bool,
    /// Not to be begun before this instant (RFC 3339; without an offset it is UTC). One that has passed is now.
    #[schemars(regex(pattern = INSTANT))]
    #[serde(default)]
    pub scheduled_after: Option<String>,
    /// The server that is to have them, if it can; any otherwise.
    #[serde(default)]
    pub preferred_worker_id: Option<i64>,
}

/// What is to happen to a file, in the contract's words. Absent fields keep the preset's value, or the default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobConfig {
    /// `libx265`, `libx264`, `libsvtav1` or `copy`; an encoder of hardware such as `hevc_nvenc` is its codec and `hw_accel`.
    #[schemars(regex(pattern = VIDEO_CODEC))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video_codec: Option<String>,
    /// The largest picture: `4K`, `1080p`, `720p`, `480p` or `SD`. Nothing is ever enlarged.
    #[schemars(regex(pattern = RESOLUTION))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_resolution: Option<String>,
    /// `crf`, `cbr`, `vbr`, or `quality`, which searches the CRF for a VMAF.
    #[schemars(regex(pattern = BITRATE_MODE))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitrate_mode: Option<String>,
    /// Quality on the encoder's own scale, 0 to 51; lower is better. AV1 is taken up to 63.
    #[schemars(range(min = 0, max = 51))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crf_value: Option<i64>,
    /// Bitrate, such as `8M` or `2500k`.
    #[schemars(regex(pattern = BITRATE))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_bitrate: Option<String>,
    /// The hardware: `auto` or null for what works, `none` for the CPU, or one of `nvenc`, `qsv`, `vaapi`, `videotoolbox`,
    /// `amf`, instead of which the CPU does it where it does not work.
    #[schemars(regex(pattern = HARDWARE))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hw_accel: Option<String>,
    /// `copy`, `transcode` or `downmix`.
    #[schemars(regex(pattern = AUDIO_MODE))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_mode: Option<String>,
    /// `aac`, `ac3`, `eac3` or `libopus`.
    #[schemars(regex(pattern = AUDIO_CODEC))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_codec: Option<String>,
    /// `mkv` or `mp4`.
    #[schemars(regex(pattern = CONTAINER))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// `copy`, `convert` (text to what every player reads), `burn` or `remove`.
    #[schemars(regex(pattern = SUBTITLE_MODE))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle_mode: Option<String>,
    /// Options of the encoder and picture filters in ffmpeg's words, such as `-bf 4 -vf hqdn3d`; docs/flags.md lists them.
    #[schemars(regex(pattern = FLAGS), length(max = mediaflow_ffmpeg::flags::MOST_BYTES))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_flags: Option<String>,
    /// `preserve` or `tonemap`.
    #[schemars(regex(pattern = HDR_MODE))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hdr_mode: Option<String>,
    /// Whether an average bitrate is met in two passes; a constant quality takes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_pass: Option<bool>,
    /// The encoder's tuning, such as `film`.
    #[schemars(regex(pattern = TUNE))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder_tune: Option<String>,
    /// What the contract has no field for.
    #[serde(flatten)]
    pub more: Options,
}

/// What queueing came to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobsCreated {
    /// `created`.
    pub status: &'static str,
    /// Jobs made.
    pub jobs_created: i64,
    /// Their ids.
    pub job_ids: Vec<i64>,
    /// Items that got no job, with the reason.
    pub skipped: Vec<Skipped>,
}

/// An item that got no job.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Skipped {
    /// The item.
    pub media_item_id: i64,
    /// The unfinished job that it has already.
    pub job_id: Option<i64>,
    /// Whether it would be queued with `force`.
    pub can_force: bool,
    /// Why, for a person.
    pub reason: String,
}

/// Which jobs to list.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct JobQuery {
    /// Statuses, such as `queued,transcoding`; all otherwise.
    #[schemars(regex(pattern = STATUSES))]
    pub status: Option<String>,
    /// From 1.
    #[schemars(range(min = 1))]
    pub page: Option<i64>,
    /// At most 200.
    #[schemars(range(min = 1, max = 200))]
    pub page_size: Option<i64>,
    /// `queue` (the contract's: priority, then order), or `newest` first.
    pub order: Option<JobOrder>,
}

/// In which order jobs are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobOrder {
    /// By priority, then in the order of the queue.
    Queue,
    /// What changed last comes first.
    Newest,
}

/// A page of jobs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobPage {
    /// The jobs.
    pub items: Vec<TranscodeJobResponse>,
    /// Jobs on all pages.
    pub total: i64,
    /// From 1.
    pub page: i64,
    /// Jobs on a page.
    pub page_size: i64,
}

/// A job. Sizes in bytes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TranscodeJobResponse {
    /// Its id; never used again.
    pub id: i64,
    /// The item.
    pub media_item_id: Option<i64>,
    /// The preset, while there is one of that name.
    pub preset_id: Option<i64>,
    /// The server that has it, or had it last; null before it has one.
    pub worker_server_id: Option<i64>,
    /// What is to happen.
    pub config_json: Option<JobConfig>,
    /// `queued`, `paused`, `transferring`, `transcoding`, `verifying`, `replacing`, `completed`, `failed` or `cancelled`.
    pub status: String,
    /// What it does now, what it waits for besides its turn, or why it ended as it did.
    pub status_detail: Option<String>,
    /// Higher goes first.
    pub priority: i64,
    /// How much of it is done, 0 to 100.
    pub progress_percent: f64,
    /// Frames a second, while it encodes.
    pub current_fps: Option<f64>,
    /// Seconds left, once that can be told.
    pub eta_seconds: Option<i64>,
    /// The source.
    pub source_path: Option<String>,
    /// Size of the source.
    pub source_size: Option<i64>,
    /// The output, once it is in its place.
    pub output_path: Option<String>,
    /// Size of the output.
    pub output_size: Option<i64>,
    /// The command, quoted for reading.
    pub ffmpeg_command: Option<String>,
    /// The end of ffmpeg's log.
    pub ffmpeg_log: Option<String>,
    /// Whether it is only planned.
    pub is_dry_run: bool,
    /// When it was queued.
    pub created_at: Option<Time>,
    /// When work on it began; where it went back to the queue, for the last time.
    pub started_at: Option<Time>,
    /// When it ended.
    pub completed_at: Option<Time>,
    /// Title of the item.
    pub media_title: Option<String>,
    /// What it cost in the cloud.
    pub cloud_cost_usd: Option<f64>,
    /// How often it was put back to be tried again.
    pub retry_count: i64,
    /// Tries that it gets after the first.
    pub max_retries: i64,
    /// `passed`, `failed` or `not_worth_it`, once there is a proof.
    pub validation_status: Option<String>,
    /// How it ended: `replaced`, `placed`, `planned`, `not_worth_it`, `refused`, `failed` or `cancelled`.
    pub ending: Option<String>,
    /// Name of the preset.
    pub preset_name: String,
    /// Times real time, while it encodes.
    pub current_speed: Option<f64>,
    /// What it does now: `reading`, `encoding`, `proving` or `replacing`.
    pub stage: Option<String>,
    /// Whether its original can be brought back.
    pub can_undo: bool,
    /// Whether its original was brought back.
    pub is_undone: bool,
    /// Whether it runs and was asked to stop.
    pub is_stopping: bool,
    /// Who encodes the pictures, as ffmpeg names it; null before it runs, and where none are encoded.
    pub encoder: Option<String>,
    /// What of the hardware decodes the source; null for the CPU.
    pub decoder: Option<String>,
    /// Why the CPU does what hardware was wanted for, or failed at: `CPU instead of NVENC: Cannot load libcuda.so.1`.
    pub hw_fallback: Option<String>,
    /// Estimated size of the output; null for one that is planned at its turn.
    pub estimated_output_size: Option<i64>,
    /// The instant that was asked for when it was queued.
    pub scheduled_after: Option<Time>,
    /// The instant that it waits for now: that one, or the end of the pause before another try.
    pub waits_until: Option<Time>,
    /// What went wrong, for one that failed: `no_space`, `source_changed`, `encoder`, `killed`, `stuck`, `proof`,
    /// `storage` or `tool`.
    pub failure_cause: Option<String>,
    /// The server that was wanted for it.
    pub preferred_worker_id: Option<i64>,
    /// Name of that server.
    pub preferred_worker_name: Option<String>,
    /// Name of the server that has it, or had it last.
    pub worker_name: Option<String>,
    /// The way its source takes to that server: `local`, `mapped`, `ssh_pull`, `ssh_transfer` or `relay`.
    pub transfer_mode: Option<String>,
    /// Why it is that server.
    pub worker_reason: Option<String>,
    /// When work on it began for the first time.
    pub first_started_at: Option<Time>,
    /// Name of the server that its file lies on; null for the machine that MediaFlow runs on.
    pub source_server_name: Option<String>,
}

/// What to change of a job.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TranscodeJobUpdate {
    /// `queued` (go on, or try again), `paused` or `cancelled`.
    #[schemars(regex(pattern = "^(queued|paused|cancelled)$"))]
    #[serde(default)]
    pub status: Option<String>,
    /// Higher goes first.
    #[serde(default)]
    pub priority: Option<i64>,
    /// The server that is to have it, if it can; for a job that waits.
    #[serde(default)]
    pub worker_server_id: Option<i64>,
}

/// What became of a change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobUpdated {
    /// `updated`.
    pub status: &'static str,
    /// The job.
    pub job_id: i64,
    /// Where it stands now.
    pub new_status: String,
}

/// Which jobs to clear away.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ClearQuery {
    /// Also cancel and clear those that are not finished.
    #[serde(default, deserialize_with = "super::flag")]
    pub include_active: bool,
}

/// What was cleared away. Proofs, originals and history stay.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Cleared {
    /// `cleared`.
    pub status: &'static str,
    /// Jobs removed.
    pub deleted: i64,
}

/// What was removed from the work folder.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CacheCleared {
    /// `cleared`.
    pub status: &'static str,
    /// Files removed.
    pub files_deleted: i64,
    /// Their size.
    pub bytes_freed: i64,
}

/// The queue in numbers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct QueueStatsResponse {
    /// Jobs that wait.
    pub total_queued: i64,
    /// Jobs in hand.
    pub total_active: i64,
    /// Jobs that came to a normal end.
    pub total_completed: i64,
    /// Jobs that failed or were refused.
    pub total_failed: i64,
    /// Frames a second of all running encodes together.
    pub aggregate_fps: f64,
    /// Seconds until the queue is empty; 0 while the jobs that were done are too few to tell.
    pub estimated_total_time: i64,
    /// Servers that may be given jobs now.
    pub available_workers: i64,
    /// Jobs that the user holds.
    pub total_paused: i64,
    /// Whether the whole queue is held.
    pub paused: bool,
    /// Bytes given back by all files that were replaced and not taken back.
    pub total_saved: i64,
    /// Jobs among those that wait which wait for an instant.
    pub total_scheduled: i64,
    /// Jobs among those that wait which wait for a folder that is not there.
    pub total_waiting_for_folder: i64,
    /// The active hours; null while jobs are begun at any time.
    pub active_hours: Option<ActiveHours>,
}

/// How the active hours stand.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ActiveHours {
    /// Whether jobs may be begun now.
    pub is_open: bool,
    /// When that changes; null where no end is in sight.
    pub changes_at: Option<Time>,
    /// What becomes of running jobs at their end: `finish` or `pause`.
    pub running_jobs: String,
}

/// Where a job goes in the queue.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct JobMove {
    /// Directly before this one; null for the very end.
    #[serde(default)]
    pub before: Option<i64>,
}

/// What to try without doing it.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DryRunQuery {
    /// The item.
    pub media_item_id: i64,
    /// The preset.
    pub preset_id: Option<i64>,
}

/// What would happen.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DryRunResponse {
    /// The command, quoted for reading.
    pub ffmpeg_command: String,
    /// Estimated size of the output in bytes.
    pub estimated_output_size: Option<i64>,
    /// Estimated seconds of work.
    pub estimated_duration: Option<i64>,
    /// By how much it would be smaller, in percent.
    pub estimated_reduction_percent: Option<f64>,
    /// How sure the estimate is, 0 to 1.
    pub confidence: Option<f64>,
    /// What happens to every stream.
    pub plan: Plan,
}

/// What happens to every stream of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Plan {
    /// Container of the output.
    pub container: String,
    /// Every stream that is kept.
    pub streams: Vec<PlannedStream>,
    /// Every stream that is not, with the reason.
    pub dropped: Vec<DroppedStream>,
    /// Chapters, all kept.
    pub chapters: i64,
    /// What else one should know.
    pub notes: Vec<String>,
}

/// A stream that is kept.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlannedStream {
    /// Its index in the source.
    pub source_index: i64,
    /// Its codec in the source.
    pub source_codec: String,
    /// `copy`, `encode` or `convert`.
    pub action: String,
    /// What happens to it, in a few words.
    pub description: String,
    /// Language.
    pub language: Option<String>,
    /// Title.
    pub title: Option<String>,
}

/// A stream that is not kept.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DroppedStream {
    /// Its index in the source.
    pub source_index: i64,
    /// Its codec in the source.
    pub source_codec: String,
    /// Why.
    pub reason: String,
}

/// The plan of a job.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobPlan {
    /// The job.
    pub job_id: i64,
    /// Name of the preset.
    pub preset: String,
    /// What happens to every stream; null for a job that was refused before it had a plan.
    pub plan: Option<Plan>,
    /// The command of the last try, quoted for reading.
    pub command: Option<String>,
}

/// What was measured before an output could take its original's place.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobProof {
    /// The job.
    pub job_id: i64,
    /// `proven`, `not_worth_it` or `rejected`.
    pub conclusion: String,
    /// Size of the output.
    pub output_size: i64,
    /// Every check.
    pub checks: Vec<ProofCheck>,
    /// When.
    pub created_at: Time,
}

/// One check of a proof.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProofCheck {
    /// What was checked.
    pub name: String,
    /// Whether it holds.
    pub passed: bool,
    /// What was measured, and what was expected.
    pub measured: String,
}

/// One try at one step of a job.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobAttempt {
    /// Its id.
    pub id: i64,
    /// `encode`, `prove`, ...
    pub task: String,
    /// `submitted`, `running`, `done`, `failed`, `cancelled` or `superseded`.
    pub state: String,
    /// Where it runs.
    pub executor: String,
    /// Name of the server that it runs on, as it was then.
    pub worker_name: Option<String>,
    /// How it ended, in a few words; null while it runs, and for a proof, which has its own.
    pub end: Option<String>,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// The command, quoted for reading.
    pub command: Option<String>,
    /// The end of its log.
    pub log: Option<String>,
    /// Who encodes the pictures, as ffmpeg names it.
    pub encoder: Option<String>,
    /// What of the hardware decodes the source; null for the CPU.
    pub decoder: Option<String>,
    /// The pixel format that the encoder is given.
    pub pixel_format: Option<String>,
    /// What a person should know of that choice.
    pub encoder_notes: Vec<String>,
}

/// The log of a job's encode, as far as it has come.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobLog {
    /// The job.
    pub job_id: i64,
    /// Whether more will come.
    pub is_live: bool,
    /// The end of it.
    pub log: String,
}

/// How to bring an original back.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct UndoRequest {
    /// Under a free name beside whatever has its place now.
    #[serde(default)]
    pub beside: bool,
}

/// An original that was brought back.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Restored {
    /// `restored`.
    pub status: &'static str,
    /// The job that had replaced it.
    pub job_id: Option<i64>,
    /// Where it lies now.
    pub path: String,
}
