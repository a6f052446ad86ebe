//! The library in memory, kept current. One thread loads it and then applies what the store says has changed: at once
//! after a commit of this process, and within [`PERIOD`] after one of another.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mediaflow_core::catalog::Catalog;
use mediaflow_store::Store;

mod follow;

use follow::Follower;

/// How often commits of other processes are looked for: the command line is one, and a second is no wait for a person.
const PERIOD: Duration = Duration::from_secs(1);

/// Why the catalog cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// It could not be loaded; it is being tried again.
    #[error("the library could not be loaded: {reason}")]
    NotLoaded {
        /// What the store said.
        reason: String,
    },
    /// Its changes could not be read; it is being tried again.
    #[error("the library's latest changes could not be read: {reason}")]
    Behind {
        /// What the store said.
        reason: String,
    },
    /// It no longer runs.
    #[error("the library is closed because MediaFlow is stopping")]
    Stopped,
}

/// How the catalog stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogState {
    /// It is being loaded.
    Loading {
        /// Rows so far.
        rows: u64,
    },
    /// It is current.
    Ready {
        /// Items in it.
        items: u64,
    },
    /// The last look at the store failed; it is being tried again.
    Failed {
        /// What the store said.
        error: String,
    },
    /// It no longer runs.
    Stopped,
}

/// The library in memory. Cheap to clone; every clone is the same one.
#[derive(Clone)]
pub struct LiveCatalog {
    shared: Arc<Shared>,
}

struct Shared {
    catalog: RwLock<Catalog>,
    status: Mutex<Status>,
    changed: Condvar,
}

struct Status {
    state: CatalogState,
    /// Whether there is a catalog to look at, even if it is a little behind.
    is_loaded: bool,
    is_stopping: bool,
    /// How often it was asked to look at the store, and how many of these are answered.
    asked: u64,
    answered: u64,
    thread: Option<JoinHandle<()>>,
}

impl LiveCatalog {
    /// Begins to load the catalog of a store and to follow it. Returns at once.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(store: Store) -> std::io::Result<Self> {
        let status = Status {
            state: CatalogState::Loading { rows: 0 },
            is_loaded: false,
            is_stopping: false,
            asked: 1,
            answered: 0,
            thread: None,
        };
        let shared =
            Arc::new(Shared { catalog: RwLock::default(), status: Mutex::new(status), changed: Condvar::new() });
        // Weak: the store keeps its listeners for good.
        let listening: Weak<Shared> = Arc::downgrade(&shared);
        store.on_commit(Arc::new(move || {
            if let Some(shared) = listening.upgrade() {
                shared.ask();
            }
        }));
        let running = Arc::clone(&shared);
        let thread = thread::Builder::new().name("catalog".to_owned()).spawn(move || running.run(&store))?;
        shared.status().thread = Some(thread);
        Ok(Self { shared })
    }

    /// Looks at the catalog; the first look waits until it is loaded. Changes wait while `look` runs.
    ///
    /// # Errors
    /// It could not be loaded, or is closed. A catalog that is only a little behind is shown.
    pub fn read<T>(&self, look: impl FnOnce(&Catalog) -> T) -> Result<T, CatalogError> {
        self.shared.wait(|status| match &status.state {
            CatalogState::Stopped => Some(Err(CatalogError::Stopped)),
            _ if status.is_loaded => Some(Ok(())),
            CatalogState::Failed { error } => Some(Err(CatalogError::NotLoaded { reason: error.clone() })),
            _ => None,
        })?;
        Ok(look(&self.shared.catalog.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Waits until everything that was committed before this call is in the catalog.
    ///
    /// # Errors
    /// The store could not be read, or the catalog is closed.
    pub fn catch_up(&self) -> Result<(), CatalogError> {
        let number = self.shared.ask();
        self.shared.wait(|status| match &status.state {
            CatalogState::Stopped => Some(Err(CatalogError::Stopped)),
            _ if status.answered < number => None,
            CatalogState::Failed { error } => Some(Err(CatalogError::Behind { reason: error.clone() })),
            _ => Some(Ok(())),
        })
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self) -> CatalogState {
        self.shared.status().state.clone()
    }

    /// Ends it, and waits for its thread.
    pub fn stop(&self) {
        let mut status = self.shared.status();
        status.is_stopping = true;
        let thread = status.thread.take();
        drop(status);
        self.shared.changed.notify_all();
        // A panic in it was reported where it happened.
        let _ = thread.map(JoinHandle::join);
    }
}

impl Shared {
    fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for a look at the store and gives its number.
    fn ask(&self) -> u64 {
        let mut status = self.status();
        status.asked += 1;
        self.changed.notify_all();
        status.asked
    }

    /// Waits until `answer` has one.
    fn wait<T>(&self, mut answer: impl FnMut(&Status) -> Option<T>) -> T {
        let mut status = self.status();
        loop {
            if let Some(answer) = answer(&status) {
                return answer;
            }
            status = self.changed.wait(status).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn run(&self, store: &Store) {
        // However this ends, nobody waits for it any longer.
        let _end = End(self);
        let mut follower = Follower::default();
        while let Some(asked) = self.next_look() {
            let looked = follower.look(store, &self.catalog, |rows| self.loading(rows));
            let state = match looked {
                Ok(Some(items)) => CatalogState::Ready { items },
                Ok(None) => return,
                Err(error) => CatalogState::Failed { error: error.to_string() },
            };
            let mut status = self.status();
            status.answered = asked;
            status.is_loaded |= matches!(state, CatalogState::Ready { .. });
            status.state = state;
            drop(status);
            self.changed.notify_all();
        }
    }

    /// Waits until somebody asks for a look, or it is time for one; gives the number of the last that asked. `None`: it
    /// is to stop.
    fn next_look(&self) -> Option<u64> {
        let is_idle = |status: &mut Status| !status.is_stopping && status.asked == status.answered;
        let (status, _) =
            self.changed.wait_timeout_while(self.status(), PERIOD, is_idle).unwrap_or_else(PoisonError::into_inner);
        (!status.is_stopping).then_some(status.asked)
    }

    /// Notes how far loading is; false when it is to stop.
    fn loading(&self, rows: u64) -> bool {
        let mut status = self.status();
        status.state = CatalogState::Loading { rows };
        !status.is_stopping
    }
}

struct End<'s>(&'s Shared);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.status().state = CatalogState::Stopped;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests;
