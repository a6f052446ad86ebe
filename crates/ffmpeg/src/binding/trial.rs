//! A trial: one stretch of a film encoded as the whole of it would be, to see what a CRF comes to.

use mediaflow_core::media::Container;
use mediaflow_core::media::hardware::Gpu;
use mediaflow_core::plan::VideoEncode;

use super::streams::{encoder_options, pictures};
use super::{Arg, Args, Program, Run, hardware};
use crate::measure::{Window, seek_margin_us, seek_to, trim};

/// The run that encodes the frames of `window`, and no others, of one stream of the source into a file of their own, by
/// the encoder that will encode all of it.
#[must_use]
pub fn trial(source_index: u32, container: Container, encode: &VideoEncode, gpu: Option<Gpu>, window: &Window) -> Run {
    let mut args = Args(Vec::new());
    args.text(&["-hide_banner", "-nostdin", "-v", "error", "-y", "-copyts"]);
    // A few seconds are decoded on the CPU: what decodes them changes nothing about their size.
    hardware::input_options(&mut args, gpu, None);
    let ((begin, end), margin) = (window.source_us, seek_margin_us(container));
    if begin > margin {
        args.0.extend(seek_to(begin - margin).map(Arg::Text));
    }
    args.text(&["-i"]);
    args.0.push(Arg::Input);
    args.text(&["-map", &format!("0:{source_index}")]);
    args.stream("filter", 0, format!("{},{}", trim(begin, end), pictures(encode, gpu)));
    encoder_options(&mut args, 0, encode, gpu, None);
    args.text(&["-f", "matroska"]);
    args.0.push(Arg::Output);
    Run { program: Program::Ffmpeg, args: args.0, through: None, needs: Vec::new() }
}
