//! The hours in which jobs are begun, as they were set.

use jiff::tz::TimeZone;
use mediaflow_core::schedule::{ActiveHours, Days, Gate};
use mediaflow_core::time::Timestamp;
use mediaflow_store::{Reader, StoreError};
use serde_json::Value;

use super::kind::time_of_day;
use super::{ACTIVE_DAYS, ACTIVE_FROM, ACTIVE_HOURS, ACTIVE_UNTIL, AT_THEIR_END, value};

/// Running jobs go on when the hours end.
pub const FINISH: &str = "finish";
/// Running jobs are held when the hours end, and go on by themselves when they begin again.
pub const PAUSE: &str = "pause";

/// When jobs are begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// The hours; `None` for always.
    pub hours: Option<ActiveHours>,
    /// Whether jobs that run are held at their end.
    pub pauses_at_end: bool,
}

impl Schedule {
    /// Whether jobs may be begun now, by this machine's clock and zone.
    #[must_use]
    pub fn gate(&self, now: Timestamp) -> Gate {
        self.hours.map_or(Gate::Open { until: None }, |hours| hours.at(now, &TimeZone::system()))
    }
}

/// When jobs are begun.
pub fn schedule(reader: &Reader<'_>) -> Result<Schedule, StoreError> {
    let text = |key| Ok::<_, StoreError>(value(reader, key)?.as_str().map(str::to_owned).unwrap_or_default());
    let pauses_at_end = text(AT_THEIR_END)? == PAUSE;
    let is_on = value(reader, ACTIVE_HOURS)? == Value::Bool(true);
    let read = || {
        let (days, start, end) = (text(ACTIVE_DAYS)?, text(ACTIVE_FROM)?, text(ACTIVE_UNTIL)?);
        let hours =
            || Some(ActiveHours { days: Days::parse(&days)?, start: time_of_day(&start)?, end: time_of_day(&end)? });
        Ok::<_, StoreError>(hours())
    };
    Ok(Schedule { hours: if is_on { read()? } else { None }, pauses_at_end })
}
