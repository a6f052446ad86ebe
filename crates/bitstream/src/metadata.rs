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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use dolby_vision::rpu::ConversionMode;
    use dolby_vision::rpu::dovi_rpu::DoviRpu;
    use dolby_vision::rpu::extension_metadata::blocks::{ExtMetadataBlock, ExtMetadataBlockLevel5};
    use dolby_vision::rpu::generate::GenerateConfig;
    use mediaflow_core::plan::{DolbyVisionPlan, Reshape};

    use super::*;
    use crate::matroska::tests::file;

    const DISC: DolbyVision = DolbyVision { profile: 7, compatibility: 6, level: 6, enhancement_only: false };
    const EIGHT: DolbyVision = DolbyVision { profile: 8, compatibility: 1, level: 3, enhancement_only: false };
    const SLICE: &[u8] = &[0, 0, 0, 4, 1 << 1, 1, 9, 9];

    /// The metadata of a disc, with a bar of this height above.
    fn disc(top: u16) -> Metadata {
        let level5 = ExtMetadataBlockLevel5::from_offsets(0, 0, top, 0);
        let mut rpu = DoviRpu::profile81_config(&GenerateConfig { level5, ..Default::default() }).unwrap();
        rpu.convert_with_mode(ConversionMode::ToMel).unwrap();
        Metadata { rpu: Some(Rpu::new(rpu.write_rpu().unwrap())), hdr10_plus: None }
    }

    fn plan() -> DynamicHdr {
        DynamicHdr {
            from: Carrier::Hevc,
            to: Carrier::Hevc,
            dolby_vision: Some(DolbyVisionPlan { from: DISC, to: EIGHT }),
            hdr10_plus: false,
            reshape: Some(Reshape { turned_deg: 0, from: (3840, 2160), to: (1920, 1080) }),
        }
    }

    /// A source whose pictures at these times carry bars as high as the time is late.
    fn source(times: &[i64]) -> Cursor<Vec<u8>> {
        let bare: Vec<_> = times.iter().map(|time| (time + AHEAD_MS, SLICE.to_vec())).collect();
        let mut out = Vec::new();
        write(Cursor::new(file("V_MPEGH/ISO/HEVC", &bare)), &mut out, Some(DISC), |at_ms| {
            Ok(Ok(disc(u16::try_from(at_ms - AHEAD_MS).unwrap())))
        })
        .unwrap();
        Cursor::new(out)
    }

    #[test]
    fn each_picture_gets_its_own_metadata_whatever_the_order_in_the_file() {
        // The second one is cut away by an edit list: the encoder never saw it.
        let video = file("V_MPEGH/ISO/HEVC", &[(0, SLICE.to_vec()), (120, SLICE.to_vec()), (81, SLICE.to_vec())]);
        let mut out = Vec::new();
        inject(source(&[0, 120, 80, 40]), Cursor::new(video), &mut out, &plan()).unwrap();
        let found = read(Cursor::new(&out)).unwrap();
        let tops: Vec<(i64, u16, u8)> = found
            .iter()
            .map(|(at_ms, metadata)| {
                let rpu = DoviRpu::parse_rpu(metadata.rpu.as_ref().unwrap().as_bytes()).unwrap();
                let area = rpu.vdr_dm_data.as_ref().unwrap().get_block(5).unwrap();
                let ExtMetadataBlock::Level5(area) = area else { panic!("{area:?}") };
                (*at_ms, area.active_area_top_offset, rpu.dovi_profile)
            })
            .collect();
        assert_eq!(tops, [(0, 0, 8), (81, 40, 8), (120, 60, 8)], "bars shrink with the picture");
        assert!(out.windows(4).any(|bytes| bytes == b"dvvC"), "the track is called what it is");
        assert!(!out.windows(4).any(|bytes| bytes == b"dvcC"));

        let planned = survey(source(&[0, 80, 120]), Some(&plan())).unwrap();
        let hashes = |(_, metadata): &(i64, Metadata)| Some(Hash::of_bytes(metadata.rpu.as_ref().unwrap().as_bytes()));
        let found: Vec<_> = found.iter().map(hashes).collect();
        assert_eq!(planned.iter().map(|picture| picture.dolby_vision).collect::<Vec<_>>(), found);
    }

    #[test]
    fn a_picture_without_metadata_is_an_error_that_says_which() {
        let video = file("V_MPEGH/ISO/HEVC", &[(0, SLICE.to_vec()), (40, SLICE.to_vec())]);
        let error = inject(source(&[0]), Cursor::new(video), Vec::new(), &plan()).unwrap_err();
        assert_eq!(error.to_string(), "the picture at 0.040 s: the source has no metadata for it");
        let other = DolbyVisionPlan { from: DolbyVision { profile: 5, ..DISC }, to: EIGHT };
        let error = survey(source(&[0]), Some(&DynamicHdr { dolby_vision: Some(other), ..plan() })).unwrap_err();
        assert!(error.to_string().contains("is of profile 7, and the file says 5"), "{error}");
    }

    #[test]
    fn a_stripped_track_is_called_nothing_and_keeps_its_packets() {
        let mut out = Vec::new();
        strip(source(&[0, 40]), &mut out).unwrap();
        assert!(!out.windows(4).any(|bytes| bytes == b"dvcC"));
        assert_eq!(read(Cursor::new(out)).unwrap().len(), 2);
    }
}
