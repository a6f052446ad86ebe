//! Matroska working files of one video track: where each packet lies, and the file written again with other packets.

use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use mediaflow_core::plan::Carrier;

use crate::Error;
use crate::ebml::{self, Header};

/// Identifiers (RFC 9559).
mod id {
    pub const SEGMENT: u32 = 0x1853_8067;
    pub const SEEK_HEAD: u32 = 0x114D_9B74;
    pub const CUES: u32 = 0x1C53_BB6B;
    pub const VOID: u32 = 0xEC;
    pub const CRC: u32 = 0xBF;
    pub const TRACKS: u32 = 0x1654_AE6B;
    pub const TRACK: u32 = 0xAE;
    pub const CODEC_ID: u32 = 0x86;
    pub const CODEC_PRIVATE: u32 = 0x63A2;
    pub const BLOCK_ADDITION_MAPPING: u32 = 0x41E4;
    pub const BLOCK_ADDITION_TYPE: u32 = 0x41E7;
    pub const BLOCK_ADDITION_DATA: u32 = 0x41ED;
    pub const CLUSTER: u32 = 0x1F43_B675;
    pub const TIMESTAMP: u32 = 0xE7;
    pub const POSITION: u32 = 0xA7;
    pub const PREVIOUS_SIZE: u32 = 0xAB;
    pub const SIMPLE_BLOCK: u32 = 0xA3;
    pub const GROUP: u32 = 0xA0;
    pub const BLOCK: u32 = 0xA1;
    pub const BLOCK_ADDITIONS: u32 = 0x75A1;
}

/// More than any header of a working file has, and more than a picture of 8K can take.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// The one track of a working file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Track {
    /// Its codec, where that carries metadata.
    pub codec: Option<Carrier>,
    /// How long the lengths of its NAL units are, in bytes; without meaning for AV1.
    pub length_bytes: usize,
}

/// A working file whose packets were found.
#[derive(Debug)]
pub struct Packets<R> {
    file: R,
    /// The track.
    pub track: Track,
    /// Where each packet lies, in the order in which their pictures are shown.
    places: Vec<Place>,
}

/// Where a packet lies.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// When its picture is shown, in milliseconds: what ffmpeg counts in.
    pub time_ms: i64,
    at: u64,
    size: usize,
}

impl<R: Read + Seek> Packets<R> {
    /// Finds all packets, without reading them.
    pub fn find(mut file: R) -> Result<Self, Error> {
        file.rewind()?;
        let mut reader = BufReader::new(&mut file);
        let (mut track, mut cluster_time, mut places) = (None, 0_i64, Vec::new());
        while let Some(header) = ebml::next(&mut reader)? {
            match header.id {
                id::SEGMENT | id::CLUSTER | id::GROUP => {}
                id::TRACKS => track = Some(read_track(&ebml::content(&mut reader, header, MOST_BYTES)?)?),
                id::TIMESTAMP => {
                    cluster_time = time(&ebml::content(&mut reader, header, 8)?)?;
                }
                id::SIMPLE_BLOCK | id::BLOCK => {
                    let size = length(header)?;
                    let mut head = vec![0; usize::try_from(size.min(12)).unwrap_or(12)];
                    let begin = reader.stream_position()?;
                    reader.read_exact(&mut head)?;
                    let block = Block::parse(&head)?;
                    places.push(Place {
                        time_ms: cluster_time + i64::from(block.time),
                        at: begin + block.head.len() as u64,
                        size: usize::try_from(size).unwrap_or(usize::MAX) - block.head.len(),
                    });
                    skip(&mut reader, size - head.len() as u64)?;
                }
                _ => skip(&mut reader, length(header)?)?,
            }
        }
        let track = track.ok_or(Error::File("no track"))?;
        places.sort_by_key(|place| place.time_ms);
        Ok(Self { file, track, places })
    }

    /// All packets, in the order in which their pictures are shown.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The packet whose picture is shown at this time, give or take the millisecond that rounding moves it.
    pub fn at(&mut self, time_ms: i64) -> Result<Option<Vec<u8>>, Error> {
        let next = self.places.partition_point(|place| place.time_ms < time_ms);
        let near = self.places[next.saturating_sub(1)..].iter().take(2);
        let nearest = near.min_by_key(|place| place.time_ms.abs_diff(time_ms)).copied();
        match nearest.filter(|place| place.time_ms.abs_diff(time_ms) <= 1) {
            Some(place) => self.read(place).map(Some),
            None => Ok(None),
        }
    }

