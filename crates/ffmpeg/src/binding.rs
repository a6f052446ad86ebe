//! The binding: an intent made into argument vectors for one build of ffmpeg on one worker.
//!
//! Nothing else in MediaFlow builds an encode's arguments. Input, output and working files are placeholders, so that the
//! vectors can be shown, stored and compared without knowing any path.

use std::ffi::{OsStr, OsString};

use mediaflow_core::media::Container;
use mediaflow_core::media::preset::TargetVideo;
use mediaflow_core::media::tag::{self, Mark};
use mediaflow_core::plan::{Action, Intent, StreamPlan, VideoEncode};
use serde::{Deserialize, Serialize};

use self::streams::stream_options;
use crate::flags;
use crate::probe::file_url;

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
    /// Runs of ffmpeg, one after another; the last one writes the output.
    pub runs: Vec<Run>,
}

/// One run of ffmpeg, in the attempt's own directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The arguments after the program's name.
    pub args: Vec<Arg>,
    /// Whether it goes through the whole film and prints progress on standard output.
    pub shows_progress: bool,
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

impl Run {
    /// The arguments with every placeholder filled in.
    #[must_use]
    pub fn resolve(&self, places: Places<'_>) -> Vec<OsString> {
        let fill = |arg: &Arg| match arg {
            Arg::Text(text) => OsString::from(text),
            Arg::Input => file_url(places.input),
            Arg::Output => file_url(places.output),
            Arg::Work(name) => file_url(places.work.join(name).as_os_str()),
        };
        self.args.iter().map(fill).collect()
    }
}

/// Collects arguments.
struct Args(Vec<Arg>);

impl Args {
    /// Those of a run that is watched while it goes through the film.
    fn watched() -> Self {
        let mut args = Self(Vec::new());
        args.text(&["-hide_banner", "-nostdin", "-v", "warning", "-nostats", "-stats_period", "0.5"]);
        args.text(&["-progress", "pipe:1", "-y"]);
        args
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

/// Binds an intent to the CPU encoders of ffmpeg 5 and later.
#[must_use]
pub fn bind(intent: &Intent, mark: &Mark) -> Binding {
    let mut runs: Vec<Run> = passes::first(intent).into_iter().collect();
    let needs = passes::statistics(intent);
    let mut args = Args::watched();
    if copies_video_without_timestamps(intent) {
        args.text(&["-fflags", "+genpts"]);
    }
    args.text(&["-i"]);
    args.0.push(Arg::Input);

    let mapped = intent.streams.iter().filter(|stream| !is_attached(intent, stream)).count();
    for stream in intent.streams.iter().filter(|stream| !is_attached(intent, stream)) {
        args.text(&["-map"]);
        args.0.push(Arg::Text(format!("0:{}", stream.source_index)));
    }
    args.text(&["-map_metadata", "0", "-map_chapters", "0", "-max_muxing_queue_size", "9999"]);

    let attached = intent.streams.iter().filter(|stream| is_attached(intent, stream));
    let tracks = intent.streams.iter().filter(|stream| !is_attached(intent, stream));
    for (index, stream) in tracks.enumerate() {
        stream_options(&mut args, intent, index, stream);
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
    args.0.push(Arg::Output);
    runs.push(Run { args: args.0, shows_progress: true, needs });
    Binding { runs }
}

/// The CPU encoder of a codec, as ffmpeg names it.
#[must_use]
pub const fn encoder_name(codec: TargetVideo) -> &'static str {
    match codec {
        TargetVideo::Hevc => "libx265",
        TargetVideo::H264 => "libx264",
        TargetVideo::Av1 => "libsvtav1",
        TargetVideo::Copy => "copy",
    }
}

/// Matroska keeps a cover as an attachment, which ffmpeg reads from a file; mapping it would make a video track of it.
fn is_attached(intent: &Intent, stream: &StreamPlan) -> bool {
    intent.container == Container::Matroska && matches!(stream.action, Action::Cover { .. })
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
    Run { args: args.0, shows_progress: false, needs: Vec::new() }
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

mod passes;
mod streams;
#[cfg(test)]
mod tests;
