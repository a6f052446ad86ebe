//! What is done to a clip's bytes after ffmpeg has written them: things that its muxers cannot be asked for in the
//! same words by every version.

/// A change of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// `length` bytes in the middle become zero, as after a bad sector.
    Hole {
        /// Length in bytes.
        length: usize,
    },
    /// The first track of an MP4 is shown turned by 90° clockwise, as a phone held upright stores it.
    TurnRight,
}

impl Edit {
    /// Changes `bytes`. A file that is too short, or without a track to turn, is left as it is.
    pub fn apply(self, bytes: &mut [u8]) {
        match self {
            Self::Hole { length } => {
                let start = bytes.len() / 2;
                let end = bytes.len().min(start + length);
                bytes[start..end].fill(0);
            }
            Self::TurnRight => turn_right(bytes),
        }
    }
}

/// ISO/IEC 14496-12, 8.3.2: the matrix lies 40 bytes into the body of `tkhd` version 0 and is {a,b,u, c,d,v, x,y,w} in
/// 16.16 fixed point (u, v, w in 2.30). A turn by 90° clockwise has a = d = 0, b = 1, c = -1.
fn turn_right(bytes: &mut [u8]) {
    const FIXED_ONE: i32 = 0x1_0000;
    const UNIT: i32 = 0x4000_0000;
    let Some(body) = bytes.windows(4).position(|name| name == b"tkhd").map(|name| name + 4) else { return };
    let Some(matrix) = bytes.get_mut(body + 40..body + 76) else { return };
    let turned = [0, FIXED_ONE, 0, -FIXED_ONE, 0, 0, 0, 0, UNIT];
    for (cell, value) in matrix.chunks_exact_mut(4).zip(turned) {
        cell.copy_from_slice(&value.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_in_the_middle_and_never_beyond_the_end() {
        let mut bytes = [7; 10];
        Edit::Hole { length: 3 }.apply(&mut bytes);
        assert_eq!(bytes, [7, 7, 7, 7, 7, 0, 0, 0, 7, 7]);
        Edit::Hole { length: 99 }.apply(&mut bytes);
        assert_eq!(bytes[5..], [0; 5]);
    }

    #[test]
    fn a_file_without_a_track_is_left_alone() {
        let mut bytes = *b"....tkhd";
        Edit::TurnRight.apply(&mut bytes);
        assert_eq!(&bytes, b"....tkhd");
    }
}
