//! The stand-ins that a test holds.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use super::account::{Account, Connection, Resource};
use super::door::{Door, lock};
use super::library::{Library, OWNER, hash};
use super::listing::Lists;
use super::routes;

/// What all doors of a server lead to.
pub(super) struct World {
    pub name: String,
    pub machine: String,
    pub version: String,
    tokens: Mutex<BTreeMap<String, u32>>,
    library: Mutex<Library>,
    lists: Mutex<Lists>,
}

impl World {
    pub(super) fn library(&self) -> MutexGuard<'_, Library> {
        lock(&self.library)
    }

    pub(super) fn lists(&self) -> MutexGuard<'_, Lists> {
        lock(&self.lists)
    }

    /// Whose token it is.
    pub(super) fn account_of(&self, token: Option<&str>) -> Option<u32> {
        lock(&self.tokens).get(token?).copied()
    }
}

/// A media server; it ends when it is dropped.
pub struct Server {
    world: Arc<World>,
    door: Door,
}

impl Server {
    /// Starts one of a name with a library, on a free port.
    ///
    /// # Errors
    /// No port or no thread can be had.
    pub fn start(name: &str, library: Library) -> io::Result<Self> {
        Self::start_at(0, name, library)
    }

    /// Starts one on a port, 0 for a free one.
    ///
    /// # Errors
    /// The port is taken, or no thread can be had.
    pub fn start_at(port: u16, name: &str, library: Library) -> io::Result<Self> {
        let machine = format!("{:016x}{:024x}", hash(name), 0x00c0_ffee);
        let world = Arc::new(World {
            name: name.to_owned(),
            version: "1.43.3.10896-0d0e9f0a1".to_owned(),
            tokens: Mutex::new(BTreeMap::from([(format!("token-of-{machine}"), OWNER)])),
            machine,
            library: Mutex::new(library),
            lists: Mutex::default(),
        });
        let served = world.clone();
        let door = Door::open(port, move |request| routes::server(&served, request))?;
        Ok(Self { world, door })
    }

    /// Another way to the same server, with faults of its own: a second address, a relay.
    ///
    /// # Errors
    /// No port or no thread can be had.
    pub fn another_door(&self) -> io::Result<Door> {
        let served = self.world.clone();
        Door::open(0, move |request| routes::server(&served, request))
    }

    /// The way to it: its URL, its faults, its requests.
    #[must_use]
    pub const fn door(&self) -> &Door {
        &self.door
    }

    /// Where it is: `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        self.door.url()
    }

    /// Its machine identifier, the same for the same name.
    #[must_use]
    pub fn machine(&self) -> &str {
        &self.world.machine
    }

    /// Its owner's token.
    #[must_use]
    pub fn token(&self) -> String {
        format!("token-of-{}", self.world.machine)
    }

    /// Lets an account in by a token of its own.
    pub fn let_in(&self, token: &str, account: u32) {
        lock(&self.world.tokens).insert(token.to_owned(), account);
    }

    /// A token opens nothing any more.
    pub fn lock_out(&self, token: &str) {
        lock(&self.world.tokens).remove(token);
    }

    /// Looks at what it serves, or changes it. No request is answered meanwhile, so none is made in there.
    pub fn with<T>(&self, look: impl FnOnce(&mut Library) -> T) -> T {
        look(&mut self.world.library())
    }

    /// How the account tells of it: running, owned, with the connections that are given.
    #[must_use]
    pub fn resource(&self, connections: Vec<Connection>) -> Resource {
        Resource {
            name: self.world.name.clone(),
            machine: self.world.machine.clone(),
            provides: "server".to_owned(),
            access_token: Some(self.token()),
            shared_by: None,
            presence: true,
            connections,
        }
    }
}

/// The account's server, which plex.tv is to the real one; it ends when it is dropped.
pub struct Plex {
    account: Arc<Mutex<Account>>,
    door: Door,
}

impl Plex {
    /// Starts it on a free port, with an account that has nothing.
    ///
    /// # Errors
    /// No port or no thread can be had.
    pub fn start() -> io::Result<Self> {
        Self::start_at(0)
    }

    /// Starts it on a port, 0 for a free one.
    ///
    /// # Errors
    /// The port is taken, or no thread can be had.
    pub fn start_at(port: u16) -> io::Result<Self> {
        let account = Arc::new(Mutex::new(Account::default()));
        let served = account.clone();
        let door = Door::open(port, move |request| routes::account(&mut lock(&served), request))?;
        Ok(Self { account, door })
    }

    /// The way to it: its URL, its faults, its requests.
    #[must_use]
    pub const fn door(&self) -> &Door {
        &self.door
    }

    /// Where it is: `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        self.door.url()
    }

    /// Looks at the account, or changes it. No request is answered meanwhile.
    pub fn with<T>(&self, look: impl FnOnce(&mut Account) -> T) -> T {
        look(&mut lock(&self.account))
    }

    /// Gives the account a server, reached by its own URL as one of the same network.
    pub fn own(&self, server: &Server) {
        let local = Connection { uri: server.url(), local: true, relay: false };
        self.with(|account| account.resources.push(server.resource(vec![local])));
    }
}
