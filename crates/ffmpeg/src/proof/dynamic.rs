//! Dynamic HDR metadata: every picture of the output has what the plan makes of the same picture of the source.

use mediaflow_core::identity::Hash;
use mediaflow_core::media::Video;
use mediaflow_core::media::color::{DolbyVision, PictureMetadata};
use mediaflow_core::plan::{Action, DynamicHdr, Intent};
use mediaflow_core::proof::Check;

use super::{Files, Findings};
use crate::measure::{Entry, Measured};

/// One kind of metadata: its name, and where it is found.
type Kind = (&'static str, fn(&PictureMetadata) -> Option<Hash>);

const DOLBY_VISION: Kind = ("Dolby Vision", |picture| picture.dolby_vision);
const HDR10_PLUS: Kind = ("HDR10+", |picture| picture.hdr10_plus);

/// Each kind, and whether a plan keeps it.
fn kinds(plan: &DynamicHdr) -> [(Kind, bool); 2] {
    [(DOLBY_VISION, plan.dolby_vision.is_some()), (HDR10_PLUS, plan.hdr10_plus)]
}

/// Why the metadata of a measured source cannot be kept, if it cannot.
#[must_use]
pub fn obstacle(intent: &Intent, source: &Measured) -> Option<String> {
    intent.streams.iter().enumerate().find_map(|(position, stream)| {
        let Action::EncodeVideo(encode) = &stream.action else { return None };
        let plan = encode.dynamic.as_ref()?;
        let (frames, listed) = match of_stream(source, position) {
            Ok(found) => found,
            Err(reason) => return Some(format!("its {} cannot be kept: {reason}", plan.describe())),
        };
        kinds(plan).into_iter().filter(|(_, is_kept)| *is_kept).find_map(|((name, hash), _)| {
            let bare = frames.iter().filter(|frame| of_frame(listed, frame).and_then(hash).is_none()).count();
            (bare > 0).then(|| {
                format!(
                    "{bare} of its {} pictures have no {name} metadata, and an encode cannot make it up; remux it, or \
                     choose tone-mapping to SDR",
                    frames.len()
                )
            })
        })
    })
}

pub(super) fn check(files: &Files<'_>, position: usize, index: u32, plan: &DynamicHdr, video: &Video) -> Check {
    let mut findings = Findings::new();
    let planned = plan.dolby_vision.map(|profiles| profiles.to);
    findings.expect(video.hdr.dolby_vision == planned, || {
        format!("{} planned, {} found", named(planned), named(video.hdr.dolby_vision))
    });
    let mut pictures = 0;
    match (of_stream(files.evidence.source, position), of_stream(files.evidence.output, position)) {
        (Ok((was_frames, was)), Ok((is_frames, is))) => {
            pictures = is_frames.len();
            for ((name, hash), is_kept) in kinds(plan) {
                let wrong = wrong(hash, (was_frames, was), (is_frames, is), is_kept);
                findings.expect(wrong.is_none(), || format!("{name}: {}", wrong.unwrap_or_default()));
            }
        }
        (Err(reason), _) | (_, Err(reason)) => findings.expect(false, || reason.to_owned()),
    }
    findings.into_check(
        format!("dynamic hdr #{index}"),
        format!("{} on each of {pictures} pictures, as planned", plan.describe()),
    )
}

/// What a track is called.
fn named(profile: Option<DolbyVision>) -> String {
    match profile {
        None => "no Dolby Vision".to_owned(),
        Some(DolbyVision { profile: 0, .. }) => "Dolby Vision without a profile".to_owned(),
        Some(profile) => format!("Dolby Vision {profile} of level {}", profile.level),
    }
}

/// What is wrong with one kind of metadata.
fn wrong(
    hash: fn(&PictureMetadata) -> Option<Hash>,
    (was_frames, was): (&[Entry], &[PictureMetadata]),
    (is_frames, is): (&[Entry], &[PictureMetadata]),
    is_kept: bool,
) -> Option<String> {
    let total = is_frames.len();
    let of = |listed: &[PictureMetadata], frame: &Entry| of_frame(listed, frame).and_then(hash);
    let found = is_frames.iter().filter(|frame| of(is, frame).is_some()).count();
    if found != if is_kept { total } else { 0 } {
        return Some(format!("{found} of {total} pictures have it"));
    }
    let differs = |(was_frame, is_frame): &(&Entry, &Entry)| is_kept && of(was, was_frame) != of(is, is_frame);
    let mut others = was_frames.iter().zip(is_frames).filter(differs);
    let (_, first) = others.next()?;
    #[allow(clippy::cast_precision_loss)]
    let at_s = first.pts_us as f64 / 1e6;
    Some(format!("{} of {total} pictures have another one's, first at {at_s:.3} s", others.count() + 1))
}

/// The pictures of a stream with the metadata that was found beside them.
fn of_stream(measured: &Measured, position: usize) -> Result<(&[Entry], &[PictureMetadata]), &str> {
    let frames = measured.frames.get(&position).ok_or("its pictures were not listed")?;
    match measured.dynamic.get(&position) {
        Some(Ok(listed)) => Ok((frames, listed)),
        Some(Err(reason)) => Err(reason),
        None => Err("its metadata was not measured"),
    }
}

/// The metadata of a picture: of the packet that is shown at its time, which a container rounds to milliseconds.
fn of_frame<'a>(listed: &'a [PictureMetadata], frame: &Entry) -> Option<&'a PictureMetadata> {
    const ROUNDED_US: u64 = 1500;
    let next = listed.partition_point(|picture| picture.at_ms * 1000 < frame.pts_us);
    let near = listed.get(next.saturating_sub(1)..)?.iter().take(2);
    let distance = |picture: &&PictureMetadata| (picture.at_ms * 1000).abs_diff(frame.pts_us);
    near.min_by_key(distance).filter(|picture| distance(picture) <= ROUNDED_US)
}
