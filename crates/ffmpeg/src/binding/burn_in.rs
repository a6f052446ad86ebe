//! The runs that make the file which subtitles are drawn from.

use mediaflow_core::media::Container;
use mediaflow_core::plan::{Action, BurnIn, Drawing, Intent};

use super::{Arg, Args, Program, Run, Through};
use crate::burn_in::file_name;

/// By which clock the events of the file count.
#[derive(Debug, Clone, Copy)]
pub(super) enum Clock<'a> {
    /// The encode's: the earliest of the streams that it reads is zero.
    Encode(&'a Intent),
    /// The source's own, as everything counts that measures it (`-copyts`).
    Source,
}

/// The runs that make the file to measure with, beside a source that is read with its own times.
#[must_use]
pub fn burn_in(burn_in: &BurnIn) -> Vec<Run> {
    runs(burn_in, Clock::Source)
}

pub(super) fn runs(burn_in: &BurnIn, clock: Clock<'_>) -> Vec<Run> {
    match &burn_in.drawing {
        Drawing::Text { fonts } => {
            // What is styled stays as it is; everything else becomes that, as it would on being drawn.
            let codec = if matches!(burn_in.codec.as_str(), "ass" | "ssa" | "subrip") { "copy" } else { "ass" };
            vec![extract(burn_in, clock, codec, fonts, &file_name(burn_in))]
        }
        Drawing::Image { canvas } => {
            // Blu-ray says when an image goes; others only how long it stays, which is lost on rendering. In DVB's codec
            // ffmpeg writes both.
            let codec = if burn_in.codec == "hdmv_pgs_subtitle" { "copy" } else { "dvbsub" };
            let images = format!("images-{}.mkv", burn_in.source_index);
            vec![extract(burn_in, clock, codec, &[], &images), render(*canvas, &images, &file_name(burn_in))]
        }
    }
}

/// The track with its fonts.
fn extract(burn_in: &BurnIn, clock: Clock<'_>, codec: &str, fonts: &[u32], file: &str) -> Run {
    let mut args = Args::telling("warning");
    if let Clock::Source = clock {
        args.text(&["-copyts"]);
    }
    args.text(&["-i"]);
    args.0.push(Arg::Input);
    for index in std::iter::once(&burn_in.source_index).chain(fonts) {
        args.text(&["-map", &format!("0:{index}")]);
    }
    args.text(&["-map_metadata", "-1", "-map_chapters", "-1", "-c", "copy", "-c:s", codec]);
    for number in 0..fonts.len() {
        // By this the filter knows a font, whatever the file called it.
        args.text(&[&format!("-metadata:s:t:{number}"), "mimetype=font/ttf"]);
        args.text(&[&format!("-metadata:s:t:{number}"), &format!("filename=font-{number}")]);
    }
    // Events stay where they are on the clock.
    args.text(&["-avoid_negative_ts", "disabled", "-f", "matroska"]);
    args.0.push(Arg::Work(file.to_owned()));
    match clock {
        Clock::Encode(intent) if begins_with_what_is_read(intent) => beside(&mut args, intent),
        // Events may be an hour apart: how far it is shows by the pictures that go by.
        Clock::Encode(_) | Clock::Source => args.text(&["-map", "0:V:0", "-c", "copy", "-f", "null", "-"]),
    }
    Run { program: Program::Ffmpeg, args: args.0, through: Some(Through::Reading), needs: Vec::new() }
}

/// In broadcasts and program streams zero is where the first stream begins *that is read*.
fn begins_with_what_is_read(intent: &Intent) -> bool {
    matches!(intent.source_container, Container::MpegTs | Container::MpegPs)
}

