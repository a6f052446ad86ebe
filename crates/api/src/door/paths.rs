//! Which paths may be named over the API.
//!
//! A path has to be absolute and the real one: no `..`, no link on the way. With a password set it has to lie under a
//! library or an allowed folder, and what lies elsewhere is refused with the same words whether it exists or not.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use mediaflow_store::{Reader, Storage};

use super::{Door, Lock};
use crate::error::ApiError;

/// What the kernel shows as files, which no library lies in.
const SYSTEM: [&str; 3] = ["/proc", "/sys", "/dev"];

/// Where media lies when nobody said otherwise: mounts, served data, and what NAS systems and Docker images call theirs.
const USUAL: [&str; 6] = ["/media", "/mnt", "/srv", "/data", "/run/media", "/Volumes"];

/// Longer ones no system takes.
const MOST_PATH_BYTES: usize = 4096;

/// Decides about paths. Its methods block.
#[derive(Clone)]
pub struct PathGuard {
    pub(super) door: Door,
}

impl PathGuard {
    pub(super) const fn new(door: Door) -> Self {
        Self { door }
    }

    /// A file that may be probed or transcoded; `loc` names the field that it came in.
    ///
    /// # Errors
    /// 422 for what is no such path, 403 for what may not be used, 404 for what is not there.
    pub fn file(&self, path: &str, loc: &[&str]) -> Result<PathBuf, ApiError> {
        let real = self.allowed()?.check(path, loc)?;
        // A pipe or a device would be waited for.
        if fs::metadata(&real).is_ok_and(|meta| meta.is_file()) {
            Ok(real)
        } else {
            Err(ApiError::field(loc, "value_error", "this is no file: give the path of a media file", path))
        }
    }

    /// A folder that may become a library; `loc` names the field that it came in.
    ///
    /// # Errors
    /// 422 for what is no such path, 403 for what may not be used, 404 for what is not there.
    pub fn folder(&self, path: &str, loc: &[&str]) -> Result<PathBuf, ApiError> {
        let real = self.allowed()?.check(path, loc)?;
        let wrong = |msg: &str| Err(ApiError::field(loc, "value_error", msg, path));
        if SYSTEM.iter().any(|system| Path::new(system).starts_with(&real)) {
            return wrong("this is the whole machine: give the folder that holds the films");
        }
        match fs::read_dir(&real) {
            Ok(_) => Ok(real),
            Err(error) if error.kind() == ErrorKind::NotADirectory => wrong("this is no folder"),
            Err(error) => Err(ApiError::Forbidden(format!("{path} cannot be read: {error}"))),
        }
    }

    /// Where paths may lie now: libraries and the password change while we run.
    pub(super) fn allowed(&self) -> Result<Allowed, ApiError> {
        let inner = &self.door.inner;
        let (is_open, libraries) =
            inner.store.read(|r| Ok((matches!(self.door.lock(r)?, Lock::Open), libraries(r)?)))?;
        if is_open {
            return Ok(Allowed { roots: vec![Root::all("/".into())], is_open });
        }
        let mut roots: Vec<Root> = libraries.into_iter().map(Root::all).collect();
        match &inner.allowed_folders {
            Some(folders) => roots.extend(folders.iter().cloned().map(Root::all)),
            None => {
                roots.extend(usual().into_iter().map(Root::all));
                roots.extend(inner.home.clone().map(|path| Root { path, hides_dots: true }));
            }
        }
        // A folder may be named by a link; what lies in it is known by its real path.
        let real: Vec<Root> = roots.iter().filter_map(Root::real).collect();
        roots.extend(real);
        Ok(Allowed { roots, is_open })
    }

    /// The user's home.
    pub(super) fn home(&self) -> Option<&Path> {
        self.door.inner.home.as_deref()
    }
}

fn libraries(r: &Reader<'_>) -> Result<Vec<PathBuf>, mediaflow_store::StoreError> {
    let mut roots = Vec::new();
    for library in r.libraries()? {
        if let Some(storage_id) = library.storage_id {
            let Storage { root, worker_id: None, .. } = r.storage(storage_id)? else { continue };
            roots.push(match &library.folder {
                Some(folder) => root.join(OsStr::from_bytes(folder.as_bytes())),
                None => root,
            });
        }
    }
    Ok(roots)
}

