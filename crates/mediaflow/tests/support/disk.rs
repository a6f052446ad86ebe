//! Folders and mounts.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// All files below a folder, sorted. What vanishes meanwhile is not among them.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.symlink_metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(path),
                Ok(_) => files.push(path),
                Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{}: {error}", path.display()),
            }
        }
    }
    files.sort();
    files
}

/// Asserts what a file holds; the failure tells sizes instead of printing films.
#[track_caller]
pub fn assert_holds(path: impl AsRef<Path>, expected: &[u8], why: &str) {
    let path = path.as_ref();
    let found = fs::read(path).unwrap_or_else(|error| panic!("{why}: {}: {error}", path.display()));
    let (is, should) = (found.len(), expected.len());
    assert!(found == expected, "{why}: {} holds other bytes ({is}) than expected ({should})", path.display());
}

/// A mounted file system that ends with the test.
pub struct Mounted(PathBuf);

impl Mounted {
    /// `mount ARGS PATH`; `None`, with a visible line, where mounting is not permitted.
    pub fn try_new(arguments: &[&str], path: &Path) -> Option<Self> {
        fs::create_dir_all(path).unwrap();
        let output = Command::new("mount").args(arguments).arg(path).output();
        match output {
            Ok(output) if output.status.success() => return Some(Self(path.to_owned())),
            Ok(output) => {
                println!("skipped: mount {arguments:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
            }
            Err(error) => println!("skipped: mount: {error}"),
        }
        None
    }

    /// Mounts it anew with other options.
    #[track_caller]
    pub fn remount(&self, options: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(&self.0).status().unwrap();
        assert!(status.success(), "remount,{options}");
    }

    /// Takes what space is left and gives the file that holds it.
    pub fn fill(&self) -> PathBuf {
        let path = self.0.join("ballast");
        let mut file = fs::File::create(&path).unwrap();
        let mut block = vec![0_u8; 1 << 20];
        // Smaller and smaller, to the last page.
        while !block.is_empty() {
            if file.write_all(&block).is_err() {
                block.truncate(block.len() / 2);
            }
        }
        path
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: a failed test may still hold files open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
