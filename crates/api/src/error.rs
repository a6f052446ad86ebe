//! What goes wrong, as a client sees it: the right status, and `{"detail": ...}` with a sentence that says what to do.
//! This is the only place where an error of another room becomes a status.

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, Response as Documented, SchemaObject, StatusCode as Code};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use mediaflow_store::StoreError;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// It makes no sense as it is; 400.
    #[error("{0}")]
    BadRequest(String),
    /// Nobody is logged in; 401.
    #[error("{0}")]
    Unauthorized(String),
    /// It may not be done from there, or to that; 403.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such thing; 404.
    #[error("{0}")]
    NotFound(String),
    /// The thing is not in a state for it; 409.
    #[error("{0}")]
    Conflict(String),
    /// The body is larger than the limit; 413.
    #[error("{0}")]
    TooLarge(String),
    /// The body is not JSON; 415.
    #[error("{0}")]
    NotJson(String),
    /// Fields that do not hold what they must; 422.
    #[error("{} wrong", if .0.len() == 1 { "one field is" } else { "some fields are" })]
    Invalid(Vec<FieldError>),
    /// A file that nothing can be done with; 422 with a sentence, where the contract has one.
    #[error("{0}")]
    Unprocessable(String),
    /// Too often; 429.
    #[error("{detail}")]
    TooMany {
        /// What to do.
        detail: String,
        /// When it may be tried again, in seconds.
        retry_after_s: u64,
    },
    /// Something failed that the client cannot mend; 500. What it was is in the log.
    #[error("{0}")]
    Internal(String),
    /// The contract has it, and it belongs to a later version; 501.
    #[error("{0}")]
    NotYet(String),
    /// The disk is full; 507.
    #[error("{0}")]
    NoSpace(String),
    /// The server starts or stops, or what it is about is away; 503.
    #[error("{0}")]
    Unavailable(String),
}

/// One field that does not hold what it must.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FieldError {
    /// The kind of mistake, such as `missing` or `value_error`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it is: `body`, `query` or `path`, then names and positions down to the field.
    pub loc: Vec<Place>,
    /// What is wrong, for a person.
    pub msg: String,
    /// What was sent there; null where nothing was.
    pub input: Value,
}

/// One step on the way to a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Place {
    /// A name.
    Name(String),
    /// A position in a list.
    Position(usize),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Position(position) => write!(f, "{position}"),
        }
    }
}

impl From<&str> for Place {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

/// Every error but those of fields.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorDetail {
    /// What is wrong and what to do.
    pub detail: String,
}

/// The error of fields that do not hold what they must.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "HTTPValidationError")]
pub struct ValidationDetail {
    /// One entry for each field, or one sentence where the file behind a field is the trouble.
    pub detail: OneOrMany,
}

/// A sentence, or one entry for each field.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// A sentence.
    Sentence(String),
    /// One entry for each field.
    Fields(Vec<FieldError>),
}

impl ApiError {
    /// One wrong field, named from the outside in: `["body", "preset_id"]`.
    pub fn field(loc: &[&str], kind: &str, msg: impl Into<String>, input: impl Into<Value>) -> Self {
        let loc = loc.iter().map(|name| Place::from(*name)).collect();
        Self::Invalid(vec![FieldError { kind: kind.to_owned(), loc, msg: msg.into(), input: input.into() }])
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) | Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotYet(_) => StatusCode::NOT_IMPLEMENTED,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoSpace(_) => StatusCode::INSUFFICIENT_STORAGE,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let retry_after = match &self {
            Self::TooMany { retry_after_s, .. } => Some(*retry_after_s),
            _ => None,
        };
        let mut response = match self {
            Self::Invalid(fields) => {
                (status, Json(ValidationDetail { detail: OneOrMany::Fields(fields) })).into_response()
            }
            Self::Unprocessable(reason) => {
                (status, Json(ValidationDetail { detail: OneOrMany::Sentence(reason) })).into_response()
            }
            Self::Internal(reason) => {
                tracing::error!("{reason}");
                let detail = "something went wrong inside MediaFlow; its log says what".to_owned();
                (status, Json(ErrorDetail { detail })).into_response()
            }
            other => (status, Json(ErrorDetail { detail: other.to_string() })).into_response(),
        };
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { .. } => Self::NotFound(error.to_string()),
            StoreError::AlreadyQueued { .. } | StoreError::Step { .. } | StoreError::Taken { .. } => {
                Self::Conflict(error.to_string())
            }
            other => Self::Internal(chain(&other)),
        }
    }
}

/// An error with all its causes, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// Documented once for all operations: 422 for fields, everything else as a sentence.
impl OperationOutput for ApiError {
    type Inner = ErrorDetail;

    fn operation_response(ctx: &mut GenContext, _: &mut Operation) -> Option<Documented> {
        Some(documented::<ErrorDetail>(ctx, "What is wrong and what to do"))
    }

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<Code>, Documented)> {
        vec![
            (Some(Code::Code(422)), documented::<ValidationDetail>(ctx, "A field does not hold what it must")),
            (None, documented::<ErrorDetail>(ctx, "What is wrong and what to do")),
        ]
    }
}

fn documented<T: JsonSchema>(ctx: &mut GenContext, description: &str) -> Documented {
    let schema = SchemaObject { json_schema: ctx.schema.subschema_for::<T>(), example: None, external_docs: None };
    let media = MediaType { schema: Some(schema), ..MediaType::default() };
    Documented {
        description: description.to_owned(),
        content: [("application/json".to_owned(), media)].into_iter().collect(),
        ..Documented::default()
    }
}
