use mediaflow_core::identity::Hash;
use mediaflow_core::media::Disposition;
use mediaflow_core::media::Ratio;
use mediaflow_core::media::color::{ColorInfo, ContentLight};
use mediaflow_core::media::hardware::Hardware;
use mediaflow_core::media::preset::{AudioCodec, QualityCheck, QualityFloor, RateControl, TargetVideo};
use mediaflow_core::plan::{AudioEncode, TextSubtitle};

use super::*;
use crate::filters;

pub(crate) fn encode() -> VideoEncode {
    VideoEncode {
        codec: TargetVideo::Hevc,
        rate: RateControl::Crf(22),
        two_pass: false,
        hardware: Hardware::Automatic,
        tune: None,
        flags: Vec::new(),
        pixel_format: "yuv420p10le".to_owned(),
        source_size: (1920, 800),
        size: (1920, 800),
        sample_aspect: Ratio { num: 1, den: 1 },
        upright: false,
        deinterlace: false,
        only_flagged: false,
        tone_map: None,
        dynamic: None,
        sheds_dolby_vision: false,
        color: ColorInfo::default(),
        mastering: None,
        light: None,
        closed_captions: false,
        absurd_rate: false,
        burn_in: None,
    }
}

pub(super) fn stream(source_index: u32, codec: &str, action: Action) -> StreamPlan {
    StreamPlan {
        source_index,
        source_codec: codec.to_owned(),
        action,
        language: None,
        title: None,
        dispositions: [].into(),
        stale_tags: Vec::new(),
    }
}

pub(super) fn intent(container: Container, streams: Vec<StreamPlan>) -> Intent {
    Intent {
        policy: Hash::of_bytes(b"p"),
        container,
        source_container: Container::Matroska,
        streams,
        dropped: Vec::new(),
        chapters: 0,
        notes: Vec::new(),
        floor: QualityFloor { vmaf: 90.0, ssim: 0.95 },
        quality: QualityCheck::default(),
        min_savings_percent: 5,
        accept_damage: false,
    }
}

/// The vectors as a person would type them.
pub(super) fn lines(intent: &Intent) -> Vec<String> {
    let mark = Mark::new("j1", &intent.policy);
    let word = |arg: &Arg| match arg {
        Arg::Text(text) => text.replace(&mark.render(), "MARK"),
        Arg::Input => "IN".to_owned(),
        Arg::Output => "OUT".to_owned(),
        Arg::Work(name) => format!("WORK/{name}"),
    };
    bind(intent, &mark, &Abilities::default())
        .runs
        .iter()
        .map(|run| run.args.iter().map(word).collect::<Vec<_>>().join(" "))
        .collect()
}

pub(super) const HEAD: &str = "-hide_banner -nostdin -v level+info -nostats -stats_period 0.5 -progress pipe:1 -y";

#[test]
fn every_track_is_mapped_by_its_own_index_and_a_cover_becomes_an_attachment() {
    let mut audio = stream(1, "truehd", Action::CopyAudio { channels: 8 });
    audio.language = Some("eng".to_owned());
    audio.dispositions = [Disposition::Default, Disposition::Comment].into();
    audio.stale_tags = vec!["BPS-eng".to_owned()];
    let font = Action::CopyAttachment { filename: "a.ttf".to_owned(), mime_type: "font/ttf".to_owned() };
    let cover = Action::Cover { filename: "cover.jpg".to_owned(), mime_type: "image/jpeg".to_owned() };
    let intent = intent(
        Container::Matroska,
        vec![
            stream(0, "h264", Action::EncodeVideo(Box::new(encode()))),
            audio,
            stream(4, "ttf", font),
            stream(3, "mjpeg", cover),
        ],
    );
    assert_eq!(
        lines(&intent),
        [
            "-hide_banner -nostdin -v warning -y -i IN -map 0:3 -c copy -frames:v 1 -f data WORK/cover-0".to_owned(),
            format!(
                "{HEAD} -i IN -map 0:0 -map 0:1 -map 0:4 -map_metadata 0 -map_chapters 0 -max_muxing_queue_size 9999 \
                 -filter:0 format=yuv420p10le,setsar=1/1 -fps_mode:0 passthrough -enc_time_base:0 -1 -c:0 libx265 -preset:0 medium \
                 -x265-params:0 log-level=info:hash=1 -crf:0 22 -metadata:s:0 language=und -disposition:0 0 \
                 -c:1 copy -metadata:s:1 BPS-eng= -metadata:s:1 language=eng -disposition:1 default+comment \
                 -c:2 copy -metadata:s:2 filename=a.ttf -metadata:s:2 mimetype=font/ttf \
                 -attach WORK/cover-0 -metadata:s:3 filename=cover.jpg -metadata:s:3 mimetype=image/jpeg \
                 -metadata MEDIAFLOW=MARK -default_mode passthrough -f matroska OUT"
            ),
        ]
    );
}

#[test]
fn hdr10_is_written_into_the_bitstream_and_the_picture_is_scaled_and_deinterlaced_in_one_chain() {
    let mut video = encode();
    video.size = (1280, 534);
    video.deinterlace = true;
    video.color = ColorInfo {
        primaries: Some("bt2020".to_owned()),
        transfer: Some("smpte2084".to_owned()),
        matrix: Some("bt2020nc".to_owned()),
        range: Some("tv".to_owned()),
        chroma_location: None,
    };
    video.light = Some(ContentLight { max_content: 1000, max_average: 400 });
    assert_eq!(
        filters::picture(&video),
        "bwdif=mode=send_frame:parity=auto:deint=all,scale=1280:534:flags=lanczos,format=yuv420p10le,setsar=1/1,\
         setparams=range=tv:color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"
    );
    assert_eq!(filters::x265_params(&video), "log-level=info:hash=1:max-cll=1000,400:repeat-headers=1");
}

#[test]
fn mp4_gets_its_tag_fast_start_and_text_subtitles() {
    let intent = intent(
        Container::Mp4,
        vec![
            stream(0, "hevc", Action::CopyVideo),
            stream(
                1,
                "dts",
                Action::EncodeAudio(AudioEncode {
                    codec: AudioCodec::Aac,
                    channels: 2,
                    source_channels: 6,
                    bitrate_bps: 192_000,
                    source_layout: None,
                    layout: None,
                    sample_rate_hz: None,
                }),
            ),
            stream(2, "subrip", Action::ConvertSubtitle { to: TextSubtitle::MovText }),
        ],
    );
    let line = lines(&intent).remove(0);
    for part in [
        "-c:0 copy -tag:0 hvc1",
        "-c:1 aac -b:1 192000 -ac:1 2",
        "-c:2 mov_text",
        "-metadata encoding_tool=MARK -movflags +faststart -f mp4 OUT",
    ] {
        assert!(line.contains(part), "{part:?} is missing in {line}");
    }
}

#[test]
fn names_that_look_like_options_or_protocols_stay_names() {
    let intent = intent(Container::Matroska, vec![stream(0, "h264", Action::CopyVideo)]);
    let binding = bind(&intent, &Mark::new("j", &intent.policy), &Abilities::default());
    let places = Places { input: OsStr::new("-i;$(id).mkv"), output: OsStr::new("concat:x"), work: "w".as_ref() };
    let argv = binding.runs[0].resolve(places);
    assert!(argv.contains(&"file:-i;$(id).mkv".into()) && argv.contains(&"file:concat:x".into()));
}
