//! What a request shows: a session's cookie, or a program's key.

use axum::http::{HeaderMap, HeaderValue, header};
use mediaflow_core::identity::Hash;

use super::error::DoorError;
use super::secret::{CsrfToken, Token, kept_hash};

/// The cookie's name.
const COOKIE: &str = "mediaflow_session";

/// How long a browser keeps the cookie; the session ends by our own count.
pub const COOKIE_MAX_AGE_S: i64 = 30 * 24 * 60 * 60;

/// What a request shows. Secrets themselves are not kept here.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// Nothing.
    None,
    /// A session's cookie.
    Session {
        /// Hash of its token.
        token: Hash,
        /// What has to come with it where something is changed.
        csrf: CsrfToken,
    },
    /// A key.
    Key(Hash),
}

impl Credentials {
    /// Reads them; a key counts before a cookie.
    pub fn of(headers: &HeaderMap) -> Self {
        if let Some(key) = text(headers.get("x-api-key")).or_else(|| bearer(headers)) {
            return Self::Key(kept_hash(key));
        }
        match cookie(headers) {
            Some(token) => Self::Session { token: kept_hash(token), csrf: CsrfToken::of(token) },
            None => Self::None,
        }
    }
}

fn text(value: Option<&HeaderValue>) -> Option<&str> {
    value.and_then(|value| value.to_str().ok()).map(str::trim)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = text(headers.get(header::AUTHORIZATION))?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE && !value.is_empty()).then_some(value)
    })
}

/// The header that gives a browser its session. `Strict`: the cookie comes with nothing that another site began.
pub fn set_cookie(token: &Token, is_https: bool) -> Result<HeaderValue, DoorError> {
    build(token.text(), COOKIE_MAX_AGE_S, is_https)
}

/// The header that takes it away.
pub fn clear_cookie() -> Result<HeaderValue, DoorError> {
    build("", 0, false)
}

fn build(value: &str, max_age_s: i64, is_https: bool) -> Result<HeaderValue, DoorError> {
    let secure = if is_https { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::try_from(text).map_err(|error| DoorError::Hash(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pairs: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        match Credentials::of(&headers) {
            Credentials::None => "nothing".to_owned(),
            Credentials::Session { token, .. } => format!("session {token}"),
            Credentials::Key(key) => format!("key {key}"),
        }
    }

    #[test]
    fn keys_come_in_either_header_and_before_a_cookie() {
        let key = format!("key {}", kept_hash("mf_1"));
        assert_eq!(shown(&[("x-api-key", "mf_1")]), key);
        assert_eq!(shown(&[("authorization", "Bearer mf_1")]), key);
        assert_eq!(shown(&[("authorization", "bearer  mf_1")]), key);
        assert_eq!(shown(&[("cookie", "mediaflow_session=t"), ("x-api-key", "mf_1")]), key);
        assert_eq!(shown(&[("authorization", "Basic bWY6MQ==")]), "nothing");
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let session = format!("session {}", kept_hash("t"));
        assert_eq!(shown(&[("cookie", "a=b; mediaflow_session=t; c=d")]), session);
        assert_eq!(shown(&[("cookie", "a=b"), ("cookie", "mediaflow_session=t")]), session);
        assert_eq!(shown(&[("cookie", "xmediaflow_session=t; mediaflow_session=")]), "nothing");
    }
}
