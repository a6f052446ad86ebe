//! What plans become on a worker with hardware. The arguments were never run on any: they are held against what ffmpeg 5.1
//! and 8.0 document.

use mediaflow_core::media::color::ContentLight;
use mediaflow_core::media::hardware::{Gpu, Hardware};
use mediaflow_core::media::preset::{EncoderFlag, RateControl, TargetVideo};

use super::tests::{encode, intent, stream};
use super::*;
use crate::encoder::{Accel, CODECS, VideoEncoder};

/// A worker on which all encoders of these families work, and their decoders know H.264.
fn worker(gpus: &[Gpu]) -> Abilities {
    let mut abilities = Abilities::default();
    for gpu in gpus {
        for codec in CODECS {
            for bits in [8, 10] {
                abilities.note_encoder(VideoEncoder::on(*gpu, codec), bits, None);
            }
        }
        abilities.note_decoder(Accel::of(*gpu), "h264");
    }
    abilities
}

fn bound(video: VideoEncode, abilities: &Abilities) -> (String, EncodedBy) {
    let intent = intent(Container::Matroska, vec![stream(0, "h264", Action::EncodeVideo(Box::new(video)))]);
    let binding = bind(&intent, &Mark::new("j", &intent.policy), abilities);
    let word = |arg: &Arg| match arg {
        Arg::Text(text) => text.clone(),
        _ => "FILE".to_owned(),
    };
    let line = binding.runs.last().expect("a run").args.iter().map(word).collect::<Vec<_>>().join(" ");
    (line, binding.encoded_by.expect("pictures are encoded"))
}

/// The options of the one video stream: from its encoder to its metadata.
fn options(line: &str) -> &str {
    let from = line.find("-c:0").expect("an encoder");
    line[from..].split(" -metadata").next().unwrap_or_default()
}

#[test]
fn a_plan_for_the_cpu_goes_to_the_gpu_of_a_worker_that_has_one() {
    let (line, by) = bound(encode(), &worker(&[Gpu::Nvenc]));
    assert!(line.contains("-y -hwaccel cuda -i FILE -map 0:0"), "{line}");
    assert!(line.contains("-filter:0 format=yuv420p10le,setsar=1/1,format=p010le -fps_mode:0 passthrough"), "{line}");
    assert_eq!(options(&line), "-c:0 hevc_nvenc -g:0 250 -preset:0 p5 -tune:0 hq -rc:0 vbr -cq:0 22 -b:0 0");
    assert_eq!((by.encoder.as_str(), by.gpu, by.decoder.as_deref()), ("hevc_nvenc", Some(Gpu::Nvenc), Some("cuda")));
    assert_eq!(by.pixel_format, "p010le");
    assert!(by.instead_of.is_none() && by.notes[0].contains("quality scale"), "{by:?}");
}

#[test]
fn without_hardware_or_with_it_off_the_cpu_does_it_and_nothing_is_said() {
    let off = VideoEncode { hardware: Hardware::Off, ..encode() };
    for (video, abilities) in [(encode(), Abilities::default()), (off, worker(&Gpu::ALL))] {
        let (line, by) = bound(video, &abilities);
        assert!(line.contains("-c:0 libx265") && !line.contains("hwaccel"), "{line}");
        assert_eq!((by.gpu, by.instead_of, by.notes), (None, None, Vec::new()));
    }
}

#[test]
fn hardware_that_was_asked_for_and_does_not_work_is_named_with_the_reason() {
    let only = VideoEncode { hardware: Hardware::Only(Gpu::Nvenc), ..encode() };
    let mut abilities = worker(&[Gpu::Qsv]);
    let missing = || Some("Cannot load libcuda.so.1".to_owned());
    abilities.note_encoder(VideoEncoder::on(Gpu::Nvenc, TargetVideo::Hevc), 10, missing());
    let (line, by) = bound(only, &abilities);
    assert!(line.contains("-c:0 libx265"), "another family was not asked for: {line}");
    assert_eq!(by.instead_of.unwrap().to_string(), "CPU instead of NVENC: Cannot load libcuda.so.1");
}