    /// The packet at a place.
    pub fn read(&mut self, place: Place) -> Result<Vec<u8>, Error> {
        self.file.seek(SeekFrom::Start(place.at))?;
        let mut packet = vec![0; place.size];
        self.file.read_exact(&mut packet)?;
        Ok(packet)
    }

    /// Writes the file again. `packet` gives what takes the place of each packet, told when its picture is shown in
    /// milliseconds; `record` is the track's Dolby Vision configuration with its name, instead of any that it has.
    pub fn rewrite(
        mut self,
        to: impl Write,
        record: Option<([u8; 4], &[u8])>,
        mut packet: impl FnMut(i64, &[u8]) -> Result<Vec<u8>, Error>,
    ) -> Result<(), Error> {
        let mut cluster_time = 0;
        let mut block = |cluster_time: i64, content: &[u8]| -> Result<Vec<u8>, Error> {
            let Block { head, time } = Block::parse(content)?;
            Ok([head, packet(cluster_time + i64::from(time), &content[head.len()..])?.as_slice()].concat())
        };
        self.file.rewind()?;
        let (mut from, mut to) = (BufReader::new(&mut self.file), BufWriter::new(to));
        while let Some(header) = ebml::next(&mut from)? {
            match header.id {
                id::SEGMENT | id::CLUSTER => ebml::write_open(&mut to, header.id)?,
                // They tell where things lie, and everything moves.
                id::SEEK_HEAD | id::CUES | id::VOID | id::CRC | id::POSITION | id::PREVIOUS_SIZE => {
                    skip(&mut from, length(header)?)?;
                }
                id => {
                    let content = ebml::content(&mut from, header, MOST_BYTES)?;
                    let new = match id {
                        id::TRACKS => with_record(&content, record)?,
                        id::SIMPLE_BLOCK => block(cluster_time, &content)?,
                        id::GROUP => group(&content, |content| block(cluster_time, content))?,
                        id::TIMESTAMP => {
                            cluster_time = time(&content)?;
                            content
                        }
                        _ => content,
                    };
                    ebml::write(&mut to, id, &new)?;
                }
            }
        }
        Ok(to.flush()?)
    }
}

/// The beginning of a block.
struct Block<'a> {
    /// Track, time and flags, as they are.
    head: &'a [u8],
    /// Time, from the cluster's.
    time: i16,
}

impl<'a> Block<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let (_, track_bytes) = ebml::number(bytes)?;
        let head = bytes.get(..track_bytes + 3).ok_or(Error::File("a block without a head"))?;
        let [.., high, low, flags] = *head else { return Err(Error::File("a block without a head")) };
        if flags & 0x06 != 0 {
            return Err(Error::File("several pictures in one block"));
        }
        Ok(Self { head, time: i16::from_be_bytes([high, low]) })
    }
}

fn read_track(content: &[u8]) -> Result<Track, Error> {
    let tracks = ebml::children(content)?;
    let mut tracks = tracks.iter().filter(|(id, _)| *id == id::TRACK);
    let (Some((_, track)), None) = (tracks.next(), tracks.next()) else {
        return Err(Error::File("not exactly one track"));
    };
    let fields = ebml::children(track)?;
    let field = |wanted| fields.iter().find(|(id, _)| *id == wanted).map_or(&[][..], |(_, content)| content);
    let codec = String::from_utf8_lossy(field(id::CODEC_ID));
    let codec = match codec.trim_end_matches('\0') {
        "V_MPEGH/ISO/HEVC" => Some(Carrier::Hevc),
        "V_AV1" => Some(Carrier::Av1),
        _ => None,
    };
    // `lengthSizeMinusOne` of HEVC's decoder configuration record (ISO/IEC 14496-15, 8.3.2.1.2).
    let length_bytes = field(id::CODEC_PRIVATE).get(21).map_or(4, |byte| usize::from(byte & 3) + 1);
    Ok(Track { codec, length_bytes })
}

