//! What runs in the background, and how it stands: a board that every task writes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mediaflow_core::time::{Clock, Timestamp};

use super::inner::Inner;

/// How a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskStatus {
    /// There is nothing to do.
    Idle,
    /// It works.
    Running,
    /// There is something to do, which waits for something else.
    Waiting,
    /// Its last try failed; it tries again.
    Failed,
    /// It has ended with the service.
    Stopped,
}

impl TaskStatus {
    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

/// A background task, to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskState {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in one line.
    pub description: &'static str,
    /// How it stands.
    pub state: TaskStatus,
    /// What it is at, or waits for.
    pub detail: Option<String>,
    /// When it last began to work.
    pub last_started_at: Option<Timestamp>,
    /// When it last came to an end of its work.
    pub last_ended_at: Option<Timestamp>,
    /// Why it last failed, until it succeeds.
    pub last_error: Option<String>,
    /// When it will look again by itself.
    pub next_run_at: Option<Timestamp>,
}

/// The tasks of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    Tools,
    Queue,
    Servers,
    Scan,
    Analysis,
    Quarantine,
    Uploads,
    Events,
}

impl Task {
    const ALL: [Self; 8] = [
        Self::Tools,
        Self::Queue,
        Self::Servers,
        Self::Scan,
        Self::Analysis,
        Self::Quarantine,
        Self::Uploads,
        Self::Events,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Queue => "queue",
            Self::Servers => "servers",
            Self::Scan => "scan",
            Self::Analysis => "analysis",
            Self::Quarantine => "quarantine",
            Self::Uploads => "uploads",
            Self::Events => "events",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Tools => "Finds ffmpeg and what it can do",
            Self::Queue => "Begins queued jobs in their order and looks after those that run",
            Self::Servers => "Looks after the machines that encode, and that nothing stays behind on them",
            Self::Scan => "Reads folders and notes what is new, changed or gone",
            Self::Analysis => "Looks for what is worth re-encoding",
            Self::Quarantine => "Removes replaced originals when their time has come",
            Self::Uploads => "Removes uploads and stills that nobody waits for any more",
            Self::Events => "Tells of everything that happens, also what other processes do",
        }
    }
}

/// How all tasks stand.
pub(super) struct Board {
    clock: Arc<dyn Clock>,
    tasks: Mutex<Vec<TaskState>>,
}

impl Board {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let idle = |task: Task| TaskState {
            name: task.name(),
            description: task.description(),
            state: TaskStatus::Idle,
            detail: None,
            last_started_at: None,
            last_ended_at: None,
            last_error: None,
            next_run_at: None,
        };
        Self { clock, tasks: Mutex::new(Task::ALL.into_iter().map(idle).collect()) }
    }

    pub fn list(&self) -> Vec<TaskState> {
        self.lock().clone()
    }

    /// It works, at `detail`.
    pub fn begin(&self, task: Task, detail: impl Into<String>) {
        let (now, detail) = (self.clock.now(), detail.into());
        self.change(task, |state| {
            if state.state != TaskStatus::Running {
                state.last_started_at = Some(now);
            }
            state.state = TaskStatus::Running;
            state.detail = Some(detail);
            state.next_run_at = None;
        });
    }

    /// It has come to an end of its work, and looks again at `next`.
    pub fn end(&self, task: Task, detail: Option<String>, next: Option<Timestamp>) {
        let now = self.clock.now();
        self.change(task, |state| {
            if state.state == TaskStatus::Running {
                state.last_ended_at = Some(now);
            }
            state.state = TaskStatus::Idle;
            state.detail = detail;
            state.last_error = None;
            state.next_run_at = next;
        });
    }

    /// It has something to do and waits.
    pub fn wait(&self, task: Task, for_what: impl Into<String>) {
        let for_what = for_what.into();
        self.change(task, |state| {
            state.state = TaskStatus::Waiting;
            state.detail = Some(for_what);
        });
    }

    /// Its try failed; it tries again after `pause`.
    pub fn fail(&self, task: Task, error: &str, pause: Duration) {
        let now = self.clock.now();
        let next = now.plus_seconds(i64::try_from(pause.as_secs()).unwrap_or(i64::MAX));
        self.change(task, |state| {
            state.state = TaskStatus::Failed;
            state.last_ended_at = Some(now);
            state.last_error = Some(error.to_owned());
            state.next_run_at = Some(next);
        });
    }

    fn stop(&self, task: Task) {
        self.change(task, |state| {
            state.state = TaskStatus::Stopped;
            (state.detail, state.next_run_at) = (None, None);
        });
    }

    fn change(&self, task: Task, change: impl FnOnce(&mut TaskState)) {
        if let Some(state) = self.lock().iter_mut().find(|state| state.name == task.name()) {
            change(state);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<TaskState>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a task that failed waits before it tries again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Runs a task on a thread of its own until the service stops. A try that fails, or panics, is shown and repeated.
pub(super) fn spawn(inner: &Arc<Inner>, task: Task, work: fn(&Arc<Inner>) -> Result<(), String>) {
    inner.threads.spawn(task.name(), {
        let inner = Arc::clone(inner);
        move || {
            while !inner.stop.is_cancelled() {
                let result = catch_unwind(AssertUnwindSafe(|| work(&inner)));
                let error = match result {
                    Ok(Ok(())) => continue,
                    Ok(Err(error)) => error,
                    Err(_) => "it panicked; the log has the place".to_owned(),
                };
                tracing::error!("{}: {error}", task.name());
                inner.board.fail(task, &error, RETRY_AFTER);
                inner.stop.wait_timeout(RETRY_AFTER);
            }
            inner.board.stop(task);
        }
    });
}
