//! A file in pieces that are sent, hashed and sent again by themselves.

/// Bytes of a piece. Large enough that starting a program there for each costs nothing, small enough that one which
/// broke is soon sent again.
pub(super) const RANGE_BYTES: u64 = 32 * 1024 * 1024;

/// What pieces are counted in on the other machine, where `dd` does the writing.
pub(super) const BLOCK_BYTES: u64 = 1024 * 1024;

/// A piece of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    /// Where it begins; a multiple of [`BLOCK_BYTES`].
    pub(super) offset: u64,
    /// How long it is; shorter than [`RANGE_BYTES`] at the end of the file only.
    pub(super) bytes: u64,
}

/// The pieces of a file in their order. An empty file has one empty piece, so that it, too, is made there.
pub(super) fn split(size_bytes: u64) -> Vec<Range> {
    let count = size_bytes.div_ceil(RANGE_BYTES).max(1);
    (0..count)
        .map(|number| {
            let offset = number * RANGE_BYTES;
            Range { offset, bytes: (size_bytes - offset).min(RANGE_BYTES) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_the_whole_file_once() {
        for size in [0, 1, RANGE_BYTES - 1, RANGE_BYTES, RANGE_BYTES + 1, 5 * RANGE_BYTES + 7] {
            let pieces = split(size);
            let mut end = 0;
            for piece in &pieces {
                assert_eq!((piece.offset, piece.offset % BLOCK_BYTES), (end, 0), "{size}: {pieces:?}");
                end += piece.bytes;
            }
            assert_eq!(end, size);
        }
    }
}
