//! The picture: size, shape, colour, HDR metadata, captions, and the quality floor.

use mediaflow_core::media::color::ColorInfo;
use mediaflow_core::media::{Ratio, Stream, StreamKind, Video};
use mediaflow_core::plan::{Action, VideoEncode};
use mediaflow_core::proof::Check;

use super::{Files, Findings, dynamic, shown};
use crate::measure::{CHROMA_FLOOR_DB, LUMA_FLOOR_DB, Metric, Quality, TONE_FLOOR, compares_tone};

pub(super) fn check(files: &Files<'_>, checks: &mut Vec<Check>) {
    let mut qualities = files.evidence.quality.iter();
    let videos: Vec<&Stream> = files.output.streams.iter().filter(|s| matches!(s.kind, StreamKind::Video(_))).collect();
    let plans = files.evidence.intent.streams.iter().enumerate();
    let plans = plans.filter(|(_, p)| matches!(p.action, Action::EncodeVideo(_) | Action::CopyVideo));
    for ((position, plan), stream) in plans.zip(videos.into_iter().map(Some).chain(std::iter::repeat(None))) {
        let Some(Stream { kind: StreamKind::Video(video), .. }) = stream else {
            checks.push(Check::new(format!("picture #{}", plan.source_index), false, "the stream is missing"));
            continue;
        };
        match &plan.action {
            Action::EncodeVideo(encode) => {
                checks.push(shape(plan.source_index, encode, video));
                checks.push(colour(plan.source_index, &encode.color, video));
                checks.push(hdr(plan.source_index, encode, video));
                if let Some(dynamic) = &encode.dynamic {
                    checks.push(dynamic::check(files, position, plan.source_index, dynamic, video));
                }
                let measured = qualities.next();
                checks.push(quality(files, plan.source_index, measured));
                checks.push(planes(plan.source_index, measured));
                if compares_tone(encode) {
                    checks.push(tone(plan.source_index, measured));
                }
            }
            _ => {
                let before = files.source.streams.iter().find(|s| s.index == plan.source_index);
                if let Some(Stream { kind: StreamKind::Video(before), .. }) = before {
                    checks.push(unchanged(plan.source_index, before, video));
                }
            }
        }
    }
}

fn shape(index: u32, encode: &VideoEncode, video: &Video) -> Check {
    let mut findings = Findings::new();
    findings.expect((video.width, video.height) == encode.size, || {
        format!("{}x{} was planned, it is {}x{}", encode.size.0, encode.size.1, video.width, video.height)
    });
    findings.expect(
        video.pixel_format == encode.pixel_format || video.pixel_format == full_range_name(&encode.pixel_format),
        || format!("{} was planned, it is {}", encode.pixel_format, video.pixel_format),
    );
    findings.expect(same_shape(video.sample_aspect, encode.sample_aspect), || {
        format!("pixels of {} were planned, they are {}", encode.sample_aspect, video.sample_aspect)
    });
    findings.expect(video.rotation_deg == 0, || {
        format!("it is shown turned by {}°, although it was written upright", video.rotation_deg)
    });
    findings.expect(!video.interlaced, || "it says that it is interlaced, and its frames are whole".to_owned());
    findings.into_check(
        format!("picture #{index}"),
        format!("{}x{}, pixels {}, {}", video.width, video.height, video.sample_aspect, video.pixel_format),
    )
}

/// Eight bits of full range go by a name of their own.
fn full_range_name(format: &str) -> String {
    format.replacen("yuv4", "yuvj4", 1)
}

/// Containers keep display sizes in whole pixels, which can move the shape of a pixel by a part in a thousand.
fn same_shape(a: Ratio, b: Ratio) -> bool {
    (a.value() / b.value() - 1.0).abs() < 0.005
}

fn colour(index: u32, planned: &ColorInfo, video: &Video) -> Check {
    let mut findings = Findings::new();
    let is = &video.color;
    for (name, was, now) in [
        ("primaries", &planned.primaries, &is.primaries),
        ("transfer", &planned.transfer, &is.transfer),
        ("matrix", &planned.matrix, &is.matrix),
    ] {
        findings.expect(was == now, || format!("{name} {} planned, {} found", shown(was), shown(now)));
    }
    // Limited range is what an absent flag means.
    let range = |color: &ColorInfo| color.range.clone().unwrap_or_else(|| "tv".to_owned());
    findings.expect(range(planned) == range(is), || format!("range {} planned, {} found", range(planned), range(is)));
    let or = |value: &Option<String>| value.clone().unwrap_or_else(|| "unspecified".to_owned());
    findings.into_check(
        format!("colour #{index}"),
        format!("{}/{}/{}, range {}", or(&is.primaries), or(&is.transfer), or(&is.matrix), range(is)),
    )
}

