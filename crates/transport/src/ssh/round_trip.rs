//! How long the line to a machine is, without asking for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The shortest time that an answer took, of connecting and of what is asked anyway: a busy machine answers later, and none
/// earlier than the line lets it. Clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct RoundTrip(Arc<AtomicU64>);

impl Default for RoundTrip {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(u64::MAX)))
    }
}

impl RoundTrip {
    /// An answer took so long.
    pub(super) fn note(&self, took: Duration) {
        self.0.fetch_min(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// What is known is of a line that may be another one now.
    pub(super) fn forget(&self) {
        self.0.store(u64::MAX, Ordering::Relaxed);
    }

    /// Zero before the first answer.
    pub(super) fn shortest(&self) -> Duration {
        match self.0.load(Ordering::Relaxed) {
            u64::MAX => Duration::ZERO,
            micros => Duration::from_micros(micros),
        }
    }
}
