//! Jobs: one file, one intent, one line from queued to an end.

mod failure;
mod status;
mod verdict;

pub use failure::{Failure, FailureCause};
pub use status::{Ending, JobStatus, StatusError};
pub use verdict::{MAX_FAILURES, Verdict};
