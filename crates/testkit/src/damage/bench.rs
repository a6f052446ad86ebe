//! The output that is to be spoiled, what is known of it, and the programs that spoil it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::process::{self, Invocation, ProcessError};
use serde_json::Value;

/// Why a variant could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DamageError {
    /// A program could not be run.
    #[error("cannot run a program for {what}")]
    Process {
        /// The file that was being made or read.
        what: PathBuf,
        /// Why.
        source: ProcessError,
    },
    /// A program ran and failed.
    #[error("{program} failed for {what}: {message}")]
    Tool {
        /// The program.
        program: PathBuf,
        /// The file that was being made or read.
        what: PathBuf,
        /// Its last lines.
        message: String,
    },
    /// The disk said no.
    #[error("cannot read or write {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Dynamic metadata could not be read or written.
    #[error("cannot read or write the metadata of {path}: {message}")]
    Metadata {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        message: String,
    },
    /// The output has no such thing.
    #[error("{path} has no {what}")]
    Missing {
        /// The output.
        path: PathBuf,
        /// What is missing.
        what: &'static str,
    },
}

/// One good output, its source, and a folder to work in.
#[derive(Debug)]
pub struct Bench {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
    source: PathBuf,
    good: PathBuf,
    dir: PathBuf,
    probe: Value,
    source_probe: Value,
    /// The cover picture with its file name, if there is one: ffmpeg only keeps it when it is attached again.
    cover: Option<PathBuf>,
}

impl Bench {
    /// `good` is a proven Matroska output of `source`; variants are written into `dir`.
    ///
    /// # Errors
    /// When the output cannot be read.
    pub fn new(ffmpeg: &Path, ffprobe: &Path, source: &Path, good: &Path, dir: &Path) -> Result<Self, DamageError> {
        let mut bench = Self {
            ffmpeg: ffmpeg.to_owned(),
            ffprobe: ffprobe.to_owned(),
            source: source.to_owned(),
            good: good.to_owned(),
            dir: dir.to_owned(),
            probe: Value::Null,
            source_probe: Value::Null,
            cover: None,
        };
        bench.probe = bench.ask(&["-show_format", "-show_streams", "-show_chapters"])?;
        bench.source_probe = bench.ask_of(source, &["-show_streams"])?;
        let cover = bench.streams("video").find(|stream| is_cover(stream)).map(|stream| {
            let name = stream["tags"]["filename"].as_str().unwrap_or("cover.jpg");
            (format!("0:{}", stream["index"]), dir.join(name))
        });
        if let Some((map, path)) = cover {
            bench.ffmpeg(&["-map", &map, "-c", "copy", "-f", "image2pipe"], &path)?;
            bench.cover = Some(path);
        }
        Ok(bench)
    }

    /// The folder for variants and intermediate files.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The source of the output.
    pub fn source(&self) -> &Path {
        &self.source
    }

    /// The output.
    pub fn good(&self) -> &Path {
        &self.good
    }

