//! Posters: plain grey JPEG pictures of any size, written here since nothing else needs an encoder.

/// A picture of one grey, of 32 that there are.
pub(super) fn jpeg(width: u16, height: u16, shade: u8) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    // All steps of quantisation are 8, so that a flat block's only coefficient is its shade.
    segment(&mut out, 0xdb, &[&[0][..], &[8; 64]].concat());
    let [height_high, height_low] = height.to_be_bytes();
    let [width_high, width_low] = width.to_be_bytes();
    segment(&mut out, 0xc0, &[8, height_high, height_low, width_high, width_low, 1, 1, 0x11, 0]);
    // Two codes for the first coefficient: `0` for "as before", `10` for six bits of difference.
    segment(&mut out, 0xc4, &table(0x00, &[0, 6]));
    // One code for all others: `0`, the end of the block.
    segment(&mut out, 0xc4, &table(0x10, &[0]));
    segment(&mut out, 0xda, &[1, 1, 0, 0, 63, 0]);
    let mut bits = Bits::default();
    // Below the middle by 32 to 63, which is what six bits tell; what is below is told by its complement.
    bits.push(0b10, 2);
    bits.push(u16::from(31 - shade % 32), 6);
    bits.push(0, 1);
    let blocks = usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8);
    for _ in 1..blocks {
        bits.push(0, 2);
    }
    bits.end(&mut out);
    out.extend_from_slice(&[0xff, 0xd9]);
    out
}

fn segment(out: &mut Vec<u8>, marker: u8, content: &[u8]) {
    out.extend_from_slice(&[0xff, marker]);
    out.extend_from_slice(&(content.len() as u16 + 2).to_be_bytes());
    out.extend_from_slice(content);
}

/// A Huffman table of one code of each length from 1.
fn table(class: u8, symbols: &[u8]) -> Vec<u8> {
    let mut table = vec![class];
    table.extend((0..16).map(|length| u8::from(length < symbols.len())));
    table.extend_from_slice(symbols);
    table
}

#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    byte: u8,
    filled: u8,
}

impl Bits {
    fn push(&mut self, bits: u16, count: u8) {
        for nth in (0..count).rev() {
            self.byte = self.byte << 1 | (bits >> nth & 1) as u8;
            self.filled += 1;
            if self.filled == 8 {
                self.write();
            }
        }
    }

    fn write(&mut self) {
        self.out.push(self.byte);
        // A byte of ones is no marker here.
        if self.byte == 0xff {
            self.out.push(0);
        }
        (self.byte, self.filled) = (0, 0);
    }

    /// Fills the last byte with ones.
    fn end(mut self, out: &mut Vec<u8>) {
        while self.filled > 0 {
            self.push(1, 1);
        }
        out.append(&mut self.out);
    }
}
