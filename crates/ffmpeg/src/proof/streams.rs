//! Streams as planned: count, codec, language, title, dispositions, order, attachments, chapters, tags.

use std::collections::BTreeSet;

use mediaflow_core::media::tag;
use mediaflow_core::media::{Container, Disposition, Stream, StreamKind, Tags};
use mediaflow_core::plan::{Action, StreamPlan};
use mediaflow_core::proof::Check;

use super::{Files, Findings, shown};

pub(super) fn check(files: &Files<'_>, checks: &mut Vec<Check>) {
    checks.push(tracks(files));
    checks.push(labels(files));
    if let Some(check) = attachments(files) {
        checks.push(check);
    }
    checks.push(chapters(files));
    checks.push(tags(files));
}

/// The output's streams that answer to the plan, in order. MP4 keeps chapter titles in a text track of its own, which
/// probes show as data.
fn planned_streams<'a>(files: &Files<'a>) -> Vec<&'a Stream> {
    files
        .output
        .streams
        .iter()
        .filter(|stream| !(files.evidence.intent.container == Container::Mp4 && stream.kind == StreamKind::Data))
        .collect()
}

fn tracks(files: &Files<'_>) -> Check {
    let mut findings = Findings::new();
    let streams = planned_streams(files);
    let planned = &files.evidence.intent.streams;
    findings.expect(streams.len() == planned.len(), || {
        format!("{} streams were planned, {} are there", planned.len(), streams.len())
    });
    for (position, (plan, stream)) in planned.iter().zip(&streams).enumerate() {
        let (kind, codec) = expected(plan);
        findings.expect(kind == kind_name(stream) && codec.is_none_or(|codec| codec == stream.codec), || {
            format!(
                "stream {position} was planned as {kind} {}, and is {} {}",
                codec.unwrap_or("(any)"),
                kind_name(stream),
                stream.codec
            )
        });
        if let (Some(channels), StreamKind::Audio(audio)) = (planned_channels(plan), &stream.kind) {
            findings.expect(audio.channels == channels, || {
                format!("stream {position} was planned with {channels} channels, and has {}", audio.channels)
            });
            if let Action::EncodeAudio(encode) = &plan.action {
                findings.expect(same_layout(&audio.layout, &encode.layout), || {
                    format!(
                        "stream {position} was planned as {}, and is {}",
                        shown(&encode.layout),
                        shown(&audio.layout)
                    )
                });
            }
            if matches!(plan.action, Action::CopyAudio { .. }) {
                let before = files.source.streams.iter().find(|s| s.index == plan.source_index);
                if let Some(Stream { kind: StreamKind::Audio(before), .. }) = before {
                    findings.expect(
                        audio.sample_rate_hz == before.sample_rate_hz && same_layout(&audio.layout, &before.layout),
                        || {
                            format!(
                                "stream {position} was {} at {} Hz, and is {} at {} Hz",
                                shown(&before.layout),
                                before.sample_rate_hz,
                                shown(&audio.layout),
                                audio.sample_rate_hz
                            )
                        },
                    );
                }
            }
        }
    }
    let kept = planned.len();
    let dropped: Vec<String> =
        files.evidence.intent.dropped.iter().map(|d| format!("#{} {}", d.source_index, d.codec)).collect();
    let named =
        if dropped.is_empty() { String::new() } else { format!("; left out as planned: {}", dropped.join(", ")) };
    findings.into_check("streams", format!("all {kept} planned streams are there, in order{named}"))
}

/// An absent layout is filled in by some builds and not by others.
fn same_layout(a: &Option<String>, b: &Option<String>) -> bool {
    a == b || a.is_none() || b.is_none()
}

fn planned_channels(plan: &StreamPlan) -> Option<u32> {
    match &plan.action {
        Action::CopyAudio { channels } => Some(*channels),
        Action::EncodeAudio(encode) => Some(encode.channels),
        _ => None,
    }
}

