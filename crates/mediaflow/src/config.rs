//! Configuration: command line over environment over `.env` over defaults. Everything is checked before any work.

mod server;

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use etcetera::AppStrategy;
use mediaflow_api::logs::LogBuffer;
use mediaflow_store::SecretKey;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::Global;

pub use server::ServerConfig;

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The value makes no sense.
    #[error("{name}={value}: {reason}")]
    Value {
        /// The variable.
        name: &'static str,
        /// What it was set to.
        value: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// `.env` is there and cannot be read.
    #[error("{} cannot be used: {reason}", path.display())]
    EnvFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The platform does not tell where data belongs.
    #[error("there is no home directory to keep data in: name a folder with --data-dir")]
    NoHome,
    /// A folder.
    #[error("{}: {source}", path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLevel(tracing::Level);

impl LogLevel {
    fn parse(text: &str) -> Option<Self> {
        Some(Self(match text.to_ascii_uppercase().as_str() {
            "DEBUG" => tracing::Level::DEBUG,
            "INFO" => tracing::Level::INFO,
            "WARNING" => tracing::Level::WARN,
            "ERROR" => tracing::Level::ERROR,
            _ => return None,
        }))
    }

    /// Lets the log of this process begin: on standard error, and in `kept` for the page that shows it, which has a
    /// little more.
    pub fn install(self, kept: LogBuffer) {
        let shown = LevelFilter::from_level(self.0);
        let written = tracing_subscriber::fmt::layer()
            .with_writer(io::stderr)
            .with_ansi(io::stderr().is_terminal())
            .with_target(false)
            .with_filter(shown);
        tracing_subscriber::registry().with(written).with(kept.with_filter(shown.max(LevelFilter::INFO))).init();
    }
}

/// The checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where everything of ours lies.
    pub data_dir: PathBuf,
    /// The database file.
    pub database: PathBuf,
    /// What its secrets are sealed with: `SECRET_KEY`, else a file beside it.
    pub secret_key: SecretKey,
    /// `FFMPEG_PATH`.
    pub ffmpeg: Option<PathBuf>,
    /// `FFPROBE_PATH`.
    pub ffprobe: Option<PathBuf>,
    /// How much is logged.
    pub log_level: LogLevel,
    /// The server. Checked by every command, so that a `.env` is right once and for all.
    pub server: ServerConfig,
    /// Whether standard output is for one JSON value.
    pub json: bool,
    /// The data directory as it was named on the command line.
    named_data_dir: Option<PathBuf>,
}

/// The prefixes of `DATABASE_URL` that stand for SQLite; the last is what the earlier implementation used.
const SQLITE_PREFIXES: [&str; 3] = ["sqlite:///", "sqlite+aiosqlite:///", "sqlite+pysqlite:///"];

impl Config {
    /// Reads and checks everything, and makes the data directory.
    pub fn load(global: &Global) -> Result<Self, ConfigError> {
        let env_file = Path::new(".env");
        if env_file.exists() {
            // Values that are set already win over the file's.
            dotenvy::from_path(env_file)
                .map_err(|error| ConfigError::EnvFile { path: env_file.to_owned(), reason: error.to_string() })?;
        }
        let data_dir = match &global.data_dir {
            Some(dir) => dir.clone(),
            None => platform_data_dir()?,
        };
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| ConfigError::Io { path, source }
        };
        fs::create_dir_all(&data_dir).map_err(io(&data_dir))?;
        let data_dir = fs::canonicalize(&data_dir).map_err(io(&data_dir))?;
        let database = database(&data_dir)?;
        Ok(Self {
            secret_key: secret_key()?.unwrap_or_else(|| SecretKey::beside(&database)),
            database,
            ffmpeg: program("FFMPEG_PATH")?,
            ffprobe: program("FFPROBE_PATH")?,
            log_level: log_level()?,
            server: ServerConfig::load()?,
            json: global.json,
            named_data_dir: global.data_dir.clone(),
            data_dir,
        })
    }
}

impl Config {
    /// Where attempts have their directories.
    pub fn work_dir(&self) -> PathBuf {
        self.data_dir.join("work")
    }

    /// Where files lie that came through the browser.
    pub fn uploads_dir(&self) -> PathBuf {
        self.data_dir.join("uploads")
    }

