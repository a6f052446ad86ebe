//! The only room with SQL: schema, migrations, and one file of queries and changes for each noun.
//!
//! [`Store::write`] gives a [`Tx`], [`Store::read`] a [`Reader`]; every query is a method of the reader, every change
//! one of the transaction, so that several changes and the event that tells of them are one commit. A commit is durable
//! when `write` returns. Nothing here decides anything: which step may follow which is asked of `core`.

mod access;
mod artifacts;
mod attempts;
mod benchmarks;
mod bytes;
mod catalog;
mod error;
mod events;
mod files;
mod filter_presets;
mod installation;
mod items;
mod job_views;
mod jobs;
mod jobs_alike;
mod media_facts;
mod migrate;
mod open;
mod order;
mod outcomes;
mod presets;
mod probes;
mod proofs;
mod quarantine;
#[cfg(test)]
mod query_plans;
mod queue;
mod queue_many;
mod recommendations;
mod recommended;
mod replacements;
mod row;
mod scan;
mod secrets;
mod settings;
mod source_reads;
mod sources;
mod space;
mod storages;
mod store;
mod tags;
mod tunings;
mod uploads;
mod verdicts;
mod waits;
mod worker_changes;
mod worker_jobs;
mod worker_life;
mod worker_rates;
mod worker_roster;
mod worker_uptime;
mod workers;

pub use access::{ApiKey, AuditEntry, KEPT_REFUSALS, NewAuditEntry, NewSession, Session, StoredPassword};
pub use artifacts::Artifact;
pub use attempts::{Attempt, AttemptState, NewAttempt, TaskKind, WorkerNeeds};
pub use benchmarks::{Benchmark, BenchmarkResult, BenchmarkStatus};
pub use catalog::{CatalogChanges, MediaPart};
pub use error::StoreError;
pub use events::LoggedEvent;
pub use files::{File, FileKind, KnownFile};
pub use filter_presets::FilterPreset;
pub use installation::Installation;
pub use items::{CatalogEntry, ItemOfFile, MediaFile};
pub use job_views::{JobList, JobOrder, JobReplacement, JobView};
pub use jobs::{Job, JobPage, JobWishes, OutputMode};
pub use jobs_alike::JobsAlike;
pub use migrate::SCHEMA_VERSION;
pub use outcomes::{Outcome, OutcomeTotals, SavingsByCodec, StoredOutcome};
pub use presets::StoredPreset;
pub use probes::Probe;
pub use proofs::StoredProof;
pub use quarantine::{QuarantineState, QuarantineTotals};
pub use queue::{JobEnd, JobRetry, NewJob};
pub use queue_many::{ManyJobs, NoJob, QueuedMany};
pub use recommendations::{AnalysisTotals, NewRecommendation};
pub use recommended::{
    AnalysisRun, Recommendation, RecommendationCount, RecommendationList, RecommendationSort, RecommendationState,
    RecommendationTotals,
};
pub use replacements::{ReplacementStep, StoredReplacement};
pub use scan::{FileChange, PutFile, SeenFile};
pub use secrets::{SecretKey, Vault, WorkerSecret};
pub use source_reads::{ReadPurpose, SourceRead};
pub use sources::{Library, LibraryHost, LibraryOverview, LibrarySize, ScanCounts};
pub use space::Space;
pub use storages::Storage;
pub use store::{Reader, Store, Tx};
pub use tags::Tag;
pub use uploads::Upload;
pub use waits::{AwaitedFolder, AwayFolder, QueueWaits};
pub use worker_jobs::{LearnedSpeed, WorkerLoad};
pub use worker_roster::{Availability, RosterEntry};
pub use workers::{
    ENCODING_ROLE, STORAGE_ROLE, THIS_MACHINE, Worker, WorkerCloud, WorkerForm, WorkerLogin, WorkerTools,
};