/// The tracks with this Dolby Vision configuration instead of any other.
fn with_record(content: &[u8], record: Option<([u8; 4], &[u8])>) -> Result<Vec<u8>, Error> {
    let mut tracks = Vec::new();
    for (id, track) in ebml::children(content)?.into_iter().filter(|(id, _)| *id == id::TRACK) {
        let mut fields = Vec::new();
        for (id, field) in ebml::children(track)? {
            if id != id::BLOCK_ADDITION_MAPPING {
                ebml::write(&mut fields, id, field)?;
            }
        }
        if let Some((name, bytes)) = record {
            let mut mapping = Vec::new();
            ebml::write(&mut mapping, id::BLOCK_ADDITION_TYPE, &name)?;
            ebml::write(&mut mapping, id::BLOCK_ADDITION_DATA, bytes)?;
            ebml::write(&mut fields, id::BLOCK_ADDITION_MAPPING, &mapping)?;
        }
        ebml::write(&mut tracks, id, &fields)?;
    }
    Ok(tracks)
}

/// A group with its block exchanged. What was beside it is dropped: some builds of ffmpeg repeat the old metadata there.
fn group(content: &[u8], mut block: impl FnMut(&[u8]) -> Result<Vec<u8>, Error>) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    for (id, field) in ebml::children(content)? {
        match id {
            id::BLOCK => ebml::write(&mut out, id, &block(field)?)?,
            id::BLOCK_ADDITIONS => {}
            _ => ebml::write(&mut out, id, field)?,
        }
    }
    Ok(out)
}

fn time(content: &[u8]) -> Result<i64, Error> {
    i64::try_from(ebml::unsigned(content)).map_err(|_| Error::File("times beyond all films"))
}

fn length(header: Header) -> Result<u64, Error> {
    header.size.ok_or(Error::File("an element of unknown length"))
}

fn skip<R: Read + Seek>(from: &mut BufReader<R>, bytes: u64) -> Result<(), Error> {
    let offset = i64::try_from(bytes).map_err(|_| Error::File("an element that is too long"))?;
    Ok(from.seek_relative(offset)?)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A working file of these packets with their times in milliseconds, two to a cluster.
    pub fn file(codec: &str, packets: &[(i64, Vec<u8>)]) -> Vec<u8> {
        let element = |id, content: &[u8]| {
            let mut bytes = Vec::new();
            ebml::write(&mut bytes, id, content).unwrap();
            bytes
        };
        let mut out = element(0x1A45_DFA3, &[]);
        ebml::write_open(&mut out, id::SEGMENT).unwrap();
        let track = [element(id::CODEC_ID, codec.as_bytes()), element(id::BLOCK_ADDITION_MAPPING, b"old")].concat();
        // ffmpeg puts a checksum in front.
        out.extend(element(id::TRACKS, &[element(id::CRC, &[1, 2, 3, 4]), element(id::TRACK, &track)].concat()));
        for pair in packets.chunks(2) {
            let begin = pair[0].0;
            let mut cluster = element(id::TIMESTAMP, &begin.to_be_bytes());
            for (number, (time, packet)) in pair.iter().enumerate() {
                let time = i16::try_from(time - begin).unwrap().to_be_bytes();
                let block = [&[0x81, time[0], time[1], 0], packet.as_slice()].concat();
                let extra = element(id::BLOCK_ADDITIONS, b"old");
                cluster.extend(match number {
                    0 => element(id::SIMPLE_BLOCK, &block),
                    _ => element(id::GROUP, &[element(id::BLOCK, &block), extra].concat()),
                });
            }
            out.extend(element(id::CLUSTER, &cluster));
        }
        out
    }

    #[test]
    fn packets_are_found_by_the_time_they_are_shown_at() {
        let file = file("V_AV1", &[(40, vec![1]), (0, vec![2]), (83, vec![3])]);
        let mut packets = Packets::find(std::io::Cursor::new(file)).unwrap();
        assert_eq!(packets.track.codec, Some(Carrier::Av1));
        assert_eq!(packets.places().iter().map(|place| place.time_ms).collect::<Vec<_>>(), [0, 40, 83]);
        let mut at = |time| packets.at(time).unwrap();
        assert_eq!((at(0), at(41), at(82)), (Some(vec![2]), Some(vec![1]), Some(vec![3])));
        assert_eq!((at(60), at(200)), (None, None));
    }

    #[test]
    fn what_is_no_working_file_is_an_error() {
        let cut = file("V_AV1", &[(0, vec![0; 40])]);
        assert!(Packets::find(std::io::Cursor::new(&cut[..20])).is_err(), "it has no track");
        let two = [cut.clone(), cut].concat();
        assert!(Packets::find(std::io::Cursor::new(two)).is_ok_and(|packets| packets.places().len() == 2));
    }
}