fn hdr(index: u32, encode: &VideoEncode, video: &Video) -> Check {
    let mut findings = Findings::new();
    findings.expect(video.hdr.mastering == encode.mastering, || {
        format!("mastering display {} planned, {} found", shown(&encode.mastering), shown(&video.hdr.mastering))
    });
    findings.expect(video.hdr.light == encode.light, || {
        format!("light level {} planned, {} found", shown(&encode.light), shown(&video.hdr.light))
    });
    findings.expect(encode.dynamic.is_some() || (video.hdr.dolby_vision.is_none() && !video.hdr.hdr10_plus), || {
        "its pictures carry dynamic metadata of HDR, which was not planned".to_owned()
    });
    findings.expect(video.closed_captions || !encode.closed_captions, || {
        "the captions inside the pictures are gone: this encoder does not carry them".to_owned()
    });
    let fine = match (&encode.mastering, &encode.light) {
        (None, None) => "no static metadata before, none after".to_owned(),
        (_, light) => format!(
            "mastering display as before, light level {}",
            light.as_ref().map_or_else(|| "unset".to_owned(), |l| format!("{}/{}", l.max_content, l.max_average))
        ),
    };
    findings.into_check(format!("hdr #{index}"), fine)
}

fn unchanged(index: u32, was: &Video, is: &Video) -> Check {
    let mut findings = Findings::new();
    findings.expect(was.displayed_size() == is.displayed_size() && was.rotation_deg == is.rotation_deg, || {
        format!("shown as {:?} before and as {:?} now", was.displayed_size(), is.displayed_size())
    });
    findings.expect(same_shape(was.sample_aspect, is.sample_aspect), || {
        format!("pixels were {} and are {}", was.sample_aspect, is.sample_aspect)
    });
    findings.expect(was.hdr.dolby_vision == is.hdr.dolby_vision && was.hdr.hdr10_plus == is.hdr.hdr10_plus, || {
        "dynamic HDR metadata is not what it was".to_owned()
    });
    findings.into_check(format!("picture #{index}"), format!("{}x{} as before", is.width, is.height))
}

fn quality(files: &Files<'_>, index: u32, measured: Option<&Result<Quality, String>>) -> Check {
    let name = format!("quality #{index}");
    match measured {
        Some(Ok(quality)) => {
            let floor = match quality.metric {
                Metric::Vmaf => files.evidence.intent.floor.vmaf,
                Metric::Ssim => files.evidence.intent.floor.ssim,
            };
            let show = |score| quality.metric.show(score);
            let at = mediaflow_core::text::duration(u64::try_from(quality.worst_at_us / 1_000_000).unwrap_or(0));
            let frame_floor = floor - quality.metric.frame_slack();
            let metric = quality.metric.name();
            let mut findings = Findings::new();
            findings.expect(quality.worst >= floor, || {
                format!(
                    "the worst two seconds (at {at}) have {metric} {}, below the floor of {}; their mean is {}",
                    show(quality.worst),
                    show(floor),
                    show(quality.mean)
                )
            });
            findings.expect(quality.worst_frame >= frame_floor, || {
                format!("a frame has {metric} {}, below the floor of {}", show(quality.worst_frame), show(frame_floor))
            });
            findings.into_check(
                name,
                format!(
                    "{metric} mean {}, worst two seconds {} (at {at}), floor {}; worst frame {}, floor {}; {} frames looked at",
                    show(quality.mean),
                    show(quality.worst),
                    show(floor),
                    show(quality.worst_frame),
                    show(frame_floor),
                    quality.frames
                ),
            )
        }
        Some(Err(reason)) => Check::new(name, false, reason.clone()),
        None => Check::new(name, false, "it was not measured"),
    }
}

fn planes(index: u32, measured: Option<&Result<Quality, String>>) -> Check {
    let name = format!("planes #{index}");
    match measured {
        Some(Ok(quality)) => {
            let (luma, chroma) = (quality.luma_db, quality.chroma_db);
            let mut findings = Findings::new();
            for (plane, db, floor) in [("brightness", luma, LUMA_FLOOR_DB), ("colour", chroma, CHROMA_FLOOR_DB)] {
                findings
                    .expect(db >= floor, || format!("two seconds keep only {db:.1} dB of {plane}, below {floor} dB"));
            }
            findings.into_check(
                name,
                format!(
                    "worst two seconds: brightness {luma:.1} dB, floor {LUMA_FLOOR_DB}; colour {chroma:.1} dB, floor {CHROMA_FLOOR_DB}"
                ),
            )
        }
        _ => Check::new(name, false, "they could not be compared"),
    }
}

/// Tone-mapped pictures have the brightness and the colours that the plan makes of the source's.
fn tone(index: u32, measured: Option<&Result<Quality, String>>) -> Check {
    let name = format!("tone #{index}");
    let Some(Ok(Quality { tone: Some(is), .. })) = measured else {
        return Check::new(name, false, "it could not be compared");
    };
    let mut findings = Findings::new();
    for (what, db, floor) in
        [("brightness", is.luma_db, TONE_FLOOR.luma_db), ("colour", is.chroma_db, TONE_FLOOR.chroma_db)]
    {
        findings.expect(db >= floor, || {
            format!("its {what} is not that of the source tone-mapped: {db:.1} dB made small, below {floor} dB")
        });
    }
    findings.into_check(
        name,
        format!(
            "as the source tone-mapped, made small: brightness {:.1} dB, floor {}; colour {:.1} dB, floor {}",
            is.luma_db, TONE_FLOOR.luma_db, is.chroma_db, TONE_FLOOR.chroma_db
        ),
    )
}
