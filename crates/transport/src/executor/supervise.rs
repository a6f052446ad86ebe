//! The supervisor: a process of its own that runs the steps of one attempt and writes down how they went.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::{SystemTime, UNIX_EPOCH};

use mediaflow_core::time::Timestamp;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

use super::files::{self, ReservedExit, SPEC, STATE, State};
use super::identity::{ProcessId, boot_id};
use super::step::{Event, StartedStep};
use super::{End, ExecutorError, Exit, Spec, session};
use crate::process::renounce_real_time;

/// Runs the attempt that lies in `dir` to its end: what the program does when it is called as `supervise DIR`.
///
/// Fails, with a line on standard error, only when the attempt could not be taken over or its end not be written.
pub fn supervise(dir: &Path) -> ExitCode {
    renounce_real_time();
    match Supervisor::take_over(dir).and_then(Supervisor::run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
            let _ = writeln!(io::stderr(), "{error}{source}");
            ExitCode::FAILURE
        }
    }
}

struct Supervisor<'d> {
    dir: &'d Path,
    spec: Spec,
    state: State,
    exit: ReservedExit,
    sender: Sender<Event>,
    events: Receiver<Event>,
}

impl<'d> Supervisor<'d> {
    /// All that can go wrong without harm goes wrong here, before the attempt counts as started.
    fn take_over(dir: &'d Path) -> Result<Self, ExecutorError> {
        let own = |source: io::Error| ExecutorError::File { doing: "supervise", path: dir.to_owned(), source };
        // A session of its own: no terminal's hang-up or Ctrl-C arrives, and all members can be found.
        let pid = rustix::process::setsid().map_err(|errno| own(errno.into()))?.as_raw_nonzero().get();
        if !files::claim(dir)? {
            return Err(ExecutorError::AlreadySubmitted { dir: dir.to_owned() });
        }
        let missing = |what: &str| own(io::Error::other(format!("{what} cannot be read")));
        let spec: Spec = files::read(dir, SPEC)?.ok_or_else(|| missing(SPEC))?;
        let (sender, events) = channel();
        watch_signals(sender.clone()).map_err(own)?;
        let state = State {
            supervisor: ProcessId::of(pid).ok_or_else(|| missing("the start time of this process"))?,
            boot_id: boot_id().ok_or_else(|| missing("the boot id"))?,
            step: 0,
            child: None,
        };
        let exit = ReservedExit::new(dir)?;
        files::write(dir, STATE, &state)?;
        Ok(Self { dir, spec, state, exit, sender, events })
    }

    fn run(mut self) -> Result<(), ExecutorError> {
        let (mut end, mut last_words) = (End::Code(0), String::new());
        for index in 0..self.spec.steps.len() {
            self.state.step = index;
            (end, last_words) = self.run_step();
            if end != End::Code(0) {
                break;
            }
        }
        session::kill_all(&self.state);
        self.exit.write(&Exit { step: self.state.step, end, last_words, ended_at: now() })
    }

    fn run_step(&mut self) -> (End, String) {
        if !matches!(self.events.try_recv(), Err(TryRecvError::Empty)) {
            return (End::Cancelled, String::new());
        }
        let step = &self.spec.steps[self.state.step];
        let is_filled = |name: &String| std::fs::metadata(self.dir.join(name)).is_ok_and(|file| file.len() > 0);
        if let Some(lacking) = step.needs.iter().find(|name| !is_filled(name)) {
            return (End::Lacks(lacking.clone()), String::new());
        }
        let started = match StartedStep::start(self.dir, step, self.sender.clone()) {
            Ok(started) => started,
            Err(error) => {
                let program = Path::new(&step.program).display();
                return (End::NotStarted(format!("cannot start {program}: {error}")), String::new());
            }
        };
        self.state.child = ProcessId::of(started.pid().as_raw_nonzero().get());
        // A disk too full for this must not end the work; the session finds the child without it.
        let _ = files::write(self.dir, STATE, &self.state);
        started.hold_while(|| files::is_paused(self.dir));
        started.finish(&self.events).unwrap_or_else(|error| (End::NotStarted(error.to_string()), String::new()))
    }
}

/// Turns SIGTERM and SIGINT into events.
fn watch_signals(sender: Sender<Event>) -> io::Result<()> {
    let (mut reader, writer) = UnixStream::pair()?;
    pipe::register(SIGTERM, writer.try_clone()?)?;
    pipe::register(SIGINT, writer)?;
    std::thread::spawn(move || {
        let mut byte = [0];
        while reader.read_exact(&mut byte).is_ok() && sender.send(Event::Terminate).is_ok() {}
    });
    Ok(())
}

/// The system's time; one before 1970 counts as 1970.
pub(super) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}
