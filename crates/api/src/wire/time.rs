//! Instants on the wire.

use std::borrow::Cow;

use mediaflow_core::time::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// RFC 3339 in UTC with `Z`; fractions of a second only where there are some, as the contract writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Timestamp);

/// An instant as RFC 3339 writes it, with or without an offset; empty for none.
pub const INSTANT: &str = r"^(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)?)?$";

impl Time {
    /// An instant that a client wrote. The contract's dates may come without an offset: then they are UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let in_utc = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
        let instant = text.parse::<jiff::Timestamp>().ok().or_else(|| Some(in_utc()?.timestamp()))?;
        Some(Self(Timestamp(instant.as_microsecond())))
    }

    /// The instant as text.
    #[must_use]
    pub fn text(self) -> String {
        jiff::Timestamp::from_microsecond(self.0.0).unwrap_or_default().to_string()
    }
}

impl From<Timestamp> for Time {
    fn from(instant: Timestamp) -> Self {
        Self(instant)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text())
    }
}

impl JsonSchema for Time {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_written_only_where_there_are_some() {
        assert_eq!(Time(Timestamp(1_000_000)).text(), "1970-01-01T00:00:01Z");
        assert_eq!(Time(Timestamp(1_500_000)).text(), "1970-01-01T00:00:01.5Z");
    }
}
