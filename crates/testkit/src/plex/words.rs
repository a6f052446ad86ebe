//! Plex's words for what a probe found.

use std::borrow::Cow;

use mediaflow_core::media::color::{DynamicRange, HdrInfo};
use mediaflow_core::media::{Container, Ratio, Stream, Video};

/// A language as Plex tells it: its own name for itself, the terminological code, and the short tag.
pub(super) type Language = (&'static str, &'static str, &'static str);

/// The bibliographic code, and the rest; a language that is not here has its code for a name.
const LANGUAGES: [(&str, Language); 14] = [
    ("eng", ("English", "eng", "en")),
    ("fre", ("Français", "fra", "fr")),
    ("ger", ("Deutsch", "deu", "de")),
    ("spa", ("Español", "spa", "es")),
    ("jpn", ("日本語", "jpn", "ja")),
    ("ita", ("Italiano", "ita", "it")),
    ("por", ("Português", "por", "pt")),
    ("rus", ("Русский", "rus", "ru")),
    ("kor", ("한국어", "kor", "ko")),
    ("chi", ("中文", "zho", "zh")),
    ("dut", ("Nederlands", "nld", "nl")),
    ("pol", ("Polski", "pol", "pl")),
    ("swe", ("Svenska", "swe", "sv")),
    ("ara", ("العربية", "ara", "ar")),
];

pub(super) fn language(code: &str) -> Option<Language> {
    LANGUAGES.iter().find(|(known, words)| *known == code || words.1 == code).map(|(_, words)| *words)
}

pub(super) const fn container(container: Container) -> &'static str {
    match container {
        Container::Matroska => "mkv",
        Container::Mp4 => "mp4",
        Container::Avi => "avi",
        Container::MpegTs => "mpegts",
        Container::MpegPs => "mpeg",
        Container::Flv => "flv",
        Container::Asf => "asf",
        Container::RealMedia => "rm",
        Container::Ogg => "ogg",
        Container::Other => "unknown",
    }
}

/// Plex has names of its own for a few codecs.
pub(super) fn codec(name: &str) -> Cow<'static, str> {
    Cow::Borrowed(match name {
        // Those that nearly all files have cost nothing.
        "h264" => "h264",
        "hevc" => "hevc",
        "ac3" => "ac3",
        "eac3" => "eac3",
        "aac" => "aac",
        "dts" => "dca",
        "subrip" => "srt",
        "hdmv_pgs_subtitle" => "pgs",
        "dvd_subtitle" => "vobsub",
        "wmv3" => "vc1",
        name if name.starts_with("pcm_") => "pcm",
        name => return Cow::Owned(name.to_owned()),
    })
}

/// Profiles in small letters, those of DTS shortened.
pub(super) fn profile(stream: &Stream) -> Option<String> {
    let profile = stream.profile.as_deref()?;
    let plain = profile.split(" + ").next().unwrap_or(profile);
    match (stream.codec.as_str(), plain) {
        ("dts", "DTS-HD MA") => Some("ma".to_owned()),
        ("dts", "DTS-HD HRA") => Some("hra".to_owned()),
        ("dts", "DTS-ES") => Some("es".to_owned()),
        ("truehd" | "eac3" | "ac3" | "flac", _) => None,
        (_, plain) => Some(plain.to_lowercase()),
    }
}

/// What stands behind the channels of sound that has objects.
pub(super) fn objects(stream: &Stream) -> &'static str {
    match stream.profile.as_deref() {
        Some(profile) if profile.contains("Atmos") => " + Atmos",
        Some(profile) if profile.contains("DTS:X") => " + DTS:X",
        _ => "",
    }
}

/// Codec and channels as people read them.
pub(super) fn sound(stream: &Stream, channels: u32) -> String {
    let name = match (stream.codec.as_str(), profile(stream).as_deref()) {
        ("dts", Some("ma")) => "DTS-HD MA".to_owned(),
        ("dts", Some("hra")) => "DTS-HD HRA".to_owned(),
        ("dts", _) => "DTS".to_owned(),
        (codec, _) => codec.to_uppercase(),
    };
    let channels = match channels {
        1 => "Mono".to_owned(),
        2 => "Stereo".to_owned(),
        3.. => format!("{}.1", channels - 1),
        0 => String::new(),
    };
    format!("{name} {channels}{}", objects(stream))
}

/// `4k`, `1080`, `720`, `576`, `480` or `sd`.
pub(super) const fn resolution(video: &Video) -> &'static str {
    match (video.width, video.height) {
        (3200.., _) | (_, 1700..) => "4k",
        (1800.., _) | (_, 1000..) => "1080",
        (1200.., _) | (_, 700..) => "720",
        (_, 560..) => "576",
        (700.., _) | (_, 470..) => "480",
        _ => "sd",
    }
}

pub(super) fn frame_rate(rate: Ratio) -> &'static str {
    let rate = rate.value();
    match rate {
        ..24.5 => "24p",
        24.5..27.0 => "PAL",
        27.0..40.0 => "NTSC",
        40.0..55.0 => "50p",
        _ => "60p",
    }
}

/// `1080p`, `4K HDR10`, `4K DoVi/HDR10`: the short title of a picture.
pub(super) fn picture(video: &Video) -> String {
    let lines = match resolution(video) {
        "4k" => "4K".to_owned(),
        "sd" => "SD".to_owned(),
        lines => format!("{lines}{}", if video.interlaced { "i" } else { "p" }),
    };
    match range(DynamicRange::of(&video.color, &video.hdr), &video.hdr) {
        Some(range) => format!("{lines} {range}"),
        None => lines,
    }
}

fn range(range: DynamicRange, hdr: &HdrInfo) -> Option<&'static str> {
    match range {
        DynamicRange::Sdr => None,
        DynamicRange::Hdr10 => Some("HDR10"),
        DynamicRange::Hdr10Plus => Some("HDR10+"),
        DynamicRange::Hlg => Some("HLG"),
        DynamicRange::DolbyVision => Some(match hdr.dolby_vision.map_or(0, |dolby| dolby.compatibility) {
            1 | 6 if hdr.hdr10_plus => "DoVi/HDR10+",
            1 | 6 => "DoVi/HDR10",
            2 => "DoVi/SDR",
            4 => "DoVi/HLG",
            _ => "DoVi",
        }),
    }
}

/// Codec and profile of a picture as people read them.
pub(super) fn picture_codec(stream: &Stream) -> String {
    match (stream.codec.as_str(), stream.profile.as_deref()) {
        ("h264", _) => "H.264".to_owned(),
        ("hevc", Some(profile)) => format!("HEVC {profile}"),
        (codec, _) => codec.to_uppercase(),
    }
}
