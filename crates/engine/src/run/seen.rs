//! What is seen of an encode from outside: the files that ffmpeg writes into the attempt's directory.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use mediaflow_ffmpeg::progress;
use mediaflow_store::Attempt;

use super::{Progress, Stage};

/// Names inside an attempt's directory. What only looks writes its progress apart.
pub(super) const PROGRESS_FILE: &str = "progress.txt";
pub(super) const FIRST_PASS_FILE: &str = "progress-pass-1.txt";
pub(super) const LOG_FILE: &str = "ffmpeg.log";
/// How much of a log is kept for the user.
const LOG_TAIL_BYTES: u64 = 16 * 1024;

/// How far an encode came that is not watched now, for a source of this length in microseconds.
#[must_use]
pub fn reached(attempt: &Attempt, length_us: i64) -> Option<Progress> {
    let seen = Seen::of(&attempt.dir)?;
    Some(Progress { frame: Some(seen.last.frame), ..Progress::of(Stage::Encode, seen.share(length_us)) })
}

/// What ffmpeg said so far in an attempt that is not over, its last lines.
#[must_use]
pub fn live_log(attempt: &Attempt) -> String {
    log_tail(&attempt.dir)
}

/// Where ffmpeg writes what it says.
pub(crate) fn log_of(attempt: &Attempt) -> PathBuf {
    attempt.dir.join(LOG_FILE)
}

/// The end of a file; empty while there is none.
fn tail(path: &Path, most_bytes: u64) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(most_bytes)))?;
        let mut bytes = Vec::new();
        file.take(most_bytes).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

/// What is seen of an encode.
pub(super) struct Seen {
    /// What the run that writes the output last told; of the first pass until there is one.
    pub last: progress::Progress,
    /// Which part of the work that run is: from and to, 0 to 1.
    part: (f64, f64),
}

impl Seen {
    pub fn of(dir: &Path) -> Option<Self> {
        // Two blocks: one of them is whole.
        let read = |name| progress::last(&tail(&dir.join(name), 4096));
        match (read(FIRST_PASS_FILE), read(PROGRESS_FILE)) {
            (None, Some(last)) => Some(Self { last, part: (0.0, 1.0) }),
            (Some(_), Some(last)) => Some(Self { last, part: (0.5, 1.0) }),
            (Some(last), None) => Some(Self { last, part: (0.0, 0.5) }),
            (None, None) => None,
        }
    }

    /// How much of the encode of a film of this length is done, 0 to 1.
    pub fn share(&self, length_us: i64) -> f64 {
        let (from, to) = self.part;
        #[allow(clippy::cast_precision_loss)]
        let of_run = (self.last.out_time_us as f64 / length_us.max(1) as f64).clamp(0.0, 1.0);
        from + (to - from) * of_run
    }
}

/// How many bytes an attempt has made, whatever its runs are called: not counted is what grows while nothing gets on.
pub(super) fn made_bytes(dir: &Path) -> u64 {
    let is_talk = |name: &std::ffi::OsStr| [PROGRESS_FILE, FIRST_PASS_FILE, LOG_FILE].iter().any(|talk| name == *talk);
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    files.filter(|file| !is_talk(&file.file_name())).filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}

/// The last of what ffmpeg said.
pub(super) fn log_tail(dir: &Path) -> String {
    tail(&dir.join(LOG_FILE), LOG_TAIL_BYTES)
}
