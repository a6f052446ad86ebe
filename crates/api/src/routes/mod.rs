//! Every operation, one file a group of the contract. A handler parses, calls the engine, and renders.

mod encoders;
mod events;
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
mod tasks;
mod tools;
mod uploads;

use aide::axum::ApiRouter;

use crate::state::Api;

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
        .merge(settings::routes())
        .merge(events::routes())
        .merge(tasks::routes())
        .merge(logs::routes())
        .merge(plex::routes())
}
