//! What every request passes through.

use std::net::SocketAddr;

use aide::axum::ApiRouter;
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Json, Router, http::Uri};
use http_body_util::{BodyExt, Limited};
use std::time::Duration;

use super::audit::{Action, Actor};
use super::caller::{Caller, Who};
use super::credentials::Credentials;
use super::origin::{self, Refusal, Sender, Site};
use super::{Door, Lock, Sight, headers, lock, login, routes};
use crate::error::{ApiError, ErrorDetail};

/// What a body may have, in bytes: ten thousand ids are a tenth of it.
const MOST_BODY_BYTES: u64 = 1024 * 1024;

/// What a body may have from somebody who is not logged in: a password, and where to go next.
pub(super) const MOST_STRANGERS_BYTES: u64 = 16 * 1024;

/// How long somebody who is not logged in may take: a login waits for others' comparisons, and nobody types into a socket.
const LONGEST_STRANGER: Duration = Duration::from_secs(30);

/// A body that is too large is read and thrown away up to so many bytes: a client that is still sending would find its
/// connection reset instead of the answer.
const MOST_DRAINED_BYTES: usize = 32 * 1024 * 1024;

/// And for no longer than this.
const LONGEST_DRAIN: Duration = Duration::from_secs(10);

/// How exactly the last use of a session or key is known, in seconds: each noting of it is a write to the disk.
const USED_EXACT_TO_S: i64 = 300;

impl Door {
    /// The routes of the door itself: logging in, keys, the audit log, and the folder picker.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> ApiRouter<S> {
        routes::router().with_state(self.clone())
    }

    /// Puts the door around a finished router: what is in it is reached by those who may, and by nobody else.
    pub fn wrap(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), guard))
    }
}

/// What became of a request at the door.
enum Admitted {
    /// It goes on, with its caller.
    Known,
    /// It goes on to one of the few routes for everybody.
    Stranger,
    /// It was answered here.
    Answered(Response),
}

async fn guard(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let host = origin::host(request.headers(), request.uri());
    let mut sender = Sender::default();
    let admitted = admit(&door, &mut request, host.as_ref(), &mut sender).await;
    let mut response = match admitted {
        Ok(Admitted::Known) => next.run(request).await,
        Ok(Admitted::Stranger) => {
            tokio::time::timeout(LONGEST_STRANGER, next.run(request)).await.unwrap_or_else(|_| {
                let detail = "the request did not arrive in time".to_owned();
                (StatusCode::REQUEST_TIMEOUT, Json(ErrorDetail { detail })).into_response()
            })
        }
        Ok(Admitted::Answered(answer)) => answer,
        Err(error) => error.into_response(),
    };
    headers::protect(response.headers_mut(), &path, host.as_ref().ok());
    if !door.inner.origins.is_empty() {
        headers::share(response.headers_mut(), &sender);
    }
    response
}

/// Lets a request in with its caller, or answers it at the door.
async fn admit(
    door: &Door,
    request: &mut Request,
    host: Result<&Site, &Refusal>,
    sender: &mut Sender,
) -> Result<Admitted, ApiError> {
    let credentials = Credentials::of(request.headers());
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    let nobody = Actor::nobody(address);
    let sight = look(door, &credentials).await?;
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());

    *sender = match check_origin(door, request, host, &sight) {
        Ok(sender) => sender,
        Err(refusal) => {
            let action =
                if matches!(refusal, Refusal::Origin(_)) { Action::OriginRefused } else { Action::HostRefused };
            note_refusal(door, nobody, action, refusal.what().to_owned()).await;
            return Err(ApiError::Forbidden(refusal.detail()));
        }
    };
    if headers::is_preflight(&method, request.headers(), sender) {
        let mut answer = StatusCode::NO_CONTENT.into_response();
        headers::permit(answer.headers_mut());
        return Ok(Admitted::Answered(answer));
    }
    let is_public = is_public(&method, &path);
    if sight.who == Who::Nobody && !is_public {
        let answer = turn_away(&method, request.uri(), request.headers(), &sight.lock);
        return Ok(Admitted::Answered(answer));
    }
    if let (Who::Session { .. }, Credentials::Session { csrf, .. }) = (&sight.who, &credentials)
        && !method.is_safe()
        && !is_public
    {
        let sent = request.headers().get("x-csrf-token").and_then(|value| value.to_str().ok());
        if !sent.is_some_and(|sent| csrf.matches(sent)) {
            let detail = "the header X-CSRF-Token is missing or wrong: take it from GET /api/auth/session";
            return Err(ApiError::Forbidden(detail.to_owned()));
        }
    }
    note_use(door, &sight);
    let is_stranger = sight.who == Who::Nobody;
    if is_stranger || !is_upload(&method, &path) {
        limit_body(request, if is_stranger { MOST_STRANGERS_BYTES } else { MOST_BODY_BYTES }).await?;
    }
    let is_https = sender.is_https;
    request.extensions_mut().insert(Caller { door: door.clone(), who: sight.who, credentials, address, is_https });
    Ok(if is_stranger { Admitted::Stranger } else { Admitted::Known })
}

