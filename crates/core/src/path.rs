//! Paths inside a storage: bytes, because file names are bytes, plus a key that compares them as the
//! storage does.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A path relative to the root of a storage, as raw bytes with `/` between components.
///
/// It is never empty, never starts with `/` and has no `.` or `..` component, so joining it to a root cannot
/// leave that root.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
pub struct RelPath(Vec<u8>);

/// Why bytes are not a [`RelPath`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path:?} is not a path inside a storage: {reason}")]
pub struct PathError {
    path: String,
    reason: &'static str,
}

impl RelPath {
    /// Checks and wraps raw bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, PathError> {
        let bytes = bytes.into();
        let fail = |reason| PathError { path: String::from_utf8_lossy(&bytes).into_owned(), reason };
        if bytes.is_empty() {
            return Err(fail("it is empty"));
        }
        if bytes.contains(&0) {
            return Err(fail("it holds a zero byte"));
        }
        for part in bytes.split(|b| *b == b'/') {
            match part {
                b"" => return Err(fail("it has an empty component")),
                b"." | b".." => return Err(fail("it leaves or repeats its folder")),
                _ => {}
            }
        }
        Ok(Self(bytes))
    }

    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The last component.
    #[must_use]
    pub fn file_name(&self) -> &[u8] {
        self.0.rsplit(|b| *b == b'/').next().unwrap_or(&self.0)
    }

    /// The folder that holds it, or `None` for the storage's root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let end = self.0.iter().rposition(|b| *b == b'/')?;
        Some(Self(self.0[..end].to_vec()))
    }

    /// The same folder, another file name.
    pub fn with_file_name(&self, name: &[u8]) -> Result<Self, PathError> {
        match self.parent() {
            Some(parent) => parent.join(name),
            None => Self::new(name),
        }
    }

    /// This path with `tail` (one or more components) below it.
    pub fn join(&self, tail: &[u8]) -> Result<Self, PathError> {
        let mut bytes = self.0.clone();
        bytes.push(b'/');
        bytes.extend_from_slice(tail);
        Self::new(bytes)
    }

    /// The file name without its last extension.
    #[must_use]
    pub fn stem(&self) -> &[u8] {
        let name = self.file_name();
        match name.iter().rposition(|b| *b == b'.') {
            Some(0) | None => name,
            Some(dot) => &name[..dot],
        }
    }

    /// The last extension in lower case ASCII, without its dot; empty when there is none.
    #[must_use]
    pub fn extension(&self) -> String {
        let name = self.file_name();
        match name.iter().rposition(|b| *b == b'.') {
            Some(0) | None => String::new(),
            Some(dot) => String::from_utf8_lossy(&name[dot + 1..]).to_lowercase(),
        }
    }

    /// The same stem in the same folder under another extension.
    pub fn with_extension(&self, extension: &str) -> Result<Self, PathError> {
        let mut name = self.stem().to_vec();
        name.push(b'.');
        name.extend_from_slice(extension.as_bytes());
        self.with_file_name(&name)
    }

    /// What two paths must share to be the same file where names are compared normalised, and folded where
    /// `fold_case` says so. Bytes that are not UTF-8 compare as they are.
    #[must_use]
    pub fn comparison_key(&self, fold_case: bool) -> Vec<u8> {
        match std::str::from_utf8(&self.0) {
            Ok(text) if fold_case => text.nfkc().collect::<String>().to_lowercase().into_bytes(),
            Ok(text) => text.nfc().collect::<String>().into_bytes(),
            Err(_) => self.0.clone(),
        }
    }
}

impl fmt::Display for RelPath {
    /// Lossy text: for people, never for opening a file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

impl TryFrom<Vec<u8>> for RelPath {
    type Error = PathError;
    fn try_from(bytes: Vec<u8>) -> Result<Self, PathError> {
        Self::new(bytes)
    }
}

impl From<RelPath> for Vec<u8> {
    fn from(path: RelPath) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_leave_its_storage() {
        for bad in ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/./b", "a/", "a\0b"] {
            assert!(RelPath::new(bad).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn names_are_taken_apart_as_people_read_them() {
        let path = RelPath::new("Films/Se7en (1995)/Se7en. Director's cut.MKV").unwrap();
        assert_eq!(path.extension(), "mkv");
        assert_eq!(path.stem(), b"Se7en. Director's cut");
        assert_eq!(path.with_extension("mp4").unwrap().file_name(), b"Se7en. Director's cut.mp4");
        assert_eq!(RelPath::new(".hidden").unwrap().extension(), "");
        assert_eq!(RelPath::new("a").unwrap().parent(), None);
    }

    #[test]
    fn keys_meet_where_the_storage_would_merge_the_names() {
        let composed = RelPath::new("Am\u{e9}lie.mkv").unwrap();
        let decomposed = RelPath::new("Ame\u{301}lie.mkv").unwrap();
        assert_eq!(composed.comparison_key(false), decomposed.comparison_key(false));
        let upper = RelPath::new("AM\u{c9}LIE.MKV").unwrap();
        assert_ne!(upper.comparison_key(false), composed.comparison_key(false));
        assert_eq!(upper.comparison_key(true), decomposed.comparison_key(true));
        let raw = RelPath::new(b"a\xff.mkv".to_vec()).unwrap();
        assert_eq!(raw.comparison_key(true), b"a\xff.mkv");
    }
}
