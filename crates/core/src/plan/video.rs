//! What happens to a video stream.

use super::dynamic::{self, DynamicHdr};
use super::{Action, Refusal, ToneMap, VideoEncode};
use crate::media::color::{ColorInfo, DynamicRange};
use crate::media::preset::{HdrMode, Settings, TargetVideo};
use crate::media::{Container, Ratio, ResolutionTier, Stream, Video};

pub(super) fn plan(
    stream: &Stream,
    video: &Video,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Result<Action, Refusal> {
    if video.width == 0 || video.height == 0 {
        return Err(Refusal::NoPictureSize);
    }
    if stream.codec == "unknown" {
        return Err(Refusal::UnknownCodec { index: stream.index, kind: "video".to_owned() });
    }
    if settings.video == TargetVideo::Copy {
        return match (settings.container, video.rotation_deg) {
            (Container::Mp4, _) | (_, 0) => Ok(Action::CopyVideo),
            (_, degrees) => Err(Refusal::RotatedRemux { degrees }),
        };
    }
    // WebM keeps transparency beside the pictures, where their format does not show it.
    if video.pixel_format.starts_with("yuva") || tag(stream, "alpha_mode").is_some_and(|mode| mode != "0") {
        return Err(Refusal::Transparent);
    }
    if video.spatial {
        return Err(Refusal::Spatial);
    }
    let (displayed, turned) = (video.displayed_size(), video.rotation_deg % 180 == 90);
    let size = fit(displayed, settings.max_resolution);
    let (tone_map, dynamic) = match hdr(stream, video, settings, size)? {
        Hdr::None => (None, None),
        Hdr::ToneMapped(map) => {
            notes.push(if map.peak_is_usual {
                format!(
                    "stream {}: HDR becomes SDR; its brightest light, which it does not tell, is measured",
                    stream.index
                )
            } else {
                format!("stream {}: HDR of up to {} cd/m² becomes SDR", stream.index, map.peak_nits)
            });
            (Some(map), None)
        }
        Hdr::Kept(dynamic) => {
            notes.push(format!("stream {}: {} is kept, picture by picture", stream.index, dynamic.describe()));
            if dynamic.dolby_vision.is_some_and(|plan| plan.from.profile == 7) {
                notes.push(format!("stream {}: Dolby Vision's enhancement layer is left out", stream.index));
            }
            (None, Some(dynamic))
        }
    };
    if settings.two_pass && !settings.takes_two_passes() {
        notes.push(format!("stream {}: takes one pass; two are for meeting an average bitrate", stream.index));
    }
    if video.interlaced {
        notes.push(format!("stream {}: interlaced fields become whole frames, one for one", stream.index));
    }
    if video.bit_depth > 8 && settings.video == TargetVideo::H264 && tone_map.is_none() {
        let depth = video.bit_depth;
        notes.push(format!(
            "stream {}: {depth} bits a sample become 8, with which H.264 plays everywhere",
            stream.index
        ));
    }
    if video.rotation_deg != 0 {
        notes.push(format!("stream {}: stored turned by {}°, written upright", stream.index, video.rotation_deg));
    }
    if size != displayed {
        notes.push(format!("stream {}: {}x{} becomes {}x{}", stream.index, displayed.0, displayed.1, size.0, size.1));
    }
    Ok(Action::EncodeVideo(Box::new(VideoEncode {
        codec: settings.video,
        rate: settings.rate,
        two_pass: settings.takes_two_passes(),
        hardware: settings.hardware,
        tune: settings.tune.clone(),
        flags: settings.encoder_flags.clone(),
        pixel_format: pixel_format(&video.pixel_format, video.bit_depth, settings.video)?,
        source_size: displayed,
        size,
        sample_aspect: if turned {
            Ratio { num: video.sample_aspect.den, den: video.sample_aspect.num }
        } else {
            video.sample_aspect
        },
        upright: video.rotation_deg != 0,
        deinterlace: video.interlaced || changes_midway(&stream.codec),
        only_flagged: flags_each_picture(&stream.codec),
        color: if tone_map.is_some() { bt709() } else { video.color.clone() },
        mastering: video.hdr.mastering.filter(|_| tone_map.is_none()),
        light: video.hdr.light.filter(|_| tone_map.is_none()),
        tone_map,
        // MP4 only holds the configuration where it is asked for.
        sheds_dolby_vision: video.hdr.dolby_vision.is_some()
            && dynamic.is_none()
            && settings.container != Container::Mp4,
        dynamic,
        closed_captions: video.closed_captions,
        absurd_rate: video.frame_rate.is_some_and(|rate| rate.value() > HIGHEST_FPS),
        burn_in: None,
    })))
}

/// Codecs whose every picture says whether it is interlaced. Of others only the container may know it.
fn flags_each_picture(codec: &str) -> bool {
    matches!(codec, "h264" | "mpeg2video" | "vc1")
}

/// What discs are made of: a film with a trailer from television, or the other way round. That its first pictures are
/// whole tells nothing of the rest.
fn changes_midway(codec: &str) -> bool {
    matches!(codec, "mpeg2video" | "vc1")
}

/// What becomes of HDR.
enum Hdr {
    /// There is none, or none that needs more than what every encoder keeps.
    None,
    /// It becomes SDR.
    ToneMapped(ToneMap),
    /// What each picture carries is kept.
    Kept(DynamicHdr),
}

fn hdr(stream: &Stream, video: &Video, settings: &Settings, size: (u32, u32)) -> Result<Hdr, Refusal> {
    let range = DynamicRange::of(&video.color, &video.hdr);
    match (settings.hdr, video.hdr.dolby_vision) {
        _ if range == DynamicRange::Sdr => Ok(Hdr::None),
        (HdrMode::ToneMap, Some(dolby_vision)) => match (dolby_vision.profile, dolby_vision.compatibility) {
            (profile, _) if dolby_vision.enhancement_only => {
                Err(Refusal::DolbyVisionApart { index: stream.index, profile })
            }
            (profile @ (5 | 10), 0) => Err(Refusal::DolbyVisionOnly { profile }),
            (profile @ (0 | 7 | 8 | 10), _) => match video.color.transfer.as_deref() {
                Some("smpte2084" | "arib-std-b67") => Ok(Hdr::ToneMapped(to_sdr(video))),
                // The picture below is SDR: without its metadata that is what is seen.
                Some(_) if profile > 7 && dolby_vision.compatibility == 2 => Ok(Hdr::None),
                _ => Err(Refusal::DolbyVision { profile }),
            },
            (profile, _) => Err(Refusal::DolbyVision { profile }),
        },
        (HdrMode::ToneMap, None) => Ok(Hdr::ToneMapped(to_sdr(video))),
        (HdrMode::Preserve, _) => match dynamic::keep(stream, video, settings, size)? {
            Some(dynamic) => Ok(Hdr::Kept(dynamic)),
            None if settings.video == TargetVideo::H264 => Err(Refusal::HdrInEightBits),
            None => Ok(Hdr::None),
        },
    }
}

/// Faster than anything is shown: what containers claim that count in ticks of their clock.
const HIGHEST_FPS: f64 = 240.0;

/// What nearly all HDR is graded for, in cd/m²; HLG is by definition.
const USUAL_PEAK_NITS: u32 = 1000;
/// Peaks outside of this are mistakes of whoever wrote them: below is SDR, above is more than PQ can say.
pub(super) const CREDIBLE_PEAK_NITS: std::ops::RangeInclusive<u32> = 100..=10_000;

impl ToneMap {
    /// How a picture becomes SDR that is to be looked at on an SDR screen.
    #[must_use]
    pub fn of(video: &Video) -> Self {
        to_sdr(video)
    }
}

fn to_sdr(video: &Video) -> ToneMap {
    let or = |value: &Option<String>, usual: &str| Some(value.clone().unwrap_or_else(|| usual.to_owned()));
    let from = ColorInfo {
        primaries: or(&video.color.primaries, "bt2020"),
        matrix: or(&video.color.matrix, "bt2020nc"),
        range: or(&video.color.range, "tv"),
        ..video.color.clone()
    };
    let hlg = from.transfer.as_deref() == Some("arib-std-b67");
    let content = video.hdr.light.map(|light| light.max_content);
    // In units of 1/10,000 cd/m².
    let display = video.hdr.mastering.map(|display| display.max_luminance / 10_000);
    let credible = |nits: &u32| CREDIBLE_PEAK_NITS.contains(nits);
    let said = content.filter(credible).or(display.filter(credible)).filter(|_| !hlg);
    let peak_is_usual = said.is_none() && !hlg;
    ToneMap { from, peak_nits: said.unwrap_or(USUAL_PEAK_NITS), peak_is_usual, measured_nits: None }
}

fn bt709() -> ColorInfo {
    let name = || Some("bt709".to_owned());
    ColorInfo {
        primaries: name(),
        transfer: name(),
        matrix: name(),
        range: Some("tv".to_owned()),
        chroma_location: None,
    }
}

fn tag<'a>(stream: &'a Stream, name: &str) -> Option<&'a str> {
    stream.tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// The largest size of the same shape within the tier's bounds, even in both directions and never larger than the
