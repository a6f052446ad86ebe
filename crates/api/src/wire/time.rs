//! Instants on the wire.

use std::borrow::Cow;

use mediaflow_core::time::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// RFC 3339 in UTC with `Z`; fractions of a second only where there are some, as the contract writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Timestamp);

impl Time {
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
