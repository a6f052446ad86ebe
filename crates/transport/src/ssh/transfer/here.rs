//! A file of this machine as an end of a transfer.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::fingerprint::{Fingerprint, Hash, Hasher};
use super::ranges::Range;
use super::{TransferError, failed};

/// What is read at a time: little enough to be hashed and encrypted before it leaves the processor's own memory.
const CHUNK_BYTES: usize = 64 * 1024;

#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    pub(super) file: &'a File,
    pub(super) path: &'a Path,
}

impl Here<'_> {
    /// The fingerprint of a piece; `None` when the file ends before it does.
    pub(super) fn fingerprint(&self, range: Range, hash: &Hash) -> Result<Option<Fingerprint>, TransferError> {
        let mut hasher = hash.hasher();
        let count = self.chunks(range, |chunk| {
            hasher.update(chunk);
            true
        });
        let count = count.map_err(failed("read", self.path))?;
        Ok((count == range.bytes).then(|| hasher.finish()))
    }

    /// Hands over a piece until `on_chunk` returns false; gives the fingerprint of what it handed over.
    pub(super) fn read(
        &self,
        range: Range,
        hash: &Hash,
        on_chunk: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Option<Fingerprint>, TransferError> {
        let mut reading = self.reading(range, hash);
        while reading.next().is_some_and(|chunk| on_chunk(&chunk)) {}
        reading.finish()
    }

    /// Reads a piece, one chunk at a time.
    pub(super) fn reading(&self, range: Range, hash: &Hash) -> Reading<'_> {
        Reading { here: *self, range, at: 0, hasher: hash.hasher(), failed: None }
    }

    /// Writes bytes in place.
    pub(super) fn put(&self, offset: u64, bytes: &[u8]) -> Result<(), TransferError> {
        self.file.write_all_at(bytes, offset).map_err(failed("write", self.path))
    }

    /// Gives how many bytes there were.
    fn chunks(&self, range: Range, mut on_chunk: impl FnMut(&[u8]) -> bool) -> io::Result<u64> {
        let mut buffer = vec![0; CHUNK_BYTES];
        let mut at = 0;
        while at < range.bytes {
            let left = usize::try_from(range.bytes - at).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
            let chunk = buffer.get_mut(..left).unwrap_or_default();
            let count = self.fill(chunk, range.offset + at)?;
            at += count as u64;
            if !on_chunk(chunk.get(..count).unwrap_or_default()) || count < left {
                break;
            }
        }
        Ok(at)
    }

    /// Reads until the chunk is full or the file ends; gives how many bytes there were.
    fn fill(&self, chunk: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut count = 0;
        while let Some(room @ [_, ..]) = chunk.get_mut(count..) {
            match self.file.read_at(room, offset + count as u64)? {
                0 => break,
                read => count += read,
            }
        }
        Ok(count)
    }
}

/// A piece that is being read.
pub(super) struct Reading<'a> {
    here: Here<'a>,
    range: Range,
    at: u64,
    hasher: Hasher,
    failed: Option<io::Error>,
}

impl Reading<'_> {
    /// The next chunk; `None` at the end, of the piece or of the file, and when it cannot be read.
    pub(super) fn next(&mut self) -> Option<Vec<u8>> {
        let left = self.range.bytes - self.at;
        let mut chunk = vec![0; usize::try_from(left).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES)];
        match self.here.fill(&mut chunk, self.range.offset + self.at) {
            Ok(count) => chunk.truncate(count),
            Err(error) => {
                self.failed = Some(error);
                return None;
            }
        }
        self.at += chunk.len() as u64;
        self.hasher.update(&chunk);
        (!chunk.is_empty()).then_some(chunk)
    }

    /// The fingerprint of what was read.
    pub(super) fn finish(self) -> Result<Option<Fingerprint>, TransferError> {
        match self.failed {
            Some(error) => Err(failed("read", self.here.path)(error)),
            None => Ok(Some(self.hasher.finish())),
        }
    }
}
