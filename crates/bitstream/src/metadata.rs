//! What pictures carry: read from a file, and put into another one.

use std::io::{Read, Seek, Write};

use mediaflow_core::identity::Hash;
use mediaflow_core::media::color::{DolbyVision, PictureMetadata};
use mediaflow_core::plan::{Carrier, DynamicHdr, METADATA_AHEAD_S};

use crate::dolby_vision::{Rpu, record};
use crate::matroska::{Packets, Track};
use crate::{Error, av1, hdr10_plus, hevc};

/// By how much a source's times are moved in its working file.
const AHEAD_MS: i64 = METADATA_AHEAD_S * 1000;

/// The dynamic metadata of one picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Dolby Vision.
    pub rpu: Option<Rpu>,
    /// HDR10+: a T.35 message from its country code on.
    pub hdr10_plus: Option<Vec<u8>>,
}

/// What is wrong with a picture's metadata; which picture it is, the caller knows.
type Readable<T> = Result<T, String>;

impl Metadata {
    fn read(track: Track, packet: &[u8]) -> Readable<Self> {
        let unreadable = |error: Error| error.to_string();
        let (rpu, messages) = match track.codec {
            Some(Carrier::Hevc) => {
                let found = hevc::read(packet, track.length_bytes).map_err(unreadable)?;
                (found.rpu.as_deref().map(Rpu::from_hevc), found.t35)
            }
            Some(Carrier::Av1) => {
                let messages = av1::read(packet).map_err(unreadable)?;
                let rpu = messages.iter().find(|message| Rpu::is_message(message));
                (rpu.map(|message| Rpu::from_av1(message)).transpose()?, messages)
            }
            None => return Err(Error::Codec.to_string()),
        };
        Ok(Self { rpu, hdr10_plus: messages.into_iter().find(|message| hdr10_plus::is_message(message)) })
    }

    /// As the plan wants it; what the plan does not keep is gone.
    fn planned(self, plan: &DynamicHdr) -> Readable<Self> {
        let rpu = self.rpu.zip(plan.dolby_vision).map(|(rpu, profiles)| rpu.converted(profiles, plan.reshape));
        let hdr10_plus = self.hdr10_plus.filter(|_| plan.hdr10_plus);
        let hdr10_plus = hdr10_plus.map(|message| hdr10_plus::checked(message, plan.reshape));
        Ok(Self { rpu: rpu.transpose()?, hdr10_plus: hdr10_plus.transpose()? })
    }

    /// Itself, if it has all that the plan keeps.
    fn complete(self, plan: &DynamicHdr) -> Readable<Self> {
        match (plan.dolby_vision, plan.hdr10_plus) {
            (Some(_), _) if self.rpu.is_none() => Err("it has no Dolby Vision metadata".to_owned()),
            (_, true) if self.hdr10_plus.is_none() => Err("it has no HDR10+ metadata".to_owned()),
            _ => Ok(self),
        }
    }

    /// The packet with this metadata instead of its own.
    fn put(&self, track: Track, packet: &[u8]) -> Result<Vec<u8>, Error> {
        let mut messages: Vec<Vec<u8>> = self.hdr10_plus.iter().cloned().collect();
        match track.codec {
            Some(Carrier::Hevc) => {
                let metadata = hevc::Found { rpu: self.rpu.as_ref().map(Rpu::to_hevc), t35: messages };
                hevc::write(packet, track.length_bytes, &metadata, hdr10_plus::is_message)
            }
            Some(Carrier::Av1) => {
                if let Some(rpu) = &self.rpu {
                    messages.push(rpu.to_av1().map_err(|_| Error::Packet("its Dolby Vision metadata is damaged"))?);
                }
                av1::write(packet, &messages, |message| hdr10_plus::is_message(message) || Rpu::is_message(message))
            }
            None => Err(Error::Codec),
        }
    }
}

