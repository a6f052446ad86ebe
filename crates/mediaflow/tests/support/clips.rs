//! Clips made with ffmpeg, once for all tests.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the tests run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clip {
    /// A second of H.264, 160x90, far more bits than it needs. Its title is [`TITLE`].
    Tiny,
    /// As [`Clip::Tiny`], with a line of subtitles.
    Worded,
    /// Two seconds of H.264 with sound, 320x180, far more bits than it needs.
    Film,
    /// As [`Clip::Film`], twelve seconds.
    LongFilm,
    /// H.264, 640x360, whose encode takes longer than anybody needs to cancel it.
    Slow,
    /// MPEG-4 with MP3 in AVI.
    Divx,
    /// HEVC with few bits.
    Efficient,
    /// H.264 with so few bits that HEVC at our quality is larger.
    Meagre,
    /// Sound alone.
    Sound,
}

/// The title of [`Clip::Tiny`], to be overwritten by one of the same length where a test needs other contents.
pub const TITLE: &str = "round-0000000000";

/// The ffmpeg that the tests use.
pub fn ffmpeg() -> PathBuf {
    tool("MEDIAFLOW_TEST_FFMPEG", "ffmpeg")
}

/// The ffprobe that belongs to it.
pub fn ffprobe() -> PathBuf {
    tool("MEDIAFLOW_TEST_FFPROBE", "ffprobe")
}

fn tool(variable: &str, name: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("{name} is not on PATH, and {variable} is not set"))
}

impl Clip {
    /// The words between `ffmpeg` and the output.
    fn words(self) -> &'static str {
        match self {
            Self::Tiny => {
                "-f lavfi -i testsrc2=s=160x90:r=25:d=1 -c:v libx264 -preset ultrafast -qp 4 \
                 -pix_fmt yuv420p -metadata title=round-0000000000 -f matroska"
            }
            Self::Worded => {
                // The line, from 0.1 to 0.9 s, says "Words".
                "-f lavfi -i testsrc2=s=160x90:r=25:d=1 -f srt -i data:text/plain;base64,MQowMDowMDowMCwxMDAgLS0+IDAwOjAwOjAwLDkwMApXb3Jkcwo= \
                 -c:v libx264 -preset ultrafast -qp 4 -pix_fmt yuv420p -c:s srt -metadata title=round-0000000000 -f matroska"
            }
            Self::Film => {
                "-f lavfi -i testsrc2=s=320x180:r=25:d=2 -f lavfi -i sine=440:d=2 \
                 -c:v libx264 -preset ultrafast -qp 8 -pix_fmt yuv420p -c:a aac -f matroska"
            }
            Self::LongFilm => {
                "-f lavfi -i testsrc2=s=320x180:r=25:d=12 -f lavfi -i sine=440:d=12 \
                 -c:v libx264 -preset ultrafast -qp 8 -pix_fmt yuv420p -c:a aac -f matroska"
            }
            Self::Slow => {
                "-f lavfi -i testsrc2=s=640x360:r=25:d=30 -c:v libx264 -preset ultrafast \
                 -qp 14 -pix_fmt yuv420p -f matroska"
            }
            Self::Divx => {
                "-f lavfi -i testsrc2=s=320x180:r=25:d=2 -f lavfi -i sine=440:d=2 -c:v mpeg4 -q:v 2 \
                 -c:a libmp3lame -f avi"
            }
            Self::Efficient => {
                "-f lavfi -i testsrc2=s=320x180:r=25:d=2 -c:v libx265 -preset ultrafast -x265-params log-level=error \
                 -crf 32 -pix_fmt yuv420p -f matroska"
            }
            Self::Meagre => {
                "-f lavfi -i testsrc2=s=320x180:r=25:d=2 -vf noise=c0s=40:c0f=t -c:v libx264 -preset medium \
                 -crf 40 -pix_fmt yuv420p -f matroska"
            }
            Self::Sound => "-f lavfi -i sine=440:d=2 -c:a flac -f flac",
        }
    }

    /// The clip's bytes.
    pub fn bytes(self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }

    /// Where the clip lies; made at the first call.
    pub fn path(self) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        (self.words(), ffmpeg()).hash(&mut hasher);
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clips");
        let path = dir.join(format!("{self:?}-{:016x}", hasher.finish()));
        if !path.exists() {
            fs::create_dir_all(&dir).unwrap();
            // Tests may make it at the same time, and no two are alike (Matroska has random ids): the first one stays.
            let draft = tempfile::NamedTempFile::new_in(&dir).unwrap().into_temp_path();
            let made = Command::new(ffmpeg())
                .args(["-v", "error", "-nostdin", "-y"])
                .args(self.words().split_whitespace())
                .arg(&draft)
                .status()
                .unwrap();
            assert!(made.success(), "ffmpeg could not make {self:?}");
            if let Err(error) = draft.persist_noclobber(&path) {
                assert_eq!(error.error.kind(), ErrorKind::AlreadyExists, "{error}");
            }
        }
        path
    }
}
