//! Mounts that end with the test. They need root; a test that cannot have one says so and passes.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted file system.
pub struct Mounted(PathBuf);

impl Mounted {
    /// `mount ARGS PATH`; `None`, with a visible line, when that is not possible here.
    pub fn try_new(arguments: &[&str], path: &Path) -> Option<Self> {
        let output = Command::new("mount").args(arguments).arg(path).output();
        match output {
            Ok(output) if output.status.success() => Some(Self(path.to_owned())),
            Ok(output) => {
                println!("skipped: mount {arguments:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
                None
            }
            Err(error) => {
                println!("skipped: mount: {error}");
                None
            }
        }
    }

    /// Mounts it anew with other options.
    pub fn remount(&self, options: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(&self.0).status().unwrap();
        assert!(status.success(), "remount,{options}");
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: a failed test may still hold files open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