#[test]
fn eight_bits_that_work_are_no_promise_for_ten() {
    let mut abilities = Abilities::default();
    let hevc = VideoEncoder::on(Gpu::Nvenc, TargetVideo::Hevc);
    abilities.note_encoder(hevc, 8, None);
    abilities.note_encoder(hevc, 10, Some("10 bit encode not supported".to_owned()));
    assert_eq!(bound(encode(), &abilities).1.gpu, None);
    let eight = VideoEncode { pixel_format: "yuv420p".to_owned(), ..encode() };
    let (line, by) = bound(eight, &abilities);
    assert_eq!((by.gpu, by.pixel_format.as_str()), (Some(Gpu::Nvenc), "nv12"));
    assert!(line.contains("format=yuv420p,setsar=1/1,format=nv12 "), "{line}");
}

#[test]
fn what_no_hardware_is_known_to_carry_stays_on_the_cpu_and_the_plan_says_why() {
    let flag = EncoderFlag { name: "x265-params".to_owned(), value: "aq-mode=3".to_owned() };
    let light = ContentLight { max_content: 1000, max_average: 400 };
    for (video, why) in [
        (VideoEncode { pixel_format: "yuv422p10le".to_owned(), ..encode() }, "4:2:0"),
        (VideoEncode { two_pass: true, rate: RateControl::Bitrate(3_000_000), ..encode() }, "two passes"),
        (VideoEncode { flags: vec![flag], ..encode() }, "flags"),
        (VideoEncode { tune: Some("grain".to_owned()), ..encode() }, "tuning"),
        (VideoEncode { light: Some(light), ..encode() }, "mastering display"),
        (VideoEncode { closed_captions: true, ..encode() }, "captions"),
    ] {
        let (line, by) = bound(video, &worker(&[Gpu::Nvenc]));
        assert!(line.contains("-c:0 libx265"), "{why}: {line}");
        assert!(by.notes.len() == 1 && by.notes[0].contains(why), "{why}: {:?}", by.notes);
    }
    // Filters work on the CPU in any case.
    let filter = EncoderFlag { name: flags::FILTER.to_owned(), value: "hqdn3d=2".to_owned() };
    assert_eq!(bound(VideoEncode { flags: vec![filter], ..encode() }, &worker(&[Gpu::Nvenc])).1.gpu, Some(Gpu::Nvenc));
}

#[test]
fn a_tuning_is_left_out_where_the_wanted_hardware_has_none() {
    let video = VideoEncode { tune: Some("grain".to_owned()), hardware: Hardware::Only(Gpu::Qsv), ..encode() };
    let (line, by) = bound(video, &worker(&[Gpu::Qsv]));
    assert!(!line.contains("grain"), "{line}");
    assert!(by.notes.iter().any(|note| note.contains("no tuning grain")), "{:?}", by.notes);
}

#[test]
fn quality_is_translated_to_the_scale_of_each_family() {
    let hevc = TargetVideo::Hevc;
    let av1 = TargetVideo::Av1;
    for (gpu, codec, crf, expected) in [
        (Gpu::Nvenc, av1, 30, "-c:0 av1_nvenc -g:0 250 -preset:0 p5 -tune:0 hq -rc:0 vbr -cq:0 30 -b:0 0"),
        (Gpu::Nvenc, hevc, 0, "-c:0 hevc_nvenc -g:0 250 -preset:0 p5 -tune:0 hq -rc:0 vbr -cq:0 1 -b:0 0"),
        (Gpu::Qsv, hevc, 22, "-c:0 hevc_qsv -g:0 250 -preset:0 medium -global_quality:0 22"),
        (Gpu::Qsv, av1, 30, "-c:0 av1_qsv -g:0 250 -preset:0 medium -global_quality:0 24"),
        (Gpu::Vaapi, hevc, 22, "-c:0 hevc_vaapi -g:0 250 -rc_mode:0 CQP -qp:0 22"),
        (Gpu::Vaapi, av1, 30, "-c:0 av1_vaapi -g:0 250 -rc_mode:0 CQP -global_quality:0 120"),
        (Gpu::VideoToolbox, hevc, 22, "-c:0 hevc_videotoolbox -g:0 250 -q:0 57"),
        (
            Gpu::Amf,
            hevc,
            22,
            "-c:0 hevc_amf -g:0 250 -usage:0 transcoding -quality:0 quality -rc:0 cqp -qp_i:0 22 -qp_p:0 22",
        ),
        (
            Gpu::Amf,
            av1,
            63,
            "-c:0 av1_amf -g:0 250 -usage:0 transcoding -quality:0 quality -rc:0 cqp -qp_i:0 252 -qp_p:0 252",
        ),
    ] {
        let video = VideoEncode { codec, rate: RateControl::Crf(crf), ..encode() };
        assert_eq!(options(&bound(video, &worker(&[gpu])).0), expected);
    }
}

