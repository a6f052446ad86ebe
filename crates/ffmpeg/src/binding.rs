//! The binding: an intent made into argument vectors for one build of ffmpeg on one worker.
//!
//! Nothing else in MediaFlow builds an encode's arguments. Input, output and working files are placeholders, so that the
//! vectors can be shown, stored and compared without knowing any path.

use std::ffi::{OsStr, OsString};

use mediaflow_core::media::Container;
use mediaflow_core::media::hardware::EncodedBy;
use mediaflow_core::media::tag::{self, Mark};
use mediaflow_core::plan::{Action, BurnIn, Intent, StreamPlan, VideoEncode};
use serde::{Deserialize, Serialize};

pub use self::burn_in::burn_in;
pub use self::dynamic::{INJECT, STRIP};
use self::streams::stream_options;
pub use self::trial::trial;
use crate::abilities::{Abilities, choose, encoded};
use crate::probe::file_url;
use crate::{flags, log};

/// One argument; what is not text is filled in on the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arg {
    /// As it is.
    Text(String),
    /// The source file.
    Input,
    /// The output file.
    Output,
    /// A file of this name in the attempt's own directory.
    Work(String),
}

/// What a worker runs for one intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Runs, one after another; the last one writes the output.
    pub runs: Vec<Run>,
    /// Who encodes the pictures, where any are.
    pub encoded_by: Option<EncodedBy>,
}

/// What a run starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Program {
    /// ffmpeg.
    #[default]
    Ffmpeg,
    /// This very program: its first argument says for what.
    Own,
}

/// What a run that goes through the whole film makes of it; it prints progress on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Through {
    /// Streams are taken out of it, for the encode to draw from.
    Reading,
    /// It is encoded.
    Encoding,
}

/// One run of a program, in the attempt's own directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The program.
    #[serde(default)]
    pub program: Program,
    /// The arguments after the program's name.
    pub args: Vec<Arg>,
    /// For what it goes through the whole film, if it does.
    pub through: Option<Through>,
    /// Files in the attempt's directory that the runs before it must have filled.
    pub needs: Vec<String>,
}

/// Where the placeholders of a binding lie.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The source file.
    pub input: &'a OsStr,
    /// The output file.
    pub output: &'a OsStr,
    /// The attempt's own directory.
    pub work: &'a std::path::Path,
}

impl Binding {
    /// The argument vectors of all runs with every placeholder filled in.
    #[must_use]
    pub fn resolve(&self, places: Places<'_>) -> Vec<Vec<OsString>> {
        self.runs.iter().map(|run| run.resolve(places)).collect()
    }
}

impl Program {
    /// As it is typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ffmpeg => "ffmpeg",
            Self::Own => "mediaflow",
        }
    }
}

impl Run {
    /// The arguments with every placeholder filled in.
    #[must_use]
    pub fn resolve(&self, places: Places<'_>) -> Vec<OsString> {
        // Only ffmpeg takes a name for more than a name.
        let file = |path: &OsStr| match self.program {
            Program::Ffmpeg => file_url(path),
            Program::Own => path.to_owned(),
        };
        let fill = |arg: &Arg| match arg {
            Arg::Text(text) => OsString::from(text),
            Arg::Input => file(places.input),
            Arg::Output => file(places.output),
            Arg::Work(name) => file(places.work.join(name).as_os_str()),
        };
        self.args.iter().map(fill).collect()
    }
}

/// Collects arguments.
struct Args(Vec<Arg>);

impl Args {
    /// Those of a run that is watched while it goes through the film.
    fn watched() -> Self {
        Self::telling(log::VERBOSITY)
    }

    /// Those of a run that tells how far it is, and says as much besides.
    fn telling(verbosity: &str) -> Self {
        let mut args = Self(Vec::new());
        args.text(&["-hide_banner", "-nostdin", "-v", verbosity, "-nostats", "-stats_period", "0.5"]);
        args.text(&["-progress", "pipe:1", "-y"]);
        args
    }

    /// Those of a run without placeholders.
    fn into_text(self) -> Vec<String> {
        let text = |arg| if let Arg::Text(text) = arg { Some(text) } else { None };
        self.0.into_iter().filter_map(text).collect()
    }

    fn text(&mut self, words: &[&str]) {
        self.0.extend(words.iter().map(|word| Arg::Text((*word).to_owned())));
    }

    /// An option for one output stream: `-name:index value`.
    fn stream(&mut self, name: &str, index: usize, value: impl Into<String>) {
        self.0.push(Arg::Text(format!("-{name}:{index}")));
        self.0.push(Arg::Text(value.into()));
    }

    /// The encoder's own parameters: the user's, then ours, which decide.
    fn params(&mut self, index: usize, encode: &VideoEncode, name: &str, ours: &[Option<String>]) {
        let theirs = flags::values(&encode.flags, name).map(str::to_owned);
        let all: Vec<String> = theirs.chain(ours.iter().flatten().cloned()).collect();
        if !all.is_empty() {
            self.stream(name, index, all.join(":"));
        }
    }

    fn metadata(&mut self, index: usize, key: &str, value: &str) {
        self.0.push(Arg::Text(format!("-metadata:s:{index}")));
        self.0.push(Arg::Text(format!("{key}={value}")));
    }
}