/// source. A portrait picture fits into the bounds turned.
fn fit((width, height): (u32, u32), tier: Option<ResolutionTier>) -> (u32, u32) {
    let even = |n: f64| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let whole = n.round() as u32;
        (whole & !1).max(2)
    };
    let (w, h) = (f64::from(width), f64::from(height));
    let factor = tier.map_or(1.0, |tier| {
        let (long, short) = tier.bounds();
        let (bound_w, bound_h) = if width >= height { (long, short) } else { (short, long) };
        (f64::from(bound_w) / w).min(f64::from(bound_h) / h).min(1.0)
    });
    (even(w * factor), even(h * factor))
}

/// The output's pixel format: the source's chroma sampling, 10 bits for HEVC and AV1 (less banding at the same size,
/// `facts` §7), 8 for H.264, which phones decode.
fn pixel_format(source: &str, bit_depth: u8, codec: TargetVideo) -> Result<String, Refusal> {
    let refuse =
        || Refusal::PixelFormat { pixel_format: source.to_owned(), codec: codec.codec().unwrap_or("copy").to_owned() };
    let sampling = if source.starts_with("yuv420p")
        || source.starts_with("yuvj420p")
        || source == "nv12"
        || source.starts_with("p010")
    {
        "yuv420p"
    } else if source.starts_with("yuv422p")
        || source.starts_with("yuvj422p")
        || source == "uyvy422"
        || source == "yuyv422"
    {
        "yuv422p"
    } else if source.starts_with("yuv444p") || source.starts_with("yuvj444p") {
        "yuv444p"
    } else if source == "yuv410p" || source == "yuv411p" || source == "gray" || source.starts_with("gray10") {
        // Less chroma than 4:2:0 can be carried in 4:2:0.
        "yuv420p"
    } else {
        return Err(refuse());
    };
    if bit_depth > 10 {
        return Err(refuse());
    }
    match codec {
        TargetVideo::Hevc => Ok(format!("{sampling}10le")),
        TargetVideo::Av1 if sampling == "yuv420p" => Ok("yuv420p10le".to_owned()),
        TargetVideo::H264 => Ok(sampling.to_owned()),
        TargetVideo::Av1 | TargetVideo::Copy => Err(refuse()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_keeps_the_shape_and_never_enlarges() {
        let hd = Some(ResolutionTier::P1080);
        for (from, tier, to) in [
            ((3840, 2160), hd, (1920, 1080)),
            ((3840, 1600), hd, (1920, 800)),
            ((1440, 1080), hd, (1440, 1080)),
            ((2160, 3840), hd, (1080, 1920)),
            ((640, 360), hd, (640, 360)),
            ((853, 481), None, (852, 480)),
            ((1, 1), None, (2, 2)),
            ((4096, 1716), Some(ResolutionTier::P720), (1280, 536)),
        ] {
            assert_eq!(fit(from, tier), to, "{from:?} into {tier:?}");
        }
    }

    #[test]
    fn no_chroma_alpha_or_depth_is_lost_without_saying_so() {
        assert_eq!(pixel_format("yuvj420p", 8, TargetVideo::Hevc).unwrap(), "yuv420p10le");
        assert_eq!(pixel_format("yuv422p10le", 10, TargetVideo::Hevc).unwrap(), "yuv422p10le");
        assert_eq!(pixel_format("yuv420p", 8, TargetVideo::H264).unwrap(), "yuv420p");
        for (format, depth, codec) in [
            ("yuva420p", 8, TargetVideo::Hevc),
            ("yuv420p12le", 12, TargetVideo::Hevc),
            ("gbrp", 8, TargetVideo::H264),
            ("yuv444p", 8, TargetVideo::Av1),
        ] {
            assert!(pixel_format(format, depth, codec).is_err(), "{format} was accepted for {codec:?}");
        }
    }
}
