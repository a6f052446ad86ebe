//! Which part of a file a request asks for, as RFC 9110 has it.

use std::ops::Range;

/// What is asked for of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of it: nothing else was asked for, or nothing that we would cut into pieces.
    Whole,
    /// One part, which lies in the file.
    Part(Range<u64>),
    /// A part that the file does not have.
    Nothing,
}

impl Wanted {
    /// Reads the value of a `Range` header for a file of `length` bytes. Several parts at once are answered with the whole,
    /// as a server may.
    #[must_use]
    pub fn of(header: Option<&str>, length: u64) -> Self {
        let Some(set) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else { return Self::Whole };
        if set.contains(',') {
            return Self::Whole;
        }
        let Some((first, last)) = set.split_once('-') else { return Self::Whole };
        let (first, last) = (first.trim(), last.trim());
        let number =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
        let range = match (number(first), number(last)) {
            // The last so many bytes.
            (None, Some(count)) if first.is_empty() => length.saturating_sub(count)..length,
            (Some(first), None) if last.is_empty() => first..length,
            (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
            _ => return Self::Whole,
        };
        if range.is_empty() { Self::Nothing } else { Self::Part(range) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_as_the_standard_says() {
        for (header, wanted) in [
            (None, Wanted::Whole),
            (Some("bytes=0-"), Wanted::Part(0..100)),
            (Some("bytes=10-19"), Wanted::Part(10..20)),
            (Some("bytes=90-1000"), Wanted::Part(90..100)),
            (Some("bytes=-10"), Wanted::Part(90..100)),
            (Some("bytes=-1000"), Wanted::Part(0..100)),
            (Some("bytes=100-"), Wanted::Nothing),
            (Some("bytes=-0"), Wanted::Nothing),
            (Some("bytes=20-10"), Wanted::Whole),
            (Some("bytes=0-1,5-6"), Wanted::Whole),
            (Some("bytes=a-b"), Wanted::Whole),
            (Some("bytes=+1-2"), Wanted::Whole),
            (Some("bytes=99999999999999999999-"), Wanted::Whole),
            (Some("lines=1-2"), Wanted::Whole),
        ] {
            assert_eq!(Wanted::of(header, 100), wanted, "{header:?}");
        }
        assert_eq!(Wanted::of(Some("bytes=0-"), 0), Wanted::Nothing);
    }
}
