use std::collections::BTreeMap;

use super::*;
use crate::media::color::{DolbyVision, HdrInfo};
use crate::media::preset::find_builtin;
use crate::media::{Audio, Chapter, MediaInfo, Stream, StreamKind, Subtitle, Video, subtitle_form};

mod tracks;

fn stream(index: u32, codec: &str, kind: StreamKind) -> Stream {
    Stream {
        index,
        codec: codec.to_owned(),
        profile: None,
        language: Some("eng".to_owned()),
        title: None,
        dispositions: [Disposition::Default].into(),
        tags: BTreeMap::from([("BPS-eng".to_owned(), "1".to_owned()), ("language".to_owned(), "eng".to_owned())]),
        start_us: Some(0),
        duration_us: None,
        bitrate_bps: None,
        extradata_hash: None,
        kind,
    }
}

fn picture() -> Video {
    Video {
        width: 1920,
        height: 800,
        sample_aspect: Ratio { num: 1, den: 1 },
        pixel_format: "yuv420p".to_owned(),
        bit_depth: 8,
        frame_rate: Ratio::new(24, 1),
        average_frame_rate: Ratio::new(24, 1),
        interlaced: false,
        rotation_deg: 0,
        color: ColorInfo::default(),
        hdr: HdrInfo::default(),
        closed_captions: false,
        spatial: false,
    }
}

fn video(change: impl FnOnce(&mut Video)) -> Stream {
    let mut video = picture();
    change(&mut video);
    stream(0, "h264", StreamKind::Video(video))
}

fn dolby_vision(profile: u8, compatibility: u8) -> DolbyVision {
    DolbyVision { profile, compatibility, ..DolbyVision::default() }
}

fn audio(index: u32, codec: &str, channels: u32) -> Stream {
    stream(index, codec, StreamKind::Audio(Audio { channels, layout: None, sample_rate_hz: 48_000 }))
}

fn subtitle(index: u32, codec: &str) -> Stream {
    stream(index, codec, StreamKind::Subtitle(Subtitle { form: subtitle_form(codec), canvas: None }))
}

/// A film of H.264 with a track of sound.
pub(crate) fn film() -> MediaInfo {
    file(vec![video(|_| {}), audio(1, "ac3", 6)])
}

fn file(streams: Vec<Stream>) -> MediaInfo {
    MediaInfo {
        container: Container::Matroska,
        format_name: "matroska,webm".to_owned(),
        size_bytes: 1,
        duration_us: None,
        bitrate_bps: None,
        tags: BTreeMap::new(),
        streams,
        chapters: vec![Chapter { start_us: 0, end_us: 1, title: None }],
    }
}

fn planned(preset: &str, streams: Vec<Stream>) -> Result<Intent, Refusal> {
    plan(&file(streams), &find_builtin(preset).unwrap().settings)
}

