//! Libraries that are folders: added and removed.

use std::path::Path;
use std::time::Duration;

use mediaflow_core::text;
use mediaflow_store::LibraryOverview;
use mediaflow_transport::ssh::RemoteMachine;
use mediaflow_transport::walk::{self, WalkError};

use super::Service;
use super::error::CommandError;
use crate::fleet::FleetError;
use crate::scan::{add_folder, add_folder_there};
use crate::storages::OpenStorage;

/// What a library may be. A folder may hold anything; what is an episode is told by its own name.
const TYPES: [&str; 2] = ["movie", "show"];

/// How long removing a library waits for its scan to stop.
const SCAN_PATIENCE: Duration = Duration::from_secs(10);

impl Service {
    /// Makes a folder a library, called like the folder where no title is given. It is not scanned yet.
    pub fn library_add(
        &self,
        path: &Path,
        title: Option<&str>,
        library_type: &str,
    ) -> Result<LibraryOverview, CommandError> {
        self.add_library(None, path, title, library_type)
    }

    /// The same with a folder of another machine.
    ///
    /// # Errors
    /// Also when that machine cannot be reached.
    pub fn library_add_there(
        &self,
        worker_id: i64,
        path: &Path,
        title: Option<&str>,
        library_type: &str,
    ) -> Result<LibraryOverview, CommandError> {
        match self.inner.fleet.machine(worker_id) {
            Ok(machine) => self.add_library(Some((worker_id, machine)), path, title, library_type),
            // This machine is in the list of servers, too.
            Err(FleetError::Local) => self.library_add(path, title, library_type),
            Err(error) => Err(error.into()),
        }
    }

    fn add_library(
        &self,
        host: Option<(i64, RemoteMachine)>,
        path: &Path,
        title: Option<&str>,
        library_type: &str,
    ) -> Result<LibraryOverview, CommandError> {
        if !TYPES.contains(&library_type) {
            let message = format!("a library is of type {}, not {library_type:?}", TYPES.join(" or "));
            return Err(CommandError::Invalid { field: "type", message });
        }
        let worker_id = host.as_ref().map(|(id, _)| *id);
        let real = match &host {
            Some((_, machine)) => machine.resolve(path, &self.inner.stop),
            None => walk::resolve(path),
        };
        let real = real.map_err(|error| match error {
            WalkError::Unreachable { .. } => CommandError::Away(error.to_string()),
            _ => CommandError::Invalid { field: "path", message: error.to_string() },
        })?;
        let title = title.map(str::trim).filter(|title| !title.is_empty());
        for known in self.inner.store.read(|r| r.library_overviews())? {
            let Some(root) =
                known.root.as_ref().filter(|_| known.host.as_ref().map(|host| host.worker_id) == worker_id)
            else {
                continue;
            };
            let title = &known.library.title;
            if real == *root {
                return Err(CommandError::Conflict(format!("{} is the library {title} already", real.display())));
            }
            if real.starts_with(root) {
                let real = real.display();
                return Err(CommandError::Conflict(format!(
                    "{real} lies in the library {title} and is scanned with it"
                )));
            }
        }
        let store = &self.inner.store;
        let folder = match host {
            Some((id, machine)) => {
                add_folder_there(store, id, &OpenStorage::there(machine, &real), &real, title, library_type)?
            }
            None => add_folder(store, &real, title, library_type)?,
        };
        tracing::info!("library {} was added: {}", folder.library.title, real.display());
        Ok(self.inner.store.read(|r| r.library_overview(folder.library.id))?)
    }

    /// Removes a library from the catalog. No file is touched, and what is remembered of them stays.
    pub fn library_remove(&self, id: i64) -> Result<(), CommandError> {
        let inner = &self.inner;
        let (library, unfinished) = inner.store.read(|r| Ok((r.library(id)?, r.library_unfinished_jobs(id)?)))?;
        if unfinished > 0 {
            let (title, jobs) = (library.title, text::count(unfinished, "unfinished job"));
            return Err(CommandError::WrongState(format!("{title} has {jobs}; cancel or await what is unfinished")));
        }
        inner.scans.cancel(id);
        if !inner.scans.wait_until_over(id, SCAN_PATIENCE) {
            return Err(CommandError::WrongState(format!("the scan of {} has not stopped yet", library.title)));
        }
        inner.store.write(|tx| tx.library_delete(id))?;
        tracing::info!("library {} was removed; its files are as they were", library.title);
        Ok(())
    }
}