    /// The streams of a kind (`video`, `audio`, `subtitle`, `attachment`), in order.
    pub fn streams<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        of_kind(&self.probe, kind)
    }

    /// The source's streams of a kind, in order.
    pub(super) fn source_streams<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        of_kind(&self.source_probe, kind)
    }

    /// The source's stream of moving pictures.
    pub(super) fn source_video(&self) -> &Value {
        self.source_streams("video").find(|stream| !is_cover(stream)).unwrap_or(&Value::Null)
    }

    /// The stream of moving pictures.
    pub fn video(&self) -> &Value {
        self.streams("video").find(|stream| !is_cover(stream)).unwrap_or(&Value::Null)
    }

    pub(super) fn count(&self, kind: &str) -> usize {
        self.streams(kind).filter(|stream| !is_cover(stream)).count()
    }

    pub(super) fn chapters(&self) -> usize {
        self.probe["chapters"].as_array().map_or(0, Vec::len)
    }

    pub(super) fn has_cover(&self) -> bool {
        self.cover.is_some()
    }

    /// Length in seconds as the container claims it: good enough to find the middle.
    pub(super) fn seconds(&self) -> f64 {
        number(&self.probe["format"]["duration"])
    }

    /// Average frames per second of the video.
    pub(super) fn frame_rate(&self) -> f64 {
        let text = self.video()["avg_frame_rate"].as_str().unwrap_or_default();
        let (num, den) = text.split_once('/').unwrap_or((text, "1"));
        let rate = num.parse().unwrap_or(0.0) / den.parse().unwrap_or(1.0);
        if f64::is_normal(rate) { rate } else { 25.0 }
    }

    /// The middle part of `length` seconds, or of a third of the whole where that is shorter: from, to.
    pub(super) fn middle(&self, length: f64) -> (f64, f64) {
        let length = length.min(self.seconds() / 3.0);
        let start = (self.seconds() - length) / 2.0;
        (start, start + length)
    }

    /// Asks ffprobe about the output.
    pub(super) fn ask(&self, what: &[&str]) -> Result<Value, DamageError> {
        self.ask_of(&self.good, what)
    }

    /// Asks ffprobe about a file.
    pub(super) fn ask_of(&self, file: &Path, what: &[&str]) -> Result<Value, DamageError> {
        let mut args: Vec<OsString> = ["-v", "error", "-of", "json"].map(OsString::from).to_vec();
        args.extend(what.iter().map(OsString::from));
        args.push(file.into());
        let output = self.run(&self.ffprobe, args, file)?;
        serde_json::from_slice(&output).map_err(|error| DamageError::Tool {
            program: self.ffprobe.clone(),
            what: file.to_owned(),
            message: error.to_string(),
        })
    }

    /// Runs ffmpeg with the output as input 0; `args` follow it.
    pub(super) fn ffmpeg(&self, args: &[&str], to: &Path) -> Result<(), DamageError> {
        self.ffmpeg_with(&[&self.good], args, to)
    }

    /// Runs ffmpeg with these inputs.
    pub(super) fn ffmpeg_with(&self, inputs: &[&Path], args: &[&str], to: &Path) -> Result<(), DamageError> {
        let mut all: Vec<OsString> = ["-hide_banner", "-nostdin", "-v", "error", "-y"].map(OsString::from).to_vec();
        for input in inputs {
            all.push("-i".into());
            all.push(input.into());
        }
        all.extend(args.iter().map(OsString::from));
        all.push(to.into());
        self.run(&self.ffmpeg, all, to).map(|_| ())
    }

    /// Copies the output stream by stream, with `args` after the maps: what they leave alone stays as it is.
    pub(super) fn copy(&self, args: &[&str], to: &Path) -> Result<(), DamageError> {
        let all = ["0:V", "0:a?", "0:s?", "0:t?"];
        self.copy_streams(&[&self.good], &all, self.cover.as_deref(), args, to)
    }

    /// Copies the streams of these maps and attaches the cover.
    pub(super) fn copy_streams(
        &self,
        inputs: &[&Path],
        maps: &[&str],
        cover: Option<&Path>,
        args: &[&str],
        to: &Path,
    ) -> Result<(), DamageError> {
        let cover = cover.map(|path| path.to_string_lossy().into_owned());
        let number = inputs.len() - 1;
        let (tags, chapters) = (number.to_string(), number.to_string());
        let mime_key = format!("-metadata:s:t:{}", self.count("attachment"));
        let mut all = Vec::new();
        for map in maps {
            all.extend(["-map", map]);
        }
        all.extend(["-map_metadata", &tags, "-map_chapters", &chapters, "-c", "copy", "-default_mode", "passthrough"]);
        if let Some(cover) = &cover {
            all.extend(["-attach", cover, &mime_key, "mimetype=image/jpeg"]);
        }
        all.extend(args);
        self.ffmpeg_with(inputs, &all, to)
    }

    /// The output with other pictures, `map` of the file `video`; `args` say how they are encoded. Everything else stays
    /// untouched.
    pub(super) fn with_video(&self, video: &Path, map: &str, args: &[&str], to: &Path) -> Result<(), DamageError> {
        let tags = labels(self.video());
        let all: Vec<&str> = tags.iter().map(String::as_str).chain(args.iter().copied()).collect();
        let maps = [map, "1:a?", "1:s?", "1:t?"];
        self.copy_streams(&[video, &self.good], &maps, self.cover.as_deref(), &all, to)
    }

    /// Writes the first attachment's content to a file.
    pub(super) fn dump_attachment(&self, to: &Path) -> Result<(), DamageError> {
        let mut args: Vec<OsString> = ["-hide_banner", "-nostdin", "-v", "error", "-y"].map(OsString::from).to_vec();
        args.extend(["-dump_attachment:t:0".into(), to.into(), "-i".into(), self.good.clone().into()]);
        args.extend(["-map", "0:V", "-c", "copy", "-frames:v", "1", "-f", "null", "-"].map(OsString::from));
        self.run(&self.ffmpeg, args, to).map(|_| ())
    }

    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>, DamageError> {
        fs::read(path).map_err(|source| DamageError::Io { path: path.to_owned(), source })
    }

    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), DamageError> {
        fs::write(path, bytes).map_err(|source| DamageError::Io { path: path.to_owned(), source })
    }

    pub(super) fn open(&self, path: &Path) -> Result<fs::File, DamageError> {
        fs::File::open(path).map_err(|source| DamageError::Io { path: path.to_owned(), source })
    }

    pub(super) fn create(&self, path: &Path) -> Result<fs::File, DamageError> {
        fs::File::create(path).map_err(|source| DamageError::Io { path: path.to_owned(), source })
    }

    pub(super) fn missing(&self, what: &'static str) -> DamageError {
        DamageError::Missing { path: self.good.clone(), what }
    }

    fn run(&self, program: &Path, args: Vec<OsString>, what: &Path) -> Result<Vec<u8>, DamageError> {
        let output = process::run(&Invocation::new(program, args), &Cancel::new())
            .map_err(|source| DamageError::Process { what: what.to_owned(), source })?;
        if output.success() {
            return Ok(output.stdout);
        }
        let message = output.finished.stderr_lines.join("; ");
        Err(DamageError::Tool { program: program.to_owned(), what: what.to_owned(), message })
    }
}

/// A number that ffprobe writes as text.
pub(super) fn number(value: &Value) -> f64 {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

fn of_kind<'a>(probe: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    probe["streams"].as_array().into_iter().flatten().filter(move |stream| stream["codec_type"] == kind)
}

fn is_cover(stream: &Value) -> bool {
    stream["disposition"]["attached_pic"] == 1
}

/// What the one video stream is called and is for, as arguments for its copy.
fn labels(video: &Value) -> Vec<String> {
    let set = video["disposition"].as_object().into_iter().flatten();
    let names: Vec<&str> = set.filter(|(_, value)| **value == 1).map(|(name, _)| name.as_str()).collect();
    let dispositions = if names.is_empty() { "0".to_owned() } else { names.join("+") };
    let mut args = vec!["-disposition:v:0".to_owned(), dispositions];
    for key in ["language", "title"] {
        let value = video["tags"][key].as_str().unwrap_or_default();
        args.extend(["-metadata:s:v:0".to_owned(), format!("{key}={value}")]);
    }
    args
}
