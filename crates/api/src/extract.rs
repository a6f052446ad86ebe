//! What handlers take from a request. A request that does not parse is answered with 422 and the field.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, ReferenceOr};
use axum::Json;
use axum::body::{Body as RawBody, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::error::{ApiError, FieldError, Place};
use crate::wire::json::{Object, with_whole_numbers};

/// A JSON object as the body.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// A JSON object as the body, where none at all, or null, stands for one without fields.
#[derive(Debug)]
pub struct OptionalBody<T>(pub T);

/// A query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

/// Parameters of the path.
#[derive(Debug)]
pub struct InPath<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request<RawBody>, state: &S) -> Result<Self, ApiError> {
        if !is_json(&request) {
            return Err(not_json());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
        filled(parsed(&bytes)?).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request<RawBody>, state: &S) -> Result<Self, ApiError> {
        let is_json = is_json(&request);
        let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        if !is_json {
            return Err(not_json());
        }
        match parsed(&bytes)? {
            Value::Null => Ok(Self(T::default())),
            value => filled(value).map(Self),
        }
    }
}

fn not_json() -> ApiError {
    ApiError::NotJson("the body must be JSON: send it with `Content-Type: application/json`".to_owned())
}

fn parsed(bytes: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(bytes)
        .map(with_whole_numbers)
        .map_err(|error| ApiError::field(&["body"], "json_invalid", format!("this is not JSON: {error}"), Value::Null))
}

fn filled<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    match serde_path_to_error::deserialize(&value) {
        Ok(Object(filled)) => Ok(filled),
        Err(error) => Err(wrong("body", error.path(), &error.inner().to_string(), Some(&value))),
    }
}

fn is_json(request: &Request) -> bool {
    let Some(named) = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let kind = named.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn unread(rejection: BytesRejection) -> ApiError {
    if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::TooLarge("the body is larger than this server takes; send less at once".to_owned())
    } else {
        ApiError::BadRequest(format!("the body could not be read: {}", rejection.body_text()))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes());
        let parsed = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs));
        parsed.map(Self).map_err(|error| {
            let name = error.path().to_string();
            let sent = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| *key == name);
            let sent = sent.map(|(_, value)| Value::from(value.into_owned()));
            let place = match name.as_str() {
                "." => Vec::new(),
                name => vec![Place::from(name)],
            };
            named("query", place, &error.inner().to_string(), sent)
        })
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for InPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let found = Path::<T>::from_request_parts(parts, state).await;
        found.map(|Path(value)| Self(value)).map_err(|rejection| {
            let sent = parts.uri.path().to_owned();
            named("path", Vec::new(), &rejection.body_text(), Some(Value::from(sent)))
        })
    }
}

/// The field that serde stumbled over, with what was sent there.
fn wrong(whole: &str, path: &serde_path_to_error::Path, message: &str, sent: Option<&Value>) -> ApiError {
    let mut place = Vec::new();
    let mut found = sent;
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                place.push(Place::Position(*index));
                found = found.and_then(|value| value.get(index));
            }
            Segment::Map { key } => {
                place.push(Place::from(key.as_str()));
                found = found.and_then(|value| value.get(key));
            }
            Segment::Enum { variant } => place.push(Place::from(variant.as_str())),
            Segment::Unknown => {}
        }
    }
    named(whole, place, message, found.cloned())
}

fn named(whole: &str, place: Vec<Place>, message: &str, sent: Option<Value>) -> ApiError {
    let (mut kind, mut place, mut msg) = ("value_error", place, message.to_owned());
    // serde names a missing or unknown field in its text only.
    if let Some(field) = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        place.push(Place::from(field));
        (kind, msg) = ("missing", "this field is required".to_owned());
    } else if message.starts_with("invalid type") {
        (kind, msg) = ("type_error", plain(message));
    }
    let mut loc = vec![Place::from(whole)];
    loc.append(&mut place);
    let input = if kind == "missing" { Value::Null } else { sent.unwrap_or(Value::Null) };
    ApiError::Invalid(vec![FieldError { kind: kind.to_owned(), loc, msg, input }])
}

/// What serde says of a value of the wrong kind, without a programmer's words for kinds.
pub(crate) fn plain(message: &str) -> String {
    let told = message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "));
    let Some((sent, wanted)) = told else { return message.to_owned() };
    let wanted = wanted.split(" at line ").next().unwrap_or(wanted);
    let wanted = match wanted {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        "a string" | "a borrowed string" => "text",
        "a map" => "an object",
        other if other.starts_with("struct ") => "an object",
        other => other,
    };
    let sent = match sent.split_once(' ') {
        Some(("string", text)) => text.to_owned(),
        Some(("boolean" | "integer", value)) => value.trim_matches('`').to_owned(),
        Some(("floating", value)) => value.trim_start_matches("point ").trim_matches('`').to_owned(),
        _ if sent == "sequence" => "a list".to_owned(),
        _ if sent == "map" => "an object".to_owned(),
        _ => sent.to_owned(),
    };
    format!("it is {wanted}, not {sent}")
}

impl<T: JsonSchema> OperationInput for Body<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Json::<T>::operation_input(ctx, operation);
    }
}

impl<T: JsonSchema> OperationInput for OptionalBody<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Json::<Option<T>>::operation_input(ctx, operation);
        if let Some(ReferenceOr::Item(body)) = &mut operation.request_body {
            body.required = false;
        }
    }
}

impl<T: JsonSchema> OperationInput for Query<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        axum::extract::Query::<T>::operation_input(ctx, operation);
    }
}

impl<T: JsonSchema> OperationInput for InPath<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Path::<T>::operation_input(ctx, operation);
    }
}

/// Ids in paths, named as the contract names them.
macro_rules! path_ids {
    ($($(#[$doc:meta])* $name:ident { $field:ident }),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, serde::Deserialize, JsonSchema)]
        pub struct $name {
            /// The id.
            pub $field: i64,
        }
    )*};
}

path_ids! {
    /// `/{item_id}`
    ItemId { item_id },
    /// `/{library_id}`
    LibraryId { library_id },
    /// `/{job_id}`
    JobId { job_id },
    /// `/{preset_id}`
    PresetId { preset_id },
    /// `/{rec_id}`
    RecommendationId { rec_id },
    /// `/{server_id}`
    ServerId { server_id },
    /// `/{key_id}`
    KeyId { key_id },
    /// `/{tag_id}`
    TagId { tag_id },
}
