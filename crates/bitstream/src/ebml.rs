//! EBML, as far as a rewriter needs it: element headers read from a stream or a slice, elements written.
//!
//! Reading does not follow the nesting. Whoever reads enters an element by going on behind its header, so that elements
//! of unknown length need no care: every identifier says by itself what it is.

use std::io::{self, Read, Write};

use crate::Error;

/// The header of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The identifier with its length marker, as specifications write it.
    pub id: u32,
    /// Length of the content in bytes; `None` where it was not known when it was written.
    pub size: Option<u64>,
}

/// The length that says "unknown", eight bytes long.
const UNKNOWN_SIZE: [u8; 8] = [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

/// Reads the next header; `None` at the end of the stream.
pub fn next(from: &mut impl Read) -> Result<Option<Header>, Error> {
    let mut first = [0_u8];
    loop {
        match from.read(&mut first) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    let length = first[0].leading_zeros() as usize + 1;
    if length > 4 {
        return Err(Error::File("an element without an identifier"));
    }
    let mut id = [0_u8; 4];
    id[4 - length] = first[0];
    from.read_exact(&mut id[5 - length..])?;
    let size = size(from)?;
    Ok(Some(Header { id: u32::from_be_bytes(id), size }))
}

/// Reads a length, or any other number of this form without its marker; `None` for "unknown".
fn size(from: &mut impl Read) -> Result<Option<u64>, Error> {
    let mut first = [0_u8];
    from.read_exact(&mut first)?;
    let length = first[0].leading_zeros() as usize + 1;
    if length > 8 {
        return Err(Error::File("an element without a length"));
    }
    let mut bytes = [0_u8; 8];
    bytes[8 - length] = first[0];
    from.read_exact(&mut bytes[9 - length..])?;
    let all_ones = (1_u64 << (7 * length)) - 1;
    let value = u64::from_be_bytes(bytes) & all_ones;
    Ok((value != all_ones).then_some(value))
}

/// Reads the number that begins a block and the bytes it took.
pub fn number(from: &[u8]) -> Result<(u64, usize), Error> {
    let mut rest = from;
    let value = size(&mut rest)?.ok_or(Error::File("a block of no track"))?;
    Ok((value, from.len() - rest.len()))
}

/// The content of an element, in memory. `most` keeps a damaged length from taking all of it.
pub fn content(from: &mut impl Read, header: Header, most: u64) -> Result<Vec<u8>, Error> {
    let size = header.size.filter(|size| *size <= most).ok_or(Error::File("an element that is too long"))?;
    let mut bytes = Vec::new();
    from.take(size).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == size { Ok(bytes) } else { Err(Error::File("an end in the middle of an element")) }
}

/// The elements inside of a content, each with its bytes.
pub fn children(content: &[u8]) -> Result<Vec<(u32, &[u8])>, Error> {
    let mut rest = content;
    let mut found = Vec::new();
    while let Some(header) = next(&mut rest)? {
        let size = header.size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size <= rest.len());
        let (inside, behind) = rest.split_at(size.ok_or(Error::File("an element that is longer than what it is in"))?);
        found.push((header.id, inside));
        rest = behind;
    }
    Ok(found)
}

/// An unsigned integer's value.
#[must_use]
pub fn unsigned(content: &[u8]) -> u64 {
    content.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte))
}

/// Writes an element.
pub fn write(to: &mut impl Write, id: u32, content: &[u8]) -> Result<(), Error> {
    write_id(to, id)?;
    // Always eight bytes of length: correct, and as long for every element.
    let size = (1_u64 << 56) | content.len() as u64;
    to.write_all(&size.to_be_bytes())?;
    Ok(to.write_all(content)?)
}

/// Writes the header of an element whose end is where something begins that cannot be inside of it.
pub fn write_open(to: &mut impl Write, id: u32) -> Result<(), Error> {
    write_id(to, id)?;
    Ok(to.write_all(&UNKNOWN_SIZE)?)
}

fn write_id(to: &mut impl Write, id: u32) -> Result<(), Error> {
    let bytes = id.to_be_bytes();
    let unused = (id.leading_zeros() / 8) as usize;
    Ok(to.write_all(&bytes[unused.min(3)..])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut bytes = Vec::new();
        write_open(&mut bytes, 0x1853_8067).unwrap();
        write(&mut bytes, 0xE7, &[1, 2]).unwrap();
        write(&mut bytes, 0x41E4, &[]).unwrap();
        let mut rest = bytes.as_slice();
        assert_eq!(next(&mut rest).unwrap(), Some(Header { id: 0x1853_8067, size: None }));
        assert_eq!(children(rest).unwrap(), [(0xE7, [1_u8, 2].as_slice()), (0x41E4, &[])]);
        assert_eq!(unsigned(&[1, 2]), 258);
    }

    #[test]
    fn a_damaged_length_is_an_error_and_takes_no_memory() {
        let header = Header { id: 0xA3, size: Some(1 << 50) };
        assert!(content(&mut [0_u8; 8].as_slice(), header, 1 << 20).is_err());
        assert!(children(&[0xA3, 0x84, 1, 2]).is_err(), "four bytes are promised and two are there");
    }
}
