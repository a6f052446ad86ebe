//! A file in pieces that are sent, hashed and sent again by themselves.

/// Bytes of a piece. Small enough that one which broke is soon sent again.
const PIECE_BYTES: u64 = 32 * 1024 * 1024;

/// Those of a large file are larger: each is a program there to start, and a channel whose buffer grows anew at the SSH
/// server, which together took a tenth of the processor's time.
const LARGE_PIECE_BYTES: u64 = 64 * 1024 * 1024;
const LARGE_FROM_BYTES: u64 = 500 * 1000 * 1000;

/// What pieces are counted in on the other machine, where `dd` does the writing; and what it reads at a time for the program
/// that hashes: with 1 MiB, which no longer lies in the processor's own memory when that takes it, the two of them took a
/// sixth more.
pub(super) const BLOCK_BYTES: u64 = 64 * 1024;

/// A piece of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    /// Where it begins; a multiple of [`BLOCK_BYTES`].
    pub(super) offset: u64,
    /// How long it is; shorter than the others at the end of the file only.
    pub(super) bytes: u64,
}

impl Range {
    /// Blocks that hold it.
    pub(super) fn blocks(self) -> u64 {
        self.bytes.div_ceil(BLOCK_BYTES)
    }
}

/// The pieces of a file in their order, the same for every transfer of it. An empty file has one empty piece, so that it,
/// too, is made there.
pub(super) fn split(size_bytes: u64) -> Vec<Range> {
    let piece_bytes = if size_bytes < LARGE_FROM_BYTES { PIECE_BYTES } else { LARGE_PIECE_BYTES };
    let count = size_bytes.div_ceil(piece_bytes).max(1);
    (0..count)
        .map(|number| {
            let offset = number * piece_bytes;
            Range { offset, bytes: (size_bytes - offset).min(piece_bytes) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_the_whole_file_once() {
        let large = LARGE_FROM_BYTES.next_multiple_of(LARGE_PIECE_BYTES);
        for size in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 5 * PIECE_BYTES + 7, large, large + 7] {
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
