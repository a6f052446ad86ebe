//! Pictures of a job's film before and after, made when somebody asks for them and kept in the work folder's cache.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use mediaflow_core::media::MediaInfo;
use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Kind, State};
use mediaflow_ffmpeg::probe::file_url;
use mediaflow_ffmpeg::still::{Still, length_us};
use mediaflow_store::{QuarantineState, StoredReplacement};
use mediaflow_transport::process::{self, Invocation};

use super::Service;
use super::error::CommandError;
use super::report::{output_of, source_of};
use crate::storages::OpenStorage;

/// Which of a job's two files a still shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The source: in its place, or in quarantine.
    Source,
    /// What the job made of it, where it was put.
    Output,
}

impl Shown {
    const fn name(self) -> &'static str {
        match self {
            Self::Source => "before",
            Self::Output => "after",
        }
    }
}

/// The pictures that can be shown of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stills {
    /// How long the film is, in microseconds.
    pub length_us: Option<i64>,
    /// Why there is none of the source, if there is none.
    pub before: Option<String>,
    /// Why there is none of the output, if there is none.
    pub after: Option<String>,
}

/// Where stills are kept, in the work folder, which the user may empty.
const FOLDER: &str = "stills";

/// The longest side of a still: two beside each other fill a large screen.
const MOST_PIXELS: u32 = 1280;

/// How long making one may take; a disk may have to spin up, and a film to be decoded from its last key frame on.
const LIMIT: Duration = Duration::from_secs(60);

/// How long a still is kept.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// The file that a still is taken of.
pub(super) struct StillFile {
    pub disk: OpenStorage,
    /// Its path on the machine of its storage.
    pub path: PathBuf,
    below: RelPath,
    size_bytes: u64,
}

/// One is made at a time: each takes all cores, and memory for pictures of 4K.
pub(super) type Turn = Mutex<()>;

impl Service {
    /// A picture of a job's film as JPEG, `at_us` after its first one. Both files show the same one.
    pub fn job_still(&self, id: i64, shown: Shown, at_us: i64) -> Result<Vec<u8>, CommandError> {
        let file = self.still_source(id, shown)?;
        let (source, output) = self.inner.store.read(|r| Ok((source_of(r, id)?, output_of(r, id)?)))?;
        let known = if shown == Shown::Source { &source } else { &output };
        let info = known.clone().map_or_else(|| self.probe(&file.path), Ok)?;
        let at_us = at_us.clamp(0, length_us(&info).unwrap_or(i64::MAX));
        let folder = self.inner.work.join(FOLDER);
        let kept = folder.join(format!("{id}-{}-{}.jpg", shown.name(), at_us / 1000));
        let _turn = self.inner.still_turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(picture) = fs::read(&kept) {
            return Ok(picture);
        }
        let picture = self.make_still(&file, &info, source.as_ref(), at_us)?;
        if let Err(error) = keep(&folder, &kept, &picture) {
            tracing::warn!("a still could not be kept in {}: {error}", folder.display());
        }
        Ok(picture)
    }

    fn make_still(
        &self,
        file: &StillFile,
        info: &MediaInfo,
        source: Option<&MediaInfo>,
        at_us: i64,
    ) -> Result<Vec<u8>, CommandError> {
        let still = Still::of(info, source.unwrap_or(info), MOST_PIXELS);
        let still =
            still.ok_or_else(|| CommandError::Refused(format!("{} has no moving pictures", file.path.display())))?;
        let tools = self.inner.tools.get()?;
        let served = file.disk.serve(&file.below, file.size_bytes);
        let served = served.map_err(|error| CommandError::Failed(error.to_string()))?;
        let url = match &served {
            Some(served) => OsString::from(served.url()),
            None => file_url(file.path.as_os_str()),
        };
        let run = Invocation::new(&tools.ffmpeg, still.args(&url, at_us));
        let output = process::run(&run, &self.inner.stop.with_time_limit(LIMIT));
        let output = output.map_err(|error| CommandError::Failed(error.to_string()))?;
        if output.success() && !output.stdout.is_empty() {
            return Ok(output.stdout);
        }
        let said = output.finished.stderr_lines.last().cloned();
        let said = said.unwrap_or_else(|| "there is no picture at that time".to_owned());
        Err(CommandError::Refused(format!("no picture of {}: {said}", file.path.display())))
    }

    /// The file that a still is taken of.
    pub(super) fn still_source(&self, id: i64, shown: Shown) -> Result<StillFile, CommandError> {
        let (job, storage, made) = self.inner.store.read(|r| {
            let job = r.job(id)?;
            let made = r.replacements_of_job(id)?.into_iter().rev().find(|stored| {
                stored.record.state == State::Done && matches!(stored.record.kind, Kind::Replace | Kind::Beside)
            });
            Ok((job.clone(), r.storage(job.storage_id)?, made))
        })?;
        let away = |reason: &str| CommandError::Away(format!("the folder of the film is away now: {reason}"));
        let disk = self.inner.storages().open(&storage).map_err(|error| away(&error.cause))?;
        if let Some(reason) = disk.away() {
            return Err(away(&reason));
        }
        let is_source = |path| matches!(disk.identity(path), Ok(Some(found)) if found.content == job.content);
        let found = match (shown, &made) {
            (Shown::Source, _) if is_source(&job.path) => &job.path,
            (Shown::Source, Some(StoredReplacement { record, quarantine: QuarantineState::Held, .. }))
                if is_source(&record.quarantine) =>
            {
                &record.quarantine
            }
            (Shown::Source, _) => return Err(gone("the original is not there any more, or has changed")),
            (Shown::Output, None) => return Err(gone("there is no new file in its place")),
            (Shown::Output, Some(made)) if made.quarantine == QuarantineState::Restored => {
                return Err(gone("the new file went when the original was brought back"));
            }
            (Shown::Output, Some(made)) => match disk.look(&made.record.target) {
                Ok(Some(entry)) if entry.stat.size_bytes == made.record.output.size_bytes => &made.record.target,
                _ => return Err(gone("the new file is not there any more, or has changed")),
            },
        };
        let size_bytes = match (shown, &made) {
            (Shown::Output, Some(made)) => made.record.output.size_bytes,
            _ => job.content.size_bytes,
        };
        let (path, below) = (disk.path(found), found.clone());
        Ok(StillFile { disk, path, below, size_bytes })
    }
}

fn gone(why: &str) -> CommandError {
    CommandError::WrongState(why.to_owned())
}

/// Whole or not at all: another process of ours may be reading it.
fn keep(folder: &Path, path: &Path, picture: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let part = path.with_extension("part");
    fs::write(&part, picture)?;
    fs::rename(part, path)
}

/// Removes stills that were made long ago. What cannot be removed is tried again with the next upkeep.
pub(super) fn forget_old(work: &Path) {
    let now = SystemTime::now();
    for entry in fs::read_dir(work.join(FOLDER)).into_iter().flatten().flatten() {
        let made = entry.metadata().and_then(|metadata| metadata.modified());
        if made.is_ok_and(|made| now.duration_since(made).is_ok_and(|age| age > KEPT))
            && let Err(error) = fs::remove_file(entry.path())
        {
            tracing::debug!("{}: {error}", entry.path().display());
        }
    }
}
