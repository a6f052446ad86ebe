//! A request to stop, shared by whoever may ask and whoever must listen.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Clones share one request; once made it is never taken back.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    shared: Arc<Shared>,
    /// What also counts.
    above: Option<Arc<Cancel>>,
    deadline: Option<Instant>,
}

/// How often one that waits looks whether the request above was made.
const LOOK_UP_EVERY: Duration = Duration::from_millis(50);

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
        Self { deadline: Some(deadline), ..self.clone() }
    }

    /// A request of its own, which also counts as made once this one is.
    #[must_use]
    pub fn below(&self) -> Self {
        Self { shared: Arc::default(), above: Some(Arc::new(self.clone())), deadline: None }
    }

    /// Asks all holders to stop and wakes those that wait.
    pub fn cancel(&self) {
        *self.shared.cancelled.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.changed.notify_all();
    }

    /// Whether it was asked, or the time limit has passed.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.is_out_of_time()
            || *self.shared.cancelled.lock().unwrap_or_else(PoisonError::into_inner)
            || self.above.as_ref().is_some_and(|above| above.is_cancelled())
    }

    /// Whether the time limit has passed, which tells a hang from a wish.
    #[must_use]
    pub fn is_out_of_time(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= Instant::now())
            || self.above.as_ref().is_some_and(|above| above.is_out_of_time())
    }

    /// Waits until it is asked.
    pub fn wait(&self) {
        while !self.wait_timeout(Duration::from_secs(3600)) {}
    }

    /// Waits until it is asked, at most `limit`; true when it was.
    pub fn wait_timeout(&self, limit: Duration) -> bool {
        if self.above.is_none() {
            return self.wait_for_own(limit);
        }
        let until = Instant::now() + limit;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if self.wait_for_own(left.min(LOOK_UP_EVERY)) || self.is_cancelled() {
                return true;
            }
            if left.is_zero() {
                return false;
            }
        }
    }

    fn wait_for_own(&self, limit: Duration) -> bool {
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
    fn a_request_below_another_counts_with_it_and_not_the_other_way() {
        let above = Cancel::new();
        let (one, other) = (above.below(), above.below());
        one.cancel();
        assert!(one.is_cancelled() && !above.is_cancelled() && !other.is_cancelled());
        let waiter = std::thread::spawn(move || other.wait_timeout(Duration::from_secs(600)));
        above.cancel();
        assert!(waiter.join().unwrap());
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
