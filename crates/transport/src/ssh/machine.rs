//! A machine as long as it is used: its connections shared, kept alive, and made anew.

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use super::connection::Connection;
use super::conversation::{Said, converse};
use super::error::SshError;
use super::host::{Host, HostKey};
use super::round_trip::RoundTrip;
use super::script::Script;
use super::sftp::Server;
use crate::cancel::Cancel;
use crate::process::{Finished, Invocation, MAX_STDOUT_BYTES, ProcessError, STDERR_TAIL_BYTES, Tail};

/// After a failed call a machine is left alone for so long, and twice as long each time, up to the last.
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(60);

/// Carries the connections to all machines.
#[derive(Clone)]
pub struct Ssh {
    runtime: Arc<Runtime>,
}

impl Ssh {
    /// Starts the threads that keep connections.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("ssh").enable_all().build()?;
        Ok(Self { runtime: Arc::new(runtime) })
    }

    /// A machine, to which nothing is connected yet.
    #[must_use]
    pub fn machine(&self, host: Host) -> RemoteMachine {
        let name = host.to_string();
        let shared = Shared {
            ssh: self.clone(),
            host,
            name,
            links: Mutex::default(),
            round_trip: RoundTrip::default(),
            broken_servers: Mutex::default(),
        };
        RemoteMachine(Arc::new(shared))
    }
}

/// A machine that is called when it is needed. Clones share its connections.
#[derive(Clone)]
pub struct RemoteMachine(Arc<Shared>);

struct Shared {
    ssh: Ssh,
    host: Host,
    name: String,
    links: Mutex<Links>,
    round_trip: RoundTrip,
    /// SFTP servers whose connections broke while they had something to do.
    broken_servers: Mutex<Vec<Server>>,
}

#[derive(Default)]
struct Links {
    open: Vec<Arc<Connection>>,
    /// What the last call came to, when the next one may be made, and how long it rests then.
    rest: Option<(String, Instant, Duration)>,
}

impl RemoteMachine {
    /// `user@address:port`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Who is called.
    pub(super) fn host(&self) -> &Host {
        &self.0.host
    }

    /// Forgets what the last call came to: the next one is made at once.
    pub fn call_again(&self) {
        self.0.links.lock().unwrap_or_else(PoisonError::into_inner).rest = None;
    }

    /// Calls it if nothing is connected; gives the key by which it is to be known.
    pub fn host_key(&self) -> Result<HostKey, SshError> {
        self.0.ssh.runtime.block_on(async { Ok(self.connection().await?.host_key().clone()) })
    }

