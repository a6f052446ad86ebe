//! The account (plex.tv): PINs, who one is, and which servers one may use.

use super::element::{Document, Element, Value};
use super::library::now;
use super::reply::Reply;
use super::request::Request;
use super::time::{self, utc};

/// What becomes of a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinState {
    /// Nobody has entered it yet.
    Pending,
    /// It was entered by the account's owner: it has a token now.
    Authorised,
    /// Nobody entered it in time: it is not known any more.
    Expired,
    /// As [`Self::Expired`], but it is still told, with a time to live that is over.
    ExpiredButTold,
    /// Its owner said no: plex.tv forgets it before its time.
    Denied,
}

/// How a server can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// `http://192.0.2.1:32400`, `https://...`.
    pub uri: String,
    /// Whether it is in the same network.
    pub local: bool,
    /// Whether it goes through plex.tv.
    pub relay: bool,
}

/// A server or a player of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// What people call it.
    pub name: String,
    /// Its machine identifier.
    pub machine: String,
    /// `server`, or `client,player`.
    pub provides: String,
    /// What opens it, for this account only.
    pub access_token: Option<String>,
    /// Who shares it, if it is another's.
    pub shared_by: Option<(u32, String)>,
    /// Whether it runs.
    pub presence: bool,
    /// In the order in which they are told.
    pub connections: Vec<Connection>,
}

/// A friend, and what opens our servers for them: machine and token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Friend {
    /// The number of the account.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Machine identifiers with tokens.
    pub tokens: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
struct Pin {
    id: u32,
    code: String,
    client: String,
    product: String,
    created_at: i64,
    state: PinState,
}

/// The state of the account. A test changes it at any time.
#[derive(Debug)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// What opens it.
    pub token: String,
    /// Its servers and players.
    pub resources: Vec<Resource>,
    /// With whom it shares.
    pub friends: Vec<Friend>,
    /// What becomes of a PIN when it is asked for the first time.
    pub new_pins: PinState,
    pins: Vec<Pin>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            name: "owner".to_owned(),
            token: "account-token".to_owned(),
            resources: Vec::new(),
            friends: Vec::new(),
            new_pins: PinState::Pending,
            pins: Vec::new(),
        }
    }
}

const PIN_SECONDS: i64 = 900;

impl Account {
    /// Sets what has become of the PIN with a code; `false` where there is none.
    pub fn set_pin(&mut self, code: &str, state: PinState) -> bool {
        let pin = self.pins.iter_mut().find(|pin| pin.code == code);
        pin.map(|pin| pin.state = state).is_some()
    }

    /// The code of the PIN that was made last.
    #[must_use]
    pub fn last_pin(&self) -> Option<String> {
        self.pins.last().map(|pin| pin.code.clone())
    }

    fn pin(&self, pin: &Pin) -> Element {
        let created_at =
            if pin.state == PinState::ExpiredButTold { pin.created_at - 2 * PIN_SECONDS } else { pin.created_at };
        let expires_at = created_at + PIN_SECONDS;
        let is_entered = pin.state == PinState::Authorised;
        let token = if is_entered { Value::from(self.token.clone()) } else { Value::Nothing };
        let location = Element::new("location")
            .with("code", "DE")
            .with("european_union_member", true)
            .with("continent_code", "EU")
            .with("country", "Germany")
            .with("time_zone", "Europe/Berlin");
        Element::new("pin")
            .with("id", pin.id)
            .with("code", pin.code.clone())
            .with("product", pin.product.clone())
            .with("trusted", false)
            .with("clientIdentifier", pin.client.clone())
            .with("expiresIn", (expires_at - now()).max(0))
            .with("createdAt", utc(created_at))
            .with("expiresAt", utc(expires_at))
            .with("authToken", token)
            .with("newRegistration", if is_entered { Value::Flag(false) } else { Value::Nothing })
            .one(location)
    }

    pub(super) fn make_pin(&mut self, request: &Request) -> Reply {
        let Some(client) = request.plex("X-Plex-Client-Identifier") else {
            return Reply::account_error(400, 1000, "X-Plex-Client-Identifier is missing");
        };
        let id = 111_222_000 + self.pins.len() as u32;
        let is_strong =
            request.field("strong").is_some_and(|strong| strong.eq_ignore_ascii_case("true") || strong == "1");
        // A short code is typed by people, a strong one goes with a link.
        let code = if is_strong { format!("{id:0>25}") } else { time::code(id) };
        let product = request.plex("X-Plex-Product").unwrap_or_default().to_owned();
        let pin = Pin { id, code, client: client.to_owned(), product, created_at: now(), state: self.new_pins };
        let element = self.pin(&Pin { state: PinState::Pending, ..pin.clone() });
        self.pins.push(pin);
        Reply::of(Document::Bare(element)).with_status(201)
    }

    pub(super) fn look_at_pin(&self, id: &str, request: &Request) -> Reply {
        let unknown = || Reply::account_error(404, 1020, "Code not found or expired");
        let Some(client) = request.plex("X-Plex-Client-Identifier") else {
            return Reply::account_error(400, 1000, "X-Plex-Client-Identifier is missing");
        };
        let mine = self.pins.iter().find(|pin| pin.id.to_string() == id && pin.client == client);
        match mine.filter(|pin| !matches!(pin.state, PinState::Expired | PinState::Denied)) {
            Some(pin) if pin.created_at + PIN_SECONDS < now() => unknown(),
            Some(pin) => Reply::of(Document::Bare(self.pin(pin))),
            None => unknown(),
        }
    }

    /// What goes on only with the account's token.
    pub(super) fn opens(&self, request: &Request) -> Result<(), Reply> {
        match request.token() {
            Some(token) if token == self.token => Ok(()),
            _ => Err(Reply::account_error(401, 1001, "User could not be authenticated")),
        }
    }
}
