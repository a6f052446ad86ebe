//! Answers with another status or kind than 200 and JSON, documented by their types.

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, Response as Documented, SchemaObject, StatusCode as Code};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, json_schema};
use serde::Serialize;

/// Something was made; 201.
#[derive(Debug)]
pub struct Created<T>(pub T);

/// Something was begun and goes on; 202.
#[derive(Debug)]
pub struct Accepted<T>(pub T);

/// A text to be saved as a file.
#[derive(Debug)]
pub struct TextFile {
    /// Its name: letters, digits, dots and dashes.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// A picture, as JPEG; what it shows of a thing stays the same, so that a client may keep it for a while.
#[derive(Debug)]
pub struct Picture(pub Vec<u8>);

macro_rules! json_with_status {
    ($($name:ident => $status:expr),*) => {$(
        impl<T: Serialize> IntoResponse for $name<T> {
            fn into_response(self) -> Response {
                ($status, Json(self.0)).into_response()
            }
        }

        impl<T: JsonSchema> OperationOutput for $name<T> {
            type Inner = T;

            fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<Documented> {
                Json::<T>::operation_response(ctx, operation)
            }

            fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<Code>, Documented)> {
                let response = Self::operation_response(ctx, operation);
                response.into_iter().map(|response| (Some(Code::Code($status.as_u16())), response)).collect()
            }
        }
    )*};
}

json_with_status!(Created => StatusCode::CREATED, Accepted => StatusCode::ACCEPTED);

impl IntoResponse for TextFile {
    fn into_response(self) -> Response {
        let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned());
        let save = (header::CONTENT_DISPOSITION, format!("attachment; filename={}", self.name));
        ([kind, save], self.text).into_response()
    }
}

impl IntoResponse for Picture {
    fn into_response(self) -> Response {
        let kind = (header::CONTENT_TYPE, "image/jpeg");
        ([kind, (header::CACHE_CONTROL, "private, max-age=3600")], self.0).into_response()
    }
}

fn raw(kind: &str, description: &str, schema: schemars::Schema) -> Vec<(Option<Code>, Documented)> {
    let schema = SchemaObject { json_schema: schema, example: None, external_docs: None };
    let media = MediaType { schema: Some(schema), ..MediaType::default() };
    let response = Documented {
        description: description.to_owned(),
        content: [(kind.to_owned(), media)].into_iter().collect(),
        ..Documented::default()
    };
    vec![(Some(Code::Code(200)), response)]
}

impl OperationOutput for TextFile {
    type Inner = String;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<Code>, Documented)> {
        raw("text/plain; charset=utf-8", "The file", json_schema!({ "type": "string" }))
    }
}

impl OperationOutput for Picture {
    type Inner = Vec<u8>;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<Code>, Documented)> {
        raw("image/jpeg", "The picture", json_schema!({ "type": "string", "format": "binary" }))
    }
}
