//! A small library that has one of everything, and what to make films of.

use mediaflow_core::media::color::{ColorInfo, DolbyVision, DynamicRange, HdrInfo};
use mediaflow_core::media::{
    Audio, Container, Disposition, MediaInfo, Ratio, Stream, StreamKind, Subtitle, Tags, Video, subtitle_form,
};

use super::library::{Episode, Library, OWNER};
use super::model::{Part, SectionKind, Sidecar};

/// What a probe finds in a file of an hour and a half: a picture of a format, then the streams that are given.
#[must_use]
pub fn probe(
    codec: &str,
    (width, height): (u32, u32),
    hdr: (DynamicRange, Option<DolbyVision>),
    more: Vec<Stream>,
) -> MediaInfo {
    let (range, dolby_vision) = hdr;
    let is_deep = range != DynamicRange::Sdr;
    let video = Video {
        width,
        height,
        sample_aspect: Ratio { num: 1, den: 1 },
        pixel_format: if is_deep { "yuv420p10le" } else { "yuv420p" }.to_owned(),
        bit_depth: if is_deep { 10 } else { 8 },
        frame_rate: Some(Ratio { num: 24_000, den: 1001 }),
        average_frame_rate: Some(Ratio { num: 24_000, den: 1001 }),
        interlaced: false,
        rotation_deg: 0,
        color: color(if dolby_vision.is_some_and(|dolby| dolby.compatibility == 4) {
            DynamicRange::Hlg
        } else {
            range
        }),
        hdr: HdrInfo { dolby_vision, hdr10_plus: range == DynamicRange::Hdr10Plus, ..HdrInfo::default() },
        closed_captions: false,
        spatial: false,
    };
    let bitrate_bps = u64::from(width) * u64::from(height) * 4;
    let profile = match (codec, is_deep) {
        ("h264", _) => Some("High"),
        ("hevc", true) => Some("Main 10"),
        ("hevc", false) => Some("Main"),
        _ => None,
    };
    let mut streams = vec![stream(codec, profile, None, StreamKind::Video(video))];
    streams.extend(more);
    for (index, stream) in streams.iter_mut().enumerate() {
        stream.index = index as u32;
        if index < 2 {
            stream.dispositions.insert(Disposition::Default);
        }
    }
    MediaInfo {
        container: Container::Matroska,
        format_name: "matroska,webm".to_owned(),
        size_bytes: bitrate_bps / 8 * 5400,
        duration_us: Some(5_400_000_000),
        bitrate_bps: Some(bitrate_bps),
        tags: Tags::new(),
        streams,
        chapters: Vec::new(),
    }
}

fn color(range: DynamicRange) -> ColorInfo {
    let names = match range {
        DynamicRange::Sdr => ("bt709", "bt709", "bt709"),
        DynamicRange::Hlg => ("bt2020", "arib-std-b67", "bt2020nc"),
        _ => ("bt2020", "smpte2084", "bt2020nc"),
    };
    let some = |name: &str| Some(name.to_owned());
    ColorInfo {
        primaries: some(names.0),
        transfer: some(names.1),
        matrix: some(names.2),
        range: some("tv"),
        chroma_location: some("left"),
    }
}

fn stream(codec: &str, profile: Option<&str>, language: Option<&str>, kind: StreamKind) -> Stream {
    Stream {
        index: 0,
        codec: codec.to_owned(),
        profile: profile.map(str::to_owned),
        language: language.map(str::to_owned),
        title: None,
        dispositions: [].into(),
        tags: Tags::new(),
        start_us: Some(0),
        duration_us: None,
        bitrate_bps: None,
        extradata_hash: None,
        kind,
    }
}

/// A sound track.
#[must_use]
pub fn sound(codec: &str, profile: Option<&str>, channels: u32, language: &str, title: Option<&str>) -> Stream {
    let layout = match channels {
        1 => "mono",
        2 => "stereo",
        6 => "5.1(side)",
        _ => "7.1",
    };
    let audio = Audio { channels, layout: Some(layout.to_owned()), sample_rate_hz: 48_000 };
    let stream = stream(codec, profile, Some(language), StreamKind::Audio(audio));
    Stream { title: title.map(str::to_owned), bitrate_bps: Some(u64::from(channels) * 128_000), ..stream }
}

/// A subtitle track.
#[must_use]
pub fn subtitle(codec: &str, language: &str, disposition: Option<Disposition>) -> Stream {
    let kind = StreamKind::Subtitle(Subtitle { form: subtitle_form(codec), canvas: None });
    Stream { dispositions: disposition.into_iter().collect(), ..stream(codec, None, Some(language), kind) }
}

const UHD: (u32, u32) = (3840, 2160);
const HD: (u32, u32) = (1920, 1080);

