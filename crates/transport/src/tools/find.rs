//! Where programs lie.

use std::path::{Path, PathBuf};

/// All programs of this name on `PATH`, in its order, each file once.
#[must_use]
pub fn on_path(name: &str) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for dir in std::env::split_paths(&path).filter(|dir| dir.is_absolute()) {
        // `/bin` is a link to `/usr/bin` on most systems.
        if let Some(real) = real_program(&dir.join(name))
            && !seen.contains(&real)
        {
            seen.push(real);
            found.push(dir.join(name));
        }
    }
    found
}

/// The program of this name in the folder of another one, following links, for packages link theirs into `/usr/bin`.
#[must_use]
pub fn beside(program: &Path, name: &str) -> Option<PathBuf> {
    let same_folder = program.with_file_name(name);
    if real_program(&same_folder).is_some() {
        return Some(same_folder);
    }
    let behind_link = program.canonicalize().ok()?.with_file_name(name);
    real_program(&behind_link).map(|_| behind_link)
}

fn real_program(path: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let meta = path.metadata().ok()?;
    let runs = meta.is_file() && meta.permissions().mode() & 0o111 != 0;
    runs.then(|| path.canonicalize().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_found_once_and_a_missing_program_never() {
        let shells = on_path("sh");
        assert!(!shells.is_empty());
        let mut real: Vec<PathBuf> = shells.iter().map(|path| path.canonicalize().unwrap()).collect();
        real.dedup();
        assert_eq!(real.len(), shells.len());
        assert!(on_path("no-such-program-anywhere").is_empty());
    }

    #[test]
    fn a_sibling_is_found_behind_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (package, bin) = (dir.path().join("package"), dir.path().join("bin"));
        std::fs::create_dir(&package).unwrap();
        std::fs::create_dir(&bin).unwrap();
        for name in ["one", "two"] {
            std::fs::copy("/bin/sh", package.join(name)).unwrap();
        }
        std::os::unix::fs::symlink(package.join("one"), bin.join("one")).unwrap();
        assert_eq!(beside(&bin.join("one"), "two"), Some(package.canonicalize().unwrap().join("two")));
        assert_eq!(beside(&bin.join("one"), "three"), None);
        std::fs::write(bin.join("two"), "not a program").unwrap();
        assert_eq!(beside(&bin.join("one"), "two"), Some(package.canonicalize().unwrap().join("two")));
    }
}