/// Reads the encode's streams too, where its clock depends on it.
pub(super) fn beside(args: &mut Args, intent: &Intent) {
    if !begins_with_what_is_read(intent) {
        return;
    }
    let is_track = |action: &Action| !matches!(action, Action::CopyAttachment { .. } | Action::Cover { .. });
    let mut indexes: Vec<u32> = intent.streams.iter().filter(|s| is_track(&s.action)).map(|s| s.source_index).collect();
    indexes.dedup();
    for index in indexes {
        args.text(&["-map", &format!("0:{index}")]);
    }
    args.text(&["-c", "copy", "-f", "null", "-"]);
}

/// Past the end of every film, in seconds.
const NEVER_S: u32 = 5_000_000;

/// Every image on its canvas, from when it appears to when it goes; before them an empty one from the beginning on, so that
/// there is something to seek to at every time, and behind them one that never comes.
fn render((width, height): (u32, u32), images: &str, file: &str) -> Run {
    let canvas = format!("{width}x{height}");
    let graph = format!(
        "[0:0]setsar=1[images];color=c=black@0:s={canvas}:r=1:d=1,format=bgra,setsar=1,split[empty][late];\
         [late]setpts={NEVER_S}/TB[never];[empty][images][never]interleave=nb_inputs=3[all]"
    );
    let mut args = Args(Vec::new());
    args.text(&["-hide_banner", "-nostdin", "-v", "error", "-y", "-copyts", "-canvas_size:s", &canvas, "-i"]);
    args.0.push(Arg::Work(images.to_owned()));
    args.text(&["-filter_complex", &graph, "-map", "[all]", "-c:v", "png", "-fps_mode", "passthrough"]);
    args.text(&["-enc_time_base", "1:1000", "-f", "matroska"]);
    args.0.push(Arg::Work(file.to_owned()));
    Run { program: Program::Ffmpeg, args: args.0, through: None, needs: vec![images.to_owned()] }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{encode, intent, lines, stream};
    use super::*;
    use mediaflow_core::plan::VideoEncode;

    fn burnt(codec: &str, drawing: Drawing) -> Action {
        let burn_in = Some(BurnIn { source_index: 2, codec: codec.to_owned(), drawing });
        Action::EncodeVideo(Box::new(VideoEncode { burn_in, ..encode() }))
    }

    #[test]
    fn text_is_taken_out_with_its_fonts_before_it_is_drawn() {
        let text = burnt("ass", Drawing::Text { fonts: vec![4] });
        let lines = lines(&intent(Container::Matroska, vec![stream(0, "h264", text)]));
        assert_eq!(
            lines[0],
            "-hide_banner -nostdin -v warning -nostats -stats_period 0.5 -progress pipe:1 -y -i IN -map 0:2 -map 0:4 \
             -map_metadata -1 -map_chapters -1 -c copy -c:s copy -metadata:s:t:0 mimetype=font/ttf \
             -metadata:s:t:0 filename=font-0 -avoid_negative_ts disabled -f matroska WORK/burn-in-2.mkv \
             -map 0:V:0 -c copy -f null -"
        );
        assert!(lines[1].contains("format=yuv420p10le,subtitles=filename=burn-in-2.mkv,setsar=1/1"), "{}", lines[1]);
    }

    #[test]
    fn images_of_a_broadcast_are_taken_out_by_the_clock_of_the_encode() {
        let images = burnt("dvb_subtitle", Drawing::Image { canvas: (720, 576) });
        let mut intent = intent(Container::Matroska, vec![stream(0, "h264", images)]);
        intent.source_container = Container::MpegTs;
        let lines = lines(&intent);
        assert!(
            lines[0].contains("-c:s dvbsub") && lines[0].ends_with("images-2.mkv -map 0:0 -c copy -f null -"),
            "{}",
            lines[0]
        );
        assert!(lines[1].contains("-canvas_size:s 720x576 -i WORK/images-2.mkv"), "{}", lines[1]);
        assert!(lines[2].contains("movie=filename=burn-in-2.mkv") && lines[2].contains("shortest=1"), "{}", lines[2]);
    }
}
