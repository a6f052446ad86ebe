//! Threads that are counted, and signals between them.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Wakes one thread. A signal that comes while nobody waits is kept.
#[derive(Debug, Default)]
pub(super) struct Signal {
    raised: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    pub fn raise(&self) {
        *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits for a signal, at most `limit`, and takes it.
    pub fn wait(&self, limit: Duration) {
        let raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut raised, _) =
            self.changed.wait_timeout_while(raised, limit, |raised| !*raised).unwrap_or_else(PoisonError::into_inner);
        *raised = false;
    }
}

/// Closed at first; once it is open it stays so.
#[derive(Debug, Default)]
pub(super) struct Gate {
    open: Mutex<bool>,
    changed: Condvar,
}

impl Gate {
    pub fn open(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits until it is open, at most `limit`; whether it is.
    pub fn wait(&self, limit: Duration) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (open, _) =
            self.changed.wait_timeout_while(open, limit, |open| !*open).unwrap_or_else(PoisonError::into_inner);
        *open
    }
}

/// How many of something there are, to be waited for.
#[derive(Debug, Default)]
pub struct Threads {
    alive: Mutex<usize>,
    changed: Condvar,
}

impl Threads {
    /// Runs `work` on a thread that counts until it ends, however it ends. `false` when the system has no thread left.
    pub fn spawn(self: &Arc<Self>, name: &str, work: impl FnOnce() + Send + 'static) -> bool {
        struct Alive(Arc<Threads>);
        impl Drop for Alive {
            fn drop(&mut self) {
                self.0.count(|alive| alive.saturating_sub(1));
            }
        }
        self.count(|alive| alive + 1);
        let alive = Alive(Arc::clone(self));
        let started = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let _alive = alive;
            work();
        });
        if let Err(error) = &started {
            tracing::error!("the thread {name} could not be started: {error}");
        }
        started.is_ok()
    }

    fn count(&self, change: impl FnOnce(usize) -> usize) {
        let mut alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner);
        *alive = change(*alive);
        self.changed.notify_all();
    }

    /// Waits until all have ended, at most until `deadline`; whether they have.
    pub fn wait_for_all(&self, deadline: Instant) -> bool {
        let alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner);
        let left = deadline.saturating_duration_since(Instant::now());
        let (alive, _) =
            self.changed.wait_timeout_while(alive, left, |alive| *alive > 0).unwrap_or_else(PoisonError::into_inner);
        *alive == 0
    }
}
