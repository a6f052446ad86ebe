//! Logging in and out.

use axum::http::Uri;
use mediaflow_core::text;
use mediaflow_store::NewSession;

use super::audit::Action;
use super::caller::{Caller, Who};
use super::guard::{blocking, note_refusal};
use super::secret::{Password, Token, kept_hash};
use super::{Door, Lock, lock};
use crate::error::ApiError;

/// Where the login page is.
pub const PAGE: &str = "/login";

/// Its stylesheet.
pub const STYLE: &str = "/login/style.css";

/// A session ends when it was not used for a week,
pub const IDLE_S: i64 = 7 * 24 * 60 * 60;

/// and a month after it began.
const LONGEST_S: i64 = super::credentials::COOKIE_MAX_AGE_S;

/// Sessions at a time; the oldest gives way.
pub const MOST_SESSIONS: u32 = 100;

/// What is said where the password was taken away off loopback.
pub const NO_PASSWORD: &str =
    "no password is set, so nobody may log in from another machine: set one with `mediaflow passwd` on this one";

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The door stands open.
    #[error("no password is set, so there is nothing to log in to: go on without")]
    Open,
    /// There is no password to compare with.
    #[error("{NO_PASSWORD}")]
    Closed,
    /// Not the password.
    #[error("this is not the password")]
    Wrong,
    /// Too many wrong ones.
    #[error("too many wrong passwords: try again in {}", text::count(*retry_after_s, "second"))]
    TooMany {
        /// When to try again.
        retry_after_s: u64,
    },
    /// Too many at once.
    #[error("many are logging in at this moment: try again in a few seconds")]
    Busy,
    /// Our own trouble.
    #[error("{0}")]
    Failed(ApiError),
}

impl From<ApiError> for LoginError {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        let detail = error.to_string();
        match error {
            LoginError::Open => Self::Conflict(detail),
            LoginError::Closed | LoginError::Wrong => Self::Unauthorized(detail),
            LoginError::TooMany { retry_after_s } => Self::TooMany { detail, retry_after_s },
            LoginError::Busy => Self::Unavailable(detail),
            LoginError::Failed(error) => error,
        }
    }
}

/// Begins a session for whoever knows the password, and gives its token.
pub async fn log_in(caller: &Caller, typed: String) -> Result<Token, LoginError> {
    let door = &caller.door;
    let now = door.inner.clock.now();
    let attempt = lock(&door.inner.login_limit).take(caller.address, now);
    if let Err(retry_after_s) = attempt {
        note_refusal(door, caller.actor(), Action::LoginLimited, String::new()).await;
        return Err(LoginError::TooMany { retry_after_s });
    }
    let outcome = compare(caller, typed).await;
    match &outcome {
        Err(LoginError::Wrong) => note_refusal(door, caller.actor(), Action::LoginFailed, String::new()).await,
        _ => lock(&door.inner.login_limit).give_back(caller.address),
    }
    outcome
}

async fn compare(caller: &Caller, typed: String) -> Result<Token, LoginError> {
    let inner = &caller.door.inner;
    let _waiting = inner.waiting.try_acquire().map_err(|_| LoginError::Busy)?;
    let turn = inner.comparing.clone().acquire_owned().await.map_err(|_| LoginError::Busy)?;
    let caller = caller.clone();
    let compared = blocking(move || {
        // Kept until the comparison is over, also when the client has gone meanwhile.
        let _turn = turn;
        Ok(begin_session(&caller, &typed))
    });
    compared.await?
}

fn begin_session(caller: &Caller, typed: &str) -> Result<Token, LoginError> {
    let door = &caller.door;
    let (phc, mark) = match door.inner.store.read(|r| door.lock(r)).map_err(ApiError::from)? {
        Lock::Open => return Err(LoginError::Open),
        Lock::Closed => return Err(LoginError::Closed),
        Lock::Locked { phc, mark } => (phc, mark),
    };
    // What could never be set is wrong without a comparison.
    let password = Password::new(typed).map_err(|_| LoginError::Wrong)?;
    if !password.matches(&phc).map_err(ApiError::from)? {
        return Err(LoginError::Wrong);
    }
    let token = Token::random().map_err(ApiError::from)?;
    let address = caller.address.map(|address| address.to_string());
    let begun = door.inner.store.write(|tx| {
        tx.sessions_prune(Some(&mark), MOST_SESSIONS - 1)?;
        let id = tx.session_begin(&NewSession {
            token: &kept_hash(token.text()),
            password_mark: &mark,
            address: address.as_deref(),
            idle_until_at: tx.now().plus_seconds(IDLE_S),
            ends_at: tx.now().plus_seconds(LONGEST_S),
        })?;
        caller.actor().did(tx, Action::LoggedIn, &format!("session {id}"))
    });
    begun.map_err(ApiError::from)?;
    Ok(token)
}

/// Ends the caller's session, where they have one. Blocks.
pub fn log_out(caller: &Caller) -> Result<(), ApiError> {
    let Who::Session { id } = *caller.who() else { return Ok(()) };
    let inner = &caller.door.inner;
    inner.store.write(|tx| {
        tx.session_end(id)?;
        caller.actor().did(tx, Action::LoggedOut, "")
    })?;
    caller.door.tell_ended();
    Ok(())
}

impl Door {
    /// Lets open sockets look again whether they still may be here.
    pub(super) fn tell_ended(&self) {
        // Nobody listens while no socket is open.
        let _ = self.inner.changes.send(());
    }
}

/// The login page that leads on to where somebody wanted to go.
pub fn location(wanted: &Uri) -> String {
    let next = wanted.path_and_query().map_or("/", |wanted| wanted.as_str());
    if next == "/" {
        return PAGE.to_owned();
    }
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    format!("{PAGE}?{query}")
}

/// Where to go after the login: a page of ours, whatever the address says.
pub fn safe_next(next: Option<&str>) -> &str {
    // `//host` and `/\host` lead to another server, and control characters hide either.
    let is_ours = |next: &str| {
        next.starts_with('/')
            && !next[1..].starts_with(['/', '\\'])
            && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    next.filter(|next| is_ours(next) && !next.starts_with(PAGE)).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_ours_follow_a_login() {
        for good in ["/", "/queue", "/library?codec=h264&page=2", "/a%20b"] {
            assert_eq!(safe_next(Some(good)), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/a\\b",
            "/login",
            "x",
            "/é",
        ] {
            assert_eq!(safe_next(Some(bad)), "/", "{bad:?}");
        }
        assert_eq!(safe_next(None), "/");
    }

    #[test]
    fn the_page_that_was_wanted_comes_back_out_of_the_query() {
        let wanted = Uri::from_static("/library?codec=h264&search=a%26b");
        let location = location(&wanted);
        let query = location.strip_prefix("/login?").unwrap();
        let next = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "next").unwrap().1;
        assert_eq!(safe_next(Some(&next)), "/library?codec=h264&search=a%26b");
    }
}
