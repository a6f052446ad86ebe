//! Runs of one second that show what works on a worker. That an encoder is compiled in proves nothing: those of hardware
//! are, where no such hardware is.
//!
//! Hardware is tried with the very options that films are encoded with: one that an older driver does not know counts as
//! not working.

use mediaflow_core::media::preset::{RateControl, TargetVideo};

use super::{Args, hardware};
use crate::encoder::{Accel, VideoEncoder};

/// 320x240 is above the smallest picture that any of the hardware encoders takes.
const PICTURES: &str = "testsrc2=size=320x240:rate=25:duration=1";

/// Name of the sample that a decoder is tried with, in the folder of the run.
pub const SAMPLE: &str = "sample.mkv";

/// What encodes one second of pictures into nothing.
#[must_use]
pub fn encode_args(encoder: VideoEncoder, bits: u8) -> Vec<String> {
    let mut args = quiet();
    match encoder.gpu {
        None => {
            args.text(&["-f", "lavfi", "-i", PICTURES]);
            on_cpu(&mut args, encoder.codec, bits);
        }
        Some(gpu) => {
            hardware::input_options(&mut args, Some(gpu), None);
            args.text(&["-f", "lavfi", "-i", PICTURES]);
            args.stream("filter", 0, hardware::upload(gpu, bits));
            hardware::encoder_options(&mut args, 0, encoder.codec, RateControl::Crf(23), gpu);
        }
    }
    args.text(&["-f", "null", "-"]);
    args.into_text()
}

/// What encodes one second of sound into nothing.
#[must_use]
pub fn sound_args(encoder: &str) -> Vec<String> {
    let mut args = quiet();
    args.text(&["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=1", "-ac", "2"]);
    args.text(&["-c:a", encoder, "-f", "null", "-"]);
    args.into_text()
}

/// What writes a [`SAMPLE`] on the CPU, for a decoder to be tried with.
#[must_use]
pub fn sample_args(codec: TargetVideo, bits: u8) -> Vec<String> {
    let mut args = quiet();
    args.text(&["-f", "lavfi", "-i", PICTURES]);
    on_cpu(&mut args, codec, bits);
    args.text(&["-y", "-f", "matroska", SAMPLE]);
    args.into_text()
}

/// What decodes the [`SAMPLE`] on hardware. It asks for pictures that lie on the device: ffmpeg would otherwise decode on
/// the CPU, without a word, what the hardware does not know.
#[must_use]
pub fn decode_args(accel: Accel, bits: u8) -> Vec<String> {
    let mut args = quiet();
    args.text(&["-hwaccel", accel.name(), "-hwaccel_output_format", accel.device_format(), "-i", SAMPLE]);
    args.text(&["-vf", &format!("hwdownload,format={}", hardware::pixel_format(bits)), "-f", "null", "-"]);
    args.into_text()
}

/// What makes the first of two passes on the CPU, and the file in the folder of the run that it must leave filled.
#[must_use]
pub fn first_pass(codec: TargetVideo) -> (Vec<String>, &'static str) {
    let mut args = quiet();
    args.text(&["-f", "lavfi", "-i", PICTURES]);
    on_cpu(&mut args, codec, 8);
    args.text(&["-b:v", "500k"]);
    match codec {
        TargetVideo::Hevc => args.text(&["-x265-params", "log-level=error:pass=1:stats=pass-0.log"]),
        _ => args.text(&["-pass", "1", "-passlogfile", "pass"]),
    }
    args.text(&["-f", "null", "-"]);
    (args.into_text(), "pass-0.log")
}

fn quiet() -> Args {
    let mut args = Args(Vec::new());
    args.text(&["-hide_banner", "-nostdin", "-v", "error"]);
    args
}

fn on_cpu(args: &mut Args, codec: TargetVideo, bits: u8) {
    let format = if bits > 8 { "yuv420p10le" } else { "yuv420p" };
    args.text(&["-pix_fmt", format, "-c:v", VideoEncoder::cpu(codec).name()]);
    // The fastest: what is tried is whether it works.
    args.text(&["-preset", if codec == TargetVideo::Av1 { "10" } else { "ultrafast" }]);
}

#[cfg(test)]
mod tests {
    use mediaflow_core::media::hardware::Gpu;

    use super::*;

    #[test]
    fn hardware_is_tried_as_it_will_be_used() {
        let nvenc = encode_args(VideoEncoder::on(Gpu::Nvenc, TargetVideo::Hevc), 10).join(" ");
        assert!(
            nvenc.ends_with(
                "-filter:0 format=p010le -c:0 hevc_nvenc -g:0 250 -preset:0 p5 -tune:0 hq -rc:0 vbr -cq:0 23 -b:0 0 \
                 -f null -"
            ),
            "{nvenc}"
        );
        let vaapi = encode_args(VideoEncoder::on(Gpu::Vaapi, TargetVideo::Av1), 8).join(" ");
        assert!(vaapi.contains("-init_hw_device vaapi=gpu -filter_hw_device gpu -f lavfi"), "{vaapi}");
        assert!(vaapi.contains("-filter:0 format=nv12,hwupload -c:0 av1_vaapi"), "{vaapi}");
    }

    #[test]
    fn a_decoder_counts_only_if_its_pictures_lie_on_the_device() {
        let args = decode_args(Accel::Cuda, 10).join(" ");
        assert!(
            args.ends_with(
                "-hwaccel cuda -hwaccel_output_format cuda -i sample.mkv -vf hwdownload,format=p010le -f null -"
            ),
            "{args}"
        );
    }
}
