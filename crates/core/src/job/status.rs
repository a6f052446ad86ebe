//! The state machine of a job.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a job stands; the names are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Waits for its turn.
    Queued,
    /// The user holds it.
    Paused,
    /// The source is on its way to the worker.
    Transferring,
    /// The source is being decoded and encoded.
    Transcoding,
    /// The output is being measured.
    Verifying,
    /// The output is taking the original's place.
    Replacing,
    /// Came to a normal end: replaced, placed, not worth it, or only planned.
    Completed,
    /// Failed or was refused.
    Failed,
    /// The user took it back.
    Cancelled,
}

/// A step that no job may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a job that is {from} cannot become {to}")]
pub struct StatusError {
    /// Where it stands.
    pub from: JobStatus,
    /// Where it was to go.
    pub to: JobStatus,
}

impl JobStatus {
    /// Every status.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Paused,
        Self::Transferring,
        Self::Transcoding,
        Self::Verifying,
        Self::Replacing,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The wire's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Paused => "paused",
            Self::Transferring => "transferring",
            Self::Transcoding => "transcoding",
            Self::Verifying => "verifying",
            Self::Replacing => "replacing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the wire's name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether a worker has it in hand.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Transferring | Self::Transcoding | Self::Verifying | Self::Replacing)
    }

    /// Whether nothing more will happen to it by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// Whether a job may go from here to `to`. A replacement is carried through or taken back by its own journal; only
    /// once that has abandoned it, with the files as they were, may its job leave `replacing` other than by ending. So
    /// what is being replaced is not paused either.
    #[must_use]
    pub const fn may_become(self, to: Self) -> bool {
        match self {
            Self::Queued => {
                matches!(to, Self::Paused | Self::Transferring | Self::Transcoding | Self::Cancelled | Self::Failed)
            }
            Self::Paused => matches!(to, Self::Queued | Self::Cancelled),
            Self::Transferring => {
                matches!(to, Self::Transcoding | Self::Paused | Self::Queued | Self::Failed | Self::Cancelled)
            }
            Self::Transcoding => matches!(
                to,
                Self::Verifying | Self::Paused | Self::Queued | Self::Completed | Self::Failed | Self::Cancelled
            ),
            // A result that fell short of its quality floor is encoded again.
            Self::Verifying => matches!(
                to,
                Self::Transcoding
                    | Self::Replacing
                    | Self::Paused
                    | Self::Queued
                    | Self::Completed
                    | Self::Failed
                    | Self::Cancelled
            ),
            Self::Replacing => matches!(to, Self::Completed | Self::Failed | Self::Queued | Self::Cancelled),
            Self::Failed | Self::Cancelled => matches!(to, Self::Queued),
            Self::Completed => false,
        }
    }

    /// The step to `to`, or why it cannot be taken.
    pub const fn step(self, to: Self) -> Result<Self, StatusError> {
        if self.may_become(to) { Ok(to) } else { Err(StatusError { from: self, to }) }
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a job ended: finer than the status, because "not worth it", "refused" and "failed" are three different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The proven output lies at the original's place, the original in quarantine.
    Replaced,
    /// The proven output lies beside the original.
    Placed,
    /// The output was right, but not smaller by enough; the original stays.
    NotWorthIt,
    /// It was not done, for a reason that lies in the file or the preset; the original stays.
    Refused,
    /// Something went wrong; the original stays.
    Failed,
    /// The user took it back.
    Cancelled,
    /// It was a dry run: what would be done is known, and nothing was done.
    Planned,
}

impl Ending {
    /// Every ending.
    pub const ALL: [Self; 7] =
        [Self::Replaced, Self::Placed, Self::NotWorthIt, Self::Refused, Self::Failed, Self::Cancelled, Self::Planned];

    /// The status that a job with this ending has on the wire.
    #[must_use]
    pub const fn status(self) -> JobStatus {
        match self {
            Self::Replaced | Self::Placed | Self::NotWorthIt | Self::Planned => JobStatus::Completed,
            Self::Refused | Self::Failed => JobStatus::Failed,
            Self::Cancelled => JobStatus::Cancelled,
        }
    }

    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Placed => "placed",
            Self::NotWorthIt => "not_worth_it",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Planned => "planned",
        }
    }

    /// Reads its stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_is_not_stepped_back_into_and_an_end_is_an_end() {
        for to in JobStatus::ALL {
            assert!(!(JobStatus::Replacing.may_become(to) && to.is_active()), "replacing -> {to}");
            assert!(!JobStatus::Completed.may_become(to), "completed -> {to}");
        }
    }

    #[test]
    fn everything_before_the_replacement_can_be_paused_and_goes_on_from_the_queue() {
        for from in JobStatus::ALL {
            let may = matches!(from, JobStatus::Queued) || (from.is_active() && from != JobStatus::Replacing);
            assert_eq!(from.may_become(JobStatus::Paused), may, "{from} -> paused");
        }
        assert!(JobStatus::Paused.may_become(JobStatus::Queued) && JobStatus::Paused.may_become(JobStatus::Cancelled));
    }

    #[test]
    fn every_active_job_can_end_and_names_read_back() {
        for status in JobStatus::ALL {
            assert_eq!(JobStatus::parse(status.name()), Some(status));
            if status.is_active() {
                assert!(status.may_become(JobStatus::Failed), "{status} can never fail");
            }
        }
        for ending in Ending::ALL {
            assert_eq!(Ending::parse(ending.name()), Some(ending));
            assert!(ending.status().is_final());
        }
    }
}