/// The usual places, and a NAS's volumes, as many as it has.
pub(super) fn usual() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = USUAL.into_iter().map(PathBuf::from).collect();
    let entries = fs::read_dir("/").into_iter().flatten().flatten();
    let volumes = entries.filter(|entry| {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("volume"));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()))
    });
    places.extend(volumes.map(|entry| entry.path()));
    places.sort();
    places
}

/// A folder under which paths may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root {
    pub(super) path: PathBuf,
    /// Whether what begins with a dot is left out: in a home these are settings and secrets, not films.
    hides_dots: bool,
}

impl Root {
    const fn all(path: PathBuf) -> Self {
        Self { path, hides_dots: false }
    }

    fn real(&self) -> Option<Self> {
        fs::canonicalize(&self.path).ok().map(|path| Self { path, hides_dots: self.hides_dots })
    }

    fn covers(&self, path: &Path) -> bool {
        path.strip_prefix(&self.path).is_ok_and(|below| {
            !self.hides_dots || !below.components().any(|part| part.as_os_str().as_bytes().starts_with(b"."))
        })
    }
}

/// Where paths may lie.
#[derive(Debug)]
pub(super) struct Allowed {
    pub(super) roots: Vec<Root>,
    /// Whether there is no password: everything but the system's own.
    pub(super) is_open: bool,
}

impl Allowed {
    pub(super) fn covers(&self, path: &Path) -> bool {
        !SYSTEM.iter().any(|system| path.starts_with(system)) && self.roots.iter().any(|root| root.covers(path))
    }

    /// The path itself, if it is there and may be used.
    pub(super) fn check(&self, text: &str, loc: &[&str]) -> Result<PathBuf, ApiError> {
        let path = absolute(text).map_err(|msg| ApiError::field(loc, "value_error", msg, text))?;
        // Before the disk is touched: what is not allowed is not looked at.
        if !self.covers(&path) {
            return Err(self.outside(text));
        }
        let mut way = PathBuf::new();
        for part in path.components() {
            way.push(part);
            let meta = fs::symlink_metadata(&way).map_err(|error| missing(text, &error))?;
            if meta.is_symlink() {
                return Err(self.behind_link(text, loc, &way, &path));
            }
        }
        // On disks that fold case, the name as it stands there.
        let real = fs::canonicalize(&path).map_err(|error| missing(text, &error))?;
        if self.covers(&real) { Ok(real) } else { Err(self.outside(text)) }
    }

    fn outside(&self, text: &str) -> ApiError {
        ApiError::Forbidden(if self.is_open {
            format!("{text} belongs to the system and holds no media")
        } else {
            format!(
                "{text} is not under a library or an allowed folder: add its folder as a library, or name it in \
                 ALLOWED_FOLDERS"
            )
        })
    }

    /// A link may lead anywhere, so nothing is done by its name; the real one is told if it may be used.
    fn behind_link(&self, text: &str, loc: &[&str], link: &Path, path: &Path) -> ApiError {
        let rest = path.strip_prefix(link).unwrap_or(Path::new(""));
        match fs::canonicalize(link).map(|target| target.join(rest)) {
            Ok(target) if self.covers(&target) => {
                let msg = format!("{} is a link: give {} instead", link.display(), target.display());
                ApiError::field(loc, "value_error", msg, text)
            }
            _ => self.outside(text),
        }
    }
}

fn missing(text: &str, error: &std::io::Error) -> ApiError {
    match error.kind() {
        ErrorKind::PermissionDenied => ApiError::Forbidden(format!("{text} cannot be read: {error}")),
        _ => ApiError::NotFound(format!("{text} is not there")),
    }
}

/// An absolute path without anything in it that would lead elsewhere.
fn absolute(text: &str) -> Result<PathBuf, &'static str> {
    if text.is_empty() {
        return Err("a path is needed");
    }
    if text.contains('\0') || text.len() > MOST_PATH_BYTES {
        return Err("no path is like this");
    }
    if !text.starts_with('/') {
        return Err("give an absolute path, one that begins with /");
    }
    let inner = text.strip_suffix('/').unwrap_or(text);
    let parts = inner.split('/').skip(1);
    if parts.into_iter().any(|part| matches!(part, "" | "." | "..")) {
        return Err("give the path without //, . and .. in it");
    }
    let path: PathBuf = Path::new(text).components().filter(|part| !matches!(part, Component::CurDir)).collect();
    Ok(path)
}

#[cfg(test)]
#[path = "paths_tests.rs"]
mod tests;
