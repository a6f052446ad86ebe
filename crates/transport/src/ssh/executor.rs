//! Attempts on another machine: they outlive the connection and us, and are found again by their files.
//!
//! The same promises as on this machine, kept by a small shell script (`supervise.sh`) instead of our own program, of which
//! nothing lies there. All of an attempt is in one process group.
//!
//! | file | written by | says |
//! | --- | --- | --- |
//! | `run.sh` | submit | the steps |
//! | `claim` | the supervisor, or a cancel that came first | who of the two decides what happens |
//! | `state` | the supervisor | process, group, step, when it began, which boot |
//! | `exit` | the supervisor, or a cancel in its place | how it ended; then the last words |
//! | `paused` | pause | that nothing of it is to run for now |

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use mediaflow_core::time::Timestamp;

use super::error::SshError;
use super::machine::RemoteMachine;
use super::script::Script;
use crate::cancel::Cancel;
use crate::executor::{End, Executor, ExecutorError, Exit, Observation, Spec};

const PRELUDE: &str = include_str!("prelude.sh");
const SUPERVISE: &str = include_str!("supervise.sh");

/// What submit says instead of starting anything.
const ALREADY: &str = "already submitted";

/// Runs attempts on another machine, in folders there.
#[derive(Clone)]
pub struct RemoteExecutor {
    machine: RemoteMachine,
}

impl RemoteExecutor {
    /// For attempts on `machine`.
    #[must_use]
    pub const fn new(machine: RemoteMachine) -> Self {
        Self { machine }
    }

    fn ask(&self, doing: &str, script: &Script) -> Result<String, SshError> {
        let said = self.machine.ask(doing, script, &Cancel::new())?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }

    fn change(&self, doing: &str, dir: &Path, script: &str) -> Result<(), ExecutorError> {
        self.ask(doing, &inside(dir).raw(script)).map(drop).map_err(remote)
    }
}

impl Executor for RemoteExecutor {
    fn submit(&self, dir: &Path, spec: &Spec) -> Result<(), ExecutorError> {
        let script = Script::new("umask 077\n")
            .set("d", dir)
            .raw("mkdir -p -- \"$d\" && cd -- \"$d\" || exit 1\n")
            .raw("[ -e run.sh ] && { echo 'already submitted'; exit 0; }\nprintf '%s' ")
            .word(OsStr::from_bytes(supervisor(spec).as_bytes()))
            .raw(" >run.new && mv run.new run.sh || exit 1\n")
            .raw("if command -v setsid >/dev/null 2>&1; then own=setsid; else own=nohup; fi\n")
            // Nor may SVT-AV1 take real-time priority where it is the superuser's.
            .raw("calm=; setpriv --bounding-set=-sys_nice true 2>/dev/null && calm='setpriv --bounding-set=-sys_nice'\n")
            .raw("$own $calm sh ./run.sh </dev/null >/dev/null 2>supervisor.log &\n")
            .raw("while [ ! -e state ] && [ ! -e exit ]; do\n")
            .raw("    kill -0 $! 2>/dev/null || { [ -e state ] || [ -e exit ] || { cat supervisor.log >&2; exit 1; }; }\n")
            .raw("    sleep 0.02 2>/dev/null || sleep 1\ndone\n");
        let said = self.ask("start an attempt", &script).map_err(remote)?;
        if said.trim() == ALREADY {
            return Err(ExecutorError::AlreadySubmitted { dir: dir.to_owned() });
        }
        Ok(())
    }

    fn observe(&self, dir: &Path) -> Result<Observation, ExecutorError> {
        let script = inside(dir)
            .raw("[ -e exit ] && { echo exit; cat exit; exit 0; }\n")
            .raw("[ -e state ] || { echo none; exit 0; }\n")
            .raw("read -r p g n s b <state\nnow=$(begun \"$p\")\n")
            .raw("[ \"$b\" = \"$(boot)\" ] || { echo lost the machine was restarted while it ran; exit 0; }\n")
            .raw("[ \"$now\" = \"$s\" ] && { echo running \"$p\" \"$n\"; exit 0; }\n")
            // It may have ended in good order since the first look.
            .raw("[ -e exit ] && { echo exit; cat exit; exit 0; }\n")
            // A number is not given to a new process while a group has it: one that is taken has nothing of ours.
            .raw("[ -n \"$now\" ] && { echo lost process \"$p\" is another program now; exit 0; }\n")
            .raw("kill -9 -\"$g\" 2>/dev/null\necho lost its supervisor, process \"$p\", was killed\n");
        let said = self.ask("look after an attempt", &script).map_err(remote)?;
        Ok(understood(&said)
            .unwrap_or_else(|| Observation::Lost { reason: format!("its files say {:?}", said.trim()) }))
    }

