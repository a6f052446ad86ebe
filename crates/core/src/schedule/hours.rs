//! Active hours: a window of local wall-clock time on some days of the week.

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::Days;
use crate::time::Timestamp;

/// The hours in which jobs are begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveHours {
    /// The days on which a window begins.
    pub days: Days,
    /// When it begins, included.
    pub start: Time,
    /// When it ends, excluded. Not after `start`: then it ends on the next day.
    pub end: Time,
}

/// Whether jobs may be begun now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// They may.
    Open {
        /// Until then; `None` where no end is in sight.
        until: Option<Timestamp>,
    },
    /// They may not.
    Closed {
        /// Until then.
        opens: Timestamp,
    },
}

impl Gate {
    /// Whether jobs may be begun now.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// When it changes by itself.
    #[must_use]
    pub const fn changes_at(self) -> Option<Timestamp> {
        match self {
            Self::Open { until } => until,
            Self::Closed { opens } => Some(opens),
        }
    }
}

/// Windows that are looked at: from yesterday's, which may last into today, until the same day of the next week.
const LOOKED_AT_DAYS: std::ops::RangeInclusive<i64> = -1..=8;

impl ActiveHours {
    /// Whether an instant lies in a window, by the clocks of a zone. A window is from an instant to another one: an hour
    /// that a clock shows twice neither opens nor closes it a second time, and one that it skips moves it on.
    #[must_use]
    pub fn at(&self, now: Timestamp, zone: &TimeZone) -> Gate {
        let Ok(instant) = jiff::Timestamp::from_microsecond(now.0) else { return Gate::Open { until: None } };
        let today = zone.to_datetime(instant).date();
        let windows = LOOKED_AT_DAYS.filter_map(|day| self.window(today.checked_add(day.days()).ok()?, zone));
        let mut open_until: Option<Timestamp> = None;
        for (from, to) in windows.filter(|(_, to)| *to > now) {
            match open_until {
                None if from > now => return Gate::Closed { opens: from },
                None => open_until = Some(to),
                Some(until) if from > until => return Gate::Open { until: Some(until) },
                Some(until) => open_until = Some(until.max(to)),
            }
        }
        // Windows without a gap for more than a week. There is one at least: no set of days is empty.
        Gate::Open { until: None }
    }

    fn window(&self, day: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        if !self.days.has(day.weekday()) {
            return None;
        }
        let last = if self.end <= self.start { day.tomorrow().ok()? } else { day };
        let instant = |day: Date, time: Time| {
            let zoned = zone.to_zoned(day.to_datetime(time)).ok()?;
            Some(Timestamp(zoned.timestamp().as_microsecond()))
        };
        Some((instant(day, self.start)?, instant(last, self.end)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules of central Europe: clocks skip 2:00 to 3:00 on the last Sunday of March, and show it twice in October.
    fn zone() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn hours(days: &str, start: &str, end: &str) -> ActiveHours {
        ActiveHours { days: Days::parse(days).unwrap(), start: start.parse().unwrap(), end: end.parse().unwrap() }
    }

    /// An instant by its offset, and what the gate is then, in the same words.
    #[track_caller]
    fn check(hours: ActiveHours, now: &str, expected: &str) {
        let now = Timestamp(now.parse::<jiff::Timestamp>().unwrap().as_microsecond());
        let shown = |at: Timestamp| {
            jiff::Timestamp::from_microsecond(at.0).unwrap().to_zoned(zone()).strftime("%a %d %H:%M %z").to_string()
        };
        let gate = match hours.at(now, &zone()) {
            Gate::Open { until: None } => "open".to_owned(),
            Gate::Open { until: Some(until) } => format!("open until {}", shown(until)),
            Gate::Closed { opens } => format!("opens {}", shown(opens)),
        };
        assert_eq!(gate, expected, "at {now:?}");
    }

    #[test]
    fn a_window_in_the_day_begins_with_its_start_and_is_over_at_its_end() {
        // 23 November 2026 is a Monday.
        let office = hours("0,1,2,3,4", "09:00", "17:00");
        check(office, "2026-11-23T08:59:59+01", "opens Mon 23 09:00 +0100");
        check(office, "2026-11-23T09:00:00+01", "open until Mon 23 17:00 +0100");
        check(office, "2026-11-23T17:00:00+01", "opens Tue 24 09:00 +0100");
        check(office, "2026-11-27T17:00:00+01", "opens Mon 30 09:00 +0100");
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
        let monday_night = hours("0", "22:00", "06:00");
        check(monday_night, "2026-11-23T05:00:00+01", "opens Mon 23 22:00 +0100");
        check(monday_night, "2026-11-23T22:00:00+01", "open until Tue 24 06:00 +0100");
        check(monday_night, "2026-11-24T05:59:59+01", "open until Tue 24 06:00 +0100");
        check(monday_night, "2026-11-24T06:00:00+01", "opens Mon 30 22:00 +0100");
        let nights = hours("0,1,2,3,4,5,6", "22:00", "06:00");
        check(nights, "2026-11-24T03:00:00+01", "open until Tue 24 06:00 +0100");
        check(nights, "2026-11-24T12:00:00+01", "opens Tue 24 22:00 +0100");
    }

    #[test]
    fn windows_that_touch_are_one_and_whole_days_on_end_have_no_end() {
        let whole_days = hours("5,6", "00:00", "00:00");
        check(whole_days, "2026-11-28T10:00:00+01", "open until Mon 30 00:00 +0100");
        check(whole_days, "2026-11-30T10:00:00+01", "opens Sat 05 00:00 +0100");
        check(hours("0,1,2,3,4,5,6", "08:00", "08:00"), "2026-11-28T10:00:00+01", "open");
    }

    #[test]
    fn a_night_in_which_clocks_change_is_shorter_or_longer_and_opens_once() {
        let nights = hours("0,1,2,3,4,5,6", "22:00", "06:00");
        check(nights, "2026-03-28T23:00:00+01", "open until Sun 29 06:00 +0200");
        check(nights, "2026-10-24T23:00:00+02", "open until Sun 25 06:00 +0100");
        // Half past two comes twice; the window ends with the first, and does not begin again.
        let early = hours("6", "01:00", "02:30");
        check(early, "2026-10-25T02:29:00+02", "open until Sun 25 02:30 +0200");
        check(early, "2026-10-25T02:10:00+01", "opens Sun 01 01:00 +0100");
        // Half past two does not come at all.
        let skipped = hours("6", "02:30", "05:00");
        check(skipped, "2026-03-29T01:59:00+01", "opens Sun 29 03:30 +0200");
        check(skipped, "2026-03-29T03:30:00+02", "open until Sun 29 05:00 +0200");
    }
}
