//! AV1 packets as containers keep them: the OBUs of one shown picture.

use crate::Error;

/// OBU types (AV1 specification, 6.2.2).
const FRAME_HEADER: u8 = 3;
const METADATA: u8 = 5;
const FRAME: u8 = 6;
/// `METADATA_TYPE_ITUT_T35` (6.7.1).
const T35: u8 = 4;
const HAS_SIZE: u8 = 0x02;

/// One OBU.
struct Unit<'a> {
    kind: u8,
    /// All of it, with its header.
    whole: &'a [u8],
    content: &'a [u8],
}

/// The ITU-T T.35 messages of a packet, from the country code on.
pub fn read(packet: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    Ok(units(packet)?.iter().filter_map(message).collect())
}

/// The packet with these T.35 messages instead of those that are `is_ours`.
///
/// They go in front of the picture that is shown, the packet's last: what is decoded before it for later use has
/// none (HDR10+ AV1 Metadata Handling Specification, 2.1).
pub fn write(packet: &[u8], messages: &[Vec<u8>], is_ours: fn(&[u8]) -> bool) -> Result<Vec<u8>, Error> {
    let units = units(packet)?;
    let shown = units
        .iter()
        .rposition(|unit| matches!(unit.kind, FRAME | FRAME_HEADER))
        .ok_or(Error::Packet("it has no picture"))?;
    let mut out = Vec::with_capacity(packet.len() + 1024);
    for (number, unit) in units.iter().enumerate() {
        if number == shown {
            messages.iter().for_each(|message| metadata(&mut out, message));
        }
        if !message(unit).is_some_and(|message| is_ours(&message)) {
            out.extend_from_slice(unit.whole);
        }
    }
    Ok(out)
}

fn metadata(out: &mut Vec<u8>, message: &[u8]) {
    out.push(METADATA << 3 | HAS_SIZE);
    // The type before it and the bit that ends it.
    let mut size = message.len() + 2;
    while size >= 0x80 {
        out.push(u8::try_from(size & 0x7F).unwrap_or(0) | 0x80);
        size >>= 7;
    }
    out.push(u8::try_from(size).unwrap_or(0));
    out.push(T35);
    out.extend_from_slice(message);
    out.push(0x80);
}

fn message(unit: &Unit<'_>) -> Option<Vec<u8>> {
    if unit.kind != METADATA || unit.content.first() != Some(&T35) {
        return None;
    }
    // The bit that ends it, and zeros behind; some writers leave the bit out.
    let last = unit.content.iter().rposition(|byte| *byte != 0)?;
    let end = if unit.content[last] == 0x80 { last } else { unit.content.len() };
    Some(unit.content.get(1..end)?.to_vec())
}

fn units(packet: &[u8]) -> Result<Vec<Unit<'_>>, Error> {
    let cut = || Error::Packet("its OBUs end in the middle of one");
    let mut rest = packet;
    let mut units = Vec::new();
    while let Some(header) = rest.first() {
        let header_bytes = if header & 0x04 == 0 { 1 } else { 2 };
        let behind = rest.get(header_bytes..).ok_or_else(cut)?;
        let (size, size_bytes) = if header & HAS_SIZE == 0 { (behind.len(), 0) } else { leb128(behind)? };
        let content = behind.get(size_bytes..).and_then(|bytes| bytes.get(..size)).ok_or_else(cut)?;
        let (whole, next) = rest.split_at(header_bytes + size_bytes + size);
        units.push(Unit { kind: header >> 3 & 0x0F, whole, content });
        rest = next;
    }
    Ok(units)
}

fn leb128(bytes: &[u8]) -> Result<(usize, usize), Error> {
    let mut value = 0_usize;
    for (number, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7F) << (7 * number);
        if byte & 0x80 == 0 {
            return Ok((value, number + 1));
        }
    }
    Err(Error::Packet("an OBU without a length"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn obu(kind: u8, content: &[u8]) -> Vec<u8> {
        [&[kind << 3 | HAS_SIZE, u8::try_from(content.len()).unwrap()], content].concat()
    }

    fn is_a(message: &[u8]) -> bool {
        message.first() == Some(&b'a')
    }

    #[test]
    fn messages_come_right_before_the_shown_picture() {
        let old = [obu(1, &[9]), obu(METADATA, b"\x04a old\x80"), obu(METADATA, b"\x04captions\x80"), obu(6, &[1; 40])];
        let shown = obu(FRAME, &[2; 50]);
        let long = [b"a ".as_slice(), &[0; 200]].concat();
        let new = write(&[old.concat(), shown.clone()].concat(), std::slice::from_ref(&long), is_a).unwrap();
        assert_eq!(read(&new).unwrap(), [b"captions".to_vec(), long], "zeros at a message's end are part of it");
        let kinds: Vec<u8> = units(&new).unwrap().iter().map(|unit| unit.kind).collect();
        assert_eq!(kinds, [1, METADATA, FRAME, METADATA, FRAME]);
        assert!(new.ends_with(&shown));
    }

    #[test]
    fn a_packet_that_is_cut_is_an_error() {
        assert!(read(&[FRAME << 3 | HAS_SIZE, 9, 1]).is_err());
        assert!(write(&obu(METADATA, b"\x01light"), &[], is_a).is_err());
    }
}
