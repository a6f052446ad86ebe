//! The OpenAPI document: made from the types of the handlers, and the only place that names the library that does it.

mod answers;

use aide::openapi::{ApiKeyLocation, Info, License, OpenApi, Operation, ReferenceOr, SecurityScheme, StatusCode, Tag};
use aide::transform::TransformOperation;
use axum::Json;
use serde_json::Value;

use crate::error::ErrorDetail;

/// Describes an operation: an id that clients generate their method names from, the contract's group, and one sentence.
pub fn op(
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
) -> impl for<'t> FnOnce(TransformOperation<'t>) -> TransformOperation<'t> {
    move |operation| operation.id(id).tag(tag).summary(summary)
}

/// As [`op`], for an operation of which some part belongs to later work.
pub fn op_so_far(
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
) -> impl for<'t> FnOnce(TransformOperation<'t>) -> TransformOperation<'t> {
    move |operation| {
        let described = op(id, tag, summary)(operation);
        described.response_with::<501, Json<ErrorDetail>, _>(|response| {
            response.description("What was asked for belongs to a later version; the sentence says what that is")
        })
    }
}

/// The groups, in the order of the documentation.
const TAGS: [(&str, &str); 14] = [
    ("health", "Whether the server answers"),
    ("auth", "Logging in, keys for programs, and who did what"),
    ("libraries", "Folders of this machine, and their scans"),
    ("library", "The media files of all libraries"),
    ("recommendations", "What is worth doing, and why"),
    ("transcode", "Jobs: queue, progress, proof and undo"),
    ("servers", "The machines that encode: this one, and others over SSH"),
    ("quarantine", "Originals that were replaced and wait"),
    ("presets", "What is to happen to a file"),
    ("settings", "What can be tuned"),
    ("events", "What happened, in order"),
    ("tasks", "What runs in the background"),
    ("logs", "The program's own log"),
    ("plex", "Libraries as the servers that earlier clients expect"),
];

/// The frame of the document, before the routes are put into it.
pub fn frame() -> OpenApi {
    let mut api = OpenApi {
        info: Info {
            title: "MediaFlow".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: Some(
                "Makes media libraries smaller without ever risking an original. Live events: the WebSocket at `/ws`; \
                 what a client missed: `GET /api/events`. On a loopback address without a password no login is needed."
                    .to_owned(),
            ),
            license: Some(License { name: "MIT".to_owned(), identifier: Some("MIT".to_owned()), ..License::default() }),
            ..Info::default()
        },
        tags: TAGS
            .into_iter()
            .map(|(name, description)| Tag {
                name: name.to_owned(),
                description: Some(description.to_owned()),
                ..Tag::default()
            })
            .collect(),
        ..OpenApi::default()
    };
    let schemes = &mut api.components.get_or_insert_default().security_schemes;
    let key = SecurityScheme::ApiKey {
        location: ApiKeyLocation::Header,
        name: "X-Api-Key".to_owned(),
        description: Some("A key made under Settings or by `mediaflow keys add`".to_owned()),
        extensions: Default::default(),
    };
    let bearer = SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: None,
        description: Some("The same key".to_owned()),
        extensions: Default::default(),
    };
    schemes.insert("key".to_owned(), ReferenceOr::Item(key));
    schemes.insert("bearer".to_owned(), ReferenceOr::Item(bearer));
    api
}

/// The document as it is given out.
pub fn finished(api: &OpenApi) -> Value {
    let mut document = serde_json::to_value(api).unwrap_or_default();
    answers::make_whole(&mut document);
    document
}

/// Names what makes no good document, one line each; empty for a good one.
pub fn lint(api: &OpenApi) -> Vec<String> {
    let mut found = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    let Some(paths) = &api.paths else { return vec!["there is no path".to_owned()] };
    for (path, item) in &paths.paths {
        let ReferenceOr::Item(item) = item else { continue };
        for (method, operation) in item.iter() {
            let name = format!("{} {path}", method.to_uppercase());
            match &operation.operation_id {
                None => found.push(format!("{name} has no id")),
                Some(id) if !ids.insert(id.clone()) => found.push(format!("{name}: the id {id} is taken")),
                Some(_) => {}
            }
            found.extend(missing(operation).into_iter().map(|what| format!("{name} {what}")));
        }
    }
    found
}

fn missing(operation: &Operation) -> Vec<&'static str> {
    let mut found = Vec::new();
    if operation.summary.is_none() {
        found.push("has no summary");
    }
    if operation.tags.len() != 1 {
        found.push("is not in one group");
    }
    let responses = operation.responses.as_ref();
    let is_success = |code: &StatusCode| matches!(code, StatusCode::Code(200..=299) | StatusCode::Range(2));
    if !responses.is_some_and(|all| all.responses.keys().any(is_success)) {
        found.push("documents no success");
    }
    let is_error = |code: &StatusCode| matches!(code, StatusCode::Code(400..=599) | StatusCode::Range(4 | 5));
    if !responses.is_some_and(|all| all.default.is_some() || all.responses.keys().any(is_error)) {
        found.push("documents no error");
    }
    found
}