fn expected(plan: &StreamPlan) -> (&'static str, Option<&str>) {
    let own = Some(plan.source_codec.as_str());
    match &plan.action {
        Action::CopyVideo => ("video", own),
        Action::EncodeVideo(encode) => ("video", encode.codec.codec()),
        Action::CopyAudio { .. } => ("audio", own),
        Action::EncodeAudio(encode) => ("audio", Some(encode.codec.name())),
        // ASS under its old name is the same codec.
        Action::CopySubtitle if plan.source_codec == "ssa" => ("subtitle", None),
        Action::CopySubtitle => ("subtitle", own),
        Action::ConvertSubtitle { to } => ("subtitle", Some(to.codec())),
        Action::CopyAttachment { .. } => ("attachment", None),
        Action::Cover { .. } => ("cover", own),
    }
}

const fn kind_name(stream: &Stream) -> &'static str {
    match stream.kind {
        StreamKind::Video(_) => "video",
        StreamKind::Cover { .. } => "cover",
        StreamKind::Audio(_) => "audio",
        StreamKind::Subtitle(_) => "subtitle",
        StreamKind::Attachment { .. } => "attachment",
        StreamKind::Data => "data",
    }
}

fn labels(files: &Files<'_>) -> Check {
    let mut findings = Findings::new();
    let matroska = files.evidence.intent.container == Container::Matroska;
    let mut labelled = 0;
    let is_default = |set: &BTreeSet<Disposition>| set.contains(&Disposition::Default);
    let plays_by_itself = |plan: &StreamPlan| planned_channels(plan).is_some() && is_default(&plan.dispositions);
    let default_audio = files.evidence.intent.streams.iter().any(plays_by_itself);
    for (position, (plan, stream)) in files.evidence.intent.streams.iter().zip(planned_streams(files)).enumerate() {
        if matches!(stream.kind, StreamKind::Attachment { .. } | StreamKind::Cover { .. }) {
            continue;
        }
        labelled += 1;
        let marks_audio = default_audio && planned_channels(plan).is_some();
        findings.expect(stream.language == plan.language, || {
            format!("stream {position}: language was {} and is {}", shown(&plan.language), shown(&stream.language))
        });
        if matroska {
            findings.expect(stream.title == plan.title, || {
                format!("stream {position}: title was {} and is {}", shown(&plan.title), shown(&stream.title))
            });
            let want: Vec<_> = plan.dispositions.iter().filter(|d| in_matroska(**d)).collect();
            let have: Vec<_> = stream.dispositions.iter().filter(|d| in_matroska(**d)).collect();
            findings.expect(want == have, || format!("stream {position}: dispositions were {want:?} and are {have:?}"));
        }
        // MP4 marks what plays by itself; where nothing is, it marks the first.
        findings.expect(
            matroska || !marks_audio || is_default(&plan.dispositions) == is_default(&stream.dispositions),
            || format!("stream {position}: whether it plays by itself is not as planned"),
        );
        for key in ["BPS", "NUMBER_OF_FRAMES", "NUMBER_OF_BYTES", "_STATISTICS_TAGS"] {
            let stale =
                plan.stale_tags.iter().filter(|tag| tag.starts_with(key)).find(|tag| stream.tags.contains_key(*tag));
            findings.expect(stale.is_none(), || {
                format!("stream {position}: the old statistics {} were copied", shown(&stale))
            });
        }
    }
    let what = if matroska { "languages, titles and dispositions" } else { "languages" };
    findings.into_check("labels", format!("{what} of {labelled} tracks as before"))
}

/// The flags that Matroska has a place for; the others have no element in any container that is written.
const fn in_matroska(disposition: Disposition) -> bool {
    matches!(
        disposition,
        Disposition::Default
            | Disposition::Forced
            | Disposition::Original
            | Disposition::Comment
            | Disposition::HearingImpaired
            | Disposition::VisualImpaired
            | Disposition::Descriptions
    )
}

