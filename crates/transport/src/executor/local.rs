//! Attempts on this machine.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::files::{self, EXIT, ReservedExit, SPEC, STATE, SUPERVISOR_LOG, State};
use super::identity::boot_id;
use super::{End, Executor, ExecutorError, Exit, Observation, Spec, session, supervise};

/// How long a supervisor has to end in good order. It gives its program one second; all must be over after two.
const CANCEL_GRACE: Duration = Duration::from_millis(1500);

/// How long a supervisor that has claimed its attempt may take until its state is written.
const CLAIM_GRACE: Duration = Duration::from_secs(1);

const PAUSE: Duration = Duration::from_millis(5);

/// Runs attempts on this machine, each under a supervisor: this same program called as `supervise DIR`.
#[derive(Debug, Clone)]
pub struct LocalExecutor {
    program: PathBuf,
}

impl LocalExecutor {
    /// `program` is called as `program supervise DIR` and must then call [`super::supervise`].
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into() }
    }

    fn start(&self, dir: &Path) -> Result<Child, ExecutorError> {
        let log_path = dir.join(SUPERVISOR_LOG);
        let log = File::create(&log_path).map_err(files::error("write", &log_path))?;
        Command::new(&self.program)
            .arg("supervise")
            .arg(dir)
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|source| ExecutorError::Start { program: self.program.clone(), source })
    }
}

impl Executor for LocalExecutor {
    /// As it was called when this began: what lies there by now may be a newer one.
    fn own_program(&self) -> std::io::Result<PathBuf> {
        Ok(self.program.clone())
    }

    fn submit(&self, dir: &Path, spec: &Spec) -> Result<(), ExecutorError> {
        std::fs::create_dir_all(dir).map_err(files::error("make", dir))?;
        let dir = dir.canonicalize().map_err(files::error("find", dir))?;
        if dir.join(SPEC).exists() {
            return Err(ExecutorError::AlreadySubmitted { dir });
        }
        files::write(&dir, SPEC, spec)?;
        let mut supervisor = self.start(&dir)?;
        while !dir.join(STATE).exists() {
            let status = supervisor.try_wait().map_err(files::error("supervise", &dir))?;
            if let Some(status) = status.filter(|_| !dir.join(STATE).exists()) {
                let words = std::fs::read_to_string(dir.join(SUPERVISOR_LOG)).unwrap_or_default().trim().to_owned();
                return Err(ExecutorError::EndedEarly { dir, status: status.to_string(), words });
            }
            std::thread::sleep(PAUSE);
        }
        // It outlives us or we outlive it; in the second case somebody must reap it.
        std::thread::spawn(move || supervisor.wait());
        Ok(())
    }

    fn observe(&self, dir: &Path) -> Result<Observation, ExecutorError> {
        if let Some(exit) = files::read(dir, EXIT)? {
            return Ok(Observation::Exited(exit));
        }
        let Some(state) = files::read::<State>(dir, STATE)? else { return Ok(Observation::NotStarted) };
        let Some(reason) = why_gone(&state) else {
            return Ok(Observation::Running { pid: state.supervisor.pid, step: state.step });
        };
        // It may have ended in good order since the first look.
        if let Some(exit) = files::read(dir, EXIT)? {
            return Ok(Observation::Exited(exit));
        }
        // The state may be older than the child it names; a second look finds the latest.
        session::kill_all(&files::read(dir, STATE)?.unwrap_or(state));
        Ok(Observation::Lost { reason })
    }

    fn cancel(&self, dir: &Path) -> Result<(), ExecutorError> {
        if files::read::<Exit>(dir, EXIT)?.is_some() {
            return Ok(());
        }
        if !files::claim(dir)? {
            wait_until(CLAIM_GRACE, || dir.join(STATE).exists());
        }
        let mut step = 0;
        if let Some(state) = files::read::<State>(dir, STATE)? {
            if why_gone(&state).is_none() {
                signal(&state, Signal::TERM);
                if !wait_until(CANCEL_GRACE, || !state.supervisor.is_alive()) {
                    signal(&state, Signal::KILL);
                }
            }
            let state = files::read(dir, STATE)?.unwrap_or(state);
            session::kill_all(&state);
            step = state.step;
        }
        if dir.join(EXIT).exists() {
            return Ok(());
        }
        let exit = Exit { step, end: End::Cancelled, last_words: String::new(), ended_at: supervise::now() };
        ReservedExit::new(dir)?.write(&exit)
    }

    fn pause(&self, dir: &Path) -> Result<(), ExecutorError> {
        if files::read::<Exit>(dir, EXIT)?.is_some() {
            return Ok(());
        }
        files::set_paused(dir, true)?;
        signal_step(dir, Signal::STOP)
    }

    fn resume(&self, dir: &Path) -> Result<(), ExecutorError> {
        files::set_paused(dir, false)?;
        signal_step(dir, Signal::CONT)
    }
}

/// Signals the program that runs now. The supervisor itself always goes on: it must hear of a cancel.
fn signal_step(dir: &Path, signal: Signal) -> Result<(), ExecutorError> {
    if let Some(state) = files::read::<State>(dir, STATE)?
        && why_gone(&state).is_none()
    {
        session::signal_child_group(&state, signal);
    }
    Ok(())
}

/// `None` while the supervisor lives.
fn why_gone(state: &State) -> Option<String> {
    let pid = state.supervisor.pid;
    if boot_id().as_ref() != Some(&state.boot_id) {
        return Some("this machine was restarted while it ran".to_owned());
    }
    if state.supervisor.was_reused() {
        return Some(format!("its supervisor is gone; process {pid} is another program now"));
    }
    (!state.supervisor.is_alive()).then(|| format!("its supervisor (process {pid}) was killed"))
}

fn signal(state: &State, signal: Signal) {
    if let Some(pid) = Pid::from_raw(state.supervisor.pid) {
        let _ = kill_process(pid, signal);
    }
}

fn wait_until(limit: Duration, is_so: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if is_so() {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(PAUSE);
    }
}