#[test]
fn every_stream_is_either_kept_or_named_as_dropped() {
    let streams = vec![
        video(|_| {}),
        audio(1, "truehd", 8),
        audio(2, "ac3", 6),
        subtitle(3, "hdmv_pgs_subtitle"),
        subtitle(4, "subrip"),
        subtitle(5, "mov_text"),
        stream(6, "ttf", StreamKind::Attachment { filename: Some("a.ttf".to_owned()), mime_type: None }),
        stream(7, "mjpeg", StreamKind::Cover { filename: None, mime_type: None }),
        stream(8, "bin_data", StreamKind::Data),
    ];
    let intent = planned("Balanced", streams).unwrap();
    let kept: Vec<u32> = intent.streams.iter().map(|s| s.source_index).collect();
    assert_eq!(kept, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(intent.dropped.iter().map(|d| d.source_index).collect::<Vec<_>>(), [8]);
    assert_eq!(intent.chapters, 1);
    assert_eq!(intent.streams[1].action, Action::CopyAudio { channels: 8 });
    assert_eq!(intent.streams[3].action, Action::CopySubtitle);
    assert_eq!(intent.streams[5].action, Action::ConvertSubtitle { to: TextSubtitle::Subrip });
    assert!(matches!(&intent.streams[7].action, Action::Cover { filename, .. } if filename == "cover.jpg"));
    assert_eq!(intent.streams[1].stale_tags, ["BPS-eng"]);
}

#[test]
fn what_cannot_be_honoured_refuses_with_its_reason() {
    let cases: Vec<(&str, &str, Vec<Stream>, Refusal)> = vec![
        ("no video", "Balanced", vec![audio(0, "aac", 2)], Refusal::NoVideo),
        (
            "Dolby Vision in a codec that it is not read from",
            "Balanced",
            vec![video(|v| v.hdr.dolby_vision = Some(dolby_vision(9, 2)))],
            Refusal::DynamicHdrIn { name: "Dolby Vision".to_owned(), codec: "h264".to_owned() },
        ),
        (
            "a track of unknown codec",
            "Balanced",
            vec![video(|_| {}), audio(1, "unknown", 2)],
            Refusal::UnknownCodec { index: 1, kind: "audio".to_owned() },
        ),
        (
            "audio that Matroska has no name for",
            "Balanced",
            vec![video(|_| {}), audio(1, "nellymoser", 1)],
            Refusal::NotInContainer { index: 1, codec: "nellymoser".to_owned(), container: Container::Matroska },
        ),
        ("a turned remux", "Remux", vec![video(|v| v.rotation_deg = 90)], Refusal::RotatedRemux { degrees: 90 }),
        (
            "transparency that only a tag tells of",
            "Balanced",
            vec![Stream { tags: BTreeMap::from([("ALPHA_MODE".to_owned(), "1".to_owned())]), ..video(|_| {}) }],
            Refusal::Transparent,
        ),
        ("two eyes", "Balanced", vec![video(|v| v.spatial = true)], Refusal::Spatial),
    ];
    for (name, preset, streams, refusal) in cases {
        assert_eq!(planned(preset, streams), Err(refusal), "{name}");
    }
}

#[test]
fn hdr_becomes_sdr_where_the_preset_says_so_and_its_metadata_goes_with_it() {
    let hdr10 = |v: &mut Video| {
        v.color.transfer = Some("smpte2084".to_owned());
        v.hdr.light = Some(ContentLight { max_content: 4000, max_average: 200 });
    };
    let hlg = |v: &mut Video| v.color.transfer = Some("arib-std-b67".to_owned());
    let plus = |v: &mut Video| {
        hdr10(v);
        v.hdr.hdr10_plus = true;
    };
    let with_dolby_vision = |v: &mut Video| {
        hlg(v);
        v.hdr.dolby_vision = Some(dolby_vision(8, 4));
    };
    let encoded = |preset: &str, stream: Stream| match planned(preset, vec![stream]) {
        Ok(intent) => match &intent.streams[0].action {
            Action::EncodeVideo(encode) => Ok(encode.as_ref().clone()),
            action => panic!("{action:?}"),
        },
        Err(refusal) => Err(refusal),
    };
    for (stream, peak_nits) in
        [(video(hdr10), 4000), (video(plus), 4000), (video(hlg), 1000), (video(with_dolby_vision), 1000)]
    {
        let encode = encoded("Storage Saver", stream).unwrap();
        assert_eq!(encode.tone_map.map(|map| map.peak_nits), Some(peak_nits));
        assert_eq!(encode.color.transfer.as_deref(), Some("bt709"));
        assert_eq!((encode.mastering, encode.light), (None, None));
    }
    assert_eq!(encoded("Storage Saver", video(|_| {})).unwrap().tone_map, None, "SDR stays as it is");
    assert_eq!(encoded("Balanced", video(hdr10)).unwrap().tone_map, None);
    let five = video(|v| v.hdr.dolby_vision = Some(dolby_vision(5, 0)));
    assert_eq!(
        encoded("Storage Saver", five),
        Err(Refusal::DolbyVisionOnly { profile: 5 }),
        "there is no picture below"
    );
}

#[test]
fn dynamic_metadata_is_kept_where_the_target_has_a_place_for_it() {
    use crate::media::preset::TargetVideo::{self, Av1, H264, Hevc};
    let decide = |codec: &str, from: DolbyVision, target: TargetVideo, container| {
        let mut settings = find_builtin("Balanced").unwrap().settings;
        (settings.video, settings.container) = (target, container);
        let source = Stream {
            codec: codec.to_owned(),
            ..video(|v| (v.hdr.dolby_vision, v.color.transfer) = (Some(from), Some("smpte2084".to_owned())))
        };
        let Action::EncodeVideo(encode) = plan(&file(vec![source]), &settings)?.streams[0].action.clone() else {
            panic!("not encoded")
        };
        Ok(encode.dynamic.unwrap().dolby_vision.unwrap().to.to_string())
    };
    let mkv = Container::Matroska;
    for (codec, from, target, to) in [
        ("hevc", (8, 1), Hevc, "8.1"),
        ("hevc", (8, 4), Hevc, "8.4"),
        ("hevc", (7, 6), Hevc, "8.1"),
        ("hevc", (5, 0), Hevc, "5"),
        ("hevc", (8, 1), Av1, "10.1"),
        ("hevc", (5, 0), Av1, "10.0"),
        ("av1", (10, 0), Av1, "10.0"),
        ("av1", (10, 0), Hevc, "5"),
        ("av1", (10, 4), Hevc, "8.4"),
        ("hevc", (0, 0), Hevc, "8.1"),
    ] {
        let from = dolby_vision(from.0, from.1);
        assert_eq!(decide(codec, from, target, mkv), Ok(to.to_owned()), "{codec} {from} to {target:?}");
    }
    let nowhere = Refusal::NoDynamicHdr { name: "Dolby Vision".to_owned(), codec: "h264".to_owned() };
    let layer = DolbyVision { enhancement_only: true, ..dolby_vision(7, 6) };
    for (codec, from, target, container, refusal) in [
        ("hevc", dolby_vision(8, 1), H264, mkv, nowhere),
        ("hevc", dolby_vision(4, 2), Hevc, mkv, Refusal::DolbyVision { profile: 4 }),
        ("hevc", layer, Hevc, mkv, Refusal::DolbyVisionApart { index: 0, profile: 7 }),
        ("av1", dolby_vision(10, 0), Av1, Container::Mp4, Refusal::DolbyVisionInMp4 { profile: 10 }),
    ] {
        assert_eq!(decide(codec, from, target, container), Err(refusal), "{codec} {from} to {target:?}");
    }
}

#[test]
fn two_passes_are_for_a_bitrate() {
    let mut settings = find_builtin("Balanced").unwrap().settings;
    let one_pass = settings.policy();
    settings.two_pass = true;
    let source = file(vec![video(|_| {})]);
    let intent = plan(&source, &settings).unwrap();
    assert!(intent.notes.iter().any(|note| note.contains("takes one pass")), "{:?}", intent.notes);
    assert_eq!(settings.policy(), one_pass, "it judges the same file the same way");
    settings.rate = RateControl::Bitrate(2_000_000);
    let intent = plan(&source, &settings).unwrap();
    assert!(intent.streams[0].describe().contains("2000 kbit/s in two passes"), "{}", intent.streams[0].describe());
    assert_ne!(settings.policy(), one_pass);
}

#[test]
fn image_subtitles_in_mp4_are_refused_unless_dropping_was_asked_for() {
    let mut settings = find_builtin("Mobile Optimized").unwrap().settings;
    settings.subtitles = crate::media::preset::SubtitleMode::Copy;
    let source = file(vec![video(|_| {}), subtitle(1, "hdmv_pgs_subtitle")]);
    assert!(matches!(plan(&source, &settings), Err(Refusal::ImageSubtitles { index: 1, .. })));
    settings.drop_image_subtitles = true;
    assert_eq!(plan(&source, &settings).unwrap().dropped.len(), 1);
}

#[test]
fn a_track_in_the_target_codec_is_not_encoded_again() {
    let intent = planned("Storage Saver", vec![video(|_| {}), audio(1, "aac", 6), audio(2, "dts", 6)]).unwrap();
    assert_eq!(intent.streams[1].action, Action::CopyAudio { channels: 6 });
    assert!(matches!(
        &intent.streams[2].action,
        Action::EncodeAudio(AudioEncode { codec: AudioCodec::Aac, channels: 6, bitrate_bps: 576_000, .. })
    ));
}

#[test]
fn the_same_file_and_settings_give_the_same_intent_and_other_settings_another_policy() {
    let streams = || vec![video(|_| {}), audio(1, "aac", 2)];
    assert_eq!(planned("Balanced", streams()).unwrap().hash(), planned("Balanced", streams()).unwrap().hash());
    let saver = planned("Storage Saver", streams()).unwrap();
    assert_ne!(planned("Balanced", streams()).unwrap().policy, saver.policy);
}

#[test]
fn a_turned_picture_is_planned_upright() {
    let intent =
        planned("Balanced", vec![video(|v| (v.rotation_deg, v.sample_aspect) = (90, Ratio { num: 4, den: 3 }))])
            .unwrap();
    let Action::EncodeVideo(encode) = &intent.streams[0].action else { panic!("not encoded") };
    assert_eq!((encode.size, encode.upright, encode.sample_aspect), ((800, 1920), true, Ratio { num: 3, den: 4 }));
}