    /// Runs a program, and ends it, with all that it started, when it is cancelled or the connection breaks.
    /// `on_stdout` returns false to stop a program that says too much.
    pub(crate) fn pump(
        &self,
        invocation: &Invocation,
        cancel: &Cancel,
        on_stdout: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Finished, ProcessError> {
        let program = || invocation.program.clone();
        let remote = |source| ProcessError::Remote { program: program(), source: Box::new(source) };
        let mut stderr = Tail::new(STDERR_TAIL_BYTES);
        let mut too_much = false;
        let code = self
            .call(&attached(invocation), cancel, &mut |said| match said {
                Said::Out(chunk) => {
                    too_much = !on_stdout(chunk);
                    !too_much
                }
                Said::Err(chunk) => {
                    stderr.push(chunk);
                    true
                }
            })
            .map_err(|error| match error {
                SshError::Cancelled if too_much => ProcessError::TooMuchOutput { program: program() },
                SshError::Cancelled if cancel.is_out_of_time() => ProcessError::OutOfTime { program: program() },
                SshError::Cancelled => ProcessError::Cancelled { program: program() },
                other => remote(other),
            })?;
        let (stderr_lines, stderr_line_count) = stderr.finish();
        match code {
            NO_FOLDER => {
                Err(ProcessError::NoFolder { program: program(), cwd: invocation.cwd.clone().unwrap_or_default() })
            }
            NO_PROGRAM => Err(ProcessError::NotFound { program: program() }),
            NOT_ALLOWED => Err(ProcessError::Permission { program: program() }),
            // A shell adds 128 to the number of a signal; ffmpeg's own 255 is none.
            129..=159 => Err(ProcessError::Killed { program: program(), signal: code - 128, stderr_lines }),
            exit_code => Ok(Finished { exit_code, stderr_lines, stderr_line_count }),
        }
    }

    /// Runs a script of ours to its end; its standard output, or what it said instead of succeeding.
    pub(crate) fn ask(&self, doing: &str, script: &Script, cancel: &Cancel) -> Result<Vec<u8>, SshError> {
        let (mut stdout, mut stderr) = (Vec::new(), Tail::new(STDERR_TAIL_BYTES));
        let code = self.call(script, cancel, &mut |said| {
            match said {
                Said::Out(chunk) => stdout.extend_from_slice(chunk),
                Said::Err(chunk) => stderr.push(chunk),
            }
            stdout.len() <= MAX_STDOUT_BYTES
        })?;
        if code == 0 {
            return Ok(stdout);
        }
        let (lines, _) = stderr.finish();
        let reason = lines.last().cloned().unwrap_or_else(|| format!("it ended with code {code}"));
        Err(SshError::Failed { host: self.0.name.clone(), doing: doing.to_owned(), reason })
    }

    /// Runs a script and hands over what it says; gives its exit code.
    fn call(
        &self,
        script: &Script,
        cancel: &Cancel,
        on_said: &mut dyn FnMut(Said<'_>) -> bool,
    ) -> Result<i32, SshError> {
        self.block_on(async {
            let connection = self.connection().await?;
            // Nothing is sent: the end of its input is how a script notices that nobody listens any more.
            let code = converse(&self.0.name, &connection, script, &|| cancel.is_cancelled(), None, on_said).await;
            if code.is_err() {
                self.drop_closed();
            }
            code
        })
    }

    /// How long the line to it is; zero while nothing is known.
    pub(super) fn round_trip(&self) -> Duration {
        self.0.round_trip.shortest()
    }

    /// Waits for what happens on connections.
    pub(super) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.ssh.runtime.block_on(work)
    }

    /// A connection that is nobody else's.
    pub(super) fn connect(&self) -> Result<Connection, SshError> {
        self.block_on(Connection::open(&self.0.host, &self.0.round_trip))
    }

    /// One that stands and has room, or a new one; right after a failure, that failure.
    pub(super) async fn connection(&self) -> Result<Arc<Connection>, SshError> {
        let shared = &self.0;
        {
            let mut links = shared.links.lock().unwrap_or_else(PoisonError::into_inner);
            links.open.retain(|connection| connection.is_open());
            if let Some(connection) = links.open.iter().find(|connection| connection.has_room()) {
                return Ok(Arc::clone(connection));
            }
            if links.open.is_empty() {
                // It may be another line now.
                shared.round_trip.forget();
            }
            if let Some((reason, until, _)) = &links.rest
                && let Some(left) = until.checked_duration_since(Instant::now())
            {
                return Err(SshError::Resting { reason: reason.clone(), seconds: left.as_secs() + 1 });
            }
        }
        let opened = Connection::open(&shared.host, &shared.round_trip).await;
        let mut links = shared.links.lock().unwrap_or_else(PoisonError::into_inner);
        match opened {
            Ok(connection) => {
                let connection = Arc::new(connection);
                links.open.push(Arc::clone(&connection));
                links.rest = None;
                Ok(connection)
            }
            Err(error) => {
                // What only a person can mend is told at once, each time.
                if error.may_pass() {
                    let rest = links.rest.as_ref().map_or(FIRST_REST, |(_, _, rest)| (*rest * 2).min(LONGEST_REST));
                    links.rest = Some((error.to_string(), Instant::now() + rest, rest));
                }
                Err(error)
            }
        }
    }

    pub(super) fn remember_server(&self, server: Server) {
        self.0.broken_servers.lock().unwrap_or_else(PoisonError::into_inner).push(server);
    }

    pub(super) fn broken_servers(&self) -> Vec<Server> {
        self.0.broken_servers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn forget_servers(&self, gone: &[Server]) {
        self.0.broken_servers.lock().unwrap_or_else(PoisonError::into_inner).retain(|server| !gone.contains(server));
    }

    fn drop_closed(&self) {
        let mut links = self.0.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.open.retain(|connection| connection.is_open());
    }
}

/// Exit codes of our own scripts, beyond those of signals and below ffmpeg's 255.
const NO_FOLDER: i32 = 200;
const NO_PROGRAM: i32 = 201;
/// As shells give it for what lies there and cannot be started.
const NOT_ALLOWED: i32 = 126;

/// The script around a program: it ends with the connection, which it notices by the end of its standard input.
fn attached(invocation: &Invocation) -> Script {
    let mut script = Script::new("");
    if let Some(cwd) = &invocation.cwd {
        script = script.raw("cd -- ").word(cwd).raw(" 2>/dev/null || exit 200\n");
    }
    script = script.set("p", &invocation.program);
    script
        .raw("found=$(command -v \"$p\" 2>/dev/null) || { [ -e \"$p\" ] && exit 126; exit 201; }\n")
        .raw("exec 3<&0\n")
        .raw("\"$p\" ")
        .words(&invocation.args)
        .raw(" </dev/null 3<&- &\nc=$!\n")
        .raw("{ read -r x <&3; kill -9 0; } >/dev/null 2>&1 &\nw=$!\n")
        .raw("exec 3<&- </dev/null\nwait $c\ns=$?\nkill -9 $w 2>/dev/null\nexit $s\n")
}
