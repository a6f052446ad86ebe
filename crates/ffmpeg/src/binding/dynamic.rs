//! Dynamic HDR metadata through an encode, the same way with every encoder and build: pictures are encoded into a working
//! file, our own program puts the source's metadata beside them, and the last run takes the finished pictures from there.

use mediaflow_core::media::Container;
use mediaflow_core::media::preset::TargetVideo;
use mediaflow_core::plan::{Action, Carrier, DynamicHdr, Intent, METADATA_AHEAD_S, VideoEncode};

use super::passes::Pass;
use super::streams::video_options;
use super::{Arg, Args, Program, Run, Through, burn_in, hardware};
use crate::abilities::Choice;

/// What our own program is called with to put metadata beside pictures; its plan, the source's and the encoder's packets
/// follow.
pub const INJECT: [&str; 2] = ["metadata", "inject"];
/// The same to take away what calls pictures Dolby Vision that no longer are; the encoder's packets follow.
pub const STRIP: [&str; 2] = ["metadata", "strip"];

/// The streams that take this way: index in the source, and how they are encoded.
fn apart(intent: &Intent) -> impl Iterator<Item = (u32, &VideoEncode)> {
    intent.streams.iter().filter_map(|stream| match &stream.action {
        Action::EncodeVideo(encode) if encode.is_apart() => Some((stream.source_index, encode.as_ref())),
        _ => None,
    })
}

fn metadata_file(source_index: u32) -> String {
    format!("metadata-{source_index}.mkv")
}

fn video_file(source_index: u32) -> String {
    format!("video-{source_index}.mkv")
}

/// The runs that make the finished pictures. `needs` is what an encode needs.
pub(super) fn runs(intent: &Intent, choice: &Choice, needs: &[String]) -> Vec<Run> {
    apart(intent)
        .flat_map(|(index, encode)| {
            let pictures = encode_alone(intent, index, encode, choice, needs);
            match &encode.dynamic {
                Some(plan) => vec![copy_metadata(intent, index, plan), pictures, inject(index, plan)],
                None => vec![pictures, strip(index)],
            }
        })
        .collect()
}

/// Only the metadata of the source's packets, a thousandth of the film.
fn copy_metadata(intent: &Intent, index: u32, plan: &DynamicHdr) -> Run {
    let mut args = Args(Vec::new());
    args.text(&["-hide_banner", "-nostdin", "-v", "warning", "-y"]);
    args.text(&["-itsoffset", &METADATA_AHEAD_S.to_string(), "-i"]);
    args.0.push(Arg::Input);
    args.text(&["-map", &format!("0:{index}")]);
    args.0.extend(only_metadata(plan.from).map(Arg::Text));
    args.0.push(Arg::Work(metadata_file(index)));
    burn_in::beside(&mut args, intent);
    Run { program: Program::Ffmpeg, args: args.0, through: None, needs: Vec::new() }
}

/// The options of a copy of nothing but metadata into a working file. Its times are the source's; what the source says
/// about decoding is replaced, since some files say it wrongly and ffmpeg then moves pictures to make it right.
pub(crate) fn only_metadata(codec: Carrier) -> impl Iterator<Item = String> {
    let units = match codec {
        // Messages before a picture, and Dolby Vision's own unit.
        Carrier::Hevc => "39|62",
        // Metadata OBUs.
        Carrier::Av1 => "5",
    };
    let filters = format!("filter_units=pass_types={units},setts=pts=PTS:dts=N-1000000000");
    ["-c", "copy", "-bsf:v", &filters, "-f", "matroska"].map(str::to_owned).into_iter()
}

/// The pictures alone, by the clock of the whole encode.
fn encode_alone(intent: &Intent, index: u32, encode: &VideoEncode, choice: &Choice, needs: &[String]) -> Run {
    let mut args = Args::watched();
    hardware::input_options(&mut args, choice.gpu, choice.accel);
    args.text(&["-i"]);
    args.0.push(Arg::Input);
    args.text(&["-map", &format!("0:{index}"), "-map_chapters", "-1"]);
    let pass = encode.two_pass.then_some(Pass { number: 2, source_index: index });
    video_options(&mut args, 0, encode, choice.gpu, pass);
    args.text(&["-f", "matroska"]);
    args.0.push(Arg::Work(video_file(index)));
    burn_in::beside(&mut args, intent);
    Run { program: Program::Ffmpeg, args: args.0, through: Some(Through::Encoding), needs: needs.to_vec() }
}

fn inject(index: u32, plan: &DynamicHdr) -> Run {
    let mut args = Args(Vec::new());
    args.text(&INJECT);
    // A plan of numbers and names always has a text.
    args.0.push(Arg::Text(serde_json::to_string(plan).unwrap_or_default()));
    args.0.extend([metadata_file(index), video_file(index)].map(Arg::Work));
    Run { program: Program::Own, args: args.0, through: None, needs: Vec::new() }
}

