//! The door: who may come in, from where, and by what they are known.
//!
//! [`Door::wrap`] puts [`guard`] around the whole router, so that no route can be forgotten. What is checked, in this
//! order: under which name the server was reached, whose page sent the request, who sends it, and how much. On loopback
//! without a password everybody at the machine may come in; everywhere else it takes a session or a key.

mod audit;
mod caller;
mod changes;
mod connections;
mod credentials;
mod error;
mod folders;
mod guard;
mod headers;
mod limit;
mod login;
mod origin;
mod page;
mod paths;
mod routes;
mod secret;
mod wire;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mediaflow_core::identity::Hash;
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_store::{Reader, Store, StoreError};
use tokio::sync::{Semaphore, watch};

pub use audit::{Action, Actor};
pub use caller::{Caller, Who};
pub use changes::{IssuedKey, issue_key, remove_password, revoke_key, set_password};
pub use connections::serve;
pub use error::DoorError;
pub(crate) use guard::UPLOADS;
pub use paths::PathGuard;
pub use secret::Password;

use credentials::Credentials;
use limit::{LoginLimit, RowLimit};
use origin::Origin;

/// What the door has to know.
#[derive(Debug, Clone)]
pub struct DoorConfig {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port.
    pub port: u16,
    /// Origins of pages that may use the API, beside our own.
    pub cors_origins: Vec<String>,
    /// A password for this start, which counts instead of the one that is kept, and is not kept itself.
    pub password_from_env: Option<Password>,
    /// Folders that may be used beside the libraries; `None` for the places where media lies.
    pub allowed_folders: Option<Vec<PathBuf>>,
    /// The user's home, one of these places.
    pub home: Option<PathBuf>,
}

/// Look-ups of who sends a request at a time, as many as the store keeps readers for; more wait in line, so that a flood
/// costs neither threads nor connections to the database.
const MOST_LOOKUPS: usize = 4;

/// Passwords compared at a time: each takes 46 MiB and a core for some tens of milliseconds.
const MOST_COMPARED: usize = 1;

/// Passwords that may wait for it.
const MOST_WAITING: usize = 16;

/// Before every use.
const NEVER: Timestamp = Timestamp(i64::MIN);

/// The door. Cheap to clone; every clone is the same one.
#[derive(Clone)]
pub struct Door {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    is_loopback: bool,
    origins: Vec<Origin>,
    /// Hash of the environment's password, with a salt of this start.
    from_env: Option<String>,
    allowed_folders: Option<Vec<PathBuf>>,
    home: Option<PathBuf>,
    login_limit: Mutex<LoginLimit>,
    row_limit: Mutex<RowLimit>,
    lookups: Semaphore,
    comparing: Arc<Semaphore>,
    waiting: Semaphore,
    /// Changes when this process ended a session or took a key back.
    changes: watch::Sender<()>,
}

/// How the door stands.
#[derive(Debug)]
enum Lock {
    /// On loopback without a password.
    Open,
    /// Off loopback, and the password was taken away while we ran.
    Closed,
    /// There is a password.
    Locked {
        /// Its hash as a PHC string.
        phc: String,
        /// Tells this password, set at this time, from any other.
        mark: Hash,
    },
}

impl Lock {
    fn locked(phc: &str) -> Self {
        // The salt in it makes it another one each time.
        Self::Locked { phc: phc.to_owned(), mark: Hash::of_bytes(phc.as_bytes()) }
    }
}

/// What was found out about a request.
struct Sight {
    lock: Lock,
    who: Who,
    /// When the session or key was last known to be used.
    used_at: Option<Timestamp>,
}

impl Door {
    /// Makes the door for a server at this address. Blocks.
    ///
    /// # Errors
    /// [`DoorError::NoPassword`] where other machines could come in without one.
    pub fn open(store: Store, clock: Arc<dyn Clock>, config: DoorConfig) -> Result<Self, DoorError> {
        let origins = config
            .cors_origins
            .iter()
            .map(|text| Origin::parse(text).ok_or_else(|| DoorError::Origin { origin: text.clone() }));
        let inner = Inner {
            is_loopback: config.host.is_loopback(),
            origins: origins.collect::<Result<_, _>>()?,
            from_env: config.password_from_env.as_ref().map(Password::hash).transpose()?,
            allowed_folders: config.allowed_folders,
            home: config.home,
            login_limit: Mutex::default(),
            row_limit: Mutex::default(),
            lookups: Semaphore::new(MOST_LOOKUPS),
            comparing: Arc::new(Semaphore::new(MOST_COMPARED)),
            waiting: Semaphore::new(MOST_WAITING),
            changes: watch::Sender::new(()),
            store,
            clock,
        };
        let door = Self { inner: Arc::new(inner) };
        let mark = match door.inner.store.read(|r| door.lock(r))? {
            Lock::Closed => {
                return Err(DoorError::NoPassword { address: SocketAddr::new(config.host, config.port) });
            }
            Lock::Open => None,
            Lock::Locked { mark, .. } => Some(mark),
        };
        door.inner.store.write(|tx| tx.sessions_prune(mark.as_ref(), login::MOST_SESSIONS))?;
        Ok(door)
    }

    /// What decides which paths may be used.
    #[must_use]
    pub fn paths(&self) -> PathGuard {
        PathGuard::new(self.clone())
    }

    fn lock(&self, r: &Reader<'_>) -> Result<Lock, StoreError> {
        if let Some(phc) = &self.inner.from_env {
            return Ok(Lock::locked(phc));
        }
        Ok(match r.password()? {
            Some(password) => Lock::locked(&password.hash),
            None if self.inner.is_loopback => Lock::Open,
            None => Lock::Closed,
        })
    }

    /// Finds out who shows these. Blocks. Nothing is remembered between two looks, so that what the command line changes
    /// counts at once; it takes some tens of microseconds.
    fn look(&self, credentials: &Credentials) -> Result<Sight, StoreError> {
        let now = self.inner.clock.now();
        self.inner.store.read(|r| {
            let lock = self.lock(r)?;
            let found = match (&lock, credentials) {
                (Lock::Open, _) => Some((Who::Local, None)),
                (Lock::Locked { mark, .. }, Credentials::Session { token, .. }) => r
                    .session(token)?
                    .filter(|session| session.is_live(now) && session.password_mark == *mark)
                    .map(|session| (Who::Session { id: session.id }, Some(session.used_at))),
                (Lock::Locked { .. }, Credentials::Key(key)) => r
                    .api_key(key)?
                    .map(|key| (Who::Key { id: key.id, name: key.name }, Some(key.used_at.unwrap_or(NEVER)))),
                (Lock::Closed, _) | (Lock::Locked { .. }, Credentials::None) => None,
            };
            let (who, used_at) = found.unwrap_or((Who::Nobody, None));
            Ok(Sight { lock, who, used_at })
        })
    }
}

/// What a panic left behind is still sound: counters.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
