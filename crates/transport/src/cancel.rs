//! A request to stop, shared by whoever may ask and whoever must listen.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Clones share one request; once made it is never taken back.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    shared: Arc<Shared>,
    deadline: Option<Instant>,
}

#[derive(Debug, Default)]
struct Shared {
    cancelled: Mutex<bool>,
    changed: Condvar,
}

impl Cancel {
    /// A request that nobody has made yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same request, which for holders of the returned clone also counts as made after `limit`.
    #[must_use]
    pub fn with_time_limit(&self, limit: Duration) -> Self {
        let ours = Instant::now() + limit;
        let deadline = self.deadline.map_or(ours, |theirs| theirs.min(ours));
        Self { shared: Arc::clone(&self.shared), deadline: Some(deadline) }
    }

    /// Asks all holders to stop and wakes those that wait.
    pub fn cancel(&self) {
        *self.shared.cancelled.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.changed.notify_all();
    }

    /// Whether it was asked, or the time limit has passed.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.is_out_of_time() || *self.shared.cancelled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the time limit has passed, which tells a hang from a wish.
    #[must_use]
    pub fn is_out_of_time(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= Instant::now())
    }

    /// Waits until it is asked.
    pub fn wait(&self) {
        while !self.wait_timeout(Duration::from_secs(3600)) {}
    }

    /// Waits until it is asked, at most `limit`; true when it was.
    pub fn wait_timeout(&self, limit: Duration) -> bool {
        let left =
            self.deadline.map_or(limit, |deadline| limit.min(deadline.saturating_duration_since(Instant::now())));
        let guard = self.shared.cancelled.lock().unwrap_or_else(PoisonError::into_inner);
        let (guard, _) = self
            .shared
            .changed
            .wait_timeout_while(guard, left, |cancelled| !*cancelled)
            .unwrap_or_else(PoisonError::into_inner);
        *guard || self.is_out_of_time()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiter_wakes_when_a_clone_asks() {
        let cancel = Cancel::new();
        let waiter = std::thread::spawn({
            let cancel = cancel.clone();
            move || cancel.wait_timeout(Duration::from_secs(600))
        });
        cancel.cancel();
        assert!(waiter.join().unwrap());
        assert!(cancel.is_cancelled());
    }

    #[test]
    fn a_time_limit_binds_only_the_clone_that_has_it() {
        let whole = Cancel::new();
        let limited = whole.with_time_limit(Duration::from_millis(1));
        assert!(limited.wait_timeout(Duration::from_secs(600)));
        assert!(limited.is_cancelled() && limited.is_out_of_time());
        assert!(!whole.is_cancelled());
        assert!(!whole.wait_timeout(Duration::ZERO));
    }
}
