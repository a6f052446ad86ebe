//! What the server listens on, and who may use it.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use mediaflow_api::door::Password;

use super::{ConfigError, variable, wrong};

/// Where earlier clients look for the server.
const DEFAULT_PORT: u16 = 9876;

/// The settings of the server.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// `API_HOST`: the address to listen on.
    pub host: IpAddr,
    /// `API_PORT`.
    pub port: u16,
    /// `CORS_ORIGINS`: origins of pages that may use the API, beside our own.
    pub cors_origins: Vec<String>,
    /// `MEDIAFLOW_PASSWORD`: counts for this start.
    pub password: Option<Password>,
    /// `ALLOWED_FOLDERS`: where paths given over the API may lie, beside the libraries.
    pub allowed_folders: Option<Vec<PathBuf>>,
}

impl ServerConfig {
    /// Reads and checks the variables.
    pub fn load() -> Result<Self, ConfigError> {
        Ok(Self {
            host: host()?,
            port: port()?,
            cors_origins: cors_origins()?,
            password: password()?,
            allowed_folders: allowed_folders()?,
        })
    }
}

fn host() -> Result<IpAddr, ConfigError> {
    const NAME: &str = "API_HOST";
    let Some(host) = variable(NAME)? else { return Ok(Ipv4Addr::LOCALHOST.into()) };
    if host == "localhost" {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    host.parse().map_err(|_| wrong(NAME, &host, "it is an IP address of this machine, such as 127.0.0.1, or localhost"))
}

fn port() -> Result<u16, ConfigError> {
    const NAME: &str = "API_PORT";
    let Some(port) = variable(NAME)? else { return Ok(DEFAULT_PORT) };
    match port.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(wrong(NAME, &port, "it is a number from 1 to 65535")),
    }
}

fn cors_origins() -> Result<Vec<String>, ConfigError> {
    const NAME: &str = "CORS_ORIGINS";
    let origins = list(NAME)?.unwrap_or_default();
    match origins.iter().find(|origin| !is_origin(origin)) {
        Some(bad) => Err(wrong(NAME, bad, "an origin is like http://localhost:9876, without a path")),
        None => Ok(origins),
    }
}

fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ', '*', '?', '#', '@']))
}

fn password() -> Result<Option<Password>, ConfigError> {
    const NAME: &str = "MEDIAFLOW_PASSWORD";
    // Not by `variable`: its error shows the value.
    match std::env::var(NAME) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Password::new(&value).map(Some).map_err(|error| wrong(NAME, "(hidden)", error.to_string())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(wrong(NAME, "(hidden)", "it is not UTF-8")),
    }
}

fn allowed_folders() -> Result<Option<Vec<PathBuf>>, ConfigError> {
    const NAME: &str = "ALLOWED_FOLDERS";
    let Some(folders) = list(NAME)? else { return Ok(None) };
    // A folder that is not there yet may be mounted later.
    match folders.iter().find(|folder| !folder.starts_with('/')) {
        Some(bad) => Err(wrong(NAME, bad, "a folder is an absolute path, such as /mnt/media")),
        None => Ok(Some(folders.into_iter().map(PathBuf::from).collect())),
    }
}

/// A list with commas, or a JSON list for values that have one in them.
fn list(name: &'static str) -> Result<Option<Vec<String>>, ConfigError> {
    let Some(text) = variable(name)? else { return Ok(None) };
    if text.trim_start().starts_with('[') {
        let parsed = serde_json::from_str(&text);
        return parsed
            .map(Some)
            .map_err(|error| wrong(name, &text, format!("it is not a JSON list of strings: {error}")));
    }
    Ok(Some(text.split(',').map(|part| part.trim().to_owned()).collect()))
}
