//! What is seen of an encode from outside: the files that ffmpeg writes into the attempt's directory.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use mediaflow_ffmpeg::binding::Through;
use mediaflow_ffmpeg::{log, progress};
use mediaflow_store::Attempt;

use super::{Progress, Stage};

/// Names inside an attempt's directory. What only looks, or only reads, writes its progress apart.
const PROGRESS_FILE: &str = "progress.txt";
const FIRST_PASS_FILE: &str = "progress-pass-1.txt";
const READING_FILE: &str = "progress-reading.txt";
/// How much of the work it is to read a film for what is drawn into it.
const READING_SHARE: f64 = 0.03;

/// Where a run tells how far it is; the last one through the film writes the output.
pub(super) const fn progress_file(through: Through, is_last: bool) -> &'static str {
    match through {
        Through::Reading => READING_FILE,
        Through::Encoding if is_last => PROGRESS_FILE,
        Through::Encoding => FIRST_PASS_FILE,
    }
}
pub(super) const LOG_FILE: &str = "ffmpeg.log";
/// What grows while programs talk, whether they get on or not.
pub(super) const TALK: [&str; 4] = [PROGRESS_FILE, FIRST_PASS_FILE, READING_FILE, LOG_FILE];
/// How much of a log is kept: its beginning, where the streams and the encoder's settings are, and its end. A usual one
/// has 4 to 8 kB.
const LOG_HEAD_BYTES: u64 = 8 * 1024;
const LOG_TAIL_BYTES: u64 = 16 * 1024;

/// How far an encode came that is not watched now, for a source of this length in microseconds.
#[must_use]
pub fn reached(attempt: &Attempt, length_us: i64) -> Option<Progress> {
    let seen = Seen::of(&attempt.dir)?;
    Some(Progress { frame: Some(seen.last.frame), ..Progress::of(Stage::Encode, seen.share(length_us)) })
}

/// What ffmpeg said so far in an attempt that is not over, for a person.
#[must_use]
pub fn live_log(attempt: &Attempt) -> String {
    for_people(&said(&attempt.dir))
}

/// Warnings and worse of what ffmpeg said.
pub(super) fn complaints(dir: &Path) -> String {
    log::complaints(&said(dir))
}

/// A log as it is shown and kept.
pub(super) fn for_people(said: &str) -> String {
    said.lines().map(log::readable).collect::<Vec<_>>().join("\n")
}

/// Where ffmpeg writes what it says.
pub(crate) fn log_of(attempt: &Attempt) -> PathBuf {
    attempt.dir.join(LOG_FILE)
}

/// The end of a file; empty while there is none.
fn tail(path: &Path, most_bytes: u64) -> String {
    let length = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    part(path, length.saturating_sub(most_bytes), most_bytes)
}

/// So much of a file from there on; empty while there is none.
fn part(path: &Path, from_byte: u64, most_bytes: u64) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(from_byte))?;
        let mut bytes = Vec::new();
        file.take(most_bytes).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

/// What is seen of an encode.
pub(super) struct Seen {
    /// What the run that writes the output last told; until there is one, the run before it.
    pub last: progress::Progress,
    /// Which part of the work that run is: from and to, 0 to 1.
    part: (f64, f64),
}

impl Seen {
    pub fn of(dir: &Path) -> Option<Self> {
        // Two blocks: one of them is whole.
        let read = |name| progress::last(&tail(&dir.join(name), 4096));
        let reading = read(READING_FILE);
        let (begin, first, output) =
            (reading.map_or(0.0, |_| READING_SHARE), read(FIRST_PASS_FILE), read(PROGRESS_FILE));
        let middle = f64::midpoint(begin, 1.0);
        let (last, part) = match (first, output) {
            (None, Some(last)) => (last, (begin, 1.0)),
            (Some(_), Some(last)) => (last, (middle, 1.0)),
            (Some(last), None) => (last, (begin, middle)),
            (None, None) => (reading?, (0.0, begin)),
        };
        Some(Self { last, part })
    }

    /// How much of the encode of a film of this length is done, 0 to 1.
    pub fn share(&self, length_us: i64) -> f64 {
        let (from, to) = self.part;
        #[allow(clippy::cast_precision_loss)]
        let of_run = (self.last.out_time_us as f64 / length_us.max(1) as f64).clamp(0.0, 1.0);
        from + (to - from) * of_run
    }
}

/// What ffmpeg said; of very much, the beginning and the end.
pub(super) fn said(dir: &Path) -> String {
    let path = dir.join(LOG_FILE);
    let length = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    let Some(left_out) = length.checked_sub(LOG_HEAD_BYTES + LOG_TAIL_BYTES).filter(|left_out| *left_out > 0) else {
        return tail(&path, LOG_HEAD_BYTES + LOG_TAIL_BYTES);
    };
    let head = part(&path, 0, LOG_HEAD_BYTES);
    format!("{head}\n[info] ... {left_out} bytes are left out here ...\n{}", tail(&path, LOG_TAIL_BYTES))
}
