//! Options of hardware encoders and decoders.
//!
//! Nothing here was run on real hardware when it was written: names and ranges are those that ffmpeg 5.1 and 8.0 print with
//! `-h encoder=NAME`. Pictures are filtered on the CPU, by the chain that the proof applies too; hardware decodes and
//! encodes.

use mediaflow_core::media::hardware::Gpu;
use mediaflow_core::media::preset::{RateControl, TargetVideo};
use mediaflow_core::plan::tuning::usual_crf;

use super::Args;
use crate::encoder::{Accel, VideoEncoder};

/// As x264 and x265 by themselves; ffmpeg's own default is every twelfth frame, which some hardware takes.
const KEY_FRAME_EVERY: &str = "250";

/// The name of the device, where one has to be opened.
const DEVICE: &str = "gpu";

/// What stands before the input: the device, and what decodes on it. Pictures come back into memory by themselves, and a
/// profile that the hardware does not know is decoded on the CPU.
pub(super) fn input_options(args: &mut Args, gpu: Option<Gpu>, accel: Option<Accel>) {
    let encodes_by_vaapi = gpu == Some(Gpu::Vaapi);
    if encodes_by_vaapi {
        args.text(&["-init_hw_device", &format!("vaapi={DEVICE}"), "-filter_hw_device", DEVICE]);
    }
    if let Some(accel) = accel {
        args.text(&["-hwaccel", accel.name()]);
        if encodes_by_vaapi {
            args.text(&["-hwaccel_device", DEVICE]);
        }
    }
}

/// What follows the plan's own filters: the format that the encoder is given, and the way to the device where it does not
/// fetch pictures itself.
pub(super) fn upload(gpu: Gpu, bits: u8) -> String {
    let format = pixel_format(bits);
    let upload = if gpu == Gpu::Vaapi { ",hwupload" } else { "" };
    format!("format={format}{upload}")
}

/// What hardware is given: the chroma of both colours interleaved, which loses nothing.
pub(crate) const fn pixel_format(bits: u8) -> &'static str {
    if bits > 8 { "p010le" } else { "nv12" }
}

/// The encoder with its rate control.
pub(super) fn encoder_options(args: &mut Args, index: usize, codec: TargetVideo, rate: RateControl, gpu: Gpu) {
    args.stream("c", index, VideoEncoder::on(gpu, codec).name());
    args.stream("g", index, KEY_FRAME_EVERY);
    let preset: &[(&str, &str)] = match gpu {
        Gpu::Nvenc => &[("preset", "p5"), ("tune", "hq")],
        Gpu::Qsv => &[("preset", "medium")],
        Gpu::Amf => &[("usage", "transcoding"), ("quality", "quality")],
        Gpu::Vaapi | Gpu::VideoToolbox => &[],
    };
    for (name, value) in preset {
        args.stream(name, index, *value);
    }
    let mut set = |name: &str, value: String| args.stream(name, index, value);
    match rate {
        RateControl::Crf(crf) => quality(&mut set, codec, gpu, crf),
        // A search that was not made begins where it would.
        RateControl::TargetVmaf(vmaf) => {
            quality(&mut set, codec, gpu, usual_crf(codec, vmaf));
        }
        RateControl::Bitrate(bps) => {
            if let Some((option, mode)) = mode(gpu, "vbr", "VBR", "vbr_peak") {
                set(option, mode.to_owned());
            }
            set("b", bps.to_string());
            // The same peak as the CPU's encoders have.
            set("maxrate", (bps + bps / 2).to_string());
            set("bufsize", (bps * 2).to_string());
        }
        RateControl::ConstantBitrate(bps) => {
            if let Some((option, mode)) = mode(gpu, "cbr", "CBR", "cbr") {
                set(option, mode.to_owned());
            }
            set("b", bps.to_string());
            if gpu == Gpu::VideoToolbox {
                set("constant_bit_rate", "1".to_owned());
            } else {
                // QuickSync keeps a constant bitrate where both are the same.
                set("maxrate", bps.to_string());
                set("bufsize", bps.to_string());
            }
        }
    }
}

/// The option that chooses a rate control, and its value, in each family's words.
const fn mode(
    gpu: Gpu,
    nvenc: &'static str,
    vaapi: &'static str,
    amf: &'static str,
) -> Option<(&'static str, &'static str)> {
    match gpu {
        Gpu::Nvenc => Some(("rc", nvenc)),
        Gpu::Vaapi => Some(("rc_mode", vaapi)),
        Gpu::Amf => Some(("rc", amf)),
        Gpu::Qsv | Gpu::VideoToolbox => None,
    }
}

/// A CRF on a family's own scale of constant quality.
///
/// For H.264 and HEVC all but Apple's are quantizers from 1 to 51, as the CRF is nearly one, and are taken over (`facts`
/// §7). SVT-AV1's CRF goes to 63: NVENC's scale does so too (to 51 before ffmpeg 7.1), `QuickSync`'s is 51 long, and VAAPI
/// and AMF count in the 255 steps of AV1's own quantizer index, four to a step of SVT-AV1. Apple's scale is a percentage.
/// The same number does not mean the same picture; the floor of the proof decides whether it is good enough.
fn quality(set: &mut impl FnMut(&str, String), codec: TargetVideo, gpu: Gpu, crf: u8) {
    let is_av1 = codec == TargetVideo::Av1;
    let crf = u16::from(crf);
    // Zero means "by yourself" in all of them.
    let step = crf.clamp(1, 51);
    let index = (crf * 4).clamp(1, 255);
    match gpu {
        Gpu::Nvenc => {
            set("rc", "vbr".to_owned());
            set("cq", step.to_string());
            set("b", "0".to_owned());
        }
        Gpu::Qsv => {
            let step = if is_av1 { (crf * 51 / 63).clamp(1, 51) } else { step };
            set("global_quality", step.to_string());
        }
        Gpu::Vaapi => {
            set("rc_mode", "CQP".to_owned());
            if is_av1 { set("global_quality", index.to_string()) } else { set("qp", step.to_string()) }
        }
        Gpu::VideoToolbox => set("q", (100 - crf.min(50) * 100 / 51).to_string()),
        Gpu::Amf => {
            set("rc", "cqp".to_owned());
            let step = if is_av1 { index } else { step };
            for name in ["qp_i", "qp_p"] {
                set(name, step.to_string());
            }
        }
    }
}