/// Binds an intent to what a worker was seen to do, with the encoders of ffmpeg 5 and later.
#[must_use]
pub fn bind(intent: &Intent, mark: &Mark, abilities: &Abilities) -> Binding {
    let choice = choose(intent, abilities);
    let mut runs: Vec<Run> =
        drawn(intent).flat_map(|drawn| burn_in::runs(drawn, burn_in::Clock::Encode(intent))).collect();
    runs.extend(passes::first(intent));
    let mut needs = passes::statistics(intent);
    needs.extend(drawn(intent).map(crate::burn_in::file_name));
    let mut args = Args::watched();
    if copies_video_without_timestamps(intent) {
        args.text(&["-fflags", "+genpts"]);
    }
    hardware::input_options(&mut args, choice.gpu, choice.accel);
    args.text(&["-i"]);
    args.0.push(Arg::Input);

    let mapped = intent.streams.iter().filter(|stream| !is_attached(intent, stream)).count();
    let finished = dynamic::inputs(&mut args, intent);
    for stream in intent.streams.iter().filter(|stream| !is_attached(intent, stream)) {
        let input = finished.iter().position(|index| *index == stream.source_index);
        let map = input.map_or(format!("0:{}", stream.source_index), |before| format!("{}:0", before + 1));
        args.text(&["-map", &map]);
    }
    args.text(&["-map_metadata", "0", "-map_chapters", "0", "-max_muxing_queue_size", "9999"]);

    let attached = intent.streams.iter().filter(|stream| is_attached(intent, stream));
    let tracks = intent.streams.iter().filter(|stream| !is_attached(intent, stream));
    for (index, stream) in tracks.enumerate() {
        stream_options(&mut args, intent, index, stream, choice.gpu);
    }
    for (offset, stream) in attached.enumerate() {
        if let Action::Cover { filename, mime_type } = &stream.action {
            let file = format!("cover-{offset}");
            runs.push(extract_cover(stream.source_index, &file));
            args.text(&["-attach"]);
            args.0.push(Arg::Work(file));
            args.metadata(mapped + offset, "filename", filename);
            args.metadata(mapped + offset, "mimetype", mime_type);
        }
    }
    container_options(&mut args, intent.container, mark);
    dynamic::output_options(&mut args, intent);
    args.0.push(Arg::Output);
    let encodes = dynamic::runs(intent, &choice, &needs);
    let through = encodes.is_empty().then_some(Through::Encoding);
    runs.extend(encodes);
    runs.push(Run { program: Program::Ffmpeg, args: args.0, through, needs });
    let encoded_by = encoded(intent).next().map(|(_, encode)| choice.describe(encode));
    Binding { runs, encoded_by }
}

/// Matroska keeps a cover as an attachment, which ffmpeg reads from a file; mapping it would make a video track of it.
fn is_attached(intent: &Intent, stream: &StreamPlan) -> bool {
    intent.container == Container::Matroska && matches!(stream.action, Action::Cover { .. })
}

/// The subtitles that are drawn into pictures.
fn drawn(intent: &Intent) -> impl Iterator<Item = &BurnIn> {
    intent.streams.iter().filter_map(|stream| match &stream.action {
        Action::EncodeVideo(encode) => encode.burn_in.as_ref(),
        _ => None,
    })
}

fn extract_cover(source_index: u32, file: &str) -> Run {
    let mut args = Args(Vec::new());
    args.text(&["-hide_banner", "-nostdin", "-v", "warning", "-y", "-i"]);
    args.0.push(Arg::Input);
    args.text(&["-map"]);
    args.0.push(Arg::Text(format!("0:{source_index}")));
    // One packet, byte for byte, whatever picture format it is.
    args.text(&["-c", "copy", "-frames:v", "1", "-f", "data"]);
    args.0.push(Arg::Work(file.to_owned()));
    Run { program: Program::Ffmpeg, args: args.0, through: None, needs: Vec::new() }
}

/// AVI and program streams carry no presentation times; a copy into Matroska needs them made.
fn copies_video_without_timestamps(intent: &Intent) -> bool {
    intent.source_container.frames_packets_differently() && !intent.encodes_video()
}

fn container_options(args: &mut Args, container: Container, mark: &Mark) {
    match container {
        Container::Mp4 => {
            // MP4 has one place for the program that made it, and ours is that.
            args.text(&["-metadata", &format!("encoding_tool={}", mark.render())]);
            args.text(&["-movflags", "+faststart", "-f", "mp4"]);
        }
        _ => {
            args.text(&["-metadata", &format!("{}={}", tag::KEY, mark.render())]);
            // Default flags as planned; the muxer would otherwise set one on the first track of each kind.
            args.text(&["-default_mode", "passthrough", "-f", "matroska"]);
        }
    }
}

mod burn_in;
pub(crate) mod dynamic;
pub(crate) mod hardware;
#[cfg(test)]
mod hardware_tests;
mod passes;
pub(crate) mod sound;
pub mod speed;
mod streams;
#[cfg(test)]
pub(crate) mod tests;
mod trial;
pub mod tryout;
