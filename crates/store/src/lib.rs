//! The only room with SQL: schema, migrations, and one file of queries and changes for each noun.
//!
//! [`Store::write`] gives a [`Tx`], [`Store::read`] a [`Reader`]; every query is a method of the reader, every change
//! one of the transaction, so that several changes and the event that tells of them are one commit. A commit is durable
//! when `write` returns. Nothing here decides anything: which step may follow which is asked of `core`.

mod artifacts;
mod attempts;
mod bytes;
mod error;
mod events;
mod files;
mod installation;
mod items;
mod jobs;
mod migrate;
mod open;
mod outcomes;
mod presets;
mod probes;
mod proofs;
mod quarantine;
mod queue;
mod recommendations;
mod replacements;
mod row;
mod scan;
mod settings;
mod sources;
mod space;
mod storages;
mod store;
mod verdicts;

pub use artifacts::Artifact;
pub use attempts::{Attempt, AttemptState, NewAttempt, TaskKind};
pub use error::StoreError;
pub use events::LoggedEvent;
pub use files::{File, FileKind, KnownFile};
pub use installation::Installation;
pub use items::{CatalogEntry, ItemOfFile, MediaFile};
pub use jobs::{Job, JobPage, OutputMode};
pub use migrate::SCHEMA_VERSION;
pub use outcomes::{Outcome, OutcomeTotals, StoredOutcome};
pub use probes::Probe;
pub use proofs::StoredProof;
pub use quarantine::{QuarantineState, QuarantineTotals};
pub use queue::{JobEnd, NewJob};
pub use recommendations::{AnalysisTotals, NewRecommendation, Recommendation};
pub use replacements::{ReplacementStep, StoredReplacement};
pub use scan::{FileChange, PutFile, SeenFile};
pub use sources::{Library, ScanCounts};
pub use space::Space;
pub use storages::Storage;
pub use store::{Reader, Store, Tx};
