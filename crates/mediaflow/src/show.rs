//! Words to the user: errors with their exit codes, tables, and the one JSON value.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use mediaflow_api::door::DoorError;
use mediaflow_core::job::Ending;
use mediaflow_engine::originals::OriginalsError;
use mediaflow_engine::queue::QueueError;
use mediaflow_engine::scan::ScanError;
use mediaflow_engine::toolchain::{InstallError, ToolError};
use mediaflow_store::StoreError;
use serde::Serialize;

use crate::config::ConfigError;
use crate::demo::LibraryError;

/// Something failed.
pub const FAILED: u8 = 1;
/// Wrong usage or configuration.
pub const USAGE: u8 = 2;
/// Done and found not worth it; the original stays.
pub const NOT_WORTH_IT: u8 = 3;
/// Not done; the original stays.
pub const REFUSED: u8 = 4;
/// Stopped by the user, as shells count it.
pub const INTERRUPTED: u8 = 130;

/// Anything that ends a command early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No ffmpeg.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// No managed ffmpeg.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// A scan.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// Queueing.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Originals.
    #[error(transparent)]
    Originals(#[from] OriginalsError),
    /// The password, keys, and who may come in.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The sample library.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// Asked for something that is not there.
    #[error("{0}")]
    Usage(String),
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
    /// The user stopped it.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// The exit code that tells it to scripts.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Config(_) | Self::Usage(_) | Self::Scan(ScanError::Walk(_)) => USAGE,
            Self::Door(
                DoorError::NoPassword { .. }
                | DoorError::PasswordLength { .. }
                | DoorError::KeyName
                | DoorError::Origin { .. },
            ) => USAGE,
            Self::Scan(ScanError::Cancelled) | Self::Interrupted => INTERRUPTED,
            Self::Tool(error) if error.is_cancelled() => INTERRUPTED,
            _ => FAILED,
        })
    }
}

/// One clear line on standard error, with what lies behind it.
pub fn error(error: &Error) {
    let mut line = format!("mediaflow: {error}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let text = cause.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        source = cause.source();
    }
    note(&line);
}

/// A line beside the result, on standard error.
pub fn note(line: &str) {
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(io::stderr(), "{line}");
}

/// A line of the result, on standard output. A reader that went away (`| head`) is no failure.
pub fn line(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// The one JSON value of `--json`.
pub fn json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => line(&text),
        Err(error) => note(&format!("mediaflow: the result could not be written as JSON: {error}")),
    }
}

/// A table that fits the terminal.
#[must_use]
pub fn table(header: &[&str], right_aligned: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.iter().copied());
    let terminal = console::Term::stdout().size_checked().filter(|_| io::stdout().is_terminal());
    table.set_width(terminal.map_or(120, |(_, columns)| columns));
    for index in right_aligned {
        if let Some(column) = table.column_mut(*index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The exit code of a job's ending.
#[must_use]
pub fn code_of(ending: Ending) -> ExitCode {
    ExitCode::from(match ending {
        Ending::Replaced | Ending::Placed | Ending::Planned => 0,
        Ending::NotWorthIt => NOT_WORTH_IT,
        Ending::Refused => REFUSED,
        Ending::Failed => FAILED,
        Ending::Cancelled => INTERRUPTED,
    })
}

/// An ending in words.
#[must_use]
pub const fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Replaced => "replaced",
        Ending::Placed => "placed beside",
        Ending::NotWorthIt => "not worth it",
        Ending::Refused => "refused",
        Ending::Failed => "failed",
        Ending::Cancelled => "cancelled",
        Ending::Planned => "planned",
    }
}
