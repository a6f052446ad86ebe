//! The kinds of files that libraries are made of, by how often they occur. Bitrates and pairings are those that disc
//! copies, web downloads and home encodes usually have; no survey stands behind the weights.

use mediaflow_core::media::Container;
use mediaflow_core::media::color::DynamicRange;

/// A kind of file.
pub(super) struct Template {
    /// How often it occurs among films, and among episodes.
    pub films: u64,
    pub episodes: u64,
    /// What its name says of it.
    pub label: &'static str,
    pub container: Container,
    pub codec: &'static str,
    pub profile: Option<&'static str>,
    pub bit_depth: u8,
    pub range: DynamicRange,
    pub width: u32,
    /// Heights: a wide picture loses its black bars.
    pub heights: &'static [u32],
    /// From and to, in kilobits per second.
    pub video_kbps: (u64, u64),
    pub audio: Sound,
    /// Codec of the subtitles, if there are any.
    pub subtitles: Option<&'static str>,
}

/// A kind of sound track.
pub(super) struct Sound {
    pub codec: &'static str,
    pub profile: Option<&'static str>,
    pub channels: u32,
    pub layout: &'static str,
    pub kbps: u64,
}

const fn sound(
    codec: &'static str,
    profile: Option<&'static str>,
    channels: u32,
    layout: &'static str,
    kbps: u64,
) -> Sound {
    Sound { codec, profile, channels, layout, kbps }
}

const AC3: Sound = sound("ac3", None, 6, "5.1(side)", 640);
const EAC3: Sound = sound("eac3", None, 6, "5.1(side)", 640);
const AAC: Sound = sound("aac", Some("LC"), 2, "stereo", 128);
const DTS: Sound = sound("dts", Some("DTS"), 6, "5.1(side)", 1536);
const DTS_HD: Sound = sound("dts", Some("DTS-HD MA"), 8, "7.1", 4200);
const TRUEHD: Sound = sound("truehd", Some("Dolby TrueHD + Dolby Atmos"), 8, "7.1", 4600);
const FLAC: Sound = sound("flac", None, 2, "stereo", 900);
const MP3: Sound = sound("mp3", None, 2, "stereo", 160);
const OPUS: Sound = sound("opus", None, 6, "5.1", 320);
const WMA: Sound = sound("wmav2", None, 2, "stereo", 128);

const PLAIN: Template = Template {
    films: 0,
    episodes: 0,
    label: "",
    container: Container::Matroska,
    codec: "h264",
    profile: Some("High"),
    bit_depth: 8,
    range: DynamicRange::Sdr,
    width: 1920,
    heights: &[1080, 1080, 804, 800, 816],
    video_kbps: (0, 0),
    audio: AC3,
    subtitles: Some("subrip"),
};

const UHD: Template = Template {
    codec: "hevc",
    profile: Some("Main 10"),
    bit_depth: 10,
    range: DynamicRange::Hdr10,
    width: 3840,
    heights: &[2160, 1608, 1600, 1632],
    ..PLAIN
};

