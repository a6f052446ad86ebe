//! Paths of this machine as the bytes they are.

use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// The bytes of a path.
#[cfg(unix)]
pub(crate) fn path_bytes(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

/// The path with these bytes.
#[cfg(unix)]
pub(crate) fn path_from_bytes(bytes: Vec<u8>) -> Result<PathBuf, StoreError> {
    use std::os::unix::ffi::OsStringExt;
    Ok(std::ffi::OsString::from_vec(bytes).into())
}
