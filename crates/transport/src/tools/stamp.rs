//! Whether what was learned about a program still holds.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Changes when the file at this path is replaced or updated: path, size in bytes, modification time.
pub fn stamp(program: &Path) -> io::Result<String> {
    let meta = program.metadata()?;
    let path = program.display();
    Ok(format!("{path} {} {}.{:09}", meta.size(), meta.mtime(), meta.mtime_nsec()))
}

/// Changes when the machine is restarted, as it is after new drivers or hardware. Empty where the system does not say.
#[must_use]
pub fn boot_id() -> String {
    crate::executor::boot_id().unwrap_or_default()
}
