//! One step under the supervisor: from the start of its program to its end or its cancellation.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::log::copy_capped;
use super::{End, Step};

/// How long a program may take to end in good order after SIGTERM. ffmpeg closes its output in that time.
const TERM_GRACE: Duration = Duration::from_secs(1);

/// How long to wait for the end of a log whose program has ended; only a process that fled can hold it open.
const LOG_GRACE: Duration = Duration::from_secs(1);

/// How much of the end of standard error goes into the exit file; with JSON's escapes it must fit into what
/// [`super::files::ReservedExit`] keeps free.
const LAST_WORDS_BYTES: usize = 2048;

/// What wakes the supervisor.
pub(super) enum Event {
    /// The step's program has ended and waits to be reaped.
    Ended,
    /// Someone asked the supervisor to stop.
    Terminate,
}

/// A started program and the thread that writes its log.
pub(super) struct StartedStep {
    child: Child,
    log_end: Receiver<Vec<u8>>,
}

impl StartedStep {
    /// Starts the program in its own process group; its end arrives on `events`.
    pub(super) fn start(dir: &Path, step: &Step, events: Sender<Event>) -> io::Result<Self> {
        let stdout = match &step.stdout_file {
            Some(name) => File::create(dir.join(name))?.into(),
            None => Stdio::null(),
        };
        let log = OpenOptions::new().create(true).append(true).open(dir.join(&step.stderr_file))?;
        let mut child = Command::new(&step.program)
            .args(&step.args)
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let (log_sender, log_end) = channel();
        if let Some(stderr) = child.stderr.take() {
            std::thread::spawn(move || {
                let _ = log_sender.send(copy_capped(stderr, log));
            });
        }
        let pid = Pid::from_child(&child);
        std::thread::spawn(move || {
            while let Err(rustix::io::Errno::INTR) =
                waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
            {}
            let _ = events.send(Event::Ended);
        });
        Ok(Self { child, log_end })
    }

    pub(super) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Stops a program that was started while the attempt is paused: whoever paused it did not know of this one. If it
    /// may go on by now, the other one's signal may have come before ours.
    pub(super) fn hold_while(&self, is_paused: impl Fn() -> bool) {
        if is_paused() {
            self.signal_group(Signal::STOP);
            if !is_paused() {
                self.signal_group(Signal::CONT);
            }
        }
    }

    /// Waits for the end, however it comes, and returns it with the last of standard error. Leaves nothing of the program's group behind.
    pub(super) fn finish(mut self, events: &Receiver<Event>) -> io::Result<(End, String)> {
        let cancelled = matches!(events.recv(), Ok(Event::Terminate));
        if cancelled {
            self.signal_group(Signal::TERM);
            // A paused program hears it only once it goes on.
            self.signal_group(Signal::CONT);
            while let Ok(Event::Terminate) = events.recv_timeout(TERM_GRACE) {}
        }
        // The unreaped leader keeps the group's number ours until the group is dead.
        self.signal_group(Signal::KILL);
        let status = self.child.wait()?;
        let log_end = self.log_end.recv_timeout(LOG_GRACE).unwrap_or_default();
        let words = &log_end[log_end.len().saturating_sub(LAST_WORDS_BYTES)..];
        let end = match (status.code(), status.signal()) {
            _ if cancelled => End::Cancelled,
            (Some(code), _) => End::Code(code),
            (None, signal) => End::Signal(signal.unwrap_or(0)),
        };
        Ok((end, String::from_utf8_lossy(words).into_owned()))
    }

    fn signal_group(&self, signal: Signal) {
        let _ = kill_process_group(self.pid(), signal);
    }
}
