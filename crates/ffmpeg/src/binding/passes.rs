//! Meeting a bitrate in two passes: the first run only looks and writes statistics, the last one spends by them.

use mediaflow_core::media::preset::TargetVideo;
use mediaflow_core::plan::{Action, Intent, StreamPlan, VideoEncode};

use super::streams::video_options;
use super::{Arg, Args, Program, Run, Through, drawn};
use crate::burn_in::file_name;

/// One pass over one video stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    /// 1 or 2.
    pub number: u8,
    /// The stream's index in the source, by which its statistics are named.
    pub source_index: u32,
}

impl Pass {
    /// The encoder writes there by a relative name: both passes run in the attempt's own directory, whose path may have
    /// letters that separate parameters.
    fn statistics(self, codec: TargetVideo) -> String {
        match codec {
            // Named by ffmpeg after what it is told and the stream's place in the run.
            TargetVideo::Av1 => format!("pass-{}-0.log", self.source_index),
            _ => format!("pass-{}.log", self.source_index),
        }
    }

    /// x265 takes no part in ffmpeg's own options for passes.
    pub fn x265(self) -> String {
        format!("pass={}:stats={}", self.number, self.statistics(TargetVideo::Hevc))
    }

    /// Only where the statistics lie; the rest is an option of ffmpeg's own.
    pub fn x264(self) -> String {
        format!("stats={}", self.statistics(TargetVideo::H264))
    }

    pub fn options(self, args: &mut Args, index: usize, codec: TargetVideo) {
        match codec {
            TargetVideo::H264 => args.stream("pass", index, self.number.to_string()),
            TargetVideo::Av1 => {
                args.stream("pass", index, self.number.to_string());
                args.stream("passlogfile", index, format!("pass-{}", self.source_index));
            }
            TargetVideo::Hevc | TargetVideo::Copy => {}
        }
    }
}

fn of(intent: &Intent) -> impl Iterator<Item = (&StreamPlan, &VideoEncode)> {
    intent.streams.iter().filter_map(|stream| match &stream.action {
        Action::EncodeVideo(encode) if encode.two_pass => Some((stream, encode.as_ref())),
        _ => None,
    })
}

/// The run that only looks, where there is one.
pub(super) fn first(intent: &Intent) -> Option<Run> {
    of(intent).next()?;
    let mut args = Args::watched();
    args.text(&["-i"]);
    args.0.push(Arg::Input);
    for (stream, _) in of(intent) {
        args.text(&["-map"]);
        args.0.push(Arg::Text(format!("0:{}", stream.source_index)));
    }
    for (index, (stream, encode)) in of(intent).enumerate() {
        // What takes two passes is never on hardware.
        video_options(&mut args, index, encode, None, Some(Pass { number: 1, source_index: stream.source_index }));
    }
    args.text(&["-f", "null", "-"]);
    Some(Run {
        program: Program::Ffmpeg,
        args: args.0,
        through: Some(Through::Encoding),
        needs: drawn(intent).map(file_name).collect(),
    })
}

/// What the first run must have written. An encoder that cannot do this leaves an empty file and ends well: SVT-AV1 as
/// ffmpeg 5 to 8 drive it.
pub(super) fn statistics(intent: &Intent) -> Vec<String> {
    of(intent)
        .map(|(stream, encode)| Pass { number: 2, source_index: stream.source_index }.statistics(encode.codec))
        .collect()
}
