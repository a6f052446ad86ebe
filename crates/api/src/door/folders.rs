//! The folder picker: what lies on the server's machine, as far as it may be used.

use std::fs;
use std::path::{Path, PathBuf};

use mediaflow_core::path::RelPath;
use mediaflow_transport::walk::FileKind;

use super::paths::{Allowed, PathGuard, usual};
use crate::error::ApiError;
use crate::wire::int;
use crate::wire::libraries::{FileEntry, FolderEntry, Folders};

/// A page that somebody chooses from; more than so many are left out.
const MOST_FOLDERS: usize = 2000;

/// The same for files.
const MOST_FILES: usize = 5000;

impl PathGuard {
    /// The folders in a folder, with its media files where they are asked for, or where to begin.
    ///
    /// # Errors
    /// 422 for what is no folder, 403 for what may not be used, 404 for what is not there.
    pub fn folders(&self, path: Option<&str>, with_files: bool) -> Result<Folders, ApiError> {
        let allowed = self.allowed()?;
        let Some(text) = path.filter(|text| !text.is_empty()) else {
            return Ok(Folders { path: None, parent: None, folders: self.beginnings(&allowed), files: Vec::new() });
        };
        let loc = ["query", "path"];
        let real = allowed.check(text, &loc)?;
        let entries = fs::read_dir(&real).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotADirectory => ApiError::field(&loc, "value_error", "this is no folder", text),
            _ => ApiError::Forbidden(format!("{text} cannot be read: {error}")),
        })?;
        // Links are left out: nothing is done by their names.
        let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let mut folders: Vec<FolderEntry> = folders
            .map(|entry| entry.path())
            .filter(|path| allowed.covers(path))
            .filter_map(|path| Some(FolderEntry { name: path.file_name()?.to_str()?.to_owned(), path: shown(&path)? }))
            .filter(|entry| !entry.name.starts_with('.'))
            .collect();
        folders.sort_by_cached_key(|entry| (entry.name.to_lowercase(), entry.name.clone()));
        let folders =
            folders.into_iter().filter(|entry| fs::read_dir(&entry.path).is_ok()).take(MOST_FOLDERS).collect();
        let parent = real.parent().filter(|parent| allowed.covers(parent)).and_then(shown);
        let files = if with_files { media_files(&real, &allowed) } else { Vec::new() };
        Ok(Folders { path: shown(&real), parent, folders, files })
    }

    /// Where to begin: with a password, what is allowed; without, the home, the usual places and the whole machine.
    fn beginnings(&self, allowed: &Allowed) -> Vec<FolderEntry> {
        let mut places: Vec<PathBuf> = if allowed.is_open {
            self.home().map(Path::to_owned).into_iter().chain(usual()).chain([PathBuf::from("/")]).collect()
        } else {
            allowed.roots.iter().map(|root| root.path.clone()).collect()
        };
        places.retain(|place| {
            // By its real name only, or it would be there twice.
            fs::canonicalize(place).is_ok_and(|real| real == *place)
                && allowed.covers(place)
                && fs::read_dir(place).is_ok()
        });
        let mut seen = std::collections::BTreeSet::new();
        places.retain(|place| seen.insert(place.clone()));
        places.iter().filter_map(|place| shown(place)).map(|path| FolderEntry { name: path.clone(), path }).collect()
    }
}

/// The media files in a folder, by name. Links are left out, as are hidden ones.
fn media_files(folder: &Path, allowed: &Allowed) -> Vec<FileEntry> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<FileEntry> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()) && allowed.covers(&entry.path()))
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_media = RelPath::new(name.as_bytes()).is_ok_and(|name| FileKind::of(&name) == FileKind::Media);
            let size = entry.metadata().ok()?.len();
            (is_media && !name.starts_with('.')).then_some(FileEntry {
                path: shown(&entry.path())?,
                size: int(size),
                name,
            })
        })
        .collect();
    files.sort_by_cached_key(|entry| (entry.name.to_lowercase(), entry.name.clone()));
    files.truncate(MOST_FILES);
    files
}

/// A path as text; what is no text cannot be named over the API.
fn shown(path: &Path) -> Option<String> {
    path.to_str().map(str::to_owned)
}
