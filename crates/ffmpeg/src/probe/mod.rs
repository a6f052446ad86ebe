//! Reading a file's streams: the argument vector of the probe, and the parsing of its answer.

mod raw;
mod side_data;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use mediaflow_core::media::color::ColorInfo;
use mediaflow_core::media::{
    Audio, Chapter, Container, Disposition, MediaInfo, Ratio, Stream, StreamKind, Subtitle, SubtitleForm, Tags, Video,
    subtitle_form,
};

/// Why a file's probe cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The probe printed something that is not its JSON.
    #[error("the probe's answer cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// The probe found no container: the file is not media, or is damaged beyond reading.
    #[error("no media container was found in it")]
    NoContainer,
}

/// How many packets from the start are decoded for what only frames carry (HDR metadata in the bitstream, captions):
/// enough to meet a picture even where a TrueHD track sends 40 packets a frame beside it.
const PACKETS_DECODED: &str = "%+#64";

/// Frame fields that are wanted; HDR10+ payloads alone would be kilobytes a frame.
const FRAME_ENTRIES: &str = "frame=stream_index,media_type,interlaced_frame:frame_side_data=side_data_type,red_x,red_y,\
green_x,green_y,blue_x,blue_y,white_point_x,white_point_y,min_luminance,max_luminance,max_content,max_average";

/// A path as ffmpeg's options take it: the `file:` protocol keeps a leading dash, a colon or a percent sign in a name
/// from meaning anything.
#[must_use]
pub fn file_url(path: &OsStr) -> OsString {
    let mut url = OsString::from("file:");
    url.push(path);
    url
}

/// Arguments for ffprobe that read everything about one file in one run.
#[must_use]
pub fn probe_args(path: &OsStr) -> Vec<OsString> {
    probe_url_args(&file_url(path))
}

/// The same for a file under an address: of [`file_url`], or one of this machine's own over HTTP.
#[must_use]
pub fn probe_url_args(url: &OsStr) -> Vec<OsString> {
    let mut args: Vec<OsString> = [
        "-hide_banner",
        "-v",
        "error",
        "-of",
        "json",
        "-show_format",
        "-show_streams",
        "-show_chapters",
        "-show_data_hash",
        "sha256",
        "-show_frames",
        "-read_intervals",
        PACKETS_DECODED,
        "-show_entries",
        FRAME_ENTRIES,
    ]
    .iter()
    .map(OsString::from)
    .collect();
    args.extend(own_address(url));
    args.push(url.to_owned());
    args
}

/// What goes before an address of this machine's own: whatever the environment names as a proxy cannot reach it.
#[must_use]
pub fn own_address(url: &OsStr) -> Vec<OsString> {
    let is_http = url.to_string_lossy().starts_with("http:");
    if is_http { ["-http_proxy", "none"].map(OsString::from).to_vec() } else { Vec::new() }
}

/// Parses what [`probe_args`] made ffprobe print on standard output.
pub fn parse(stdout: &[u8]) -> Result<MediaInfo, ProbeError> {
    let raw: raw::Probe = serde_json::from_slice(stdout)?;
    let format = raw.format.ok_or(ProbeError::NoContainer)?;
    let streams = raw.streams.iter().map(|stream| parse_stream(stream, &raw.frames)).collect();
    Ok(MediaInfo {
        container: Container::of_format_name(&format.format_name),
        format_name: format.format_name,
        size_bytes: raw::integer(format.size.as_deref()).unwrap_or(0),
        duration_us: raw::seconds_to_us(format.duration.as_deref()),
        bitrate_bps: raw::integer(format.bit_rate.as_deref()),
        tags: format.tags,
        streams,
        chapters: raw.chapters.iter().map(parse_chapter).collect(),
    })
}

fn parse_chapter(raw: &raw::Chapter) -> Chapter {
    Chapter {
        start_us: raw::seconds_to_us(raw.start_time.as_deref()).unwrap_or(0),
        end_us: raw::seconds_to_us(raw.end_time.as_deref()).unwrap_or(0),
        title: tag(&raw.tags, "title"),
    }
}

