//! A small TrueType font of our own, for the clip that carries one: every dot of a letter is a square outline.
//!
//! Layout after the `OpenType` specification 1.9; only the tables that it requires.

use super::glyphs;

/// Family name, as styled subtitles ask for it.
pub const FAMILY: &str = "MediaFlow Dots";

const UNITS_PER_EM: i32 = 1000;
/// Font units for each dot; seven rows stand on the base line.
const DOT: i32 = 100;
const ADVANCE: i32 = (glyphs::WIDTH as i32 + 1) * DOT;
const ASCENT: i32 = (glyphs::HEIGHT as i32 + 1) * DOT;
const DESCENT: i32 = -2 * DOT;

/// The file.
pub fn write() -> Vec<u8> {
    let outlines: Vec<Outline> = [[0; glyphs::HEIGHT]; 2] // .notdef and the space
        .into_iter()
        .chain(glyphs::GLYPHS.iter().map(|(_, rows)| *rows))
        .map(Outline::new)
        .collect();
    let mut glyf = Vec::new();
    let mut loca = Vec::new();
    let mut hmtx = Vec::new();
    for outline in &outlines {
        loca.extend(long(glyf.len()));
        hmtx.extend(words([ADVANCE, outline.left]));
        glyf.extend_from_slice(&outline.bytes);
    }
    loca.extend(long(glyf.len()));
    let count = outlines.len() as i32;
    let contours = outlines.iter().map(|outline| outline.contours).max().unwrap_or(0);
    // In the order of their tags, as the directory must be.
    let tables = [
        (*b"OS/2", os2()),
        (*b"cmap", cmap()),
        (*b"glyf", glyf),
        (*b"head", head()),
        (*b"hhea", words([1, 0, ASCENT, DESCENT, 0, ADVANCE, 0, 0, ADVANCE, 1, 0, 0, 0, 0, 0, 0, 0, count])),
        (*b"hmtx", hmtx),
        (*b"loca", loca),
        (*b"maxp", words([1, 0, count, contours * 4, contours, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0])),
        (*b"name", name()),
        (*b"post", words([3, 0, 0, 0, -DOT, DOT / 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])),
    ];
    assemble(&tables)
}

/// The outline of one letter, padded to four bytes.
struct Outline {
    bytes: Vec<u8>,
    contours: i32,
    left: i32,
}

impl Outline {
    fn new(rows: [u8; glyphs::HEIGHT]) -> Self {
        let squares: Vec<(i32, i32)> = (0..glyphs::HEIGHT)
            .flat_map(|row| (0..glyphs::WIDTH).map(move |column| (row, column)))
            .filter(|(row, column)| glyphs::dot(rows[*row], *column))
            .map(|(row, column)| (column as i32 * DOT, (glyphs::HEIGHT - 1 - row) as i32 * DOT))
            .collect();
        let contours = squares.len() as i32;
        let lowest = |values: &mut dyn Iterator<Item = i32>| values.min().unwrap_or(0);
        let left = lowest(&mut squares.iter().map(|s| s.0));
        let bottom = lowest(&mut squares.iter().map(|s| s.1));
        let right = squares.iter().map(|s| s.0 + DOT).max().unwrap_or(0);
        let top = squares.iter().map(|s| s.1 + DOT).max().unwrap_or(0);
        if squares.is_empty() {
            return Self { bytes: Vec::new(), contours: 0, left: 0 };
        }
        let mut bytes = words([contours, left, bottom, right, top]);
        bytes.extend((1..=contours).flat_map(|n| words([n * 4 - 1])));
        bytes.extend(words([0])); // no hinting instructions
        bytes.extend(std::iter::repeat_n(1_u8, squares.len() * 4)); // all points on the curve, steps of 16 bits
        // Clockwise, from the lower left; each coordinate as a step from the one before.
        let corners = |(x, y): &(i32, i32)| [(*x, *y), (*x, y + DOT), (x + DOT, y + DOT), (x + DOT, *y)];
        let points: Vec<(i32, i32)> = squares.iter().flat_map(corners).collect();
        bytes.extend(steps(points.iter().map(|point| point.0)));
        bytes.extend(steps(points.iter().map(|point| point.1)));
        pad(&mut bytes);
        Self { bytes, contours, left }
    }
}

fn steps(values: impl Iterator<Item = i32>) -> Vec<u8> {
    let mut before = 0;
    values.flat_map(|value| words([value - std::mem::replace(&mut before, value)])).collect()
}

fn head() -> Vec<u8> {
    let mut table = words([1, 0, 1, 0, 0, 0, 0x5f0f, 0x3cf5, 3, UNITS_PER_EM]);
    table.extend([0; 16]); // made and changed: no clock here
    table.extend(words([0, 0, ADVANCE, ASCENT, 0, 8, 2, 1, 0]));
    table
}

