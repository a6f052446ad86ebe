//! A trial: one stretch of a film encoded as the whole of it would be, to see what a CRF comes to.

use mediaflow_core::media::Container;
use mediaflow_core::plan::VideoEncode;

use super::streams::encoder_options;
use super::{Arg, Args, Program, Run};
use crate::filters;
use crate::measure::{Window, seek_margin_us, seek_to, trim};

/// The run that encodes the frames of `window`, and no others, of one stream of the source into a file of their own.
#[must_use]
pub fn trial(source_index: u32, container: Container, encode: &VideoEncode, window: &Window) -> Run {
    let mut args = Args(Vec::new());
    args.text(&["-hide_banner", "-nostdin", "-v", "error", "-y", "-copyts"]);
    let ((begin, end), margin) = (window.source_us, seek_margin_us(container));
    if begin > margin {
        args.0.extend(seek_to(begin - margin).map(Arg::Text));
    }
    args.text(&["-i"]);
    args.0.push(Arg::Input);
    args.text(&["-map", &format!("0:{source_index}")]);
    args.stream("filter", 0, format!("{},{}", trim(begin, end), filters::picture(encode)));
    encoder_options(&mut args, 0, encode, None, None);
    args.text(&["-f", "matroska"]);
    args.0.push(Arg::Output);
    Run { program: Program::Ffmpeg, args: args.0, shows_progress: false, needs: Vec::new() }
}