impl Library {
    /// A few items with one of everything: sections `1` (films), `2` (shows) and `3` (music, of which nothing is served).
    #[must_use]
    pub fn samples() -> Self {
        let mut library = Self::new();
        let films = library.add_section("Movies", SectionKind::Movie, "/data/Movies");
        let shows = library.add_section("TV Shows", SectionKind::Show, "/data/TV Shows");
        library.add_section("Music", SectionKind::Artist, "/data/Music");
        library.add_account(7, "kid");
        library.add_sample_films(films);
        library.add_sample_shows(shows);
        library
    }

    fn add_sample_films(&mut self, films: u32) {
        let dolby = |profile, compatibility| {
            let enhancement_only = false;
            (DynamicRange::DolbyVision, Some(DolbyVision { profile, compatibility, level: 6, enhancement_only }))
        };
        let atmos = || sound("truehd", Some("Dolby TrueHD + Dolby Atmos"), 8, "eng", None);
        // Older servers leave the objects to the title that the file has itself.
        let titled = || sound("truehd", None, 8, "eng", Some("TrueHD Atmos 7.1"));
        let streamed = || sound("eac3", Some("Dolby Digital Plus + Dolby Atmos"), 6, "eng", None);
        let dts_x = || sound("dts", Some("DTS-HD MA + DTS:X"), 8, "eng", None);
        let dts_titled = || sound("dts", Some("DTS-HD MA"), 8, "eng", Some("DTS:X 7.1"));
        let kinds = [
            ("Plain", "h264", HD, (DynamicRange::Sdr, None), sound("aac", Some("LC"), 2, "eng", None)),
            ("Ten", "hevc", UHD, (DynamicRange::Hdr10, None), atmos()),
            ("Ten Plus", "hevc", UHD, (DynamicRange::Hdr10Plus, None), streamed()),
            ("Gamma", "hevc", UHD, (DynamicRange::Hlg, None), dts_x()),
            ("Vision Five", "hevc", UHD, dolby(5, 0), streamed()),
            ("Vision Seven", "hevc", UHD, dolby(7, 6), titled()),
            ("Vision Eight", "hevc", UHD, dolby(8, 1), dts_titled()),
            ("Vision Eight Four", "hevc", UHD, dolby(8, 4), sound("dts", Some("DTS-HD MA"), 6, "ger", None)),
        ];
        for (title, codec, size, hdr, first) in kinds {
            let more = vec![first, sound("ac3", None, 6, "fre", None), subtitle("subrip", "eng", None)];
            let path = format!("/data/Movies/{title} (2020)/{title} (2020).mkv");
            self.add_film(films, title, 2020, vec![vec![Part::new(&path, probe(codec, size, hdr, more))]]);
        }
        let plain = |path: &str| {
            let streams = vec![
                sound("ac3", None, 6, "eng", None),
                sound("aac", Some("LC"), 2, "eng", Some("Commentary")),
                subtitle("hdmv_pgs_subtitle", "eng", Some(Disposition::Forced)),
                subtitle("ass", "jpn", None),
            ];
            Part::new(path, probe("h264", HD, (DynamicRange::Sdr, None), streams))
        };
        let discs =
            vec![plain("/data/Movies/Long (1999)/Long - cd1.mkv"), plain("/data/Movies/Long (1999)/Long - cd2.mkv")];
        self.add_film(films, "Long", 1999, vec![discs]);
        let small = Part::new(
            "/data/Movies/Twice (2001)/Twice - 480p.mkv",
            probe("mpeg4", (720, 480), (DynamicRange::Sdr, None), vec![sound("mp3", None, 2, "eng", None)]),
        );
        let twice = self.add_film(
            films,
            "The Twice & \"More\" <été>",
            2001,
            vec![vec![plain("/data/Movies/Twice (2001)/Twice - 1080p.mkv")], vec![small]],
        );
        let forced = Sidecar { codec: "srt", language: "ger", forced: true };
        let beside = Part { sidecars: vec![forced], ..plain("/data/Movies/Beside (2003)/Beside (2003).mkv") };
        let beside = self.add_film(films, "Beside", 2003, vec![vec![beside]]);
        self.add_collection(films, "Doubles", &[twice, beside]);
        self.watched(twice, OWNER, 1_700_000_000);
        self.watched(beside, 7, 1_700_086_400);
        self.watched(twice, OWNER, 1_700_172_800);
    }

    fn add_sample_shows(&mut self, shows: u32) {
        for (season, number) in [(0, 1), (1, 1), (1, 2), (1, 3), (2, 1)] {
            let title = format!("Part {season}.{number}");
            let name = format!("Serial - S{season:02}E{number:02}.mkv");
            // The first two of season 1 are one file.
            let name = if season == 1 && number < 3 { "Serial - S01E01-E02.mkv".to_owned() } else { name };
            let path = format!("/data/TV Shows/Serial (2010)/Season {season:02}/{name}");
            let info = probe("h264", HD, (DynamicRange::Sdr, None), vec![sound("aac", Some("LC"), 2, "eng", None)]);
            let episode = Episode { show: "Serial", year: 2010, season, number, title: &title };
            self.add_episode(shows, &episode, vec![vec![Part::new(&path, info)]]);
        }
    }
}