/// Where files come in that the server cannot see.
pub const UPLOADS: &str = "/api/transcode/uploads";

/// Whether a body is a film: it goes to the disk as it comes, whose room is its limit.
fn is_upload(method: &Method, path: &str) -> bool {
    method == Method::POST && path == UPLOADS
}

/// Finds out who shows these, in its turn.
pub(super) async fn look(door: &Door, credentials: &Credentials) -> Result<Sight, ApiError> {
    let gone = |_| ApiError::Unavailable("the server is stopping".to_owned());
    let _turn = door.inner.lookups.acquire().await.map_err(gone)?;
    let (door, credentials) = (door.clone(), credentials.clone());
    blocking(move || Ok(door.look(&credentials)?)).await
}

fn check_origin(
    door: &Door,
    request: &Request,
    host: Result<&Site, &Refusal>,
    sight: &Sight,
) -> Result<Sender, Refusal> {
    let host = host.map_err(Refusal::clone)?;
    let origins = &door.inner.origins;
    if matches!(sight.lock, Lock::Open) {
        origin::check_host(request.headers(), host, origins)?;
    }
    origin::check_sender(request.headers(), request.method(), request.uri().path(), host, origins)
}

/// What answers without a login: whether the server lives, and what it takes to log in.
fn is_public(method: &Method, path: &str) -> bool {
    let is_read = method == Method::GET || method == Method::HEAD;
    match path {
        "/api/health" | login::STYLE => is_read,
        login::PAGE => is_read || method == Method::POST,
        "/api/auth/login" => method == Method::POST,
        _ => false,
    }
}

/// Pages are sent to the login, everything else gets 401.
fn turn_away(method: &Method, uri: &Uri, headers: &HeaderMap, lock: &Lock) -> Response {
    let accepts_page = headers
        .get(header::ACCEPT)
        .is_some_and(|kinds| String::from_utf8_lossy(kinds.as_bytes()).contains("text/html"));
    let path = uri.path();
    if method == Method::GET && accepts_page && !path.starts_with("/api/") && path != "/ws" {
        return Redirect::to(&login::location(uri)).into_response();
    }
    let detail = match lock {
        Lock::Closed => login::NO_PASSWORD,
        _ => "log in first: POST /api/auth/login for a session, or send a key as X-Api-Key or Authorization: Bearer",
    };
    let mut answer = ApiError::Unauthorized(detail.to_owned()).into_response();
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}

/// Writes down a refusal, unless strangers caused many of late.
pub(super) async fn note_refusal(door: &Door, actor: Actor, action: Action, detail: String) {
    if !lock(&door.inner.row_limit).take(action, door.inner.clock.now()) {
        return;
    }
    let store = door.inner.store.clone();
    let noted = blocking(move || Ok(store.write(|tx| actor.did(tx, action, &detail))?)).await;
    if let Err(error) = noted {
        tracing::warn!("a refusal is not in the audit log: {error}");
    }
}

/// Moves the idle end of a session and the last use of a key. Nobody waits for it.
fn note_use(door: &Door, sight: &Sight) {
    let now = door.inner.clock.now();
    let Some(used_at) = sight.used_at.filter(|used_at| used_at.plus_seconds(USED_EXACT_TO_S) <= now) else { return };
    let (store, who) = (door.inner.store.clone(), sight.who.clone());
    tokio::task::spawn_blocking(move || {
        let noted = store.write(|tx| match who {
            Who::Session { id } => tx.session_used(id, tx.now().plus_seconds(login::IDLE_S)),
            Who::Key { id, .. } => tx.api_key_used(id),
            Who::Local | Who::Nobody => Ok(()),
        });
        if let Err(error) = noted {
            tracing::warn!("the use of a login at {} could not be noted: {error}", used_at.0);
        }
    });
}

/// Refuses a body that is too large, and one that turns out to be while it is read.
async fn limit_body(request: &mut Request, most_bytes: u64) -> Result<(), ApiError> {
    let body = std::mem::take(request.body_mut());
    if body.size_hint().lower() > most_bytes {
        drain(body).await;
        let detail = format!("a request may have {most_bytes} bytes at most; send less at once");
        return Err(ApiError::TooLarge(detail));
    }
    let most = usize::try_from(most_bytes).unwrap_or(usize::MAX);
    *request.body_mut() = Body::new(Limited::new(body, most));
    Ok(())
}

async fn drain(body: Body) {
    let mut body = Limited::new(body, MOST_DRAINED_BYTES);
    let read = async { while let Some(Ok(_)) = body.frame().await {} };
    // Whoever sends for longer has had time enough to listen.
    let _ = tokio::time::timeout(LONGEST_DRAIN, read).await;
}

/// Runs what blocks where it may.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let joined = tokio::task::spawn_blocking(work).await;
    joined.unwrap_or_else(|error| Err(ApiError::Internal(format!("a task of the door ended early: {error}"))))
}
