//! The door's own operations, and the login page.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::Value;

use super::caller::{Caller, Who};
use super::credentials::{Credentials, clear_cookie, set_cookie};
use super::guard::blocking;
use super::login::{self, LoginError, log_in, log_out, safe_next};
use super::page::{LoginPage, STYLESHEET};
use super::wire::{AuditPage, AuditQuery, AuditRow, KeyCreate, KeyInfo, LoginRequest, NewKey, SessionInfo};
use super::{Door, issue_key, revoke_key};
use crate::error::ApiError;
use crate::extract::{Body, InPath, KeyId, Query};
use crate::openapi::op;
use crate::respond::Created;
use crate::wire::Done;
use crate::wire::libraries::{FolderQuery, Folders};

const TAG: &str = "auth";

/// Entries of the audit log, where nobody says how many.
const USUAL_PAGE: u32 = 100;

/// And at most.
const LARGEST_PAGE: u32 = 500;

pub fn router() -> ApiRouter<Door> {
    ApiRouter::new()
        .route(login::PAGE, get(show_login).post(submit_login))
        .route(login::STYLE, get(style))
        .api_route(
            "/api/auth/session",
            get_with(session, op("get_session", TAG, "Whether a login is needed, and what a browser sends along")),
        )
        .api_route(
            "/api/auth/login",
            post_with(login_json, |operation| {
                op("log_in", TAG, "Begin a session, kept in a cookie")(operation).response::<200, Json<SessionInfo>>()
            }),
        )
        .api_route(
            "/api/auth/logout",
            post_with(logout, |operation| {
                op("log_out", TAG, "End this session")(operation).response::<200, Json<Done>>()
            }),
        )
        .api_route(
            "/api/auth/keys",
            get_with(list_keys, op("list_keys", TAG, "Keys of programs, without what they open with")),
        )
        .api_route(
            "/api/auth/keys",
            post_with(make_key, op("make_key", TAG, "Make a key for a program; it is shown this once")),
        )
        .api_route(
            "/api/auth/keys/{key_id}",
            delete_with(remove_key, op("revoke_key", TAG, "Take a key back; what uses it is shut out at once")),
        )
        .api_route(
            "/api/auth/audit",
            get_with(audit, op("audit_log", TAG, "Who came in, was turned away, or did what cannot be taken back")),
        )
        .api_route(
            "/api/folders",
            get_with(folders, op("list_folders", "libraries", "Folders of the server's machine, to choose one from")),
        )
}

/// What a caller has to know of their session.
fn session_info(caller: &Caller) -> SessionInfo {
    let csrf_token = match (caller.who(), &caller.credentials) {
        (Who::Session { .. }, Credentials::Session { csrf, .. }) => Some(csrf.text()),
        _ => None,
    };
    SessionInfo { password_set: *caller.who() != Who::Local, authenticated: *caller.who() != Who::Nobody, csrf_token }
}

#[allow(clippy::unused_async)]
async fn session(caller: Caller) -> Result<Json<SessionInfo>, ApiError> {
    Ok(Json(session_info(&caller)))
}

async fn login_json(
    caller: Caller,
    body: Result<Body<LoginRequest>, ApiError>,
) -> Result<([(header::HeaderName, header::HeaderValue); 1], Json<SessionInfo>), ApiError> {
    let Body(request) = body.map_err(without_input)?;
    let token = log_in(&caller, request.password).await?;
    let cookie = set_cookie(&token, caller.is_https)?;
    let csrf_token = Some(super::secret::CsrfToken::of(token.text()).text());
    let info = SessionInfo { password_set: true, authenticated: true, csrf_token };
    Ok(([(header::SET_COOKIE, cookie)], Json(info)))
}

/// A password that was sent in the wrong place is not sent back.
fn without_input(error: ApiError) -> ApiError {
    match error {
        ApiError::Invalid(mut fields) => {
            for field in &mut fields {
                // serde's words repeat what it found.
                if field.kind != "missing" && field.kind != "json_invalid" {
                    field.msg = "send {\"password\": \"...\"}".to_owned();
                }
                field.input = Value::Null;
            }
            ApiError::Invalid(fields)
        }
        other => other,
    }
}

async fn logout(caller: Caller) -> Result<([(header::HeaderName, header::HeaderValue); 1], Json<Done>), ApiError> {
    blocking(move || log_out(&caller)).await?;
    Ok(([(header::SET_COOKIE, clear_cookie()?)], Json(Done { status: "logged_out" })))
}

async fn list_keys(State(door): State<Door>) -> Result<Json<Vec<KeyInfo>>, ApiError> {
    let keys = blocking(move || Ok(door.inner.store.read(|r| r.api_keys())?)).await?;
    Ok(Json(keys.into_iter().map(Into::into).collect()))
}

