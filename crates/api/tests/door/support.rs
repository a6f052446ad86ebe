//! A door around a small router, with a clock that stands still until told otherwise.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::{get, post};
use mediaflow_api::door::{Action, Actor, Caller, Door, DoorConfig, DoorError, Password, set_password};
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_store::{AuditEntry, Store};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

pub const PASSWORD: &str = "correct horse battery";

/// Noon of a day in 2026.
const START: Timestamp = Timestamp(1_780_000_000_000_000);

struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// What somebody runs.
pub struct Server {
    pub door: Door,
    pub store: Store,
    clock: Arc<SetClock>,
    router: Router,
    /// Who opened sockets.
    callers: Arc<Mutex<Vec<Caller>>>,
    folder: TempDir,
}

/// A place for a server that does not run yet.
pub struct Site {
    pub store: Store,
    pub config: DoorConfig,
    clock: Arc<SetClock>,
    folder: TempDir,
}

impl Site {
    /// On this address, without a password.
    pub fn at(host: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock(AtomicI64::new(START.0)));
        let store = Store::open(&folder.path().join("mediaflow.db"), clock.clone()).unwrap();
        let config = DoorConfig {
            host: host.parse().unwrap(),
            port: 9876,
            cors_origins: Vec::new(),
            password_from_env: None,
            allowed_folders: None,
            home: None,
        };
        Self { store, config, clock, folder }
    }

    pub fn with_password(self) -> Self {
        set_password(&self.store, &Password::new(PASSWORD).unwrap(), &Actor::command_line()).unwrap();
        self
    }

    pub fn allowing(mut self, folder: PathBuf) -> Self {
        self.config.allowed_folders = Some(vec![folder]);
        self
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// A door around a few routes of our own.
    pub fn open(self) -> Result<Server, DoorError> {
        let callers: Arc<Mutex<Vec<Caller>>> = Arc::default();
        let opened = Arc::clone(&callers);
        let mut server = self.open_with(|door| {
            let mut document = aide::openapi::OpenApi::default();
            let own = door.routes::<()>().finish_api(&mut document);
            door.wrap(own.merge(things(opened)))
        })?;
        server.callers = callers;
        Ok(server)
    }

    /// A door around something else.
    pub fn open_with(self, router: impl FnOnce(&Door) -> Router) -> Result<Server, DoorError> {
        let door = Door::open(self.store.clone(), self.clock.clone(), self.config)?;
        let router = router(&door);
        let callers = Arc::default();
        Ok(Server { door, store: self.store, clock: self.clock, router, callers, folder: self.folder })
    }
}

/// Routes that stand for all others; who asks for `/ws` is kept.
fn things(callers: Arc<Mutex<Vec<Caller>>>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/api/health", get(async || "healthy"))
        .route("/api/things", get(async || "things").post(post_thing).delete(remove_thing))
        .route("/ws", get(async move |caller: Caller| callers.lock().unwrap().push(caller)))
        .route("/assets/app.js", get(async || ([(header::CONTENT_TYPE, "text/javascript")], "1")))
        .route("/api/begin", post(async |caller: Caller| format!("{}", caller.who())))
}

async fn page() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], "<!doctype html><title>MediaFlow</title>")
}

async fn post_thing(body: Result<Bytes, axum::extract::rejection::BytesRejection>) -> (StatusCode, String) {
    match body {
        Ok(body) => (StatusCode::OK, body.len().to_string()),
        Err(rejection) => (rejection.status(), rejection.body_text()),
    }
}

async fn remove_thing(caller: Caller) {
    tokio::task::spawn_blocking(move || caller.audit(Action::JobsCleared, "3 jobs")).await.unwrap();
}

/// On loopback without a password.
pub fn open() -> Server {
    Site::at("127.0.0.1").open().unwrap()
}

/// Reachable from other machines, with a password.
pub fn locked() -> Server {
    Site::at("0.0.0.0").with_password().open().unwrap()
}

/// A request as a program sends it.
pub fn request(method: &str, path: &str) -> Ask {
    Ask {
        builder: Request::builder().method(method).uri(path),
        has_host: false,
        body: Body::empty(),
        from: "192.0.2.1",
    }
}

pub fn get_of(path: &str) -> Ask {
    request("GET", path)
}

/// A request that is being put together.
pub struct Ask {
    builder: axum::http::request::Builder,
    has_host: bool,
    body: Body,
    from: &'static str,
}

impl Ask {
    pub fn header(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.has_host |= name == "host";
        self.builder = self.builder.header(name, value.as_ref());
        self
    }

    pub fn from(mut self, address: &'static str) -> Self {
        self.from = address;
        self
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    pub fn json(mut self, value: &Value) -> Self {
        self.body = Body::from(value.to_string());
        self.header("content-type", "application/json")
    }

    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        self.body = Body::from(form.finish());
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no JSON: {error}: {self:?}"))
    }

    /// What the error says.
    #[track_caller]
    pub fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap_or_else(|| panic!("a detail was expected: {self:?}")).to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// `name=value` of the cookie that it sets.
    #[track_caller]
    pub fn cookie(&self) -> String {
        let set = self.header("set-cookie");
        assert!(set.starts_with("mediaflow_session="), "a cookie was expected: {self:?}");
        set.split(';').next().unwrap().to_owned()
    }
}

impl Server {
    pub async fn ask(&self, ask: Ask) -> Answer {
        let builder = if ask.has_host { ask.builder } else { ask.builder.header("host", "localhost:9876") };
        let mut request = builder.body(ask.body).unwrap();
        let address: IpAddr = ask.from.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, 50_000)));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 16 * 1024 * 1024).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Logs in and gives the cookie and the CSRF token.
    pub async fn login(&self) -> (String, String) {
        let ask = request("POST", "/api/auth/login").json(&serde_json::json!({"password": PASSWORD}));
        let answer = self.ask(ask).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        (answer.cookie(), answer.json()["csrf_token"].as_str().unwrap().to_owned())
    }

    /// Opens a socket and gives who it belongs to.
    pub async fn socket(&self, cookie: &str) -> Caller {
        assert_eq!(self.ask(get_of("/ws").cookie(cookie)).await.status, 200);
        self.callers.lock().unwrap().pop().unwrap()
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// The audit log, oldest first.
    pub fn audit(&self) -> Vec<AuditEntry> {
        let mut entries = self.store.read(|r| r.audit_log(None, 1000)).unwrap();
        entries.reverse();
        entries
    }

    pub fn audited(&self) -> Vec<String> {
        self.audit().into_iter().map(|entry| entry.action).collect()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}
