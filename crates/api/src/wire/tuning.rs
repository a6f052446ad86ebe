//! The CRF that a job found, in the API's words.

use mediaflow_core::plan::tuning::{Trial, Tuning};
use schemars::JsonSchema;
use serde::Serialize;

use super::int;

/// The CRF that a job's encodes take instead of the plan's.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobTuning {
    /// The CRF.
    pub crf: i64,
    /// How often it was lowered because a result fell short of its floor.
    pub lowered: i64,
    /// The search that found it, where the plan asks for a quality.
    pub search: Option<JobSearch>,
}

/// What was tried on samples.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobSearch {
    /// What scores are in: `VMAF` or `SSIM`.
    pub metric: String,
    /// The score that was asked for.
    pub target: f64,
    /// The score that the samples foretold.
    pub predicted_score: f64,
    /// The size that the samples foretold, in bytes.
    pub predicted_size: i64,
    /// Every trial, in the order in which they were made.
    pub trials: Vec<JobTrial>,
}

/// The samples at one CRF.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobTrial {
    /// The CRF.
    pub crf: i64,
    /// Mean score of the samples.
    pub score: f64,
    /// What the samples came to, in bytes.
    pub size: i64,
}

impl From<Tuning> for JobTuning {
    fn from(tuning: Tuning) -> Self {
        let trial = |trial: Trial| JobTrial { crf: trial.crf.into(), score: trial.score, size: int(trial.bytes) };
        Self {
            crf: tuning.crf.into(),
            lowered: tuning.lowered.into(),
            search: tuning.search.map(|search| JobSearch {
                metric: search.metric,
                target: search.target,
                predicted_score: search.predicted_score,
                predicted_size: int(search.predicted_bytes),
                trials: search.trials.into_iter().map(trial).collect(),
            }),
        }
    }
}
