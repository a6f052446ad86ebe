//! `Media`, `Part` and `Stream`: what Plex tells of files.

use mediaflow_core::media::{Audio, Disposition, Stream, StreamKind, Video};

use super::element::Element;
use super::generated::version_ms;
use super::model::Part;
use super::words;

/// All versions of an item, with the streams of an edition; lists leave these out.
pub(super) fn media(item: u32, versions: &[&[Part]], streams: Option<u32>) -> Vec<Element> {
    let versions = versions.iter().enumerate();
    versions
        .map(|(number, parts)| {
            let id = u64::from(item) * 8 + number as u64;
            let element = Element::large("Media").with("id", id).with("duration", version_ms(parts));
            let element = match parts.first() {
                Some(part) => summary(element, part),
                None => element,
            };
            element.each(parts.iter().enumerate().map(|(number, part)| {
                let id = id * 8 + number as u64;
                self::part(id, part, streams)
            }))
        })
        .collect()
}

/// What `Media` says of the first file's first streams.
fn summary(element: Element, part: &Part) -> Element {
    let info = &part.info;
    let video = info.streams.iter().find_map(|stream| match &stream.kind {
        StreamKind::Video(video) => Some((stream, video)),
        _ => None,
    });
    let audio = info.streams.iter().find_map(|stream| match &stream.kind {
        StreamKind::Audio(audio) => Some((stream, audio)),
        _ => None,
    });
    let rate = video.and_then(|(_, video)| video.frame_rate);
    element
        .maybe("bitrate", info.bitrate_bps.map(|bps| bps / 1000))
        .maybe("width", video.map(|(_, video)| video.width))
        .maybe("height", video.map(|(_, video)| video.height))
        .maybe("aspectRatio", video.map(|(_, video)| aspect(video)))
        .maybe("audioChannels", audio.map(|(_, audio)| audio.channels))
        .maybe("audioCodec", audio.map(|(stream, _)| words::codec(&stream.codec)))
        .maybe("videoCodec", video.map(|(stream, _)| words::codec(&stream.codec)))
        .maybe("videoResolution", video.map(|(_, video)| words::resolution(video)))
        .with("container", words::container(info.container))
        .maybe("videoFrameRate", rate.map(words::frame_rate))
        .maybe("audioProfile", audio.and_then(|(stream, _)| words::profile(stream)))
        .maybe("videoProfile", video.and_then(|(stream, _)| words::profile(stream)))
}

/// Plex knows a few shapes only.
fn aspect(video: &Video) -> f64 {
    let shape = f64::from(video.width) / f64::from(video.height.max(1));
    let known = [1.33, 1.66, 1.78, 1.85, 2.0, 2.2, 2.35, 2.39];
    known.into_iter().min_by(|a, b| (a - shape).abs().total_cmp(&(b - shape).abs())).unwrap_or(1.78)
}

/// A file; its streams get ids by the edition of the look at it.
fn part(id: u64, part: &Part, edition: Option<u32>) -> Element {
    let info = &part.info;
    let name = part.file.rsplit_once('.').map_or("file", |(_, extension)| extension);
    let profile = |wants_video: bool| {
        let fits = |stream: &&Stream| match &stream.kind {
            StreamKind::Video(_) => wants_video,
            StreamKind::Audio(_) => !wants_video,
            _ => false,
        };
        info.streams.iter().find(fits).and_then(words::profile)
    };
    let element = Element::large("Part")
        .with("id", id)
        .with("key", format!("/library/parts/{id}/{}/file.{name}", 1_600_000_000 + id % 100_000_000))
        .maybe("duration", info.duration_us.map(|us| us / 1000))
        .with("file", part.file.clone())
        .with("size", info.size_bytes)
        .maybe("audioProfile", profile(false))
        .with("container", words::container(info.container))
        .maybe("videoProfile", profile(true));
    let Some(edition) = edition else { return element };
    let stream_id = |nth: u64| id * 64 + (nth + u64::from(edition) * 13) % 64;
    let mut selected = [false; 2];
    let inside = info.streams.iter().filter_map(|stream| {
        let element = Element::large("Stream").with("id", stream_id(stream.index.into()));
        Some(match &stream.kind {
            StreamKind::Video(video) => picture(element, stream, video),
            // Plex plays the first sound, and no subtitles.
            StreamKind::Audio(audio) => {
                let is_first = !std::mem::replace(&mut selected[0], true);
                sound(element, stream, audio, is_first)
            }
            StreamKind::Subtitle(_) => text(element, stream),
            StreamKind::Cover { .. } | StreamKind::Attachment { .. } | StreamKind::Data => return None,
        })
    });
    let beside = part.sidecars.iter().enumerate().map(|(number, sidecar)| {
        let id = stream_id(50 + number as u64);
        let (name, code, tag) = words::language(sidecar.language).unwrap_or(("Unknown", "und", "und"));
        let forced = if sidecar.forced { " Forced" } else { "" };
        Element::new("Stream")
            .with("id", id)
            .with("key", format!("/library/streams/{id}"))
            .with("streamType", 3)
            .with("codec", sidecar.codec)
            .with("language", name)
            .with("languageTag", tag)
            .with("languageCode", code)
            .flag("forced", sidecar.forced)
            .with("format", sidecar.codec)
            .with("displayTitle", format!("{name}{forced}"))
            .with("extendedDisplayTitle", format!("{name}{forced} ({} External)", sidecar.codec.to_uppercase()))
    });
    let streams: Vec<Element> = inside.chain(beside).collect();
    element.each(streams)
}

