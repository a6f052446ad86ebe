//! One connection: the way there, who it is, and who we are.

use std::borrow::Cow;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use russh::client::{self, Handle, Msg};
use russh::keys::{Algorithm, PublicKeyOrCertificate};
use russh::{Channel, Preferred, cipher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::{SshError, plain};
use super::host::{Host, HostKey};
use super::login::log_in;
use super::round_trip::RoundTrip;
use super::script::Script;

/// How long a machine has for each step of the way to a login.
const PATIENCE: Duration = Duration::from_secs(15);

/// A quiet connection is asked for a sign of life this often; three unanswered ones end it, as with OpenSSH's
/// `ServerAliveInterval 5`.
const KEEPALIVE: Duration = Duration::from_secs(5);
const KEEPALIVES_MISSED: usize = 3;

/// Room for what is under way on one channel, as OpenSSH's own client has it. Its server keeps what the line does not take
/// at once in a buffer of this size, and copies all of it for each 32 KiB more: with 16 MiB it came to 20 MB/s.
const WINDOW_BYTES: u32 = 2 * 1024 * 1024;

/// Programs at a time on one connection: OpenSSH allows ten sessions (`MaxSessions`).
pub(super) const SESSIONS: usize = 8;

/// AES-GCM has hardware of its own in every processor that encodes video; ChaCha20 reached 60 % of it.
const CIPHERS: [cipher::Name; 6] = [
    cipher::AES_128_GCM,
    cipher::AES_256_GCM,
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
    cipher::AES_128_CTR,
];

pub(super) struct Connection {
    handle: Handle<Verifier>,
    key: HostKey,
    sessions: Arc<Semaphore>,
    round_trip: RoundTrip,
    /// The connection that this one goes through ends with it.
    _via: Option<Box<Connection>>,
}

/// A command under way, with its place on the connection.
pub(super) struct Session {
    pub(super) channel: Channel<Msg>,
    pub(super) place: OwnedSemaphorePermit,
}

/// Looks at the key that a server shows.
pub(super) struct Verifier {
    pinned: Option<HostKey>,
    shown: Arc<Mutex<Option<HostKey>>>,
}

impl client::Handler for Verifier {
    type Error = russh::Error;

    async fn check_server_key(&mut self, server: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let key = match server {
            PublicKeyOrCertificate::PublicKey { key, .. } => HostKey::new(key),
            // Never asked for.
            PublicKeyOrCertificate::Certificate(_) => return Ok(false),
        };
        let known = self.pinned.as_ref().is_none_or(|pinned| *pinned == key);
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
        Ok(known)
    }
}

impl Connection {
    /// Connects, makes sure that it is the same machine as before, and logs in.
    /// `round_trip` is that of all connections to this machine.
    pub(super) async fn open(host: &Host, round_trip: &RoundTrip) -> Result<Self, SshError> {
        let name = host.to_string();
        let shown = Arc::default();
        let verifier = Verifier { pinned: host.pinned.clone(), shown: Arc::clone(&shown) };
        let config = config(host.pinned.as_ref());
        let (handle, via) = match &host.via {
            None => {
                let socket = in_time(&name, "connecting", async {
                    let unknown = |source| SshError::NoAddress { host: name.clone(), source };
                    let unreachable = |source| SshError::Unreachable { host: name.clone(), source };
                    let found = tokio::net::lookup_host((host.address.as_str(), host.port)).await.map_err(unknown)?;
                    let addresses: Vec<_> = found.collect();
                    let asked = Instant::now();
                    let socket = TcpStream::connect(addresses.as_slice()).await.map_err(unreachable)?;
                    round_trip.note(asked.elapsed());
                    socket.set_nodelay(true).map_err(unreachable)?;
                    Ok(socket)
                })
                .await?;
                (shake_hands(&name, config, socket, verifier, &shown, host).await?, None)
            }
            Some(between) => {
                let jump = |source| SshError::Jump { host: name.clone(), source: Box::new(source) };
                let via = Box::pin(Self::open(between, &RoundTrip::default())).await.map_err(jump)?;
                let tunnel = in_time(&name, "connecting", async {
                    let opened = via.handle.channel_open_direct_tcpip(&host.address, host.port.into(), "127.0.0.1", 0);
                    opened.await.map_err(|error| SshError::Unreachable {
                        host: name.clone(),
                        source: io::Error::other(format!("{} cannot reach it ({error})", between.address)),
                    })
                })
                .await?;
                let stream = tunnel.into_stream();
                (shake_hands(&name, config, stream, verifier, &shown, host).await?, Some(Box::new(via)))
            }
        };
        let mut handle = handle;
        in_time(&name, "logging in", log_in(&mut handle, host)).await?;
        let key = take(&shown).ok_or_else(|| not_usable(&name, "it showed no key"))?;
        let (sessions, round_trip) = (Arc::new(Semaphore::new(SESSIONS)), round_trip.clone());
        Ok(Self { handle, key, sessions, round_trip, _via: via })
    }

    /// The key that it showed.
    pub(super) const fn host_key(&self) -> &HostKey {
        &self.key
    }

    pub(super) fn is_open(&self) -> bool {
        !self.handle.is_closed()
    }

    /// How long the line is, as far as was seen.
    pub(super) fn round_trip(&self) -> Duration {
        self.round_trip.shortest()
    }

    /// Whether another program can be started on it now.
    pub(super) fn has_room(&self) -> bool {
        self.sessions.available_permits() > 0
    }

    /// Starts a script. What is then sent to the channel is its standard input.
    pub(super) async fn start(&self, name: &str, script: &Script) -> Result<Session, SshError> {
        let lost = |error: russh::Error| SshError::Lost { host: name.to_owned(), reason: plain(&error) };
        let command = script.command().ok_or_else(|| SshError::Failed {
            host: name.to_owned(),
            doing: "take a command".to_owned(),
            reason: "it is longer than a server takes".to_owned(),
        })?;
        let place = Arc::clone(&self.sessions).acquire_owned().await.map_err(|_| lost(russh::Error::Disconnect))?;
        let channel = in_time(name, "starting a program", async {
            let asked = Instant::now();
            let channel = self.handle.channel_open_session().await.map_err(lost)?;
            self.round_trip.note(asked.elapsed());
            channel.exec(true, command).await.map_err(lost)?;
            Ok(channel)
        })
        .await?;
        Ok(Session { channel, place })
    }
}

async fn in_time<T>(
    name: &str,
    doing: &'static str,
    work: impl Future<Output = Result<T, SshError>>,
) -> Result<T, SshError> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => Err(SshError::Silent { host: name.to_owned(), doing, seconds: PATIENCE.as_secs() }),
    }
}

