//! A file of this machine as an end of a transfer.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::fingerprint::{Fingerprint, Hash};
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
        on_chunk: &mut dyn FnMut(Vec<u8>) -> bool,
    ) -> Result<Option<Fingerprint>, TransferError> {
        let mut hasher = hash.hasher();
        let count = self.chunks(range, |chunk| {
            hasher.update(chunk);
            on_chunk(chunk.to_vec())
        });
        count.map_err(failed("read", self.path))?;
        Ok(Some(hasher.finish()))
    }

    /// Writes a piece in place; gives what the disk gives back of it.
    pub(super) fn write(
        &self,
        range: Range,
        hash: &Hash,
        next: &mut dyn FnMut() -> Option<Vec<u8>>,
    ) -> Result<Option<Fingerprint>, TransferError> {
        let mut at = 0;
        while let Some(chunk) = next() {
            if at + chunk.len() as u64 > range.bytes {
                return Ok(None);
            }
            self.file.write_all_at(&chunk, range.offset + at).map_err(failed("write", self.path))?;
            at += chunk.len() as u64;
        }
        if at < range.bytes { Ok(None) } else { self.fingerprint(range, hash) }
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
