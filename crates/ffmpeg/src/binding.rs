//! The binding: an intent made into argument vectors for one build of ffmpeg on one worker.
//!
//! Nothing else in MediaFlow builds an encode's arguments. Input, output and working files are placeholders, so that the
//! vectors can be shown, stored and compared without knowing any path.

use std::ffi::{OsStr, OsString};

use mediaflow_core::media::preset::{AudioCodec, RateControl, TargetVideo};
use mediaflow_core::media::tag::{self, Mark};
use mediaflow_core::media::{Container, Disposition};
use mediaflow_core::plan::{Action, AudioEncode, Intent, StreamPlan, TextSubtitle, VideoEncode};
use serde::{Deserialize, Serialize};

use self::passes::Pass;
use crate::probe::file_url;
use crate::{filters, flags};

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

fn stream_options(args: &mut Args, intent: &Intent, index: usize, stream: &StreamPlan) {
    match &stream.action {
        Action::EncodeVideo(encode) => {
            let pass = encode.two_pass.then_some(Pass { number: 2, source_index: stream.source_index });
            video_options(args, index, encode, pass);
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
            let names: Vec<&str> = stream.dispositions.iter().copied().map(Disposition::name).collect();
            args.stream("disposition", index, if names.is_empty() { "0".to_owned() } else { names.join("+") });
        }
    }
}

fn video_options(args: &mut Args, index: usize, encode: &VideoEncode, pass: Option<Pass>) {
    args.stream("filter", index, filters::picture(encode));
    // Every frame of the source once, at its own time: variable frame rates stay variable, and the source's time base
    // keeps frames from being moved onto the grid of the nominal rate.
    args.stream("fps_mode", index, "passthrough");
    args.stream("enc_time_base", index, "-1");
    args.stream("c", index, encoder_name(encode.codec));
    match encode.codec {
        TargetVideo::Hevc => {
            args.stream("preset", index, "medium");
            args.params(index, encode, "x265-params", &[filters::x265_params(encode), pass.map(Pass::x265)]);
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
    if let Some(tune) = &encode.tune {
        args.stream("tune", index, tune.as_str());
    }
    for flag in encode.flags.iter().filter(|flag| flag.name != flags::FILTER && !flag.name.ends_with("-params")) {
        args.stream(&flag.name, index, flag.value.as_str());
    }
    if let Some(pass) = pass {
        pass.options(args, index, encode.codec);
    }
}

fn audio_options(args: &mut Args, index: usize, encode: &AudioEncode) {
    let encoder = match encode.codec {
        AudioCodec::Aac => "aac",
        AudioCodec::Ac3 => "ac3",
        AudioCodec::Eac3 => "eac3",
        AudioCodec::Opus => "libopus",
    };
    args.stream("c", index, encoder);
    args.stream("b", index, encode.bitrate_bps.to_string());
    args.stream("ac", index, encode.channels.to_string());
    if encode.codec == AudioCodec::Opus {
        // libopus takes only some channel orders by name; this lets it take any layout of up to 8 channels.
        args.stream("mapping_family", index, if encode.channels > 2 { "1" } else { "0" });
    }
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
#[cfg(test)]
mod tests;
