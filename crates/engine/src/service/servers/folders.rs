//! The folders of another machine, for somebody who picks one.

use std::path::{Path, PathBuf};

use mediaflow_transport::ssh::RemoteLister;
use mediaflow_transport::storage::EntryKind;
use mediaflow_transport::walk::{Lister as _, WalkError, is_hidden};

use crate::service::{CommandError, Service};

/// A page that somebody chooses from; more than so many are left out.
const MOST_FOLDERS: usize = 2000;

/// What lies in a folder of another machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFolders {
    /// The folder by its real path.
    pub path: PathBuf,
    /// The names of the folders in it, in order; hidden ones are left out, and those whose names are no text.
    pub names: Vec<String>,
}

impl Service {
    /// The folders in a folder of a server. What may be looked at is for the server's account to say.
    pub fn server_folders(&self, id: i64, path: &Path) -> Result<ServerFolders, CommandError> {
        let invalid =
            |error: &dyn std::fmt::Display| CommandError::Invalid { field: "path", message: error.to_string() };
        let machine = self.inner.fleet.machine(id)?;
        let path = machine.resolve(path, &self.inner.stop).map_err(|error| match error {
            WalkError::Unreachable { .. } => CommandError::Away(error.to_string()),
            _ => invalid(&error),
        })?;
        let listed = RemoteLister::new(machine, &self.inner.stop).list(&path).map_err(|error| invalid(&error))?;
        let folders = listed.into_iter().flatten().filter(|(name, found)| {
            found.as_ref().is_ok_and(|entry| entry.kind == EntryKind::Folder) && !is_hidden(name.as_encoded_bytes())
        });
        let mut names: Vec<String> = folders.filter_map(|(name, _)| name.into_string().ok()).collect();
        names.sort_by_cached_key(|name| (name.to_lowercase(), name.clone()));
        names.truncate(MOST_FOLDERS);
        Ok(ServerFolders { path, names })
    }
}
