//! Uploads, and what is removed when nobody waits for it any more.

use std::sync::Arc;
use std::time::Duration;

use mediaflow_core::replace::ReplacementId;
use mediaflow_core::text;
use mediaflow_store::Upload;
use mediaflow_transport::walk;

use super::Service;
use super::error::CommandError;
use super::inner::Inner;
use super::tasks::Task;
use crate::scan::own_storage;
use crate::settings;
use crate::uploads::{NewUpload, UploadError, file_name};

/// How often what nobody waits for any more is removed.
const LOOK_EVERY: Duration = Duration::from_secs(3600);

/// How long an upload stays after its results were sent: a browser may have failed to keep the last bytes.
const KEPT_AFTER_FETCH_S: i64 = 3600;

const SECONDS_PER_DAY: i64 = 24 * 3600;

/// Removes uploads and stills that are due, at the start and every hour, until the service stops.
pub(super) fn run(inner: &Arc<Inner>) -> Result<(), String> {
    loop {
        inner.board.begin(Task::Uploads, "looking for what is due");
        let removed = remove_due(inner).map_err(|error| error.to_string())?;
        super::stills::forget_old(&inner.work);
        let next = inner.clock.now().plus_seconds(i64::try_from(LOOK_EVERY.as_secs()).unwrap_or(i64::MAX));
        let detail = (removed > 0).then(|| format!("{} removed", text::count(removed, "upload")));
        inner.board.end(Task::Uploads, detail, Some(next));
        if inner.stop.wait_timeout(LOOK_EVERY) {
            return Ok(());
        }
    }
}

fn remove_due(inner: &Inner) -> Result<usize, UploadError> {
    let broken = inner.uploads.remove_leftovers()?;
    let now = inner.clock.now();
    let due = inner.store.read(|r| {
        let old = now.plus_seconds(-settings::upload_days(r)? * SECONDS_PER_DAY);
        r.uploads_due(now.plus_seconds(-KEPT_AFTER_FETCH_S), old)
    })?;
    for upload in &due {
        tracing::info!("the upload {} is removed: nobody waits for it any more", upload.name);
        inner.uploads.remove(upload)?;
    }
    Ok(broken + due.len())
}

impl Service {
    /// Begins an upload of a file that the client calls `name`, and of which it says how large it is, if it does.
    pub fn upload_begin(&self, name: &str, size_bytes: Option<u64>) -> Result<NewUpload, CommandError> {
        let Some(name) = file_name(name) else {
            let message = format!("{name:?} is no name of a media file: it ends in mkv, mp4, avi, mov or the like");
            return Err(CommandError::Invalid { field: "name", message });
        };
        if self.inner.stop.is_cancelled() {
            return Err(CommandError::Stopping);
        }
        let token = self.inner.store.write(|tx| tx.fencing_token())?;
        let public_id = ReplacementId::new(self.inner.epoch, token).to_string();
        let upload = self.inner.uploads.begin(public_id, name, size_bytes)?;
        self.claim_upload_folder()?;
        Ok(upload)
    }

    /// All uploads, newest first.
    pub fn uploads(&self) -> Result<Vec<Upload>, CommandError> {
        Ok(self.inner.store.read(|r| r.uploads())?)
    }

    /// How large a further upload may be now, in bytes.
    #[must_use]
    pub fn upload_room(&self) -> u64 {
        self.inner.uploads.room()
    }

    /// An upload by its public id.
    pub fn upload(&self, public_id: &str) -> Result<Upload, CommandError> {
        let found = self.inner.store.read(|r| r.upload(public_id))?;
        found.ok_or_else(|| CommandError::NotFound { what: "upload", id: public_id.to_owned() })
    }

    /// Removes an upload and everything that was made of it.
    pub fn upload_remove(&self, public_id: &str) -> Result<(), CommandError> {
        let upload = self.upload(public_id)?;
        Ok(self.inner.uploads.remove(&upload)?)
    }

    /// The folder of uploads as a storage of its own, so that no scan of a folder around it takes them for a library.
    fn claim_upload_folder(&self) -> Result<(), CommandError> {
        let root = self.inner.uploads.root();
        let real = walk::resolve(root).map_err(|error| CommandError::Failed(format!("{}: {error}", root.display())))?;
        own_storage(&self.inner.store, &real)?;
        Ok(())
    }
}

impl From<UploadError> for CommandError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Store(error) => error.into(),
            UploadError::NoSpace { .. } => Self::NoSpace(error.to_string()),
            UploadError::Disk { .. } => Self::Failed(error.to_string()),
        }
    }
}
