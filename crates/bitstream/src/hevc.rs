//! HEVC packets as containers keep them: NAL units, each behind its length.

use crate::Error;

/// NAL unit types (H.265, table 7-1). Below this one are coded slices.
const FIRST_NON_VCL: u8 = 32;
const END_OF_SEQUENCE: u8 = 36;
const END_OF_BITSTREAM: u8 = 37;
const PREFIX_SEI: u8 = 39;
/// Not in H.265: Dolby Vision's metadata and its enhancement layer.
const DOLBY_VISION_RPU: u8 = 62;
const DOLBY_VISION_LAYER: u8 = 63;

/// `user_data_registered_itu_t_t35` (H.265, D.2.1).
const T35: usize = 4;

/// What is found in, or goes into, one packet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The Dolby Vision NAL unit as it is.
    pub rpu: Option<Vec<u8>>,
    /// ITU-T T.35 messages, from the country code on.
    pub t35: Vec<Vec<u8>>,
}

/// Reads the metadata of a packet. `length_bytes` is how long the lengths are.
pub fn read(packet: &[u8], length_bytes: usize) -> Result<Found, Error> {
    let mut found = Found::default();
    for unit in units(packet, length_bytes)? {
        match kind(unit) {
            DOLBY_VISION_RPU => found.rpu = Some(unit.to_vec()),
            PREFIX_SEI => {
                found.t35.extend(messages(unit)?.into_iter().filter(|(kind, _)| *kind == T35).map(|(_, bytes)| bytes));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// The packet with this metadata instead of its own. `is_ours` says which T.35 messages are such metadata; others stay.
pub fn write(
    packet: &[u8],
    length_bytes: usize,
    metadata: &Found,
    is_ours: fn(&[u8]) -> bool,
) -> Result<Vec<u8>, Error> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut waiting: Vec<Vec<u8>> = metadata.t35.iter().map(|message| sei(&[(T35, message.clone())])).collect();
    let mut rpu = metadata.rpu.clone();
    for unit in units(packet, length_bytes)? {
        match kind(unit) {
            DOLBY_VISION_RPU | DOLBY_VISION_LAYER => continue,
            PREFIX_SEI => {
                let all = messages(unit)?;
                let kept: Vec<_> =
                    all.iter().filter(|(kind, bytes)| *kind != T35 || !is_ours(bytes)).cloned().collect();
                match kept.len() {
                    0 if !all.is_empty() => {}
                    count if count == all.len() => out.push(unit.to_vec()),
                    _ => out.push(sei(&kept)),
                }
                continue;
            }
            // Messages about a picture come before it, in front of its first slice.
            kind if kind < FIRST_NON_VCL => out.append(&mut waiting),
            // The metadata is the picture's last unit; only the marks of an end may follow it.
            END_OF_SEQUENCE | END_OF_BITSTREAM => out.extend(rpu.take()),
            _ => {}
        }
        out.push(unit.to_vec());
    }
    if !waiting.is_empty() {
        return Err(Error::Packet("it has no slice"));
    }
    out.extend(rpu);
    let mut packet = Vec::with_capacity(packet.len() + 1024);
    for unit in out {
        let length = u32::try_from(unit.len()).map_err(|_| Error::Packet("a NAL unit is too long"))?.to_be_bytes();
        let (unused, used) = length.split_at(4 - length_bytes);
        if unused.iter().any(|byte| *byte != 0) {
            return Err(Error::Packet("a NAL unit is too long"));
        }
        packet.extend_from_slice(used);
        packet.extend_from_slice(&unit);
    }
    Ok(packet)
}

fn kind(unit: &[u8]) -> u8 {
    unit.first().map_or(0, |byte| (byte >> 1) & 0x3F)
}

fn units(packet: &[u8], length_bytes: usize) -> Result<Vec<&[u8]>, Error> {
    let mut rest = packet;
    let mut units = Vec::new();
    while !rest.is_empty() {
        let cut = Error::Packet("its NAL units end in the middle of one");
        let Some((length, behind)) = rest.split_at_checked(length_bytes) else { return Err(cut) };
        let length = length.iter().fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
        let Some((unit, behind)) = behind.split_at_checked(length) else { return Err(cut) };
        if !unit.is_empty() {
            units.push(unit);
        }
        rest = behind;
    }
    Ok(units)
}

/// The messages of an SEI unit, with their types.
fn messages(unit: &[u8]) -> Result<Vec<(usize, Vec<u8>)>, Error> {
    let bytes = unescape(unit.get(2..).unwrap_or_default());
    // The bit that ends the unit, and zeros behind it.
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
    let mut rest = &bytes[..end];
    let mut found = Vec::new();
    while !rest.is_empty() {
        let kind = counted(&mut rest)?;
        let size = counted(&mut rest)?;
        let Some((message, behind)) = rest.split_at_checked(size) else {
            return Err(Error::Packet("an SEI message is longer than its unit"));
        };
        found.push((kind, message.to_vec()));
        rest = behind;
    }
    Ok(found)
}

/// A number in bytes of 255 and a last one.
fn counted(rest: &mut &[u8]) -> Result<usize, Error> {
    let mut value = 0;
    loop {
        let (byte, behind) = rest.split_first().ok_or(Error::Packet("an SEI message without a length"))?;
        *rest = behind;
        value += usize::from(*byte);
        if *byte != 0xFF {
            return Ok(value);
        }
    }
}

fn sei(messages: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, message) in messages {
        for mut number in [*kind, message.len()] {
            while number >= 0xFF {
                bytes.push(0xFF);
                number -= 0xFF;
            }
            bytes.push(u8::try_from(number).unwrap_or(0xFE));
        }
        bytes.extend_from_slice(message);
    }
    bytes.push(0x80);
    let mut unit = vec![PREFIX_SEI << 1, 1];
    unit.extend(escape(&bytes));
    unit
}

/// Bytes as they may lie in a NAL unit, whose start would otherwise be found in the middle of it.
#[must_use]
pub fn escape(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 8);
    let mut zeros = 0;
    for &byte in bytes {
        if zeros == 2 && byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

/// Undoes [`escape`].
#[must_use]
pub fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for &byte in bytes {
        if zeros == 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLICE: &[u8] = &[1 << 1, 1, 9, 9];
    const PARAMETERS: &[u8] = &[33 << 1, 1, 7];

    fn packet(units: &[&[u8]]) -> Vec<u8> {
        units.iter().flat_map(|unit| [&u32::try_from(unit.len()).unwrap().to_be_bytes(), *unit].concat()).collect()
    }

    fn is_a(message: &[u8]) -> bool {
        message.first() == Some(&b'a')
    }

    #[test]
    fn metadata_is_exchanged_and_everything_else_stays() {
        let both = sei(&[(T35, b"a old".to_vec()), (T35, b"captions".to_vec()), (137, vec![0, 0, 0, 1])]);
        let old = packet(&[PARAMETERS, &both, SLICE, &[62 << 1, 1, 5], &[63 << 1, 1, 5], &[36 << 1, 1]]);
        let metadata = Found { rpu: Some(vec![0x7C, 1, 25]), t35: vec![b"a \0\0\0\0".to_vec()] };
        let new = write(&old, 4, &metadata, is_a).unwrap();
        let types: Vec<u8> = units(&new, 4).unwrap().into_iter().map(kind).collect();
        assert_eq!(types, [33, 39, 39, 1, 62, 36]);
        let read = read(&new, 4).unwrap();
        assert_eq!(read.rpu, metadata.rpu);
        assert_eq!(read.t35, [b"captions".to_vec(), b"a \0\0\0\0".to_vec()]);
        assert!(new.windows(SLICE.len()).any(|window| window == SLICE));
    }

    #[test]
    fn no_unit_looks_like_the_start_of_another() {
        for bytes in [&[0, 0, 0, 0, 0, 1, 0, 0, 3][..], &[0, 0], &[0, 0, 2, 0, 0, 3, 0, 0, 4]] {
            let escaped = escape(bytes);
            assert!(!escaped.windows(3).any(|w| w[..2] == [0, 0] && w[2] < 3), "{escaped:?}");
            assert_eq!(unescape(&escaped), bytes);
        }
    }

    #[test]
    fn a_packet_that_is_cut_is_an_error() {
        assert!(read(&[0, 0, 0, 9, 1], 4).is_err());
        assert!(write(&packet(&[PARAMETERS]), 4, &Found { rpu: None, t35: vec![vec![1]] }, is_a).is_err());
    }
}