pub(super) const TEMPLATES: [Template; 19] = [
    Template { films: 220, episodes: 20, label: "Bluray-1080p", video_kbps: (7_000, 14_000), audio: DTS, ..PLAIN },
    Template {
        films: 90,
        episodes: 5,
        label: "Remux-1080p",
        video_kbps: (22_000, 36_000),
        audio: DTS_HD,
        subtitles: Some("hdmv_pgs_subtitle"),
        ..PLAIN
    },
    Template { films: 130, episodes: 330, label: "WEBDL-1080p", video_kbps: (3_500, 8_500), audio: EAC3, ..PLAIN },
    Template {
        films: 60,
        episodes: 120,
        label: "WEBRip-1080p",
        container: Container::Mp4,
        video_kbps: (2_000, 4_500),
        audio: AAC,
        subtitles: None,
        ..PLAIN
    },
    Template {
        films: 110,
        episodes: 130,
        label: "x265-1080p",
        codec: "hevc",
        profile: Some("Main 10"),
        bit_depth: 10,
        video_kbps: (1_800, 5_000),
        audio: EAC3,
        ..PLAIN
    },
    Template {
        films: 0,
        episodes: 45,
        label: "HEVC-1080p Dual-Audio",
        codec: "hevc",
        profile: Some("Main 10"),
        bit_depth: 10,
        heights: &[1080],
        video_kbps: (1_200, 3_500),
        audio: FLAC,
        subtitles: Some("ass"),
        ..PLAIN
    },
    Template {
        films: 90,
        episodes: 130,
        label: "HDTV-720p",
        width: 1280,
        heights: &[720, 536, 544],
        video_kbps: (2_000, 4_500),
        ..PLAIN
    },
    Template { films: 55, episodes: 6, label: "Remux-2160p", video_kbps: (45_000, 75_000), audio: TRUEHD, ..UHD },
    Template {
        films: 35,
        episodes: 6,
        label: "Remux-2160p DV",
        range: DynamicRange::DolbyVision,
        video_kbps: (45_000, 75_000),
        audio: TRUEHD,
        ..UHD
    },
    Template { films: 35, episodes: 35, label: "WEBDL-2160p", video_kbps: (13_000, 24_000), audio: EAC3, ..UHD },
    Template {
        films: 10,
        episodes: 5,
        label: "WEBDL-2160p HDR10Plus",
        range: DynamicRange::Hdr10Plus,
        video_kbps: (13_000, 24_000),
        audio: EAC3,
        ..UHD
    },
    Template {
        films: 3,
        episodes: 4,
        label: "HDTV-2160p HLG",
        range: DynamicRange::Hlg,
        container: Container::MpegTs,
        heights: &[2160],
        video_kbps: (18_000, 26_000),
        subtitles: None,
        ..UHD
    },
    Template {
        films: 25,
        episodes: 20,
        label: "AV1-1080p",
        codec: "av1",
        profile: Some("Main"),
        bit_depth: 10,
        video_kbps: (1_200, 3_000),
        audio: OPUS,
        ..PLAIN
    },
    Template {
        films: 12,
        episodes: 1,
        label: "VC1-1080p",
        codec: "vc1",
        profile: Some("Advanced"),
        video_kbps: (14_000, 24_000),
        subtitles: Some("hdmv_pgs_subtitle"),
        ..PLAIN
    },
    Template {
        films: 60,
        episodes: 90,
        label: "DVD",
        codec: "mpeg2video",
        profile: Some("Main"),
        width: 720,
        heights: &[576, 480],
        video_kbps: (3_500, 7_000),
        subtitles: Some("dvd_subtitle"),
        ..PLAIN
    },
    Template {
        films: 45,
        episodes: 85,
        label: "XviD",
        container: Container::Avi,
        codec: "mpeg4",
        profile: Some("Advanced Simple Profile"),
        width: 624,
        heights: &[352, 464, 272],
        video_kbps: (850, 1_600),
        audio: MP3,
        subtitles: None,
        ..PLAIN
    },
    Template {
        films: 6,
        episodes: 12,
        label: "HDTV-1080i",
        container: Container::MpegTs,
        codec: "mpeg2video",
        profile: Some("Main"),
        heights: &[1080],
        video_kbps: (11_000, 18_000),
        subtitles: None,
        ..PLAIN
    },
    Template {
        films: 8,
        episodes: 2,
        label: "WMV",
        container: Container::Asf,
        codec: "wmv3",
        profile: Some("Main"),
        width: 640,
        heights: &[480, 360],
        video_kbps: (900, 2_200),
        audio: WMA,
        subtitles: None,
        ..PLAIN
    },
    Template {
        films: 6,
        episodes: 4,
        label: "SDTV",
        container: Container::MpegPs,
        codec: "mpeg1video",
        profile: None,
        width: 352,
        heights: &[288, 240],
        video_kbps: (1_100, 1_200),
        audio: MP3,
        subtitles: None,
        ..PLAIN
    },
];
