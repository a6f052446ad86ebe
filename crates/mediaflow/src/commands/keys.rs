//! `mediaflow keys`

use std::process::ExitCode;

use mediaflow_api::door::{Actor, DoorError, issue_key, revoke_key};
use mediaflow_core::time::Timestamp;
use mediaflow_store::{ApiKey, StoreError};
use serde::Serialize;

use crate::app::App;
use crate::cli::{KeysAction, KeysArgs};
use crate::config::Config;
use crate::show::{self, Error};

#[derive(Serialize)]
struct Row {
    id: i64,
    name: String,
    prefix: String,
    created_at: String,
    last_used_at: Option<String>,
}

#[derive(Serialize)]
struct Made {
    #[serde(flatten)]
    row: Row,
    key: String,
}

impl From<ApiKey> for Row {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            created_at: time(key.created_at),
            last_used_at: key.used_at.map(time),
        }
    }
}

fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.0).map_or_else(|_| at.0.to_string(), |at| format!("{at:.0}"))
}

pub fn run(config: &Config, args: &KeysArgs) -> Result<ExitCode, Error> {
    let app = App::open(config)?;
    match &args.action {
        None | Some(KeysAction::List) => list(config, &app),
        Some(KeysAction::Add { name }) => add(config, &app, name),
        Some(KeysAction::Revoke { key }) => revoke(config, &app, *key),
    }
}

fn list(config: &Config, app: &App) -> Result<ExitCode, Error> {
    let rows: Vec<Row> = app.store.read(|r| r.api_keys())?.into_iter().map(Row::from).collect();
    if config.json {
        show::json(&rows);
    } else if rows.is_empty() {
        show::line(&format!("There is no key. `{}` makes one.", config.command("keys add NAME")));
    } else {
        let mut table = show::table(&["Key", "Name", "Begins", "Made", "Last used"], &[0]);
        for row in rows {
            let used = row.last_used_at.unwrap_or_else(|| "never".to_owned());
            table.add_row([row.id.to_string(), row.name, row.prefix, row.created_at, used]);
        }
        show::line(&table.to_string());
    }
    Ok(ExitCode::SUCCESS)
}

fn add(config: &Config, app: &App, name: &str) -> Result<ExitCode, Error> {
    let issued = issue_key(&app.store, name, &Actor::command_line())?;
    if config.json {
        show::json(&Made { row: issued.key.into(), key: issued.secret });
    } else {
        // The key alone on standard output, for scripts that catch it.
        show::note(&format!("Key {}. It is shown this once:", issued.key.id));
        show::line(&issued.secret);
    }
    Ok(ExitCode::SUCCESS)
}

fn revoke(config: &Config, app: &App, id: i64) -> Result<ExitCode, Error> {
    let key = revoke_key(&app.store, id, &Actor::command_line()).map_err(|error| match error {
        DoorError::Store(StoreError::NotFound { .. }) => Error::Usage(format!("there is no key {id}")),
        other => Error::Door(other),
    })?;
    if config.json {
        show::json(&Row::from(key));
    } else {
        show::line(&format!("Key {id} ({}) is revoked.", key.name));
    }
    Ok(ExitCode::SUCCESS)
}