/// Format 4 with one segment a letter; small letters share the outlines of the capitals.
fn cmap() -> Vec<u8> {
    let mut codes: Vec<(i32, i32)> = vec![(i32::from(b' '), 1)];
    for ((letter, _), outline) in glyphs::GLYPHS.iter().zip(2..) {
        codes.push((*letter as i32, outline));
        if letter.is_ascii_uppercase() {
            codes.push((letter.to_ascii_lowercase() as i32, outline));
        }
    }
    codes.sort_unstable();
    codes.push((0xffff, 0));
    let segments = codes.len() as i32;
    let ends: Vec<u8> = codes.iter().flat_map(|(code, _)| words([*code])).collect();
    let deltas = codes.iter().flat_map(|(code, outline)| words([if *code == 0xffff { 1 } else { outline - code }]));
    let search = 1 << (segments.ilog2() + 1);
    let length = 16 + segments * 8;
    let ladder = [search, segments.ilog2() as i32, segments * 2 - search];
    let mut table = words([0, 1, 3, 1, 0, 12, 4, length, 0, segments * 2, ladder[0], ladder[1], ladder[2]]);
    table.extend(&ends);
    table.extend(words([0]));
    table.extend(&ends); // the start of a segment of one is its end
    table.extend(deltas);
    table.extend(codes.iter().flat_map(|_| words([0])));
    table
}

fn name() -> Vec<u8> {
    let texts = [(1, FAMILY), (2, "Regular"), (4, FAMILY), (6, "MediaFlowDots-Regular")];
    let mut table = words([0, texts.len() as i32, 6 + 12 * texts.len() as i32]);
    let mut strings = Vec::new();
    for (id, text) in texts {
        let encoded: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        table.extend(words([3, 1, 0x409, id, encoded.len() as i32, strings.len() as i32]));
        strings.extend(encoded);
    }
    table.extend(strings);
    table
}

/// Version 0: average width, weight, width class, free to embed, sub- and superscript boxes, strike-out.
fn os2() -> Vec<u8> {
    let mut table = words([0, ADVANCE, 400, 5, 0, 650, 600, 0, 75, 650, 600, 0, 350, 50, 300, 0]);
    table.extend([0; 10]); // no PANOSE class
    table.extend([0, 0, 0, 1]); // Basic Latin
    table.extend([0; 12]);
    table.extend(b"MFLW");
    table.extend(words([0x40, i32::from(b' '), i32::from(b'z'), ASCENT, DESCENT, 0, ASCENT, -DESCENT]));
    table
}

fn assemble(tables: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let count = tables.len() as i32;
    let search = 16 << count.ilog2();
    let mut file = words([1, 0, count, search, count.ilog2() as i32, count * 16 - search]);
    let mut start = file.len() + 16 * tables.len();
    let mut adjustment = 0;
    for (tag, table) in tables {
        if tag == b"head" {
            adjustment = start + 8;
        }
        file.extend_from_slice(tag);
        file.extend(checksum(table).to_be_bytes());
        file.extend(long(start));
        file.extend(long(table.len()));
        start += table.len().next_multiple_of(4);
    }
    for (_, table) in tables {
        file.extend_from_slice(table);
        pad(&mut file);
    }
    let whole = 0xb1b0_afba_u32.wrapping_sub(checksum(&file));
    file[adjustment..adjustment + 4].copy_from_slice(&whole.to_be_bytes());
    file
}

/// The sum of all 32-bit words, the last one filled up with zeros.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.chunks(4).fold(0, |sum, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

/// 16-bit words; negative ones as two's complement.
fn words<const N: usize>(values: [i32; N]) -> Vec<u8> {
    values.into_iter().flat_map(|value| (value as u16).to_be_bytes()).collect()
}

fn long(value: usize) -> [u8; 4] {
    (value as u32).to_be_bytes()
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_font_adds_up_to_the_sum_that_readers_check() {
        assert_eq!(checksum(&write()), 0xb1b0_afba);
    }

    #[test]
    fn every_table_lies_where_the_directory_says_and_sums_up() {
        let file = write();
        let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        for entry in (12..12 + 16 * 10).step_by(16) {
            let tag = String::from_utf8_lossy(&file[entry..entry + 4]).into_owned();
            let (sum, start, length) = (number(entry + 4), number(entry + 8), number(entry + 12));
            let mut table = file[start..start + length].to_vec();
            if tag == "head" {
                table[8..12].fill(0);
            }
            assert_eq!((checksum(&table) as usize, start % 4), (sum, 0), "{tag}");
        }
    }
}
