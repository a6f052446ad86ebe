//! Under which path another machine sees a file of this one.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What lies under one path here lies under another one there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PathMapping {
    /// A folder, as this machine names it.
    pub source_prefix: String,
    /// The same folder, as the worker names it.
    pub target_prefix: String,
}

/// Why a mapping cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// A side does not begin at the root.
    #[error("{0:?} is no absolute path: a mapping goes from one that begins with / to another one")]
    Relative(String),
    /// A side leads somewhere else than it says.
    #[error("{0:?} has .. or a zero byte in it: give the folder's own path")]
    Roundabout(String),
}

impl PathMapping {
    /// Refuses what no folder is called.
    pub fn check(&self) -> Result<(), MappingError> {
        for side in [&self.source_prefix, &self.target_prefix] {
            if !side.starts_with('/') {
                return Err(MappingError::Relative(side.clone()));
            }
            let is_roundabout = Path::new(side).components().any(|part| part == Component::ParentDir);
            if is_roundabout || side.contains('\0') {
                return Err(MappingError::Roundabout(side.clone()));
            }
        }
        Ok(())
    }

    /// Where `path` lies there, if it lies in this folder: whole names only, so that `/media` says nothing of `/media2`.
    fn apply(&self, path: &Path) -> Option<PathBuf> {
        let rest = path.strip_prefix(&self.source_prefix).ok()?;
        let there = Path::new(&self.target_prefix);
        // Joining nothing would leave a slash behind.
        Some(if rest.as_os_str().is_empty() { there.to_owned() } else { there.join(rest) })
    }

    fn depth(&self) -> usize {
        Path::new(&self.source_prefix).components().count()
    }
}

/// Where a worker sees a file, and by which mapping: by its `own` ones before the `global` ones, and among these by the
/// one that names the most of the path, the first of equals.
#[must_use]
pub fn mapped<'m>(
    path: &Path,
    own: &'m [PathMapping],
    global: &'m [PathMapping],
) -> Option<(PathBuf, &'m PathMapping)> {
    let best = |mappings: &'m [PathMapping]| {
        let fitting = mappings.iter().filter(|mapping| mapping.check().is_ok());
        let found = fitting.filter_map(|mapping| Some((mapping.apply(path)?, mapping)));
        // The last of equals wins a `max_by_key`.
        found.rev().max_by_key(|(_, mapping)| mapping.depth())
    };
    best(own).or_else(|| best(global))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use proptest::prelude::*;

    use super::*;

    fn mapping(source: &str, target: &str) -> PathMapping {
        PathMapping { source_prefix: source.to_owned(), target_prefix: target.to_owned() }
    }

    #[test]
    fn a_path_is_mapped_by_whole_names() {
        for (source, target, path, there) in [
            ("/media", "/mnt/nas", "/media/Film.mkv", Some("/mnt/nas/Film.mkv")),
            ("/media/", "/mnt/nas/", "/media/Film.mkv", Some("/mnt/nas/Film.mkv")),
            ("/media", "/mnt/nas", "/media2/Film.mkv", None),
            ("/media", "/mnt/nas", "/media", Some("/mnt/nas")),
            ("/media", "/", "/media/a/b.mkv", Some("/a/b.mkv")),
            ("/", "/nas", "/media/b.mkv", Some("/nas/media/b.mkv")),
            ("/", "/", "/media/b.mkv", Some("/media/b.mkv")),
            ("//media//tv", "/nas", "/media/tv/b.mkv", Some("/nas/b.mkv")),
            ("media", "/nas", "/media/b.mkv", None),
            ("", "/nas", "/media/b.mkv", None),
            ("/media", "nas", "/media/b.mkv", None),
            ("/Media", "/nas", "/media/b.mkv", None),
        ] {
            let own = [mapping(source, target)];
            let found = mapped(Path::new(path), &own, &[]).map(|(there, _)| there);
            assert_eq!(found.as_deref(), there.map(Path::new), "{source} -> {target}: {path}");
        }
    }

    #[test]
    fn the_longest_prefix_wins_whatever_the_order_and_own_ones_before_global_ones() {
        let mut own = vec![mapping("/media", "/a"), mapping("/media/tv", "/b"), mapping("/media/tv/", "/c")];
        for _ in 0..3 {
            own.rotate_left(1);
            let (there, _) = mapped(Path::new("/media/tv/x.mkv"), &own, &[mapping("/media/tv", "/global")]).unwrap();
            assert!(there == Path::new("/b/x.mkv") || there == Path::new("/c/x.mkv"), "{there:?}");
        }
        let equal = [mapping("/m", "/first"), mapping("/m/", "/second")];
        assert_eq!(mapped(Path::new("/m/x"), &equal, &[]).unwrap().0, Path::new("/first/x"));
        let global = [mapping("/media/tv", "/global")];
        assert_eq!(
            mapped(Path::new("/media/tv/x"), &[mapping("/media", "/own")], &global).unwrap().0,
            Path::new("/own/tv/x")
        );
        assert_eq!(
            mapped(Path::new("/media/tv/x"), &[mapping("/other", "/own")], &global).unwrap().0,
            Path::new("/global/x")
        );
    }

    #[test]
    fn names_of_any_bytes_are_kept() {
        let path = Path::new(OsStr::from_bytes(b"/media/\xff\n 'x'.mkv"));
        let (there, _) = mapped(path, &[mapping("/media", "/nas")], &[]).unwrap();
        assert_eq!(there.as_os_str().as_bytes(), b"/nas/\xff\n 'x'.mkv");
    }

    #[test]
    fn what_no_folder_is_called_is_refused() {
        assert_eq!(mapping("/a", "/b/").check(), Ok(()));
        assert_eq!(mapping("a", "/b").check(), Err(MappingError::Relative("a".to_owned())));
        assert_eq!(mapping("/a", "").check(), Err(MappingError::Relative(String::new())));
        assert_eq!(mapping("/a/../b", "/b").check(), Err(MappingError::Roundabout("/a/../b".to_owned())));
    }

    proptest! {
        #[test]
        fn a_mapped_path_keeps_everything_below_the_prefix(
            prefix in proptest::collection::vec("[a-z]{1,3}", 0..3),
            rest in proptest::collection::vec("[a-z]{1,3}", 1..4),
        ) {
            let source = format!("/{}", prefix.join("/"));
            let path = Path::new(&source).join(rest.join("/"));
            let own = [mapping(&source, "/there")];
            let (there, _) = mapped(&path, &own, &[]).unwrap();
            prop_assert_eq!(there, Path::new("/there").join(rest.join("/")));
        }
    }
}
