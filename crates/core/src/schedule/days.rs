//! Days of the week, as the settings name them.

use std::fmt;

use jiff::civil::Weekday;

/// Some days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days(u8);

impl Days {
    /// All seven.
    pub const ALL: Self = Self(0b111_1111);

    /// Reads numbers with commas between them, 0 for Monday (`facts` §2), such as `0,1,2,3,4`. No day is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut days = 0;
        for number in text.split(',') {
            let day: u8 = number.trim().parse().ok().filter(|day| *day < 7)?;
            days |= 1 << day;
        }
        Some(Self(days))
    }

    /// Whether a day is one of them.
    #[must_use]
    pub fn has(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days: Vec<String> = (0..7).filter(|day| self.0 & (1 << day) != 0).map(|day: u8| day.to_string()).collect();
        f.write_str(&days.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_as_they_are_written_and_nonsense_is_none() {
        assert_eq!(Days::parse("0,1,2,3,4,5,6"), Some(Days::ALL));
        let weekend = Days::parse(" 6, 5 ,5").unwrap();
        assert_eq!(weekend.to_string(), "5,6");
        assert!(weekend.has(Weekday::Sunday) && weekend.has(Weekday::Saturday) && !weekend.has(Weekday::Monday));
        for wrong in ["", "7", "-1", "mon", "0,,1", "0;1"] {
            assert_eq!(Days::parse(wrong), None, "{wrong:?}");
        }
    }
}
