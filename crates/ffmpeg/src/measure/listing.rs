//! Parsing what the `framecrc` and `framehash` muxers print: one line a frame or packet.

use std::collections::BTreeMap;

/// One decoded frame or one packet. A film has half a million of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Presentation time in microseconds of the file's own time.
    pub pts_us: i64,
    /// Duration in microseconds; of audio frames that is samples by sample rate.
    pub duration_us: i64,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Hash of the bytes (128 bits of MurmurHash3); 0 where it was not wanted.
    pub hash: u128,
}

/// Everything listed, by the position of each stream among those that were mapped.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Entries of each stream in decoding order.
    pub streams: BTreeMap<usize, Vec<Entry>>,
}

/// Reads a listing line by line.
#[derive(Debug, Default)]
pub struct ListingParser {
    bases: BTreeMap<usize, (i64, i64)>,
    keep_hashes: bool,
    reached_us: i64,
    listing: Listing,
}

impl ListingParser {
    /// A parser; hashes are read when they are wanted.
    #[must_use]
    pub fn new(keep_hashes: bool) -> Self {
        Self { keep_hashes, ..Self::default() }
    }

    /// Takes one line. Lines that are neither a time base nor an entry are passed over.
    pub fn line(&mut self, line: &[u8]) {
        let Ok(line) = std::str::from_utf8(line) else { return };
        if let Some(rest) = line.strip_prefix("#tb ") {
            if let Some((index, base)) = time_base(rest) {
                self.bases.insert(index, base);
                self.listing.streams.entry(index).or_default();
            }
            return;
        }
        if line.starts_with('#') {
            return;
        }
        if let Some((stream, entry)) = self.entry(line) {
            self.reached_us = entry.pts_us;
            self.listing.streams.entry(stream).or_default().push(entry);
        }
    }

    /// The time of the last entry, in microseconds: how far a decode has come.
    #[must_use]
    pub const fn reached_us(&self) -> i64 {
        self.reached_us
    }

    fn entry(&self, line: &str) -> Option<(usize, Entry)> {
        let mut fields = line.split(',').map(str::trim);
        let stream: usize = fields.next()?.parse().ok()?;
        let (dts, pts) = (time(fields.next()?)?, time(fields.next()?)?);
        let duration: i64 = fields.next()?.parse().ok()?;
        let size_bytes = fields.next()?.parse().ok()?;
        let hash = fields.next()?;
        let base = *self.bases.get(&stream)?;
        let hash = if self.keep_hashes { u128::from_str_radix(hash, 16).ok()? } else { 0 };
        // Program streams give a time to some packets only; the others follow on what came before them.
        let pts_us = match pts.or(dts) {
            Some(ticks) => to_us(ticks, base),
            None => {
                self.listing.streams.get(&stream)?.last().map_or(0, |last| last.pts_us.saturating_add(last.duration_us))
            }
        };
        Some((stream, Entry { pts_us, duration_us: to_us(duration.max(0), base), size_bytes, hash }))
    }

    /// All that was read. Frames come in the order of their times, which a decoder of reordered pictures keeps anyway.
    #[must_use]
    pub fn finish(self) -> Listing {
        self.listing
    }
}

/// A time in ticks; ffmpeg prints the least integer for "none".
fn time(text: &str) -> Option<Option<i64>> {
    match text {
        "NOPTS" => Some(None),
        text => text.parse().ok().map(|ticks| Some(ticks).filter(|ticks| *ticks != i64::MIN)),
    }
}

fn time_base(text: &str) -> Option<(usize, (i64, i64))> {
    let (index, base) = text.split_once(':')?;
    let (num, den) = base.trim().split_once('/')?;
    let (num, den): (i64, i64) = (num.parse().ok()?, den.parse().ok()?);
    (den > 0).then_some((index.trim().parse().ok()?, (num, den)))
}

/// Rounded to the nearest microsecond, in 128 bits since broadcast timestamps are long.
fn to_us(ticks: i64, (num, den): (i64, i64)) -> i64 {
    let (scaled, den) = (i128::from(ticks) * i128::from(num) * 1_000_000, i128::from(den));
    let rounded = (2 * scaled + den).div_euclid(2 * den);
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, hashes: bool) -> Listing {
        let mut parser = ListingParser::new(hashes);
        text.lines().for_each(|line| parser.line(line.as_bytes()));
        parser.finish()
    }

    #[test]
    fn frames_are_listed_in_microseconds_by_stream() {
        let listing = parse(
            "#software: Lavf59\n#tb 0: 1001/24000\n#media_type 0: video\n#tb 1: 1/48000\n\
             0,          0,          0,        1,      472, 0x400f1cdd\n\
             1,      -1024,      -1024,     1024,     4096, 0x1\n\
             0,          1,          1,        1,      472, 0x1\nnoise\n0, broken\n",
            false,
        );
        let times: Vec<i64> = listing.streams[&0].iter().map(|e| e.pts_us).collect();
        assert_eq!(times, [0, 41_708]);
        assert_eq!(listing.streams[&1][0].pts_us, -21_333);
        assert_eq!(listing.streams[&1][0].size_bytes, 4096);
    }

    #[test]
    fn packets_without_a_time_follow_on_the_last_one() {
        let none = i64::MIN;
        let listing = parse(
            &format!("#tb 0: 1/1000\n0, 40, 40, 20, 9, a\n0, {none}, {none}, 20, 9, b\n0, 80, NOPTS, 20, 9, c\n"),
            true,
        );
        let times: Vec<i64> = listing.streams[&0].iter().map(|e| e.pts_us).collect();
        assert_eq!(times, [40_000, 60_000, 80_000]);
    }

    #[test]
    fn a_stream_without_a_single_frame_is_still_listed() {
        let listing = parse("#tb 0: 1/25\n#tb 1: 1/1000\n0, 0, 0, 1, 10, abc\n", true);
        assert!(listing.streams[&1].is_empty());
        assert_eq!(listing.streams[&0][0].hash, 0xabc);
    }
}
