//! A writer of PGS subtitles (`.sup`), the pictures that Blu-ray discs carry: ffmpeg reads them but has no encoder.
//!
//! Each shown line is one *display set* of five segments; a second set without objects takes it away again. Layout
//! after US patent 2009/0185789 A1, as ffmpeg's `pgssubdec.c` reads it.

use super::glyphs;

/// A line of text and when it is shown, in milliseconds.
pub struct Line {
    pub start_ms: u32,
    pub end_ms: u32,
    pub text: &'static str,
}

const PALETTE: u8 = 0x14;
const OBJECT: u8 = 0x15;
const COMPOSITION: u8 = 0x16;
const WINDOW: u8 = 0x17;
const END: u8 = 0x80;

const EPOCH_START: u8 = 0x80;
const NORMAL: u8 = 0x00;
/// 24 frames per second is what every decoder expects here and none uses.
const FRAME_RATE: u8 = 0x10;
const FIRST_AND_LAST: u8 = 0xc0;

/// Palette entries: the box behind the letters, and the letters.
const BOX: u8 = 1;
const INK: u8 = 2;

/// Screen dots for each dot of a letter, and around the line.
const SCALE: usize = 2;
const MARGIN: usize = 3;
/// A line longer than this would not fit the smallest clip, nor one object segment.
const MAX_LETTERS: usize = 24;

/// The whole `.sup` file for a picture of `width` by `height`.
pub fn write(lines: &[Line], width: u16, height: u16) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, line) in (0_u16..).zip(lines) {
        let picture = draw(line.text);
        let x = width.saturating_sub(picture.width) / 2;
        let y = height.saturating_sub(picture.height + 16);
        let place = Place { x, y, width: picture.width, height: picture.height };

        let shown = line.start_ms * 90;
        let object = [0, 0, 0, 0].into_iter().chain(x.to_be_bytes()).chain(y.to_be_bytes()).collect::<Vec<_>>();
        segment(&mut out, shown, COMPOSITION, &composition(width, height, number * 2, EPOCH_START, &object));
        segment(&mut out, shown, WINDOW, &place.window());
        segment(&mut out, shown, PALETTE, &palette());
        segment(&mut out, shown, OBJECT, &picture.object());
        segment(&mut out, shown, END, &[]);

        let gone = line.end_ms * 90;
        segment(&mut out, gone, COMPOSITION, &composition(width, height, number * 2 + 1, NORMAL, &[]));
        segment(&mut out, gone, WINDOW, &place.window());
        segment(&mut out, gone, END, &[]);
    }
    out
}

