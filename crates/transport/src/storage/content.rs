//! Hashing files: all of one, or the two ends that tell it from any other.

use std::io::{self, Read, Seek, SeekFrom};

use mediaflow_core::identity::{ContentId, Hash};

/// Large enough that a disk streams, small enough for the processor's cache.
const BUFFER_BYTES: usize = 256 * 1024;

/// Hashes bytes as they pass by.
#[derive(Debug, Default)]
pub struct PassingHash(blake3::Hasher);

impl PassingHash {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// How many bytes there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.count()
    }

    /// The hash of all of them.
    #[must_use]
    pub fn finish(&self) -> Hash {
        Hash::new(*self.0.finalize().as_bytes())
    }
}

/// Hashes everything that a reader still gives; returns the hash and how many bytes there were.
pub fn hash_all(reader: &mut impl Read) -> io::Result<(Hash, u64)> {
    let mut hash = PassingHash::default();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((hash.finish(), hash.count()))
}

/// What counts for the content id of a file of `size_bytes`, as offsets and lengths: its first and last
/// [`ContentId::EDGE_BYTES`], or all of it when it is no longer than [`ContentId::WHOLE_BYTES`].
#[must_use]
pub fn what_counts(size_bytes: u64) -> Vec<(u64, u64)> {
    let edge = ContentId::EDGE_BYTES as u64;
    if size_bytes <= ContentId::WHOLE_BYTES {
        vec![(0, size_bytes)]
    } else {
        vec![(0, edge), (size_bytes - edge, edge)]
    }
}

/// The content id of a file of `size_bytes`.
pub fn content_id(file: &mut (impl Read + Seek), size_bytes: u64) -> io::Result<ContentId> {
    let mut hasher = blake3::Hasher::new();
    for (offset, bytes) in what_counts(size_bytes) {
        file.seek(SeekFrom::Start(offset))?;
        let taken = io::copy(&mut Read::take(&mut *file, bytes), &mut hasher)?;
        if taken < bytes {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was read"));
        }
    }
    Ok(ContentId { size_bytes, edges: Hash::new(*hasher.finalize().as_bytes()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn id(bytes: &[u8]) -> ContentId {
        content_id(&mut Cursor::new(bytes), bytes.len() as u64).unwrap()
    }

    #[test]
    fn both_ends_and_the_length_count_and_short_files_count_whole() {
        let (edge, whole) = (ContentId::EDGE_BYTES, usize::try_from(ContentId::WHOLE_BYTES).unwrap());
        let film = vec![7_u8; whole + 1];
        for (at, differs) in [(0, true), (edge - 1, true), (edge, false), (whole - edge, false), (whole, true)] {
            let mut other = film.clone();
            other[at] = 8;
            assert_eq!(id(&film) != id(&other), differs, "byte {at}");
        }
        assert_ne!(id(&film), id(&film[1..]));
        let mut short = vec![7_u8; whole];
        let before = id(&short);
        short[whole / 2] = 8;
        assert_ne!(before, id(&short), "a hole in a short file");
        assert_eq!(id(b"clip").edges, Hash::of_bytes(b"clip"));
    }

    #[test]
    fn a_file_that_shrinks_while_it_is_read_has_no_identity() {
        assert!(content_id(&mut Cursor::new(b"short"), 6).is_err());
    }
}