fn strip(index: u32) -> Run {
    let mut args = Args(Vec::new());
    args.text(&STRIP);
    args.0.push(Arg::Work(video_file(index)));
    Run { program: Program::Own, args: args.0, through: None, needs: Vec::new() }
}

/// The finished pictures as inputs of the last run, by their own times: the source's indexes, in the order of the inputs.
pub(super) fn inputs(args: &mut Args, intent: &Intent) -> Vec<u32> {
    let indexes: Vec<u32> = apart(intent).map(|(index, _)| index).collect();
    for index in &indexes {
        args.text(&["-seek_timestamp", "1", "-i"]);
        args.0.push(Arg::Work(video_file(*index)));
    }
    indexes
}

/// The options of finished pictures in the last run.
pub(super) fn finished_options(args: &mut Args, index: usize, encode: &VideoEncode, container: Container) {
    args.stream("c", index, "copy");
    if container == Container::Mp4 && encode.codec == TargetVideo::Hevc {
        args.stream("tag", index, "hvc1");
    }
}

/// MP4's place for a Dolby Vision configuration is Dolby's own, no standard's.
pub(super) fn output_options(args: &mut Args, intent: &Intent) {
    let keeps = |encode: &VideoEncode| encode.dynamic.as_ref().is_some_and(|plan| plan.dolby_vision.is_some());
    if apart(intent).any(|(_, encode)| keeps(encode)) {
        args.text(&["-strict", "unofficial"]);
    }
}

#[cfg(test)]
mod tests {
    use mediaflow_core::media::color::DolbyVision;
    use mediaflow_core::plan::DolbyVisionPlan;

    use super::super::tests::{HEAD, encode, intent, lines, stream};
    use super::*;

    #[test]
    fn pictures_are_encoded_apart_and_meet_the_other_streams_in_the_last_run() {
        let eight = DolbyVision { profile: 8, compatibility: 1, level: 6, enhancement_only: false };
        let dynamic = DynamicHdr {
            from: Carrier::Hevc,
            to: Carrier::Hevc,
            dolby_vision: Some(DolbyVisionPlan { from: eight, to: eight }),
            hdr10_plus: true,
            reshape: None,
        };
        let video = VideoEncode { dynamic: Some(dynamic), ..encode() };
        let streams = vec![
            stream(1, "ac3", Action::CopyAudio { channels: 6 }),
            stream(0, "hevc", Action::EncodeVideo(Box::new(video))),
        ];
        let profile = r#"{"profile":8,"compatibility":1,"level":6}"#;
        assert_eq!(
            lines(&intent(Container::Mp4, streams)),
            [
                "-hide_banner -nostdin -v warning -y -itsoffset 3600 -i IN -map 0:0 -c copy \
                 -bsf:v filter_units=pass_types=39|62,setts=pts=PTS:dts=N-1000000000 -f matroska WORK/metadata-0.mkv"
                    .to_owned(),
                format!(
                    "{HEAD} -i IN -map 0:0 -map_chapters -1 -filter:0 format=yuv420p10le,setsar=1/1 -fps_mode:0 passthrough \
                     -enc_time_base:0 -1 -c:0 libx265 -preset:0 medium -x265-params:0 log-level=info:hash=1 -crf:0 22 \
                     -f matroska WORK/video-0.mkv"
                ),
                format!(
                    "metadata inject {{\"from\":\"hevc\",\"to\":\"hevc\",\"dolby_vision\":\
                     {{\"from\":{profile},\"to\":{profile}}},\"hdr10_plus\":true}} WORK/metadata-0.mkv WORK/video-0.mkv"
                ),
                format!(
                    "{HEAD} -i IN -seek_timestamp 1 -i WORK/video-0.mkv -map 0:1 -map 1:0 -map_metadata 0 -map_chapters 0 \
                     -max_muxing_queue_size 9999 -c:0 copy -metadata:s:0 language=und -disposition:0 0 \
                     -c:1 copy -tag:1 hvc1 -metadata:s:1 language=und -disposition:1 0 \
                     -metadata encoding_tool=MARK -movflags +faststart -f mp4 -strict unofficial OUT"
                ),
            ]
        );
    }

    #[test]
    fn only_runs_through_the_film_show_progress_and_our_own_steps_take_plain_names() {
        let video = VideoEncode { sheds_dolby_vision: true, ..encode() };
        let plan = intent(Container::Matroska, vec![stream(0, "hevc", Action::EncodeVideo(Box::new(video)))]);
        let mark = mediaflow_core::media::tag::Mark::new("j1", &plan.policy);
        let runs = super::super::bind(&plan, &mark, &crate::abilities::Abilities::default()).runs;
        assert_eq!(runs.iter().map(|run| run.through).collect::<Vec<_>>(), [Some(Through::Encoding), None, None]);
        let places = super::super::Places {
            input: "/in".as_ref(),
            output: "/out".as_ref(),
            work: std::path::Path::new("/attempt"),
        };
        assert_eq!(runs[1].program, Program::Own);
        assert_eq!(runs[1].resolve(places), ["metadata", "strip", "/attempt/video-0.mkv"]);
    }
}
