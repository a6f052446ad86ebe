//! What is encoded, and which ways of spoiling it are worth their time.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use mediaflow_core::media::preset::Settings;
use mediaflow_testkit::clips;
use mediaflow_testkit::dynamic::{self, Dynamic};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::process::{self, Invocation};

/// A source, what is done to it, and what is done to the result.
pub struct Item {
    pub source: Source,
    pub preset: &'static str,
    /// What the preset is told besides.
    pub change: fn(&mut Settings),
    /// Names of the variants.
    pub variants: fn(&str) -> bool,
}

/// A clip of the sample library, or one made for its metadata.
#[derive(Clone, Copy)]
pub enum Source {
    Whole(&'static str),
    /// Made smaller and shorter first: the same is found in a third of the time.
    Reduced(&'static str),
    /// As [`Source::Reduced`], for what is found in text: pictures so small are quick to compare.
    Small(&'static str),
    /// As [`Source::Reduced`], and still HDR10.
    ReducedHdr10(&'static str),
    /// 5.1 in which every channel has a rhythm of its own, the centre being loudest, and small pictures.
    Voices,
    /// A second of black bars with dynamic metadata.
    Dynamic(Dynamic),
}

impl Item {
    pub const fn of(source: Source, preset: &'static str, variants: fn(&str) -> bool) -> Self {
        Self { source, preset, change: |_| {}, variants }
    }

    pub const fn with(self, change: fn(&mut Settings)) -> Self {
        Self { change, ..self }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(clip) | Self::Reduced(clip) | Self::Small(clip) | Self::ReducedHdr10(clip) => f.write_str(clip),
            Self::Voices => f.write_str("Voices"),
            Self::Dynamic(dynamic) => write!(f, "{dynamic:?}"),
        }
    }
}

/// Seven seconds at half the width and height, every track as it was.
const REDUCED: &str = "-t 7 -s 320x180 -c:v libx264 -preset veryfast -crf 12";
/// The same seconds at a quarter of the width and height.
const SMALL: &str = "-t 7 -s 160x90 -c:v libx264 -preset veryfast -crf 12";
/// One second, as ten bits are slow.
const REDUCED_HDR10: &str = "-t 1 -s 320x180 -c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params \
    log-level=error:crf=10:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:max-cll=1000,400";

impl Source {
    /// Makes the file in `dir`.
    pub fn make(self, ffmpeg: &Path, dir: &Path) -> PathBuf {
        match self {
            Self::Whole(clip) => clips::make(ffmpeg, clip, dir).unwrap(),
            Self::Reduced(clip) => reduce(ffmpeg, &clips::make(ffmpeg, clip, dir).unwrap(), REDUCED),
            Self::Small(clip) => reduce(ffmpeg, &clips::make(ffmpeg, clip, dir).unwrap(), SMALL),
            Self::ReducedHdr10(clip) => reduce(ffmpeg, &clips::make(ffmpeg, clip, dir).unwrap(), REDUCED_HDR10),
            Self::Voices => voices(ffmpeg, &dir.join("voices.mkv")),
            Self::Dynamic(dynamic) => {
                let clip = dir.join("clip.mkv");
                dynamic::make(ffmpeg, dynamic, dir, &clip).unwrap();
                clip
            }
        }
    }
}

fn voices(ffmpeg: &Path, to: &Path) -> PathBuf {
    let voice = |(channel, loudness): (usize, &f64)| {
        format!("{loudness}*sin(2*PI*{}*t)*pow(sin(2*PI*{}*t),2)", 200 + 60 * channel, 1.1 + 0.4 * channel as f64)
    };
    let voices: Vec<String> = [0.12, 0.1, 0.4, 0.1, 0.3, 0.3].iter().enumerate().map(voice).collect();
    let sound = format!("aevalsrc='{}':c=5.1:s=48000:d=4", voices.join("|"));
    let pictures = "-v error -f lavfi -i testsrc2=s=160x90:r=25:d=4 -f lavfi -i".split(' ');
    let coded =
        "-c:v libx264 -preset veryfast -crf 8 -pix_fmt yuv420p -c:a ac3 -b:a 384k -disposition:a:0 default".split(' ');
    let words = pictures.chain([sound.as_str()]).chain(coded).map(OsString::from);
    run(ffmpeg, words.chain([to.into()]).collect());
    to.to_owned()
}

fn reduce(ffmpeg: &Path, clip: &Path, how: &str) -> PathBuf {
    let reduced = clip.with_file_name("reduced.mkv");
    let mut args: Vec<OsString> = ["-v", "error", "-i"].map(Into::into).to_vec();
    args.push(clip.into());
    let words = "-map 0 -c copy -default_mode passthrough".split(' ').chain(how.split_whitespace());
    args.extend(words.map(Into::into));
    args.push(reduced.clone().into());
    run(ffmpeg, args);
    reduced
}

fn run(ffmpeg: &Path, args: Vec<OsString>) {
    let run = process::run(&Invocation::new(ffmpeg, args), &Cancel::new()).unwrap();
    assert!(run.success(), "{:?}", run.finished.stderr_lines);
}
