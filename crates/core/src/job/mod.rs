//! Jobs: one file, one intent, one line from queued to an end.

mod failure;
mod retry;
mod status;
mod verdict;

pub use failure::{Failure, FailureCause};
pub use retry::{BACKOFF_MINUTES, next_try};
pub use status::{Ending, JobStatus, StatusError};
pub use verdict::Verdict;
