//! Reading one file: its content identity and its streams.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use mediaflow_core::identity::{ContentId, Stat};
use mediaflow_core::media::MediaInfo;
use mediaflow_core::path::RelPath;
use mediaflow_ffmpeg::probe;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::process::{self, Invocation, Output, ProcessError};
use mediaflow_transport::ssh::Served;
use mediaflow_transport::storage::ErrorClass;

use crate::storages::OpenStorage;

/// How long one ffprobe may take. It reads a few megabytes, so this is room for a disk that has to spin up and for a
/// network that hangs for a while.
const TIME_LIMIT: std::time::Duration = std::time::Duration::from_secs(120);

/// What reading a file came to.
#[derive(Debug)]
pub enum Reading {
    /// Its streams.
    Media {
        /// Which bytes it has.
        content: ContentId,
        /// What was found in it.
        info: Box<MediaInfo>,
        /// What ffprobe wrote, whole.
        text: Vec<u8>,
    },
    /// It cannot be read, and will not be while it stays as it is.
    Damaged {
        /// Which bytes it has.
        content: ContentId,
        /// Why.
        reason: String,
    },
    /// It could not be read this time: it is being written, or the disk or the machine failed. The next scan tries again.
    NotNow {
        /// Why.
        reason: String,
    },
    /// It is gone.
    Vanished,
    /// The caller asked to stop.
    Cancelled,
    /// ffprobe cannot be run at all, for this file or any other.
    NoTool(ProcessError),
}

/// Reads one file with one run of ffprobe. `stat` is what a look at it showed before.
#[must_use]
pub fn read_file(ffprobe: &Path, files: &OpenStorage, path: &RelPath, stat: Stat, cancel: &Cancel) -> Reading {
    let content = match files.content_id(path) {
        Ok(content) => content,
        Err(error) if error.class == ErrorClass::NotFound => return Reading::Vanished,
        Err(error) => return Reading::NotNow { reason: error.to_string() },
    };
    if content.size_bytes == 0 {
        return Reading::Damaged { content, reason: "it is empty".to_owned() };
    }
    // What lies on another machine is read here all the same, through an address of its own.
    let served = match files.serve(path, content.size_bytes) {
        Ok(served) => served,
        Err(error) => return Reading::NotNow { reason: error.to_string() },
    };
    let url = match &served {
        Some(served) => OsString::from(served.url()),
        None => probe::file_url(files.path(path).as_os_str()),
    };
    let invocation = Invocation::new(ffprobe, probe::probe_url_args(&url));
    let reading = match process::run(&invocation, &cancel.with_time_limit(TIME_LIMIT)) {
        Ok(output) => judge(&url, content, output),
        Err(error) => failed(content, error),
    };
    if let Some(reason) = served.as_ref().and_then(Served::failure) {
        return Reading::NotNow { reason };
    }
    // Taken while the file was being written, the answer is about a file that is no more.
    match files.look(path) {
        Ok(Some(now)) if (now.stat.size_bytes, now.stat.mtime_ns) == (stat.size_bytes, stat.mtime_ns) => reading,
        Ok(Some(_)) => Reading::NotNow { reason: "it was being written while it was read".to_owned() },
        Ok(None) => Reading::Vanished,
        Err(error) => Reading::NotNow { reason: error.to_string() },
    }
}

/// What a shell or the loader of programs answers when a program cannot be run as it is: not executable, not found, a
/// library missing. Then nothing was said about the file.
const NOT_RUN: [i32; 2] = [126, 127];

/// ffprobe's answer. With streams in it, it counts even where ffprobe then complained: how damaged a film is, is for
/// the proof to find out.
fn judge(url: &OsStr, content: ContentId, output: Output) -> Reading {
    if NOT_RUN.contains(&output.finished.exit_code) {
        let said = output.finished.stderr_lines.last().cloned().unwrap_or_default();
        return Reading::NotNow { reason: format!("ffprobe does not run here: {said}") };
    }
    match probe::parse(&output.stdout) {
        Ok(info) if !info.streams.is_empty() => Reading::Media { content, info: Box::new(info), text: output.stdout },
        parsed => {
            let said = output.finished.stderr_lines.last().map(|line| without_url(line, url));
            let reason = match (parsed, said) {
                (_, Some(said)) if !output.success() => format!("ffprobe: {said}"),
                (Err(error), _) => error.to_string(),
                (Ok(_), _) => "it has no streams".to_owned(),
            };
            Reading::Damaged { content, reason }
        }
    }
}

fn failed(content: ContentId, error: ProcessError) -> Reading {
    /// SIGKILL and SIGTERM come from outside; any other signal is ffprobe's own crash over this file.
    const FROM_OUTSIDE: [i32; 2] = [9, 15];
    match error {
        ProcessError::Cancelled { .. } => Reading::Cancelled,
        ProcessError::NotFound { .. } | ProcessError::Permission { .. } | ProcessError::NoFolder { .. } => {
            Reading::NoTool(error)
        }
        ProcessError::Killed { signal, .. } if !FROM_OUTSIDE.contains(&signal) => {
            Reading::Damaged { content, reason: format!("ffprobe crashed over it (signal {signal})") }
        }
        ProcessError::TooMuchOutput { .. } => Reading::Damaged { content, reason: error.to_string() },
        other => Reading::NotNow { reason: other.to_string() },
    }
}

/// ffprobe begins its last words with the file's name, which the reader knows already.
fn without_url(line: &str, url: &OsStr) -> String {
    let said = line.strip_prefix(&*url.to_string_lossy()).and_then(|rest| rest.strip_prefix(": "));
    said.unwrap_or(line).to_owned()
}