    /// A command for the user to type next: as this one was called, with the same data directory.
    pub fn command(&self, words: &str) -> String {
        let program = std::env::var("MEDIAFLOW_CALLED_AS").unwrap_or_else(|_| "mediaflow".to_owned());
        let data_dir = self.named_data_dir.as_ref().map(|dir| format!(" --data-dir {}", dir.display()));
        format!("{program} {words}{}", data_dir.unwrap_or_default())
    }
}

/// XDG on Linux, Application Support on macOS.
fn platform_data_dir() -> Result<PathBuf, ConfigError> {
    let args = etcetera::AppStrategyArgs {
        top_level_domain: "org".to_owned(),
        author: "MediaFlow".to_owned(),
        app_name: if cfg!(target_os = "macos") { "MediaFlow" } else { "mediaflow" }.to_owned(),
    };
    #[cfg(target_os = "macos")]
    let strategy = etcetera::app_strategy::Apple::new(args);
    #[cfg(not(target_os = "macos"))]
    let strategy = etcetera::app_strategy::Xdg::new(args);
    #[cfg(target_os = "macos")]
    let dir =
        |strategy: etcetera::app_strategy::Apple| strategy.home_dir().join("Library/Application Support/MediaFlow");
    #[cfg(not(target_os = "macos"))]
    let dir = |strategy: etcetera::app_strategy::Xdg| strategy.data_dir();
    strategy.map(dir).map_err(|_| ConfigError::NoHome)
}

/// A variable that is set to something.
fn variable(name: &'static str) -> Result<Option<String>, ConfigError> {
    match std::env::var(name) {
        Ok(value) if value.trim().is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(raw)) => Err(ConfigError::Value {
            name,
            value: raw.to_string_lossy().into_owned(),
            reason: "it is not UTF-8".to_owned(),
        }),
    }
}

fn wrong(name: &'static str, value: &str, reason: impl Into<String>) -> ConfigError {
    ConfigError::Value { name, value: value.to_owned(), reason: reason.into() }
}

fn database(data_dir: &Path) -> Result<PathBuf, ConfigError> {
    const NAME: &str = "DATABASE_URL";
    let Some(url) = variable(NAME)? else { return Ok(data_dir.join("mediaflow.db")) };
    let Some(path) = SQLITE_PREFIXES.iter().find_map(|prefix| url.strip_prefix(prefix)) else {
        // What stands before the host may be a password.
        let scheme = url.split("://").next().unwrap_or_default();
        let reason =
            "only SQLite is supported: sqlite:///relative.db (in the data directory) or sqlite:////absolute.db";
        return Err(wrong(NAME, &format!("{scheme}://..."), reason));
    };
    let path = path.split('?').next().unwrap_or_default();
    if path.is_empty() || path == ":memory:" {
        return Err(wrong(NAME, &url, "a file must be named: what is known of your originals has to last"));
    }
    // `data_dir.join` keeps an absolute path as it is.
    Ok(data_dir.join(path.strip_prefix("./").unwrap_or(path)))
}

fn program(name: &'static str) -> Result<Option<PathBuf>, ConfigError> {
    let Some(value) = std::env::var_os(name).filter(|value| !value.is_empty()) else { return Ok(None) };
    let path = PathBuf::from(value);
    if path.is_file() { Ok(Some(path)) } else { Err(wrong(name, &path.to_string_lossy(), "there is no such file")) }
}

fn log_level() -> Result<LogLevel, ConfigError> {
    const NAME: &str = "LOG_LEVEL";
    // Quiet by default: the command line says itself what matters.
    let value = variable(NAME)?.unwrap_or_else(|| "WARNING".to_owned());
    LogLevel::parse(&value).ok_or_else(|| wrong(NAME, &value, "it is one of DEBUG, INFO, WARNING and ERROR"))
}

/// The least that a secret of the user's own must have: 16 bytes are what cannot be guessed.
const LEAST_SECRET_BYTES: usize = 16;

/// The user's own key for sealing secrets.
fn secret_key() -> Result<Option<SecretKey>, ConfigError> {
    const NAME: &str = "SECRET_KEY";
    match variable(NAME)? {
        Some(words) if words.len() < LEAST_SECRET_BYTES => {
            Err(wrong(NAME, "(hidden)", "it needs at least 16 characters; unset it to have one made"))
        }
        words => Ok(words.map(|words| SecretKey::given(&words))),
    }
}
