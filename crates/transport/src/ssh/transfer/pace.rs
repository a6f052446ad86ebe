//! A limit on the rate, shared by all streams.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Gives out instants at which bytes may go.
#[derive(Debug)]
pub(super) struct Pace {
    bytes_per_second: Option<u64>,
    /// When what was given out so far will have gone.
    free_at: Mutex<Instant>,
}

impl Pace {
    pub(super) fn new(bytes_per_second: Option<u64>) -> Self {
        Self { bytes_per_second: bytes_per_second.filter(|rate| *rate > 0), free_at: Mutex::new(Instant::now()) }
    }

    /// How long to wait before so many bytes may go.
    pub(super) fn take(&self, bytes: u64) -> Duration {
        let Some(rate) = self.bytes_per_second else { return Duration::ZERO };
        #[allow(clippy::cast_precision_loss, reason = "a wait of this many bytes needs no such precision")]
        let takes = Duration::from_secs_f64(bytes as f64 / rate as f64);
        let now = Instant::now();
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        // Time that nobody used is not saved up.
        let begins = (*free_at).max(now);
        *free_at = begins + takes;
        begins - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_wait_for_one_another() {
        let pace = Pace::new(Some(1000));
        assert_eq!(pace.take(500), Duration::ZERO);
        let second = pace.take(1000);
        assert!(second > Duration::from_millis(400) && second <= Duration::from_millis(500), "{second:?}");
        let third = pace.take(1);
        assert!(third > Duration::from_millis(1400) && third <= Duration::from_millis(1500), "{third:?}");
        assert_eq!(Pace::new(None).take(u64::MAX), Duration::ZERO);
    }
}