    fn cancel(&self, dir: &Path) -> Result<(), ExecutorError> {
        self.change(
            "cancel an attempt",
            dir,
            "[ -e exit ] && exit 0\n\
             mkdir claim 2>/dev/null && { echo '0 cancelled 0' >exit; exit 0; }\n\
             i=0; while [ ! -e state ] && [ $i -lt 50 ]; do sleep 0.02 2>/dev/null || sleep 1; i=$((i+1)); done\n\
             n=0\n\
             if [ -e state ]; then\n\
                 read -r p g n s b <state\n\
                 now=$(begun \"$p\")\n\
                 [ \"$b\" = \"$(boot)\" ] && { [ -z \"$now\" ] || [ \"$now\" = \"$s\" ]; } && kill -9 -\"$g\" 2>/dev/null\n\
             fi\n\
             [ -e exit ] || { echo \"$n cancelled 0\" >exit.new && mv -f exit.new exit; }\n",
        )
    }

    fn pause(&self, dir: &Path) -> Result<(), ExecutorError> {
        self.change("hold an attempt", dir, &format!("[ -e exit ] && exit 0\n: >paused || exit 1\n{}", signal("STOP")))
    }

    fn resume(&self, dir: &Path) -> Result<(), ExecutorError> {
        self.change("let an attempt go on", dir, &format!("rm -f paused\n{}", signal("CONT")))
    }

    fn own_program(&self) -> std::io::Result<PathBuf> {
        Err(std::io::Error::other(format!("{} has no program of ours", self.machine.name())))
    }
}

/// A script in the attempt's folder; where there is none, nothing was ever submitted.
fn inside(dir: &Path) -> Script {
    Script::new(PRELUDE).raw("cd -- ").word(dir).raw(" 2>/dev/null || { echo none; exit 0; }\n")
}

fn signal(name: &str) -> String {
    format!(
        "[ -e state ] || exit 0\nread -r p g n s b <state\n\
         [ \"$b\" = \"$(boot)\" ] && [ \"$(begun \"$p\")\" = \"$s\" ] && kill -{name} -\"$g\" 2>/dev/null\nexit 0\n"
    )
}

/// The text of `run.sh`.
fn supervisor(spec: &Spec) -> Script {
    let mut script = Script::new(PRELUDE).raw(SUPERVISE);
    for (number, step) in spec.steps.iter().enumerate() {
        for needed in &step.needs {
            script = script.raw(&format!("needs {number} ")).word(needed).raw("\n");
        }
        let out = step.stdout_file.as_deref().unwrap_or("/dev/null");
        let words = [step.stderr_file.as_ref(), out.as_ref(), step.program.as_os_str()];
        let args = step.args.iter().map(std::ffi::OsString::as_os_str);
        script = script.raw(&format!("step {number} ")).words(words.into_iter().chain(args)).raw("\n");
    }
    script.raw(&format!("end {} code 0 \"$last\"\n", spec.steps.len().saturating_sub(1)))
}

/// What observe's script said.
fn understood(said: &str) -> Option<Observation> {
    let (first, rest) = said.split_once('\n')?;
    let mut words = first.split(' ');
    match words.next()? {
        "none" => Some(Observation::NotStarted),
        "running" => Some(Observation::Running { pid: words.next()?.parse().ok()?, step: words.next()?.parse().ok()? }),
        "lost" => Some(Observation::Lost { reason: words.collect::<Vec<_>>().join(" ") }),
        "exit" => {
            let (line, last_words) = rest.split_once('\n').unwrap_or((rest, ""));
            let mut fields = line.splitn(3, ' ');
            let step = fields.next()?.parse().ok()?;
            let (kind, value) = (fields.next()?, fields.next()?);
            let end = match kind {
                "cancelled" => End::Cancelled,
                "lacks" => End::Lacks(value.to_owned()),
                "missing" => End::NotStarted(format!("there is no program {value}")),
                "code" => match value.parse().ok()? {
                    // A shell adds 128 to the number of a signal; ffmpeg's own 255 is none.
                    code @ 129..=159 => End::Signal(code - 128),
                    code => End::Code(code),
                },
                _ => return None,
            };
            let last_words = last_words.trim_end_matches('\0').to_owned();
            Some(Observation::Exited(Exit { step, end, last_words, ended_at: now() }))
        }
        _ => None,
    }
}

/// Our own clock: that of another machine may be an hour off.
fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}

fn remote(source: SshError) -> ExecutorError {
    ExecutorError::Remote(Box::new(source))
}