fn picture(element: Element, stream: &Stream, video: &Video) -> Element {
    let (color, hdr) = (&video.color, &video.hdr);
    let level = match (stream.codec.as_str(), video.width) {
        ("hevc", 2000..) => 153,
        ("hevc", _) => 120,
        _ => 41,
    };
    let dolby = hdr.dolby_vision;
    let short = words::picture(video);
    let long = match &stream.title {
        Some(title) => format!("{title} ({short} {})", words::picture_codec(stream)),
        None => format!("{short} ({})", words::picture_codec(stream)),
    };
    let element = common(element.with("streamType", 1), stream)
        .maybe("DOVIBLCompatID", dolby.map(|dolby| u32::from(dolby.compatibility)))
        .maybe("DOVIBLPresent", dolby.map(|dolby| !dolby.enhancement_only))
        .maybe("DOVIELPresent", dolby.map(|dolby| dolby.profile == 7))
        .maybe("DOVILevel", dolby.map(|dolby| u32::from(dolby.level)))
        .maybe("DOVIPresent", dolby.map(|_| true))
        .maybe("DOVIProfile", dolby.map(|dolby| u32::from(dolby.profile)))
        .maybe("DOVIRPUPresent", dolby.map(|_| true))
        .maybe("DOVIVersion", dolby.map(|_| "1.0"))
        .with("bitDepth", u32::from(video.bit_depth))
        .maybe("chromaLocation", color.chroma_location.clone())
        .with("chromaSubsampling", "4:2:0")
        .with("codedHeight", video.height.next_multiple_of(8))
        .with("codedWidth", video.width)
        .maybe("colorPrimaries", color.primaries.clone())
        .maybe("colorRange", color.range.clone())
        .maybe("colorSpace", color.matrix.clone())
        .maybe("colorTrc", color.transfer.clone())
        .maybe("frameRate", video.frame_rate.map(|rate| (rate.value() * 1000.0).round() / 1000.0));
    element
        .with("height", video.height)
        .with("level", level)
        .maybe("profile", words::profile(stream))
        .with("refFrames", 4)
        .with("scanType", if video.interlaced { "interlaced" } else { "progressive" })
        .with("width", video.width)
        .with("displayTitle", short)
        .with("extendedDisplayTitle", long)
}

fn sound(element: Element, stream: &Stream, audio: &Audio, is_selected: bool) -> Element {
    let sound = words::sound(stream, audio.channels);
    let element = common(element.with("streamType", 2).flag("selected", is_selected), stream)
        .with("channels", audio.channels)
        .maybe("audioChannelLayout", audio.layout.clone())
        .maybe("profile", words::profile(stream))
        .with("samplingRate", audio.sample_rate_hz);
    titled(element, stream, &sound, true)
}

fn text(element: Element, stream: &Stream) -> Element {
    let codec = words::codec(&stream.codec).to_uppercase();
    titled(common(element.with("streamType", 3), stream), stream, &codec, false)
}

/// What streams of all kinds have.
fn common(element: Element, stream: &Stream) -> Element {
    let is = |disposition| stream.dispositions.contains(&disposition);
    let element = element
        .flag("default", is(Disposition::Default))
        .with("codec", words::codec(&stream.codec))
        .with("index", stream.index)
        .maybe("bitrate", stream.bitrate_bps.map(|bps| bps / 1000))
        .flag("forced", is(Disposition::Forced))
        .flag("hearingImpaired", is(Disposition::HearingImpaired));
    let Some(code) = &stream.language else { return element };
    match words::language(code) {
        Some((name, code, tag)) => element.with("language", name).with("languageTag", tag).with("languageCode", code),
        None => element.with("language", code.clone()).with("languageCode", code.clone()),
    }
}

/// The titles that people read: a title of the file's own stands before all else.
fn titled(element: Element, stream: &Stream, what: &str, is_sound: bool) -> Element {
    let code = stream.language.as_deref();
    let language = code.map_or("Unknown", |code| words::language(code).map_or(code, |(name, ..)| name));
    let forced = if stream.dispositions.contains(&Disposition::Forced) { " Forced" } else { "" };
    let short = if is_sound { format!("{language} ({what})") } else { format!("{language}{forced}") };
    let long = match &stream.title {
        Some(title) => format!("{title} ({language}{forced} {what})"),
        None => format!("{language}{forced} ({what})"),
    };
    element.maybe("title", stream.title.clone()).with("displayTitle", short).with("extendedDisplayTitle", long)
}
