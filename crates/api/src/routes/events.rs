//! What happened, in order: for clients that were away, and for the page that shows it.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;

use crate::error::ApiError;
use crate::extract::Query;
use crate::live::logged;
use crate::openapi::op;
use crate::state::Api;
use crate::wire::events::{EventPage, EventQuery};

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new().api_route(
        "/api/events",
        get_with(list, op("list_events", "events", "Events of record after a number, in order")),
    )
}

async fn list(State(api): State<Api>, Query(asked): Query<EventQuery>) -> Result<Json<EventPage>, ApiError> {
    let limit = asked.limit.unwrap_or(200);
    let Some(limit) = u32::try_from(limit).ok().filter(|limit| (1..=1000).contains(limit)) else {
        return Err(ApiError::field(&["query", "limit"], "value_error", "it is a number from 1 to 1000", limit));
    };
    let after = asked.after.unwrap_or(0);
    if after < 0 {
        return Err(ApiError::field(&["query", "after"], "greater_than_equal", "it is zero or more", after));
    }
    api.blocking(move |api| {
        // What an event tells of is in the library before the event is known.
        api.catalog.catch_up()?;
        let (mut found, last_seq) = api.service.store().read(|r| {
            let found = if asked.newest { r.events_newest(limit + 1)? } else { r.events_after(after, limit + 1)? };
            Ok((found, r.last_event()?))
        })?;
        let has_more = found.len() > limit as usize;
        found.truncate(limit as usize);
        Ok(Json(EventPage { events: found.iter().map(logged).collect(), last_seq, has_more }))
    })
    .await
}
