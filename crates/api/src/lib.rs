//! The only room with HTTP: routes, the WebSocket, the door, the OpenAPI document and the web app.
//!
//! Handlers parse, call the engine or the store where it holds up nobody, and render. Nothing here decides anything about
//! files or jobs.

mod byte_range;
mod config;
pub mod door;
mod error;
mod extract;
mod live;
pub mod logs;
mod openapi;
mod respond;
mod routes;
mod sent_file;
pub mod server;
mod state;
mod translate;
mod web;
mod wire;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use serde_json::Value;

pub use config::with_fields;
pub use error::{ApiError, ErrorDetail, FieldError};
pub use state::{About, Api};

use door::Door;

/// The whole server: operations, `/ws`, documentation and web app, behind the door.
pub fn router(api: Api, door: &Door) -> Router {
    let mut document = openapi::frame();
    let operations = routes::all().merge(door.routes()).finish_api(&mut document);
    let document = openapi::finished(&document).to_string();
    let json = [(header::CONTENT_TYPE, "application/json")];
    let inner = operations
        .route("/openapi.json", get(move || async move { (json, document) }))
        .route("/ws", get(live::ws::connect))
        .method_not_allowed_fallback(web::wrong_method)
        .fallback(web::fallback)
        .with_state(api);
    door.wrap(inner)
}

/// The OpenAPI document, and what is wrong with it, one line each.
#[must_use]
pub fn document(door: &Door) -> (Value, Vec<String>) {
    let mut document = openapi::frame();
    let _: Router<Api> = routes::all().merge(door.routes()).finish_api(&mut document);
    let faults = openapi::lint(&document);
    (openapi::finished(&document), faults)
}
