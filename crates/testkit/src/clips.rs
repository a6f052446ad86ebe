//! Single clips of the sample library.

use std::fs;
use std::path::{Path, PathBuf};

use mediaflow_ffmpeg::sample;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::process::{self, Invocation};

/// Makes the clip whose path in the library contains `name`, in the folder `dir`, and returns where it lies.
///
/// # Errors
/// When there is no such clip, ffmpeg fails, or the disk does.
pub fn make(ffmpeg: &Path, name: &str, dir: &Path) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let clip = sample::clips().into_iter().find(|clip| clip.path.contains(name));
    let clip = clip.ok_or_else(|| format!("there is no clip {name:?}"))?;
    for file in &clip.files {
        fs::write(dir.join(file.name), &file.bytes)?;
    }
    for step in &clip.steps {
        let output = process::run(&Invocation::new(ffmpeg, sample::resolve(step, dir)), &Cancel::new())?;
        if !output.success() {
            return Err(format!("{name}: {}", output.finished.stderr_lines.join("; ")).into());
        }
    }
    let path = dir.join(clip.output());
    if let Some(edit) = clip.edit {
        let mut bytes = fs::read(&path)?;
        edit.apply(&mut bytes);
        fs::write(&path, bytes)?;
    }
    Ok(path)
}
