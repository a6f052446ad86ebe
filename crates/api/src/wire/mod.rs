//! The shapes on the wire: field for field those of the contract, and ours beyond it. Nothing here knows the database;
//! the routes fill these from what the other rooms say.
//!
//! Bitrates are in kbit/s, sizes in bytes, `_at` is UTC with a trailing `Z`.

pub mod encoders;
pub mod events;
pub mod forecast;
pub mod jobs;
pub mod json;
pub mod libraries;
pub mod marks;
pub mod media;
pub mod options;
pub mod presets;
pub mod quarantine;
pub mod recommendations;
pub mod servers;
pub mod settings;
pub mod single;
pub mod system;
mod time;
pub mod tuning;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

pub use time::{INSTANT, Time};

/// Bits per second as whole kilobits per second.
#[must_use]
pub fn kbps(bps: u64) -> i64 {
    int(bps / 1000)
}

/// Bytes as the contract's `gb`, which are those of `free -g`.
#[must_use]
#[allow(clippy::cast_precision_loss)] // for people to read
pub fn gibibytes(bytes: u64) -> f64 {
    let gibibytes = bytes as f64 / (1024.0 * 1024.0 * 1024.0);
    (gibibytes * 10.0).round() / 10.0
}

/// The same of a disk, with nothing lost: a small one may have no tenth of a gibibyte free, and still have room.
#[must_use]
#[allow(clippy::cast_precision_loss)] // a disk has fewer bytes than would lose one
pub fn exact_gibibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0 * 1024.0)
}

/// A count or size, as the wire has it.
#[must_use]
pub fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Absolute, and without empty parts.
pub const FILE_PATH: &str = r"^/([^/\u0000]+/)*[^/\u0000]+$";
/// As [`FILE_PATH`]; a folder may end in a slash.
pub const FOLDER_PATH: &str = r"^/([^/\u0000]+/)*[^/\u0000]+/?$";
/// Something besides blanks.
pub const NOT_BLANK: &str = r"\S";

/// Something besides blanks, without line breaks and the like.
pub const ONE_LINE: &str =
    r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";

/// What became of a request that has no other answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Done {
    /// One word.
    pub status: &'static str,
}

/// A page of a list, as asked for. Pages count from 1.
#[derive(Debug, Clone, Copy)]
pub struct Paging {
    /// From 1.
    pub page: i64,
    /// Entries on a page.
    pub page_size: i64,
}

impl Paging {
    /// Checks what was asked for; `None` is the contract's default.
    pub fn of(
        page: Option<i64>,
        page_size: Option<i64>,
        default_size: i64,
        most: i64,
    ) -> Result<Self, crate::error::ApiError> {
        let page = page.unwrap_or(1);
        let page_size = page_size.unwrap_or(default_size);
        if page < 1 {
            let msg = "pages count from 1";
            return Err(crate::error::ApiError::field(&["query", "page"], "greater_than_equal", msg, page));
        }
        if !(1..=most).contains(&page_size) {
            let msg = format!("it is a number from 1 to {most}");
            return Err(crate::error::ApiError::field(&["query", "page_size"], "value_error", msg, page_size));
        }
        Ok(Self { page, page_size })
    }

    /// Entries before this page.
    #[must_use]
    pub const fn offset(self) -> i64 {
        (self.page - 1).saturating_mul(self.page_size)
    }

    /// Pages that `total` entries fill.
    #[must_use]
    pub const fn pages_of(self, total: i64) -> i64 {
        (total + self.page_size - 1) / self.page_size
    }
}

/// Yes or no in a query, in all the spellings that existing clients use.
pub fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Flag {
        Bool(bool),
        Text(String),
    }
    let text = match Flag::deserialize(from)? {
        Flag::Bool(flag) => return Ok(flag),
        Flag::Text(text) => text,
    };
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "t" | "y" => Ok(true),
        "false" | "0" | "no" | "off" | "f" | "n" => Ok(false),
        _ => Err(serde::de::Error::custom("it is true or false")),
    }
}
