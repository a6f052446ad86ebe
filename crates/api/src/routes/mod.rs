//! Every operation, one file a group of the contract. A handler parses, calls the engine, and renders.

mod encoders;
mod events;
mod filter_presets;
mod forecast;
mod health;
mod items;
mod jobs;
mod libraries;
mod logs;
mod plex;
mod presets;
mod quarantine;
mod queue;
mod recommendations;
mod servers;
mod settings;
mod single;
mod tags;
mod tasks;
mod tools;
mod uploads;

use aide::axum::ApiRouter;

use crate::error::ApiError;
use crate::state::Api;

/// Longer names fit nowhere.
const LONGEST_NAME: usize = 100;

/// A name that a user gives to a thing of theirs, without blanks around it.
fn checked_name(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        let msg = format!("it has 1 to {LONGEST_NAME} letters");
        return Err(ApiError::field(&["body", "name"], "value_error", msg, name));
    }
    Ok(name.to_owned())
}

/// All operations but those of the door.
pub fn all() -> ApiRouter<Api> {
    ApiRouter::new()
        .merge(health::routes())
        .merge(libraries::routes())
        .merge(items::routes())
        .merge(recommendations::routes())
        .merge(servers::routes())
        .merge(jobs::routes())
        .merge(queue::routes())
        .merge(tools::routes())
        .merge(single::routes())
        .merge(uploads::routes())
        .merge(forecast::routes())
        .merge(encoders::routes())
        .merge(quarantine::routes())
        .merge(presets::routes())
        .merge(tags::routes())
        .merge(filter_presets::routes())
        .merge(settings::routes())
        .merge(events::routes())
        .merge(tasks::routes())
        .merge(logs::routes())
        .merge(plex::routes())
}