async fn shake_hands<S>(
    name: &str,
    config: Arc<client::Config>,
    stream: S,
    verifier: Verifier,
    shown: &Mutex<Option<HostKey>>,
    host: &Host,
) -> Result<Handle<Verifier>, SshError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    in_time(name, "exchanging SSH keys", async {
        client::connect_stream(config, stream, verifier).await.map_err(|error| match (&host.pinned, take(shown)) {
            (Some(pinned), Some(shown)) if *pinned != shown => SshError::HostKeyChanged {
                host: name.to_owned(),
                pinned: pinned.fingerprint(),
                shown: shown.fingerprint(),
            },
            _ => match error {
                russh::Error::IO(source) => SshError::Unreachable { host: name.to_owned(), source },
                russh::Error::Disconnect | russh::Error::HUP => SshError::Unreachable {
                    host: name.to_owned(),
                    source: io::Error::other("it took the connection and ended it"),
                },
                other => not_usable(name, &other.to_string()),
            },
        })
    })
    .await
}

fn config(pinned: Option<&HostKey>) -> Arc<client::Config> {
    let mut preferred = Preferred { cipher: Cow::Borrowed(&CIPHERS), ..Preferred::default() };
    // A server with several keys shows the one that we know.
    if let Some(pinned) = pinned {
        let known = pinned.public().algorithm();
        let is_known = |algorithm: &Algorithm| match (algorithm, &known) {
            (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }) => true,
            (one, other) => one == other,
        };
        let (first, rest): (Vec<Algorithm>, Vec<Algorithm>) = preferred.key.iter().cloned().partition(is_known);
        preferred.key = Cow::Owned([first, rest].concat());
    }
    Arc::new(client::Config {
        preferred,
        window_size: WINDOW_BYTES,
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: KEEPALIVES_MISSED,
        nodelay: true,
        ..client::Config::default()
    })
}

fn take(shown: &Mutex<Option<HostKey>>) -> Option<HostKey> {
    shown.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn not_usable(name: &str, reason: &str) -> SshError {
    SshError::NotUsable { host: name.to_owned(), reason: reason.to_owned() }
}
