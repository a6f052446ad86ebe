//! The ways through the line that are killed: each leaves other working files behind.

use std::fs;
use std::process::Command;
use std::sync::OnceLock;

use mediaflow_testkit::dynamic::{self, Dynamic};

use crate::support::clips::{Clip, TITLE, ffmpeg};

/// One way through the line.
pub struct Way {
    film: Film,
    /// Fields of `transcode --set`; without any it is gone by `run`.
    pub fields: &'static [&'static str],
    /// How many files it makes in the work directory, about: so many moments there are at which one is new.
    pub files: u64,
}

/// What a way is gone with.
enum Film {
    Clip(Clip),
    /// A second of Dolby Vision 8.1.
    DolbyVision,
}

const WAYS: [Way; 6] = [
    Way { film: Film::Clip(Clip::Tiny), fields: &[], files: 12 },
    // The statistics of the first pass.
    Way {
        film: Film::Clip(Clip::Tiny),
        fields: &["bitrate_mode=vbr", "target_bitrate=300k", "two_pass=true"],
        files: 18,
    },
    // Trials on samples.
    Way { film: Film::Clip(Clip::Tiny), fields: &["bitrate_mode=quality", "target_vmaf=90"], files: 16 },
    // Subtitles that are taken out of the film.
    Way { film: Film::Clip(Clip::Worded), fields: &["subtitle_mode=burn"], files: 16 },
    // A second encode after one below its floor.
    Way { film: Film::Clip(Clip::Tiny), fields: &["crf_value=24", "quality_floor=95", "quality_retries=2"], files: 24 },
    // Pictures that are encoded apart, and get their metadata before they come into the output.
    Way { film: Film::DolbyVision, fields: &["hdr_mode=preserve"], files: 20 },
];

/// How many ways there are.
pub const COUNT: u64 = WAYS.len() as u64;

/// Names in turn: the first keeps its extension and is exchanged, the second gets a new one.
const NAMES: [(&str, &str); 2] = [("Tiny.mkv", "Tiny.mkv"), ("Moving.avi", "Moving.mkv")];

impl Way {
    /// That of a round: all of them in turn.
    pub fn of(round: u64) -> &'static Self {
        &WAYS[(round % COUNT) as usize]
    }

    /// A film like no other: the same pictures with another title, as a file that was changed counts as a new one.
    pub fn film(&self, round: u64) -> Vec<u8> {
        let mut bytes = match self.film {
            Film::Clip(clip) => clip.bytes(),
            Film::DolbyVision => dolby_vision().to_vec(),
        };
        let at = bytes.windows(TITLE.len()).position(|window| window == TITLE.as_bytes()).unwrap();
        bytes[at..at + TITLE.len()].copy_from_slice(format!("round-{round:010}").as_bytes());
        bytes
    }
}

/// What a round's film is called before, and after. Every way gets both names, one after the other.
pub fn names(round: u64) -> (&'static str, &'static str) {
    NAMES[((round % COUNT + round / COUNT) % 2) as usize]
}

/// The clip of [`Film::DolbyVision`] with [`TITLE`]; made at the first call.
fn dolby_vision() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let (bare, titled) = (dir.path().join("film.mkv"), dir.path().join("titled.mkv"));
        dynamic::make(&ffmpeg(), Dynamic::Profile81, dir.path(), &bare).unwrap();
        let made = Command::new(ffmpeg())
            .args(["-v", "error", "-nostdin", "-i"])
            .arg(&bare)
            .args(["-map", "0", "-c", "copy", "-strict", "unofficial", "-metadata", &format!("title={TITLE}")])
            .arg(&titled)
            .status()
            .unwrap();
        assert!(made.success(), "ffmpeg could not give the clip its title");
        fs::read(titled).unwrap()
    })
}