fn attachments(files: &Files<'_>) -> Option<Check> {
    let mut findings = Findings::new();
    let mut compared = 0;
    for (position, (plan, stream)) in files.evidence.intent.streams.iter().zip(planned_streams(files)).enumerate() {
        let filename = match (&plan.action, &stream.kind) {
            (Action::CopyAttachment { filename, .. }, StreamKind::Attachment { filename: is, .. }) => {
                let before = files.source.streams.iter().find(|s| s.index == plan.source_index);
                let (was, now) = (before.and_then(|s| s.extradata_hash.as_ref()), stream.extradata_hash.as_ref());
                findings.expect(was.is_some() && was == now, || {
                    format!("attachment {filename} is not the same, byte for byte")
                });
                Some((filename, is))
            }
            (Action::Cover { filename, .. }, StreamKind::Cover { filename: is, .. }) => {
                let hashes = |side: &crate::measure::Measured| {
                    side.packets.get(&position).map(|packets| packets.iter().map(|p| p.hash).collect::<Vec<_>>())
                };
                let (was, now) = (hashes(files.evidence.source), hashes(files.evidence.output));
                findings.expect(was.as_ref().is_some_and(|list| !list.is_empty()) && was == now, || {
                    format!("cover {filename} is not the same, byte for byte")
                });
                Some((filename, is))
            }
            _ => None,
        };
        if let Some((was, is)) = filename {
            compared += 1;
            if files.evidence.intent.container == Container::Matroska {
                findings.expect(is.as_ref() == Some(was), || format!("attachment {was} is now called {}", shown(is)));
            }
        }
    }
    let planned = files
        .evidence
        .intent
        .streams
        .iter()
        .any(|plan| matches!(plan.action, Action::CopyAttachment { .. } | Action::Cover { .. }));
    planned.then(|| {
        findings.into_check("attachments", format!("{compared} attachments and covers the same, byte for byte"))
    })
}

/// Matroska rounds chapters to its time base and both containers move a file's start to zero.
const CHAPTER_TOLERANCE_US: i64 = 100_000;

fn chapters(files: &Files<'_>) -> Check {
    let mut findings = Findings::new();
    let (was, is) = (&files.source.chapters, &files.output.chapters);
    findings.expect(was.len() == is.len(), || format!("{} chapters before, {} after", was.len(), is.len()));
    let shift = super::time::video_shift(files).unwrap_or(0);
    for (number, (a, b)) in was.iter().zip(is).enumerate() {
        findings.expect(a.title == b.title, || {
            format!("chapter {} was called {} and is {}", number + 1, shown(&a.title), shown(&b.title))
        });
        let moved = b.start_us - a.start_us - shift;
        findings.expect(moved.abs() <= CHAPTER_TOLERANCE_US || b.start_us == 0 && a.start_us + shift < 0, || {
            format!("chapter {} moved by {}", number + 1, super::ms(moved))
        });
    }
    findings.into_check(
        "chapters",
        if was.is_empty() {
            "none before, none after".to_owned()
        } else {
            format!("{} with their titles and times", was.len())
        },
    )
}

/// Tags that describe the old file and not the film.
const TECHNICAL_TAGS: [&str; 12] = [
    "encoder",
    "creation_time",
    "major_brand",
    "minor_version",
    "compatible_brands",
    "duration",
    "encoding_tool",
    "metadatacreator",
    "hasmetadata",
    "canseekontime",
    "software",
    "com.android.version",
];
/// What MP4 has a place for; the rest of a Matroska file's tags cannot be kept there.
const MP4_TAGS: [&str; 13] = [
    "title",
    "artist",
    "album_artist",
    "album",
    "comment",
    "genre",
    "date",
    "description",
    "synopsis",
    "show",
    "network",
    "copyright",
    "composer",
];

fn tags(files: &Files<'_>) -> Check {
    let mut findings = Findings::new();
    let find = |tags: &Tags, key: &str| tags.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v.clone());
    let mp4 = files.evidence.intent.container == Container::Mp4;
    let mut kept = 0;
    for (key, value) in &files.source.tags {
        let lower = key.to_ascii_lowercase();
        if TECHNICAL_TAGS.contains(&lower.as_str()) || key.eq_ignore_ascii_case(tag::KEY) || value.trim().is_empty() {
            continue;
        }
        if mp4 && !MP4_TAGS.contains(&lower.as_str()) {
            continue;
        }
        kept += 1;
        let now = find(&files.output.tags, key);
        findings.expect(now.as_deref().map(str::trim) == Some(value.trim()), || {
            format!("tag {key} was {value:?} and is {}", shown(&now))
        });
    }
    let marked =
        tag::Mark::find(&files.output.tags).is_some_and(|mark| mark.policy == files.evidence.intent.policy.short());
    findings.expect(marked, || "our mark, which keeps it from being done again, is missing".to_owned());
    findings.into_check("tags", format!("{kept} tags of the source kept, marked as made by MediaFlow"))
}
