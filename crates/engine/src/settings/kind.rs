//! What a setting may be, and how its value is read.

use jiff::civil::Time;
use mediaflow_core::schedule::Days;
use mediaflow_core::worker::PathMapping;
use serde_json::Value;

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A whole number within bounds, both included.
    Integer {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A number within bounds, both included.
    Number {
        /// The least.
        min: f64,
        /// The most.
        max: f64,
    },
    /// Yes or no.
    Boolean,
    /// A time of day, such as `22:00`.
    TimeOfDay,
    /// Days of the week as numbers with commas between them, 0 for Monday.
    Days,
    /// A list of path mappings.
    PathMappings,
    /// One of these words.
    Choice(&'static [&'static str]),
}

impl Kind {
    /// In words, for a message.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Number { min, max } => format!("a number from {min} to {max}"),
            Self::Boolean => "true or false".to_owned(),
            Self::TimeOfDay => "a time of day from 00:00 to 23:59".to_owned(),
            Self::Days => "days of the week such as 0,1,2,3,4 (0 is Monday, 6 is Sunday), at least one".to_owned(),
            Self::PathMappings => {
                "a list of mappings, each with a source_prefix and a target_prefix that begin with /".to_owned()
            }
            Self::Choice(words) => format!("one of {}", words.join(", ")),
        }
    }

    /// The value as it is kept; `None` for what it is not. Numbers and booleans may come as text, as the earlier clients
    /// send them.
    pub(super) fn read(&self, value: &Value) -> Option<Value> {
        let parsed = || value.as_str().and_then(|text| serde_json::from_str(text.trim()).ok());
        let plain = parsed().unwrap_or_else(|| value.clone());
        match self {
            Self::Integer { min, max } => plain.as_i64().filter(|n| (min..=max).contains(&n)).map(Value::from),
            Self::Number { min, max } => plain.as_f64().filter(|n| (min..=max).contains(&n)).map(Value::from),
            Self::Boolean => plain.as_bool().map(Value::from),
            Self::TimeOfDay => {
                time_of_day(value.as_str()?).map(|time| time.strftime("%H:%M").to_string()).map(Value::from)
            }
            Self::Days => Days::parse(value.as_str()?).map(|days| days.to_string()).map(Value::from),
            Self::PathMappings => {
                let mappings: Vec<PathMapping> = serde_json::from_value(plain).ok()?;
                let is_meant = mappings.iter().all(|mapping| mapping.check().is_ok());
                is_meant.then(|| serde_json::to_value(mappings).ok()).flatten()
            }
            Self::Choice(words) => value.as_str().filter(|word| words.contains(word)).map(Value::from),
        }
    }
}

/// Hours and minutes.
pub(super) fn time_of_day(text: &str) -> Option<Time> {
    Time::strptime("%H:%M", text.trim()).ok()
}