#[test]
fn bitrates_are_kept_in_the_words_of_each_family() {
    let average = RateControl::Bitrate(4_000_000);
    let constant = RateControl::ConstantBitrate(4_000_000);
    let peak = "-b:0 4000000 -maxrate:0 6000000 -bufsize:0 8000000";
    let flat = "-b:0 4000000 -maxrate:0 4000000 -bufsize:0 4000000";
    for (gpu, rate, expected) in [
        (Gpu::Nvenc, average, format!("-rc:0 vbr {peak}")),
        (Gpu::Nvenc, constant, format!("-rc:0 cbr {flat}")),
        (Gpu::Qsv, average, format!("-preset:0 medium {peak}")),
        (Gpu::Qsv, constant, format!("-preset:0 medium {flat}")),
        (Gpu::Vaapi, average, format!("-rc_mode:0 VBR {peak}")),
        (Gpu::Vaapi, constant, format!("-rc_mode:0 CBR {flat}")),
        (Gpu::Amf, average, format!("-rc:0 vbr_peak {peak}")),
        (Gpu::Amf, constant, format!("-rc:0 cbr {flat}")),
        (Gpu::VideoToolbox, average, peak.to_owned()),
        (Gpu::VideoToolbox, constant, "-b:0 4000000 -constant_bit_rate:0 1".to_owned()),
    ] {
        let (line, _) = bound(VideoEncode { rate, ..encode() }, &worker(&[gpu]));
        assert!(options(&line).ends_with(&expected), "{gpu} {rate:?}: {line}");
    }
}

#[test]
fn vaapi_decodes_filters_and_encodes_around_one_device() {
    let (line, by) = bound(encode(), &worker(&[Gpu::Vaapi]));
    assert!(
        line.contains("-init_hw_device vaapi=gpu -filter_hw_device gpu -hwaccel vaapi -hwaccel_device gpu -i FILE"),
        "{line}"
    );
    assert!(line.contains(",format=p010le,hwupload -fps_mode:0"), "{line}");
    assert_eq!(by.decoder.as_deref(), Some("vaapi"));
}

#[test]
fn the_fallback_goes_from_both_to_the_encoder_alone_and_to_the_cpu() {
    let both = worker(&[Gpu::Nvenc]);
    let (_, by) = bound(encode(), &both.decoding_on_cpu());
    assert_eq!((by.gpu, by.decoder), (Some(Gpu::Nvenc), None));
    let (line, by) = bound(encode(), &both.on_cpu());
    assert_eq!((by.gpu, by.encoder.as_str()), (None, "libx265"));
    assert!(!line.contains("nvenc"), "{line}");
}

#[test]
fn the_makers_own_interface_is_chosen_before_the_general_one() {
    assert_eq!(bound(encode(), &worker(&[Gpu::Vaapi, Gpu::Qsv])).1.gpu, Some(Gpu::Qsv));
    let vp9 = intent(Container::Matroska, vec![stream(0, "vp9", Action::EncodeVideo(Box::new(encode())))]);
    let by = bind(&vp9, &Mark::new("j", &vp9.policy), &worker(&[Gpu::Nvenc])).encoded_by.unwrap();
    assert_eq!((by.gpu, by.decoder), (Some(Gpu::Nvenc), None), "a codec that was not tried is decoded on the CPU");
}
