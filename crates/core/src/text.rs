//! Sizes, rates, numbers and times as people read them.

use std::fmt::Display;

/// Bytes in decimal units with one decimal, as disk makers and Plex count: `1.2 GB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    #[allow(clippy::cast_precision_loss)]
    let mut value = bytes as f64;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// Bytes with a sign, for savings that may be negative.
#[must_use]
pub fn signed_bytes(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", bytes(value.unsigned_abs()))
}

/// A number with its noun: `1 file`, `2 files`. The noun is one that takes an `s`.
#[must_use]
pub fn count<N: Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let ending = if number == N::from(1) { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// Seconds as `h:mm:ss`.
#[must_use]
pub fn duration(seconds: u64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A span of time as people say it: `40 s`, `12 min`, `2 h 30 min`.
#[must_use]
pub fn span(seconds: u64) -> String {
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A word of a command line as a person would type it into a shell. For showing only: programs are started from vectors.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_not_several() {
        assert_eq!(count(0_u64, "file"), "0 files");
        assert_eq!(count(1_usize, "unfinished job"), "1 unfinished job");
        assert_eq!(count(2_i64, "hard link"), "2 hard links");
    }

    #[test]
    fn sizes_change_unit_where_a_reader_would() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1000), "1.0 kB");
        assert_eq!(bytes(999_960), "1.0 MB");
        assert_eq!(bytes(1_234_000_000), "1.2 GB");
        assert_eq!(signed_bytes(-1500), "-1.5 kB");
        assert_eq!(duration(3_725), "1:02:05");
    }

    #[test]
    fn spans_are_said_as_people_do() {
        assert_eq!([0, 89, 90, 3570, 5399, 9000].map(span), ["0 s", "89 s", "2 min", "60 min", "90 min", "2 h 30 min"]);
    }
}
