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

/// Changes with the graphics devices that this process may use and with their driver: their nodes, which of them may be
/// opened, what they are, and the version of NVIDIA's module. Devices come and go without a restart where a container or a
/// group decides.
#[must_use]
pub fn graphics_stamp() -> String {
    let mut parts = Vec::new();
    for (folder, prefix) in [("/dev/dri", "renderD"), ("/dev", "nvidia")] {
        let nodes = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for node in nodes.filter(|node| node.file_name().to_string_lossy().starts_with(prefix)) {
            let path = node.path();
            let is_open = path.is_dir() || std::fs::OpenOptions::new().read(true).write(true).open(&path).is_ok();
            let name = node.file_name();
            let read = |what: &str| {
                let file = Path::new("/sys/class/drm").join(&name).join("device").join(what);
                std::fs::read_to_string(file).unwrap_or_default().trim().to_owned()
            };
            parts.push(format!("{} {is_open} {} {}", path.display(), read("vendor"), read("device")));
        }
    }
    parts.sort();
    parts.push(std::fs::read_to_string("/sys/module/nvidia/version").unwrap_or_default().trim().to_owned());
    parts.join("\n")
}