/// `time` is in ticks of 1/90,000 s; the decoding time is left zero, as most authoring tools do.
fn segment(out: &mut Vec<u8>, time: u32, kind: u8, body: &[u8]) {
    out.extend_from_slice(b"PG");
    out.extend_from_slice(&time.to_be_bytes());
    out.extend_from_slice(&[0; 4]);
    out.push(kind);
    out.extend_from_slice(&u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(body);
}

fn composition(width: u16, height: u16, number: u16, state: u8, object: &[u8]) -> Vec<u8> {
    let mut body = [width.to_be_bytes(), height.to_be_bytes()].concat();
    body.push(FRAME_RATE);
    body.extend_from_slice(&number.to_be_bytes());
    // No palette update; palette 0; how many objects follow.
    body.extend_from_slice(&[state, 0, 0, u8::from(!object.is_empty())]);
    body.extend_from_slice(object);
    body
}

struct Place {
    x: u16,
    y: u16,
    width: u16,
    height: u16,
}

impl Place {
    /// One window, number 0.
    fn window(&self) -> Vec<u8> {
        let sides = [self.x, self.y, self.width, self.height].map(u16::to_be_bytes);
        [1, 0].into_iter().chain(sides.concat()).collect()
    }
}

/// Palette 0, version 0; each entry is its number, Y, Cr, Cb and alpha.
fn palette() -> [u8; 12] {
    [0, 0, BOX, 16, 128, 128, 150, INK, 235, 128, 128, 255]
}

struct Picture {
    width: u16,
    height: u16,
    encoded: Vec<u8>,
}

impl Picture {
    /// Object 0, version 0, in one piece. The length counts the two sides as well.
    fn object(&self) -> Vec<u8> {
        let length = u32::try_from(self.encoded.len() + 4).unwrap_or(u32::MAX).to_be_bytes();
        let mut body = vec![0, 0, 0, FIRST_AND_LAST, length[1], length[2], length[3]];
        body.extend_from_slice(&self.width.to_be_bytes());
        body.extend_from_slice(&self.height.to_be_bytes());
        body.extend_from_slice(&self.encoded);
        body
    }
}

fn draw(text: &str) -> Picture {
    let letters: Vec<_> = text.chars().take(MAX_LETTERS).map(glyphs::rows).collect();
    let columns = letters.len() * (glyphs::WIDTH + 1);
    let is_ink = |x: usize, y: usize| {
        let (Some(x), Some(y)) = (x.checked_sub(MARGIN), y.checked_sub(MARGIN)) else { return false };
        let (column, row) = (x / SCALE, y / SCALE);
        let (letter, dot) = (column / (glyphs::WIDTH + 1), column % (glyphs::WIDTH + 1));
        row < glyphs::HEIGHT
            && dot < glyphs::WIDTH
            && letters.get(letter).is_some_and(|rows| glyphs::dot(rows[row], dot))
    };
    let (width, height) = (columns * SCALE + 2 * MARGIN, glyphs::HEIGHT * SCALE + 2 * MARGIN);
    let mut encoded = Vec::new();
    for y in 0..height {
        let row: Vec<u8> = (0..width).map(|x| if is_ink(x, y) { INK } else { BOX }).collect();
        for run in row.chunk_by(|a, b| a == b) {
            encode_run(&mut encoded, run[0], run.len());
        }
        encoded.extend_from_slice(&[0, 0]);
    }
    Picture {
        width: u16::try_from(width).unwrap_or(u16::MAX),
        height: u16::try_from(height).unwrap_or(u16::MAX),
        encoded,
    }
}

/// One run of a colour other than 0: literal when that is no longer, else a zero byte, the length in 6 or 14 bits and
/// the colour.
fn encode_run(out: &mut Vec<u8>, color: u8, length: usize) {
    let [high, low] = u16::try_from(length).unwrap_or(0x3fff).min(0x3fff).to_be_bytes();
    match length {
        0..3 => out.extend(std::iter::repeat_n(color, length)),
        3..64 => out.extend_from_slice(&[0, 0x80 | low, color]),
        _ => out.extend_from_slice(&[0, 0xc0 | high, low, color]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads run lengths back, independently of how they were written.
    fn decode(encoded: &[u8]) -> Vec<Vec<u8>> {
        let mut rows = vec![Vec::new()];
        let mut bytes = encoded.iter().copied();
        while let Some(first) = bytes.next() {
            let (length, color) = match (first, first == 0) {
                (color, false) => (1, color),
                _ => match bytes.next().unwrap() {
                    0 => {
                        rows.push(Vec::new());
                        continue;
                    }
                    flags => {
                        let mut length = usize::from(flags & 0x3f);
                        if flags & 0x40 != 0 {
                            length = length << 8 | usize::from(bytes.next().unwrap());
                        }
                        (length, if flags & 0x80 == 0 { 0 } else { bytes.next().unwrap() })
                    }
                },
            };
            rows.last_mut().unwrap().extend(std::iter::repeat_n(color, length));
        }
        rows.pop();
        rows
    }

    #[test]
    fn a_line_reads_back_as_the_letters_that_were_drawn() {
        let picture = draw("I");
        let rows = decode(&picture.encoded);
        assert_eq!((rows[0].len(), rows.len()), (usize::from(picture.width), usize::from(picture.height)));
        let shown: Vec<String> = rows
            .iter()
            .skip(MARGIN)
            .step_by(SCALE)
            .take(glyphs::HEIGHT)
            .map(|row| {
                row.iter().skip(MARGIN).step_by(SCALE).take(5).map(|c| if *c == INK { '#' } else { '.' }).collect()
            })
            .collect();
        assert_eq!(shown, [".###.", "..#..", "..#..", "..#..", "..#..", "..#..", ".###."]);
    }

    #[test]
    fn every_segment_says_its_true_length() {
        let line = |start_ms, end_ms| Line { start_ms, end_ms, text: "A line as long as it may be, and more" };
        let file = write(&[line(500, 2000), line(2500, 4000)], 640, 360);
        let (mut at, mut kinds, mut times) = (0, Vec::new(), Vec::new());
        while at < file.len() {
            assert_eq!(&file[at..at + 2], b"PG", "at byte {at}");
            times.push(u32::from_be_bytes(file[at + 2..at + 6].try_into().unwrap()));
            kinds.push(file[at + 10]);
            at += 13 + usize::from(u16::from_be_bytes([file[at + 11], file[at + 12]]));
        }
        assert_eq!(at, file.len());
        assert_eq!(kinds, [0x16, 0x17, 0x14, 0x15, 0x80, 0x16, 0x17, 0x80].repeat(2));
        assert_eq!([times[0], times[5], times[8], times[13]], [45_000, 180_000, 225_000, 360_000]);
    }
}