fn parse_stream(raw: &raw::Stream, frames: &[raw::Frame]) -> Stream {
    let kind = match raw.codec_type.as_deref() {
        Some("video") if is_cover(raw) => {
            StreamKind::Cover { filename: tag(&raw.tags, "filename"), mime_type: tag(&raw.tags, "mimetype") }
        }
        Some("video") => StreamKind::Video(parse_video(raw, frames)),
        Some("audio") => StreamKind::Audio(Audio {
            channels: raw.channels.unwrap_or(0),
            layout: raw.channel_layout.clone().filter(|layout| layout != "unknown"),
            sample_rate_hz: raw::integer(raw.sample_rate.as_deref()).and_then(|n| n.try_into().ok()).unwrap_or(0),
        }),
        Some("subtitle") => {
            let form = subtitle_form(raw.codec_name.as_deref().unwrap_or_default());
            let canvas = raw.width.zip(raw.height);
            let canvas = canvas.filter(|(width, height)| form == SubtitleForm::Image && *width > 0 && *height > 0);
            StreamKind::Subtitle(Subtitle { form, canvas })
        }
        Some("attachment") => {
            StreamKind::Attachment { filename: tag(&raw.tags, "filename"), mime_type: tag(&raw.tags, "mimetype") }
        }
        _ => StreamKind::Data,
    };
    Stream {
        index: raw.index,
        codec: raw.codec_name.clone().unwrap_or_else(|| "unknown".to_owned()),
        profile: raw.profile.clone().filter(|profile| profile != "unknown"),
        language: tag(&raw.tags, "language").filter(|language| language != "und"),
        title: tag(&raw.tags, "title"),
        dispositions: Disposition::ALL
            .into_iter()
            .filter(|(_, name)| raw.disposition.get(*name).copied().unwrap_or(0) != 0)
            .map(|(disposition, _)| disposition)
            .collect::<BTreeSet<_>>(),
        start_us: raw::seconds_to_us(raw.start_time.as_deref()),
        duration_us: raw::seconds_to_us(raw.duration.as_deref()).or_else(|| matroska_duration(&raw.tags)),
        bitrate_bps: raw::integer(raw.bit_rate.as_deref()).or_else(|| matroska_bitrate(&raw.tags)),
        tags: raw.tags.clone(),
        extradata_hash: raw.extradata_hash.clone(),
        kind,
    }
}

/// A still that is shown for the film. Some files only carry it as a one-picture stream of a still format.
fn is_cover(raw: &raw::Stream) -> bool {
    let flag = |name| raw.disposition.get(name).copied().unwrap_or(0) != 0;
    flag("attached_pic") || flag("timed_thumbnails")
}

fn parse_video(raw: &raw::Stream, frames: &[raw::Frame]) -> Video {
    let known = |value: &Option<String>| value.clone().filter(|v| v != "unknown" && v != "unspecified");
    let pixel_format = raw.pix_fmt.clone().unwrap_or_else(|| "unknown".to_owned());
    let own_frames: Vec<&raw::Frame> = frames.iter().filter(|frame| frame.stream_index == Some(raw.index)).collect();
    let side_data = || raw.side_data_list.iter().chain(own_frames.iter().flat_map(|frame| &frame.side_data_list));
    Video {
        width: raw.width.unwrap_or(0),
        height: raw.height.unwrap_or(0),
        sample_aspect: raw::ratio(raw.sample_aspect_ratio.as_deref(), ':').unwrap_or(Ratio { num: 1, den: 1 }),
        bit_depth: bit_depth(raw, &pixel_format),
        pixel_format,
        frame_rate: raw::ratio(raw.r_frame_rate.as_deref(), '/'),
        average_frame_rate: raw::ratio(raw.avg_frame_rate.as_deref(), '/'),
        // Headers call interlaced films progressive, ffmpeg's own Matroska files among them: pictures know it better.
        interlaced: matches!(raw.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt"))
            || own_frames.iter().any(|frame| frame.interlaced_frame == Some(1)),
        rotation_deg: side_data::rotation(&raw.side_data_list),
        color: ColorInfo {
            primaries: known(&raw.color_primaries),
            transfer: known(&raw.color_transfer),
            matrix: known(&raw.color_space),
            range: known(&raw.color_range),
            chroma_location: known(&raw.chroma_location),
        },
        hdr: side_data::hdr(side_data()),
        closed_captions: raw.closed_captions.unwrap_or(0) != 0 || side_data::has_captions(side_data()),
        spatial: side_data::is_spatial(&raw.side_data_list),
    }
}

fn bit_depth(raw: &raw::Stream, pixel_format: &str) -> u8 {
    let declared = raw::integer(raw.bits_per_raw_sample.as_deref()).filter(|bits| (1..=16).contains(bits));
    let of_format =
        [("p16", 16), ("p14", 14), ("p12", 12), ("p10", 10), ("p010", 10), ("p9", 9), ("gray10", 10), ("gray12", 12)]
            .into_iter()
            .find(|(mark, _)| pixel_format.contains(mark))
            .map(|(_, bits)| bits);
    of_format.unwrap_or_else(|| declared.filter(|bits| *bits <= 8).map_or(8, |bits| u8::try_from(bits).unwrap_or(8)))
}

/// Matroska files from mkvmerge tell a stream's bitrate in a statistics tag, possibly with a language behind it.
fn matroska_bitrate(tags: &Tags) -> Option<u64> {
    tags.iter().find(|(key, _)| *key == "BPS" || key.starts_with("BPS-")).and_then(|(_, value)| value.parse().ok())
}

/// Matroska tells a stream's length in a tag, as `00:01:02.033000000`.
fn matroska_duration(tags: &Tags) -> Option<i64> {
    let (_, text) = tags.iter().find(|(key, _)| *key == "DURATION" || key.starts_with("DURATION-"))?;
    let mut parts = text.splitn(3, ':');
    let hours: i64 = parts.next()?.parse().ok()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    Some((hours * 60 + minutes) * 60_000_000 + raw::seconds_to_us(parts.next())?)
}

fn tag(tags: &Tags, name: &str) -> Option<String> {
    tags.iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.clone())
        .filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests;