/// A key that leaked must not make others that outlive it.
fn only_people(caller: &Caller) -> Result<(), ApiError> {
    match caller.who() {
        Who::Key { .. } => {
            Err(ApiError::Forbidden("a key cannot make or revoke keys: log in with the password for that".to_owned()))
        }
        _ => Ok(()),
    }
}

async fn make_key(
    State(door): State<Door>,
    caller: Caller,
    Body(wish): Body<KeyCreate>,
) -> Result<Created<NewKey>, ApiError> {
    only_people(&caller)?;
    let issued = blocking(move || Ok(issue_key(&door.inner.store, &wish.name, &caller.actor())?)).await?;
    Ok(Created(NewKey { info: issued.key.into(), key: issued.secret }))
}

async fn remove_key(
    State(door): State<Door>,
    caller: Caller,
    InPath(KeyId { key_id }): InPath<KeyId>,
) -> Result<Json<Done>, ApiError> {
    only_people(&caller)?;
    blocking(move || {
        revoke_key(&door.inner.store, key_id, &caller.actor())?;
        door.tell_ended();
        Ok(Json(Done { status: "revoked" }))
    })
    .await
}

async fn audit(State(door): State<Door>, Query(query): Query<AuditQuery>) -> Result<Json<AuditPage>, ApiError> {
    let wrong = |name, msg, sent: i64| Err(ApiError::field(&["query", name], "value_error", msg, sent));
    let wanted = match query.limit {
        None => USUAL_PAGE,
        Some(limit) => match u32::try_from(limit) {
            Ok(wanted) if (1..=LARGEST_PAGE).contains(&wanted) => wanted,
            _ => return wrong("limit", "it is a number from 1 to 500", limit),
        },
    };
    if let Some(before) = query.before.filter(|before| *before < 1) {
        return wrong("before", "it is the id of an entry", before);
    }
    let found = blocking(move || Ok(door.inner.store.read(|r| r.audit_log(query.before, wanted + 1))?)).await?;
    let has_more = found.len() > wanted as usize;
    let entries: Vec<AuditRow> = found.into_iter().take(wanted as usize).map(Into::into).collect();
    let next_before = entries.last().filter(|_| has_more).map(|last| last.id);
    Ok(Json(AuditPage { entries, next_before }))
}

async fn folders(State(door): State<Door>, Query(query): Query<FolderQuery>) -> Result<Json<Folders>, ApiError> {
    blocking(move || Ok(Json(door.paths().folders(query.path.as_deref(), query.files)?))).await
}

#[allow(clippy::unused_async)]
async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], STYLESHEET)
        .into_response()
}

async fn show_login(State(door): State<Door>, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let query = request.uri().query().unwrap_or_default();
    let wanted = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "next").map(|(_, next)| next);
    let next = safe_next(wanted.as_deref());
    if *caller.who() != Who::Nobody {
        return Ok(Redirect::to(next).into_response());
    }
    let is_closed =
        blocking(move || Ok(matches!(door.inner.store.read(|r| door.lock(r))?, super::Lock::Closed))).await?;
    let tries_again = request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    let problem = is_closed.then_some(login::NO_PASSWORD);
    Ok(Html(LoginPage { next, problem, is_closed, tries_again }.html()).into_response())
}

async fn submit_login(caller: Caller, form: Bytes) -> Result<Response, ApiError> {
    let field = |wanted: &str| form_urlencoded::parse(&form).find(|(name, _)| name == wanted).map(|(_, value)| value);
    let next = field("next");
    let next = safe_next(next.as_deref());
    let password = field("password").unwrap_or_default().into_owned();
    let error = match log_in(&caller, password).await {
        Ok(token) => {
            let cookie = set_cookie(&token, caller.is_https)?;
            return Ok(([(header::SET_COOKIE, cookie)], Redirect::to(next)).into_response());
        }
        Err(LoginError::Open) => return Ok(Redirect::to(next).into_response()),
        Err(LoginError::Failed(error)) => return Err(error),
        Err(error) => error,
    };
    let (problem, is_closed) = (error.to_string(), matches!(error, LoginError::Closed));
    let page = LoginPage { next, problem: Some(&problem), is_closed, tries_again: false }.html();
    // Status and headers of the error, with the page for its body.
    let (parts, _) = ApiError::from(error).into_response().into_parts();
    let mut response = Html(page).into_response();
    *response.status_mut() = parts.status;
    if let Some(retry_after) = parts.headers.get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, retry_after.clone());
    }
    Ok(response)
}
