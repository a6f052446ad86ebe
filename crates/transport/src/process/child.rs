//! A child process whose whole group ends with this value.

use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::{Invocation, ProcessError};
use crate::cancel::Cancel;

/// How long a wait for output lasts before a look at the cancel token: the most that a cancel is late.
const TICK: Duration = Duration::from_millis(50);

/// How long output is still read after the program has ended and its group was killed. Only a process that left
/// the group can hold the pipe open then, and it must not hold us.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

pub(super) struct Running {
    child: Child,
    program: PathBuf,
    reaped: bool,
}

impl Running {
    pub(super) fn start(invocation: &Invocation) -> Result<Self, ProcessError> {
        let program = invocation.program.clone();
        let mut command = Command::new(&program);
        command.args(&invocation.args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0);
        if let Some(cwd) = &invocation.cwd {
            if !cwd.is_dir() {
                return Err(ProcessError::NoFolder { program, cwd: cwd.clone() });
            }
            command.current_dir(cwd);
        }
        match spawn(&mut command) {
            Ok(child) => Ok(Self { child, program, reaped: false }),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(ProcessError::NotFound { program }),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(ProcessError::Permission { program }),
            Err(source) => Err(ProcessError::Io { program, source }),
        }
    }

    /// Reads both outputs until they end, then waits for the program. `on_stdout` returns false to stop it.
    pub(super) fn read_to_end(
        &mut self,
        cancel: &Cancel,
        on_stdout: &mut dyn FnMut(&[u8]) -> bool,
        on_stderr: &mut dyn FnMut(&[u8]),
    ) -> Result<ExitStatus, ProcessError> {
        let mut stdout = self.child.stdout.take();
        let mut stderr = self.child.stderr.take();
        let mut buffer = vec![0; 64 * 1024];
        let mut ended_at: Option<Instant> = None;
        while stdout.is_some() || stderr.is_some() {
            self.check(cancel)?;
            let ready = wait_readable(stdout.as_ref(), stderr.as_ref()).map_err(|source| self.io(source))?;
            if ready.stdout {
                let chunk = read_chunk(&mut stdout, &mut buffer).map_err(|source| self.io(source))?;
                if !on_stdout(chunk) {
                    return Err(ProcessError::TooMuchOutput { program: self.program.clone() });
                }
            }
            if ready.stderr {
                on_stderr(read_chunk(&mut stderr, &mut buffer).map_err(|source| self.io(source))?);
            }
            if !ready.stdout && !ready.stderr && self.has_ended() {
                self.kill_group();
                if ended_at.get_or_insert_with(Instant::now).elapsed() > DRAIN_LIMIT {
                    break;
                }
            }
        }
        self.wait(cancel)
    }

    /// Waits for a program that has closed its outputs, which normally is about to end.
    fn wait(&mut self, cancel: &Cancel) -> Result<ExitStatus, ProcessError> {
        let mut pause = Duration::from_millis(1);
        while !self.has_ended() {
            self.check(cancel)?;
            cancel.wait_timeout(pause);
            pause = (pause * 2).min(TICK);
        }
        // The unreaped leader keeps the group's number ours until the group is dead.
        self.kill_group();
        let status = self.child.wait().map_err(|source| self.io(source))?;
        self.reaped = true;
        Ok(status)
    }

    fn check(&self, cancel: &Cancel) -> Result<(), ProcessError> {
        let program = || self.program.clone();
        if cancel.is_out_of_time() {
            return Err(ProcessError::OutOfTime { program: program() });
        }
        if cancel.is_cancelled() {
            return Err(ProcessError::Cancelled { program: program() });
        }
        Ok(())
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn has_ended(&self) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(self.pid()), look), Ok(None))
    }

    fn kill_group(&self) {
        let _ = kill_process_group(self.pid(), Signal::KILL);
    }

    fn io(&self, source: io::Error) -> ProcessError {
        ProcessError::Io { program: self.program.clone(), source }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.reaped {
            self.kill_group();
            let _ = self.child.wait();
        }
    }
}

/// A program that was only just written may be busy for an instant: a process forked by another thread holds our file
/// open until it becomes its own program.
fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 0..20 {
        match command.spawn() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => std::thread::sleep(TICK / 5),
            result => return result,
        }
    }
    command.spawn()
}

struct Ready {
    stdout: bool,
    stderr: bool,
}

/// Waits at most a [`TICK`] for something to read, or an end, on either pipe.
fn wait_readable(stdout: Option<&ChildStdout>, stderr: Option<&ChildStderr>) -> io::Result<Ready> {
    let mut fds = Vec::with_capacity(2);
    fds.extend(stdout.map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)));
    fds.extend(stderr.map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)));
    let tick = Timespec { tv_sec: 0, tv_nsec: TICK.subsec_nanos().into() };
    match poll(&mut fds, Some(&tick)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(errno) => return Err(errno.into()),
    }
    let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
    let mut next = |open: bool| open && ready.next().unwrap_or(false);
    Ok(Ready { stdout: next(stdout.is_some()), stderr: next(stderr.is_some()) })
}

/// One read; closes the pipe at its end.
fn read_chunk<'b, P: Read>(pipe: &mut Option<P>, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
    let Some(open) = pipe else { return Ok(&[]) };
    match open.read(buffer) {
        Ok(0) => {
            *pipe = None;
            Ok(&[])
        }
        Ok(length) => Ok(&buffer[..length]),
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(&[]),
        Err(error) => Err(error),
    }
}
