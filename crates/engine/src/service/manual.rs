//! Single files, by their path or as an upload: read, foretold and queued outside of any library.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use mediaflow_core::media::MediaInfo;
use mediaflow_core::media::preset::Preset;
use mediaflow_core::path::RelPath;
use mediaflow_core::plan::plan;
use mediaflow_store::{JobView, OutputMode, Storage, Upload};
use mediaflow_transport::storage::LocalStorage;
use mediaflow_transport::walk;

use super::Service;
use super::error::CommandError;
use super::plans::DryRun;
use super::queueing::title_of;
use crate::analyze::learned_ratios;
use crate::queue::{Asked, Queued, Wish, queue_file};
use crate::scan::open_storage;
use crate::target;

/// A file outside of any library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SingleFile {
    /// Somewhere on this machine; the path may be used.
    Local(PathBuf),
    /// One that came through the browser, by its public id.
    Upload(String),
}

/// What would be done to a single file.
#[derive(Debug, Clone, PartialEq)]
pub struct SingleDryRun {
    /// The plan, its command and what it comes to.
    pub run: DryRun,
    /// Where the output would lie now.
    pub output: PathBuf,
}

/// A job whose output lies beside its source.
#[derive(Debug, Clone)]
pub struct SingleJob {
    /// The job, with everything around it.
    pub view: JobView,
    /// The upload that it works on, while that is there.
    pub upload: Option<Upload>,
}

impl Service {
    /// What lies in a single file. Nothing is written down.
    pub fn probe_single(&self, file: &SingleFile) -> Result<MediaInfo, CommandError> {
        self.probe(&self.path_of(file)?)
    }

    /// What would be done to a single file. Nothing is written down.
    pub fn dry_run_single(&self, file: &SingleFile, preset: &Preset) -> Result<SingleDryRun, CommandError> {
        let path = self.path_of(file)?;
        let info = self.probe(&path)?;
        self.check_able(&preset.settings)?;
        let intent = plan(&info, &preset.settings).map_err(|refusal| CommandError::Refused(refusal.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new("/"));
        let named = RelPath::new(path.file_name().unwrap_or_default().as_bytes());
        let named = named.map_err(|error| invalid_path(&path, &error.to_string()))?;
        let output = target::beside(&LocalStorage::new(folder), &named, intent.container)
            .map_err(|error| invalid_path(&path, &format!("leaves no name for its output: {error}")))?;
        let learned = self.inner.store.read(learned_ratios)?;
        Ok(SingleDryRun {
            run: self.foretell(&path, &info, intent, &learned)?,
            output: folder.join(std::ffi::OsStr::from_bytes(output.as_bytes())),
        })
    }

    /// Queues a single file, whatever is remembered of it. The output is put beside it as `NAME V2.EXT`; the file itself
    /// stays. Gives the job's id.
    pub fn manual(
        &self,
        file: &SingleFile,
        preset: &Preset,
        priority: i64,
        preferred_worker_id: Option<i64>,
    ) -> Result<i64, CommandError> {
        let inner = &self.inner;
        if let Some(worker_id) = preferred_worker_id {
            inner.store.read(|r| r.worker(worker_id))?;
        }
        self.check_able(&preset.settings)?;
        let path = self.path_of(file)?;
        let (storage, below) = self.locate(&path)?;
        let scanner = inner.scanner(inner.tools.get()?);
        let (found, info) = scanner.scan_file(&storage, None, &below, &inner.stop)?;
        let wish = Wish {
            file: &found,
            info: &info,
            title: &title_of(&found),
            preset,
            mode: OutputMode::Beside,
            asked: Asked::Insisted,
            priority,
            scheduled_after_at: None,
        };
        let job_id = match queue_file(&inner.store, inner.epoch, &wish)? {
            Queued::Job(job_id) => job_id,
            Queued::Already(job_id) => {
                return Err(CommandError::Conflict(format!("{} is in the queue as job {job_id}", path.display())));
            }
            Queued::LeftAlone(reason) | Queued::Refused(reason) => return Err(CommandError::Refused(reason)),
        };
        if let Some(worker_id) = preferred_worker_id {
            inner.store.write(|tx| tx.jobs_prefer(&[job_id], worker_id))?;
        }
        if let SingleFile::Upload(public_id) = file {
            let upload = self.upload(public_id)?;
            inner.store.write(|tx| tx.upload_job(upload.id, job_id))?;
        }
        Ok(job_id)
    }

    /// The newest jobs of single files.
    pub fn single_jobs(&self, limit: u32) -> Result<Vec<SingleJob>, CommandError> {
        Ok(self.inner.store.read(|r| {
            let ids = r.jobs_beside(limit)?;
            ids.into_iter().map(|id| Ok(SingleJob { view: r.job_view(id)?, upload: r.upload_of_job(id)? })).collect()
        })?)
    }

    fn path_of(&self, file: &SingleFile) -> Result<PathBuf, CommandError> {
        match file {
            SingleFile::Local(path) => Ok(path.clone()),
            SingleFile::Upload(public_id) => Ok(self.inner.uploads.path(&self.upload(public_id)?)),
        }
    }

    /// The storage that a file lies on, and its path in it. The folder may be reached by links; the file itself must not
    /// be one.
    fn locate(&self, path: &Path) -> Result<(Storage, RelPath), CommandError> {
        regular_file(path)?;
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(invalid_path(path, "is not a file"));
        };
        let folder = walk::resolve(folder).map_err(|error| invalid_path(path, &error.to_string()))?;
        let (storage, below) = open_storage(&self.inner.store, &folder)?;
        let path = match below {
            Some(below) => below.join(name.as_bytes()),
            None => RelPath::new(name.as_bytes()),
        };
        path.map(|path| (storage, path))
            .map_err(|error| CommandError::Invalid { field: "file_path", message: error.to_string() })
    }
}

fn invalid_path(path: &Path, why: &str) -> CommandError {
    CommandError::Invalid { field: "file_path", message: format!("{} {why}", path.display()) }
}

/// Refuses what is not a plain file, before anything is made known of its folder.
pub(super) fn regular_file(path: &Path) -> Result<(), CommandError> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(found) if found.is_symlink() => Err(invalid_path(path, "is a symbolic link; name the file it leads to")),
        Ok(_) => Err(invalid_path(path, "is not a file")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(CommandError::NotFound { what: "file", id: path.display().to_string() })
        }
        Err(error) => Err(invalid_path(path, &format!("cannot be looked at: {error}"))),
    }
}
