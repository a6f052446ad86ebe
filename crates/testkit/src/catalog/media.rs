//! What a probe of a generated file would have found.

use mediaflow_core::media::color::{ColorInfo, ContentLight, DolbyVision, DynamicRange, HdrInfo, MasteringDisplay};
use mediaflow_core::media::{
    Audio, Chapter, Disposition, MediaInfo, Ratio, Stream, StreamKind, Subtitle, Tags, Video, subtitle_form,
};

use super::dice::Dice;
use super::template::Template;

const LANGUAGES: [&str; 8] = ["eng", "eng", "eng", "fre", "ger", "spa", "jpn", "ita"];

const FRAME_RATES: [Ratio; 5] = [
    Ratio { num: 24000, den: 1001 },
    Ratio { num: 24000, den: 1001 },
    Ratio { num: 24, den: 1 },
    Ratio { num: 25, den: 1 },
    Ratio { num: 30000, den: 1001 },
];

/// The mastering display that most HDR10 discs name: DCI-P3 with D65, up to 1000 cd/m².
const MASTERING: MasteringDisplay = MasteringDisplay {
    red: (34_000, 16_000),
    green: (13_250, 34_500),
    blue: (7_500, 3_000),
    white: (15_635, 16_450),
    min_luminance: 1,
    max_luminance: 10_000_000,
};

/// The probe of a file of a kind that lasts `seconds`.
pub(super) fn probe(template: &Template, seconds: u64, chapters: u64, dice: &mut Dice) -> MediaInfo {
    let video_bps = dice.between(template.video_kbps.0, template.video_kbps.1) * 1000;
    let tracks = if dice.per_mille(250) { 2 } else { 1 };
    let mut streams = vec![video(template, video_bps, dice)];
    for _ in 0..tracks {
        streams.push(audio(template, streams.len() as u32, dice));
    }
    if let Some(codec) = template.subtitles {
        for _ in 0..dice.between(1, 3) {
            let kind = StreamKind::Subtitle(Subtitle { form: subtitle_form(codec), canvas: None });
            let language = *dice.pick(&LANGUAGES);
            streams.push(stream(streams.len() as u32, codec, None, None, Some(language), kind));
        }
    }
    let bitrate_bps = video_bps + tracks * template.audio.kbps * 1000 + dice.between(1_000, 40_000);
    MediaInfo {
        container: template.container,
        format_name: template.container.extension().to_owned(),
        size_bytes: bitrate_bps / 8 * seconds + dice.between(0, 9_999),
        duration_us: Some(microseconds(seconds)),
        bitrate_bps: Some(bitrate_bps),
        tags: Tags::new(),
        streams,
        chapters: (0..chapters)
            .map(|number| Chapter {
                start_us: microseconds(seconds * number / chapters),
                end_us: microseconds(seconds * (number + 1) / chapters),
                title: Some(format!("Chapter {:02}", number + 1)),
            })
            .collect(),
    }
}

fn microseconds(seconds: u64) -> i64 {
    (seconds * 1_000_000).cast_signed()
}

fn video(template: &Template, bitrate_bps: u64, dice: &mut Dice) -> Stream {
    let frame_rate = Some(*dice.pick(&FRAME_RATES));
    let video = Video {
        width: template.width,
        height: *dice.pick(template.heights),
        sample_aspect: Ratio { num: 1, den: 1 },
        pixel_format: if template.bit_depth > 8 { "yuv420p10le" } else { "yuv420p" }.to_owned(),
        bit_depth: template.bit_depth,
        frame_rate,
        average_frame_rate: frame_rate,
        interlaced: template.label.ends_with('i'),
        rotation_deg: 0,
        color: color(template.range),
        hdr: hdr(template.range),
        closed_captions: false,
        spatial: false,
    };
    // Containers often do not tell the picture's own bitrate.
    let told = dice.per_mille(700).then_some(bitrate_bps);
    stream(0, template.codec, template.profile, told, None, StreamKind::Video(video))
}

fn audio(template: &Template, index: u32, dice: &mut Dice) -> Stream {
    let sound = &template.audio;
    let audio = Audio { channels: sound.channels, layout: Some(sound.layout.to_owned()), sample_rate_hz: 48_000 };
    let language = *dice.pick(&LANGUAGES);
    stream(index, sound.codec, sound.profile, Some(sound.kbps * 1000), Some(language), StreamKind::Audio(audio))
}

fn stream(
    index: u32,
    codec: &str,
    profile: Option<&str>,
    bitrate_bps: Option<u64>,
    language: Option<&str>,
    kind: StreamKind,
) -> Stream {
    let is_default = index < 2;
    Stream {
        index,
        codec: codec.to_owned(),
        profile: profile.map(str::to_owned),
        language: language.map(str::to_owned),
        title: None,
        dispositions: is_default.then_some(Disposition::Default).into_iter().collect(),
        tags: language.map(|language| ("language".to_owned(), language.to_owned())).into_iter().collect(),
        start_us: Some(0),
        duration_us: None,
        bitrate_bps,
        extradata_hash: None,
        kind,
    }
}

fn color(range: DynamicRange) -> ColorInfo {
    let (primaries, transfer, matrix) = match range {
        DynamicRange::Sdr => ("bt709", "bt709", "bt709"),
        DynamicRange::Hlg => ("bt2020", "arib-std-b67", "bt2020nc"),
        _ => ("bt2020", "smpte2084", "bt2020nc"),
    };
    let some = |name: &str| Some(name.to_owned());
    ColorInfo {
        primaries: some(primaries),
        transfer: some(transfer),
        matrix: some(matrix),
        range: some("tv"),
        chroma_location: some("left"),
    }
}

fn hdr(range: DynamicRange) -> HdrInfo {
    let is_pq = !matches!(range, DynamicRange::Sdr | DynamicRange::Hlg);
    HdrInfo {
        mastering: is_pq.then_some(MASTERING),
        light: is_pq.then_some(ContentLight { max_content: 1000, max_average: 400 }),
        dolby_vision: (range == DynamicRange::DolbyVision).then_some(DolbyVision {
            profile: 8,
            compatibility: 1,
            ..DolbyVision::default()
        }),
        hdr10_plus: range == DynamicRange::Hdr10Plus,
    }
}