/// Lists what every picture of a source's or an output's working file carries, in the order in which they are shown; with
/// a plan, what the plan makes of it.
///
/// # Errors
/// When the file or the metadata of a picture cannot be read, or not be made into what the plan says.
pub fn survey<R: Read + Seek>(file: R, plan: Option<&DynamicHdr>) -> Result<Vec<PictureMetadata>, Error> {
    each(file, |time_ms, found| {
        let at_ms = time_ms - AHEAD_MS;
        let found = plan.map_or(Ok(found.clone()), |plan| found.planned(plan));
        let found = found.map_err(|reason| Error::Picture { at_ms, reason })?;
        Ok(PictureMetadata {
            at_ms,
            dolby_vision: found.rpu.map(|rpu| Hash::of_bytes(rpu.as_bytes())),
            hdr10_plus: found.hdr10_plus.map(|message| Hash::of_bytes(&message)),
        })
    })
}

/// What every picture of a working file carries, with the time in milliseconds at which it is shown, in that order.
///
/// # Errors
/// When the file or the metadata of a picture cannot be read.
pub fn read<R: Read + Seek>(file: R) -> Result<Vec<(i64, Metadata)>, Error> {
    each(file, |time_ms, found| Ok((time_ms, found)))
}

/// Goes through the pictures in the order in which they are shown: a film's metadata is a hundred megabytes.
fn each<R: Read + Seek, T>(file: R, mut make: impl FnMut(i64, Metadata) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    let mut packets = Packets::find(file)?;
    let mut made = Vec::with_capacity(packets.places().len());
    for place in packets.places().to_vec() {
        let packet = packets.read(place)?;
        let found = Metadata::read(packets.track, &packet);
        made.push(make(place.time_ms, found.map_err(|reason| Error::Picture { at_ms: place.time_ms, reason })?)?);
    }
    Ok(made)
}

/// Writes the encoded pictures of `video` to `to` with the metadata that the plan makes of the source's. Pictures of both
/// working files belong together that are shown at the same time.
///
/// # Errors
/// As [`survey`], and when a picture lacks what the plan keeps.
pub fn inject<S: Read + Seek, V: Read + Seek>(
    source: S,
    video: V,
    to: impl Write,
    plan: &DynamicHdr,
) -> Result<(), Error> {
    let mut source = Packets::find(source)?;
    let from = source.track;
    write(video, to, plan.dolby_vision.map(|profiles| profiles.to), |at_ms| match source.at(at_ms + AHEAD_MS)? {
        Some(packet) => Ok(Metadata::read(from, &packet).and_then(|found| found.planned(plan)?.complete(plan))),
        None => Ok(Err("the source has no metadata for it".to_owned())),
    })
}

/// Writes the pictures of `video` to `to` with other metadata than theirs: what `metadata` gives for the time at which a
/// picture is shown, in milliseconds. `profile` is what the track is called, where it is Dolby Vision.
///
/// # Errors
/// When a file cannot be read or written, or `metadata` gives an error.
pub fn write<V: Read + Seek>(
    video: V,
    to: impl Write,
    profile: Option<DolbyVision>,
    mut metadata: impl FnMut(i64) -> Result<Result<Metadata, String>, Error>,
) -> Result<(), Error> {
    let video = Packets::find(video)?;
    let track = video.track;
    let record = profile.map(record);
    video.rewrite(to, record.as_ref().map(|(name, bytes)| (*name, bytes.as_slice())), |at_ms, packet| {
        metadata(at_ms)?.map_err(|reason| Error::Picture { at_ms, reason })?.put(track, packet)
    })
}

/// Writes the encoded pictures of `video` to `to` without the Dolby Vision configuration that some builds of ffmpeg leave on
/// the track although the pictures are no longer that.
///
/// # Errors
/// When the file cannot be read.
pub fn strip<V: Read + Seek>(video: V, to: impl Write) -> Result<(), Error> {
    Packets::find(video)?.rewrite(to, None, |_, packet| Ok(packet.to_vec()))
}
