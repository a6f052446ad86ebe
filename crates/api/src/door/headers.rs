//! Headers of every answer.

use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method};

use super::origin::{Sender, Site};

/// For how long a browser need not ask again whether it may ask.
const PREFLIGHT_MAX_AGE_S: u32 = 600;

/// What a page may load and do. Styles may stand in attributes, since the component kit sets them; scripts may not.
fn policy(host: Option<&Site>) -> Option<HeaderValue> {
    // Not all browsers take 'self' to mean our own WebSocket too.
    let socket = host.map(|host| format!(" ws://{0} wss://{0}", host.text())).unwrap_or_default();
    let text = format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'{socket}; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    );
    HeaderValue::try_from(text).ok()
}

/// Adds what every answer has. A handler's own policy or caching stays.
pub fn protect(headers: &mut HeaderMap, path: &str, host: Option<&Site>) {
    if let Some(policy) = policy(host) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Not `no-referrer`: with it browsers send `Origin: null` from our own login form.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if path.starts_with("/api/") || path == "/openapi.json" || is_page {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
}

/// Lets a page of an origin in `CORS_ORIGINS` read the answer.
pub fn share(headers: &mut HeaderMap, sender: &Sender) {
    // What we answer depends on it, also where it is absent.
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = &sender.named {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        let readable = HeaderValue::from_static("content-disposition, retry-after");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, readable);
    }
}

/// Whether a browser asks if it may ask.
pub fn is_preflight(method: &Method, headers: &HeaderMap, sender: &Sender) -> bool {
    method == Method::OPTIONS && sender.named.is_some() && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// What it may ask.
pub fn permit(headers: &mut HeaderMap) {
    let methods = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let sent = HeaderValue::from_static("authorization, content-type, x-api-key, x-csrf-token");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, sent);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE_S.into());
}
