//! The options of one output stream.

use mediaflow_core::media::hardware::Gpu;
use mediaflow_core::media::preset::{RateControl, TargetVideo};
use mediaflow_core::media::{Container, Disposition};
use mediaflow_core::plan::tuning::usual_crf;
use mediaflow_core::plan::{Action, Intent, StreamPlan, TextSubtitle, VideoEncode};

use super::passes::Pass;
use super::sound::audio_options;
use super::{Args, dynamic, hardware};
use crate::abilities::bits;
use crate::encoder::VideoEncoder;
use crate::{filters, flags};

pub(super) fn stream_options(args: &mut Args, intent: &Intent, index: usize, stream: &StreamPlan, gpu: Option<Gpu>) {
    match &stream.action {
        Action::EncodeVideo(encode) if encode.is_apart() => {
            dynamic::finished_options(args, index, encode, intent.container);
        }
        Action::EncodeVideo(encode) => {
            let pass = encode.two_pass.then_some(Pass { number: 2, source_index: stream.source_index });
            video_options(args, index, encode, gpu, pass);
            if intent.container == Container::Mp4 && encode.codec == TargetVideo::Hevc {
                args.stream("tag", index, "hvc1");
            }
        }
        Action::CopyVideo => {
            args.stream("c", index, "copy");
            if stream.source_codec == "mpeg4" && intent.source_container == Container::Avi {
                // DivX packs two frames into one packet in AVI; Matroska wants them apart.
                args.stream("bsf", index, "mpeg4_unpack_bframes");
            }
            if intent.container == Container::Mp4 && stream.source_codec == "hevc" {
                args.stream("tag", index, "hvc1");
            }
        }
        Action::EncodeAudio(encode) => audio_options(args, index, encode),
        Action::ConvertSubtitle { to } => args.stream(
            "c",
            index,
            match to {
                TextSubtitle::Subrip => "srt",
                TextSubtitle::MovText => "mov_text",
            },
        ),
        Action::CopyAttachment { filename, mime_type } => {
            args.stream("c", index, "copy");
            args.metadata(index, "filename", filename);
            args.metadata(index, "mimetype", mime_type);
        }
        Action::CopyAudio { .. } | Action::CopySubtitle | Action::Cover { .. } => args.stream("c", index, "copy"),
    }
    for key in &stream.stale_tags {
        args.metadata(index, key, "");
    }
    match &stream.action {
        Action::Cover { .. } => args.stream("disposition", index, "attached_pic"),
        Action::CopyAttachment { .. } => {}
        _ => {
            args.metadata(index, "language", stream.language.as_deref().unwrap_or("und"));
            if let Some(title) = &stream.title {
                args.metadata(index, "title", title);
            }
            let names: Vec<&str> = stream.dispositions.iter().copied().map(Disposition::name).collect();
            args.stream("disposition", index, if names.is_empty() { "0".to_owned() } else { names.join("+") });
        }
    }
}

pub(super) fn video_options(args: &mut Args, index: usize, encode: &VideoEncode, gpu: Option<Gpu>, pass: Option<Pass>) {
    args.stream("filter", index, pictures(encode, gpu));
    encoder_options(args, index, encode, gpu, pass);
}

/// The plan's filters, and what brings pictures to the encoder.
pub(super) fn pictures(encode: &VideoEncode, gpu: Option<Gpu>) -> String {
    let upload = gpu.map(|gpu| format!(",{}", hardware::upload(gpu, bits(encode)))).unwrap_or_default();
    filters::picture(encode) + &upload
}

/// What the encoder is told, whatever pictures it is given.
pub(super) fn encoder_options(
    args: &mut Args,
    index: usize,
    encode: &VideoEncode,
    gpu: Option<Gpu>,
    pass: Option<Pass>,
) {
    // Every frame of the source once, at its own time: variable frame rates stay variable, and the source's time base
    // keeps frames from being moved onto the grid of the nominal rate.
    args.stream("fps_mode", index, "passthrough");
    args.stream("enc_time_base", index, "-1");
    if let Some(gpu) = gpu {
        return hardware::encoder_options(args, index, encode.codec, encode.rate, gpu);
    }
    let encoder = VideoEncoder::cpu(encode.codec);
    args.stream("c", index, encoder.name());
    match encode.codec {
        TargetVideo::Hevc => {
            args.stream("preset", index, "medium");
            args.params(index, encode, "x265-params", &[Some(filters::x265_params(encode)), pass.map(Pass::x265)]);
        }
        TargetVideo::H264 => {
            args.stream("preset", index, "medium");
            args.params(index, encode, "x264-params", &[pass.map(Pass::x264)]);
            if matches!(encode.rate, RateControl::ConstantBitrate(_)) {
                args.stream("nal-hrd", index, "cbr");
            }
        }
        TargetVideo::Av1 => {
            // Between film archive (4) and broadcast (8); about 6 fps a core at 1080p.
            args.stream("preset", index, "6");
            args.params(index, encode, "svtav1-params", &[filters::svtav1_params(encode)]);
        }
        TargetVideo::Copy => {}
    }
    match encode.rate {
        RateControl::Crf(crf) => args.stream("crf", index, crf.to_string()),
        // Where the search begins; what it found takes its place.
        RateControl::TargetVmaf(vmaf) => args.stream("crf", index, usual_crf(encode.codec, vmaf).to_string()),
        RateControl::Bitrate(bps) => {
            args.stream("b", index, bps.to_string());
            if encode.codec != TargetVideo::Av1 {
                // One and a half times the average over two seconds: what hardware players are built for.
                args.stream("maxrate", index, (bps + bps / 2).to_string());
                args.stream("bufsize", index, (bps * 2).to_string());
            }
        }
        RateControl::ConstantBitrate(bps) => {
            for name in ["b", "minrate", "maxrate", "bufsize"] {
                args.stream(name, index, bps.to_string());
            }
        }
    }
    // Of hardware that was asked for and is not there: said by whoever chose.
    if let Some(tune) = encode.tune.as_ref().filter(|tune| encoder.tunes().contains(&tune.as_str())) {
        args.stream("tune", index, tune.as_str());
    }
    for flag in encode.flags.iter().filter(|flag| flag.name != flags::FILTER && !flag.name.ends_with("-params")) {
        args.stream(&flag.name, index, flag.value.as_str());
    }
    if let Some(pass) = pass {
        pass.options(args, index, encode.codec);
    }
}
