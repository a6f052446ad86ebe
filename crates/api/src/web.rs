//! The web app, embedded in the binary: compressed by its own build, and served as it lies there.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::error::{ApiError, ErrorDetail};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
#[allow_missing = true]
struct Dist;

/// Everything that is no operation: files of the web app, its pages, and 404 for the rest.
pub async fn fallback(request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") || path == "/ws" {
        return unknown(&request);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::NotFound(format!("there is nothing to {} at {path}", request.method())).into_response();
    }
    let name = path.trim_matches('/');
    for candidate in [name.to_owned(), format!("{name}/index.html")] {
        if let Some(response) = file(candidate.trim_start_matches('/'), request.headers()) {
            return response;
        }
    }
    // A page of the app has no dot in its last part; a missing file must not come back as a page.
    if name.rsplit('/').next().is_some_and(|last| last.contains('.')) {
        return ApiError::NotFound(format!("there is no {path}")).into_response();
    }
    file("index.html", request.headers()).unwrap_or_else(|| {
        let detail = "this MediaFlow was built without its web app: run ./run.sh, which builds it, or use the API";
        ApiError::NotFound(detail.to_owned()).into_response()
    })
}

/// The path is right, the method is not; which would be stands in `Allow`.
pub async fn wrong_method(method: Method) -> Response {
    let detail = format!("this cannot be done with {method}; /docs says how");
    (StatusCode::METHOD_NOT_ALLOWED, axum::Json(ErrorDetail { detail })).into_response()
}

/// Roots that the contract writes with a slash at their end, without it.
const COLLECTIONS: [&str; 6] =
    ["/api/filter-presets", "/api/presets", "/api/recommendations", "/api/servers", "/api/settings", "/api/tags"];

/// The contract's collections end in a slash and everything else does not; the other form is sent on.
fn unknown(request: &Request) -> Response {
    let path = request.uri().path();
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let other_form = match path.strip_suffix('/') {
        Some(trimmed) if trimmed.len() > "/api".len() => Some(format!("{trimmed}{query}")),
        None if COLLECTIONS.contains(&path) => Some(format!("{path}/{query}")),
        _ => None,
    };
    if let Some(to) = other_form.and_then(|to| HeaderValue::from_str(&to).ok()) {
        return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response();
    }
    ApiError::NotFound(format!("there is no operation at {path}; /docs lists them")).into_response()
}

fn file(name: &str, asked: &HeaderMap) -> Option<Response> {
    let plain = Dist::get(name)?;
    let accepted = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let packed = [("br", "br"), ("gzip", "gz")].into_iter().find_map(|(encoding, suffix)| {
        let takes = accepted.split(',').any(|one| one.split(';').next().unwrap_or_default().trim() == encoding);
        takes.then(|| Dist::get(&format!("{name}.{suffix}")).map(|file| (encoding, file))).flatten()
    });
    let tag: String = plain.metadata.sha256_hash()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let (encoding, data) = match packed {
        Some((encoding, file)) => (Some(encoding), file.data),
        None => (None, plain.data),
    };
    let tag = format!("\"{tag}{}\"", encoding.map(|encoding| format!("-{encoding}")).unwrap_or_default());
    // Names in assets/ carry a hash of what is in them.
    let keep = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = asked.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Body::from(data).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind_of(name)));
        if let Some(encoding) = encoding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    Some(response)
}

/// The kinds of file that the web build writes.
fn kind_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "webmanifest" | "map" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
